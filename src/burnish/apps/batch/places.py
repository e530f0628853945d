"""Places: where a file of a batch is, on this machine or behind a URL; read, put and listed alike.

A local path never goes through fsspec. Whatever is put appears whole: it is written under another
name and moved, or, where a store takes an object only as a whole, put at once.
"""

import errno
import fnmatch
import hashlib
import os
import re
import secrets
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from burnish.errors import BurnishError, InputError, OutputError, SettingError

Storage = Mapping[str, Mapping[str, Any]]
"""fsspec options by protocol: ``{"s3": {"endpoint_url": "http://..."}}``."""

UNREACHABLE = "place-unreachable"
MAY_PASS = frozenset(
    {UNREACHABLE, "scratch-no-room", "output-no-room", "job-died", "cluster-lost", "fault"}
)
"""Codes of failures that another try may not meet: a network, a full disk, a worker that died."""

CHUNK = 1 << 20
_PROTOCOL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_GONE = frozenset(
    {
        errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH,
        errno.ENETDOWN, errno.ENETUNREACH, errno.ENOTCONN, errno.ECONNRESET, errno.ECONNREFUSED,
        errno.ECONNABORTED, errno.EPIPE, errno.EREMOTEIO if hasattr(errno, "EREMOTEIO") else -1,
    }
)  # fmt: skip
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def may_pass(code: str) -> bool:
    """Whether a failure of this code is worth another try."""
    return code in MAY_PASS


@dataclass(frozen=True)
class Fetched:
    """A file that was read to its end."""

    sha256: str
    n_bytes: int


class Place(ABC):
    """A file, or what will be one. What fails is an ``InputError`` or ``OutputError``.

    Code ``place-unreachable`` is what may pass: network, time out, a server's own fault.
    """

    url: str

    @staticmethod
    def of(url: str | Path, storage: Storage | None = None) -> "Place":
        """The place of a URL or a path.

        A protocol whose package is absent is a ``SettingError`` (``extra-missing``).
        """
        text = str(url)
        found = _PROTOCOL.match(text)
        if found is None:
            return LocalPlace(Path(text))
        protocol = found[1].lower()
        if protocol in ("file", "local"):
            return LocalPlace(Path(unquote(urlsplit(text).path)))
        from burnish.apps.batch.remote import RemotePlace

        return RemotePlace.behind(text, protocol, storage or {})

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.url.rstrip("/").rsplit("/", 1)[-1]

    @property
    def path(self) -> Path | None:
        """The path on this machine; None: it is behind a URL."""
        return None

    @abstractmethod
    def join(self, name: str) -> "Place":
        """The place of this name in this folder."""

    @abstractmethod
    def beside(self, name: str) -> "Place":
        """The place of this name in the same folder."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether a file is there."""

    @abstractmethod
    def size(self) -> int | None:
        """How many bytes; None: the place does not tell. Nothing there is ``input-missing``."""

    @abstractmethod
    def stamp(self) -> str | None:
        """What changes when the file does, without reading it; None: the place has no such thing.

        Size and time of change, or the store's own mark (ETag). Nothing there is
        ``input-missing``.
        """

    @abstractmethod
    def open_read(self) -> BinaryIO:
        """Open it for reading."""

    @abstractmethod
    def put(self, path: Path) -> int:
        """Put a local file there, whole or not at all; return its bytes."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Put these bytes there, whole or not at all."""

    @abstractmethod
    def list(self, glob: str = "*") -> "list[Place]":
        """The files of this folder, or of those inside with ``**``, whose path matches; sorted."""

    @abstractmethod
    def remove(self) -> None:
        """Take the file away, where there is one."""

    def read(self) -> bytes:
        """All that is in it, for what is small."""
        with self.said("input"), self.open_read() as file:
            return file.read()

    def read_if_there(self) -> bytes | None:
        """All that is in it; None: there is nothing."""
        try:
            return self.read()
        except InputError as error:
            if error.code == "input-missing":
                return None
            raise

    def fetch(self, path: Path, most: int | None = None) -> Fetched:
        """Copy it into a local file. More than ``most`` bytes is ``input-too-large``."""
        try:
            with path.open("wb") as file:
                return self._through(file, most)
        except OSError as error:
            if error.errno in _FULL:
                raise OutputError(
                    "scratch-no-room", f"{path.parent}: there is no room left for {self.url}"
                ) from error
            raise

    def digest(self, most: int | None = None) -> Fetched:
        """Read it to its end, for its hash."""
        return self._through(None, most)

    def _through(self, file: BinaryIO | None, most: int | None) -> Fetched:
        sha256, n_bytes = hashlib.sha256(), 0
        for chunk in self._chunks():
            sha256.update(chunk)
            n_bytes += len(chunk)
            if most is not None and n_bytes > most:
                raise InputError(
                    "input-too-large",
                    f"{self.url}: is larger than the {most >> 20} MiB that it may have here",
                )
            if file is not None:
                file.write(chunk)
        return Fetched(sha256.hexdigest(), n_bytes)

    def _chunks(self) -> Iterator[bytes]:
        with self.said("input"):
            source = self.open_read()
        with source:
            while True:
                with self.said("input"):
                    chunk = source.read(CHUNK)
                if not chunk:
                    return
                yield chunk

    @contextmanager
    def said(self, way: str) -> Iterator[None]:
        """What the place refuses, in a sentence; ``way`` is "input" or "output"."""
        try:
            yield
        except BurnishError:
            raise
        except Exception as error:
            raise self._as_error(error, way) from error

    def _as_error(self, error: Exception, way: str) -> BurnishError:
        kind: type[BurnishError] = InputError if way == "input" else OutputError
        number = error.errno if isinstance(error, OSError) else None
        if isinstance(error, FileNotFoundError | NotADirectoryError) and way == "input":
            return InputError("input-missing", f"{self.url}: there is no such file")
        if isinstance(error, PermissionError):
            return kind(f"{way}-denied", f"{self.url}: access is denied")
        if isinstance(error, IsADirectoryError):
            return kind(f"{way}-is-folder", f"{self.url}: is a folder")
        if number in _FULL:
            return OutputError("output-no-room", f"{self.url}: there is no room left")
        if number in _GONE or isinstance(error, TimeoutError | ConnectionError):
            return kind(UNREACHABLE, f"{self.url}: cannot be reached{_why(error)}")
        return kind(f"{way}-failed", f"{self.url}: {_verb(way)}{_why(error)}")

    def __fspath__(self) -> str:
        if self.path is None:
            raise TypeError(f"{self.url}: is not on this machine")
        return str(self.path)

    def __str__(self) -> str:
        return self.url


