"""A release as data: codes in one form, and what does not fit together, in one sentence each."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.dsp.fade import CURVES
from burnish.errors import SettingError
from burnish.release import (
    Crossing,
    Curve,
    Fade,
    Release,
    Track,
    ean_check_digit,
    faults,
    normalised_ean,
    normalised_isrc,
)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("USRC17607839", "USRC17607839"),  # the standard's own example
        ("us-rc1-76-07839", "USRC17607839"),
        (" ISRC US RC1 76 07839 ", "USRC17607839"),
        ("DEA1B2600000", "DEA1B2600000"),
    ],
)
def test_an_isrc_has_one_form(given: str, stored: str) -> None:
    assert normalised_isrc(given) == stored
    assert Track(isrc=given).isrc == stored


@pytest.mark.parametrize(
    "given", ["", "US-RC1-76-0783", "USRC176078390", "1SRC17607839", "USRC1760783X", "ÜSRC17607839"]
)
def test_what_is_no_isrc_is_told(given: str) -> None:
    with pytest.raises(SettingError, match="must be 2 letters, 3 letters or digits and 7 digits"):
        normalised_isrc(given)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("4006381333931", "4006381333931"),  # published examples of GS1 and of UPC-A
        ("5901234123457", "5901234123457"),
        ("036000291452", "0036000291452"),
        ("0-36000-29145-2", "0036000291452"),
    ],
)
def test_a_upc_is_the_13_digits_of_its_ean(given: str, stored: str) -> None:
    assert normalised_ean(given) == stored
    assert Release(upc=given).upc == stored


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_never_passes(digits: str, place: int, other: int) -> None:
    code = digits + str(ean_check_digit(digits))
    assert normalised_ean(code) == code
    wrong = str((int(code[place]) + other) % 10)
    with pytest.raises(SettingError, match="its check digit"):
        normalised_ean(code[:place] + wrong + code[place + 1 :])


def test_a_upc_of_another_length_is_told() -> None:
    for code in ("", "40063813339", "40063813339311", "400638133393a"):
        with pytest.raises(SettingError, match="must be a UPC of 12 digits or an EAN of 13"):
            normalised_ean(code)


@pytest.mark.parametrize(
    ("model", "values", "sentence"),
    [
        (Release, {"date": "21.11.2026"}, "date=21.11.2026: must be a day, month or year"),
        (Release, {"date": "2026-02-30"}, "date=2026-02-30"),
        (Release, {"language": "English"}, "language=English: must be a code"),
        (Release, {"album": 2}, "album=2: comes from a newer burnish"),
        (Track, {"crossfade_curve": "log"}, "must be one of linear, equal-power, exponential"),
        (Track, {"gap_s": -1}, "gap_s=-1: must be 0 to 600 s"),
        (Track, {"explicit": "perhaps"}, "explicit=perhaps: must be one of no, yes, clean"),
        (Track, {"gap": 2}, "gap: no such setting; there are title, artist"),
    ],
)
def test_a_bad_value_names_what_is_allowed(
    model: type[Release | Track], values: dict[str, object], sentence: str
) -> None:
    with pytest.raises(SettingError) as told:
        model(**values)
    assert sentence in told.value.sentence


def test_dates_and_what_is_left_empty() -> None:
    for date in ("2026", "2026-11", "2024-02-29", ""):
        assert Release(date=date).date == date
    empty = Track(title=None, gap_s=None, crossfade_s=None, stems=None, isrc=None)
    assert empty == Track()
    assert (Track(explicit=True).explicit, Track(explicit=False).explicit) == ("yes", "no")


def test_a_track_says_more_than_the_release() -> None:
    one, two = Track(file="a", artist="Guest"), Track(file="b", title="B")
    album = Release(title="Album", artist="Band", composer="Bach", tracks=(one, two))
    assert album.told_of(one, "artist") == "Guest"
    assert album.told_of(two, "artist") == "Band"
    assert album.told_of(one, "composer") == "Bach"
    assert album.told_of(one, "title") == ""  # never the album's
    assert Track(title="Song", version="Live").full_title == "Song (Live)"


def test_gaps() -> None:
    tracks = (Track(), Track(), Track(gap_s=0), Track(gap_s=5), Track(crossfade_s=3))
    album = Release(gap_s=1.5, tracks=tracks)
    assert [album.gap_before_s(i) for i in range(5)] == [0, 1.5, 0, 5, 0]


def test_the_curves_are_those_that_can_be_played() -> None:
    assert set(get_args(Curve)) == set(CURVES)
    assert set(get_args(Crossing)) == {*CURVES, "none"}


def a(**values: object) -> Track:
    return Track(**{"file": "a.wav", **values})


def b(**values: object) -> Track:
    return Track(**{"file": "b.wav", **values})


FADES = {"fade_in": Fade(length_s=5), "fade_out": Fade(length_s=6)}


@pytest.mark.parametrize(
    ("tracks", "sentence"),
    [
        ((), "tracks: must hold one or more"),
        ((Track(title="x"),), "track 1: file: must be given, or stems"),
        ((a(stems=("b.wav",)),), "track 1: file: must stand alone, without stems"),
        ((Track(stems=("b.wav",), keep_as_is=True),), "track 1: keep_as_is: stems cannot be kept"),
        ((a(), b(hidden_file="h.wav")), "track 2: hidden_file: only the first track hides"),
        ((a(start_s=5, end_s=4),), "track 1: end_s=4: must be after start_s=5"),
        ((a(crossfade_s=2),), "track 1: crossfade_s=2: no track is before it"),
        ((a(gap_s=2),), "track 1: gap_s=2: nothing is before it"),
        ((a(), b(gap_s=2, crossfade_s=1)), "track 2: gap_s=2: must be 0 where"),
        ((a(end_s=10, **FADES),), "track 1: fade_out: its fades take 11 s, but it plays 10.000 s"),
        ((a(end_s=3), b(crossfade_s=4)), "track 2: crossfade_s=4: is longer than track 1, 3.000 s"),
        ((a(), b(start_s=2, end_s=5, crossfade_s=4)), "crossfade_s=4: is longer than track 2"),
        (
            (a(), b(end_s=10, crossfade_s=6), Track(file="c", crossfade_s=5)),
            "track 3: crossfade_s=5: meets the one before, together they are longer than track 2",
        ),
        ((a(index_s=(3.0, 2.0)),), "track 1: index_s=2: must be after 3 s"),
        ((a(index_s=tuple(range(1, 101))),), "track 1: index_s: must be 98 marks or fewer"),
        (
            (a(isrc="USRC17607839"), b(), Track(file="c", isrc="us-rc1-76-07839")),
            "track 3: isrc=USRC17607839: is that of track 1; each recording has its own",
        ),
        (
            (a(end_s=181.5), a(start_s=180)),
            "track 2: file=a.wav: track 1 plays some of the same samples",
        ),
        ((a(), a()), "track 2: file=a.wav: track 1 plays some of the same samples"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told_once(tracks: tuple[Track, ...], sentence: str) -> None:
    (fault,) = faults(Release(tracks=tracks))
    assert sentence in fault.sentence
    assert fault.name in sentence


def test_what_fits_is_not_told() -> None:
    side = "side_a.wav"
    tracks = (
        Track(file=side, end_s=180, hidden_file="h.wav", gap_s=10, fade_in=Fade(length_s=1)),
        Track(file=side, start_s=180, end_s=300, gap_s=0, index_s=(10, 119.5), isrc="USRC17607839"),
        Track(file="b.wav", crossfade_s=8),
        Track(stems=("drums=d.wav", "v.wav")),
    )
    assert faults(Release(tracks=tracks)) == ()
    assert faults(Release(tracks=tracks), [300.0, 300.0, 20.0, None]) == ()


def test_lengths_of_files_tell_more() -> None:
    album = Release(tracks=(a(), b(crossfade_s=4), Track(file="c", start_s=9)))
    assert faults(album) == ()
    found = [fault.sentence for fault in faults(album, [3.0, 60.0, 8.0])]
    assert found == [
        "track 2: crossfade_s=4: is longer than track 1, 3.000 s",
        "track 3: start_s=9: its file plays only 8.000 s",
    ]


def test_alternate_versions() -> None:
    assert Track(versions={"clean": "a.wav"}).versions == {"clean": "a.wav"}
    for label in ("Clean", "radio edit", "", "main", "a.b", "-x"):
        with pytest.raises(SettingError, match="must be small letters, digits and hyphens"):
            Track(versions={label: "a.wav"})
    for track, sentence in (
        (
            Track(file="a", versions={"tv": "a"}),
            "track 1: versions: tv=a: must be a file of its own",
        ),
        (Track(file="a", versions={"tv": "b", "live": "b"}), "tv=b: must be a file of its own"),
        (Track(file="a", versions={"tv": ""}), "tv=: must name a file"),
    ):
        (fault,) = faults(Release(tracks=(track,)))
        assert sentence in fault.sentence
    assert not faults(Release(tracks=(Track(file="a", versions={"tv": "b", "live": "c"}),)))
