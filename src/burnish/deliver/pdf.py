"""Sheets on paper: A4 pages as PDF, for plants, cutting engineers and clients.

A ``Sheet`` is what stands on it, as data; ``write_pdf`` sets it: the kind of sheet, a title, the
head in two columns, then tables and texts one below the other, and on each page a footer with its
number. The same sheet gives the same bytes. Lengths are in points, 1/72 inch.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from burnish.audio.staged import write_whole
from burnish.deliver.pdf_letters import NO_LETTER, Face, Typesetter

_WIDTH, _HEIGHT = 595.28, 841.89  # A4
_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, _WIDTH - 54.0, 54.0, _HEIGHT - 68.0
_GAP = 13.0  # between columns
_LEAST_SIZE = 4.5  # smaller than this nobody reads
_INK, _GREY, _FAINT, _RULE, _HAIR = "#1c1c1c", "#707070", "#8c8c8c", "#1c1c1c", "#d4d4d4"
_MISSING = f"Letters that no font here has stand as {NO_LETTER}; the text beside it has them."


@dataclass(frozen=True)
class Column:
    """One column of a table. ``wraps``: it takes the width that is left, and breaks its lines."""

    name: str
    align: Literal["left", "right"] = "left"
    wraps: bool = False
    mono: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of as many cells as there are columns. It goes on over pages, its names repeated."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    faint: frozenset[int] = frozenset()
    """Rows, counted from 0, that are printed paler and stay with the row below: pauses ..."""


@dataclass(frozen=True)
class Paragraph:
    """Lines under a small title, each broken where it must. ``mono``: checksums and the like."""

    lines: tuple[str, ...]
    title: str = ""
    mono: bool = False


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet. Empty texts and fields of the head are left out."""

    kind: str
    """Which sheet it is, in small capitals above all: "PQ sheet", "Cutting sheet, side A" ..."""
    title: str
    subtitle: str = ""
    head: tuple[tuple[str, str], ...] = ()
    """Names and values, read down the left column, then down the right."""
    parts: tuple[Table | Paragraph, ...] = ()
    footer: str = ""
    made: str = ""
    """When, as 2026-11-21T18:30:00Z: the date in the file; empty: it tells none."""


def write_pdf(path: str | Path, sheet: Sheet, overwrite: bool = False) -> str:
    """Write the sheet; return the letters that no font here has, empty where all are printed.

    Raises ``OutputError``; nothing half-written is left.
    """
    data, missing = pdf_bytes(sheet)
    write_whole(data, Path(path), overwrite)
    return missing


def pdf_bytes(sheet: Sheet) -> tuple[bytes, str]:
    """The sheet as a PDF, and the letters in it that no font here has."""
    with _matplotlib():
        return _drawn(sheet)


_Pen = Callable[[Any, int, int], None]  # draws on a figure, as page i of n


class _Pages:
    """Pages being filled from top to bottom."""

    def __init__(self, letters: Typesetter) -> None:
        self.letters = letters
        self.pages: list[list[_Pen]] = [[]]
        self.y = _TOP

    def new(self) -> None:
        """Go on with a page of its own."""
        self.pages.append([])
        self.y = _TOP

    def need(self, height: float) -> bool:
        """Break the page where so much does not fit on it; tell whether it was broken."""
        if self.y + height <= _BOTTOM or self.y == _TOP:
            return False
        self.new()
        return True

    def text(
        self,
        x: float,
        y: float,
        text: str,
        face: Face,
        colour: str = _INK,
        align: str = "left",
    ) -> None:
        """One line; ``y`` is its baseline."""
        if align == "right":
            x -= self.letters.width(text, face)
        self.pages[-1].append(_written(self.letters, x, y, text, face, colour))

    def rule(self, y: float, colour: str, weight: float) -> None:
        """A line over the width of the page."""
        self.pages[-1].append(lambda figure, i, n: _ruled(figure, y, colour, weight))


def _written(letters: Typesetter, x: float, y: float, text: str, face: Face, colour: str) -> _Pen:
    def pen(figure: Any, page: int, n_pages: int) -> None:
        at = x
        for run, font, width in letters.runs(text, face):
            figure.text(
                at / _WIDTH,
                1 - y / _HEIGHT,
                run,
                fontproperties=font,
                color=colour,
                va="baseline",
                parse_math=False,
            )
            at += width + face.tracking * len(run)

    return pen


