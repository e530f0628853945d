"""The dial-in sheet: a plan's settings as text, as an HTML page, and on paper."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from burnish.audio import write_whole
from burnish.deliver.pdf import Column, Paragraph, Sheet, Table, write_pdf
from burnish.errors import SettingError
from burnish.report.dial_in import DialIn
from burnish.report.document import document, minus
from burnish.report.style import CSS

_SHORT, _ABREAST = 24, 5  # letters of a value; controls in a row on paper
_CSS = """
table.dial{width:auto;margin:.3rem 0}table.dial td,table.dial th{padding:.1rem 1.4rem .1rem 0;
text-align:left;font-variant-numeric:tabular-nums}table.dial td:first-child{color:var(--quiet)}
p.hint{color:var(--quiet);font-size:.9em;margin:.2rem 0}
section{break-inside:avoid;margin:1rem 0}section h2{margin:.2rem 0}
@media print{section{margin:.5rem 0}body{font-size:9pt}}
"""


def as_text(sheet: DialIn) -> str:
    """The sheet for a terminal or a printer that knows only letters."""
    width = max((len(name) for name, _ in sheet.head), default=0) + 2
    lines = [f"DIAL-IN SHEET  {sheet.title}", ""]
    lines += [f"{name:<{width}}{value}" for name, value in sheet.head]
    for dial in sheet.dials:
        lines += ["", f"{dial.number}. {dial.title}"]
        lines += [f"   {dial.reason}"] if dial.reason else []
        space = max((len(name) for name, _ in dial.controls), default=0) + 2
        lines += [f"   {name:<{space}}{value}" for name, value in dial.controls]
        if dial.bands:
            rows = (dial.heads, *dial.bands)
            widths = [max(len(row[i]) for row in rows) for i in range(len(dial.heads))]
            lines += [
                "   " + "  ".join(f"{cell:<{n}}" for cell, n in zip(row, widths, strict=True))
                for row in rows
            ]
        lines += [f"   ({dial.hint})"] if dial.hint else []
    lines += ["", f"burnish {sheet.burnish}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def as_page(sheet: DialIn) -> str:
    """The sheet as an HTML file that needs nothing else; it prints on one page or two."""

    def cells(kind: str, row: tuple[str, ...]) -> str:
        return "<tr>" + "".join(f"<{kind}>{escape(minus(c))}</{kind}>" for c in row) + "</tr>"

    parts = []
    for dial in sheet.dials:
        table = "".join(cells("td", row) for row in dial.controls)
        bands = "".join(cells("td", row) for row in dial.bands)
        parts.append(
            f"<section><h2>{dial.number}. {escape(dial.title)}</h2>"
            + (f"<p>{escape(minus(dial.reason))}</p>" if dial.reason else "")
            + (f"<table class=dial>{table}</table>" if table else "")
            + (f"<table class=dial>{cells('th', dial.heads)}{bands}</table>" if bands else "")
            + (f"<p class=hint>{escape(minus(dial.hint))}</p>" if dial.hint else "")
            + "</section>"
        )
    head = "".join(cells("td", row) for row in sheet.head)
    body = (
        f"<header><p class=kind>Dial-in sheet</p><h1>{escape(sheet.title)}</h1></header>"
        f"<table class=dial>{head}</table>{''.join(parts)}"
        f"<footer>burnish {escape(sheet.burnish)}</footer>"
    )
    return document(f"{sheet.title}: dial-in sheet", CSS + _CSS, body)


def write_sheet(sheet: DialIn, path: str | Path, overwrite: bool = False) -> None:
    """Write the sheet as HTML, PDF or text, as the ending of ``path`` says."""
    ending = Path(path).suffix.lower()
    if ending == ".pdf":
        write_pdf(path, _paper(sheet), overwrite)
    elif ending in (".html", ".htm", ".txt"):
        text = as_text(sheet) if ending == ".txt" else as_page(sheet)
        write_whole(text.encode("utf-8", errors="replace"), Path(path), overwrite)
    else:
        raise SettingError("output-ending", f"{path}: must end in .html, .pdf or .txt")


def _paper(sheet: DialIn) -> Sheet:
    parts: list[Table | Paragraph] = []
    for dial in sheet.dials:
        title = f"{dial.number}. {dial.title}"
        lines = tuple(line for line in (dial.reason, dial.hint) if line)
        if dial.controls:
            parts += _controls_on_paper(dial.controls, title)
        if dial.bands:
            heads = tuple(Column(head, wraps=i == 0) for i, head in enumerate(dial.heads))
            parts.append(Table(heads, dial.bands, "" if dial.controls else title))
        if lines:
            parts.append(Paragraph(lines, "" if dial.controls or dial.bands else title))
    return Sheet(
        kind="Dial-in sheet",
        title=sheet.title,
        head=sheet.head,
        parts=tuple(parts),
        footer=f"burnish {sheet.burnish}",
    )


def _controls_on_paper(controls: tuple[tuple[str, str], ...], title: str) -> Iterator[Table]:
    """Controls side by side, as on a panel, so that a chain fits on a page."""
    if any(len(value) > _SHORT for _, value in controls):
        yield Table((Column("control"), Column("setting", wraps=True)), controls, title)
        return
    for start in range(0, len(controls), _ABREAST):
        row = controls[start : start + _ABREAST]
        columns = tuple(Column(name, wraps=i == len(row) - 1) for i, (name, _) in enumerate(row))
        yield Table(columns, (tuple(value for _, value in row),), "" if start else title)
