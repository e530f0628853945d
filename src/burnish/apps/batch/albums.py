"""Albums in a manifest: rows with the same ``album``, one after the other, are one body.

What stands in their columns becomes an album.yaml; the album is mastered by one worker as ``burnish
album`` does it, so that the bits are the same, and no album waits for another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from burnish.apps.batch.names import below, plain
from burnish.apps.batch.rows import RawRow
from burnish.errors import SettingError
from burnish.release import Release, Track

PLACES = ("disc", "track")
MOST_SONGS = 999

_TRACK = frozenset(Track.model_fields) - {
    "file", "stems", "fade_in", "fade_out", "hidden_file", "index_s", "versions", "credits",
}  # fmt: skip
_RELEASE = frozenset(Release.model_fields) - {"album", "tracks", "artwork", "credits"} - _TRACK
_WHOLE = {f"album_{name}": name for name in Release.model_fields if name in _TRACK}
"""Columns that are the release's: by their own name, or as ``album_artist`` beside ``artist``."""
_ALIASES = {"reference": "references"}
_SEPARATOR = ";"


@dataclass(frozen=True)
class Song:
    """One row of an album: its file, its place, and what is told of it."""

    number: int
    file: str
    place: tuple[int, int]
    told: Mapping[str, Any]


def song_of(row: RawRow, default: int) -> tuple[Song, dict[str, Any]]:
    """A row as a song, and what it says of its album. A bad value is a ``SettingError``."""
    cells = dict(row.cells)
    file = str(cells.pop("input", None) or "").strip()
    if not file:
        raise SettingError("manifest-row", "input: must be given")
    if default > MOST_SONGS:
        raise SettingError("manifest-row", f"album: has more than {MOST_SONGS} rows")
    cells.pop("output", None)
    cells.pop("album", None)
    disc, track = (_whole(name, cells.pop(name, None)) for name in PLACES)
    told: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in cells.items():
        if value in (None, "", [], ()) or not name:
            continue
        name = _ALIASES.get(name, name)
        if name == "references" and isinstance(value, str):
            value = [one.strip() for one in value.split(_SEPARATOR) if one.strip()]
        (told if name in _TRACK else rest)[name] = value
    checked = Track(**told).model_dump(mode="json")
    song = Song(row.number, file, (disc or 1, track or default), {k: checked[k] for k in told})
    return song, rest


def in_order(songs: Sequence[Song]) -> list[Song]:
    """By disc and track. Two in one place are a ``SettingError``."""
    ordered = sorted(songs, key=lambda one: one.place)
    for one, other in pairwise(ordered):
        if one.place == other.place:
            raise SettingError(
                "manifest-row",
                f"track={one.place[1]}: rows {one.number} and {other.number} have the same place",
            )
    return ordered


def parted(shared: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What rows say of their album: of the release, and of how it is mastered."""
    own = {_WHOLE.get(k, k): v for k, v in shared.items() if k in _RELEASE or k in _WHOLE}
    rest = {k: v for k, v in shared.items() if k not in _RELEASE and k not in _WHOLE}
    return own, rest


def release_of(album: str, own: Mapping[str, Any], songs: Sequence[Song]) -> dict[str, Any]:
    """The release that the rows are, as JSON has it; its files are named when they are there."""
    tracks = [{"title": Path(one.file).stem, **one.told} for one in songs]
    Release(**{"title": album, **own}, tracks=tuple(Track(**one) for one in tracks))
    return {"title": album, **own, "tracks": tracks}


def folder_of(album: str, own: Mapping[str, Any]) -> str:
    """Where an album goes whose rows do not say it: ``Artist - Title``."""
    artist = str(own.get("artist", ""))
    return below(plain(f"{artist} - {album}" if artist else album))


def sheet_text(release: Mapping[str, Any], files: Sequence[str]) -> str:
    """The album.yaml of such a release, with its songs under the names that they have beside it."""
    from burnish.chain.album_sheet import dump

    tracks = [
        Track(**{**told, "file": file}) for told, file in zip(release["tracks"], files, strict=True)
    ]
    return dump(Release(**{**release, "tracks": tuple(tracks)}))


def _whole(name: str, value: Any) -> int:
    """A disc's or a track's number, also as "3/12"; 0: it is not told."""
    text = str(value or "").split("/")[0].strip()
    if not text:
        return 0
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        number = 0
    if not 1 <= number <= 999:
        raise SettingError("manifest-row", f"{name}={value}: must be 1 to 999")
    return number
