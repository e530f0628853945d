"""A catalogue in figures: what a run's ``results.parquet`` says, gone through once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

from burnish.apps.batch.ledger import RESULTS, batches_of
from burnish.apps.batch.places import Place
from burnish.apps.batch.records import Sums
from burnish.errors import InputError

EXAMPLES = 5
"""So many rows are named for each code of failure, and as the slowest."""
BIN_LU = 1.0

_COLUMNS = (
    "number", "input", "state", "passed", "code", "sentence", "attempts", "seconds", "audio_s",
    "cpu_s", "memory_mib", "input_bytes", "output_bytes", "before_lufs", "after_lufs",
    "true_peak_dbtp", "verdict", "findings",
)  # fmt: skip


@dataclass
class Spread:
    """How many rows fall into each step of ``BIN_LU``; and their middle, from the steps."""

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, value: float | None) -> None:
        """Count a value; what cannot be measured, and silence, is left out."""
        if value is not None and abs(value) < 1e6:
            self.counts[int(value // BIN_LU)] += 1

    @property
    def n(self) -> int:
        """How many were counted."""
        return sum(self.counts.values())

    @property
    def middle(self) -> float | None:
        """The median, at the middle of its step."""
        below, half = 0, self.n / 2
        for step, count in sorted(self.counts.items()):
            below += count
            if below >= half:
                return (step + 0.5) * BIN_LU
        return None


@dataclass
class Failed:
    """The rows that failed for one reason, and the first of them by name."""

    code: str
    count: int = 0
    examples: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        """Count a row."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append((row["number"], row["input"], row["sentence"]))


@dataclass
class Summary(Sums):
    """What became of a catalogue: the sums, and what a page tells beside them."""

    rows: int = 0
    again: int = 0
    """Rows that took more than one attempt."""
    cpu_s: float = 0.0
    input_bytes: int = 0
    output_bytes: int = 0
    most_memory_mib: float | None = None
    before: Spread = field(default_factory=Spread)
    after: Spread = field(default_factory=Spread)
    over_full_scale: int = 0
    """Rows whose result has a true peak above 0 dBTP."""
    verdicts: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    failed_by: dict[str, Failed] = field(default_factory=dict)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)
    """Seconds, number and input of the rows that took longest."""

    def add(self, row: dict[str, Any]) -> None:
        """Count a row of the results."""
        super().add(row)
        self.rows += 1
        self.again += row["attempts"] > 1
        if row["state"] == "failed":
            self.failed_by.setdefault(row["code"], Failed(row["code"])).add(row)
            return
        self.cpu_s += row["cpu_s"] or 0.0
        self.input_bytes += row["input_bytes"] or 0
        self.output_bytes += row["output_bytes"] or 0
        if row["memory_mib"] is not None:
            self.most_memory_mib = max(self.most_memory_mib or 0.0, row["memory_mib"])
        self.before.add(row["before_lufs"])
        self.after.add(row["after_lufs"])
        self.over_full_scale += (row["true_peak_dbtp"] or 0.0) > 0.0
        if row["verdict"]:
            self.verdicts[row["verdict"]] += 1
        self.findings.update(row["findings"] or ())
        self.slowest = nlargest(
            EXAMPLES, [*self.slowest, (row["seconds"], row["number"], row["input"])]
        )

    def failures_by_count(self) -> list[Failed]:
        """The reasons of failures, the most frequent first."""
        return sorted(self.failed_by.values(), key=lambda one: (-one.count, one.code))


def summary_of(folder: Place) -> Summary:
    """Go through the results of the run in this folder, some thousand rows at a time."""
    results = folder.join(RESULTS)
    if not results.exists():
        raise InputError("batch-no-results", f"{folder.url}: has no {RESULTS} yet")
    summary = Summary()
    for row in _rows(results):
        summary.add(row)
    return summary


def _rows(results: Place) -> Iterator[dict[str, Any]]:
    for batch in batches_of(results, _COLUMNS):
        yield from batch.to_pylist()
