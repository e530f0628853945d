"""The pieces alone (curve, detector; the smoother is in tests/dsp), then the whole."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.compressor import Compressor, Detector, reduction_db
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 48_000


def tone(frequency_hz: float, level_dbfs: float, duration_s: float = 3.0) -> Floats:
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * t)[None]


def rms_db(samples: Floats) -> float:
    return float(10 * np.log10(np.mean(samples**2)))


def settled_change_db(compressor: Compressor, samples: Floats, row: int = 0) -> float:
    """Change of RMS over the last second."""
    out = play(compressor, samples, RATE_HZ)
    return rms_db(out[row, -RATE_HZ:]) - rms_db(samples[row, -RATE_HZ:])


@pytest.mark.parametrize(
    ("level_db", "ratio", "knee_db", "expected_db"),
    [
        (-40, 4, 0, 0.0),
        (-20, 4, 0, 0.0),
        (-10, 4, 0, -7.5),
        (0, 2, 0, -10.0),
        (0, 20, 0, -19.0),
        (-10, 4, 6, -7.5),  # beyond the knee as without
        (-17, 4, 6, -2.25),  # end of the knee
        (-20, 4, 6, -0.5625),  # middle: (1/4 - 1) 3^2 / 12
        (-23, 4, 6, 0.0),  # beginning
        (-18.5, 4, 6, -0.75 * 4.5**2 / 12),
        (-10, 1, 6, 0.0),
    ],
)
def test_static_curve(level_db: float, ratio: float, knee_db: float, expected_db: float) -> None:
    made = reduction_db(np.array([float(level_db)]), -20.0, ratio, knee_db)
    assert made[0] == pytest.approx(expected_db, abs=1e-12)


def test_the_knee_has_no_corner() -> None:
    """The slope goes from 1 to 1 / ratio without a jump."""
    level_db = np.linspace(-30, -10, 20_001)
    slope = np.diff(level_db + reduction_db(level_db, -20, 4, 6)) / np.diff(level_db)
    assert np.abs(np.diff(slope)).max() < 2 * 0.75 / 6 * 0.001
    assert slope[0] == pytest.approx(1.0)
    assert slope[-1] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("frequency_hz", "expected_db"), [(1000, -12.0), (100, -15.01), (50, -24.3), (25, -36.08)]
)
def test_detector_reads_the_level_without_bass(frequency_hz: float, expected_db: float) -> None:
    """A high-pass of 12 dB/octave: -3 dB at its corner."""
    level_db = Detector(100.0, RATE_HZ, 1).process(tone(frequency_hz, -12))
    assert level_db[0, RATE_HZ:].max() == pytest.approx(expected_db, abs=0.03)


def test_detector_without_high_pass_is_the_magnitude() -> None:
    samples = tone(20, -6)
    level_db = Detector(0.0, RATE_HZ, 1).process(samples)
    loud = np.abs(samples) > 1e-9
    assert np.allclose(level_db[loud], 20 * np.log10(np.abs(samples[loud])))
    assert level_db[~loud].max() == pytest.approx(-200)


@pytest.mark.parametrize("ratio", [1.5, 2.0, 4.0, 20.0])
@pytest.mark.parametrize("level_dbfs", [-30.0, -20.0, -14.0, -3.0])
def test_a_tone_is_reduced_as_the_curve_says(ratio: float, level_dbfs: float) -> None:
    compressor = Compressor(threshold_db=-20, ratio=ratio, detector_high_pass_hz=0)
    expected_db = reduction_db(np.array([level_dbfs]), -20, ratio, 6)[0]
    changed_db = settled_change_db(compressor, tone(1000, level_dbfs))
    assert changed_db == pytest.approx(expected_db, abs=0.02)


def test_quiet_sound_passes_bit_for_bit() -> None:
    samples = tone(1000, -40)
    assert np.array_equal(play(Compressor(threshold_db=-20, ratio=4), samples, RATE_HZ), samples)


def test_attack_on_a_tone() -> None:
    """63 % of the reduction after the attack time, as seen in the wave's own peaks."""
    samples = np.concatenate((tone(3000, -40, 0.5), tone(3000, -8, 1.0)), axis=1)
    compressor = Compressor(
        threshold_db=-20, ratio=4, knee_db=0, attack_ms=20, detector_high_pass_hz=0
    )
    out = play(compressor, samples, RATE_HZ)
    with np.errstate(divide="ignore", invalid="ignore"):
        change_db = 20 * np.log10(np.abs(out[0] / samples[0]))
    after = np.where(np.abs(samples[0]) > 0.01, change_db, 0.0)[RATE_HZ // 2 :]
    ms = 1000 * int(np.argmax(after <= -9 * (1 - np.exp(-1)))) / RATE_HZ
    assert ms == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize(
    ("frequency_hz", "most_db"), [(60, -75), (100, -80), (200, -90), (1000, -110)]
)
def test_steady_tones_stay_clean(frequency_hz: float, most_db: float) -> None:
    """Distortion at 6 dB of reduction with mastering times: it is the gain's ripple only."""
    compressor = Compressor(threshold_db=-20, ratio=4, attack_ms=20, release_ms=150)
    out = play(compressor, tone(frequency_hz, -12, 4), RATE_HZ)[0, -RATE_HZ:]
    spectrum = np.abs(np.fft.rfft(out * np.blackman(RATE_HZ)))
    harmonics = np.sqrt(sum(spectrum[k * frequency_hz] ** 2 for k in range(2, 10)))
    assert 20 * np.log10(harmonics / spectrum[frequency_hz]) < most_db


def two(left_dbfs: float, right_dbfs: float) -> Floats:
    return np.concatenate((tone(1000, left_dbfs), tone(1500, right_dbfs)))


@pytest.mark.parametrize(("link", "quiet_db"), [(0.0, 0.0), (0.5, -4.5), (1.0, -9.0)])
def test_link(link: float, quiet_db: float) -> None:
    """A loud left (12 dB over, 4:1, so -9 dB) takes a quiet right along as far as linked."""
    compressor = Compressor(
        threshold_db=-20, ratio=4, knee_db=0, link=link, detector_high_pass_hz=0
    )
    samples = two(-8, -40)
    assert settled_change_db(compressor, samples, 0) == pytest.approx(-9.0, abs=0.03)
    assert settled_change_db(compressor, samples, 1) == pytest.approx(quiet_db, abs=0.03)


def test_mid_side_works_on_middle_and_side() -> None:
    """Unlinked, a loud middle is reduced and a quiet side is not."""
    mid, side = tone(1000, -8), tone(1500, -40)
    samples = np.concatenate((mid + side, mid - side))
    compressor = Compressor(
        threshold_db=-20, ratio=4, knee_db=0, link=0, mode="mid_side", detector_high_pass_hz=0
    )
    out = play(compressor, samples, RATE_HZ)
    parts = (0.5 * (out[0] + out[1]), 0.5 * (out[0] - out[1]))
    for part, plain, expected_db in zip(parts, (mid, side), (-9.0, 0.0), strict=True):
        changed_db = rms_db(part[-RATE_HZ:]) - rms_db(plain[0, -RATE_HZ:])
        assert changed_db == pytest.approx(expected_db, abs=0.03)


def test_mix_is_the_sum_of_both_sounds() -> None:
    samples = two(-6, -10)
    wet = Compressor(threshold_db=-30, ratio=4, makeup_db=3)
    out = play(wet.with_(mix=0.3), samples, RATE_HZ)
    expected = 0.7 * samples + 0.3 * play(wet, samples, RATE_HZ)
    assert np.abs(out - expected).max() < 1e-15
    assert wet.with_(mix=0.0).is_neutral


def test_makeup_alone_is_a_gain() -> None:
    samples = two(-6, -10)
    out = play(Compressor(makeup_db=6), samples, RATE_HZ)
    assert np.abs(out - 10**0.3 * samples).max() < 1e-15
