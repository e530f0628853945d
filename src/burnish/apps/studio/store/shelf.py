"""The shelf: files under the name of their content, whole or not there.

A file is written without a place, brought to the disk, then given its name, and that too is
brought to the disk. So what stands on the shelf is complete, after a ``kill -9`` and after a power
cut. No name from outside is ever part of a path: a file's name is the SHA-256 of what is in it.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from burnish.errors import InputError, OutputError

YOUNG_S = 3600.0
"""What nothing refers to is left alone for so long: it may be about to be referred to."""
_CHUNK = 1 << 20
_NAME = re.compile(r"[0-9a-f]{64}")
_SPARE_BYTES = 64 << 20


@dataclass(frozen=True)
class Kept:
    """A file that stands on the shelf, and is on the disk."""

    sha256: str
    n_bytes: int


class Shelf:
    """Files by their content in one folder, which belongs to one process at a time.

    Everything may be used from any thread.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts = folder / "part"
        self._lock = threading.Lock()
        with said(folder):
            self._parts.mkdir(parents=True, exist_ok=True)
            for leftover in self._parts.iterdir():  # of a process that was killed
                leftover.unlink()

    def path(self, sha256: str) -> Path:
        """Where the file of this content lies; what is no such name is an ``InputError``."""
        if not _NAME.fullmatch(sha256):
            raise InputError("file-unknown", "there is no such file")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether that file is there."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """Open a file for reading; one that is not there is an ``InputError``."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise InputError("file-unknown", "there is no such file") from None

    @contextmanager
    def incoming(self) -> Iterator["Incoming"]:
        """Take in a file piece by piece. What is not ``keep``-ed when the block ends, is gone."""
        part = self._parts / secrets.token_hex(16)
        with said(self.folder):
            file = part.open("xb")
        incoming = Incoming(self, file, part)
        try:
            yield incoming
        finally:
            with suppress(OSError):
                file.close()
            part.unlink(missing_ok=True)

    def keep(self, data: bytes) -> Kept:
        """Keep what fits into memory."""
        with self.incoming() as incoming:
            incoming.write(data)
            return incoming.keep()

    def adopt(self, path: Path) -> Kept:
        """Keep a copy of a file that a job made; it costs nothing where the disk can share it."""
        with self.incoming() as incoming, path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                incoming.write(chunk)
            return incoming.keep()

    def put(self, path: Path, sha256: str) -> None:
        """Keep a whole file whose content is known by its hash; it stays where it is, too.

        It is the same file under two names where the disk can do that: nobody may write to it.
        """
        part = self._parts / secrets.token_hex(16)
        with said(self.folder):
            try:
                try:
                    os.link(path, part)
                except OSError:
                    shutil.copyfile(path, part)
                with part.open("r+b") as file:
                    os.fsync(file.fileno())
                self._place(part, sha256)
            finally:
                part.unlink(missing_ok=True)

    def link(self, sha256: str, to: Path) -> None:
        """Lay a file under another name for a job, as a link, or as a copy where there is none."""
        try:
            os.link(self.path(sha256), to)
        except FileNotFoundError:
            raise InputError("file-unknown", "there is no such file") from None
        except OSError:
            shutil.copyfile(self.path(sha256), to)

    def names(self) -> Iterator[str]:
        """The contents that lie here, in no order."""
        for folder in self.folder.iterdir():
            if folder.is_dir() and len(folder.name) == 2:
                for one in folder.iterdir():
                    if _NAME.fullmatch(one.name):
                        yield one.name

    def is_young(self, sha256: str, young_s: float = YOUNG_S) -> bool:
        """Whether it came, or came again, only just now."""
        try:
            return time.time() - self.path(sha256).stat().st_mtime < young_s
        except FileNotFoundError:
            return False

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing comes or is renewed inside this block; for who throws away."""
        with self._lock:
            yield

    def throw_away(self, sha256: str) -> None:
        """Take a file off the shelf; inside ``still`` only."""
        self.path(sha256).unlink(missing_ok=True)

    def _place(self, part: Path, sha256: str) -> None:
        """Give a complete file its name, for good; one that is there already is renewed."""
        final = self.path(sha256)
        with self._lock:
            if not final.parent.is_dir():
                final.parent.mkdir(exist_ok=True)
                sync_folder(self.folder)
            if final.is_file() and final.stat().st_size == part.stat().st_size:
                os.utime(final)
            else:
                part.replace(final)
            sync_folder(final.parent)


class Incoming:
    """A file that is being taken in; only what ``keep`` gave back is kept."""

    def __init__(self, shelf: Shelf, file: BinaryIO, part: Path) -> None:
        self._shelf = shelf
        self._file = file
        self._part = part
        self._digest = hashlib.sha256()
        self.n_bytes = 0

    def write(self, chunk: bytes) -> None:
        """The next piece; a full disk is an ``OutputError``."""
        with said(self._shelf.folder):
            refuse_full(self._shelf.folder, len(chunk))
            self._file.write(chunk)
        self._digest.update(chunk)
        self.n_bytes += len(chunk)

    def keep(self) -> Kept:
        """Bring it to the disk, under its name; once this returns it stays."""
        sha256 = self._digest.hexdigest()
        with said(self._shelf.folder):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._shelf._place(self._part, sha256)
        return Kept(sha256, self.n_bytes)


class Owner:
    """That a folder belongs to this process; a second one is told so. It ends with the process."""

    def __init__(self, folder: Path) -> None:
        import fcntl

        with said(folder):
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise OutputError(
                "studio-running", f"{folder}: is in use by a studio that is running"
            ) from None
        self._handle: int | None = handle

    def close(self) -> None:
        """Let go of it."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def refuse_full(folder: Path, n_bytes: int) -> None:
    """Raise what the disk says when it is full, before it is."""
    if shutil.disk_usage(folder).free < n_bytes + _SPARE_BYTES:
        raise OSError(errno.ENOSPC, "no room")


@contextmanager
def said(folder: Path) -> Iterator[None]:
    """What the disk refuses, in a sentence."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        if full:
            raise OutputError("output-no-room", f"{folder}: there is no room left") from error
        raise OutputError(
            "output-failed", f"{folder}: cannot be written: {error.strerror}"
        ) from error


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
