"""How a batch is, from what it has written: progress, speed, failures, time left."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from burnish.apps.batch.ledger import batches_of, parts_from, read_head
from burnish.apps.batch.places import Place
from burnish.apps.batch.records import Head
from burnish.apps.batch.rows import import_pyarrow
from burnish.errors import InputError

QUIET_S = 120.0
"""After so long without a word a run is told to be quiet: it may have been killed."""


@dataclass(frozen=True)
class Status:
    """Where a batch stands. ``state`` is "running", "quiet", "stopped" or "finished"."""

    folder: str
    manifest: str
    do: str
    state: str
    stopped: str
    run: int
    rows: int
    done: int
    failed: int
    not_passed: int
    left: int
    failures: dict[str, int]
    began_at: str
    last_word_at: str | None
    songs_per_hour: float | None
    audio_hours_per_hour: float | None
    left_s: float | None
    """Seconds until the end, at the speed of this run."""

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def status(folder: Place, now: datetime | None = None) -> Status:
    """How the batch in this folder is; one that is not there is an ``InputError``."""
    import_pyarrow()
    head = read_head(folder)
    if head is None:
        raise InputError("batch-missing", f"{folder}: there is no batch")
    ended = _Ended.of(folder, head)
    now = now or datetime.now(UTC)
    began = datetime.fromisoformat(head.began_at)
    last = ended.last_at or began
    is_over = head.ended_at is not None or bool(head.stopped)
    spent_s = max(((last if is_over else now) - began).total_seconds(), 1e-3)
    rows_per_s = ended.rows / spent_s if ended.rows else None
    failed_before = sum(head.failed_before.values())
    left = head.rows - head.done_before - failed_before - ended.rows
    return Status(
        folder=folder.url,
        manifest=head.manifest,
        do=head.do,
        state=_state(head, (now - max(began, last)).total_seconds()),
        stopped=head.stopped,
        run=head.run,
        rows=head.rows,
        done=head.done_before + ended.done,
        failed=failed_before + ended.failed,
        not_passed=ended.not_passed,
        left=left,
        failures=dict(sorted(ended.failures.items(), key=lambda one: (-one[1], one[0]))),
        began_at=head.began_at,
        last_word_at=None
        if ended.last_at is None
        else ended.last_at.isoformat(timespec="milliseconds"),
        songs_per_hour=None if rows_per_s is None else round(3600 * rows_per_s, 1),
        audio_hours_per_hour=round(ended.audio_s / spent_s, 2) if ended.rows else None,
        left_s=None if rows_per_s is None else round(left / rows_per_s, 1),
    )


def _state(head: Head, quiet_s: float) -> str:
    """How a run is that has said nothing for so long."""
    if head.ended_at:
        return "finished"
    if head.stopped:
        return "stopped"
    return "quiet" if quiet_s > QUIET_S else "running"


@dataclass
class _Ended:
    """The rows that have ended in a run, counted; ``failures`` by their code, with the earlier."""

    failures: Counter[str]
    done: int = 0
    failed: int = 0
    not_passed: int = 0
    audio_s: float = 0.0
    last_at: datetime | None = None

    @property
    def rows(self) -> int:
        return self.done + self.failed

    @classmethod
    def of(cls, folder: Place, head: Head) -> Self:
        counted = cls(Counter(head.failed_before))
        columns = ("run", "state", "code", "passed", "audio_s", "ended_at")
        for part in parts_from(folder, head.first_part):
            for batch in batches_of(part, columns):
                for row in batch.to_pylist():
                    if row["run"] == head.run:
                        counted.add(row)
        return counted

    def add(self, row: Mapping[str, Any]) -> None:
        at = row["ended_at"]
        self.last_at = at if self.last_at is None else max(self.last_at, at)
        self.audio_s += row["audio_s"] or 0.0
        if row["state"] == "failed":
            self.failed += 1
            self.failures[row["code"]] += 1
        else:
            self.done += 1
            self.not_passed += not row["passed"]
