"""JobRecord: what is known of a job in a queue; and the ledger that keeps such records."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Literal, Protocol

from burnish.apps.jobs.job import Job, Outcome

State = Literal["waiting", "running", "done", "failed", "cancelled"]
AtRestart = Literal["resume", "fail"]

UNFINISHED: tuple[State, ...] = ("waiting", "running")


def new_id() -> str:
    """A name for something new, that nobody guesses: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class JobRecord:
    """A job and where it stands.

    ``owner`` is whose it is, in words of who submits (a project's id). Higher ``priority`` goes
    first, then what came first (``number``). ``attempts`` counts how often it was begun.
    ``at_restart`` says what becomes of it when the server died under it.
    """

    job: Job
    id: str = field(default_factory=new_id)
    owner: str | None = None
    state: State = "waiting"
    number: int = 0
    priority: int = 0
    attempts: int = 0
    at_restart: AtRestart = "resume"
    submitted_at: datetime = field(default_factory=now)
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in UNFINISHED

    def begun(self) -> "JobRecord":
        """The record as a worker takes it."""
        return replace(self, state="running", attempts=self.attempts + 1, begun_at=now())

    def put_back(self) -> "JobRecord":
        """The record of a job that was taken and not done, by no fault of its own."""
        return replace(self, state="waiting", attempts=max(0, self.attempts - 1), begun_at=None)

    def ended_with(self, outcome: Outcome) -> "JobRecord":
        """The record at its end."""
        return replace(self, state=outcome.state, ended_at=now(), outcome=outcome)


class Ledger(Protocol):
    """Keeps the records of a queue. What it was given is safe when the call returns."""

    def put(self, record: JobRecord) -> None:
        """Keep a new record, or what became of a known one."""

    def get(self, id: str) -> JobRecord | None:
        """The record of this id."""

    def unfinished(self) -> list[JobRecord]:
        """All that are waiting or running, those that came first before the others."""

    def last_number(self) -> int:
        """The number of the newest record; 0: there is none."""


class MemoryLedger:
    """A ledger that ends with its process."""

    def __init__(self) -> None:
        self._records: dict[str, JobRecord] = {}
        self._lock = Lock()

    def put(self, record: JobRecord) -> None:
        """Keep a record."""
        with self._lock:
            self._records[record.id] = record

    def get(self, id: str) -> JobRecord | None:
        """The record of this id."""
        return self._records.get(id)

    def unfinished(self) -> list[JobRecord]:
        """All that are waiting or running."""
        with self._lock:
            found = [one for one in self._records.values() if not one.ended]
        return sorted(found, key=lambda one: one.number)

    def last_number(self) -> int:
        """The number of the newest record."""
        with self._lock:
            return max((one.number for one in self._records.values()), default=0)
