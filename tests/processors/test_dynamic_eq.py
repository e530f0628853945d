"""The curve and the shape of a band, its times, and what is not in the band."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp.biquad import response
from burnish.errors import SettingError
from burnish.processors.dynamic_eq import DynamicBand, DynamicEq, band_filter, move_db
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 48_000
CUT = DynamicBand(frequency_hz=1000, threshold_db=-30, ratio=2, range_db=-6)


def tone(level_dbfs: float, frequency_hz: float = 1000, duration_s: float = 2.0) -> Floats:
    """A sine of this RMS."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return 10 ** (level_dbfs / 20) * 2**0.5 * np.sin(2 * np.pi * frequency_hz * t)[None]


def gain_db(samples: Floats, *bands: DynamicBand, row: int = 0) -> Floats:
    """Change of RMS in every millisecond."""
    out = play(DynamicEq(bands=bands), samples, RATE_HZ)
    wave = RATE_HZ // 1000
    before, after = (
        10 * np.log10(np.mean(x[row].reshape(-1, wave) ** 2, axis=1)) for x in (samples, out)
    )
    return np.asarray(after - before)


@pytest.mark.parametrize("range_db", [-6.0, 6.0])
@pytest.mark.parametrize(
    ("mode", "level_dbfs", "expected_db"),
    [
        ("above", -40, 0.0),
        ("above", -24, 3.0),
        ("above", -10, 6.0),
        ("below", -20, 0.0),
        ("below", -36, 3.0),
        ("below", -50, 6.0),
        ("below", -66, 4.0),  # 40 dB under the threshold it lets go
        ("below", -75, 0.0),
    ],
)
def test_a_tone_is_moved_as_the_curve_says(
    mode: str, level_dbfs: float, expected_db: float, range_db: float
) -> None:
    band = DynamicBand(frequency_hz=1000, threshold_db=-30, ratio=2, mode=mode, range_db=range_db)
    signed = float(np.copysign(expected_db, range_db))
    assert move_db(band, np.array([float(level_dbfs)]))[0] == pytest.approx(signed)
    assert gain_db(tone(level_dbfs), band)[-1] == pytest.approx(signed, abs=0.05)


@pytest.mark.parametrize("kind", ["bell", "low_shelf", "high_shelf"])
@pytest.mark.parametrize("range_db", [-6.0, 6.0])
def test_the_shape_is_x_plus_the_band(kind: str, range_db: float) -> None:
    """Settled, a band is a filter: 1 + (g - 1) B, with all its gain in the middle or the shelf."""
    band = DynamicBand(
        kind=kind, frequency_hz=1000, threshold_db=-80, ratio=20, range_db=range_db, q=1.5
    )
    hz = np.array([40.0, 500.0, 1000.0, 2000.0, 15_000.0])
    made = [gain_db(tone(-30, f), band)[-1000:].mean() for f in hz]
    inside = response(band_filter(band, RATE_HZ), hz, RATE_HZ)
    expected = 20 * np.log10(np.abs(1 + (10 ** (range_db / 20) - 1) * inside))
    assert made == pytest.approx(expected, abs=0.05)
    full = {"bell": 2, "low_shelf": 0, "high_shelf": 4}[kind]
    assert expected[full] == pytest.approx(range_db, abs=0.15)


def test_what_is_not_in_the_band_remains() -> None:
    """A loud tone in the band is cut, a quiet one three octaves away is not."""
    samples = tone(-10) + tone(-40, 8000)
    out = play(DynamicEq(bands=(CUT.with_(q=4),)), samples, RATE_HZ)[0, -RATE_HZ:]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(RATE_HZ))) * 2 / RATE_HZ * 2**0.5
    assert 20 * np.log10(spectrum[1000]) == pytest.approx(-16.0, abs=0.05)
    assert 20 * np.log10(spectrum[8000]) == pytest.approx(-40.0, abs=0.05)


def test_while_no_band_acts_every_bit_stays() -> None:
    samples = tone(-40) + tone(-12, 60)
    assert np.array_equal(play(DynamicEq(bands=(CUT.with_(q=3),)), samples, RATE_HZ), samples)


@pytest.mark.parametrize(("attack_ms", "release_ms"), [(5.0, 60.0), (30.0, 300.0)])
def test_attack_and_release(attack_ms: float, release_ms: float) -> None:
    band = CUT.with_(attack_ms=attack_ms, release_ms=release_ms, q=0.5)
    quiet, loud = tone(-50, duration_s=1.0), tone(-20, duration_s=1.0)
    made_db = gain_db(np.concatenate((quiet, loud, quiet), axis=1), band)
    taken, given = made_db[1000:2000], made_db[2000:]
    assert taken[-1] == pytest.approx(-5.0, abs=0.15)
    assert taken.min() > -5.2  # no overshoot
    part = -5 * (1 - np.exp(-1))
    assert np.argmax(taken <= part) == pytest.approx(attack_ms, abs=1 + 0.1 * attack_ms)
    assert np.flatnonzero(given < -5 * np.exp(-1))[-1] == pytest.approx(release_ms, rel=0.15)


def test_both_channels_move_as_one() -> None:
    samples = np.concatenate((tone(-10), tone(-40)))
    assert gain_db(samples, CUT, row=1)[-1] == pytest.approx(-6.0, abs=0.02)


def test_bands_hear_what_came_in() -> None:
    """The second band is led by the input, not by what the first has left."""
    assert gain_db(tone(-20), CUT, CUT)[-1] == pytest.approx(-10.0, abs=0.05)


def test_not_more_than_eight() -> None:
    with pytest.raises(SettingError, match="9 given; must be 0 to 8 bands"):
        DynamicEq(bands=(CUT,) * 9)
