"""Harmonics by level, the bias and its memory, aliases, loudness."""

import numpy as np
import pytest
from colour_tones import (
    HIGH_TONES,
    RATE_HZ,
    alias_db,
    harmonics_db,
    loudness_change_lu,
    tone,
)

from burnish.processors.saturation import Saturation
from burnish.processors.show import play
from burnish.processors.tube import Stage, Tube, design


def test_nominal_harmonics() -> None:
    """H2 -50 to -60 dB and H3 -55 to -65 dB for a mastering stage; here -54 and -62."""
    h2, h3, h4, h5, _ = harmonics_db(Tube(amount=1), 1000, -18)
    assert h2 == pytest.approx(-54.1, abs=0.3)
    assert h3 == pytest.approx(-62.0, abs=0.3)
    assert max(h4, h5) < -100


def test_second_stays_above_third() -> None:
    """From quiet to -6 dBFS, and falling off evenly behind them."""
    for level_dbfs in (-48, -36, -24, -18, -12, -6):
        h2, h3, h4, h5, _ = harmonics_db(Tube(amount=1), 1000, level_dbfs)
        assert h2 > h3 > h4 > h5 or h2 > h3 > h5 - 1, level_dbfs


def test_second_grows_faster_than_a_still_curve() -> None:
    """A memoryless bias gives 1 dB for each dB; here the bias grows too. The third: 2 dB."""
    h = {level: harmonics_db(Tube(amount=1), 1000, level) for level in (-24, -18, -12)}
    assert 1.25 < (h[-12][0] - h[-24][0]) / 12 < 1.6
    assert (h[-12][1] - h[-24][1]) / 12 == pytest.approx(2.0, abs=0.05)


def test_harmonics_follow_from_the_curve() -> None:
    """From the derivatives of u / sqrt(1 + u^2), with the bias that a steady tone brings."""
    stage, a = design(0.0), 10 ** (-18 / 20)
    v = stage.gain * a
    b = stage.bias + stage.follow * v * 2 / np.pi
    wanted = (v * 3 * b / (4 * (1 + b * b)), v * v * (1 - 4 * b * b) / (8 * (1 + b * b) ** 2))
    found = harmonics_db(Tube(amount=1), 1000, -18)[:2]
    assert found == pytest.approx(20 * np.log10(wanted), abs=0.1)


@pytest.mark.parametrize("memory_ms", [40.0, 80.0, 320.0])
def test_bias_remembers(memory_ms: float) -> None:
    """After a loud part a quiet tone has more of the second harmonic, and loses it in that time."""
    quiet = 10 ** (-20 / 20) * tone(1000, -20, 3.0)
    samples = np.concatenate((tone(1000, -6, 2.0), quiet), axis=1)
    out = play(Tube(memory_ms=memory_ms, amount=1), samples, RATE_HZ)[0, 2 * RATE_HZ :]
    size = RATE_HZ // 50  # 20 ms, whole waves of every harmonic
    waves = out[: len(out) // size * size].reshape(-1, size)
    spectra = np.abs(np.fft.rfft(waves * np.hanning(size), axis=1))
    second = spectra[:, 40] / spectra[:, 20]
    over = second[3:] - second[-1]  # the high-pass against DC has settled after 60 ms
    at_first, later = over[0], over[round(memory_ms / 20)]
    assert second[3] > 1.3 * second[-1]
    assert later / at_first == pytest.approx(np.exp(-1), rel=0.12)


def test_it_is_not_the_tube_of_saturation() -> None:
    """That one has no memory, and its third harmonic 40 dB below the second."""
    still = Saturation(character="tube", amount=1)
    h2, h3, *_ = harmonics_db(still, 1000, -18)
    assert h3 < h2 - 40
    rise = harmonics_db(still, 1000, -12)[0] - h2
    assert rise == pytest.approx(6.0, abs=0.1)


@pytest.mark.parametrize("drive_db", [0.0, 6.0, 12.0])
@pytest.mark.parametrize(("frequency_hz", "level_dbfs"), HIGH_TONES)
def test_aliases(drive_db: float, frequency_hz: int, level_dbfs: float) -> None:
    assert alias_db(Tube(drive_db=drive_db, amount=1), frequency_hz, level_dbfs) < -110


@pytest.mark.parametrize("drive_db", [-12.0, 0.0, 6.0, 12.0])
@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_loudness_is_held(drive_db: float, amount: float) -> None:
    tube = Tube(drive_db=drive_db, amount=amount)
    assert loudness_change_lu(tube, -18) == pytest.approx(0.0, abs=0.05)


def test_no_direct_current() -> None:
    out = play(Tube(drive_db=12, amount=1), tone(1000, -6), RATE_HZ)
    assert 20 * np.log10(abs(out[0, 2 * RATE_HZ :].mean()) + 1e-20) < -110


def test_rest_is_the_identity_at_small_levels() -> None:
    """Slope 1 through 0 at the resting bias."""
    x = np.array([-1e-6, 0.0, 1e-6])
    assert np.abs(Stage(0.6).added(x, 0.0)).max() < 1e-12
