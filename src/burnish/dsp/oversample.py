"""Twice or four times the rate and back, so that what a nonlinear curve adds cannot fold down.

Half-band filters of linear phase in polyphase form. On the way up, the samples there are stay as
they are and those half-way between are made; on the way down the same filter removes the upper half
of the band before every second sample is dropped. Any split of the stream gives the same bits.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.truepeak import half_band

Floats = NDArray[np.float64]

FACTORS = (1, 2, 4)
"""How many times the rate can be multiplied."""

_STAGES = ((32, 86.0), (8, 90.0))
# Pairs of taps and Kaiser attenuation of each doubling; pairs are multiples of 4 for the kernel.
# The first passes 20 kHz and stops from 24.1 kHz on at 44.1 kHz; the second has two octaves for it.

_RUN = 512  # samples made at once: they stay in the first-level cache while the taps go by


class Oversampler:
    """The way up and the way down for ``channels`` rows of one stream, ``factor`` 1, 2 or 4.

    What goes up, and comes down as it is, is ``latency`` samples of the lower rate late.
    """

    def __init__(self, factor: int, channels: int) -> None:
        if factor not in FACTORS:
            raise ValueError(f"factor={factor}: must be one of {FACTORS}")
        self.factor = factor
        stages = _STAGES[: FACTORS.index(factor)]
        self._taps = [half_band(*stage) for stage in stages]
        self._up = [np.zeros((channels, 2 * pairs - 1)) for pairs, _ in stages]
        self._down = [np.zeros((2, channels, 2 * pairs)) for pairs, _ in stages]
        # Both ways cost each stage its pairs in samples of its lower rate, and that rate doubles.
        self.latency = sum(2 * pairs // 2**k for k, (pairs, _) in enumerate(stages))

    def up(self, block: Floats) -> Floats:
        """``(channels, n)`` samples to ``(channels, factor * n)``."""
        for taps, past in zip(self._taps, self._up, strict=True):
            whole = np.concatenate((past, block), axis=1)
            past[:] = whole[:, block.shape[1] :]
            doubled = np.empty((len(block), 2 * block.shape[1]))
            doubled[:, 0::2] = whole[:, len(taps) - 1 : len(taps) - 1 + block.shape[1]]
            doubled[:, 1::2] = _half_way(whole, taps, block.shape[1])
            block = doubled
        return block

    def down(self, block: Floats) -> Floats:
        """``(channels, factor * n)`` samples to ``(channels, n)``."""
        for taps, past in zip(reversed(self._taps), reversed(self._down), strict=True):
            n_samples = block.shape[1] // 2
            middle = np.concatenate((past[0], block[:, 0::2]), axis=1)
            beside = np.concatenate((past[1], block[:, 1::2]), axis=1)
            past[0], past[1] = middle[:, n_samples:], beside[:, n_samples:]
            kept = middle[:, len(taps) : len(taps) + n_samples]
            block = 0.5 * (kept + _half_way(beside, taps, n_samples))
        return block


def _half_way(whole: Floats, taps: Floats, n_samples: int) -> Floats:
    out = np.zeros((len(whole), n_samples))
    for x, y in zip(whole, out, strict=True):
        _add_pairs(x, taps, y)
    return out


@njit(cache=True, nogil=True, fastmath=False)
def _add_pairs(x, taps, y):  # type: ignore[no-untyped-def]
    """Add to y[i] each tap k times the two samples k away from the gap after x[i + pairs - 1].

    Outputs innermost, so that they are vectors; four taps a pass, to load and store less.
    """
    pairs = len(taps)
    for start in range(0, len(y), _RUN):
        n = min(_RUN, len(y) - start)
        out = y[start : start + n]
        for k in range(0, pairs, 4):
            h0, h1, h2, h3 = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
            before = x[start + pairs - 4 - k : start + pairs - 1 - k + n]
            after = x[start + pairs + k : start + pairs + k + 3 + n]
            for i in range(n):
                out[i] += (
                    h0 * (before[i + 3] + after[i]) + h1 * (before[i + 2] + after[i + 1])
                ) + (h2 * (before[i + 1] + after[i + 2]) + h3 * (before[i] + after[i + 3]))
