"""Cutting: powers in their bands, excursion by the recording curve, correlation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.measure.cutting import Cutting, cutting

RATE_HZ = 44_100
Floats = NDArray[np.float64]


def tone(hz: float, duration_s: float = 2.0, gain: float = 0.5) -> Floats:
    return gain * np.sin(2 * np.pi * hz * np.arange(round(duration_s * RATE_HZ)) / RATE_HZ)


def of(left: Floats, right: Floats | None = None) -> Cutting:
    samples = np.stack([left] if right is None else [left, right])
    return cutting(AudioSource(Audio(np.ascontiguousarray(samples), RATE_HZ)))


def db(power: Floats) -> float:
    return 10 * np.log10(float(power[10:-5].mean()))


def test_bass_in_the_side_and_in_the_middle() -> None:
    wave = tone(60)
    side, middle = of(wave, -wave), of(wave, wave)
    edges_db = 10 * np.log10(1 + (20 / 60) ** 4) + 10 * np.log10(1 + (60 / 150) ** 8)
    assert db(side.bass_side) == pytest.approx(-9.03 - edges_db, abs=0.02)
    assert side.bass_mid.max() < 1e-12
    assert db(middle.bass_mid) == pytest.approx(-9.03 - edges_db, abs=0.02)
    edges_db = 10 * np.log10(1 + (150 / 210) ** 8) + 10 * np.log10(1 + (210 / 300) ** 8)
    assert db(of(tone(210), -tone(210)).upper_side) == pytest.approx(-9.03 - edges_db, abs=0.05)


def test_treble_of_the_louder_channel() -> None:
    found = of(tone(9000), tone(9000, gain=0.05))
    edges_db = 10 * np.log10(1 + (6 / 9) ** 8) + 10 * np.log10(1 + (9 / 12) ** 4)
    assert db(found.sibilance) == pytest.approx(-9.03 - edges_db, abs=0.1)
    edges_db = 10 * np.log10(1 + (8 / 9) ** 8) + 10 * np.log10(1 + (9 / 16) ** 4)
    assert db(found.treble) == pytest.approx(-9.03 - edges_db, abs=0.1)
    assert db(of(tone(1000), tone(1000)).treble) < -70
    assert found.sibilance_peak[20] == pytest.approx(0.5 * 10 ** (-1.36 / 20), rel=0.02)


def test_infrasonic_and_offset() -> None:
    assert db(of(tone(12), tone(12)).infrasonic) == pytest.approx(-9.03, abs=0.1)
    assert db(of(tone(40), tone(40)).infrasonic) < -9.03 - 45
    found = of(tone(100) + 0.01, tone(100))
    assert found.dc == pytest.approx((0.01, 0.0), abs=1e-4)


def test_excursion_follows_the_recording_curve() -> None:
    """Velocity by IEC 60098, over the integral; the high-pass at 20 Hz in it."""

    def theory(hz: float) -> float:
        w = 2j * np.pi * hz
        t1, t2 = 3180e-6, 318e-6
        return float(abs((1 + w * t1) / (1 + w * t2) / (w / (2 * np.pi) + 20)))

    levels = {hz: of(tone(hz), tone(hz)).lateral[10:-5].max() for hz in (30, 100, 400, 1000)}
    for hz, level in levels.items():
        wanted_db = 20 * np.log10(theory(hz) / theory(100))
        assert 20 * np.log10(level / levels[100]) == pytest.approx(wanted_db, abs=0.2), hz
    assert of(tone(100), tone(100)).vertical.max() < 1e-9


def test_correlation_over_400_ms() -> None:
    wave = tone(500, 1.0)
    found = of(np.concatenate((wave, wave)), np.concatenate((wave, -wave))).correlation()
    assert found[:10] == pytest.approx(1.0)
    assert found[22:] == pytest.approx(-1.0)
    assert of(tone(500)).correlation() == pytest.approx(1.0)
    assert of(np.zeros(RATE_HZ), np.zeros(RATE_HZ)).correlation() == pytest.approx(1.0)


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 22_050, 48_000, 96_000, 192_000])
def test_every_rate(rate_hz: int) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, rate_hz + 17))
    found = cutting(AudioSource(Audio(noise, rate_hz)))
    assert len(found.table) == 21
    assert np.isfinite(found.table).all()
