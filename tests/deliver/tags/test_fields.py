"""What a file is told of, and the gains."""

import math
from pathlib import Path

import pytest

from burnish import __version__
from burnish.deliver.tags import Fields, ReplayGains, fields_of
from burnish.deliver.tags.homes import HOMES
from burnish.deliver.tags.id3 import id3_texts
from burnish.deliver.tags.language import three_letters
from burnish.release import Credit, Release, Track

RELEASE = Release(
    title="Blue Hour",
    artist="Ana & the Tides",
    label="Tidal",
    upc="036000291452",
    date="2026",
    producer="P",
    credits=(Credit(role="Photo", name="Li"),),
    tracks=(
        Track(title="Low Water", isrc="US-RC1-76-07839", file="a.wav"),
        Track(
            title="Home",
            version="Live",
            artist="Ana",
            producer="Q",
            explicit="yes",
            credits=(Credit(role="Drums", name="Bo"), Credit(role="Photo", name="Li")),
            isrc="USRC17607840",
        ),
    ),
)


def test_what_a_track_does_not_say_the_release_says():
    first, second = fields_of(RELEASE, 0), fields_of(RELEASE, 1, mastered_by="M")
    assert (first.title, first.artist, first.producer) == ("Low Water", "Ana & the Tides", "P")
    assert (first.track, first.n_tracks, first.isrc) == (1, 2, "USRC17607839")
    assert first.upc == "0036000291452"
    assert first.encoder == f"burnish {__version__}"
    assert (second.title, second.artist, second.album_artist) == (
        "Home (Live)", "Ana", "Ana & the Tides",
    )  # fmt: skip
    assert (second.producer, second.explicit, second.mastered_by) == ("Q", "yes", "M")
    assert second.credits == (("Photo", "Li"), ("Drums", "Bo"))


def test_the_whole_release_as_one_file():
    whole = fields_of(RELEASE)
    assert (whole.title, whole.album, whole.isrc, whole.track) == (
        "Blue Hour",
        "Blue Hour",
        "",
        None,
    )
    assert "track" not in whole.texts()


def test_a_track_that_is_not_there():
    for track in (-1, 2):
        with pytest.raises(ValueError, match="must be 0 to 1"):
            fields_of(RELEASE, track)


def test_an_alternate_is_another_recording():
    clean = fields_of(RELEASE, 1, alternate="clean")
    assert (clean.title, clean.isrc, clean.explicit) == ("Home (Live) (Clean)", "", "clean")


def test_texts_are_one_line_each():
    fields = Fields(title=" a\nb\0c\u2028d ", artist="\ud800", track=2)
    texts = fields.texts()
    assert (texts["title"], texts["artist"], texts["track"]) == ("a b c d", "\ufffd", "2")
    assert "album" not in texts


def test_id3_has_its_own_ways():
    fields = Fields(language="pt-BR", copyright="© 2026 Ana", phonographic_copyright="(P) 2026 B")
    texts = id3_texts(fields)
    assert texts["language"] == "por"
    assert (texts["copyright"], texts["phonographic_copyright"]) == ("2026 Ana", "2026 B")
    assert [three_letters(code) for code in ("en", "de", "ja", "zxx")] == [
        "eng", "deu", "jpn", "zxx",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lufs", "gain", "r128"),
    [(-14.0, "-4.00 dB", "-2304"), (-11.48, "-6.52 dB", "-2949"), (-23.0, "5.00 dB", "0"),
     (-18.0, "0.00 dB", "-1280"), (-27.123, "9.12 dB", "1055")],
)  # fmt: skip
def test_gains(lufs, gain, r128):
    gains = ReplayGains(lufs)
    assert gains.replay_gain()["REPLAYGAIN_TRACK_GAIN"] == gain
    assert gains.r128() == {"R128_TRACK_GAIN": r128}


def test_peaks_are_shares_of_full_scale():
    told = ReplayGains(-14.0, 0.0, -13.0, 20 * math.log10(0.987654)).replay_gain()
    assert told["REPLAYGAIN_TRACK_PEAK"] == "1.000000"
    assert told["REPLAYGAIN_ALBUM_PEAK"] == "0.987654"
    assert told["REPLAYGAIN_REFERENCE_LOUDNESS"] == "-18.00 LUFS"


def test_silence_has_no_gain():
    gains = ReplayGains(-math.inf, -math.inf, None, None)
    assert gains.r128() == {}
    assert gains.replay_gain() == {"REPLAYGAIN_TRACK_PEAK": "0.000000"}
    assert ReplayGains(-200.0).r128() == {"R128_TRACK_GAIN": "32767"}


def test_the_page_shows_the_table_as_it_is():
    page = (Path(__file__).parents[3] / "docs" / "tags.md").read_text(encoding="utf-8")
    for home in HOMES:
        row = f"| {home.field} | {home.vorbis} | {home.id3} | {home.mp4} | {home.info or '-'} |"
        assert row in page
    assert {home.field for home in HOMES} == set(Fields(track=1).__dict__) - {"n_tracks"}
