"""Masters: the mastered tracks of an album in one folder, and what each was made from.

A track whose master was made from the same is not rendered again: that is how an interrupted run
goes on, and how an album is done again after one of its songs has changed.
"""

import json
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from burnish import __version__
from burnish.audio import file_sha256, write_whole
from burnish.errors import OutputError
from burnish.release import Release

FOLDER, RECORD = "masters", "masters.json"
SIGNATURE = "album.signature.yaml"  # beside that folder


class Masters:
    """The folder ``masters`` of an album; ``masters.json`` in it holds a key for each file."""

    def __init__(self, album: Path, overwrite: bool = False) -> None:
        self.folder = album / FOLDER
        self._record = self.folder / RECORD
        self._overwrite = overwrite
        self._lock = Lock()
        document = _read(self._record)
        self._known = None if document is None else document.get("masters", {})
        self._corrections: dict[str, Any] = (document or {}).get("corrections", {})
        if self._known is None and self.folder.exists() and any(self.folder.iterdir()):
            raise OutputError(
                "output-exists", f"{self.folder}: holds other things; give another folder"
            )

    def named(self, titles: Sequence[str]) -> tuple[Path, ...]:
        """A name for each master, ``NAME.master.wav``; names that are there twice are counted.

        The names are best those of the mixes: then a song keeps its master when it is given
        another title or another place.
        """
        names: list[str] = []
        for title in titles:
            name, n = _plain(title), 1
            while (one := name if n == 1 else f"{name} {n}").casefold() in map(str.casefold, names):
                n += 1
            names.append(one)
        return tuple(self.folder / f"{name}.master.wav" for name in names)

    @property
    def is_there(self) -> bool:
        """Whether burnish has left masters here."""
        return bool(self._known)

    def stands(self, file: Path, key: str) -> bool:
        """Whether this master is there, whole, and made from what ``key`` names.

        Another one of its name is an ``OutputError`` unless it may be overwritten.
        """
        entry = (self._known or {}).get(file.name)
        if entry is not None and entry.get("key") == key and _is_whole(file, entry):
            return True
        if file.exists() and not self._overwrite and entry is not None:
            raise OutputError(
                "output-exists",
                f"{file}: was made from another mix or with other settings; "
                f"--overwrite makes it anew",
            )
        return False

    def keep(self, file: Path, key: str) -> None:
        """Note what a master was made from, now that it is whole."""
        entry = {"key": key, "sha256": file_sha256(file)}
        with self._lock:
            known = {**(self._known or {}), file.name: entry}
            self._known = {k: v for k, v in sorted(known.items()) if (self.folder / k).is_file()}
            self._write()

    def corrected(self, album: str) -> float | None:
        """What an earlier run of the same ``album`` found out by mastering it; None: nothing."""
        found = self._corrections.get(album)
        return float(found) if isinstance(found, int | float) else None

    def correct(self, album: str, value: float | None) -> None:
        """Note what was found out, so that the next run need not find it out again.

        Masters of this run may be replaced from now on.
        """
        self._corrections = {album: value}
        self._overwrite = True

    def begin(self) -> None:
        """Make the folder, with an empty record: from now on it is known as burnish's own."""
        if self._known is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._known = {}
            self._write()

    def _write(self) -> None:
        document = {
            "burnish": __version__,
            "masters": self._known,
            "corrections": self._corrections,
        }
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        write_whole(text.encode(), self._record, overwrite=True)


def _is_whole(file: Path, entry: dict[str, Any]) -> bool:
    return file.is_file() and file_sha256(file) == entry.get("sha256")


def mix_names(release: Release) -> tuple[str, ...]:
    """What the masters of a release are named after: its mixes; where there are stems, titles.

    The last is that of what is hidden before the first track, where there is something.
    """
    named = [track.title if track.stems else Path(track.file).stem for track in release.tracks]
    hidden = release.tracks[0].hidden_file
    return (*named, Path(hidden).stem) if hidden else tuple(named)


def recall_of(master: Path) -> Path:
    """Where the recall sheet of a master lies."""
    return master.with_name(master.name.removesuffix(".wav") + ".recall.yaml")


def version_of(master: Path, label: str) -> Path:
    """Where an alternate of a master lies: ``song.instrumental.wav`` beside ``song.wav``."""
    return master.with_name(f"{master.stem}.{label}{master.suffix}")


def _read(record: Path) -> dict[str, Any] | None:
    """The record as it was written; None: there is none that can be read."""
    try:
        document = json.loads(record.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    parts = ("masters", "corrections")
    whole = isinstance(document, dict) and all(isinstance(document.get(k), dict) for k in parts)
    return document if whole else None


def _plain(title: str) -> str:
    """A title as part of a file's name, on any file system."""
    found = unicodedata.normalize("NFC", title)
    found = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]', "_", found).strip(" .")
    while len(os.fsencode(found)) > 180:
        found = found[:-1]
    return found or "Untitled"