def _ruled(figure: Any, y: float, colour: str, weight: float) -> None:
    from matplotlib.lines import Line2D

    place = 1 - y / _HEIGHT
    ends = [_LEFT / _WIDTH, _RIGHT / _WIDTH]
    figure.add_artist(Line2D(ends, [place, place], color=colour, linewidth=weight))


def _drawn(sheet: Sheet) -> tuple[bytes, str]:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
    from matplotlib.figure import Figure

    pages = _Pages(Typesetter())
    _put_title(pages, sheet)
    _put_head(pages, [(name, text) for name, text in sheet.head if text])
    for part in sheet.parts:
        _put_table(pages, part) if isinstance(part, Table) else _put_paragraph(pages, part)
    footer = sheet.footer
    pages.letters.width(footer, Face(7))  # so that its letters are known too
    missing = pages.letters.missing
    if missing:
        _put_paragraph(pages, Paragraph((_MISSING,)))
    told = {"Title": f"{sheet.title} - {sheet.kind}", "Creator": "burnish", "Producer": None}
    made = datetime.fromisoformat(sheet.made) if sheet.made else None
    data = BytesIO()
    with PdfPages(data, metadata={**told, "CreationDate": made}) as pdf:
        for number, pens in enumerate(pages.pages, 1):
            figure = Figure(figsize=(_WIDTH / 72, _HEIGHT / 72))
            FigureCanvasPdf(figure)
            for pen in pens:
                pen(figure, number, len(pages.pages))
            for pen in _footer(pages.letters, sheet, number, len(pages.pages)):
                pen(figure, number, len(pages.pages))
            pdf.savefig(figure)
    return data.getvalue(), missing


def _footer(letters: Typesetter, sheet: Sheet, number: int, n_pages: int) -> Iterator[_Pen]:
    y, face = _HEIGHT - 40.0, Face(7)
    yield lambda figure, i, n: _ruled(figure, y - 13, _HAIR, 0.5)
    place = f"{number}/{n_pages}"
    at = _RIGHT - letters.width(place, face)
    yield _written(letters, at, y, place, face, _GREY)
    text = letters.cut(sheet.footer, face, at - _LEFT - _GAP)
    yield _written(letters, _LEFT, y, text, face, _GREY)


def _put_title(pages: _Pages, sheet: Sheet) -> None:
    pages.y += 8
    pages.text(_LEFT, pages.y, sheet.kind.upper(), Face(8, bold=True, tracking=1.6), _GREY)
    pages.y += 6
    for text, face, leading, colour in (
        (sheet.title, Face(19, bold=True), 25.0, _INK),
        (sheet.subtitle, Face(11.5), 17.0, _INK),
    ):
        for line in pages.letters.lines(text, face, _RIGHT - _LEFT) if text else ():
            pages.y += leading
            pages.text(_LEFT, pages.y, line, face, colour)
    pages.y += 14
    pages.rule(pages.y, _RULE, 0.9)
    pages.y += 7


