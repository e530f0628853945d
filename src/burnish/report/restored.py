"""RestoreResult: what came of a restoration, as a record; and what the screen says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.chain import Plan, Step
from burnish.measure import Measurement
from burnish.report.words import evidence, moves, number
from burnish.settings import finite_or_none

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class RestoreResult:
    """What was written, what was mended, and how much of the sound that took away."""

    output: Path
    recall: Path | None
    removed: Path | None
    before: Measurement
    after: Measurement
    plan: Plan
    removed_db: float
    """Power of what was taken away over that of the recording; -inf: nothing was."""
    touched: float
    """Share of the samples that are not as they were, 0 to 1."""
    elapsed_s: float

    @property
    def steps(self) -> tuple[Step, ...]:
        """The repairs, in order."""
        return self.plan.steps

    def to_json(self) -> dict[str, Any]:
        """One document, in the terms of ``burnish master``."""
        return {
            "output": str(self.output),
            "recall": None if self.recall is None else str(self.recall),
            "removed": None if self.removed is None else str(self.removed),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "steps": [step.model_dump() for step in self.steps],
            "notes": list(self.plan.notes),
            "removed_db": finite_or_none(self.removed_db),
            "touched": self.touched,
            "elapsed_s": round(self.elapsed_s, 3),
        }


def print_restored(console: "Console", result: RestoreResult) -> None:
    """What was found and mended, what was left alone, and where the files are."""
    from rich.table import Table
    from rich.text import Text

    name = Path(result.before.file or result.output).name
    mended = [step for step in result.steps if step.processor != "gain"]
    said = "nothing to mend; every sample is as it was"
    if mended:
        said = f"{len(mended)} repair{'s' if len(mended) > 1 else ''}, "
        said += f"{100 * result.touched:.3g} % of the samples"
    console.print(f"{name}: {said}", style="bold")
    if mended:
        console.print(f"taken away: {number(result.removed_db)} dB against the recording")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", style="dim")
    table.add_column()
    table.add_column(overflow="fold")
    for count, step in enumerate(result.steps, 1):
        table.add_row(str(count), step.processor, step.reason)
        figures = ", ".join(f"{what} {value}" for what, value in evidence(step))
        told = moves(step) if not figures else f"{moves(step)} ({figures})"
        table.add_row("", "", Text(told, style="dim"))
    for note in result.plan.notes:
        table.add_row(Text("–", style="dim"), "", Text(note, style="dim"))
    console.print(table)
    console.print()
    files = (("restored", result.output), ("removed", result.removed), ("recall", result.recall))
    for what, path in files:
        if path is not None:
            console.print(f"{what}  {path}", soft_wrap=True)
    speed = result.before.source.duration_s / max(result.elapsed_s, 1e-9)
    console.print(f"{result.elapsed_s:.1f} s, {speed:.0f} x real time", style="dim")
