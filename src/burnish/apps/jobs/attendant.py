"""An attendant: keeps one worker process, hands it jobs, and ends what does not end by itself."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from burnish.apps.jobs.job import Job, JobProgress, Limits, Outcome
from burnish.apps.jobs.limits import data_mib
from burnish.apps.jobs.line import Line
from burnish.apps.jobs.setup import Setup

GRACE_S = 0.3
"""So long has a job to end by itself once it is cancelled, or out of time."""
_LOOK_S = 0.04
_WEIGH_S = 0.2
_WORN_MIB = 1024
_LOADING_S = 120.0


class Attendant:
    """One worker, in its place of a pool. It is started at once, and anew whenever it died.

    One job at a time; ``run`` may be called from any thread. ``close`` ends the worker.
    """

    def __init__(self, setup: Setup, place: int = 0) -> None:
        self._setup = setup
        self._place = place
        self._number = 0
        self._lock = threading.Lock()
        self._closed = False
        self._ready = False
        self._start()

    @property
    def pid(self) -> int:
        """The process number of the worker."""
        return self._process.pid

    def run(self, job: Job, line: Line) -> Outcome:
        """Have a job done: tell its progress on ``line``, and heed it when it is cancelled.

        Always an outcome, never an error: a worker that dies has failed its job, in one sentence,
        and the next job finds a new one.
        """
        self._number += 1
        for last in (False, True):
            began = self._hand_over(job, line)
            if began is None:
                break
            if began:
                try:
                    return self._follow(job, line)
                except BaseException:  # a line that fails: nobody minds the job any more
                    self._renew()
                    raise
            if last:
                return Outcome.failed("job-died", f"no worker can be started: {self._death()}")
            self._renew()
        return Outcome("cancelled")

    def close(self) -> None:
        """End the worker, and what it may be doing."""
        with self._lock:
            self._closed = True
            self._kill()

    def _hand_over(self, job: Job, line: Line) -> bool | None:
        """Whether the worker has begun; None: cancelled while it was still loading."""
        until = time.monotonic() + _LOADING_S
        while not self._ready:
            if line.is_cancelled():
                return None
            message = self._next(until)
            if message is None:
                return False
            self._ready = "ready" in message
        if line.is_cancelled():
            return None
        if not self._send(f'{{"number": {self._number}, "job": {job.to_json()}}}'):
            return False
        while (message := self._next(until)) is not None:
            if message.get("begun") == self._number:
                return True
            if time.monotonic() > until:
                break
        return False

    def _follow(self, job: Job, line: Line) -> Outcome:
        """Listen to the worker until the job has ended, one way or the other."""
        began = time.monotonic()
        watch = _Watch(self._process.pid, job.limits)
        stopped: Outcome | None = None
        kill_at = float("inf")
        while True:
            now = time.monotonic()
            if stopped is None and (stopped := watch.stopped(line, now)) is not None:
                kill_at = now + GRACE_S
                self._send(f'{{"cancel": {self._number}}}')
            message = {} if now > kill_at else self._message(_LOOK_S)
            if message is None and stopped is None:
                stopped = Outcome.failed("job-died", self._death())
            if message is None or now > kill_at:
                self._renew()
                return replace(stopped or Outcome("cancelled"), elapsed_s=now - began)
            if "progress" in message and stopped is None:
                line.tell(JobProgress(**message["progress"]))
            if message.get("number") == self._number:
                outcome = Outcome.from_dict(message["ended"])
                if outcome.state == "cancelled" and stopped is not None:
                    outcome = replace(stopped, elapsed_s=outcome.elapsed_s)
                return self._ended(outcome, job.limits, watch.grown)

    def _ended(self, outcome: Outcome, limits: Limits, worn: bool) -> Outcome:
        """What the worker says of a job; where that left it swollen, the next one gets another."""
        failure = outcome.failure
        if failure is not None and failure.code == "job-memory":
            worn = True
            outcome = replace(outcome, failure=replace(failure, sentence=_too_much(limits)))
        if worn:
            self._renew()
        return outcome

    def _start(self) -> None:
        self._ready = False
        self._messages: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            self._setup.command(self._place),
            env=self._setup.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("BURNISH_DEBUG") else subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; and it is killed with all it started
        )
        threading.Thread(
            target=_listen, args=(self._process, self._messages), daemon=True, name="burnish-listen"
        ).start()

    def _renew(self) -> None:
        """A new worker, which loads while nobody waits."""
        with self._lock:
            self._kill()
            if not self._closed:
                self._start()

    def _kill(self) -> None:
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def _death(self) -> str:
        """How the worker died, in a sentence."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.returncode
        if code is None:
            return "its worker closed its ears"
        if code >= 0:
            return f"its worker ended by itself, with code {code}"
        with suppress(ValueError):
            return f"its worker was ended by {signal.Signals(-code).name}{_why(-code)}"
        return f"its worker was ended by signal {-code}"

    def _send(self, line: str) -> bool:
        try:
            if self._process.stdin is None:
                return False
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            return False
        return True

    def _next(self, until: float) -> dict[str, Any] | None:
        """The next message, or an empty one; None: there will be no more, or it is too late."""
        return None if time.monotonic() > until else self._message(_LOOK_S)

    def _message(self, wait_s: float) -> dict[str, Any] | None:
        """The next message; an empty one where none comes; None: the worker is dead."""
        try:
            line = self._messages.get(timeout=wait_s)
        except queue.Empty:
            return {}
        if line is None:
            self._messages.put(None)  # it stays dead
            return None
        try:
            message = json.loads(line)
        except ValueError:  # cut off by its death
            return {}
        return message if isinstance(message, dict) else {}


class _Watch:
    """Looks whether a job has to be stopped: nobody wants it, or it takes too much."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid = pid
        self._limits = limits
        self._out_of_time = time.monotonic() + limits.time_s
        self._at_first_mib = data_mib(pid)
        self._look_at = 0.0

    @property
    def grown(self) -> bool:
        """Whether the worker holds much more than a fresh one."""
        return (data_mib(self._pid) or 0.0) > _WORN_MIB

    def stopped(self, line: Line, now: float) -> Outcome | None:
        """What becomes of the job; None: it may go on."""
        if line.is_cancelled():
            return Outcome("cancelled")
        if now > self._out_of_time:
            sentence = f"it took longer than the {self._limits.time_s:g} s that a job may take"
            return Outcome.failed("job-timeout", sentence)
        if now > self._look_at and self._at_first_mib is not None:
            self._look_at = now + _WEIGH_S
            held = (data_mib(self._pid) or 0.0) - self._at_first_mib
            if held > self._limits.memory_mib:
                return Outcome.failed("job-memory", _too_much(self._limits))
        return None


def _too_much(limits: Limits) -> str:
    return f"it needed more than the {limits.memory_mib} MiB that a job may have"


def _why(number: int) -> str:
    """What a signal mostly means here."""
    if number == signal.SIGKILL:
        return ": killed from outside, or there was no memory left"
    if number in (signal.SIGSEGV, signal.SIGABRT):
        return ": a damaged file, or too little memory"
    if hasattr(signal, "SIGXCPU") and number == signal.SIGXCPU:
        return ": it computed for too long"
    return ""


def _listen(process: "subprocess.Popen[bytes]", messages: "queue.SimpleQueue[str | None]") -> None:
    with suppress(OSError, ValueError):
        for line in process.stdout or ():
            messages.put(line.decode(errors="replace"))
    messages.put(None)
    if process.stdout is not None:
        process.stdout.close()
