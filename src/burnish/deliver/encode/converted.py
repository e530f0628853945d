"""A track at another rate than its piece: for codecs, which know but a few."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from math import gcd

import numpy as np

from burnish.audio import Block, Source
from burnish.dsp.resample import Resampler, resampled_length

_AROUND = 8192  # samples heard before and behind a cut: more than the filter reaches


class ConvertedTrack(Source):
    """One of several sources that follow each other without a gap, at another rate.

    It is converted with what is before and behind it, so that a cut does not ring, and the tracks
    one after the other are as long as the whole would be. Peaks may rise by some tenths of a
    decibel; who encodes it looks at them anyway. The sources stay the caller's.
    """

    def __init__(self, sources: Sequence[Source], number: int, rate_hz: int) -> None:
        own = sources[number].info
        self._sources = sources
        self._edges = [0, *accumulate(source.info.n_samples for source in sources)]
        self._own_hz, self._rate_hz = own.rate_hz, rate_hz
        self._start = resampled_length(self._edges[number], own.rate_hz, rate_hz)
        end = resampled_length(self._edges[number + 1], own.rate_hz, rate_hz)
        self.info = replace(
            own,
            path=None,
            codec="float",
            bits=64,
            is_float=True,
            rate_hz=rate_hz,
            n_samples=end - self._start,
        )

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        # Conversion begins where a sample of the one rate meets one of the other.
        common = gcd(self._own_hz, self._rate_hz)
        before, after = self._own_hz // common, self._rate_hz // common
        first, last = self._start + start, self._start + stop
        meeting = max(0, first * before // after - _AROUND) // before
        at = meeting * after
        held = np.zeros((self.info.channels, 0))
        end = min(self._edges[-1], -(-last * before // after) + _AROUND)
        for block in self._converted(meeting * before, end):
            a, b = max(first - at, 0), last - at
            at += block.shape[1]
            if a < b:
                held = np.concatenate((held, block[:, a:b]), axis=1)
            while held.shape[1] >= block_samples:
                yield np.ascontiguousarray(held[:, :block_samples])
                held = held[:, block_samples:]
        if held.shape[1]:
            yield np.ascontiguousarray(held)

    def _converted(self, start: int, stop: int) -> Iterator[Block]:
        resampler = Resampler(self._own_hz, self._rate_hz, self.info.channels)
        for source, edge in zip(self._sources, self._edges, strict=False):
            a, b = max(0, start - edge), min(source.info.n_samples, stop - edge)
            if a < b:
                for block in source.blocks(start=a, stop=b):
                    yield resampler.process(block)
        yield resampler.finish()
