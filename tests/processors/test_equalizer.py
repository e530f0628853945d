import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.processors import Identity
from burnish.processors.equalizer import MOST_BANDS, Band, Equalizer, response_db
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 44_100
SIX = Equalizer(
    bands=(
        Band(kind="high_pass", frequency_hz=30, slope_db_per_octave=24),
        Band(kind="low_shelf", frequency_hz=120, gain_db=2),
        Band(kind="bell", frequency_hz=3000, gain_db=-4, q=2),
        Band(kind="bell", frequency_hz=15_000, gain_db=6, q=0.5),
        Band(kind="tilt", frequency_hz=700, gain_db=1, q=0.4),
        Band(kind="low_pass", frequency_hz=18_000, slope_db_per_octave=6),
    )
)


def impulse_gain_db(equalizer: Equalizer, frequencies_hz: Floats, of: Floats) -> Floats:
    """Gain of an impulse in ``of`` (left, right), measured on the sum or difference it makes."""
    samples = np.zeros((2, 2**16))
    samples[:, 0] = of
    out = play(equalizer, samples, RATE_HZ)
    heard = out[0] * of[0] + out[1] * of[1]
    spectrum = np.fft.rfft(heard) / (of @ of)
    at = np.round(frequencies_hz * 2**16 / RATE_HZ).astype(int)
    return np.asarray(20 * np.log10(np.abs(spectrum[at])))


def bins(*frequencies_hz: float) -> Floats:
    return np.round(np.array(frequencies_hz) * 2**16 / RATE_HZ) * RATE_HZ / 2**16


def test_response_is_what_the_sound_gets() -> None:
    f = bins(20, 50, 120, 700, 3000, 8000, 15_000, 20_000)
    made = impulse_gain_db(SIX, f, np.array([1.0, 1.0]))
    assert np.abs(made - response_db(SIX, f, RATE_HZ)).max() < 1e-9


@pytest.mark.parametrize(
    ("band", "frequency_hz", "gain_db"),
    [
        ({"kind": "bell", "frequency_hz": 1000, "gain_db": 6, "q": 1}, 1000, 6.0),
        ({"kind": "bell", "frequency_hz": 16_000, "gain_db": -9, "q": 4}, 16_000, -9.0),
        ({"kind": "low_shelf", "frequency_hz": 200, "gain_db": 4}, 10, 4.0),
        ({"kind": "low_shelf", "frequency_hz": 200, "gain_db": 4}, 200, 2.0),
        ({"kind": "high_shelf", "frequency_hz": 5000, "gain_db": -4}, 5000, -2.0),
        ({"kind": "tilt", "frequency_hz": 800, "gain_db": 3}, 800, 0.0),
        ({"kind": "tilt", "frequency_hz": 800, "gain_db": 3}, 10, -3.0),
        ({"kind": "tilt", "frequency_hz": 800, "gain_db": 3}, 18_000, 3.0),
        ({"kind": "high_pass", "frequency_hz": 40, "slope_db_per_octave": 48}, 40, -3.01),
        ({"kind": "high_pass", "frequency_hz": 400, "slope_db_per_octave": 18}, 100, -36.12),
        ({"kind": "low_pass", "frequency_hz": 500, "slope_db_per_octave": 12}, 2000, -24.1),
    ],
)
def test_bands_do_what_they_say(band: dict, frequency_hz: float, gain_db: float) -> None:
    made = response_db(Equalizer(bands=(band,)), np.array([frequency_hz]), RATE_HZ)
    assert made[0] == pytest.approx(gain_db, abs=0.15 if frequency_hz > 15_000 else 0.01)


def test_boost_and_cut_undo_each_other() -> None:
    f = np.geomspace(20, 20_000, 200)
    up, down = (
        response_db(Equalizer(bands=(Band(frequency_hz=9000, gain_db=g, q=0.7),)), f, RATE_HZ)
        for g in (8.0, -8.0)
    )
    assert np.abs(up + down).max() < 0.01


def test_a_band_without_gain_is_nothing() -> None:
    flat = Equalizer(bands=(Band(), Band(kind="tilt"), Band(kind="low_shelf", on="side")))
    assert flat.is_neutral
    assert isinstance(flat.start(RATE_HZ, 2), Identity)
    assert not Equalizer(bands=(Band(kind="low_pass", frequency_hz=20_000),)).is_neutral


@pytest.mark.parametrize(("part", "other"), [("mid", "side"), ("side", "mid")])
def test_a_band_on_one_part_leaves_the_other(part: str, other: str) -> None:
    equalizer = Equalizer(bands=(Band(frequency_hz=2000, gain_db=6, on=part),))
    signs = {"mid": np.array([1.0, 1.0]), "side": np.array([1.0, -1.0])}
    f = bins(2000)
    assert impulse_gain_db(equalizer, f, signs[part])[0] == pytest.approx(6.0, abs=0.01)
    assert impulse_gain_db(equalizer, f, signs[other])[0] == pytest.approx(0.0, abs=1e-9)
    assert response_db(equalizer, f, RATE_HZ, part)[0] == pytest.approx(6.0, abs=0.01)
    assert response_db(equalizer, f, RATE_HZ, other)[0] == pytest.approx(0.0, abs=1e-9)


def test_on_one_channel_the_middle_is_all_there_is() -> None:
    mono = np.random.default_rng(0).standard_normal((1, 1000))
    band = {"frequency_hz": 2000.0, "gain_db": 6.0}
    whole = play(Equalizer(bands=(Band(**band),)), mono, RATE_HZ)
    assert np.array_equal(play(Equalizer(bands=(Band(**band, on="mid"),)), mono, RATE_HZ), whole)
    assert np.array_equal(play(Equalizer(bands=(Band(**band, on="side"),)), mono, RATE_HZ), mono)


def test_gain_g_moves_the_sound_by_g() -> None:
    samples = np.random.default_rng(0).standard_normal((2, 5000))
    loud = play(SIX, 8.0 * samples, RATE_HZ)
    assert np.array_equal(loud, 8.0 * play(SIX, samples, RATE_HZ))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"bands": [{"gain_db": 40}]}, "gain_db=40: must be -18 to 18 dB"),
        ({"bands": [{"slope_db_per_octave": 7}]}, "must be 6 to 48 dB/octave in steps of 6"),
        ({"bands": [{"kind": "notch"}]}, "kind=notch: must be one of high_pass, low_pass"),
        ({"bands": [{}] * (MOST_BANDS + 1)}, "bands: 25 given; must be 0 to 24 bands"),
        ({"bands": [{"gain": 1}]}, "gain: no such setting"),
    ],
)
def test_faults_are_named(settings: dict, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        Equalizer(**settings)
