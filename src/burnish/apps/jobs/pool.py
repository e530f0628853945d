"""The pool: jobs in worker processes of their own, behind the face of ``concurrent.futures``.

What is submitted to an executor is always ``attend``: a function of texts that finds a worker,
hands it the job and waits. In a ``LocalPool`` each of its threads has a worker; a Dask worker or a
process of a ``ProcessPoolExecutor`` keeps one of its own, started at its first job. So there is one
road for all of them, and a job can be limited and killed on each.
"""

import atexit
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import LifoQueue
from typing import Self

from burnish.apps.jobs.attendant import Attendant
from burnish.apps.jobs.job import Job, Outcome
from burnish.apps.jobs.line import Line, NearLine
from burnish.apps.jobs.seats import take_seat
from burnish.apps.jobs.setup import Setup, cores_here


class Shelf:
    """The attendants of a pool that are free."""

    def __init__(self, setup: Setup, workers: int, first: int = 0) -> None:
        self._all = [Attendant(setup, first + place) for place in range(workers)]
        self._free: LifoQueue[Attendant] = LifoQueue()
        for one in reversed(self._all):
            self._free.put(one)

    @property
    def pids(self) -> tuple[int, ...]:
        """The process numbers of the workers."""
        return tuple(one.pid for one in self._all)

    def run(self, job: Job, line: Line) -> Outcome:
        """Have the job done by whoever is free."""
        attendant = self._free.get()
        try:
            return attendant.run(job, line)
        finally:
            self._free.put(attendant)

    def close(self) -> None:
        """End the workers."""
        for one in self._all:
            one.close()


_here = threading.local()
_shelves: dict[tuple[int, Setup], Shelf] = {}
_lock = threading.Lock()


def attend(job: str, line: Line | None = None, setup: Setup | None = None) -> str:
    """Have a job done in a worker process; this is what is submitted to any executor.

    ``job`` is ``Job.to_json()``, and what comes back is ``Outcome.to_json()``: always one, also of
    a job that failed. ``setup`` counts only where the executor brings no workers of its own, as a
    ``LocalPool`` does: this process then keeps one for each of its threads that calls.
    """
    shelf: Shelf | None = getattr(_here, "shelf", None)
    if shelf is None:
        shelf = _own_shelf(setup or Setup())
    return shelf.run(Job.from_json(job), line or NearLine()).to_json()


def _own_shelf(setup: Setup) -> Shelf:
    """The shelf of this thread, in a process that somebody else's executor started."""
    key = (threading.get_ident(), setup)
    with _lock:
        if key not in _shelves:
            seat = 0 if setup.cores_each is None else take_seat()
            _shelves[key] = Shelf(setup, 1, seat)
            atexit.register(_shelves[key].close)
        return _shelves[key]


class LocalPool(ThreadPoolExecutor):
    """Workers on this machine; submit ``attend`` to it.

    A pool of the standard library breaks as a whole when one process dies, and can neither limit
    nor kill one job; here each thread minds one process. All are started at once and load while
    nobody waits. Use it as a context, or call ``shutdown``, which ends the workers.
    """

    def __init__(self, workers: int | None = None, setup: Setup | None = None) -> None:
        self.workers = workers or cores_here()
        self.shelf = Shelf(setup or Setup(), self.workers)
        super().__init__(self.workers, "burnish-job", _put_shelf_here, (self.shelf,))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the jobs, then end the workers; without ``wait``, end them in their work."""
        if not wait:
            self.shelf.close()
        super().shutdown(wait=wait, cancel_futures=cancel_futures)
        self.shelf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        # Where the block fails, as by Ctrl-C, nobody waits for the jobs any more.
        self.shutdown(wait=kind is None, cancel_futures=kind is not None)


def _put_shelf_here(shelf: Shelf) -> None:
    _here.shelf = shelf


def memory_for_workers(workers: int, share: float = 0.8) -> int:
    """MiB that each of so many workers may have, of ``share`` of this machine's memory."""
    try:
        n_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        n_bytes = 4 * 2**30
    return max(256, int(share * n_bytes / workers) // 2**20)
