"""Finding: something to tell a person. What, where, how bad, how sure, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from burnish.settings import finite_or_none

Severity = Literal["info", "warn", "fail"]
Verdict = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One finding. Every detail in it is measured; the advice is one sentence in a mixer's words.

    ``size`` tells how far beyond what is noted: 1 is just to be noted, 2 is strong, with no end.
    ``confidence`` is 0 to 1. ``times_s`` are (start, end) pairs; none where it holds throughout.
    ``frequency_hz`` is the middle of what it is about, where it is about a band. ``mended_by`` is
    the processor of burnish's plan that mends or eases it; None: it belongs back in the mix.
    ``about`` is what it is said of: the mix, or the master that was made of it.
    """

    code: str
    severity: Severity
    title: str
    detail: str
    advice: str
    confidence: float = 1.0
    times_s: tuple[tuple[float, float], ...] = ()
    frequency_hz: float | None = None
    evidence: Mapping[str, float | int | str | bool | None] = field(default_factory=dict)
    size: float = 1.0
    mended_by: str | None = None
    about: Literal["mix", "master"] = "mix"

    @property
    def weight(self) -> float:
        """Size times confidence: what is told first."""
        return self.size * self.confidence

    def to_json(self) -> dict[str, Any]:
        """The contract's form of a finding, and its size."""
        return {
            "code": self.code,
            "severity": self.severity,
            "title": self.title,
            "detail": self.detail,
            "advice": self.advice,
            "confidence": round(self.confidence, 3),
            "times_s": [[round(start, 3), round(end, 3)] for start, end in self.times_s],
            "frequency_hz": self.frequency_hz,
            "evidence": {
                name: finite_or_none(value) if isinstance(value, float) else value
                for name, value in self.evidence.items()
            },
            "size": round(self.size, 3),
            "mended_by": self.mended_by,
            "about": self.about,
        }


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Fail where anything fails, else warn where anything warns, else pass."""
    said = {finding.severity for finding in findings}
    return "fail" if "fail" in said else "warn" if "warn" in said else "pass"