def _why(error: Exception) -> str:
    """The reason in a few words of one line."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    words = " ".join(text.split()) or type(error).__name__
    return f": {words[:160]}"


def _verb(way: str) -> str:
    return "cannot be read" if way == "input" else "cannot be written"


class LocalPlace(Place):
    """A path on this machine, or on a share that is mounted here."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = str(path)

    @property
    def path(self) -> Path:
        """The path."""
        return self._path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._path.name

    def join(self, name: str) -> Place:
        """The place of this name in this folder."""
        return LocalPlace(self._path / name)

    def beside(self, name: str) -> Place:
        """The place of this name in the same folder."""
        return LocalPlace(self._path.parent / name)

    def exists(self) -> bool:
        """Whether a file is there."""
        with self.said("input"):
            try:
                return stat.S_ISREG(os.stat(self._path).st_mode)
            except (FileNotFoundError, NotADirectoryError):
                return False

    def size(self) -> int | None:
        """How many bytes."""
        return self._stat().st_size

    def stamp(self) -> str | None:
        """Size and time of change, to the nanosecond."""
        told = self._stat()
        return f"{told.st_size}:{told.st_mtime_ns}"

    def _stat(self) -> os.stat_result:
        """What the system tells of it; a pipe or a device, which may never end, is refused."""
        with self.said("input"):
            told = os.stat(self._path)
        if stat.S_ISDIR(told.st_mode):
            raise InputError("input-is-folder", f"{self.url}: is a folder")
        if not stat.S_ISREG(told.st_mode):
            raise InputError("input-not-file", f"{self.url}: is a pipe or a device, not a file")
        return told

    def open_read(self) -> BinaryIO:
        """Open it for reading."""
        self._stat()
        with self.said("input"):
            return self._path.open("rb")

    def put(self, path: Path) -> int:
        """Put a file there: a copy under another name, then moved."""
        with self._whole() as file, path.open("rb") as source:
            n_bytes = 0
            while chunk := source.read(CHUNK):
                n_bytes += file.write(chunk)
            return n_bytes

    def write(self, data: bytes) -> None:
        """Put these bytes there: under another name, then moved."""
        with self._whole() as file:
            file.write(data)

    @contextmanager
    def _whole(self) -> Iterator[BinaryIO]:
        part = self._path.parent / f".burnish-{secrets.token_hex(8)}.part"
        with self.said("output"):
            try:
                file = part.open("xb")
            except FileNotFoundError:
                part.parent.mkdir(parents=True, exist_ok=True)
                file = part.open("xb")
            try:
                with file:
                    yield file
                os.replace(part, self._path)
            finally:
                with suppress(OSError):
                    part.unlink(missing_ok=True)

    def list(self, glob: str = "*") -> "list[Place]":
        """The files of this folder whose path matches, sorted."""
        with self.said("input"):
            found = sorted(one for one in self._path.glob(glob) if one.is_file())
        return [LocalPlace(one) for one in found]

    def remove(self) -> None:
        """Take the file away, where there is one."""
        with self.said("output"):
            self._path.unlink(missing_ok=True)


def spread(pattern: str, storage: Storage | None = None) -> "list[Place]":
    """The files that a path or URL with ``*``, ``?``, ``[`` or ``**`` stands for, or a folder's.

    Sorted by their URL. A pattern that nothing answers to is an ``InputError``.
    """
    folder, glob = _split(pattern)
    found = Place.of(folder, storage).list(glob)
    if not found:
        raise InputError("input-missing", f"{pattern}: there is no such file")
    return found


def _split(pattern: str) -> tuple[str, str]:
    parts = pattern.split("/")
    first = next((i for i, part in enumerate(parts) if any(c in part for c in "*?[")), None)
    if first is None:
        return pattern, "*"
    return "/".join(parts[:first]) or ("/" if pattern.startswith("/") else "."), "/".join(
        parts[first:]
    )


def matches(path: str, glob: str) -> bool:
    """Whether a path below a folder answers to a glob: ``*`` within a name, ``**`` across them."""
    if "**" not in glob:
        return path.count("/") == glob.count("/") and fnmatch.fnmatchcase(path, glob)
    parts = (re.sub(r"^\(\?s:|\)\\[Zz]$", "", fnmatch.translate(one)) for one in glob.split("**/"))
    return re.fullmatch("(?:.*/)?".join(parts), path, re.DOTALL) is not None


def extra_missing(what: str, package: str) -> SettingError:
    """That a package is absent, in one sentence."""
    return SettingError("extra-missing", f"{what}: needs {package}; install burnish[cluster]")
