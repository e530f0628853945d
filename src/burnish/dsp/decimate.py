"""Decimation: the low end of a stream at a lower rate, for work that needs no more."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BETA = 6.2  # of the Kaiser window: what folds over is 65 dB down


class Decimator:
    """Every ``factor``-th sample of each row, of what lies below 0.4 of the new rate.

    The filter is symmetrical: the output is ``delay`` input samples late. Below 0.4 of the new rate
    it is flat within 0.01 dB (``gain`` is exact), and what folds over onto it is 65 dB down.
    """

    def __init__(self, factor: int, rows: int, half: int = 10) -> None:
        self.factor = factor
        self.delay = half * factor if factor > 1 else 0
        n = np.arange(-self.delay, self.delay + 1)
        taps = np.sinc(n / factor) * np.kaiser(len(n), _BETA) if factor > 1 else np.ones(1)
        self._taps = taps / taps.sum()
        self._past = np.zeros((rows, 2 * self.delay))

    def process(self, block: Floats) -> Floats:
        """Take ``(rows, n)`` samples, n >= 0; return those that are whole by now, n / factor."""
        if self.factor == 1:
            return block
        whole = np.concatenate((self._past, block), axis=1)
        count = (whole.shape[1] - 2 * self.delay) // self.factor
        self._past = whole[:, count * self.factor :].copy()
        out = np.empty((len(block), count))
        _decimate(whole, self._taps, self.factor, out)
        return out

    def gain(self, frequency: float) -> float:
        """Its gain at this frequency, in cycles per input sample."""
        n = np.arange(-self.delay, self.delay + 1)
        return float((self._taps * np.cos(2.0 * np.pi * frequency * n)).sum())


@njit(cache=True, nogil=True, fastmath=False)
def _decimate(x, taps, factor, out):  # type: ignore[no-untyped-def]
    """Four sums at once, for a sum waits for itself; the taps are symmetrical around the middle."""
    half = len(taps) // 2
    for row in range(len(x)):
        for m in range(out.shape[1]):
            middle = m * factor + half
            total = taps[half] * x[row, middle]
            a = b = c = d = 0.0
            k = 1
            while k + 3 <= half:
                a += taps[half + k] * (x[row, middle - k] + x[row, middle + k])
                b += taps[half + k + 1] * (x[row, middle - k - 1] + x[row, middle + k + 1])
                c += taps[half + k + 2] * (x[row, middle - k - 2] + x[row, middle + k + 2])
                d += taps[half + k + 3] * (x[row, middle - k - 3] + x[row, middle + k + 3])
                k += 4
            while k <= half:
                a += taps[half + k] * (x[row, middle - k] + x[row, middle + k])
                k += 1
            out[row, m] = total + ((a + b) + (c + d))
