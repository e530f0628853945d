"""A folder that has no name until it is whole, so nothing half-written is ever found under it."""

import errno
import os
import secrets
import shutil
import tempfile
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
        staged = final.parent / f".burnish-{secrets.token_hex(8)}.part"
        staged.mkdir()
    try:
        yield staged
        with output_errors(path, n_bytes):
            if may_replace is not None and final.is_dir() and any(final.iterdir()):
                _replace(staged, final)
            else:
                staged.rename(final)  # onto an empty folder, or onto nothing
    finally:
        shutil.rmtree(staged, ignore_errors=True)


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
        scratch = tempfile.TemporaryDirectory(
            prefix=".burnish-", suffix=".part", dir=folder, ignore_cleanup_errors=True
        )
    try:
        with scratch as name:
            yield Path(name)
    finally:
        if made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
