"""Control rate: levels and gains once in a few samples, where nothing moves faster.

A step is about 0.36 ms. The work there is on blocks of whole steps.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS_PER_S = 2756.25  # 16 samples at 44.1 kHz
BLOCK_STEPS = 512  # of a processor that works at this rate: 186 ms
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


class Ramp:
    """Gains once a step, applied in straight lines: at its end each step has its own gain."""

    def __init__(self, rows: int) -> None:
        self._last = np.ones(rows)

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
