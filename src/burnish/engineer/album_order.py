"""Album order: in which order songs follow each other well, and after which silence. A suggestion.

From measurements alone: key, tempo, energy, and how loud each begins and ends. What counts how much
is opinion, said here once:

- a join is smooth between near keys (steps on the circle of fifths), at like tempos (half and twice
  count as like), and without a jump in loudness;
- an album opens strong, is strongest in its second song, has its valley past the middle, and closes
  strong;
- what is not sure counts less, and what is not known counts as a join of the middling kind.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.engineer.order_search import Costs, cheapest
from burnish.engineer.song_gap import Gap, gap_between
from burnish.errors import SettingError
from burnish.measure.ends import Ends
from burnish.measure.rhythm import Tempo
from burnish.measure.tonality import NOTES, Key
from burnish.release import Release, Track

Floats = NDArray[np.float64]

KEY_SHARE, TEMPO_SHARE, LOUDNESS_SHARE = 0.35, 0.25, 0.4
ARC_SHARE = 0.5
"""Of the whole; the other half are the joins."""

_ARC_AT = (0.0, 0.12, 0.3, 0.62, 0.8, 1.0)
_ARC = (0.8, 1.0, 0.6, 0.0, 0.55, 0.9)
_ARC_SCALE = 3.0  # songs in any order miss the arc by 1/6 in the mean square: half the worst
_FREE_LU, _WORST_LU = 3.0, 15.0  # jumps that are none, and the largest that counts
_FAR_OCTAVES = 0.35  # 1.27 times as fast is as unlike as any
_OCTAVE_COST = 0.1
_BETTER = 0.05
"""A new order must be so much better than today's; else today's is suggested."""


@dataclass(frozen=True)
class HeardSong:
    """What is known of one song where it meets others. ``energy`` is 0 to 1 among the songs."""

    key: Key | None
    tempo: Tempo | None
    ends: Ends
    energy: float


@dataclass(frozen=True)
class Meeting:
    """How one song follows another: costs of 0 (smooth) to 1, and the figures behind them."""

    key_steps: int | None
    tempo_ratio: float | None
    jump_lu: float | None
    key_cost: float
    tempo_cost: float
    loudness_cost: float

    @property
    def cost(self) -> float:
        """All three, 0 to 1."""
        return (
            KEY_SHARE * self.key_cost
            + TEMPO_SHARE * self.tempo_cost
            + LOUDNESS_SHARE * self.loudness_cost
        )


@dataclass(frozen=True)
class SuggestedJoin:
    """One join of the suggested order. Songs by their numbers of today, from 1."""

    before: int
    after: int
    kind: str
    """"gap", or "gapless" or "crossfade": those are as they were."""
    meeting: Meeting
    gap: Gap | None
    """None: it has none, or its own is kept."""
    gap_s: float
    sentence: str


@dataclass(frozen=True)
class Suggestion:
    """An order, its gaps and its reasons. ``order`` are numbers of today, from 1."""

    order: tuple[int, ...]
    joins: tuple[SuggestedJoin, ...]
    energy: tuple[float, ...]
    """Of each song in the suggested order."""
    wanted_energy: tuple[float, ...]
    """What its place asks for."""
    cost: float
    cost_today: float
    notes: tuple[str, ...]
    release: Release
    """The release in that order, with those gaps."""

    @property
    def is_today_s(self) -> bool:
        """Whether the order is that of today."""
        return self.order == tuple(sorted(self.order))

    def to_json(self) -> dict[str, Any]:
        """Of plain numbers, strings, lists and None."""
        songs = zip(self.order, self.energy, self.wanted_energy, self.release.tracks, strict=True)
        return {
            "order": list(self.order),
            "cost": round(self.cost, 4),
            "cost_today": round(self.cost_today, 4),
            "tracks": [
                {
                    "number": i,
                    "today": today,
                    "title": _called(track),
                    "file": track.file or None,
                    "energy": round(energy, 3),
                    "wanted_energy": round(wanted, 3),
                }
                for i, (today, energy, wanted, track) in enumerate(songs, 1)
            ],
            "joins": [_join_json(join) for join in self.joins],
            "notes": list(self.notes),
        }


def suggest(
    release: Release, songs: Sequence[HeardSong], first: int | None = None, last: int | None = None
) -> Suggestion:
    """Propose an order and gaps. ``first`` and ``last`` are songs, from 1, that stay there.

    Songs that are joined gapless or by a crossfade stay together, as they are; so does the first
    with what is hidden before it where no silence divides them. What else is hidden stays before
    whichever song is first. Where no order is clearly better, it is that of today.
    """
    n = len(release.tracks)
    units = _units(release)
    head, tail = _asked("first", first, n), _asked("last", last, n)
    notes: list[str] = []
    if head is None and release.tracks[0].hidden_file and not release.gap_before_s(0):
        head = 0
        notes.append("1 stays first: what is hidden before it leads into it.")
    unit_first = _unit_of("first", head, units, 0)
    unit_last = _unit_of("last", tail, units, -1)
    if unit_first is not None and unit_first == unit_last and len(units) > 1:
        raise SettingError("order-fixed", "first, last: cannot be the same song, or joined songs")
    meetings = [[meeting(a, b) for b in songs] for a in songs]
    arc, energy = arc_of(n), np.array([song.energy for song in songs])
    costs = _costs(units, meetings, energy, arc)
    today = tuple(range(len(units)))
    found = cheapest(costs, unit_first, unit_last, today)
    before, after = (float(costs.of(np.array([one]))[0]) for one in (today, found))
    inner = _inner(units, meetings)
    may_stay = (unit_first or 0) == 0 and unit_last in (None, len(units) - 1)
    if may_stay and after > before - _BETTER * (before + inner):
        if found != today:
            notes.append("No order is clearly better than that of today.")
        found, after = today, before
    order = [song for unit in found for song in units[unit]]
    joins = tuple(_joins(release, songs, meetings, order))
    return Suggestion(
        order=tuple(song + 1 for song in order),
        joins=joins,
        energy=tuple(float(energy[song]) for song in order),
        wanted_energy=tuple(float(wanted) for wanted in arc),
        cost=after + inner,
        cost_today=before + inner,
        notes=tuple(notes),
        release=_reordered(release, order, joins),
    )


def arc_of(n: int) -> Floats:
    """How much energy each of ``n`` places asks for, as ranks from 0 to 1. Opinion."""
    if n < 2:
        return np.full(n, 0.5)
    wanted = np.interp(np.linspace(0.0, 1.0, n), _ARC_AT, _ARC)
    return np.argsort(np.argsort(wanted, kind="stable"), kind="stable") / (n - 1.0)


def energies(figures: Sequence[Sequence[float | None]]) -> tuple[float, ...]:
    """How much energy each song has among them, 0 to 1: the mean of its ranks. Opinion.

    ``figures`` are rows, one for each song, of what grows with energy: density, brightness, tempo
    ... None counts as the middle.
    """
    n = len(figures)
    if n < 2:
        return (0.5,) * n
    total = np.zeros(n)
    for column in zip(*figures, strict=True):
        known = sorted(value for value in column if value is not None)
        for i, value in enumerate(column):
            below = sum(one < value for one in known) if value is not None else 0
            equal = sum(one == value for one in known) if value is not None else 0
            total[i] += (below + 0.5 * equal) / len(known) if equal else 0.5
    return tuple(float(r) / (n - 1) for r in np.argsort(np.argsort(total, kind="stable")))


def meeting(a: HeardSong, b: HeardSong) -> Meeting:
    """How song b follows song a."""
    steps, ratio, jump = None, None, None
    key_cost = tempo_cost = loudness_cost = 0.5
    if a.key is not None and b.key is not None:
        steps = fifths_between(a.key.name, b.key.name)
        sure = min(a.key.confidence, b.key.confidence)
        key_cost = sure * steps / 6.0 + (1.0 - sure) * 0.5
    if a.tempo is not None and b.tempo is not None:
        ratio = b.tempo.bpm / a.tempo.bpm
        sure = min(a.tempo.confidence, b.tempo.confidence)
        octaves = abs(math.log2(ratio))
        off = min(octaves, abs(octaves - 1.0) + _OCTAVE_COST * _FAR_OCTAVES)
        tempo_cost = sure * min(1.0, off / _FAR_OCTAVES) + (1.0 - sure) * 0.5
    if a.ends.end_lu is not None and b.ends.begin_lu is not None:
        jump = b.ends.begin_lu - a.ends.end_lu
        over = (abs(jump) - _FREE_LU) / (_WORST_LU - _FREE_LU)
        loudness_cost = min(1.0, max(0.0, over))
    return Meeting(steps, ratio, jump, key_cost, tempo_cost, loudness_cost)


def fifths_between(a: str, b: str) -> int:
    """Steps on the circle of fifths between two keys, 0 to 6; a minor key is its relative major.

    >>> fifths_between("C major", "A minor"), fifths_between("C major", "F# major")
    (0, 6)
    """
    apart = (_on_the_circle(a) - _on_the_circle(b)) % 12
    return min(apart, 12 - apart)


def _on_the_circle(key: str) -> int:
    note, mode = key.split(" ")
    return (NOTES.index(note) + (3 if mode == "minor" else 0)) * 7 % 12


# ---- what stays together -------------------------------------------------------------------------


def _units(release: Release) -> list[list[int]]:
    units: list[list[int]] = []
    for i, track in enumerate(release.tracks):
        if units and (track.crossfade_s or not release.gap_before_s(i)):
            units[-1].append(i)
        else:
            units.append([i])
    return units


def _asked(name: str, number: int | None, n: int) -> int | None:
    if number is None:
        return None
    if not 1 <= number <= n:
        raise SettingError("order-fixed", f"{name}={number}: must be 1 to {n}, a track's number")
    return number - 1


def _unit_of(name: str, song: int | None, units: list[list[int]], end: int) -> int | None:
    """The unit whose first (or last) song this is."""
    if song is None:
        return None
    at = next(i for i, unit in enumerate(units) if song in unit)
    if units[at][end] != song:
        other = units[at][end] + 1
        raise SettingError(
            "order-fixed", f"{name}={song + 1}: is joined to others without a gap; take {other}"
        )
    return at


def _costs(
    units: list[list[int]], meetings: list[list[Meeting]], energy: Floats, arc: Floats
) -> Costs:
    n = len(energy)
    join = np.array([[meetings[a[-1]][b[0]].cost for b in units] for a in units])
    missed = _ARC_SCALE * (energy[:, None] - arc[None, :]) ** 2
    place = np.zeros((len(units), n))
    for i, unit in enumerate(units):
        for at in range(n - len(unit) + 1):
            place[i, at] = sum(missed[song, at + k] for k, song in enumerate(unit))
    sizes = np.array([len(unit) for unit in units], dtype=np.intp)
    return Costs((1.0 - ARC_SHARE) * join / max(1, n - 1), ARC_SHARE * place / n, sizes)


def _inner(units: list[list[int]], meetings: list[list[Meeting]]) -> float:
    """What the joins that stay cost, whatever the order."""
    n = sum(len(unit) for unit in units)
    inner = sum(meetings[a][b].cost for u in units for a, b in pairwise(u))
    return (1.0 - ARC_SHARE) * inner / max(1, n - 1)


# ---- the joins of the order ----------------------------------------------------------------------


def _joins(
    release: Release,
    songs: Sequence[HeardSong],
    meetings: list[list[Meeting]],
    order: Sequence[int],
) -> Iterator[SuggestedJoin]:
    for a, b in pairwise(order):
        told, track = meetings[a][b], release.tracks[b]
        neighbours = b == a + 1
        kind, gap, gap_s = "gap", None, 0.0
        if neighbours and track.crossfade_s:
            kind, words = "crossfade", f"they cross for {track.crossfade_s:g} s, as they do"
        elif neighbours and not release.gap_before_s(b):
            kind, words = "gapless", "gapless, as they are"
        elif neighbours and track.gap_s is not None:
            gap_s, words = track.gap_s, f"{track.gap_s:g} s, as you set it"
        else:
            gap = gap_between(songs[a].ends, songs[b].ends, songs[a].tempo)
            gap_s, words = gap.gap_s, f"{gap.gap_s:.2f} s: {gap.reason}"
        sentence = f"{_in_words(songs[a], songs[b], told)}; {words}."
        yield SuggestedJoin(a + 1, b + 1, kind, told, gap, gap_s, sentence)


def _in_words(a: HeardSong, b: HeardSong, told: Meeting) -> str:
    parts = []
    if a.key is not None and b.key is not None and told.key_steps is not None:
        near = {0: "the same notes", 1: "a fifth away"}.get(told.key_steps, "")
        near = "the same key" if a.key.name == b.key.name else near
        near = near or f"{told.key_steps} fifths away"
        unsure = " (not sure)" if min(a.key.confidence, b.key.confidence) < 0.4 else ""
        parts.append(f"{a.key.name} to {b.key.name}, {near}{unsure}")
    if a.tempo is not None and b.tempo is not None:
        parts.append(f"{a.tempo.bpm:.0f} to {b.tempo.bpm:.0f} bpm")
    if told.jump_lu is not None:
        size = abs(told.jump_lu)
        how = "louder" if told.jump_lu > 0 else "softer"
        parts.append("about as loud" if size < 1.5 else f"{size:.0f} LU {how}")
    return ", ".join(parts) or "too short to be judged"


def _reordered(release: Release, order: Sequence[int], joins: Sequence[SuggestedJoin]) -> Release:
    tracks: list[Track] = []
    opening = release.tracks[0]
    for i, song in enumerate(order):
        track = release.tracks[song]
        if i == 0:
            hidden = opening.hidden_file
            track = track.with_(hidden_file=hidden, gap_s=opening.gap_s if hidden else None)
        else:
            join = joins[i - 1]
            kept = join.kind != "gap" or join.gap is None
            track = track.with_(hidden_file="", gap_s=track.gap_s if kept else join.gap_s)
        tracks.append(track)
    return release.with_(tracks=tuple(tracks))


def _called(track: Track) -> str:
    return track.full_title or track.file


def _join_json(join: SuggestedJoin) -> dict[str, Any]:
    told, gap = join.meeting, join.gap
    return {
        "before": join.before,
        "after": join.after,
        "kind": join.kind,
        "gap_s": round(join.gap_s, 3),
        "heard_silence_s": None if gap is None else round(gap.heard_s, 3),
        "beats": None if gap is None else gap.beats,
        "key_steps": told.key_steps,
        "tempo_ratio": None if told.tempo_ratio is None else round(told.tempo_ratio, 4),
        "jump_lu": None if told.jump_lu is None else round(told.jump_lu, 2),
        "key_cost": round(told.key_cost, 4),
        "tempo_cost": round(told.tempo_cost, 4),
        "loudness_cost": round(told.loudness_cost, 4),
        "cost": round(told.cost, 4),
        "reason": join.sentence,
    }
