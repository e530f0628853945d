"""Decoded: the sounds as they are heard, which can always be made again.

They count in the quota, and are what goes first when it is short: the samples of those that nobody
heard for longest. What is known of them stays (length, peaks), so that nothing has to be measured
again; who wants to hear one has it decoded anew.
"""

import os
import shutil
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from burnish.apps.studio.sounds import PCM, Sound

_TOUCH_S = 60.0


class Decoded:
    """The folder of decoded sounds, each under the SHA-256 of its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def of(self, sha256: str) -> Path:
        """Where a file's sound lies."""
        return self.folder / sha256

    def known(self, sha256: str) -> Sound | None:
        """What is known of it; None: no worker has read it yet. It may not be heard right now."""
        return Sound.load(self.of(sha256))

    def heard(self, sha256: str) -> Sound | None:
        """The sound, where it can be heard right now; it is not the next one to go."""
        place = self.of(sha256)
        try:
            if time.time() - (place / PCM).stat().st_mtime > _TOUCH_S:
                os.utime(place / PCM)
        except OSError:
            return None
        return Sound.load(place)

    def put(self, made: Path, sha256: str) -> None:
        """What a job decoded, to where it is heard from."""
        sound, place = Sound.load(made), self.of(sha256)
        if sound is None:
            return
        with self._lock:
            if Sound.load(place) is None:
                shutil.rmtree(place, ignore_errors=True)
                os.replace(made, place)
            elif not (place / PCM).is_file():  # they were swept
                os.replace(made / PCM, place / PCM)
        shutil.rmtree(made, ignore_errors=True)

    def keep_only(self, sha256s: Collection[str]) -> None:
        """Away with the sounds of other files."""
        for one in self.folder.iterdir():
            if one.name not in sha256s:
                shutil.rmtree(one, ignore_errors=True)

    @property
    def n_bytes(self) -> int:
        """What all of them take."""
        return sum(n_bytes for *_, n_bytes in self._all())

    def sweep(self, n_bytes: int) -> int:
        """Free so many bytes, or as many as there are; gives how many."""
        freed = 0
        with self._lock:
            for _, path, size in sorted(self._all()):
                if freed >= n_bytes:
                    break
                if path.name == PCM or path.is_dir():
                    freed += size
                    _forget(path)
        return freed

    def _all(self) -> list[tuple[float, Path, int]]:
        """Samples, peaks, and what was heard through a place: when it was used, and its size."""
        found = []
        for sound in self.folder.iterdir():
            with suppress(OSError):
                for one in sound.iterdir():
                    if one.is_dir():  # heard through a device or a codec
                        files = [path.stat() for path in one.rglob("*") if path.is_file()]
                        used = max((file.st_mtime for file in files), default=0.0)
                        found.append((used, one, sum(file.st_size for file in files)))
                    else:
                        about = one.stat()
                        found.append((about.st_mtime, one, about.st_size))
        return found


def _forget(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def folder_bytes(folder: Path) -> int:
    """What all files below a folder take."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
