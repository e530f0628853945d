"""Seats: which worker is the how-manieth on this machine, where nobody counts them.

Processes that somebody else started, as Dask's workers, do not know of each other. A seat is a lock
on a file of its number; it is free again when its process ends.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

_MOST = 4096
_held: list[int] = []


def take_seat() -> int:
    """The lowest number, from 0, that no living process of this user here has taken; ours now."""
    try:
        import fcntl
    except ImportError:
        return len(_held)
    folder = Path(tempfile.gettempdir()) / f"burnish-seats-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(_MOST):
            handle = os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                continue
            _held.append(handle)  # until this process ends
            return number
    return len(_held)
