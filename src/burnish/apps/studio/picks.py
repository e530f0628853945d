"""Picks: mixes in the folders that were named when the studio was started.

From outside comes only a number, made of the folder's place and the file's own. It is looked up in
a fresh listing of the folder; a name from outside never becomes a path.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from burnish.apps.studio.problems import Refused, not_there

ENDINGS = frozenset(
    {".wav", ".wave", ".flac", ".aif", ".aiff", ".aifc", ".caf", ".w64", ".rf64", ".mp3", ".m4a",
     ".ogg", ".oga", ".opus", ".wv", ".mp4", ".wma", ".ape", ".tta", ".mka", ".au"}
)  # fmt: skip
_MOST = 5_000
_DEEPEST = 4


@dataclass(frozen=True)
class Pick:
    """A file that may be picked."""

    number: str
    folder: str
    name: str
    n_bytes: int
    path: Path


def picks(folders: tuple[str, ...]) -> list[Pick]:
    """All of them, folder by folder, in the order of their names."""
    return [one for folder in folders for one in _in(Path(folder))]


def pick(folders: tuple[str, ...], number: str) -> Pick:
    """The one of that number."""
    for one in picks(folders):
        if one.number == number:
            return one
    raise not_there("pick", number)


def open_pick(one: Pick) -> int:
    """A file descriptor for reading it; links that lead elsewhere are not followed."""
    try:
        return os.open(one.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        raise Refused(409, "pick-gone", f"{one.name}: cannot be read: {error.strerror}") from None


def _in(folder: Path) -> Iterator[Pick]:
    found = 0
    for where, inner, names in os.walk(folder, followlinks=False):
        inner[:] = sorted(one for one in inner if not one.startswith("."))
        way = Path(where).relative_to(folder)
        if len(way.parts) >= _DEEPEST:
            inner.clear()
        for name in sorted(names):
            path = Path(where, name)
            if name.startswith(".") or path.suffix.lower() not in ENDINGS:
                continue
            if path.is_symlink() or not path.is_file():
                continue
            told = str(way / name)
            number = hashlib.sha256(os.fsencode(f"{folder}\0{told}")).hexdigest()[:24]
            yield Pick(number, folder.name, told, path.stat().st_size, path)
            found += 1
            if found >= _MOST:
                return
