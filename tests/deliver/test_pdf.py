"""Sheets on paper, as pdftotext, pdfinfo and pdffonts read them."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from burnish.deliver.pdf import Column, Paragraph, Sheet, Table, pdf_bytes, write_pdf
from burnish.deliver.pdf_letters import NO_LETTER, Face, Typesetter
from burnish.errors import OutputError
from needed import need_tool

TITLES = ("Żółw – “Łódź”", "Привет, мир", "Νύχτα $x$ \\frac_1^2", "fi ffi AVA", "50% #1 & ~")
COLUMNS = (Column("Tr"), Column("Length", "right"), Column("ISRC", mono=True),
           Column("Title", wraps=True))  # fmt: skip
ROWS = tuple((f"{n:02d}", f"{n}:0{n % 10}", f"DEAB126{n:05d}", TITLES[n % 5]) for n in range(1, 6))
SHEET = Sheet(
    kind="PQ sheet",
    title="Blue Hour",
    subtitle="Ünï & the Tides",
    head=(("UPC/EAN", "0036000291452"), ("Client", ""), ("Label", "Tide Records")),
    parts=(
        Table(COLUMNS, ROWS, "Tracks"),
        Paragraph(("0" * 32 + "  IMAGE.DAT",), "MD5", mono=True),
    ),
    footer="Ünï - Blue Hour",
    made="2026-11-21T18:30:00Z",
)


def told(sheet: Sheet, folder: Path, *options: str) -> str:
    """The text of it, as a program reads it that burnish did not write."""
    tool = need_tool("pdftotext")
    write_pdf(folder / "sheet.pdf", sheet, overwrite=True)
    words = [tool, *options, "sheet.pdf", "-"]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True).stdout.decode()


def test_every_word_is_read_back(tmp_path: Path) -> None:
    text = told(SHEET, tmp_path, "-layout")
    assert "PQ SHEET" in text
    for word in ("Blue Hour", "Ünï & the Tides", "0036000291452", "Tide Records", *TITLES):
        assert word in text
    assert "Client" not in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for row in ROWS:
        assert " ".join(row) in lines
    assert "0" * 32 in text
    assert "Ünï - Blue Hour 1/1" in lines


def test_the_same_sheet_gives_the_same_bytes(tmp_path: Path) -> None:
    data, missing = pdf_bytes(SHEET)
    assert (data, missing) == pdf_bytes(replace(SHEET))
    assert data != pdf_bytes(replace(SHEET, title="Red Hour"))[0]
    assert b"CreationDate (D:20261121183000" in data
    assert b"CreationDate" not in pdf_bytes(replace(SHEET, made=""))[0]


def test_pages_are_a4_and_numbered_and_fonts_are_in_it(tmp_path: Path) -> None:
    rows = ROWS * 30
    sheet = replace(SHEET, parts=(Table(COLUMNS, rows, "Tracks"),))
    text = told(sheet, tmp_path, "-layout")
    pages = text.split("\f")[:-1]
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in page
        assert re.search(r"Tr +Length +ISRC +Title", page)  # the names on each page
    assert sum(page.count("DEAB126") for page in pages) == len(rows)
    facts = subprocess.run(
        [need_tool("pdfinfo"), "sheet.pdf"], cwd=tmp_path, check=True, capture_output=True
    ).stdout.decode()
    assert "(A4)" in facts
    fonts = subprocess.run(
        [need_tool("pdffonts"), "sheet.pdf"], cwd=tmp_path, check=True, capture_output=True
    ).stdout.decode()
    kinds = [line.split() for line in fonts.splitlines()[2:]]
    assert kinds
    assert all("TrueType" in line and line[-5:-2] == ["yes"] * 3 for line in kinds)


def test_nothing_leaves_the_page(tmp_path: Path) -> None:
    long = "Ein sehr langer Titel, der in keine Zeile passt " * 6
    word = "Donaudampfschifffahrtsgesellschaft" * 8
    rows = (("01", "0:01", "X", long), ("02", "0:02", "X", word))
    sheet = replace(
        SHEET,
        title=long,
        subtitle=word,
        head=(("A very long name of a field in the head of it all", long), ("B", word)),
        parts=(Table(COLUMNS, rows), Paragraph((long, word)), Paragraph((word,), mono=True)),
        footer=long,
    )
    text = told(sheet, tmp_path, "-bbox")
    places = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', text
    )
    assert len(places) > 100
    for left, top, right, bottom in (map(float, place) for place in places):
        assert left >= 53.5
        assert right <= 595.28 - 53.5
        assert top >= 30
        assert bottom <= 841.89 - 30
    plain = "".join(told(sheet, tmp_path, "-raw").split())
    assert plain.count("".join(long.split())) >= 3  # title, table, paragraph: whole
    assert plain.count(word) >= 3


def test_columns_that_are_too_wide_are_set_smaller(tmp_path: Path) -> None:
    columns = tuple(Column(f"Column {n}") for n in range(12))
    sheet = replace(SHEET, parts=(Table(columns, (("quite a cell",) * 12,)),))
    assert told(sheet, tmp_path, "-layout").count("quite a cell") == 12


def test_letters_without_a_font_are_told(tmp_path: Path) -> None:
    nobody = "\U000105d0\U000105d1"  # a script that hardly a computer has
    sheet = replace(SHEET, title=f"A {nobody} B")
    missing = write_pdf(tmp_path / "sheet.pdf", sheet)
    if missing:
        assert missing == nobody
        text = told(sheet, tmp_path, "-layout")
        assert f"A {NO_LETTER}{NO_LETTER} B" in text
        assert "Letters that no font here has" in text
    assert pdf_bytes(SHEET)[1] == ""


def test_lines_break_at_blanks_and_pieces_keep_them() -> None:
    letters, face = Typesetter(), Face(10)
    text = "one two  three four"
    lines = letters.lines(text, face, letters.width("three four", face) + 0.1)
    assert lines == ["one two", "three four"]
    assert letters.lines("", face, 10) == [""]
    assert "".join(letters.pieces(text, face, 30)) == text
    assert letters.cut(text, face, 1000) == text
    assert letters.cut(text, face, 50).endswith("…")
    assert letters.width(letters.cut(text, face, 50), face) <= 50


def test_an_accent_of_its_own_stays_with_its_letter() -> None:
    letters, face = Typesetter(), Face(10)
    text = "x\u0323\u0301" * 9
    for piece in letters.pieces(text, face, 20):
        assert piece.startswith("x")


def test_what_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists already"):
        write_pdf(path, SHEET)
    assert path.read_bytes() == b"mine"
