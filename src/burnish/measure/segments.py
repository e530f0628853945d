"""What every 100 ms of the sound holds; this is kept for the whole file, the samples are not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.walk import HOPS_PER_S, Hops

Floats = NDArray[np.float64]

SEGMENTS_PER_S = 10
"""A segment is 100 ms, the step of BS.1770-5's gating blocks."""
HOPS_PER_SEGMENT = HOPS_PER_S // SEGMENTS_PER_S


@dataclass(frozen=True, eq=False)
class Segments:
    """Sums over the samples of each segment; the last column is the rest after the last whole one.

    ``(channels, n_whole + 1)``: K-weighted and plain squares, the largest magnitude of a sample;
    ``(n_whole + 1,)``: left times right, K-weighted and plain. ``total`` is each channel's sum of
    samples over the whole file.
    """

    rate_hz: int
    n_samples: int
    weighted: Floats
    weighted_cross: Floats
    square: Floats
    cross: Floats
    largest: Floats
    total: Floats

    @property
    def n_whole(self) -> int:
        """How many whole segments there are."""
        return len(self.cross) - 1

    @property
    def weighted_power(self) -> Floats:
        """K-weighted power of each whole segment, summed over the channels."""
        return np.asarray(self.weighted[:, :-1].sum(axis=0) * SEGMENTS_PER_S / self.rate_hz)


class SegmentSeries:
    """Gathers hops into segments."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._total = np.zeros(channels)
        # Rows of each piece: weighted, its cross, square, its cross, largest.
        self._pieces = [np.zeros((3 * channels + 2, 0))]
        self._rest = np.zeros((3 * channels + 2, 1))

    def feed(self, hops: Hops) -> None:
        """Take the next block's hops. All but the last block hold whole segments only."""
        rows = np.vstack(
            (hops.weighted, hops.weighted_cross, hops.square, hops.cross, hops.largest)
        )
        n_peaks = len(hops.largest)
        n_whole = hops.n_whole // HOPS_PER_SEGMENT
        whole = rows[:, : n_whole * HOPS_PER_SEGMENT].reshape(len(rows), n_whole, HOPS_PER_SEGMENT)
        piece = whole.sum(axis=2)
        piece[-n_peaks:] = whole[-n_peaks:].max(axis=2)
        self._pieces.append(piece)
        self._total += hops.total.sum(axis=1)
        rest = rows[:, n_whole * HOPS_PER_SEGMENT :]
        if rest.shape[1]:
            self._rest[:, 0] = rest.sum(axis=1)
            self._rest[-n_peaks:, 0] = rest[-n_peaks:].max(axis=1)

    def finish(self, n_samples: int) -> Segments:
        """All segments of a stream that had ``n_samples``."""
        rows = np.hstack((*self._pieces, self._rest))
        self._pieces.clear()
        channels = len(self._total)
        weighted, rows = rows[:channels], rows[channels:]
        return Segments(
            rate_hz=self._rate_hz,
            n_samples=n_samples,
            weighted=weighted,
            weighted_cross=rows[0],
            square=rows[1 : 1 + channels],
            cross=rows[1 + channels],
            largest=rows[2 + channels :],
            total=self._total,
        )
