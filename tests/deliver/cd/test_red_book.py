"""Each limit of a CD, passed by a little and just kept."""

from dataclasses import replace

import pytest
from discs import whole_disc

from burnish.deliver.cd import Disc, DiscTrack, Texts
from burnish.deliver.cd.cdtext import cd_text
from burnish.deliver.cd.profile import profile_named
from burnish.deliver.cd.red_book import check_disc, limits_passed
from burnish.errors import SettingError

ONE = (DiscTrack(150, 0),)
END_79_57 = (79 * 60 + 57) * 75


def row(n_tracks: int, each: int = 300) -> Disc:
    tracks = tuple(DiscTrack(150 + each * i, None if i else 0) for i in range(n_tracks))
    return Disc(tracks, 150 + each * n_tracks)


def test_a_disc_that_keeps_them_all() -> None:
    for disc in (whole_disc(), row(1), row(99), Disc(ONE, 74 * 60 * 75)):
        assert limits_passed(disc) == ()


@pytest.mark.parametrize(
    ("disc", "code", "sentence"),
    [
        (row(0), "cd-tracks", "0 tracks: a CD has 1 to 99"),
        (row(100), "cd-tracks", "100 tracks: a CD has 1 to 99"),
        (row(1, 299), "cd-short-track", "track 1 is 3.99 s long: must be 4 s or more"),
        (Disc(ONE, END_79_57 + 1), "cd-length", "the disc ends at 79:57:01: must be 79:57:00"),
        (Disc(ONE, 450_000), "cd-length", "the disc lasts 100.0 min: a CD counts to 99:59:74"),
        (Disc((DiscTrack(149, 0),), 900), "cd-first-pregap", "track 1 begins 149 cd_frames after"),
        (Disc((DiscTrack(150),), 900), "cd-first-pregap", "its pregap at 150: the pregap must"),
        (
            Disc((*ONE, DiscTrack(800, 140)), 1200),
            "cd-order",
            "track 2 index 00 at cd_frame 140: must come after track 1 index 01 at 150",
        ),
        (
            Disc((DiscTrack(150, 0, (200, 200)),), 900),
            "cd-order",
            "track 1 index 03 at cd_frame 200: must come after track 1 index 02 at 200",
        ),
        (Disc(ONE, 150), "cd-order", "the disc ends at cd_frame 150: must come after"),
        (
            Disc((DiscTrack(150, 0, tuple(range(151, 250))),), 900),
            "cd-index-marks",
            "track 1 has 100 index marks: at most 99",
        ),
        (replace(row(1), ean="036000291452"), "cd-ean", "ean=036000291452: must be 13 digits"),
        (replace(row(1), ean="4006381333932"), "cd-ean", "its last digit must be 1"),
        (
            Disc((DiscTrack(150, 0, isrc="DE-AB1-26-00001"),), 900),
            "cd-isrc",
            "track 1 isrc=DE-AB1-26-00001: must be two letters",
        ),
    ],
)
def test_a_limit_passed(disc: Disc, code: str, sentence: str) -> None:
    assert code in {one.code for one in limits_passed(disc)}
    with pytest.raises(SettingError) as raised:
        check_disc(disc)
    assert raised.value.code == code
    assert sentence in raised.value.sentence
    assert "\n" not in raised.value.sentence


def test_what_is_only_told() -> None:
    (long,) = check_disc(Disc(ONE, END_79_57))
    assert (long.code, long.severity) == ("cd-long", "warn")
    twice = replace(row(3), tracks=tuple(replace(t, isrc="DEAB12600001") for t in row(3).tracks))
    (told,) = check_disc(twice)
    assert told.detail == "isrc=DEAB12600001 stands on tracks 1, 2, 3: each recording has its own"


def test_too_much_text_and_an_unknown_genre_and_profile() -> None:
    texts = Texts(*["x" * 160] * 6)
    tracks = tuple(replace(track, texts=texts) for track in row(20).tracks)
    with pytest.raises(SettingError, match="packs: must be 256 at most"):
        cd_text(replace(row(20), tracks=tracks))
    with pytest.raises(SettingError, match="genre_code=28: must be 0 to 27"):
        cd_text(replace(row(1), genre_code=28))
    with pytest.raises(SettingError, match="profile=gear: must be one of recommended, cue2ddp"):
        profile_named("gear")
    (long,) = cd_text(replace(row(1), texts=Texts("x" * 161))).findings
    assert long.code == "cd-text-long-string"
