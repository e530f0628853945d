"""Places behind a URL, by way of fsspec: s3, gs, azure, http, memory, and what else it knows."""

import posixpath
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from burnish.apps.batch.names import below
from burnish.apps.batch.places import (
    UNREACHABLE,
    Fetched,
    Place,
    Storage,
    extra_missing,
    matches,
)
from burnish.errors import BurnishError, InputError, OutputError, SettingError

_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs",
    "abfss": "adlfs", "http": "aiohttp", "https": "aiohttp", "sftp": "paramiko", "ssh": "paramiko",
}  # fmt: skip
_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"})
"""Where an object appears whole when its upload is closed, and not before."""
_LATER = (408, 425, 429)
_CONNECT_S, _SILENCE_S = 30.0, 120.0
_STAMPS = ("ETag", "etag", "md5Hash", "generation", "LastModified", "last_modified", "mtime",
           "updated", "created")  # fmt: skip


class RemotePlace(Place):
    """A file of an fsspec file system."""

    def __init__(self, system: Any, protocol: str, inner: str, url: str) -> None:
        self._system = system
        self._protocol = protocol
        self._inner = inner
        self._told: Mapping[str, Any] | None = None
        self.url = url

    @classmethod
    def behind(cls, url: str, protocol: str, storage: Storage) -> Self:
        """The place of this URL."""
        try:
            import fsspec
        except ImportError:
            raise extra_missing(url, "fsspec") from None
        options: Mapping[str, Any] = storage.get(protocol, {})
        try:
            how = {"use_listings_cache": False, **_patience(protocol), **options}
            system = fsspec.filesystem(protocol, **how)
        except ImportError:
            raise extra_missing(url, _PACKAGES.get(protocol, f"fsspec's {protocol}")) from None
        except ValueError:
            raise SettingError("place-unknown", f"{url}: no such protocol: {protocol}") from None
        return cls(system, protocol, str(system._strip_protocol(url)), url)

    @property
    def name(self) -> str:
        """The last part of its path; of the web without what signs it."""
        web = self._protocol in ("http", "https")
        return below(self.url).rsplit("/", 1)[-1] if web else super().name

    def join(self, name: str) -> Place:
        """The place of this name in this folder."""
        return self._at(posixpath.join(self.url, name))

    def beside(self, name: str) -> Place:
        """The place of this name in the same folder."""
        return self._at(posixpath.join(posixpath.dirname(self.url.rstrip("/")), name))

    def _at(self, url: str) -> Place:
        inner = str(self._system._strip_protocol(url))
        return RemotePlace(self._system, self._protocol, inner, url)

    def exists(self) -> bool:
        """Whether a file is there."""
        self._told = None
        try:
            self._info()
        except InputError as error:
            if error.code in ("input-missing", "input-is-folder"):
                return False
            raise
        return True

    def size(self) -> int | None:
        """How many bytes; None: the server does not tell."""
        told = self._info().get("size")
        return int(told) if isinstance(told, int | float) else None

    def stamp(self) -> str | None:
        """Size and the store's own mark of a change."""
        told = self._info()
        found = [f"{name}={told[name]}" for name in _STAMPS if told.get(name) is not None]
        return f"{told.get('size')}:{':'.join(found)}" if found else None

    def _info(self) -> Mapping[str, Any]:
        """What the store tells of it; asked once, as a row looks at a file more than once."""
        if self._told is None:
            with self.said("input"):
                told = self._system.info(self._inner)
            if told.get("type") == "directory":
                raise InputError("input-is-folder", f"{self.url}: is a folder")
            self._told = cast("Mapping[str, Any]", told)
        return self._told

    def open_read(self) -> BinaryIO:
        """Open it for reading, from its beginning to its end."""
        how = {"block_size": 4 << 20, "cache_type": "readahead"}
        if self._protocol in ("http", "https"):
            how = {"block_size": 0}  # one answer from beginning to end
        elif self._protocol == "memory":
            how = {}
        with self.said("input"):
            return cast(BinaryIO, self._system.open(self._inner, "rb", **how))

    def put(self, path: Path) -> int:
        """Put a local file there, whole or not at all."""
        with self.said("output"):
            n_bytes = path.stat().st_size
            with self._room() as to:
                self._system.put_file(str(path), to)
        return n_bytes

    def write(self, data: bytes) -> None:
        """Put these bytes there, whole or not at all."""
        with self.said("output"), self._room() as to:
            self._system.pipe_file(to, data)

    def _room(self) -> "_Room":
        if self._protocol in ("http", "https"):
            raise OutputError("output-denied", self._not_written())
        self._told = None
        return _Room(self._system, self._inner, whole=self._protocol in _WHOLE)

    def _not_written(self) -> str:
        return f"{self.url}: {self._protocol} cannot be written to"

    def list(self, glob: str = "*") -> "list[Place]":
        """The files of this folder whose path matches, sorted."""
        with self.said("input"):
            base = self._inner.rstrip("/")
            try:
                if "/" in glob or "**" in glob:
                    found = self._system.find(base)
                else:
                    rows = self._system.ls(base, detail=True)
                    found = [one["name"] for one in rows if one["type"] == "file"]
            except FileNotFoundError:
                found = []
        below = sorted(str(one).rstrip("/")[len(base) :].lstrip("/") for one in found)
        return [self.join(one) for one in below if matches(one, glob)]

    def remove(self) -> None:
        """Take the file away, where there is one."""
        self._told = None
        with self.said("output"), suppress(FileNotFoundError):
            self._system.rm_file(self._inner)

    def fetch(self, path: Path, most: int | None = None) -> Fetched:
        """Copy it into a local file; fewer bytes than the server promised may pass."""
        promised = self.size()
        fetched = super().fetch(path, most)
        if promised is not None and fetched.n_bytes < promised:
            raise InputError(
                UNREACHABLE, f"{self.url}: broke off after {fetched.n_bytes} of {promised} bytes"
            )
        return fetched

    def _as_error(self, error: Exception, way: str) -> BurnishError:
        """Sort what the many libraries behind fsspec say; what is not known may pass."""
        kind: type[BurnishError] = InputError if way == "input" else OutputError
        status = _status(error)
        if status in (404, 410):
            return super()._as_error(FileNotFoundError(), way)
        if status in (401, 403):
            return super()._as_error(PermissionError(), way)
        if isinstance(error, NotImplementedError):
            return kind(f"{way}-denied", self._not_written())
        if status is not None and (400 <= status < 500 or status == 501) and status not in _LATER:
            return kind(f"{way}-failed", f"{self.url}: is refused with {status}")
        cause = error.__cause__
        if isinstance(error, FileNotFoundError) and isinstance(cause, Exception):
            error = error if isinstance(cause, LookupError | FileNotFoundError) else cause
        known = isinstance(
            error, FileNotFoundError | PermissionError | IsADirectoryError | NotADirectoryError
        )
        if known or not _is_network(error):
            return super()._as_error(error, way)
        said = " ".join(str(error).split())[:160] or type(error).__name__
        return kind(UNREACHABLE, f"{self.url}: cannot be reached: {said}")


