"""Names that every file system takes, and that still are the titles."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.deliver.names import MOST_BYTES, file_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Blue Hour", "07 Blue Hour.flac"),
        ("Łódź – “Żółw”", "07 Łódź – “Żółw”.flac"),
        ("夜の光", "07 夜の光.flac"),
        ("ليل", "07 ليل.flac"),
        ("Cafe\u0301", "07 Café.flac"),
        ("AC/DC: Who?", "07 AC-DC- Who.flac"),
        ('a\\b|c*d<e>"f"', "07 a-b-c-d(e)'f'.flac"),
        ("Wait ...", "07 Wait.flac"),
        ("...", "07 Track.flac"),
        ("", "07 Track.flac"),
        ("two\nlines\t\x00and\x7f", "07 two lines and.flac"),
        ("../../etc/passwd", "07 -..-etc-passwd.flac"),
        ("exe\u202egnp.scr", "07 exegnp.scr.flac"),
        ("👩‍🎤", "07 👩‍🎤.flac"),
    ],
)
def test_a_title_as_a_name(title: str, name: str) -> None:
    assert file_name(7, title, ".flac", set()) == name


def test_reserved_names_of_windows_without_a_number() -> None:
    names = [file_name(None, title, ".txt", set()) for title in ("CON", "nul", "Com1", "lpt¹")]
    assert names == ["_CON.txt", "_nul.txt", "_Com1.txt", "_lpt¹.txt"]
    assert file_name(None, "Concert", ".txt", set()) == "Concert.txt"


def test_names_that_differ_in_case_or_composition_only() -> None:
    taken: set[str] = set()
    names = [file_name(1, t, ".wav", taken) for t in ("Café", "CAFÉ", "Cafe\u0301", "Cafe")]
    assert names == ["01 Café.wav", "01 CAFÉ (2).wav", "01 Café (3).wav", "01 Cafe.wav"]


def test_a_long_title_is_cut_between_letters() -> None:
    taken: set[str] = set()
    for title in ("ü" * 300, "夜" * 300, "x\u0323\u0302" * 200, "👩‍🎤" * 60):
        for _ in range(2):
            name = file_name(12, title, ".flac", taken)
            assert 255 - 20 < len(name.encode()) <= MOST_BYTES
            stem = name.removesuffix(".flac").removesuffix(" (2)")
            rest = unicodedata.normalize("NFC", title).removeprefix(stem[3:])
            assert not unicodedata.category(rest[0]).startswith("M")
            assert "\u200d" not in (rest[0], stem[-1])


def test_numbers_past_99() -> None:
    assert file_name(100, "x", ".wav", set()) == "100 x.wav"


@given(titles=st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_any_text_is_a_name_and_no_two_are_one(
    titles: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("names")
    taken: set[str] = set()
    for title in titles:
        name = file_name(1, title, ".x", taken)
        assert name == unicodedata.normalize("NFC", name)
        assert not set(name) & set('/\\:*?"<>|')
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in name)
        assert not name.removesuffix(".x").endswith((" ", "."))
        (folder / name).touch(exist_ok=False)
    assert len({name.name.casefold() for name in folder.iterdir()}) == len(titles)
