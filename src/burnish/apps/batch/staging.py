"""Scratch: a bounded folder on this machine, where files of elsewhere stand while they are used.

All workers of one machine share it. Each song has a room of its own there, a folder with a lock
that ends with its process, in which it says how much it may fill; the sum is bounded. What killed
processes have left is taken away by the next.
"""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from burnish.errors import InputError, OutputError

LIMIT_MIB = 16_384
"""So much may all songs of one machine fill together, unless the batch says else."""
_LOOK_S = 0.1
_LEASE = "bytes"


class Scratch:
    """A scratch folder of at most ``limit_mib``; without a ``folder`` the system's own."""

    def __init__(self, folder: str | Path = "", limit_mib: int = LIMIT_MIB) -> None:
        own = Path(tempfile.gettempdir()) / f"burnish-batch-{os.getuid() if _POSIX else 'all'}"
        self.folder = Path(folder) if folder else own
        self.limit = limit_mib << 20

    @contextmanager
    def room(self, n_bytes: int, what: str, wait: Callable[[], None]) -> Iterator[Path]:
        """A folder that may be filled with so much; waits while others have what there is.

        ``wait`` is called meanwhile and may raise. More than there is in all is an
        ``InputError``, as another try would meet the same.
        """
        if n_bytes > self.limit:
            raise InputError(
                "scratch-too-small",
                f"{what}: needs {-(-n_bytes >> 20)} MiB of scratch, and there are "
                f"{self.limit >> 20} MiB in all",
            )
        while (held := self._try(n_bytes)) is None:
            wait()
            time.sleep(_LOOK_S)
        path, lock = held
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            _unlock(lock)

    def _try(self, n_bytes: int) -> tuple[Path, int] | None:
        """A room, under the lock of the whole; None: others have too much."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            door = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | _CLOEXEC, 0o600)
        except OSError as error:
            raise OutputError(
                "scratch-failed", f"{self.folder}: cannot be used as scratch: {error.strerror}"
            ) from error
        try:
            _lock(door, wait=True)
            if self._taken() + n_bytes > self.limit:
                return None
            return self._make(n_bytes)
        except OSError as error:
            raise OutputError(
                "scratch-no-room", f"{self.folder}: cannot be filled: {error.strerror}"
            ) from error
        finally:
            _unlock(door)

    def _taken(self) -> int:
        """What the rooms of the living may fill; those of the dead are taken away."""
        taken = 0
        for room in self.folder.glob("room-*"):
            with suppress(OSError):
                lease = os.open(room / _LEASE, os.O_RDWR | _CLOEXEC)
                try:
                    if _lock(lease, wait=False):
                        shutil.rmtree(room, ignore_errors=True)
                    else:
                        taken += int(os.pread(lease, 32, 0) or b"0")
                finally:
                    _unlock(lease)
                continue
            shutil.rmtree(room, ignore_errors=True)  # never had its lease
        return taken

    def _make(self, n_bytes: int) -> tuple[Path, int]:
        if shutil.disk_usage(self.folder).free < n_bytes:
            raise OSError(28, "there is no room left on its disk")
        room = self.folder / f"room-{secrets.token_hex(8)}"
        room.mkdir()
        lease = os.open(room / _LEASE, os.O_RDWR | os.O_CREAT | _CLOEXEC, 0o600)
        _lock(lease, wait=False)
        os.write(lease, str(n_bytes).encode())
        return room, lease


_POSIX = hasattr(os, "getuid")
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)


def _lock(handle: int, wait: bool) -> bool:
    """Lock an open file; without ``wait`` False where another has it."""
    try:
        import fcntl
    except ImportError:  # a system without: nothing is shared there
        return wait
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _unlock(handle: int) -> None:
    with suppress(OSError):
        os.close(handle)
