"""Asked: what a finished master is held against. Judged: what a family says of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from burnish.finding import Finding, Severity
from burnish.targets import Delivery


@dataclass(frozen=True)
class Asked:
    """What is asked of a master, and what is known of where it stands.

    ``ceiling_dbtp`` is the one that it was made for; that of the place is an advice of most places
    and a demand of few. ``kept``: somebody else's master that nothing may change in: its sound
    warns and does not fail, but for what the place demands. ``begins`` and ``ends``: False where
    the song before it or behind it sounds on (gapless, crossfade), so that a cut is none.
    ``gap_s``: silence behind it is meant. ``gaps_s``: from when to when it is within it, between
    the songs of a side.
    """

    place: Delivery | None = None
    ceiling_dbtp: float | None = None
    kept: bool = False
    begins: bool = True
    ends: bool = True
    gap_s: float = 0.0
    gaps_s: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Judged:
    """What one of the checks came to: the figure in a few words, and what was found."""

    told: str
    findings: tuple[Finding, ...] = ()
    applies: bool = True


def said(
    code: str, severity: Severity, title: str, detail: str, advice: str, **more: Any
) -> Finding:
    """A finding about a master."""
    return Finding(code, severity, title, detail, advice, about="master", **more)


DEMANDED = ("true-peak", "loudness-missed", "noise-floor")


def softened(findings: Iterable[Finding], demands: bool) -> tuple[Finding, ...]:
    """Failures as warnings; but what a place ``demands`` it demands of everybody's master."""
    return tuple(
        replace(one, severity="warn")
        if one.severity == "fail" and not (demands and one.code in DEMANDED)
        else one
        for one in findings
    )


def graded(finding: Finding, severity: Severity, **changed: Any) -> Finding:
    """A mix's finding as one about a master."""
    return replace(finding, severity=severity, about="master", **changed)