class _Room:
    """Where to put a file so that it appears whole; a store that shows halves gets a move."""

    def __init__(self, system: Any, inner: str, whole: bool) -> None:
        self._system = system
        self._inner = inner
        folder, name = posixpath.split(inner)
        part = posixpath.join(folder, f".burnish-{secrets.token_hex(8)}.part")
        self._to = inner if whole else part
        self._folder = folder
        self.name = name

    def __enter__(self) -> str:
        if self._to != self._inner and self._folder:
            self._system.makedirs(self._folder, exist_ok=True)
        return self._to

    def __exit__(self, kind: object, *_: object) -> None:
        if self._to == self._inner:
            return
        if kind is None:
            self._system.mv(self._to, self._inner)
        else:
            with suppress(Exception):
                self._system.rm_file(self._to)


def _patience(protocol: str) -> dict[str, Any]:
    """Over HTTP a long file may take long, but silence is not waited out (its default: 5 min)."""
    if protocol not in ("http", "https"):
        return {}
    from aiohttp import ClientTimeout

    waits = ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_SILENCE_S)
    return {"client_kwargs": {"timeout": waits}}


def _status(error: BaseException | None) -> int | None:
    """The HTTP status that an error of aiohttp, botocore, gcsfs or azure carries."""
    names: tuple[str, ...] = ("status", "status_code", "code")
    while error is not None:
        for name in names:
            value = getattr(error, name, None)
            if isinstance(value, int) and 100 <= value < 600:
                return value
        answer = getattr(error, "response", None)
        if isinstance(answer, dict):
            value = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if isinstance(value, int):
                return value
        error = error.__cause__
        names = names[:2]  # aiohttp's parser calls an answer that broke off a 400
    return None


def _is_network(error: BaseException) -> bool:
    """Whether it looks like the network's fault: anything but a mistake of ours."""
    return not isinstance(error, TypeError | AttributeError | KeyError | ValueError)
