"""Peaks: of the samples, and of the wave between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.truepeak import PAD, true_peak_steps
from burnish.measure.segments import SEGMENTS_PER_S
from burnish.units import db_from_gain

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Peaks:
    """The largest magnitudes, of all channels and of each. -inf is silence.

    ``true_peak_dbtp`` is read at 16x, which a ceiling is held against; ``true_peak_4x_dbtp`` at 4x,
    as ITU-R BS.1770-5 asks for and most meters show.
    """

    true_peak_dbtp: float
    true_peak_4x_dbtp: float
    sample_peak_dbfs: float
    channel_true_peak_dbtp: tuple[float, ...]
    channel_sample_peak_dbfs: tuple[float, ...]


class TruePeakSeries:
    """The true peak of every segment at 16x, and that of the whole stream at 4x."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        # Where 100 ms is no whole number of samples, the steps of a piece drift by less than 1 ms.
        self._step = -(-rate_hz // SEGMENTS_PER_S)
        self._steps = [np.zeros((channels, 0))]
        self.largest_4x = 0.0

    def feed(self, piece: Floats) -> None:
        """Take the next piece, a whole number of segments but for the last, with its margins."""
        self._steps.append(true_peak_steps(piece, self._step, 16))
        n_samples = piece.shape[1] - 2 * PAD
        at_4x = true_peak_steps(piece, n_samples, 4, floor=self.largest_4x)
        self.largest_4x = max(self.largest_4x, float(at_4x.max()))

    def finish(self) -> Floats:
        """The linear true peak of each segment, the last perhaps not whole, ``(channels, n)``."""
        return np.hstack(self._steps)


def summarise(segment_true_peak: Floats, largest_4x: float, segment_largest: Floats) -> Peaks:
    """Peaks from the linear true and sample peaks of the segments, both ``(channels, n)``."""
    true = segment_true_peak.max(axis=1, initial=0.0)
    sample = segment_largest.max(axis=1, initial=0.0)
    return Peaks(
        true_peak_dbtp=db_from_gain(float(true.max())),
        true_peak_4x_dbtp=db_from_gain(largest_4x),
        sample_peak_dbfs=db_from_gain(float(sample.max())),
        channel_true_peak_dbtp=tuple(db_from_gain(float(gain)) for gain in true),
        channel_sample_peak_dbfs=tuple(db_from_gain(float(gain)) for gain in sample),
    )
