"""Where the songs of a release lie in its programme, in whole samples: before anything is played.

Each sample of the programme belongs to one track:

- a gap belongs to the track before it, as on a CD that is ripped;
- a crossfade is divided in its middle;
- what is hidden before the first track is no track: it comes before the first one's start.

With ``cd_frames`` every start lies on a cd_frame, 588 samples at 44.1 kHz. A gap grows by less than
a cd_frame to get there, and so does the silence at the very end; in a gapless join and in a
crossfade no sample is added, and the start is the cd_frame's edge at or before the join: an attack
is never cut, the end of the song before is heard for at most 13 ms.
"""

from dataclasses import dataclass
from typing import Literal

from burnish.audio import Source
from burnish.dsp.resample import resampled_length
from burnish.errors import SettingError
from burnish.release import Release, Track

Join = Literal["first", "gap", "gapless", "crossfade"]

SAMPLES_PER_CD_FRAME = 588
CD_RATE_HZ = 44_100


@dataclass(frozen=True)
class Placed:
    """Where one track lies in the programme, in samples."""

    start: int
    """Where the track starts: index 1 of a CD, the first sample of its own file."""
    end: int
    """Where the next one starts, or the programme ends."""
    pause: int
    """Where the silence before it starts: index 0 of a CD. ``start`` itself: there is none."""
    begin: int
    """Its first own sample; not ``start`` where a crossfade or a cd_frame's edge divides."""
    finish: int
    """The sample after its last own one; before ``end`` where a gap follows."""
    join: Join
    """How it follows what is before it."""
    marks: tuple[int, ...] = ()
    """Its index marks 2, 3 ..., counted in the programme."""


@dataclass(frozen=True)
class Layout:
    """Where everything lies in the programme, in samples at ``rate_hz``."""

    rate_hz: int
    channels: int
    n_samples: int
    tracks: tuple[Placed, ...]
    hidden: Placed | None = None
    """What is hidden before the first track; the programme begins with it."""


@dataclass
class Song:
    """One song as it is played: its own samples, and what happens at its two ends."""

    source: Source
    track: Track
    called: str
    first: int
    """Samples that the trim cuts off before it, at the programme's rate."""
    n_samples: int
    n_fade_in: int
    n_fade_out: int
    n_crossing: int
    """Samples that it shares with the song before."""
    begin: int = 0

    @property
    def finish(self) -> int:
        """The sample of the programme after its last one."""
        return self.begin + self.n_samples


def song_of(track: Track, source: Source, called: str, rate_hz: int) -> Song:
    """A song in samples of the programme. Trims that leave nothing are a ``SettingError``."""
    total = resampled_length(source.info.n_samples, source.info.rate_hz, rate_hz)
    first = round(track.start_s * rate_hz)
    end = total if track.end_s is None else min(total, round(track.end_s * rate_hz))
    if end <= first:
        raise SettingError("trim", f"{called}: holds no samples between its trims")
    n_samples = end - first
    n_fade_in = min(n_samples, round(track.fade_in.length_s * rate_hz))
    n_fade_out = min(n_samples - n_fade_in, round(track.fade_out.length_s * rate_hz))
    n_crossing = round(track.crossfade_s * rate_hz)
    return Song(source, track, called, first, n_samples, n_fade_in, n_fade_out, n_crossing)


def lay_out(
    release: Release,
    songs: list[Song],
    hidden: Song | None,
    rate_hz: int,
    channels: int,
    cd_frames: bool,
) -> Layout:
    """Place all songs, one after the other; ``hidden`` comes before the first.

    What is too short for cd_frames, or index marks that meet, are a ``SettingError``.
    """
    grid = SAMPLES_PER_CD_FRAME if cd_frames else 1
    starts: list[int] = []
    joins: list[Join] = []
    pauses: list[int] = []
    before = hidden
    for i, song in enumerate(songs):
        gap = round(release.gap_before_s(i) * rate_hz)
        start, join = _joined(before, song, gap, grid)
        if starts and start <= starts[-1]:
            raise SettingError("track-short", f"track {i}: is shorter than one cd_frame, 1/75 s")
        starts.append(start)
        joins.append(join)
        pauses.append(_up(before.finish, grid) if before is not None and join == "gap" else start)
        before = song
    ends = [*starts[1:], _up(songs[-1].finish, grid)]
    tracks = tuple(
        Placed(
            start=start,
            end=end,
            pause=pause,
            begin=song.begin,
            finish=song.finish,
            join=join,
            marks=_marks(song, start, end, grid, rate_hz),
        )
        for song, start, end, pause, join in zip(songs, starts, ends, pauses, joins, strict=True)
    )
    placed = None
    if hidden is not None:
        end = starts[0]
        placed = Placed(start=0, end=end, pause=0, begin=0, finish=hidden.finish, join="first")
    return Layout(rate_hz, channels, ends[-1], tracks, placed)


def _up(place: int, grid: int) -> int:
    return -(-place // grid) * grid


def _joined(before: Song | None, song: Song, gap: int, grid: int) -> tuple[int, Join]:
    """Place a song after the one before; return where its track starts, and how it is joined."""
    if before is None:
        song.begin = 0
        return 0, "first"
    if gap:
        song.begin = _up(before.finish + gap, grid)
        return song.begin, "gap"
    # Rounding to samples may have made the songs one sample shorter than their seconds.
    song.n_crossing = min(song.n_crossing, song.n_samples, before.n_samples - before.n_crossing)
    song.begin = before.finish - song.n_crossing
    middle = song.begin + song.n_crossing // 2
    return middle // grid * grid, "crossfade" if song.n_crossing else "gapless"


def _marks(song: Song, start: int, end: int, grid: int, rate_hz: int) -> tuple[int, ...]:
    found = tuple((song.begin + round(s * rate_hz)) // grid * grid for s in song.track.index_s)
    for place, one in zip((start, *found), (*found, end), strict=True):
        if place >= one:
            raise SettingError(
                "index", f"{song.called}: index_s: its marks must lie apart, between start and end"
            )
    return found
