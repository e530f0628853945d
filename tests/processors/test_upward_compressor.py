"""The curve, the times, what is never lifted, and both channels as one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.show import play
from burnish.processors.upward_compressor import UpwardCompressor, lift_db

Floats = NDArray[np.float64]

RATE_HZ = 48_000
PLAIN = UpwardCompressor(threshold_db=-30, ratio=2, range_db=6, floor_db=-70, knee_db=0)


def tone(level_dbfs: float, duration_s: float = 3.0, frequency_hz: float = 1000) -> Floats:
    """A sine of this RMS."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return 10 ** (level_dbfs / 20) * 2**0.5 * np.sin(2 * np.pi * frequency_hz * t)[None]


def gain_db(processor: UpwardCompressor, samples: Floats, row: int = 0) -> Floats:
    """Change of RMS in every millisecond."""
    out = play(processor, samples, RATE_HZ)
    wave = RATE_HZ // 1000
    before, after = (
        10 * np.log10(np.mean(x[row].reshape(-1, wave) ** 2, axis=1)) for x in (samples, out)
    )
    return np.asarray(after - before)


@pytest.mark.parametrize(
    ("level_dbfs", "expected_db"),
    [(-10, 0), (-30, 0), (-34, 2), (-38, 4), (-42, 6), (-60, 6), (-66, 4), (-70, 0), (-90, 0)],
)
def test_a_tone_is_lifted_as_the_curve_says(level_dbfs: float, expected_db: float) -> None:
    """Below -30 by half the distance, at most 6 dB, and no further above the floor than it is."""
    assert lift_db(PLAIN, np.array([float(level_dbfs)]))[0] == pytest.approx(expected_db)
    assert gain_db(PLAIN, tone(level_dbfs))[-100] == pytest.approx(expected_db, abs=0.05)


def test_the_knee_is_a_parabola() -> None:
    soft = PLAIN.with_(knee_db=8)
    # In the middle of the knee: (1 - 1/R) (W/2)^2 / (2 W)
    assert lift_db(soft, np.array([-30.0]))[0] == pytest.approx(0.5 * 16 / 16)
    assert lift_db(soft, np.array([-34.0, -26.0])).tolist() == pytest.approx([2.0, 0.0])


def test_the_curve_never_falls() -> None:
    """Louder in is louder out, between the floor and full scale."""
    levels = np.linspace(-100, 0, 1001)
    assert (np.diff(levels + lift_db(PLAIN, levels)) > 0).all()


def test_loud_sound_passes_bit_for_bit() -> None:
    samples = tone(-12)
    assert np.array_equal(play(PLAIN, samples, RATE_HZ)[:, RATE_HZ:], samples[:, RATE_HZ:])


def test_the_lift_is_gone_before_a_transient() -> None:
    """Look-ahead: the first wave of the loud tone is as loud as all others."""
    samples = np.concatenate((tone(-40, 3.0), tone(-10, 1.0)), axis=1)
    made_db = gain_db(PLAIN, samples)[2000:]
    assert made_db[900] == pytest.approx(5.0, abs=0.05)
    assert made_db[995] == pytest.approx(5.0, abs=0.3)
    assert made_db[1000] == pytest.approx(0.0, abs=0.1)
    assert np.abs(made_db[1001:]).max() < 0.05
    assert made_db.min() > -0.01


@pytest.mark.parametrize("release_ms", [100.0, 300.0])
def test_release(release_ms: float) -> None:
    samples = np.concatenate((tone(-10, 1.0), tone(-40, 2.0)), axis=1)
    made_db = gain_db(PLAIN.with_(release_ms=release_ms), samples)[1000:]
    assert np.argmax(made_db > 5 * (1 - np.exp(-1))) == pytest.approx(release_ms, rel=0.08)
    assert made_db.max() < 5.05  # no overshoot


def test_noise_is_not_lifted_in_pauses() -> None:
    noise = 10 ** (-75 / 20) * np.random.default_rng(2).standard_normal((1, 2 * RATE_HZ))
    samples = np.concatenate((noise, tone(-40, 1.0) + noise[:, :RATE_HZ], noise), axis=1)
    made_db = gain_db(PLAIN, samples)
    assert made_db[1500:1990].mean() == pytest.approx(0.0, abs=0.05)
    assert made_db[3050:].max() < 0.1


def test_both_channels_move_as_one() -> None:
    samples = np.concatenate((tone(-10), tone(-40)))
    assert np.abs(gain_db(PLAIN, samples, row=1)[2000:]).max() < 1e-6
