"""What one stem holds: loudness over time, tone, when its notes begin, and its bass line.

Much less than a ``Measurement``, as there are many stems: loudness by one walk over the samples,
the rest from one spectrogram.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.bands import third_octave_edges_hz
from burnish.measure.listen import Listener
from burnish.measure.spectrogram import SlowCopy, Spectrogram, Windows

Floats = NDArray[np.float64]
Kept = NDArray[np.float32]

LOW_HZ = (30.0, 160.0)
"""Where kick and bass are."""

SLOW_HZ = (25.0, 200.0)
ONSETS_PER_S = 1000


@dataclass(frozen=True, eq=False)
class StemFigures:
    """What was heard of one stem. Powers are of a sine's amplitude squared, mid and side added.

    ``segment_power``: K-weighted, every 100 ms. ``window_power``: ``(windows, 30)``, third octaves
    every ``hop_s``. ``low_power``: ``(windows, bins)`` of ``LOW_HZ``, their middles in ``low_hz``.
    ``slow``: its middle below 200 Hz at ``slow_rate_hz``. ``onset_power``: of every millisecond.
    What the role did not ask for is empty.
    """

    integrated_lufs: float
    sample_peak_dbfs: float
    segment_power: Floats
    hop_s: float
    window_power: Kept
    low_hz: Floats
    low_power: Kept
    slow: Kept
    slow_rate_hz: float
    onset_power: Kept


class StemMeter:
    """Measures one stem. With ``low``, its bass line and its onsets too."""

    def __init__(self, rate_hz: int, channels: int, low: bool) -> None:
        self._listener = Listener(rate_hz, channels)
        self._spectrogram = Spectrogram(rate_hz, channels)
        grid = self._spectrogram.grid
        self._grid, self._low = grid, low
        edges = [low_hz for low_hz, _ in third_octave_edges_hz()]
        edges += [third_octave_edges_hz()[-1][1]]
        self._edges = [grid.bins(min(edge, rate_hz / 2), rate_hz).start for edge in edges]
        self._low_bins = grid.bins(*LOW_HZ)
        self._slow = SlowCopy(grid, *SLOW_HZ)
        self._onsets = _Onsets(rate_hz)
        self._bands: list[Kept] = []
        self._lows: list[Kept] = []
        self._slows: list[Kept] = []

    def feed(self, block: Floats) -> None:
        """Take the next ``(channels, n)`` samples."""
        self._listener.feed(block)
        self._take(self._spectrogram.feed(block))
        if self._low:
            self._onsets.feed(block)

    def finish(self) -> StemFigures:
        """What was heard, all in all."""
        self._listener.finish()
        self._take(self._spectrogram.finish())
        bins = self._low_bins
        return StemFigures(
            integrated_lufs=self._listener.integrated_lufs,
            sample_peak_dbfs=self._listener.sample_peak_dbfs,
            segment_power=self._listener.segment_power,
            hop_s=self._grid.hop_s,
            window_power=_joined(self._bands, len(self._edges) - 1),
            low_hz=np.arange(bins.start, bins.stop) * self._grid.bin_hz,
            low_power=_joined(self._lows, bins.stop - bins.start),
            slow=np.concatenate(self._slows or [np.zeros(0, np.float32)]),
            slow_rate_hz=self._slow.rate_hz,
            onset_power=self._onsets.finish(),
        )

    def _take(self, windows: Windows) -> None:
        power = windows.mid_power + windows.side_power
        if not len(power):
            return
        sums = np.zeros((len(power), len(self._edges) - 1), np.float32)
        for k, (first, last) in enumerate(zip(self._edges, self._edges[1:], strict=False)):
            if last > first:
                sums[:, k] = power[:, first:last].sum(axis=1)
        self._bands.append(sums)
        if self._low:
            self._lows.append(power[:, self._low_bins].astype(np.float32))
            self._slows.append(self._slow.feed(windows.mid).astype(np.float32))


class _Onsets:
    """The power of every millisecond, all channels together."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._n_samples = 0
        self._n_ms = 0
        self._open = 0.0
        self._pieces: list[Kept] = []

    def feed(self, block: Floats) -> None:
        energy = np.einsum("ij,ij->j", block, block)
        end = self._n_samples + len(energy)
        n_ms = end * ONSETS_PER_S // self._rate_hz
        at = np.arange(self._n_ms + 1, n_ms + 1, dtype=np.int64)
        edges = -(-at * self._rate_hz // ONSETS_PER_S) - self._n_samples
        if len(edges):
            starts = np.concatenate(((0,), edges[:-1]))
            sums = np.add.reduceat(energy[: edges[-1]], starts)
            sums[0] += self._open
            self._pieces.append(sums.astype(np.float32))
            self._open = float(energy[edges[-1] :].sum())
        else:
            self._open += float(energy.sum())
        self._n_samples, self._n_ms = end, n_ms

    def finish(self) -> Kept:
        return np.concatenate(self._pieces or [np.zeros(0, np.float32)])


def _joined(rows: list[Kept], width: int) -> Kept:
    return np.concatenate(rows) if rows else np.zeros((0, width), np.float32)


def twice(one: StemFigures, other: StemFigures) -> float | None:
    """By how many dB the other is louder, where both are the same sound; None where they are not.

    The same means that the loudness of every 100 ms moves alike to a millionth, which no two takes
    do. Silence is like nothing.
    """
    a, b = one.segment_power, other.segment_power
    if len(a) != len(b) or not len(a) or a.sum() <= 0.0 or b.sum() <= 0.0:
        return None
    ratio = float(b.sum() / a.sum())
    if np.abs(b - ratio * a).max() > 1e-6 * float(b.max()):
        return None
    return 10.0 * float(np.log10(ratio))
