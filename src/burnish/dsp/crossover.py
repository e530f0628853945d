"""Linkwitz-Riley crossovers of 24 dB/octave: a sound in bands, and the bands joined again.

Low-pass and high-pass are Butterworth filters of second order, twice; their sum is an allpass of
second order with the same poles (Linkwitz, JAES 24(1), 1976). So the high band is the allpass minus
the low band, and every band below a crossover goes through that crossover's allpass before it is
added: the sum of untouched bands is flat. Filters are state-variable ones in the trapezoidal form,
which lose no bits where the corner is low against the rate.
"""

import math
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HIGHEST = 0.45  # of the rate: where a crossover that does not fit is set
_DAMPING = math.sqrt(2.0)  # 1 / Q of a Butterworth filter of second order
_NOTHING = 1e-30  # -600 dBFS: a smaller state is set to 0, so that silence becomes black


class Crossover:
    """Rising corners at work on one stream of ``channels``; one band more than corners.

    To be fed in blocks of one length, since very small states are cleared after each.
    """

    def __init__(self, corners_hz: Sequence[float], rate_hz: float, channels: int) -> None:
        self._filters = [_coefficients(min(f, HIGHEST * rate_hz), rate_hz) for f in corners_hz]
        self._split_state = np.zeros((len(corners_hz), channels, 4))
        self._join_state = np.zeros((len(corners_hz), channels, 2))

    def split(self, block: Floats) -> Floats:
        """The bands of ``(channels, n)`` samples, low to high: ``(bands, channels, n)``."""
        bands = np.empty((len(self._filters) + 1, *block.shape))
        rest = block
        for k, (filter_, states) in enumerate(zip(self._filters, self._split_state, strict=True)):
            _split(rest, bands[k], bands[k + 1], *filter_, states)
            rest = bands[k + 1]
        _clear(self._split_state)
        return bands

    def join(self, bands: Floats) -> Floats:
        """The sum of the bands, each in the phase of the others; the bands are used up."""
        total: Floats = bands[0]
        for k in range(1, len(self._filters)):
            _allpass(total, bands[k], *self._filters[k], self._join_state[k])
            total = bands[k]
        _clear(self._join_state)
        total += bands[-1]
        return total


def allpass(corners_hz: Sequence[float], rate_hz: float, frequencies_hz: Floats) -> Floats:
    """Phase in radians that untouched bands have after they were joined."""
    phase = np.zeros_like(frequencies_hz)
    for corner_hz in corners_hz:
        w = np.tan(np.pi * frequencies_hz / rate_hz)
        w = w / math.tan(math.pi * min(corner_hz, HIGHEST * rate_hz) / rate_hz)
        phase -= 2.0 * np.arctan2(_DAMPING * w, 1.0 - w * w)
    return phase


def _coefficients(corner_hz: float, rate_hz: float) -> tuple[float, float, float]:
    g = math.tan(math.pi * corner_hz / rate_hz)
    a1 = 1.0 / (1.0 + g * (g + _DAMPING))
    return a1, g * a1, g * g * a1


def _clear(state: Floats) -> None:
    state[np.abs(state) < _NOTHING] = 0.0


@njit(cache=True, nogil=True, fastmath=False)
def _split(x, low, high, a1, a2, a3, state):  # type: ignore[no-untyped-def]
    """Low-pass twice into ``low``; what it lacks of the allpass into ``high``.

    Two channels go side by side: each waits for its own feedback. One channel goes as both.
    """
    left, left_low, left_high, right, right_low, right_high = (
        *(x[0], low[0], high[0]),
        *(x[-1], low[-1], high[-1]),
    )
    p1, p2, q1, q2 = state[0, 0], state[0, 1], state[0, 2], state[0, 3]
    r1, r2, s1, s2 = state[-1, 0], state[-1, 1], state[-1, 2], state[-1, 3]
    both = 2.0 * _DAMPING
    for i in range(len(left)):
        x0 = left[i]
        y0 = right[i]
        v = x0 - p2
        w = y0 - r2
        band = a1 * p1 + a2 * v
        band_ = a1 * r1 + a2 * w
        once = (p2 + a2 * p1) + a3 * v
        once_ = (r2 + a2 * r1) + a3 * w
        p1 = 2.0 * band - p1
        r1 = 2.0 * band_ - r1
        p2 = 2.0 * once - p2
        r2 = 2.0 * once_ - r2
        v = once - q2
        w = once_ - s2
        inner = a1 * q1 + a2 * v
        inner_ = a1 * s1 + a2 * w
        twice = (q2 + a2 * q1) + a3 * v
        twice_ = (s2 + a2 * s1) + a3 * w
        q1 = 2.0 * inner - q1
        s1 = 2.0 * inner_ - s1
        q2 = 2.0 * twice - q2
        s2 = 2.0 * twice_ - s2
        left_low[i] = twice
        right_low[i] = twice_
        left_high[i] = x0 - both * band - twice
        right_high[i] = y0 - both * band_ - twice_
    state[0, 0], state[0, 1], state[0, 2], state[0, 3] = p1, p2, q1, q2
    state[-1, 0], state[-1, 1], state[-1, 2], state[-1, 3] = r1, r2, s1, s2


@njit(cache=True, nogil=True, fastmath=False)
def _allpass(x, out, a1, a2, a3, state):  # type: ignore[no-untyped-def]
    """Send ``x`` through the crossover's allpass and add it to ``out``."""
    left, left_out, right, right_out = x[0], out[0], x[-1], out[-1]
    p1, p2, r1, r2 = state[0, 0], state[0, 1], state[-1, 0], state[-1, 1]
    both = 2.0 * _DAMPING
    for i in range(len(left)):
        x0 = left[i]
        y0 = right[i]
        x1 = left_out[i]
        y1 = right_out[i]
        v = x0 - p2
        w = y0 - r2
        band = a1 * p1 + a2 * v
        band_ = a1 * r1 + a2 * w
        once = (p2 + a2 * p1) + a3 * v
        once_ = (r2 + a2 * r1) + a3 * w
        p1 = 2.0 * band - p1
        r1 = 2.0 * band_ - r1
        p2 = 2.0 * once - p2
        r2 = 2.0 * once_ - r2
        left_out[i] = (x0 - both * band) + x1
        right_out[i] = (y0 - both * band_) + y1
    state[0, 0], state[0, 1], state[-1, 0], state[-1, 1] = p1, p2, r1, r2
