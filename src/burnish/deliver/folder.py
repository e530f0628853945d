"""A folder that has no name until it is whole, so nothing half-written is ever found under it."""

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from burnish.audio.staged import output_errors
from burnish.errors import OutputError


@contextmanager
def new_folder(
    path: Path, may_replace: Callable[[Path], bool] | None = None, n_bytes: int = 0
) -> Iterator[Path]:
    """Give an empty folder beside ``path``; rename it to ``path`` when the block ends well.

    ``path`` must be free, or an empty folder, or one that ``may_replace`` says may go; else it is
    an ``OutputError``, as is no room for ``n_bytes``. When the block fails, nothing is left.
    """
    final = Path(os.path.realpath(path))
    with output_errors(path, n_bytes):
        _check(final, path, may_replace, n_bytes)
        held = _Held(final.parent)
    try:
        yield held.path
        with output_errors(path, n_bytes):
            if may_replace is not None and final.is_dir() and any(final.iterdir()):
                _replace(held.path, final)
            else:
                held.path.rename(final)  # onto an empty folder, or onto nothing
    finally:
        held.forget()


def _check(
    final: Path, path: Path, may_replace: Callable[[Path], bool] | None, n_bytes: int
) -> None:
    if os.path.lexists(final):
        if not final.is_dir():
            raise OutputError("output-exists", f"{path}: is a file; name a folder")
        if any(final.iterdir()):
            if may_replace is None:
                raise OutputError(
                    "output-exists",
                    f"{path}: exists already; give another name, or allow to overwrite",
                )
            if not may_replace(final):
                raise OutputError("output-exists", f"{path}: holds other things; give another name")
    if shutil.disk_usage(final.parent).free < n_bytes:
        raise OSError(errno.ENOSPC, "no room")


def _replace(staged: Path, final: Path) -> None:
    """Put the new folder in the old one's place; the old one goes last of all."""
    aside = staged.with_suffix(".old")
    final.rename(aside)
    try:
        staged.rename(final)
    except OSError:
        aside.rename(final)
        raise
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def scratch_in(folder: Path) -> Iterator[Path]:
    """A hidden folder in ``folder`` for what is needed on the way; gone behind the block.

    ``folder`` is made where it is missing, and goes too where nothing came to stay in it.
    """
    with output_errors(folder, 0):
        made = not folder.exists()
        folder.mkdir(exist_ok=True)
        held = _Held(folder)
    try:
        yield held.path
    finally:
        held.forget()
        if made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


class _Held:
    """A hidden folder of this process. What killed ones have left beside it is taken away.

    A lock that ends with the process tells which are whose, where the system has such locks.
    """

    def __init__(self, parent: Path) -> None:
        _forget_dead(parent)
        self.path = parent / f".burnish-{secrets.token_hex(8)}.part"
        unlocked = self.path.with_suffix(".new")  # under its name it always has its lock
        unlocked.mkdir()
        self._lock = _locked(unlocked)
        unlocked.rename(self.path)

    def forget(self) -> None:
        """Take it away, where it is still there, and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)


def _forget_dead(parent: Path) -> None:
    """Take away what processes left that are gone."""
    for left in parent.glob(".burnish-*.part"):
        if left.is_dir() and (lock := _locked(left)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """A lock on a folder, as a handle; None: another has it, or there are no such locks."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (ImportError, AttributeError, OSError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
