"""What does not fit together in a release, in one sentence each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from burnish.release.model import Release, Track

ROUNDED_S = 0.001
"""So much a place may lie past a file's end: who wrote it rounded its length."""

MOST_INDEX_MARKS = 98
"""Index marks 2 to 99 (IEC 60908); 1 is where the track starts."""


@dataclass(frozen=True)
class Fault:
    """What does not fit together in a release, in one sentence, and the setting that says it."""

    code: str
    sentence: str
    name: str
    track: int | None = None
    """Counted from 0; None: of the release."""


def faults(release: Release, lengths_s: Sequence[float | None] = ()) -> tuple[Fault, ...]:
    """What does not fit together, track by track; nothing where all does.

    ``lengths_s`` are those of the files, as far as known: with them more can be told.
    """
    if not release.tracks:
        return (Fault("tracks-missing", "tracks: must hold one or more", "tracks"),)
    known = (*lengths_s, *(None for _ in release.tracks[len(lengths_s) :]))
    played = [_played_s(track, length) for track, length in zip(release.tracks, known, strict=True)]
    found: list[Fault] = []
    for i, track in enumerate(release.tracks):
        told = (
            *_source_faults(i, track, known[i]),
            *_shape_faults(track, played[i]),
            *_join_faults(i, release, played),
            *_twice(i, release, known),
        )
        found += [Fault(code, f"track {i + 1}: {said}", name, i) for code, name, said in told]
    return tuple(found)


_Told = Iterator[tuple[str, str, str]]  # code, setting, sentence


def _played_s(track: Track, length_s: float | None) -> float | None:
    end_s = track.end_s if track.end_s is not None else length_s
    return None if end_s is None else end_s - track.start_s


def _source_faults(i: int, track: Track, length_s: float | None) -> _Told:
    if bool(track.file) == bool(track.stems):
        said = "must be given, or stems" if not track.file else "must stand alone, without stems"
        yield "track-source", "file", f"file: {said}"
    if track.keep_as_is and track.stems:
        yield "track-source", "keep_as_is", "keep_as_is: stems cannot be kept, they must be mixed"
    named = list(track.versions.items())
    for label, file in named:
        if not file or file == track.file or file in [f for other, f in named if other != label]:
            said = "must be a file of its own" if file else "must name a file"
            yield "version-file", "versions", f"versions: {label}={file}: {said}"
            break
    if track.hidden_file and i:
        yield "hidden-track", "hidden_file", "hidden_file: only the first track hides a recording"
    if track.end_s is not None and track.end_s <= track.start_s:
        said = f"end_s={track.end_s:g}: must be after start_s={track.start_s:g}"
        yield "trim", "end_s", said
    elif length_s is not None:
        for name, place in (("start_s", track.start_s), ("end_s", track.end_s or 0.0)):
            if place > length_s + ROUNDED_S or (name == "start_s" and place >= length_s > 0):
                yield "trim", name, f"{name}={place:g}: its file plays only {length_s:.3f} s"


def _shape_faults(track: Track, played_s: float | None) -> _Told:
    end_s = math.inf if played_s is None or played_s <= 0 else played_s
    fades_s = track.fade_in.length_s + track.fade_out.length_s
    if fades_s > end_s:
        name = "fade_out" if track.fade_out.length_s else "fade_in"
        yield "fade", name, f"{name}: its fades take {fades_s:g} s, but it plays {end_s:.3f} s"
    before = 0.0
    for place in track.index_s:
        if not before < place < end_s:
            said = f"index_s={place:g}: must be after {before:g}"
            yield "index", "index_s", said + (f" and before {end_s:.3f} s" if played_s else " s")
            break
        before = place
    if len(track.index_s) > MOST_INDEX_MARKS:
        yield "index", "index_s", f"index_s: must be {MOST_INDEX_MARKS} marks or fewer"


def _join_faults(i: int, release: Release, played: Sequence[float | None]) -> _Told:
    track, crossfade_s = release.tracks[i], release.tracks[i].crossfade_s
    if i == 0:
        if crossfade_s:
            yield "crossfade", "crossfade_s", f"crossfade_s={crossfade_s:g}: no track is before it"
        if track.gap_s and not track.hidden_file:
            yield "gap", "gap_s", f"gap_s={track.gap_s:g}: nothing is before it"
        return
    if crossfade_s and track.gap_s:
        said = f"gap_s={track.gap_s:g}: must be 0 where there is a crossfade"
        yield "gap", "gap_s", said
    for k in (i - 1, i) if crossfade_s else ():
        length = played[k]
        if length is not None and 0 < length < crossfade_s:
            said = f"crossfade_s={crossfade_s:g}: is longer than track {k + 1}, {length:.3f} s"
            yield "crossfade", "crossfade_s", said
            return
    length, both_s = played[i - 1], crossfade_s + release.tracks[i - 1].crossfade_s
    if crossfade_s and length is not None and 0 < length < both_s:
        said = (
            f"crossfade_s={crossfade_s:g}: meets the one before, "
            f"together they are longer than track {i}, {length:.3f} s"
        )
        yield "crossfade", "crossfade_s", said


def _twice(i: int, release: Release, lengths_s: Sequence[float | None]) -> _Told:
    track = release.tracks[i]
    for k, other in enumerate(release.tracks[:i]):
        if track.isrc and track.isrc == other.isrc:
            said = f"isrc={track.isrc}: is that of track {k + 1}; each recording has its own"
            yield "isrc-twice", "isrc", said
        if track.file and track.file == other.file:
            own, its = _cut_s(track, lengths_s[i]), _cut_s(other, lengths_s[k])
            if own[0] < its[1] and its[0] < own[1]:
                said = f"file={track.file}: track {k + 1} plays some of the same samples"
                yield "trim-overlap", "file", said


def _cut_s(track: Track, length_s: float | None) -> tuple[float, float]:
    end_s = track.end_s if track.end_s is not None else length_s
    return track.start_s, math.inf if end_s is None else end_s
