"""Control rate: levels and gains once in a few samples, where nothing moves faster.

A step is about 0.36 ms. The work there is on blocks of whole steps.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.sliding import FIXED_POINT, box, sliding_max

Floats = NDArray[np.float64]

STEPS_PER_S = 2756.25  # 16 samples at 44.1 kHz
BLOCK_STEPS = 512  # of a processor that works at this rate: 186 ms
_NO_CHANGE = 1e-9  # dB: a smaller one is none, and the gain exactly 1 again
_BLACK = 1e-20  # -200 dBFS: what a level makes of silence


def step_samples(rate_hz: float) -> int:
    """Samples of one step at this rate."""
    return max(1, round(rate_hz / STEPS_PER_S))


def powers(samples: Floats, step: int) -> Floats:
    """Mean square of every step of ``(..., n)`` samples: ``(..., n / step)``."""
    parts = samples.reshape(*samples.shape[:-1], -1, step)
    return np.asarray(np.einsum("...ij,...ij->...i", parts, parts) / step)


def level_db(power: Floats) -> Floats:
    """Power as a level in dB re full scale, -200 for silence. A full-scale sine is -3.01."""
    return np.asarray(10.0 * np.log10(np.maximum(power, _BLACK)))


class RunningMean:
    """Mean over the last steps of each row of a stream, ``widths`` of them, each at least 1."""

    def __init__(self, widths: Sequence[int]) -> None:
        self._widths = np.maximum(widths, 1)[:, None]
        self._most = int(self._widths.max())
        self._past = np.zeros((len(widths), self._most))

    def process(self, values: Floats) -> Floats:
        """The means that end at each of the next ``(rows, n)`` values."""
        whole = np.concatenate((self._past, values), axis=1)
        self._past = whole[:, -self._most :].copy()
        total = np.cumsum(whole, axis=1)
        before = np.arange(self._most, whole.shape[1]) - self._widths
        sums = total[:, self._most :] - np.take_along_axis(total, before, axis=1)
        return np.asarray(sums / self._widths)


class LookAhead:
    """Moves a change of gain to where it is due before what asks for it arrives.

    ``ahead`` steps late, every row of changes, 0 or below, is at each moment at least as deep as
    was asked for it: the least of the steps to come, let go with ``release`` (a one-pole's
    coefficient at the rate of steps), averaged over as many (Hamalainen, DAFx-02). The way down is
    a straight line, the way back smooth. ``start`` is the change before the stream.
    """

    def __init__(self, ahead: int, release: float, rows: int, start: float | Floats = 0.0) -> None:
        self.ahead = ahead
        self._release = release
        self._past = np.full((rows, ahead), start)
        self._held = np.full((rows, 1), start)
        self._let_go = np.full((rows, ahead), start)

    def process(self, change: Floats) -> Floats:
        """The changes for the moments ``ahead`` steps before the next ``(rows, n)`` values."""
        whole = np.concatenate((self._past, change), axis=1)
        self._past = whole[:, whole.shape[1] - self.ahead :].copy()
        deepest = -sliding_max(-whole, self.ahead)
        held = np.empty_like(deepest)
        for x, y, state in zip(deepest, held, self._held, strict=True):
            _let_go(x, y, state, self._release)
        whole = np.concatenate((self._let_go, held), axis=1)
        self._let_go = whole[:, whole.shape[1] - self.ahead :].copy()
        whole = np.rint(whole * FIXED_POINT).astype(np.int64)
        return np.asarray(box(whole, self.ahead + 1) / (FIXED_POINT * (self.ahead + 1)))


class Delay:
    """Samples of ``channels`` as they came, ``n_samples`` later."""

    def __init__(self, n_samples: int, channels: int) -> None:
        self._past = np.zeros((channels, n_samples))

    def process(self, block: Floats) -> Floats:
        """As many samples as came, in a new array."""
        whole = np.concatenate((self._past, block), axis=1)
        self._past = whole[:, block.shape[1] :].copy()
        return np.ascontiguousarray(whole[:, : block.shape[1]])


class Ramp:
    """Gains once a step, applied in straight lines: at its end each step has its own gain."""

    def __init__(self, rows: int, start: float = 1.0) -> None:
        self._start = start
        self._last = np.full(rows, start)

    @property
    def moves(self) -> bool:
        """Whether the gain is on its way back to where it began."""
        return bool((self._last != self._start).any())

    def apply(self, samples: Floats, gains: Floats, step: int) -> None:
        """Multiply ``(channels, n)`` samples in place by ``(rows, n / step)`` gains.

        One row is for all channels. A gain that stays 1 changes no bit.
        """
        for k, x in enumerate(samples):
            row = min(k, len(gains) - 1)
            _ramp(x, gains[row], self._last[row], step)
        self._last = gains[:, -1].copy()


@njit(cache=True, nogil=True, fastmath=False)
def _ramp(x, gains, last, step):  # type: ignore[no-untyped-def]
    for k in range(len(gains)):
        slope = (gains[k] - last) / step
        for i in range(step):
            x[k * step + i] *= last + (i + 1) * slope
        last = gains[k]


@njit(cache=True, nogil=True, fastmath=False)
def _let_go(x, y, state, release):  # type: ignore[no-untyped-def]
    held = state[0]
    for i in range(len(x)):
        held = min(x[i], x[i] + release * (held - x[i]))
        if held > -_NO_CHANGE:
            held = 0.0
        y[i] = held
    state[0] = held
