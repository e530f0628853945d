"""The loop of a batch: a few rows for each worker under way, retries, and the ledger.

    units -> window -> executor -> outcome -> ended | again, after a while | quarantined

What is under way, what is to be tried again and one part of the ledger are all that it holds.
"""

import heapq
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from burnish import __version__
from burnish.apps.batch.asked import BatchSettings
from burnish.apps.batch.events import Began, Ended, Finished, Observer, TriedAgain, Waits, tell
from burnish.apps.batch.executors import Crew
from burnish.apps.batch.ledger import FAILED, GOOD, Known, Ledger
from burnish.apps.batch.manifest import Manifest
from burnish.apps.batch.names import resolved
from burnish.apps.batch.outcomes import records_of
from burnish.apps.batch.places import UNREACHABLE, Place
from burnish.apps.batch.records import Head, is_worth_a_try
from burnish.apps.batch.unit import Checked, Unit
from burnish.apps.jobs import Failure, Job, Limits, Outcome, Setup, attend
from burnish.errors import BurnishError, OutputError, ResultError, SettingError

KINDS = ("burnish.apps.batch.kinds",)
SETUP = Setup(kinds=KINDS, cores_each=1)
"""How workers are started: each with the kind "row", on a core of its own."""

EACH = 3
"""Units under way for each worker: one in work, the others on their way to it."""
_LONGEST_S = 60.0
_LOOK_S = 0.25
_MOST_LATER = 1000
"""When so many wait to be tried again, nothing new is begun."""
_IN_A_ROW = 24
_WEEK_S = 604_800.0


@dataclass
class Task:
    """A unit under way, or waiting to be tried again."""

    unit: Unit
    attempts: int = 0


@dataclass(frozen=True)
class Summary:
    """What a run came to. ``sums`` are over all rows, those of earlier runs too."""

    sums: dict[str, Any]
    elapsed_s: float
    worked: int
    """Units that were handed to a worker in this run."""
    tries: int

    @property
    def passed(self) -> bool:
        """Whether every row is done and passes."""
        return not (self.sums["failed"] or self.sums["not_passed"] or self.sums["left"])

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            **self.sums,
            "passed": self.passed,
            "worked": self.worked,
            "tries": self.tries,
            "elapsed_s": round(self.elapsed_s, 3),
        }


