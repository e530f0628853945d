"""``album.yaml``: a release as a text that a person reads and edits.

What is written is read back to an equal release. What a person changed is checked, and a fault is
named with file and line: ``album.yaml:31: track 3: crossfade_s=12: is longer than track 2, 8 s``.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from burnish.audio import write_whole
from burnish.chain.plan import Role
from burnish.chain.sheet import Written, load_written, one_line
from burnish.errors import InputError, SettingError
from burnish.release import Release, Track, faults
from burnish.settings import Declared, Settings

HEADER = """\
# An album: what is told of it, and its tracks in order.
#
# Change what you like: each value is checked, and a fault is named with its line. Take away the
# '#' before a setting to give it a value; what is left out is as if it were not there. Files are
# named from where this file lies. Units stand in the names.
"""

_FIRST = ("album", "title", "artist", "label", "catalogue_number", "upc", "date")
_OF_A_TRACK = ("file", "stems", "title", "version", "artist", "isrc")
_ALWAYS = ("title", "artist")
_ALWAYS_OF_A_TRACK = ("title", "isrc")


def dump(release: Release, notes: Sequence[str] = ()) -> str:
    """The album.yaml of a release, as text. ``load_album`` gives back an equal one.

    ``notes`` stand as comments over the tracks, one for each. Settings that are not given are
    there as comments, with what they mean.
    """
    lines = [HEADER]
    for declared in _ordered(Release, _FIRST):
        if declared.name == "tracks":
            continue
        value = getattr(release, declared.name)
        if declared.name == "album" or value != declared.default:
            lines.append(f"{declared.name}: {one_line(_plain(value))}")
        elif declared.name in _ALWAYS:
            lines.append(f"{declared.name}:")
        else:
            lines.append(f"#{declared.name}:".ljust(25) + f"# {_meant(declared)}")
    lines += ["", "# What a track may say:", "#"]
    lines += [_explained(one) for one in _ordered(Track, _OF_A_TRACK)]
    lines += ["", "tracks:" if release.tracks else "tracks: []"]
    for i, track in enumerate(release.tracks):
        if i < len(notes) and notes[i]:
            lines.append(f"  # {i + 1}: {notes[i]}")
        settings = list(_given(track))
        lines += [("  - " if not k else "    ") + one for k, one in enumerate(settings)]
    return "\n".join(lines) + "\n"


def save_album(
    release: Release,
    path: str | os.PathLike[str],
    notes: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Write an album.yaml, whole or not at all; an existing one is an ``OutputError``."""
    write_whole(dump(release, notes).encode("utf-8"), Path(path), overwrite)


def load_album(path: str | os.PathLike[str]) -> Release:
    """Read and check an album.yaml; files in it stay named from where it lies.

    A fault in it, also one between tracks, is a ``SettingError`` with file and line; a file that
    it names and that is not there, an ``InputError``.
    """
    written = load_written(path, Release, "sheet of an album")
    release = written.record
    for fault in faults(release):
        way = (fault.name,) if fault.track is None else ("tracks", fault.track, fault.name)
        raise SettingError(fault.code, f"{path}:{written.line(*way)}: {fault.sentence}")
    _check_files(Path(path), release, written)
    return release


def beside(album: str | os.PathLike[str], name: str) -> Path:
    """Where a file lies that an album.yaml names."""
    return Path(album).parent / name


def album_schema() -> dict[str, Any]:
    """The JSON schema of an album.yaml, for editors: every setting with its range, unit and help.

    Text may be written without quotes where YAML would see a number, and left empty.
    """
    schema = Release.model_json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, one in model["properties"].items():
            for of_ours in ("title", "scale", *(() if one.get("unit") else ("unit",))):
                one.pop(of_ours, None)
            if one.get("type") == "string" and "enum" not in one:
                one["type"] = ["string", "number", "null"]
            if name == "explicit":
                one["enum"] = [*one["enum"], True, False]
        model.pop("title", None)
        model["description"] = model["description"].split("\n\n")[0]
    schema["required"] = ["tracks"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "album.yaml of burnish",
        **schema,
    }


def _ordered(model: type[Settings], first: Sequence[str]) -> list[Declared]:
    """The declarations as they stand in the sheet: the most asked for first."""
    known = {one.name: one for one in model.declared()}
    return [known[name] for name in first] + [
        one for name, one in known.items() if name not in first
    ]


def _explained(one: Declared) -> str:
    words = _meant(one)
    if one.name.startswith("fade_"):
        words += " As {length_s: 4.0, curve: s-curve}; or linear, equal-power, exponential."
    return f"#   {one.name}".ljust(28) + words


def _meant(one: Declared) -> str:
    """What a setting means, what it may be, and what it is where it is left out."""
    words = one.help
    if one.choices or one.low is not None:
        words = f"{words} {one.allowed[0].upper()}{one.allowed[1:]}"
        words += "." if one.default in (None, 0.0) else f"; else {one.default}."
    return words


def _given(track: Track) -> Iterator[str]:
    for declared in _ordered(Track, _OF_A_TRACK):
        value = getattr(track, declared.name)
        if value != declared.default:
            yield f"{declared.name}: {one_line(_plain(value))}"
        elif declared.name in _ALWAYS_OF_A_TRACK:
            yield f"{declared.name}:"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.model_dump() if isinstance(value, Settings) else value


def _check_files(album: Path, release: Release, written: Written[Release]) -> None:
    named: list[tuple[tuple[str | int, ...], str]] = [(("artwork",), release.artwork)]
    for i, track in enumerate(release.tracks):
        named += [(("tracks", i, name), getattr(track, name)) for name in ("file", "hidden_file")]
        named += [(("tracks", i, "stems", k), _stem_file(s)) for k, s in enumerate(track.stems)]
        named += [(("tracks", i, "versions", label), f) for label, f in track.versions.items()]
    for way, name in named:
        if name and not beside(album, name).is_file():
            called = way[-1] if isinstance(way[-1], str) else way[2]
            raise InputError(
                "input-missing",
                f"{album}:{written.line(*way)}: {called}={name}: there is no such file",
            )


def _stem_file(words: str) -> str:
    role, equals, file = words.partition("=")
    return file if equals and role in get_args(Role) else words
