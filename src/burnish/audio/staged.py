"""A file that has no name until it is whole, so nothing half-written is ever found under it."""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom, FileIO
from pathlib import Path

from burnish.errors import OutputError

_BUFFER_BYTES = 1 << 18


class Staged:
    """A new file beside its final place, put there by ``commit`` or forgotten by ``discard``.

    Where the system allows (Linux: O_TMPFILE), the file has no name at all meanwhile, and nothing
    is left of it even when the process is killed; elsewhere it is ``.burnish-*.part``.
    """

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        self.path = Path(os.path.realpath(path))  # through links: a link stays a link
        self._overwrite = overwrite
        self._part = self.path.parent / f".burnish-{secrets.token_hex(8)}.part"
        self._named = False
        try:
            handle = os.open(self.path.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
        except (AttributeError, OSError):  # not this system, not this file system
            flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
            handle = os.open(self._part, flags, 0o666)
            self._named = True
        self.file = BufferedRandom(FileIO(handle, "r+b"), _BUFFER_BYTES)

    def commit(self) -> None:
        """Give the file its name. Without ``overwrite`` one that came there meanwhile stays."""
        try:
            self.file.flush()
            if not self._named and not (self._overwrite and os.path.lexists(self.path)):
                with suppress(_CannotLink):
                    self._link(self.path)
                    self.file.close()
                    return
            self._name_part()
            self.file.close()
            if self._overwrite:
                os.replace(self._part, self.path)
            else:
                self._rename_to_free_name()
        finally:
            self.discard()

    def discard(self) -> None:
        """Forget the file; after ``commit`` nothing is left to forget."""
        with suppress(OSError):  # the last write may fail once more, and nobody wants it now
            self.file.close()
        if self._named:
            with suppress(FileNotFoundError):
                self._part.unlink()

    def _link(self, name: Path) -> None:
        """Name the nameless file. Python follows /proc's link only when a folder is given too."""
        try:
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                source = f"/proc/self/fd/{self.file.fileno()}"
                os.link(source, name, src_dir_fd=folder, follow_symlinks=True)
            finally:
                os.close(folder)
        except FileExistsError:
            raise
        except OSError:
            raise _CannotLink from None

    def _name_part(self) -> None:
        if self._named:
            return
        try:
            self._link(self._part)
            self._named = True
        except _CannotLink:  # no /proc, or a jail that forbids it: copy
            self._named = True
            self.file.seek(0)
            with self._part.open("xb") as part:
                shutil.copyfileobj(self.file, part, 1 << 20)

    def _rename_to_free_name(self) -> None:
        """Rename without ever replacing: a hard link fails where the name is taken."""
        try:
            os.link(self._part, self.path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links, such as exFAT
            if os.path.lexists(self.path):
                raise FileExistsError(errno.EEXIST, "exists", str(self.path)) from None
            self._part.rename(self.path)


class _CannotLink(Exception):
    """The nameless file cannot be named by a link."""


def check_output(path: str | Path, overwrite: bool = False, n_bytes: int = 0) -> None:
    """Raise the ``OutputError`` that writing ``n_bytes`` to this path would end with.

    Worth asking before hours of work: folder missing, file exists, no permission, no room.
    """
    final = Path(os.path.realpath(path))
    with output_errors(path, n_bytes):
        folder_status = final.parent.stat()
        if not stat.S_ISDIR(folder_status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        if os.path.lexists(final):
            if final.is_dir():
                raise OutputError("output-exists", f"{path}: is a folder; name a file")
            if not final.is_file():
                raise OutputError("output-exists", f"{path}: is a device, not a file")
            if not overwrite:
                raise FileExistsError(errno.EEXIST, "exists")
        effective = os.access in os.supports_effective_ids
        if not os.access(final.parent, os.W_OK | os.X_OK, effective_ids=effective):
            raise PermissionError(errno.EACCES, "no permission")
        if shutil.disk_usage(final.parent).free < n_bytes:
            raise OSError(errno.ENOSPC, "no room")


def write_whole(data: bytes, path: Path, overwrite: bool = False) -> None:
    """Write ``data`` beside ``path`` and name it when it is whole.

    An existing file is an ``OutputError`` unless ``overwrite``; nothing half-written is left.
    """
    with output_errors(path, len(data)):
        staged = Staged(path, overwrite)
        try:
            staged.file.write(data)
            staged.commit()
        finally:
            staged.discard()


@contextmanager
def output_errors(path: str | Path, n_bytes: int) -> Iterator[None]:
    """Turn what the system refuses into an ``OutputError`` that a person understands."""
    try:
        yield
    except OSError as error:
        raise _output_error(error, Path(path), n_bytes) from None


def _output_error(error: OSError, path: Path, n_bytes: int) -> OutputError:
    if isinstance(error, FileExistsError):
        return OutputError(
            "output-exists", f"{path}: exists already; give another name, or allow to overwrite"
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return OutputError("output-folder-missing", f"{path}: there is no folder {path.parent}")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        with suppress(OSError):
            free = shutil.disk_usage(os.path.realpath(path.parent)).free
            return OutputError(
                "output-no-room", f"{path}: no room: needs {n_bytes} bytes, {free} are free"
            )
        return OutputError("output-no-room", f"{path}: no room: needs {n_bytes} bytes")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            "output-permission", f"{path}: may not be written by this user: {error.strerror}"
        )
    if error.errno == errno.ENAMETOOLONG:
        return OutputError("output-name", f"{path}: there can be no file of that name: too long")
    return OutputError("output-failed", f"{path}: cannot be written: {error.strerror}")
