"""Pieces: files that come in piece by piece, over hours if need be, and over a restart.

    begun = pieces.begin(project_id, "song.wav", n_bytes=size)
    with pieces.writing(begun.id) as coming: coming.write(chunk)
    pieces.whole(begun.id) -> Kept

A file and a note beside it. The note says how much of it is on the disk: what it says is never more
than that, so who is told it can go on from there.
"""

import hashlib
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from burnish.apps.jobs import new_id
from burnish.apps.studio.store.plain import plain_line, plain_name
from burnish.apps.studio.store.shelf import Kept, Shelf, refuse_full, said, sync_folder
from burnish.errors import InputError, SettingError

KEPT_S = 24 * 3600.0
"""What nobody goes on with is swept after so long."""
_NOTED_BYTES = 8 << 20  # at most so much is lost of a piece that breaks off by a kill
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Begun:
    """A file that is coming: what it shall be, and how much of it is on the disk."""

    id: str
    project_id: str
    name: str
    kind: str
    master: bool
    n_bytes: int
    sha256: str = ""
    offset: int = 0
    touched_at: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.offset == self.n_bytes


class Pieces:
    """Files that are coming, in a folder of their own. Everything may be used from any thread.

    One at a time writes to one of them; that is for the caller to see to.
    """

    def __init__(self, folder: Path, shelf: Shelf) -> None:
        self.folder = folder
        self._shelf = shelf
        self._lock = threading.Lock()
        with said(folder):
            folder.mkdir(exist_ok=True)
        self._begun = {one.id: one for one in map(_loaded, folder.glob("*.json")) if one}
        self._drop_strangers()

    @property
    def reserved_bytes(self) -> int:
        """What those that are coming will take."""
        with self._lock:
            return sum(one.n_bytes for one in self._begun.values())

    def all(self) -> list[Begun]:
        """Those that are coming."""
        with self._lock:
            return list(self._begun.values())

    def get(self, id: str) -> Begun | None:
        """One of them."""
        with self._lock:
            return self._begun.get(id)

    def begin(
        self,
        project_id: str,
        name: str,
        n_bytes: int,
        kind: str = "mix",
        *,
        master: bool = False,
        sha256: str = "",
    ) -> Begun:
        """A new one; when this returns it is on the disk that it is coming."""
        begun = Begun(
            id=new_id(),
            project_id=project_id,
            name=plain_name(name),
            kind=plain_line(kind)[:32],
            master=master,
            n_bytes=n_bytes,
            sha256=sha256.lower(),
            touched_at=time.time(),
        )
        with said(self.folder):
            refuse_full(self.folder, n_bytes)
            self._path(begun.id).touch()
        self._note(begun)
        return begun

    @contextmanager
    def writing(self, id: str) -> Iterator["Coming"]:
        """Go on with one, from its offset. What was written is kept, however the block ends."""
        begun = self._of(id)
        with said(self.folder):
            file = self._path(id).open("r+b")
        coming = Coming(self, file, begun)
        try:
            if not begun.is_whole:
                file.truncate(begun.offset)  # what lies beyond was never said to be there
                file.seek(begun.offset)
            yield coming
        finally:
            try:
                coming.sync()
            finally:
                file.close()

    def whole(self, id: str) -> Kept:
        """Put a whole one on the shelf too; it stays here until ``forget``."""
        begun = self._of(id)
        if not begun.is_whole:
            raise SettingError("transfer-open", f"transfer {id}: {begun.offset} bytes have come")
        digest = hashlib.sha256()
        with said(self.folder), self._path(id).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        sha256 = digest.hexdigest()
        if begun.sha256 not in ("", sha256):
            self.forget(id)
            raise InputError("transfer-differs", f"{begun.name}: what came is not what was sent")
        self._shelf.put(self._path(id), sha256)
        return Kept(sha256, begun.n_bytes)

    def forget(self, id: str) -> None:
        """Away with one."""
        with self._lock:
            self._begun.pop(id, None)
        for one in (self._note_path(id), self._path(id)):
            one.unlink(missing_ok=True)

    def forget_project(self, project_id: str) -> None:
        """Away with those of a project."""
        for one in self.all():
            if one.project_id == project_id:
                self.forget(one.id)

    def sweep(self) -> int:
        """Throw away those that nobody went on with for a day; gives how many."""
        old = [one.id for one in self.all() if time.time() - one.touched_at > KEPT_S]
        for id in old:
            self.forget(id)
        return len(old)

    @contextmanager
    def not_reserved(self, id: str) -> Iterator[None]:
        """In this block one takes no room of its own, as it is about to be held."""
        with self._lock:
            begun = self._begun.pop(id, None)
        try:
            yield
        finally:
            with self._lock:
                if begun is not None and self._note_path(id).exists():
                    self._begun.setdefault(id, begun)

    def _of(self, id: str) -> Begun:
        begun = self.get(id)
        if begun is None:
            raise InputError("transfer-unknown", "there is no such transfer")
        return begun

    def _path(self, id: str) -> Path:
        return self.folder / id

    def _note_path(self, id: str) -> Path:
        return self.folder / f"{id}.json"

    def _note(self, begun: Begun) -> None:
        """Bring what is known of one to the disk."""
        part = self.folder / f"{secrets.token_hex(8)}.part"
        with said(self.folder):
            try:
                with part.open("x", encoding="utf-8") as file:
                    json.dump(asdict(begun), file)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(self._note_path(begun.id))
                sync_folder(self.folder)
            finally:
                part.unlink(missing_ok=True)
        with self._lock:
            self._begun[begun.id] = begun

    def _drop_strangers(self) -> None:
        """Away with what has no note, or no file: a kill came between the two."""
        for id in [one for one in self._begun if not self._path(one).is_file()]:
            self.forget(id)
        for path in self.folder.iterdir():
            if path.name.removesuffix(".json") not in self._begun:
                with suppress(OSError):
                    path.unlink()


class Coming:
    """A file that is being gone on with."""

    def __init__(self, pieces: Pieces, file: BinaryIO, begun: Begun) -> None:
        self._pieces = pieces
        self._file = file
        self._begun = begun
        self.offset = begun.offset

    def write(self, chunk: bytes) -> None:
        """The next bytes; more than were announced are a ``SettingError``."""
        if self.offset + len(chunk) > self._begun.n_bytes:
            raise SettingError(
                "transfer-size",
                f"{self._begun.name}: is longer than the {self._begun.n_bytes} bytes announced",
            )
        with said(self._pieces.folder):
            refuse_full(self._pieces.folder, len(chunk))
            self._file.write(chunk)
        self.offset += len(chunk)
        if self.offset - self._begun.offset >= _NOTED_BYTES:
            self.sync()

    def sync(self) -> None:
        """Bring it to the disk; then note that it is there."""
        if self.offset == self._begun.offset or self._pieces.get(self._begun.id) is None:
            return
        with said(self._pieces.folder):
            self._file.flush()
            os.fsync(self._file.fileno())
        self._begun = replace(self._begun, offset=self.offset, touched_at=time.time())
        self._pieces._note(self._begun)


def _loaded(path: Path) -> Begun | None:
    """What a note says; None: it says nothing that can be gone on with."""
    try:
        begun = Begun(**json.loads(path.read_text(encoding="utf-8")))
        there = path.with_suffix("").stat().st_size
    except (OSError, ValueError, TypeError):
        return None
    if begun.id != path.stem or not 0 <= begun.offset <= min(there, begun.n_bytes):
        return None
    return begun
