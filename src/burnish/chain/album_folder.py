"""A first album.yaml from a folder of mixes: what their names and tags tell."""

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from burnish.audio import check_output
from burnish.audio.tags import SOUNDS, Tags, read_tags
from burnish.chain.album_sheet import save_album
from burnish.errors import InputError, SettingError
from burnish.release import Release, Track, faults

T = TypeVar("T", Release, Track)

ALBUM_FILE = "album.yaml"

# A1 or 1-03 or 7, and what divides it from the title. A number of four digits is a year.
_NUMBERED = re.compile(
    r"(?:(?P<side>[A-H])|(?P<disc>\d)-)?(?P<number>\d{1,3})(?!\d)"
    r"(?P<divider>\s*[-.)_–—]+\s*|\s+|$)(?P<rest>.*)",
    re.DOTALL,
)
_MASTER = ".master"  # what `burnish master` adds to a mix's name
_RELEASE_TEXTS = ("date", "genre", "label", "catalogue_number", "upc", "copyright", "language")
_TRACK_TEXTS = (
    *("version", "isrc", "composer", "songwriter", "lyricist", "arranger", "conductor"),
    *("producer", "engineer"),
)


@dataclass(frozen=True)
class NewAlbum:
    """A first album.yaml: where it is, what it says, and what a person should hear of."""

    path: Path
    release: Release
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Name:
    """What a file's name tells: its place, if it tells one surely, and the rest as a title."""

    place: tuple[int, int] | None
    sure: bool
    rest: str


def new_album(folder: str | os.PathLike[str], overwrite: bool = False) -> NewAlbum:
    """Write FOLDER/album.yaml from the names and tags of the sound files in it.

    Order: by the numbers in the names ("01 - Title", "A1 Title", "1-03 Title"), else by the tags'
    track numbers, else by name, numbers in it as numbers. Tags tell more than names. What all
    files agree on is told of the album. Files in folders below are left out, and so is a master
    whose mix is there.

    An album.yaml that is there stays, and is an ``OutputError``, unless ``overwrite``. A folder
    that is missing or without sound, and a file that is no sound, are an ``InputError``.
    """
    folder = Path(folder)
    found, notes = _found(folder, overwrite)
    save_album(found.release, found.path, notes, overwrite)
    return found


def found_album(folder: str | os.PathLike[str]) -> NewAlbum:
    """What ``new_album`` would write, without writing it."""
    return _found(Path(folder), overwrite=True)[0]


def _found(folder: Path, overwrite: bool) -> tuple[NewAlbum, list[str]]:
    """The album of a folder, and a comment for each track."""
    files, remarks = _sound_files(folder)
    path = folder / ALBUM_FILE
    check_output(path, overwrite)
    tags = {file: read_tags(file) for file in files}
    names = _names(files)
    order = _ordered(files, names, tags)
    release, told = _release(folder, [(file, names[file], tags[file]) for file in order])
    remarks += told
    remarks += [fault.sentence for fault in faults(release)]
    return NewAlbum(path, release, tuple(remarks)), [_in_words(tags[file]) for file in order]


def release_of(files: Sequence[Path]) -> Release:
    """A release of finished masters, in the order given: what their names and tags tell.

    A single one without an album in its tags is a release of its own name. A file that is missing
    or no sound is an ``InputError``.
    """
    tags = {file: read_tags(file) for file in files}
    names = _names(list(tags))
    release, _ = _release(files[0].parent, [(file, names[file], tags[file]) for file in files])
    if _common(list(tags.values()), "album"):
        return release
    return release.with_(title=release.tracks[0].title if len(files) == 1 else "")


def _sound_files(folder: Path) -> tuple[list[Path], list[str]]:
    if not folder.is_dir():
        what = "is a file; name a folder" if folder.exists() else "there is no such folder"
        raise InputError("input-missing", f"{folder}: {what}")
    try:
        entries = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise InputError(
            "input-permission", f"{folder}: cannot be read: {error.strerror}"
        ) from None
    files = [path for path in entries if path.suffix.lower().lstrip(".") in SOUNDS]
    files = [path for path in files if path.is_file()]
    mixes = {path.stem for path in files}
    masters = {path for path in files if path.stem.removesuffix(_MASTER) in mixes - {path.stem}}
    remarks = [f"{path.name}: left out, its mix is there" for path in sorted(masters)]
    files = [path for path in files if path not in masters]
    if not files:
        raise InputError("input-empty", f"{folder}: holds no sound files")
    for path in files:
        try:
            path.name.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                "input-name", f"{path}: its name is not UTF-8; give it another"
            ) from None
    return files, remarks


# ---- names and their order -----------------------------------------------------------------------


