"""Version: what came of one alternate of a song, as a record."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.chain import Plan
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.lag import Lag


@dataclass(frozen=True)
class Version:
    """One alternate as it was mastered. ``lag`` is how its master lies over the main one."""

    label: str
    file: Path
    output: Path
    recall: Path
    plan: Plan
    before: Measurement
    after: Measurement
    lag: Lag
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Of plain numbers, strings, lists and None."""
        return {
            "label": self.label,
            "file": str(self.file),
            "output": str(self.output),
            "recall": str(self.recall),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "lag_samples": self.lag.samples,
            "n_samples": self.after.source.n_samples,
            "findings": [finding.to_json() for finding in self.findings],
        }
