"""The sequence: the songs of a release as one continuous programme, and its tracks cut from it.

The programme and its tracks are the same samples: one track after the other is the programme, bit
for bit. ``layout.py`` tells where each lies, and to which track a gap and a crossfade belong.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from burnish.audio import Block, Source, SourceInfo
from burnish.audio.source import BLOCK_SAMPLES
from burnish.chain.ahead import close
from burnish.chain.layout import CD_RATE_HZ, Layout, Song, lay_out, song_of
from burnish.dsp.fade import Crossfade, Ramp
from burnish.errors import SettingError
from burnish.release import Release, Track, faults


class SequenceSource(Source):
    """The continuous programme of a release as a source, and its tracks as parts of it.

    ``sources`` are one for each track, masters or mixes, at any rate: where rates differ all are
    converted to ``rate_hz`` (None: the highest of them), as a whole and before they are cut, so
    that a cut does not ring. Mono goes to both channels of a stereo programme as it is. With
    nothing to fade, cross or convert, samples keep their bits.

    What does not fit together is a ``SettingError`` that names the track. The sources stay the
    caller's, to be closed after this one.
    """

    def __init__(
        self,
        release: Release,
        sources: Sequence[Source],
        hidden: Source | None = None,
        *,
        rate_hz: int | None = None,
        cd_frames: bool = False,
    ) -> None:
        if len(sources) != len(release.tracks):
            raise ValueError(f"sources: {len(sources)}, tracks: {len(release.tracks)}")
        for fault in faults(release, [source.info.duration_s for source in sources]):
            raise SettingError(fault.code, fault.sentence)
        everyone = [*sources, *([hidden] if hidden is not None else [])]
        rate_hz = rate_hz or max(source.info.rate_hz for source in everyone)
        if cd_frames and rate_hz != CD_RATE_HZ:
            raise SettingError(
                "setting-range", f"rate_hz={rate_hz}: must be {CD_RATE_HZ} Hz for a CD's frames"
            )
        songs = [
            song_of(track, source, f"track {i + 1}", rate_hz)
            for i, (track, source) in enumerate(zip(release.tracks, sources, strict=True))
        ]
        before = None
        if hidden is not None:
            before = song_of(Track(), hidden, "the hidden track", rate_hz)
        channels = max(source.info.channels for source in everyone)
        self.layout = lay_out(release, songs, before, rate_hz, channels, cd_frames)
        self._songs = [before, *songs] if before is not None else songs
        self.info = _info(self._songs, self.layout)

    def track(self, number: int) -> Source:
        """The samples of one track, counted from 0, as a source of its own."""
        one = self.layout.tracks[number]
        return SliceSource(self, one.start, one.end, f"track {number + 1}")

    def tracks(self) -> tuple[Source, ...]:
        """Each track as a source; one after the other they are the programme.

        Where something is hidden before the first track, ``hidden`` comes before them.
        """
        return tuple(self.track(i) for i in range(len(self.layout.tracks)))

    def hidden(self) -> Source | None:
        """What is hidden before the first track, with the gap behind it; None: nothing."""
        if self.layout.hidden is None:
            return None
        return SliceSource(self, 0, self.layout.tracks[0].start, "the hidden track")

    def whole_numbers(self) -> tuple["WholeNumbers", ...]:
        """Where samples keep the bits of a file of whole numbers, as they stand in it.

        Elsewhere they are floats: faded, crossed, converted, or read from floats.
        """
        found = []
        for i, song in enumerate(self._songs):
            info = song.source.info
            crossed = song.n_crossing or (
                i + 1 < len(self._songs) and self._songs[i + 1].n_crossing
            )
            if info.is_float or info.bits is None or info.rate_hz != self.layout.rate_hz:
                continue
            if not (crossed or song.n_fade_in or song.n_fade_out):
                found.append(WholeNumbers(song.begin, song.finish, info.bits))
        return tuple(found)

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        readers: dict[int, _Reader] = {}
        spans = _spans(self._songs)  # each pass has its own: they keep the gains they made
        k = max(0, bisect_right([span.start for span in spans], start) - 1)
        try:
            for first in range(start, stop, block_samples):
                last = min(first + block_samples, stop)
                block = np.zeros((self.layout.channels, last - first))
                while k < len(spans) and spans[k].start < last:
                    span = spans[k]
                    a, b = max(first, span.start), min(last, span.stop)
                    if a < b:
                        block[:, a - first : b - first] = self._heard(span, a, b, readers)
                    if span.stop > last:
                        break
                    for song in [s for s in readers if self._songs[s].finish <= span.stop]:
                        readers.pop(song).close()
                    k += 1
                yield block
        finally:
            for reader in readers.values():
                reader.close()

    def _heard(self, span: "_Span", a: int, b: int, readers: dict[int, "_Reader"]) -> Block:
        parts = []
        for number in span.songs:
            if number not in readers:
                readers[number] = _Reader(self._songs[number], a, self.layout.rate_hz)
            parts.append(readers[number].take(b - a))
        if len(parts) == 1:
            return parts[0]
        leaving, coming = np.broadcast_arrays(*parts)
        return span.crossfade.mixed(leaving, coming, a - span.start)


@dataclass(frozen=True)
class WholeNumbers:
    """A stretch of the programme, in samples, and the bits of its whole numbers."""

    start: int
    stop: int
    bits: int


class SliceSource(Source):
    """A part of another source, from sample ``start`` to ``stop``."""

    def __init__(self, whole: Source, start: int, stop: int, called: str) -> None:
        self.info = replace(whole.info, path=None, n_samples=stop - start, called=called)
        self._whole = whole
        self._start = start

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        yield from self._whole.blocks(block_samples, self._start + start, self._start + stop)


def _info(songs: Sequence[Song], layout: Layout) -> SourceInfo:
    """What the programme is: whole numbers as long as nothing is faded, crossed or converted."""
    infos = [song.source.info for song in songs]
    plain = all(
        info.bits is not None and not info.is_float and info.rate_hz == layout.rate_hz
        for info in infos
    ) and not any(song.n_fade_in or song.n_fade_out or song.n_crossing for song in songs)
    return SourceInfo(
        path=None,
        format="sequence",
        codec="pcm" if plain else "float",
        bits=max(info.bits or 0 for info in infos) if plain else 64,
        is_float=not plain,
        rate_hz=layout.rate_hz,
        channels=layout.channels,
        n_samples=layout.n_samples,
        remarks=tuple(f"{info.name}: {remark}" for info in infos for remark in info.remarks),
        called="the programme",
    )


# ---- playing it ----------------------------------------------------------------------------------


@dataclass
class _Span:
    """A stretch in which the same songs sound: one, or two that cross."""

    start: int
    stop: int
    songs: tuple[int, ...]
    crossfade: Crossfade


def _spans(songs: Sequence[Song]) -> list[_Span]:
    found = []
    for i, song in enumerate(songs):
        alone = song.begin + song.n_crossing
        follower = songs[i + 1].n_crossing if i + 1 < len(songs) else 0
        if song.n_crossing:
            crossfade = Crossfade(song.n_crossing, song.track.crossfade_curve)
            found.append(_Span(song.begin, alone, (i - 1, i), crossfade))
        found.append(_Span(alone, song.finish - follower, (i,), Crossfade(0, "none")))
    return [span for span in found if span.stop > span.start]


class _Reader:
    """The samples of one song in order, from place ``at`` of the programme on, with its fades."""

    def __init__(self, song: Song, at: int, rate_hz: int) -> None:
        self._song = song
        self._at = at - song.begin
        self._blocks = _own_samples(song, self._at, rate_hz)
        self._held = np.empty((song.source.info.channels, 0))
        self._in = Ramp(song.n_fade_in, song.track.fade_in.curve)
        self._out = Ramp(song.n_fade_out, song.track.fade_out.curve, falling=True)

    def take(self, n_samples: int) -> Block:
        """The next samples, in the song's own channels."""
        parts, n = [self._held], self._held.shape[1]
        while n < n_samples:
            block = next(self._blocks)
            parts.append(block)
            n += block.shape[1]
        whole = np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
        self._held = whole[:, n_samples:]
        return self._faded(whole[:, :n_samples])

    def _faded(self, block: Block) -> Block:
        song, first = self._song, self._at
        last = self._at = first + block.shape[1]
        rest = song.n_samples - song.n_fade_out
        if first < song.n_fade_in:
            n = min(last, song.n_fade_in) - first
            block = block.copy()
            block[:, :n] *= self._in.gains(first, first + n)
        if last > rest:
            a = max(first, rest)
            block = block.copy()
            block[:, a - first :] *= self._out.gains(a - rest, last - rest)
        return block

    def close(self) -> None:
        """Give back what the song is read with."""
        close(self._blocks)


def _own_samples(song: Song, skip: int, rate_hz: int) -> Iterator[Block]:
    """A song's samples at the programme's rate, from ``skip`` samples after its trim on."""
    info = song.source.info
    first, stop = song.first + skip, song.first + song.n_samples
    if info.rate_hz == rate_hz:
        yield from song.source.blocks(BLOCK_SAMPLES, first, stop)
        return
    at = 0
    for block in _converted(song.source, rate_hz):
        a, b = max(0, first - at), min(block.shape[1], stop - at)
        at += block.shape[1]
        if a < b:
            yield np.ascontiguousarray(block[:, a:b])
        if at >= stop:
            return


def _converted(source: Source, rate_hz: int) -> Iterator[Block]:
    from burnish.dsp.resample import Resampler

    resampler = Resampler(source.info.rate_hz, rate_hz, source.info.channels)
    for block in source.blocks():
        yield resampler.process(block)
    yield resampler.finish()
