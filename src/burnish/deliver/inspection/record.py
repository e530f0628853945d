"""Inspection: what the twenty checks said of a file, a folder, a DDP or an album. Data only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from burnish import __version__
from burnish.audio import SourceInfo
from burnish.finding import Finding, Verdict, verdict
from burnish.measure import Measurement

Outcome = Literal["pass", "warn", "fail", "open", "none"]
"""``open``: a person has still to do it. ``none``: it does not apply, or was not asked."""

Kind = Literal["file", "folder", "ddp", "album"]

TITLES = (
    "True peak",
    "Clipped runs",
    "DC offset",
    "Clicks and hard cuts",
    "Dropouts and repeats",
    "Silence at the ends",
    "Fades",
    "Phase and mono",
    "Loudness and dynamics",
    "Format",
    "Bits in use",
    "Sample rate in use",
    "Lossy source",
    "Hum and noise",
    "CD",
    "Metadata",
    "Sequence",
    "Versions",
    "Behind codecs",
    "Listening log",
)
"""The twenty checks by name, in their order: number 1 is the first."""

_WORST = ("fail", "warn", "open", "pass", "none")


@dataclass(frozen=True)
class Check:
    """One of the twenty: what came of it, and what it was judged by.

    ``told`` is the figure that was looked at, or why it does not apply, in a few words.
    """

    number: int
    outcome: Outcome
    told: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def title(self) -> str:
        """Its name."""
        return TITLES[self.number - 1]

    def to_json(self) -> dict[str, Any]:
        """Number, title, outcome, words, and the codes of what was found."""
        return {
            "number": self.number,
            "title": self.title,
            "outcome": self.outcome,
            "told": self.told,
            "findings": [one.code for one in self.findings],
        }


@dataclass(frozen=True)
class Inspection:
    """What was inspected, against which target, and what the twenty checks said.

    A folder has ``parts``, one for each file in it; its own checks are as bad as the worst of
    theirs. What is no sound has no checks. ``info`` and ``measured`` are what a file of sound is,
    and what was measured of it on the way, where it was.
    """

    file: str
    kind: Kind
    checks: tuple[Check, ...]
    target: str | None = None
    sha256: str | None = None
    md5: str | None = None
    n_bytes: int | None = None
    parts: tuple["Inspection", ...] = ()
    info: SourceInfo | None = None
    measured: Measurement | None = field(default=None, compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """Fail where anything fails, else warn where anything warns, else pass."""
        return verdict(one for _, one in self.all_findings())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found in this, and not in its parts: the worst first."""
        return _sorted(one for check in self.checks for one in check.findings)

    @property
    def is_heard(self) -> bool:
        """Whether somebody has signed for having heard it."""
        return len(self.checks) == len(TITLES) and self.checks[19].outcome == "pass"

    def all_findings(self) -> Iterator[tuple[str, Finding]]:
        """File and finding, those of the parts too."""
        for one in self.findings:
            yield self.file, one
        for part in self.parts:
            yield from part.all_findings()

    def to_json(self) -> dict[str, Any]:
        """The contract's document of ``qc``, with the twenty checks, the hashes and the parts."""
        document: dict[str, Any] = {
            "burnish": __version__,
            "file": self.file,
            "kind": self.kind,
            "target": self.target,
            "verdict": self.verdict,
            "findings": [{**one.to_json(), "file": file} for file, one in self.all_findings()],
            "checks": [one.to_json() for one in self.checks],
        }
        if self.kind == "file":
            document |= {"sha256": self.sha256, "md5": self.md5, "n_bytes": self.n_bytes}
        else:
            document["parts"] = [one.to_json() for one in self.parts]
        return document


def checked(number: int, findings: Iterable[Finding] = (), told: str = "") -> Check:
    """A check that was made: its outcome is that of the worst finding."""
    found = _sorted(findings)
    outcome: Outcome = "pass"
    for one in found:
        outcome = worst((outcome, "fail" if one.severity == "fail" else _outcome(one)))
    return Check(number, outcome, told, found)


def not_asked(number: int, why: str) -> Check:
    """A check that does not apply."""
    return Check(number, "none", why)


def still_open(number: int, findings: Sequence[Finding], told: str) -> Check:
    """A check that a person has still to make."""
    return Check(number, "open", told, tuple(findings))


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of some outcomes; "none" where there are none."""
    return min(outcomes, key=_WORST.index, default="none")


def _outcome(one: Finding) -> Outcome:
    return "warn" if one.severity == "warn" else "pass"


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    rank = {"fail": 0, "warn": 1, "info": 2}
    return tuple(sorted(findings, key=lambda one: (rank[one.severity], -one.weight)))
