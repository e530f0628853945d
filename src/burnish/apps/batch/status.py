"""How a batch is, from what it has written: progress, speed, failures, time left."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from burnish.apps.batch.ledger import batches_of, parts_from, read_head
from burnish.apps.batch.places import Place
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
    done = failed = not_passed = 0
    audio_s = 0.0
    failures = dict(head.failed_before)
    last: datetime | None = None
    columns = ("run", "state", "code", "passed", "audio_s", "ended_at")
    for part in parts_from(folder, head.first_part):
        for batch in batches_of(part, columns):
            for row in batch.to_pylist():
                if row["run"] != head.run:
                    continue
                last = row["ended_at"] if last is None else max(last, row["ended_at"])
                audio_s += row["audio_s"] or 0.0
                if row["state"] == "failed":
                    failed += 1
                    failures[row["code"]] = failures.get(row["code"], 0) + 1
                else:
                    done += 1
                    not_passed += not row["passed"]
    now = now or datetime.now(UTC)
    began = datetime.fromisoformat(head.began_at)
    word = max(began, last or began)
    over = head.ended_at is not None or bool(head.stopped)
    spent_s = max(((last or began) if over else now).timestamp() - began.timestamp(), 1e-3)
    ended = done + failed
    left = head.rows - head.done_before - sum(head.failed_before.values()) - ended
    per_s = ended / spent_s if ended else None
    state = "finished" if head.ended_at else "stopped" if head.stopped else "running"
    if state == "running" and (now - word).total_seconds() > QUIET_S:
        state = "quiet"
    return Status(
        folder=folder.url,
        manifest=head.manifest,
        do=head.do,
        state=state,
        stopped=head.stopped,
        run=head.run,
        rows=head.rows,
        done=head.done_before + done,
        failed=failed + sum(head.failed_before.values()),
        not_passed=not_passed,
        left=left,
        failures=dict(sorted(failures.items(), key=lambda one: (-one[1], one[0]))),
        began_at=head.began_at,
        last_word_at=None if last is None else last.isoformat(timespec="milliseconds"),
        songs_per_hour=None if per_s is None else round(3600 * per_s, 1),
        audio_hours_per_hour=round(audio_s / spent_s, 2) if ended else None,
        left_s=None if per_s is None else round(left / per_s, 1),
    )
