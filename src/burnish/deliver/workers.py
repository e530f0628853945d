"""Workers: processes beside this one, that encode, prove and examine files of a delivery.

Most encoders hold Python's lock while they work, so that threads of one process keep no second core
busy. A worker runs ``worker.py``; it is told a function of burnish's and what that is given, and
tells how far it is and what came of it. One piece of work at a time is done in this process: with
two cores there is one worker. Whoever leaves the ``with`` ends them all, and what a worker was
doing when it died is done again here.
"""

import ctypes
import gc
import os
import pickle
import queue
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Self, TypeVar

from burnish.chain import Teller
from burnish.chain.progress import Stopped

T = TypeVar("T")

_MOST = 3  # workers: each takes some 200 MiB
_START = """import sys
sys.modules["scipy"] = None
import numba.np.arraymath
del sys.modules["scipy"]
from burnish.deliver.worker import main
main()"""
# No kernel of ours needs the BLAS that Numba would look for there: 0.2 s and 40 MiB (as the command
# line does in apps/cli/start.py).
_COMMAND = ("-P", "-c", _START)  # -P: nothing is loaded from where we are
_ONE_HEAP = {"MALLOC_ARENA_MAX": "1"}  # for all threads, where the C library is glibc


class Workers:
    """Who does the work: this process, and ``processes`` others, which are started at once."""

    def __init__(self, processes: int = 0) -> None:
        self._others = [other for _ in range(processes) if (other := _started()) is not None]
        self._free: queue.SimpleQueue[_Other | None] = queue.SimpleQueue()
        for other in self._others:
            self._free.put(other)
        self._free.put(None)
        self.at_once = 1 + len(self._others) if processes else 2
        """How many pieces of work go on side by side; without others, two threads of ours."""

    def do(self, work: Callable[..., T], *given: Any, tell: Teller) -> T:
        """``work(*given, tell)`` in whichever process is free. Waits for it; from any thread.

        ``work`` is a function of a module of burnish's; what it is given and gives can be pickled.
        What it raises is raised here.
        """
        if not self._others:
            return work(*given, tell)
        one = self._free.get()
        try:
            if one is not None:
                with suppress(_Lost):
                    return one.do(work, given, tell)  # type: ignore[no-any-return]
            return work(*given, tell)
        finally:
            self._free.put(one)

    def rest(self) -> None:
        """A product is done: keep no more memory than is needed."""
        if self._others:
            give_back()

    def end(self) -> None:
        """End the workers, whatever they do."""
        for other in self._others:
            other.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def for_sound(duration_s: float) -> Workers:
    """The workers for a release of so many seconds: none where it is not worth starting them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    worth_it = duration_s >= WORTH_IT_S and sys.executable
    if worth_it:
        give_back()
    return Workers(min(_MOST, (cores or 1) - 1) if worth_it else 0)


def give_back() -> None:
    """Give the system the memory that what came before has freed: the workers need as much.

    Behind the mastering of an album 70 to 100 MiB are nobody's any more; glibc keeps them.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


WORTH_IT_S = 240.0
"""A worker takes a second to load."""


class _Lost(Exception):
    """The worker has died, or could not be spoken to."""


class _Other:
    """One worker, from this side. It is spoken to by one thread at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]", calls: IO[bytes], talk: IO[bytes]):
        self._process, self._calls, self._talk = process, calls, talk
        self._ended = False

    def do(self, work: Callable[..., Any], given: tuple[Any, ...], tell: Teller) -> Any:
        call = pickle.dumps((work, given))
        try:
            self._calls.write(call)
            self._calls.flush()
        except OSError:
            raise self._lost() from None
        while True:
            try:
                said, *what = pickle.load(self._talk)
            except (EOFError, OSError, pickle.UnpicklingError):
                raise self._lost() from None
            if said == "told":
                stage, done, duration_s = what
                try:
                    tell.lasting(stage, duration_s)(done)
                except BaseException:
                    self.end()  # it would go on with what nobody waits for
                    raise
            elif said == "done":
                return what[0]
            else:
                raise what[0]

    def _lost(self) -> Exception:
        return Stopped() if self._ended else _Lost()  # we ended it: nobody wants it done here

    def end(self) -> None:
        self._ended = True
        self._process.kill()
        self._process.wait()
        for pipe in (self._calls, self._talk):
            with suppress(OSError):  # what was not yet said
                pipe.close()


def _started() -> _Other | None:
    """A worker; None where there can be no process. Ctrl-C is for us, who then end it."""
    try:
        process = subprocess.Popen(
            [sys.executable, *_COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_HEAP,
            start_new_session=True,
        )
    except OSError:
        return None
    if process.stdin is None or process.stdout is None:
        return None
    return _Other(process, process.stdin, process.stdout)