def _put_head(pages: _Pages, head: Sequence[tuple[str, str]]) -> None:
    """Two columns of names and values, the left one as long as the right or one longer."""
    if not head:
        return
    small, plain, leading = Face(7.5), Face(8.5), 12.5
    half = (_RIGHT - _LEFT - 24) / 2
    n_left = -(-len(head) // 2)
    names = max(pages.letters.width(name, small) for name, _ in head) + 12
    names = min(names, half * 0.6)
    top = lowest = pages.y
    for column, fields in enumerate((head[:n_left], head[n_left:])):
        x, y = _LEFT + column * (half + 24), top
        for name, text in fields:
            pages.text(x, y + leading, pages.letters.cut(name, small, names - 4), small, _GREY)
            for line in pages.letters.lines(text, plain, half - names):
                y += leading
                pages.text(x + names, y, line, plain)
            y += 2.5
        lowest = max(lowest, y)
    pages.y = lowest + 14


def _put_paragraph(pages: _Pages, part: Paragraph) -> None:
    face = Face(7.2, mono=True) if part.mono else Face(8)
    leading = 10.5 if part.mono else 11.5
    broken = pages.letters.pieces if part.mono else pages.letters.lines
    lines = [line for text in part.lines for line in broken(text, face, _RIGHT - _LEFT)]
    pages.need((20 if part.title else 0) + leading * min(len(lines), 3) + 8)
    _put_part_title(pages, part.title)
    for line in lines:
        pages.need(leading)
        pages.y += leading
        pages.text(_LEFT, pages.y, line, face, _INK if part.mono else _GREY)
    pages.y += 14


def _put_part_title(pages: _Pages, title: str) -> None:
    if title:
        pages.y += 13
        pages.text(_LEFT, pages.y, title, Face(9, bold=True))
        pages.y += 4


def _put_table(pages: _Pages, table: Table) -> None:
    size = 8.2
    while True:  # what cannot be broken must fit
        widths = _widths(pages.letters, table, size)
        if sum(widths) <= _RIGHT - _LEFT or size <= _LEAST_SIZE:
            break
        size = max(_LEAST_SIZE, size - 0.4)
    leading, padding = size * 1.32, size * 0.5
    broken = [_cells(pages.letters, table, row, widths, size) for row in table.rows]
    heights = [max(map(len, cells)) * leading + padding * 1.2 for cells in broken]
    pages.need(40 + sum(heights[:2]))
    _put_part_title(pages, table.title)
    _put_names(pages, table, widths, size)
    for place, (cells, height) in enumerate(zip(broken, heights, strict=True)):
        kept = height
        if place in table.faint and place + 1 < len(heights):
            kept += heights[place + 1]
        if pages.need(kept):
            _put_names(pages, table, widths, size)
        colour = _FAINT if place in table.faint else _INK
        x = _LEFT
        for column, width, lines in zip(table.columns, widths, cells, strict=True):
            edge = x + width - _GAP if column.align == "right" else x
            for k, line in enumerate(lines):
                y = pages.y + padding + leading * (k + 0.72)
                pages.text(edge, y, line, Face(size, mono=column.mono), colour, column.align)
            x += width
        pages.y += height
        if place not in table.faint:
            pages.rule(pages.y, _HAIR, 0.4)
    pages.y += 14


def _put_names(pages: _Pages, table: Table, widths: Sequence[float], size: float) -> None:
    pages.y += size * 1.5
    x = _LEFT
    for column, width in zip(table.columns, widths, strict=True):
        edge = x + width - _GAP if column.align == "right" else x
        pages.text(edge, pages.y, column.name, _of_names(size), _GREY, column.align)
        x += width
    pages.y += size * 0.55
    pages.rule(pages.y, _GREY, 0.6)


def _of_names(size: float) -> Face:
    return Face(max(_LEAST_SIZE, size - 1.2))


def _widths(letters: Typesetter, table: Table, size: float) -> list[float]:
    """Every column as wide as its widest cell; those that wrap share what is left."""
    wanted = [
        max(
            letters.width(column.name, _of_names(size)),
            *(letters.width(row[k], Face(size, mono=column.mono)) for row in table.rows),
            0.0,
        )
        + _GAP
        for k, column in enumerate(table.columns)
    ]
    wrapping = [k for k, column in enumerate(table.columns) if column.wraps]
    fixed = sum(width for k, width in enumerate(wanted) if k not in wrapping)
    left = _RIGHT - _LEFT + _GAP - fixed
    asked = sum(wanted[k] for k in wrapping)
    least = 60.0 * len(wrapping)
    if wrapping and (left >= asked or left >= least):
        for k in wrapping:
            share = wanted[k] / asked
            wanted[k] = wanted[k] + (left - asked) * share
    elif wrapping:
        for k in wrapping:
            wanted[k] = 60.0
    wanted[-1] -= _GAP if table.columns[-1].align == "left" else 0.0
    return wanted


def _cells(
    letters: Typesetter, table: Table, row: Sequence[str], widths: Sequence[float], size: float
) -> list[list[str]]:
    cells = []
    for column, width, text in zip(table.columns, widths, row, strict=True):
        face = Face(size, mono=column.mono)
        cells.append(letters.lines(text, face, max(width - 2, 20.0)) if column.wraps else [text])
    return cells


_ONE_AT_A_TIME = Lock()  # its settings belong to the whole process


@contextmanager
def _matplotlib() -> Iterator[None]:
    """Matplotlib as these sheets need it: fonts as TrueType, no word about its own affairs."""
    logger = logging.getLogger("matplotlib")
    with _ONE_AT_A_TIME:
        before = logger.level
        logger.setLevel(logging.ERROR)
        try:
            import matplotlib

            with matplotlib.rc_context({"pdf.fonttype": 42, "pdf.compression": 6}):
                yield
        finally:
            logger.setLevel(before)
