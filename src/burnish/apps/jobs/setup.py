"""Setup: how the workers of a pool are started."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import Self

from burnish.processors.hosted.places import SAID

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


@dataclass(frozen=True)
class Setup:
    """What every worker of a pool has in common.

    ``threads`` is how many a library (BLAS, Numba) may start by itself. ``cores_each`` binds each
    worker, with the threads that burnish starts in it, to so many cores, one worker beside the
    other; None leaves that to the system, so that one job alone has them all. ``niceness`` is 0 to
    19: how far the work gives way to a page that is being served. ``kinds`` are modules with more
    kinds of work; ``preload`` are modules that a worker loads while it waits for its first job.
    """

    threads: int = 1
    cores_each: int | None = None
    niceness: int = 0
    kinds: tuple[str, ...] = ()
    preload: tuple[str, ...] = ("burnish.master",)

    def command(self, place: int) -> list[str]:
        """The command that starts the worker in this place, counted from 0."""
        told = {**asdict(self), "cores": self.cores(place)}
        return [sys.executable, "-m", "burnish.apps.jobs.worker", json.dumps(told)]

    def environment(self) -> dict[str, str]:
        """The environment of a worker: ours, with the threads of its libraries counted.

        The threads of one worker share a heap (glibc), so that what one has freed serves the next.
        Whoever asks for a job may be a stranger: no plug-in is loaded unless we were told so.
        """
        counted = dict.fromkeys(_THREADS, str(self.threads))
        plugins = {SAID: os.environ.get(SAID) or "none"}
        return {**os.environ, **counted, **plugins, "MALLOC_ARENA_MAX": "1"}

    def cores(self, place: int) -> list[int]:
        """The cores of the worker in this place; none: whatever the system gives."""
        if self.cores_each is None or not hasattr(os, "sched_getaffinity"):
            return []
        ours = sorted(os.sched_getaffinity(0))
        first = place * self.cores_each
        return sorted({ours[(first + k) % len(ours)] for k in range(self.cores_each)})

    @classmethod
    def told(cls, text: str) -> tuple[Self, list[int]]:
        """The setup of ``command``, read in the worker, and its cores."""
        given = json.loads(text)
        cores = given.pop("cores")
        given["kinds"], given["preload"] = tuple(given["kinds"]), tuple(given["preload"])
        return cls(**given), cores


def cores_here() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
