"""Defects: flattened tops, values beyond full scale, silence where music should be."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.measure.segments import Segments
from burnish.measure.stereo import Stereo

Floats = NDArray[np.float64]

_RUN = 3  # equal samples at the top in a row: two happen by chance
_LOWEST_TOP = 0.1  # -20 dBFS: what was clipped and then turned down further is not looked for
_SAME_TOP = 1e-3  # 0.01 dB: runs this close to each other were cut by the same ceiling
_STEEP = 2.5e-4  # of the top. The crest of a slow wave is flat for some samples too, but comes to
# it by 1 LSB at a time; a cut wave arrives by more than 8 LSB of 16 bits on one side at least.
_AUDIBLE = 1e-3  # -60 dBFS, under which head and tail count as silence
_SILENT = 1e-4  # -80 dBFS: a channel that never comes over this plays nothing
_ANTI_PHASE = -0.5  # correlation
_TIMES = 20  # of clipped runs


@dataclass(frozen=True)
class Defects:
    """What is wrong with the samples themselves.

    A clipped run is three or more equal samples at a channel's top, where the wave arrives too
    steeply to rest there by itself. ``clipped_times_s`` holds the first 20.
    ``over_full_scale_samples`` are beyond +-1.0, which only a float file can hold.
    Head and tail are silent while every sample stays below -60 dBFS; a file that never rises above
    it has both as long as itself. ``silent_channels`` never rise above -80 dBFS (0 is left).
    ``anti_phase`` is a correlation below -0.5: most of it vanishes in mono.
    """

    clipped_runs: int
    clipped_samples: int
    clipped_times_s: tuple[float, ...]
    over_full_scale_samples: int
    head_silence_s: float
    tail_silence_s: float
    silent_channels: tuple[int, ...]
    anti_phase: bool


class DefectSearch:
    """Looks through a stream of blocks."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._position = 0
        self._numbers = np.zeros((channels, 3))  # see _search
        self._counts = np.zeros((channels, 6), dtype=np.int64)
        self._counts[:, 4:] = -1
        self._starts = np.zeros((channels, _TIMES), dtype=np.int64)

    def feed(self, block: Floats) -> None:
        """Take the next block."""
        state = zip(block, self._numbers, self._counts, self._starts, strict=True)
        for wave, numbers, counts, starts in state:
            _search(wave, self._position, numbers, counts, starts)
        self._position += block.shape[1]

    def finish(self, segments: Segments, stereo: Stereo) -> Defects:
        """What was found."""
        end = np.zeros(1)  # silence closes a run that is still open
        for numbers, counts, starts in zip(self._numbers, self._counts, self._starts, strict=True):
            _search(end, self._position, numbers, counts, starts)
        largest = segments.largest.max(axis=1)
        at_top = self._numbers[:, 2] >= largest * (1.0 - _SAME_TOP)
        runs = np.where(at_top, self._counts[:, 1], 0)
        first = {
            int(start)
            for channel, n in enumerate(runs)
            for start in self._starts[channel, : min(n, _TIMES)]
        }
        audible = self._counts[self._counts[:, 4] >= 0]
        n_samples = self._position
        head = int(audible[:, 4].min()) if len(audible) else n_samples
        tail = n_samples - 1 - int(audible[:, 5].max()) if len(audible) else n_samples
        return Defects(
            clipped_runs=int(runs.sum()),
            clipped_samples=int(np.where(at_top, self._counts[:, 2], 0).sum()),
            clipped_times_s=tuple(start / self._rate_hz for start in sorted(first)[:_TIMES]),
            over_full_scale_samples=int(self._counts[:, 3].sum()),
            head_silence_s=head / self._rate_hz,
            tail_silence_s=tail / self._rate_hz,
            silent_channels=tuple(int(c) for c in np.flatnonzero(largest < _SILENT)),
            anti_phase=stereo.correlation is not None and stereo.correlation < _ANTI_PHASE,
        )


@njit(cache=True, nogil=True, fastmath=False)
def _search(wave, position, numbers, counts, starts):  # type: ignore[no-untyped-def]
    """Search one channel on from ``position``.

    ``numbers``: the last sample, the one before the open run, the top. ``counts``: length of
    the open run; runs and samples of the top; samples beyond full scale; first and last audible.
    """
    last, before, top = numbers[0], numbers[1], numbers[2]
    length, n_runs, n_clipped, n_over, first_audible, last_audible = counts
    for i in range(len(wave)):
        value = wave[i]
        size = abs(value)
        if size >= _AUDIBLE:
            last_audible = i + position
            if first_audible < 0:
                first_audible = last_audible
            if size > 1.0:
                n_over += 1
        if value == last:
            length += 1
            continue
        if length >= _RUN:
            size = abs(last)
            sign = 1.0 if last > 0.0 else -1.0
            step = max(sign * (last - before), sign * (last - value))
            if size >= max(_LOWEST_TOP, top * (1.0 - _SAME_TOP)) and step > _STEEP * size:
                if size > top * (1.0 + _SAME_TOP):
                    n_runs = n_clipped = 0  # a higher top: what was below it was no clipping
                top = max(top, size)
                if n_runs < len(starts):
                    starts[n_runs] = i + position - length
                n_runs += 1
                n_clipped += length
        before = last
        last = value
        length = 1
    numbers[0], numbers[1], numbers[2] = last, before, top
    counts[0], counts[1], counts[2] = length, n_runs, n_clipped
    counts[3], counts[4], counts[5] = n_over, first_audible, last_audible
