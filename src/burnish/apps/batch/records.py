"""The records of a batch: what became of a row, of a run, and of all rows together."""

from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from burnish.apps.batch.places import may_pass

SCHEMA = 1
"""The form of what is kept; a new column goes to the end of ``Record``, and this one up."""


_MAY_BE_THERE_AGAIN = ("input-missing", "input-failed")
"""A share that is not mounted looks like a file that is not there."""


def is_worth_a_try(code: str) -> bool:
    """Whether a failure of this code may not be met again, in a while or when it is resumed."""
    return may_pass(code) or code in _MAY_BE_THERE_AGAIN


@dataclass(frozen=True)
class Record:
    """What became of one row. ``state`` is "made", "stood" (it was there) or "failed"."""

    number: int
    identity: int
    do: str
    input: str
    output: str
    state: str
    run: int = 0
    album: str = ""
    key: str | None = None
    passed: bool = True
    code: str = ""
    sentence: str = ""
    attempts: int = 1
    seconds: float = 0.0
    audio_s: float | None = None
    cpu_s: float | None = None
    memory_mib: float | None = None
    input_bytes: int | None = None
    input_sha256: str | None = None
    output_bytes: int | None = None
    sha256: str | None = None
    before_lufs: float | None = None
    after_lufs: float | None = None
    true_peak_dbtp: float | None = None
    verdict: str | None = None
    findings: tuple[str, ...] = ()
    date: str | None = None
    portrait: tuple[float | None, ...] | None = None
    slot: int = 0
    """A key of where its output goes."""
    ended_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def failed(self) -> bool:
        """Whether there is no result."""
        return self.state == "failed"


@dataclass(frozen=True)
class Head:
    """What ``run.json`` says of a run, for who resumes it or looks how it is."""

    manifest: str
    do: str
    fingerprint: str
    rows: int
    run: int
    first_part: int
    began_at: str
    ended_at: str | None = None
    stopped: str = ""
    done_before: int = 0
    failed_before: dict[str, int] = field(default_factory=dict)
    schema: int = SCHEMA
    burnish: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass
class Sums:
    """What is counted over the newest word on each row."""

    made: int = 0
    stood: int = 0
    failed: int = 0
    not_passed: int = 0
    audio_s: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        """Count a row."""
        state = row["state"]
        self.made += state == "made"
        self.stood += state == "stood"
        self.failed += state == "failed"
        self.not_passed += state != "failed" and not row["passed"]
        self.audio_s += row["audio_s"] or 0.0
        if state == "failed":
            self.failures[row["code"]] = self.failures.get(row["code"], 0) + 1

    def to_json(self, rows: int) -> dict[str, Any]:
        """As JSON has it; what has not ended is left."""
        return {
            "rows": rows,
            "made": self.made,
            "stood": self.stood,
            "failed": self.failed,
            "not_passed": self.not_passed,
            "left": rows - self.made - self.stood - self.failed,
            "audio_s": round(self.audio_s, 3),
            "failures": dict(sorted(self.failures.items(), key=lambda one: (-one[1], one[0]))),
        }


def schema() -> Any:
    """The columns of a part, and of the results."""
    import pyarrow as pa

    own = {
        "number": pa.int64(), "identity": pa.uint64(), "slot": pa.uint64(),
        "run": pa.int32(), "passed": pa.bool_(),
        "attempts": pa.int32(), "input_bytes": pa.int64(), "output_bytes": pa.int64(),
        "findings": pa.list_(pa.string()), "portrait": pa.list_(pa.float64()),
        "ended_at": pa.timestamp("us", tz="UTC"),
    }  # fmt: skip
    numbers = (
        "seconds", "audio_s", "cpu_s", "memory_mib", "before_lufs", "after_lufs", "true_peak_dbtp",
    )  # fmt: skip
    own.update(dict.fromkeys(numbers, pa.float64()))
    rows = [(one.name, own.get(one.name, pa.string())) for one in fields(Record)]
    return pa.schema(rows, metadata={"burnish-batch": str(SCHEMA)})
