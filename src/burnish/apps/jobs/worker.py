"""A worker: a process that does one job after another. ``python -m burnish.apps.jobs.worker``.

It reads lines of JSON and writes lines of JSON, and knows nothing of queues. In: ``{"job": {...},
"number": n}`` and ``{"cancel": n}``. Out: ``{"ready": true}`` once, then for each job ``{"begun":
n}``, ``{"progress": {...}}`` and ``{"ended": {...}}``. When nobody holds the other end, it ends.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from queue import SimpleQueue
from typing import Any, TextIO

from burnish.apps.jobs.job import Ended, Failure, Job, Outcome
from burnish.apps.jobs.kinds import Kind, Report, kinds_of, play
from burnish.apps.jobs.limits import limited
from burnish.apps.jobs.setup import Setup
from burnish.errors import BurnishError

_EVERY_S = 0.05
"""Progress inside a stage is told so often, at most."""
_FIRST_S = 0.1
"""Work that tells no progress for so long is interrupted where it is."""


class Cancelled(BaseException):
    """Nobody wants this job any more. No ``Exception``: it is no fault of a file's."""


class Worker:
    """Does the jobs that come in on ``lines`` and tells of them on ``talk``."""

    def __init__(self, kinds: dict[str, Kind], lines: TextIO, talk: TextIO) -> None:
        self._kinds = kinds
        self._lines = lines
        self._talk = talk
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._number = 0  # of the job that is done; 0: none
        self._interruptible = False
        self._cancelled = 0
        self._told: tuple[str, float] = ("", 0.0)
        self._interrupts = hasattr(signal, "SIGUSR1") and hasattr(signal, "pthread_kill")

    def work(self) -> None:
        """Work until the other end is gone."""
        if self._interrupts:
            signal.signal(signal.SIGUSR1, self._interrupt)
        threading.Thread(target=self._listen, daemon=True).start()
        self._say({"ready": True})
        while True:
            number, job = self._waiting.get()
            self._say({"begun": number})
            self._put(f'{{"number": {number}, "ended": {self._outcome(number, job)}}}')

    def _listen(self) -> None:
        """Take what comes in, in a thread of its own; at the end of it, end at once."""
        for line in self._lines:
            message = json.loads(line)
            if "job" in message:
                self._waiting.put((message["number"], message["job"]))
            else:
                self._cancelled = message["cancel"]
                threading.Thread(
                    target=self._insist, args=(message["cancel"],), daemon=True
                ).start()
        os._exit(0)

    def _insist(self, number: int) -> None:
        time.sleep(_FIRST_S)
        if self._interrupts and self._number == number:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _interrupt(self, *_: object) -> None:
        if self._interruptible and self._number == self._cancelled:
            self._interruptible = False  # once
            raise Cancelled

    def _outcome(self, number: int, told: Any) -> str:
        """Do it; how it ended, as JSON."""
        began = time.perf_counter()
        state: Ended = "failed"
        failure = None
        try:
            try:
                self._number, self._interruptible = number, True
                job = Job.from_dict(told)
                with limited(job.limits):
                    made = play(self._kinds, job, self._progress)
                elapsed_s = time.perf_counter() - began
                return Outcome("done", made.document, None, made.passed, elapsed_s).to_json()
            finally:
                self._interruptible = False
        except Cancelled:
            state = "cancelled"
        except BurnishError as error:
            failure = Failure.of(error)
        except Exception as error:  # noqa: BLE001  the last net: the pool goes on
            failure = _failure(error)
        finally:
            self._number = 0
        return Outcome(state, None, failure, elapsed_s=time.perf_counter() - began).to_json()

    def _progress(self, report: Report) -> None:
        """Called by the work, in whichever of its threads."""
        if self._cancelled and self._cancelled == self._number:
            raise Cancelled
        stage, at = self._told
        now = time.monotonic()
        if report.stage == stage and report.done < 1 and now - at < _EVERY_S:
            return
        self._told = (report.stage, now)
        self._say(
            {
                "progress": {
                    "stage": report.stage,
                    "done": round(float(report.done), 4),
                    "audio_s": round(float(report.audio_s), 3),
                }
            }
        )

    def _say(self, message: dict[str, object]) -> None:
        self._put(json.dumps(message, allow_nan=False))

    def _put(self, line: str) -> None:
        with self._lock:
            self._talk.write(line + "\n")
            self._talk.flush()


def _failure(error: Exception) -> Failure:
    trace = "".join(traceback.format_exception(error))
    no_thread = isinstance(error, RuntimeError) and "start new thread" in str(error)
    if isinstance(error, MemoryError) or no_thread:
        return Failure("job-memory", "it needed more memory than a job may have", trace=trace)
    sentence = f"{type(error).__name__}: {error}. This is a fault of burnish, please report it"
    return Failure("fault", sentence, trace=trace)


def main() -> None:
    """Start as the words on the command line say, and work."""
    setup, cores = Setup.told(sys.argv[1])
    # What libraries print must not come between our lines.
    talk = os.fdopen(os.dup(1), "w", encoding="utf-8")
    lines = os.fdopen(os.dup(0), encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides
    with suppress(OSError, AttributeError):
        if cores:
            os.sched_setaffinity(0, cores)
        os.nice(setup.niceness)
    for module in setup.preload:
        import_module(module)
    # A pipe whose reader is gone: they want nothing more.
    with suppress(BrokenPipeError):
        Worker(kinds_of(setup.kinds), lines, talk).work()


if __name__ == "__main__":
    main()