def _names(files: Sequence[Path]) -> Mapping[Path, _Name]:
    """What the names tell. Numbers count where all files have one and no two the same.

    "99 Luftballons" is a title: where only a blank divides, the numbers must begin low, too.
    """
    told = {file: _name(_title_of(file)) for file in files}
    places = [name.place for name in told.values()]
    numbered = None not in places and len(set(places)) == len(places)
    if numbered and not all(name.sure for name in told.values()):
        numbered = min(place[1] for place in places if place is not None) <= len(files)
    if numbered:
        return told
    return {file: _Name(None, False, _title_of(file)) for file in files}


def _title_of(file: Path) -> str:
    text = unicodedata.normalize("NFC", file.stem.removesuffix(_MASTER))
    return text if " " in text else text.replace("_", " ")


def _name(text: str) -> _Name:
    found = _NUMBERED.fullmatch(text)
    if found is None:
        return _Name(None, False, text)
    side, disc, number = found["side"], found["disc"], found["number"]
    first = ord(side) - ord("A") + 1 if side else int(disc or 1)
    sure = bool(side or disc or found["divider"].strip() or number.startswith("0"))
    return _Name((first, int(number)), sure, found["rest"].strip())


def _ordered(
    files: Sequence[Path], names: Mapping[Path, _Name], tags: Mapping[Path, Tags]
) -> list[Path]:
    by_name = [names[file].place for file in files]
    by_tag = [_tagged_place(tags[file]) for file in files]
    for places in (by_name, by_tag):
        known = [place for place in places if place is not None]
        if len(known) == len(files) == len(set(known)):
            return [file for _, file in sorted(zip(known, files, strict=True))]
    return sorted(files, key=_natural)


def _tagged_place(tags: Tags) -> tuple[int, int] | None:
    track = re.match(r"\d+", tags.text("track"))
    disc = re.match(r"\d+", tags.text("disc"))
    return (int(disc.group()) if disc else 1, int(track.group())) if track else None


def _natural(file: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Numbers as numbers, letters whatever their case: "take 2" comes before "Take 10"."""
    parts = re.split(r"([0-9]+)", unicodedata.normalize("NFC", file.stem).casefold())
    key = [(1, int(part), "") if part.isdigit() else (2, 0, part) for part in parts if part]
    return key, file.name


# ---- what is told of them ------------------------------------------------------------------------


def _release(folder: Path, songs: Sequence[tuple[Path, _Name, Tags]]) -> tuple[Release, list[str]]:
    remarks: list[str] = []
    all_tags = [tags for _, _, tags in songs]
    titles = [tags.text("title") or name.rest for _, name, tags in songs]
    in_names = _artist_in_names(titles) if not any(t.text("title") for t in all_tags) else ""
    if in_names:
        titles = [title.split(" - ", 1)[1] for title in titles]
    artist = _common(all_tags, "album_artist") or _common(all_tags, "artist") or in_names
    told = {name: _common(all_tags, name) for name in _RELEASE_TEXTS}
    told["title"] = _common(all_tags, "album") or unicodedata.normalize(
        "NFC", folder.resolve().name
    )
    release = Release(artist=artist)
    told["date"] = told["date"][:10]  # a tag may go on with the time of day
    for setting, text in told.items():
        release = _with(release, setting, text, "the tags", remarks)
    tracks = []
    for (file, name, tags), title in zip(songs, titles, strict=True):
        own = tags.text("artist")
        track = Track(
            file=file.name,
            title=title or name.rest or file.stem,
            artist=own if own != artist else "",
        )
        for setting in _TRACK_TEXTS:
            track = _with(track, setting, tags.text(setting), file.name, remarks)
        advisory = {"1": "yes", "4": "yes", "2": "clean"}.get(tags.text("explicit"), "no")
        tracks.append(track.with_(explicit=advisory))
    return release.with_(tracks=tuple(tracks)), remarks


def _with(record: T, name: str, text: str, where: str, remarks: list[str]) -> T:
    """The record with what a tag says, if that can be: a wrong code in a tag is told, not taken."""
    try:
        return record.with_(**{name: text}) if text else record
    except SettingError as error:
        remarks.append(f"{where}: left out: {error.sentence}")
        return record


def _common(tags: Sequence[Tags], name: str) -> str:
    """What all files say alike."""
    texts = {one.text(name) for one in tags}
    return texts.pop() if len(texts) == 1 else ""


def _artist_in_names(titles: Sequence[str]) -> str:
    """The artist of "Artist - Title", where more than one file is called so and none otherwise."""
    firsts = {title.split(" - ", 1)[0] if " - " in title else "" for title in titles}
    return firsts.pop() if len(firsts) == 1 and len(titles) > 1 else ""


def _in_words(tags: Tags) -> str:
    """For the comment over a track: "3:42, 44100 Hz, stereo"."""
    parts = [f"{tags.rate_hz} Hz", "mono" if tags.channels == 1 else "stereo"]
    if tags.channels > 2:
        parts[1] = f"{tags.channels} channels"
    if tags.duration_s is not None:
        minutes, seconds = divmod(round(tags.duration_s), 60)
        parts.insert(0, f"{minutes}:{seconds:02d}")
    return ", ".join(parts)