class Run:
    """One run of a batch over a checked manifest."""

    def __init__(
        self,
        manifest: Manifest,
        checked: Checked,
        ledger: Ledger,
        crew: Crew,
        asked: BatchSettings,
        observers: Sequence[Observer] = (),
        *,
        overwrite: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._manifest, self._checked, self._ledger = manifest, checked, ledger
        self._crew, self._asked, self._observers = crew, asked, tuple(observers)
        self._overwrite = overwrite
        self._clock, self._wait = clock, wait
        self._chance = chance or random.Random()
        self._ready: SimpleQueue[tuple[Task, Future[str]]] = SimpleQueue()
        self._under_way = 0
        self._later: list[tuple[float, int, Task]] = []
        self._turn = 0
        self._worked = self._tries = 0
        self._failed_in_a_row = 0
        self._lost = False
        self._head: Head | None = None

    def go(self, resume: bool = False, retry_failed: bool = False) -> Summary:
        """Work through the manifest; what is done already is left, where ``resume``.

        A run of something else in this folder is a ``SettingError`` unless ``resume``. Whatever
        ends it, what has ended is on the disk then.
        """
        with self._ledger.held():
            return self._go(resume, retry_failed)

    def _go(self, resume: bool, retry_failed: bool) -> Summary:
        began = self._clock()
        before, fingerprint = self._ledger.head(), self._checked.fingerprint
        _refuse_other(before, self._checked, resume, self._manifest.folder)
        known = None
        if before is not None and (before.ended_at or before.fingerprint == fingerprint):
            known = self._ledger.known(self._checked)
        self._head = self._begin(before, known, resume, retry_failed)
        try:
            self._work(self._todo(known if resume else None, retry_failed))
        except BaseException as error:
            self._stopped(error)
            raise
        sums = self._safely(lambda: self._ledger.results(self._checked))
        self._put_head(replace(self._head, ended_at=_now()))
        tell(self._observers, Finished(sums))
        return Summary(sums, self._clock() - began, self._worked, self._tries)

    def _begin(
        self, before: Head | None, known: Known | None, resume: bool, retry_failed: bool
    ) -> Head:
        good, failures = 0, dict[str, int]()
        if known is not None and resume:
            good = known.good
            failures = {k: n for k, n in known.failures.items() if not _again(k, retry_failed)}
        head = Head(
            manifest=self._manifest.source,
            do=self._manifest.do,
            fingerprint=self._checked.fingerprint,
            rows=self._checked.rows,
            run=1 if before is None else before.run + 1,
            first_part=self._ledger.next_part,
            began_at=_now(),
            done_before=good,
            failed_before=failures,
            burnish=__version__,
        )
        self._put_head(head)
        tell(self._observers, Began(head, self._crew.workers, self._crew.where))
        return head

    def _todo(self, known: Known | None, retry_failed: bool) -> Iterator[Unit]:
        """The units that have not been done, or have failed for what may have passed."""
        if known is None:
            yield from self._manifest.units()
            return
        done = known.states == GOOD
        if not retry_failed:
            done |= known.states == FAILED
        for unit in self._manifest.units():
            at, here = self._checked.places(np.array(unit.keys()[:1], dtype=np.uint64))
            if not here[0]:
                raise SettingError(
                    "manifest-changed",
                    f"{self._manifest.source}: row {unit.rows[0]} has changed since it was checked",
                )
            if not done[at[0]]:
                yield unit

    def _work(self, units: Iterator[Unit]) -> None:
        more = True
        while True:
            more = more and self._hand_out(units)
            while not more and (task := self._due()) is not None:
                self._submit(task)
            if not more and not self._under_way and not self._later:
                return
            self._look()
            try:
                task, future = self._ready.get(timeout=self._pause())
            except Empty:
                self._safely(lambda: self._ledger.tick(self._clock()))
                continue
            self._under_way -= 1
            self._heard(task, future)

    def _hand_out(self, units: Iterator[Unit]) -> bool:
        """Keep every worker busy, with what is to be tried again first; False: no unit is new."""
        while self._under_way < EACH * self._crew.workers:
            task = self._due()
            if task is None and len(self._later) >= _MOST_LATER:
                return True
            if task is None:
                unit = next(units, None)
                if unit is None:
                    return False
                self._worked += 1
                task = Task(unit)
            self._submit(task)
        return True

    def _due(self) -> Task | None:
        """What is to be tried again now."""
        if self._later and self._later[0][0] <= self._clock():
            return heapq.heappop(self._later)[2]
        return None

    def _pause(self) -> float:
        """How long to wait for an outcome before something else is to be looked at."""
        if not self._later:
            return _LOOK_S
        return min(_LOOK_S, max(0.0, self._later[0][0] - self._clock()))

    def _submit(self, task: Task) -> None:
        task.attempts += 1
        self._tries += 1
        job = self._job(task.unit, task.attempts).to_json()
        future = self._crew.submit(attend, job, None, SETUP)
        self._under_way += 1
        future.add_done_callback(lambda done: self._ready.put((task, done)))

    def _job(self, unit: Unit, attempts: int) -> Job:
        settings = dict(unit.settings)
        if unit.release is not None:
            settings["release"] = unit.release
        asked = self._asked
        told: dict[str, Any] = {
            "do": unit.do,
            "settings": settings,
            "marks": resolved(self._manifest.folder, "marks"),
            "scratch": asked.scratch,
            "storage": asked.storage,
        }
        if asked.scratch_mib is not None:
            told["scratch_mib"] = asked.scratch_mib
        return Job(
            what="row",
            inputs=unit.inputs,
            output=unit.output,
            settings=told,
            overwrite=self._overwrite,
            limits=Limits(
                time_s=min(asked.time_limit_s * len(unit.rows), _WEEK_S),
                memory_mib=asked.memory_limit_mib,
            ),
        )

    def _heard(self, task: Task, future: "Future[str]") -> None:
        """An outcome: the unit has ended, or is tried again."""
        outcome = _outcome_of(future)
        failure = outcome.failure
        if outcome.state != "done" and failure is None:
            failure = Failure("job-died", "it was cancelled under the run")
        if failure is not None and self._is_tried_again(task, failure):
            return
        records = tuple(records_of(task.unit, outcome, failure, task.attempts, self._head))
        self._safely(lambda: self._ledger.add(records, self._clock()))
        tell(self._observers, Ended(records, self._under_way))
        self._count_failures(failure)

    def _is_tried_again(self, task: Task, failure: Failure) -> bool:
        if task.attempts > self._asked.retries or not is_worth_a_try(failure.code):
            return False
        most = min(_LONGEST_S, self._asked.backoff_s * 2.0 ** min(task.attempts - 1, 16))
        wait_s = most * self._chance.uniform(0.5, 1.0)
        self._turn += 1
        heapq.heappush(self._later, (self._clock() + wait_s, self._turn, task))
        tell(self._observers, TriedAgain(task.unit, failure, task.attempts, wait_s))
        return True

    def _count_failures(self, failure: Failure | None) -> None:
        """Stop where all fails for the same: it is not the songs, and 50 000 more would fail."""
        if failure is None or not is_worth_a_try(failure.code):
            self._failed_in_a_row = 0
            return
        self._failed_in_a_row += 1
        most = max(_IN_A_ROW, 2 * EACH * self._crew.workers)
        if self._failed_in_a_row >= most and failure.code != "input-missing":
            raise ResultError(
                "batch-stopped",
                f"{most} rows failed one after the other, the last with {failure.code}: "
                f"{failure.sentence}; stopped; --resume goes on",
            )

    def _look(self) -> None:
        """Tell when the workers are lost, and when they are back."""
        lost = self._crew.lost()
        if lost != self._lost:
            self._lost = lost
            tell(self._observers, Waits(lost, self._crew.where))

    def _safely(self, act: Callable[[], Any]) -> Any:
        """Write to the ledger's place; where it cannot be reached, again, for ``patience_s``."""
        until = self._clock() + self._asked.patience_s
        wait_s = 0.5
        told = False
        while True:
            try:
                done = act()
            except BurnishError as error:
                if error.code not in (UNREACHABLE, "output-no-room") or self._clock() > until:
                    raise
                if not told:
                    tell(self._observers, Waits(True, error.sentence))
                told = True
                self._wait(wait_s * self._chance.uniform(0.5, 1.0))
                wait_s = min(2 * wait_s, _LONGEST_S)
                continue
            if told:
                tell(self._observers, Waits(False, "the folder of the batch"))
            return done

    def _put_head(self, head: Head) -> None:
        self._safely(lambda: self._ledger.put_head(head))

    def _stopped(self, error: BaseException) -> None:
        """Bring to the disk what has ended, and say why the run did."""
        why = error.sentence if isinstance(error, BurnishError) else _plainly(error)
        with suppress(BurnishError):
            self._ledger.flush()
            if self._head is not None:
                self._ledger.put_head(replace(self._head, stopped=why))
        tell(self._observers, Finished({}, why))


def _plainly(error: BaseException) -> str:
    """Why a run ended that no sentence of burnish explains: mostly somebody wished it."""
    return f"{type(error).__name__}: {error}" if isinstance(error, Exception) else "interrupted"


def _refuse_other(before: Head | None, checked: Checked, resume: bool, folder: str) -> None:
    if resume or before is None or before.fingerprint == checked.fingerprint:
        return
    raise SettingError(
        "batch-other-run",
        f"{folder}: holds a run of another manifest or of other settings ({before.manifest}); "
        "--resume does what has changed, or give another folder",
    )


def _again(code: str, retry_failed: bool) -> bool:
    """Whether a row that failed so is done again when the run is resumed."""
    return retry_failed or is_worth_a_try(code)


def _outcome_of(future: "Future[str]") -> Outcome:
    """The outcome, also of a call that brought none. A cluster that is given up ends the run."""
    try:
        return Outcome.from_json(future.result())
    except OutputError as error:
        if error.code == "cluster-lost":
            raise
        return Outcome("failed", failure=Failure.of(error))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  cancelled, or the executor's own fault
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        return Outcome.failed("job-died", f"its worker brought no outcome: {said}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def open_folder(url: str, asked: BatchSettings) -> Ledger:
    """The ledger of the batch in this folder."""
    return Ledger(Place.of(url, asked.storage), asked.part_rows, asked.part_s)
