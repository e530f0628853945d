"""An inspection on the screen and as a page: the twenty checks, and what was found."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from burnish import __version__
from burnish.deliver.inspection import Inspection
from burnish.finding import Finding
from burnish.report.checked import place, print_findings
from burnish.report.document import document, section, write_document
from burnish.report.style import CSS

if TYPE_CHECKING:
    from rich.console import Console

_MARK = {
    "pass": ("✓", "green"),
    "warn": ("!", "bold yellow"),
    "fail": ("✗", "bold red"),
    "open": ("○", "cyan"),
    "none": ("-", "dim"),
}
_WORD = {"pass": "passed", "warn": "look", "fail": "failed", "open": "to be done", "none": "-"}
_VERDICT = {
    "pass": ("pass: it may go out", "bold green"),
    "warn": ("warn: look at this before it goes out", "bold yellow"),
    "fail": ("fail: it must not go out", "bold red"),
}
_CSS = CSS + (
    ".fail{color:#b3261e;font-weight:600}.warn{color:#8a6100;font-weight:600}"
    ".open{color:#00658f}.none{opacity:.5}code{font-size:.75em;overflow-wrap:anywhere}"
)


def print_inspections(
    console: "Console", inspections: Sequence[Inspection], all_: bool = False
) -> None:
    """Each with its verdict, its twenty checks and what was found; ``all_``: information too."""
    for k, one in enumerate(inspections):
        if k:
            console.print()
        _print_one(console, one, all_)


def _print_one(console: "Console", one: Inspection, all_: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    words, style = _VERDICT[one.verdict]
    console.print(Text.assemble((f"{one.file}: ", "bold"), (words, style)), soft_wrap=True)
    if under := _subtitle(one):
        console.print(under, style="dim", soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", style="dim")
    table.add_column()
    table.add_column()
    table.add_column(overflow="fold")
    for check in one.checks:
        mark, colour = _MARK[check.outcome]
        faint = "dim" if check.outcome == "none" else ""
        table.add_row(
            str(check.number),
            Text(mark, style=colour),
            Text(check.title, style=faint),
            Text(check.told, style="dim"),
        )
    console.print(table)
    for part, findings in _by_part(one, all_):
        if part is not one:
            console.print(Text(f"\n{_name(one, part)}", style="bold"), soft_wrap=True)
        print_findings(console, findings, _duration_s(part))


def _by_part(one: Inspection, all_: bool) -> list[tuple[Inspection, list[Finding]]]:
    """What is told of the whole and of each part; parts without anything to tell are left out."""
    told = []
    for part in _all_parts(one):
        findings = [f for f in part.findings if all_ or f.severity != "info"]
        if findings:
            told.append((part, findings))
    return told


def _all_parts(one: Inspection) -> list[Inspection]:
    return [one, *(deep for part in one.parts for deep in _all_parts(part))]


def _name(one: Inspection, part: Inspection) -> str:
    """A part's file as seen from the whole."""
    try:
        return str(Path(part.file).relative_to(Path(one.file)))
    except ValueError:
        return part.file


def _duration_s(part: Inspection) -> float:
    return part.info.duration_s if part.info is not None else 0.0


def _subtitle(one: Inspection) -> str:
    words = [] if one.target is None else [f"for {one.target}"]
    if one.parts:
        n = len(one.parts)
        words.append(f"{n} {'files' if one.kind != 'ddp' else 'tracks'}"[: None if n > 1 else -1])
    if one.sha256 is not None:
        words.append(f"SHA-256 {one.sha256[:16]}…")
    return ", ".join(words)


def write_inspection_page(
    inspections: Sequence[Inspection], path: Path, overwrite: bool = False
) -> None:
    """Write the page beside ``path`` and name it when it is whole."""
    write_document(inspection_page(inspections), path, overwrite)


def inspection_page(inspections: Sequence[Inspection]) -> str:
    """The page: verdict, hashes, the checks as a table, findings with times and advice."""
    body = "".join(_page_of(one) for one in inspections)
    footer = f"<footer>burnish {escape(__version__)}</footer>"
    title = inspections[0].file if len(inspections) == 1 else "Quality control"
    return document(title, _CSS, body + footer)


def _page_of(one: Inspection) -> str:
    rows = "".join(
        f'<tr><td>{check.number}</td><td>{escape(check.title)}</td><td class="{check.outcome}">'
        f"{_WORD[check.outcome]}</td><td>{escape(_minus(check.told))}</td></tr>"
        for check in one.checks
    )
    words, _ = _VERDICT[one.verdict]
    sums = "".join(
        f"<tr><td>{escape(_name(one, part))}</td><td><code>{part.sha256}</code></td>"
        f"<td><code>{part.md5}</code></td></tr>"
        for part in _all_parts(one)
        if part.sha256 is not None
    )
    found = "".join(
        section(_name(one, part) if part is not one else "What was found", _remarks(part, findings))
        for part, findings in _by_part(one, True)
    )
    return (
        f"<header><h1>{escape(Path(one.file).name or one.file)}</h1>"
        f'<p class="{one.verdict}">{escape(words)}</p><p>{escape(_subtitle(one))}</p></header>'
        f"{section('The twenty checks', f'<table>{rows}</table>')}{found}"
        f"{section('Hashes', f'<table>{sums}</table>' if sums else '')}"
    )


def _minus(words: str) -> str:
    """With the printer's minus before figures; names as aac-256 stay."""
    return re.sub(r"(?<![\w-])-(?=\d)", "−", words)


def _remarks(part: Inspection, findings: Sequence[Finding]) -> str:
    items = []
    for one in findings:
        where = place(one, _duration_s(part))
        words = f"{escape(one.title)}{' · ' + escape(where) if where else ''}"
        items.append(
            f'<li><strong class="{one.severity}">{_minus(words)}</strong><br>'
            f"{_minus(escape(one.detail))}<br>→ {_minus(escape(one.advice))}</li>"
        )
    return f"<ul>{''.join(items)}</ul>"
