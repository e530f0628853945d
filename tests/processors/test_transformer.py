"""Distortion by frequency, against the law of induction; the ends of the range; aliases."""

import numpy as np
import pytest
from colour_tones import HIGH_TONES, alias_db, gain_db, harmonics_db, loudness_change_lu, tone

from burnish.processors.show import play
from burnish.processors.transformer import Transformer, flux


def third_db(frequency_hz: int, level_dbfs: float = -18, drive_db: float = 0.0) -> float:
    return float(
        harmonics_db(Transformer(drive_db=drive_db, amount=1), frequency_hz, level_dbfs)[1]
    )


def test_bass_is_distorted_and_the_middle_is_not() -> None:
    """0.3 % at 30 Hz (-50 dB), 58 dB less at 1 kHz."""
    assert third_db(30) == pytest.approx(-50.4, abs=0.3)
    assert third_db(100) == pytest.approx(-68.9, abs=0.3)
    assert third_db(1000) == pytest.approx(-108.6, abs=0.5)


def test_third_harmonic_falls_by_12_db_an_octave() -> None:
    """Third power of a flux that halves, over its own voltage that the harmonic gains back."""
    for frequency_hz in (100, 200, 400):
        fall = third_db(frequency_hz) - third_db(2 * frequency_hz)
        assert fall == pytest.approx(12.0, abs=0.4)


def test_third_harmonic_grows_by_2_db_a_db() -> None:
    assert third_db(50, -18) - third_db(50, -24) == pytest.approx(12.0, abs=0.3)
    assert third_db(50, drive_db=3) - third_db(50) == pytest.approx(6.0, abs=0.3)


def test_harmonics_are_odd() -> None:
    h2, h3, h4, h5, _ = harmonics_db(Transformer(drive_db=6, amount=1), 50, -12)
    assert max(h2, h4) < -150
    assert h3 > h5 > -90


def test_core_saturates_by_volt_seconds() -> None:
    """The same voltage at half the frequency is cut where the higher one still passes."""

    def left_db(frequency_hz: float) -> float:
        samples = tone(frequency_hz, -3)
        out = play(Transformer(drive_db=12, amount=1), samples, 44_100)
        return float(20 * np.log10(out[0, 88_200:].std() / samples[0, 88_200:].std()))

    assert left_db(25) < -5
    assert left_db(200) > -0.5


def test_flux_is_the_integral_of_the_voltage() -> None:
    """6 dB less for each octave up between 100 Hz and 4 kHz."""
    octaves_db = flux().gain_db(100.0 * 2.0 ** np.arange(6))
    assert np.diff(octaves_db) == pytest.approx([-6.02] * 5, abs=0.25)


def test_ends_of_quiet_sound() -> None:
    """Flat within 0.1 dB from 20 Hz to 8 kHz, half a dB up at 18 kHz before the resonance."""
    f = np.array([20.0, 100, 1000, 8000, 18_000])
    found = gain_db(Transformer(amount=1), f)
    assert found[:4] == pytest.approx([0] * 4, abs=0.12)
    square = (18 / 45) ** 2
    wanted = -10 * np.log10((1 - square) ** 2 + square / 0.9**2)
    assert found[4] == pytest.approx(wanted, abs=0.1)
    dark = gain_db(Transformer(resonance_hz=15_000, amount=1), f)
    assert dark[4] < -2.5


@pytest.mark.parametrize("drive_db", [0.0, 12.0])
@pytest.mark.parametrize(("frequency_hz", "level_dbfs"), [*HIGH_TONES, (60, -3)])
def test_aliases(drive_db: float, frequency_hz: int, level_dbfs: float) -> None:
    found = alias_db(Transformer(drive_db=drive_db, amount=1), frequency_hz, level_dbfs)
    assert found < -120


@pytest.mark.parametrize("drive_db", [-12.0, 0.0, 6.0])
def test_loudness_is_held(drive_db: float) -> None:
    """What it takes is bass that the ear hardly weighs."""
    found = loudness_change_lu(Transformer(drive_db=drive_db, amount=1), -18)
    assert found == pytest.approx(0.0, abs=0.05)


def test_direct_current_does_not_pass() -> None:
    steady = np.full((1, 3 * 44_100), 0.3)
    out = play(Transformer(amount=1), steady, 44_100)
    assert abs(out[0, -1000]) < 1e-6
