"""One walk over the samples: what every 5 ms of the sound holds.

All that is measured in time (loudness, peaks of samples, correlation, dynamics, DC) is made from
these few sums, so the samples are touched once.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.kweighting import k_weighting
from burnish.errors import InputError

Floats = NDArray[np.float64]

HOPS_PER_S = 200
"""A hop is 5 ms: 25 ms, 100 ms and 400 ms are whole numbers of it."""

_LARGEST = 1e9  # +180 dBFS: squares and their sums stay far inside 32 bits of floating point

_NOTHING = 1e-30  # -600 dBFS. Smaller filter states are set to 0: silence becomes black, stays fast


def hop_edge(hop: int, rate_hz: int) -> int:
    """First sample of a hop, counted from the start: 5 ms steps rounded to samples, no drift."""
    return (2 * hop * rate_hz + HOPS_PER_S) // (2 * HOPS_PER_S)


@dataclass(frozen=True, eq=False)
class Hops:
    """Sums over the samples of each hop, for one or two channels.

    ``(channels, hops)``: ``weighted`` of K-weighted squares, ``square`` of squares, ``total`` of
    samples, and ``largest`` magnitude; ``(hops,)``: ``weighted_cross`` and ``cross`` of left times
    right. ``n_whole`` hops are complete; one more follows where the file ends inside a hop.
    """

    weighted: Floats
    weighted_cross: Floats
    square: Floats
    cross: Floats
    total: Floats
    largest: Floats
    n_whole: int


class Walk:
    """Walks over a stream of mono or stereo blocks. All but the last block end on a hop's edge."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._channels = channels
        self._sections = k_weighting(rate_hz)
        self._state = np.zeros((2, 6))
        self._n_samples = 0
        self._n_hops = 0

    def feed(self, block: Floats) -> Hops:
        """Sum up the hops of the next block. Samples that are no sound are an ``InputError``."""
        end = self._n_samples + block.shape[1]
        edges = [0]
        while (edge := hop_edge(self._n_hops + len(edges), self._rate_hz)) <= end:
            edges.append(edge - self._n_samples)
        n_whole = len(edges) - 1
        if edges[-1] < block.shape[1]:
            edges.append(block.shape[1])
        sums = np.zeros((10, len(edges) - 1))
        _walk(block[0], block[-1], np.array(edges), self._sections, self._state, sums)
        # A NaN fails every comparison, and the largest magnitude does not see it; the squares do.
        sound = np.isfinite(sums[3:5].sum(axis=0)) & (sums[8:10].max(axis=0) <= _LARGEST)
        if not sound.all():
            time_s = (self._n_samples + edges[int(np.argmin(sound))]) / self._rate_hz
            raise InputError(
                "input-not-finite",
                f"near {time_s:.3f} s: there are samples that are not finite, or beyond "
                f"+-{_LARGEST:g} (full scale is 1); this is no sound",
            )
        self._n_samples = end
        self._n_hops += n_whole
        c = self._channels
        return Hops(
            weighted=sums[0:c],
            weighted_cross=sums[2],
            square=sums[3 : 3 + c],
            cross=sums[5],
            total=sums[6 : 6 + c],
            largest=sums[8 : 8 + c],
            n_whole=n_whole,
        )


@njit(cache=True, nogil=True, fastmath=False)
def _walk(left, right, edges, sections, state, sums):  # type: ignore[no-untyped-def]
    """Both channels side by side: each waits for its own feedback, together they cost the same."""
    b0, b1, b2 = sections[0, 0], sections[0, 1], sections[0, 2]
    a1, a2 = sections[0, 3], sections[0, 4]
    c1, c2 = sections[1, 3], sections[1, 4]
    lx1, lx2, ly1, ly2, lz1, lz2 = state[0]
    rx1, rx2, ry1, ry2, rz1, rz2 = state[1]
    for hop in range(len(edges) - 1):
        kl = kr = kx = sl = sr = sx = tl = tr = ml = mr = 0.0
        for i in range(np.uint64(edges[hop]), np.uint64(edges[hop + 1])):
            lx = left[i]
            rx = right[i]
            # BS.1770-5 annex 1: shelf x to y, high-pass y to z (1, -2, 1); feedback comes last,
            # where the next sample waits for it least.
            ly = ((b0 * lx + b1 * lx1) + (b2 * lx2 - a2 * ly2)) - a1 * ly1
            ry = ((b0 * rx + b1 * rx1) + (b2 * rx2 - a2 * ry2)) - a1 * ry1
            lz = ((ly2 - 2.0 * ly1) - c2 * lz2 + ly) - c1 * lz1
            rz = ((ry2 - 2.0 * ry1) - c2 * rz2 + ry) - c1 * rz1
            lx2, lx1, ly2, ly1, lz2, lz1 = lx1, lx, ly1, ly, lz1, lz
            rx2, rx1, ry2, ry1, rz2, rz1 = rx1, rx, ry1, ry, rz1, rz
            kl += lz * lz
            kr += rz * rz
            kx += lz * rz
            sl += lx * lx
            sr += rx * rx
            sx += lx * rx
            tl += lx
            tr += rx
            ml = max(ml, abs(lx))
            mr = max(mr, abs(rx))
        row = (kl, kr, kx, sl, sr, sx, tl, tr, ml, mr)
        for k in range(10):
            sums[k, hop] = row[k]
        if max(max(abs(ly1), abs(ly2)), max(abs(lz1), abs(lz2))) < _NOTHING:
            ly1 = ly2 = lz1 = lz2 = 0.0
        if max(max(abs(ry1), abs(ry2)), max(abs(rz1), abs(rz2))) < _NOTHING:
            ry1 = ry2 = rz1 = rz2 = 0.0
    last = ((lx1, lx2, ly1, ly2, lz1, lz2), (rx1, rx2, ry1, ry2, rz1, rz2))
    for c in range(2):
        for k in range(6):
            state[c, k] = last[c][k]
