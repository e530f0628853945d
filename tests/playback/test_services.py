"""Services: what they do to the gain, by arithmetic that anybody can do."""

import math

import pytest

from burnish.errors import SettingError
from burnish.playback.services import service, services, turned


def test_the_services_that_were_promised() -> None:
    wanted = {"spotify", "spotify-loud", "spotify-quiet", "apple-music", "youtube", "youtube-music"}
    assert wanted | {"tidal", "amazon", "deezer"} <= set(services())
    assert "cd" not in services()
    assert "broadcast-r128" not in services()


@pytest.mark.parametrize(
    ("name", "lufs", "dbtp", "gain_db"),
    [
        ("spotify", -9.0, -1.0, -5.0),
        ("spotify", -20.0, -5.0, 4.0),  # the help page's own example: only to -16
        ("spotify", -20.0, -12.0, 6.0),
        ("spotify", -20.0, -0.5, 0.0),  # no room at all
        ("spotify-loud", -9.0, -1.0, -2.0),
        ("spotify-loud", -16.0, -1.0, 5.0),
        ("spotify-quiet", -9.0, -1.0, -10.0),
        ("youtube", -9.0, -1.0, -5.0),
        ("youtube", -20.0, -9.0, 0.0),  # never up
        ("youtube-music", -9.0, -1.0, 0.0),
        ("youtube-music", -5.0, -1.0, -2.0),
        ("tidal", -9.0, -1.0, -5.0),
        ("amazon", -9.0, -1.0, -5.0),
        ("deezer", -9.0, -1.0, -6.0),
        ("apple-music", -9.0, -1.0, -7.0),
        ("apple-music", -20.0, -9.0, 0.0),  # sources disagree: taken as not turned up
        ("soundcloud", -9.0, -1.0, 0.0),
        ("bandcamp", -25.0, -1.0, 0.0),
    ],
)
def test_gain(name: str, lufs: float, dbtp: float, gain_db: float) -> None:
    told = turned(service(name), lufs, dbtp)
    assert told.gain_db == pytest.approx(gain_db, abs=1e-9)
    assert told.loudness_lufs == pytest.approx(lufs + gain_db)
    assert told.true_peak_dbtp == pytest.approx(dbtp + gain_db)


def test_loud_goes_into_a_limiter_by_what_the_peaks_lack() -> None:
    told = turned(service("spotify-loud"), -16.0, -1.0)
    assert told.limited_db == pytest.approx(5.0)  # 5 dB up, and -1 dB is already reached
    assert turned(service("spotify-loud"), -16.0, -8.0).limited_db == 0.0
    assert "into a limiter" in told.words


def test_what_is_missing_is_told() -> None:
    told = turned(service("spotify"), -20.0, -5.0)
    assert told.missing_lu == pytest.approx(2.0)
    assert told.words == "turns it up by 4.0 dB; its peaks hold back 2.0 dB more"
    assert turned(service("youtube"), -20.0, -9.0).words == "leaves it, 6.0 dB under the others"


def test_an_album_is_turned_as_one_where_the_service_does() -> None:
    assert turned(service("tidal"), -18.0, -3.0, album_lufs=-10.0).gain_db == pytest.approx(-4.0)
    # This one levels every song by itself.
    assert turned(service("youtube"), -12.0, -3.0, album_lufs=-10.0).gain_db == pytest.approx(-2.0)


def test_silence_is_left_alone() -> None:
    for name in services():
        assert turned(service(name), None, -math.inf).gain_db == 0.0
        assert turned(service(name), -math.inf, -math.inf).gain_db == 0.0


def test_an_unknown_service_lists_them() -> None:
    with pytest.raises(SettingError, match=r"^service=napster: must be one of amazon, "):
        service("napster")
