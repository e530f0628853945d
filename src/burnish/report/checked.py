"""CheckResult: what is to be said of one mix, as a record; and how the screen says it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from burnish import __version__
from burnish.finding import Finding, Verdict
from burnish.measure import Measurement
from burnish.measure.examine import Examination
from burnish.qc.places import clock, when
from burnish.report.words import number

if TYPE_CHECKING:
    from rich.console import Console

FACTS = ("tempo", "key")
MOST, FILLED = 7, 5
"""So many findings are told at most without ``--all``; mere information fills up to so many."""


MASTER, THIS_MASTER = "`burnish master`", "This master"


@dataclass(frozen=True)
class CheckResult:
    """What is wrong with a mix, the worst first, and what it was judged against.

    ``style_confidence`` is how sure ``auto`` was of the style; None: it was asked for, or
    ``normal`` is something else, as references.
    """

    file: str | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    normal: str
    style_confidence: float | None
    measured: Measurement = field(compare=False, repr=False)
    examined: Examination | None = field(default=None, compare=False, repr=False)
    """All that the closer look found."""

    @property
    def first(self) -> tuple[Finding, ...]:
        """Those that matter most: at most seven, and up to five with mere information."""
        weighty = [one for one in self.remarks if one.severity != "info"][:MOST]
        room = max(0, FILLED - len(weighty))
        return (*weighty, *[one for one in self.remarks if one.severity == "info"][:room])

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """All but tempo and key, which are no remarks."""
        return tuple(one for one in self.findings if one.code not in FACTS)

    @property
    def facts(self) -> tuple[Finding, ...]:
        """Tempo and key, where they are known."""
        return tuple(one for one in self.findings if one.code in FACTS)

    def to_json(self) -> dict[str, Any]:
        """The contract's document of a check, and what it was judged against."""
        sure = self.style_confidence
        return {
            "burnish": __version__,
            "file": self.file,
            "verdict": self.verdict,
            "normal": self.normal,
            "style_confidence": None if sure is None else round(sure, 3),
            "findings": [one.to_json() for one in self.findings],
        }


def print_checks(console: "Console", results: Sequence[CheckResult], all_: bool = False) -> None:
    """Each mix: the verdict, what it is, and the findings as a mixer would be told."""
    for k, one in enumerate(results):
        if k:
            console.print()
        _print_one(console, one, all_)


_MARK = {"fail": ("✗", "bold red"), "warn": ("!", "bold yellow"), "info": ("·", "dim")}
_VERDICT = {"fail": "bold red", "warn": "bold yellow", "pass": "bold green"}


def _print_one(console: "Console", result: CheckResult, all_: bool) -> None:
    from rich.text import Text

    console.print(
        Text.assemble((f"{result.file or 'memory'}: ", "bold"), _verdict(result)), soft_wrap=True
    )
    console.print(_subtitle(result), style="dim")
    told = result.remarks if all_ else result.first
    print_findings(console, told, result.measured.source.duration_s)
    if more := len(result.remarks) - len(told):
        console.print(f"\nand {more} more with --all", style="dim")


def print_findings(
    console: "Console", findings: Sequence[Finding], duration_s: float, who: str = MASTER
) -> None:
    """What, where and how sure; the figures; what to do; what a master eases by itself."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for one in findings:
        mark, style = _MARK[one.severity]
        title = Text(one.title, style="bold" if one.severity != "info" else "")
        title.append(f"  {place(one, duration_s)}", style="not bold dim")
        table.add_row("", "")
        table.add_row(Text(mark, style=style), title)
        if one.detail:
            table.add_row("", Text(one.detail, style="dim"))
        if one.advice:
            table.add_row("", Text(f"→ {one.advice}"))
        if one.mended_by:
            table.add_row("", Text(eased(one, who), style="dim"))
    if findings:
        console.print(table)


def eased(one: Finding, who: str = MASTER) -> str:
    """What burnish's own plan does about it."""
    return f"{who} eases it ({(one.mended_by or '').replace('_', ' ')})."


def place(one: Finding, duration_s: float) -> str:
    """Where, if no sentence says it, and how sure: 'from 1:12 to 1:34, 60 % sure'."""
    where = when(one.times_s, duration_s) if one.times_s else ""
    said = f"{one.detail} {one.advice}"
    words = [where] if where and where not in said and _up(where) not in said else []
    if one.confidence < 0.995:
        words.append(f"{100 * one.confidence:.0f} % sure")
    return ", ".join(words)


def _up(words: str) -> str:
    return words[:1].upper() + words[1:]


def _verdict(result: CheckResult) -> tuple[str, str]:
    count = dict.fromkeys(("fail", "warn", "info"), 0)
    for one in result.findings:
        count[one.severity] += 1
    to_mend = count["fail"] + count["warn"]
    if result.verdict == "pass":
        words = "nothing to mend"
    elif result.verdict == "fail":
        words = f"not fit for mastering, {to_mend} to mend"
    else:
        words = f"{to_mend} to mend"
    return f"{result.verdict}, {words}", _VERDICT[result.verdict]


def _subtitle(result: CheckResult) -> str:
    """What it is and what it is held against: '4:02, -16.9 LUFS, -1.2 dBTP; held against pop'."""
    measured = result.measured
    words = [clock(measured.source.duration_s)]
    lufs, peak = measured.loudness.integrated_lufs, measured.peaks.true_peak_dbtp
    words.append(f"{number(lufs)} LUFS")
    if math.isfinite(peak):
        words.append(f"{number(peak)} dBTP")
    words += [one.title for one in result.facts]
    sure = result.style_confidence
    against = result.normal + ("" if sure is None else f" ({100 * sure:.0f} % sure)")
    return f"{', '.join(words)}; held against {against}"
