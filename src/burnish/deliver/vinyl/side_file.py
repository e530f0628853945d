"""Side files: the tracks of a side as one continuous WAV, with its gaps, fades and crossfades.

Everything is placed in whole samples, so the cue sheet's times are those of the file.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from burnish.audio import Block, OutputFormat, Source, Writer, open_source
from burnish.chain.layout import Layout
from burnish.chain.sequence import SequenceSource
from burnish.deliver.programme import HeldSource
from burnish.deliver.vinyl.sides import Side
from burnish.dsp.truepeak import TruePeak
from burnish.release import Release
from burnish.units import db_from_gain, gain_from_db

LEAST_RATE_HZ, MOST_RATE_HZ = 44_100, 96_000
"""What a cutting room takes."""
SPARE_DB = 0.02  # under the ceiling, for what dither and rounding add


@dataclass(frozen=True)
class Silence:
    """What stands before and behind the music of a side, in seconds."""

    head_s: float
    tail_s: float


@dataclass(frozen=True)
class SideSound:
    """A side as it can be read: ``layout`` counts from its first music, ``head`` samples in."""

    source: Source
    layout: Layout
    head: int

    def start_s(self, place: int) -> float:
        """When a track of the side starts in the file; counted from 0."""
        return (self.head + self.layout.tracks[place].start) / self.layout.rate_hz

    def span_s(self, place: int) -> tuple[float, float]:
        """From the first to the last own sample of a track, in the file."""
        one = self.layout.tracks[place]
        rate_hz = self.layout.rate_hz
        return (self.head + one.begin) / rate_hz, (self.head + one.finish) / rate_hz

    def gaps_s(self) -> tuple[tuple[float, float], ...]:
        """From when to when there is silence between two tracks, in the file."""
        spans = [self.span_s(place) for place in range(len(self.layout.tracks))]
        pairs = pairwise(spans)
        return tuple((one[1], other[0]) for one, other in pairs if other[0] > one[1])


def side_release(release: Release, side: Side) -> Release:
    """The tracks of one side as a release of their own: nothing is before its first."""
    first, *rest = release.tracks[side.first : side.stop]
    first = first.with_(gap_s=None, crossfade_s=0.0, hidden_file="")
    return release.with_(tracks=(first, *rest))


@contextmanager
def side_sound(
    release: Release,
    files: Sequence[tuple[Path, float]],
    side: Side,
    rate_hz: int,
    silence: Silence,
    held_at_dbtp: float | None = None,
) -> Iterator[SideSound]:
    """Open the tracks of a side, (file, gain in dB) of all tracks in order, and give their sound.

    With ``held_at_dbtp`` a limiter holds it there.
    """
    with ExitStack() as held:
        sources = [
            _Louder(held.enter_context(open_source(file)), gain_from_db(gain_db))
            for file, gain_db in files[side.first : side.stop]
        ]
        sequence = SequenceSource(side_release(release, side), sources, rate_hz=rate_hz)
        inner: Source = sequence
        if held_at_dbtp is not None:
            inner = HeldSource(sequence, held_at_dbtp)
        head, tail = round(silence.head_s * rate_hz), round(silence.tail_s * rate_hz)
        yield SideSound(_Between(inner, head, tail), sequence.layout, head)


def true_peak_dbtp(source: Source, told: Callable[[float], None]) -> float:
    """The true peak of a sound, read at 16x."""
    meter, top, done = TruePeak(source.info.channels, step=source.info.rate_hz), 0.0, 0
    for block in source.blocks():
        meter.floor = top
        top = max(top, float(meter.feed(block).max(initial=0.0)))
        done += block.shape[1]
        told(done / source.info.n_samples)
    return db_from_gain(max(top, float(meter.finish().max(initial=0.0))))


def side_gains_db(
    peaks_dbtp: Sequence[float], levels_db: Sequence[float], ceiling_dbtp: float, over_db: float
) -> tuple[float, ...]:
    """One gain for each side; silent sides have no say.

    The levels stand to each other as given, and the highest peak of all ``over_db`` over the
    ceiling.
    """
    room = [
        ceiling_dbtp - SPARE_DB - peak - level
        for peak, level in zip(peaks_dbtp, levels_db, strict=True)
        if math.isfinite(peak)
    ]
    common = min(room, default=0.0) + over_db
    return tuple(common + level for level in levels_db)


def write_side(path: Path, sound: SideSound, told: Callable[[float], None]) -> None:
    """Write a side as a WAV of 24 bits, rounded once with flat dither; silence stays black."""
    info = sound.source.info
    form = OutputFormat(bits="24")
    with Writer(path, form, info.rate_hz, info.channels, info.n_samples) as writer:
        done = 0
        for block in sound.source.blocks():
            writer.write(block)
            done += block.shape[1]
            told(done / info.n_samples)


class _Louder(Source):
    """Another source at a gain."""

    def __init__(self, inner: Source, gain: float) -> None:
        self.info = replace(inner.info, codec="float", bits=64, is_float=True)
        self._inner, self._gain = inner, gain

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        for block in self._inner.blocks(block_samples, start, stop):
            yield block * self._gain


class _Between(Source):
    """Another source between silences of so many samples."""

    def __init__(self, inner: Source, head: int, tail: int) -> None:
        n_samples = head + inner.info.n_samples + tail
        self.info = replace(inner.info, n_samples=n_samples, called="the side")
        self._inner, self._head = inner, head

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        inner = self._inner.blocks(
            block_samples,
            max(0, start - self._head),
            min(self._inner.info.n_samples, max(0, stop - self._head)),
        )
        rest = np.zeros((self.info.channels, max(0, min(stop, self._head) - start)))
        left = stop - start
        while left:
            while rest.shape[1] < min(block_samples, left):
                block = next(inner, None)
                if block is None:
                    block = np.zeros((self.info.channels, left - rest.shape[1]))
                rest = np.concatenate((rest, block), axis=1)
            n = min(block_samples, left)
            yield np.ascontiguousarray(rest[:, :n])
            rest, left = rest[:, n:], left - n
