"""The queue: jobs wait their turn, are done, and are known to the ledger at each step.

A restart finds in the ledger what was waiting and what was running. What waited goes on waiting.
What ran is begun again, at most ``MOST_ATTEMPTS`` times in all, or said to have failed, as was
asked when it was submitted.
"""

import heapq
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from burnish.apps.jobs.job import Failure, Job, JobProgress, Outcome
from burnish.apps.jobs.line import FolderLine, NearLine
from burnish.apps.jobs.pool import LocalPool, attend
from burnish.apps.jobs.record import AtRestart, JobRecord, Ledger, new_id
from burnish.apps.jobs.setup import Setup
from burnish.errors import BurnishError, SettingError

MOST_ATTEMPTS = 3
_LOOK_S = 0.1

_log = logging.getLogger("burnish.jobs")

Heard = Callable[[JobRecord, JobProgress | None], None]


class Queue:
    """Jobs in their order on an executor, each step of theirs in a ledger.

    ``at_once`` jobs are given to the executor at a time, as many as it has workers. With an
    executor whose work runs in other processes than this, ``mailbox`` is a folder that both see:
    progress and cancel go through it. Everything may be called from any thread. Who listens
    is called from the queue's threads, and must return soon.
    """

    def __init__(
        self,
        ledger: Ledger,
        executor: Executor,
        at_once: int | None = None,
        *,
        mailbox: str | Path | None = None,
        setup: Setup | None = None,
    ) -> None:
        if at_once is None:
            at_once = executor.workers if isinstance(executor, LocalPool) else 1
        self._ledger = ledger
        self._executor = executor
        self._at_once = at_once
        self._mailbox = None if mailbox is None else str(mailbox)
        self._setup = setup
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._waiting: list[tuple[int, int, str]] = []
        self._records: dict[str, JobRecord] = {}  # unfinished ones
        self._lines: dict[str, NearLine | FolderLine] = {}
        self._progress: dict[str, JobProgress] = {}
        self._heard: list[Heard] = []
        self._number = ledger.last_number()
        self._unwanted: set[str] = set()
        self._dispatching = False
        self._closed = threading.Event()
        if mailbox is not None:
            threading.Thread(target=self._look, daemon=True, name="burnish-mailbox").start()

    def restart(self) -> list[JobRecord]:
        """Take up what the ledger knows as unfinished; call it once, first. Gives those records."""
        taken = []
        for record in self._ledger.unfinished():
            if record.state == "running":
                record = self._interrupted(record)
            with self._lock:
                if not record.ended:
                    self._line_up(record)
            taken.append(record)
        self._dispatch()
        return taken

    def submit(
        self,
        job: Job,
        *,
        owner: str | None = None,
        priority: int = 0,
        at_restart: AtRestart = "resume",
        id: str | None = None,
    ) -> JobRecord:
        """Take a job on; when this returns, the ledger has it. An ``id`` is given once only."""
        with self._lock:
            if self._closed.is_set():
                raise SettingError("queue-closed", "queue: is closed, and takes nothing on")
            self._number += 1
            record = JobRecord(
                job,
                id=id or new_id(),
                owner=owner,
                priority=priority,
                at_restart=at_restart,
                number=self._number,
            )
            if id is not None and self.get(id) is not None:
                raise SettingError("job-twice", f"id={id}: is a job's already")
            self._ledger.put(record)
            self._line_up(record)
        self._tell(record)
        self._dispatch()
        return record

    def cancel(self, id: str) -> bool:
        """Take a waiting job out, stop a running one; False: it had ended, or never was."""
        with self._lock:
            record = self._records.get(id)
            if record is None:
                return False
            if (line := self._lines.get(id)) is not None:
                self._unwanted.add(id)
                line.cancel()
                return True
            record = self._end(record, Outcome("cancelled"))
            self._changed.notify_all()
        self._tell(record)
        return True

    def amend(self, id: str, settings: Mapping[str, JsonValue]) -> bool:
        """Note other settings for a job, for who reads them when it is done; False: it has ended.

        Its worker, where it runs already, has those that it was begun with.
        """
        with self._lock:
            record = self._records.get(id)
            if record is None or id in self._unwanted:
                return False
            record = replace(record, job=record.job.with_(settings=dict(settings)))
            self._ledger.put(record)
            self._records[id] = record
            return True

    def get(self, id: str) -> JobRecord | None:
        """What is known of a job."""
        with self._lock:
            record = self._records.get(id)
        return record or self._ledger.get(id)

    def progress(self, id: str) -> JobProgress | None:
        """How far a running job is, as far as it told."""
        return self._progress.get(id)

    def unfinished(self) -> list[JobRecord]:
        """What runs, then what waits, in its order."""
        with self._lock:
            found = list(self._records.values())
        return sorted(found, key=lambda one: (one.state != "running", -one.priority, one.number))

    def wait(self, id: str, timeout_s: float | None = None) -> JobRecord | None:
        """The record once the job has ended, or as it stands when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: id not in self._records, timeout_s)
        return self.get(id)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Call ``heard`` at each step and progress of any job; gives a function that ends that."""
        self._heard.append(heard)

        def end() -> None:
            if heard in self._heard:
                self._heard.remove(heard)

        return end

    def close(self, wait_s: float = 2.0) -> None:
        """Begin nothing more, and stop what runs; it is put back, to be begun at the next start."""
        self._closed.set()
        with self._changed:
            for line in self._lines.values():
                line.cancel()
            self._changed.wait_for(lambda: not self._lines, wait_s)

    def _interrupted(self, record: JobRecord) -> JobRecord:
        if record.at_restart == "resume" and record.attempts < MOST_ATTEMPTS:
            record = replace(record, state="waiting", begun_at=None)
        else:
            times = "" if record.attempts < 2 else f", {record.attempts} times"
            sentence = f"burnish was stopped while it ran{times}; start it again"
            record = record.ended_with(Outcome.failed("job-interrupted", sentence))
        self._ledger.put(record)
        return record

    def _line_up(self, record: JobRecord) -> None:
        self._records[record.id] = record
        heapq.heappush(self._waiting, (-record.priority, record.number, record.id))

    def _dispatch(self) -> None:
        """Give the executor as much as it can do; one thread at a time, and not within itself."""
        with self._lock:
            if self._dispatching:
                return  # who does it now sees what is new, too
            self._dispatching = True
        try:
            while (begun := self._next()) is not None:
                self._tell(begun)
                self._give(begun, self._lines[begun.id])
        except BaseException:
            self._dispatching = False
            raise

    def _next(self) -> JobRecord | None:
        """Begin the next job, where there is room for one."""
        with self._lock:
            while self._waiting and len(self._lines) < self._at_once and not self._closed.is_set():
                record = self._records.get(self._waiting[0][2])
                if record is not None and record.state == "waiting":  # else cancelled meanwhile
                    record = record.begun()
                    self._ledger.put(record)
                    self._records[record.id] = record
                    self._lines[record.id] = self._line(record)
                    heapq.heappop(self._waiting)
                    return record
                heapq.heappop(self._waiting)
            self._dispatching = False
            return None

    def _give(self, record: JobRecord, line: NearLine | FolderLine) -> None:
        future: Future[str]
        try:
            future = self._executor.submit(attend, record.job.to_json(), line, self._setup)
        except RuntimeError as error:  # a pool that is broken, or shut down
            future = Future()
            future.set_exception(error)
        future.add_done_callback(lambda done: self._ended(record.id, done))

    def _line(self, record: JobRecord) -> NearLine | FolderLine:
        if self._mailbox is not None:
            return FolderLine(self._mailbox, record.id)
        return NearLine(lambda progress: self._told(record.id, progress))

    def _told(self, id: str, progress: JobProgress) -> None:
        with self._lock:
            if (record := self._records.get(id)) is None:
                return
            self._progress[id] = progress
        self._tell(record, progress)

    def _ended(self, id: str, future: "Future[str]") -> None:
        try:
            outcome = Outcome.from_json(future.result())
        except CancelledError:
            outcome = Outcome("cancelled")
        except Exception as error:  # noqa: BLE001  whatever an executor of others ends with
            sentence = f"the pool lost it: {type(error).__name__}: {error}".rstrip(": ")
            outcome = Outcome.failed("job-died", sentence)
        by_us = outcome.state == "cancelled" or _code(outcome) == "job-died"
        try:
            with self._lock:
                if self._closed.is_set() and by_us and id not in self._unwanted:
                    self._ledger.put(self._records[id].put_back())
                    return
                record = self._end_or_fail(self._records[id], outcome)
            self._tell(record)
        finally:
            # Also where the ledger failed: then it knows the job as running, and takes it up anew.
            with self._changed:
                line = self._lines.pop(id, None)
                self._records.pop(id, None)
                self._progress.pop(id, None)
                self._unwanted.discard(id)
                self._changed.notify_all()
            if isinstance(line, FolderLine):
                line.close()
            self._dispatch()

    def _end_or_fail(self, record: JobRecord, outcome: Outcome) -> JobRecord:
        """As ``_end``; what the ledger refuses, as for a quota, or cannot do, has failed."""
        try:
            return self._end(record, outcome)
        except BurnishError as error:
            failure = Failure.of(error)
        except Exception as error:  # noqa: BLE001  a job must not run for ever
            _log.exception("what job %s made could not be kept", record.id)
            sentence = f"what it made could not be kept: {type(error).__name__}"
            failure = Failure("fault", sentence)
        return self._end(record, replace(outcome, state="failed", failure=failure))

    def _end(self, record: JobRecord, outcome: Outcome) -> JobRecord:
        """Write down how it ended; then it has."""
        record = record.ended_with(outcome)
        self._ledger.put(record)
        del self._records[record.id]
        return record

    def _tell(self, record: JobRecord, progress: JobProgress | None = None) -> None:
        for heard in list(self._heard):
            try:
                heard(record, progress)
            except Exception:  # noqa: BLE001  a listener's fault is not the job's
                _log.exception("a listener of the queue failed")

    def _look(self) -> None:
        """Look into the mailbox for progress, as long as there is a queue."""
        last: dict[str, JobProgress] = {}
        while not self._closed.wait(_LOOK_S):
            for id, line in list(self._lines.items()):
                if not isinstance(line, FolderLine):
                    continue
                progress = line.progress()
                if progress is not None and progress != last.get(id):
                    last[id] = progress
                    self._told(id, progress)
            last = {id: one for id, one in last.items() if id in self._lines}


def _code(outcome: Outcome) -> str:
    return "" if outcome.failure is None else outcome.failure.code
