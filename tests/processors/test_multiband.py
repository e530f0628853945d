"""The crossover alone (sum, bands), the curve, the times, then the whole."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp.crossover import Crossover, allpass
from burnish.dsp.steps import Ramp, RunningMean, level_db, powers
from burnish.errors import SettingError
from burnish.processors.compressor import reduction_db
from burnish.processors.multiband import BANDS, Control, Multiband, MultibandBand
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 48_000
CORNERS_HZ = (120.0, 700.0, 4000.0)
CENTRES_HZ = (50.0, 290.0, 1700.0, 10_000.0)


def tone(frequency_hz: float, level_dbfs: float, duration_s: float = 3.0) -> Floats:
    """A sine of this RMS."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return 10 ** (level_dbfs / 20) * 2**0.5 * np.sin(2 * np.pi * frequency_hz * t)[None]


def rms_db(samples: Floats) -> float:
    return float(10 * np.log10(np.mean(samples**2)))


def change_db(processor: Multiband, samples: Floats) -> float:
    """Change of RMS over the last second."""
    out = play(processor, samples, RATE_HZ)
    return rms_db(out[:, -RATE_HZ:]) - rms_db(samples[:, -RATE_HZ:])


APART_HZ = ((1000.0, 10_000.0), (60.0, 10_000.0), (60.0, 500.0))
TONES_HZ = (60, 800, 8000)
"""Three bands, a tone in one of them, and corners so far away that others do not hear it."""


def with_band(k: int, **changes: float) -> Multiband:
    bands = [BANDS[j] for j in range(3)]
    bands[k] = bands[k].with_(**changes)
    return Multiband(crossovers_hz=APART_HZ[k], bands=tuple(bands), knee_db=0)


def impulse_response(corners_hz: tuple[float, ...], gains: tuple[float, ...], rate_hz: int):
    impulse = np.zeros((2, 2**16))
    impulse[:, 0] = 1.0
    crossover = Crossover(corners_hz, rate_hz, 2)
    bands = crossover.split(impulse)
    bands *= np.array(gains)[:, None, None]
    return np.fft.rfftfreq(2**16, 1 / rate_hz), np.fft.rfft(crossover.join(bands)[0])


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 96_000, 384_000])
@pytest.mark.parametrize("corners_hz", [(2000.0,), (150.0, 3000.0), CORNERS_HZ])
def test_untouched_bands_add_up_flat(corners_hz: tuple[float, ...], rate_hz: int) -> None:
    hz, sum_ = impulse_response(corners_hz, (1.0,) * (len(corners_hz) + 1), rate_hz)
    assert np.abs(20 * np.log10(np.abs(sum_[1:]))).max() < 1e-6  # asked for: 0.01 dB
    phase = np.angle(sum_[1:] * np.exp(-1j * allpass(corners_hz, rate_hz, hz[1:])))
    assert np.abs(phase).max() < 1e-5


def test_the_bands_are_linkwitz_riley() -> None:
    """-6.02 dB at the corner, in phase, 24 dB an octave beyond."""
    corner_hz = 168 * 8 * RATE_HZ / 2**16  # on the grid; at this rate no warp is in sight
    hz, low = impulse_response((corner_hz,), (1.0, 0.0), 8 * RATE_HZ)
    _, high = impulse_response((corner_hz,), (0.0, 1.0), 8 * RATE_HZ)
    at = 168
    for band in (low, high):
        assert 20 * np.log10(np.abs(band[at])) == pytest.approx(-6.02, abs=0.01)
    whole = hz > 20
    assert np.abs(np.angle(low[whole] / high[whole])[hz[whole] < 15_000]).max() < 1e-3
    for band, far_hz in ((low, 8 * corner_hz), (high, corner_hz / 8)):
        down_db = 20 * np.log10(np.abs(band[np.argmin(np.abs(hz - far_hz))]))
        assert down_db == pytest.approx(-72.25, abs=0.1)  # 1 / (1 + 8^4)


@pytest.mark.parametrize("k", range(4))
def test_each_band_gets_the_gain_that_is_set(k: int) -> None:
    gains = tuple(2.0 if band == k else 1.0 for band in range(4))
    hz, sum_ = impulse_response(CORNERS_HZ, gains, RATE_HZ)
    middle_db = 20 * np.log10(np.abs(sum_[np.searchsorted(hz, CENTRES_HZ[k])]))
    assert middle_db == pytest.approx(6.02, abs=0.4)
    for other in (c for c in range(4) if abs(c - k) > 1):
        far_db = 20 * np.log10(np.abs(sum_[np.searchsorted(hz, CENTRES_HZ[other])]))
        assert far_db == pytest.approx(0.0, abs=0.03)


def test_the_processor_is_flat_where_nothing_is_compressed() -> None:
    noise = 1e-4 * np.random.default_rng(1).standard_normal((1, 2**17))
    out = play(with_band(1, ratio=4, threshold_db=-20), noise, RATE_HZ)
    gain = np.abs(np.fft.rfft(out * np.hanning(2**17))) / np.abs(
        np.fft.rfft(noise * np.hanning(2**17))
    )
    hz = np.fft.rfftfreq(2**17, 1 / RATE_HZ)
    smooth_db = [
        20 * np.log10(np.sqrt(np.mean(gain[0, (hz > c / 1.12) & (hz < c * 1.12)] ** 2)))
        for c in np.geomspace(40, 18_000, 25)
    ]
    assert np.abs(smooth_db).max() < 0.05


@pytest.mark.parametrize("ratio", [1.5, 2.0, 4.0])
@pytest.mark.parametrize("level_dbfs", [-40.0, -20.0, -12.0])
@pytest.mark.parametrize("k", range(3))
def test_a_tone_is_reduced_as_the_curve_says(k: int, ratio: float, level_dbfs: float) -> None:
    processor = with_band(k, threshold_db=-24, ratio=ratio, range_db=24)
    expected_db = reduction_db(np.array([level_dbfs]), -24, ratio, 0)[0]
    # In the bass the detector sees the wave's own swing and keeps to its top.
    close_db = 0.9 if k == 0 else 0.1
    assert change_db(processor, tone(TONES_HZ[k], level_dbfs)) == pytest.approx(
        expected_db, abs=close_db if expected_db else 0.01
    )


@pytest.mark.parametrize("range_db", [0.0, 1.0, 3.0])
def test_the_range_bounds_the_reduction(range_db: float) -> None:
    processor = with_band(1, threshold_db=-60, ratio=20, range_db=range_db)
    assert change_db(processor, tone(800, -10)) == pytest.approx(-range_db, abs=0.02)


def test_other_bands_remain() -> None:
    """A loud tone in one band is reduced; a quiet one, two bands away, is not."""
    loud, quiet = tone(60, -10), tone(15_000, -40)
    processor = with_band(0, threshold_db=-40, ratio=20, range_db=12)
    out = play(processor, loud + quiet, RATE_HZ)[0, -RATE_HZ:]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(RATE_HZ))) * 2 / RATE_HZ * 2**0.5
    assert 20 * np.log10(spectrum[60]) == pytest.approx(-22.0, abs=0.1)
    assert 20 * np.log10(spectrum[15_000]) == pytest.approx(-40.0, abs=0.02)


@pytest.mark.parametrize(("attack_ms", "release_ms"), [(10.0, 120.0), (30.0, 300.0)])
def test_attack_and_release_times(attack_ms: float, release_ms: float) -> None:
    """63 % of 9 dB after the attack; and as much given back after the release."""
    quiet, loud = tone(800, -50, 1.0), tone(800, -8, 1.0)
    samples = np.concatenate((quiet, loud, quiet), axis=1)
    processor = with_band(
        1, threshold_db=-20, ratio=4, range_db=24, attack_ms=attack_ms, release_ms=release_ms
    )
    out = play(processor, samples, RATE_HZ)
    wave = RATE_HZ // 800
    gain_db = [
        rms_db(out[:, i : i + wave]) - rms_db(samples[:, i : i + wave])
        for i in range(0, samples.shape[1], wave)
    ]
    taken = np.array(gain_db[800:1600])
    assert taken[-1] == pytest.approx(-9.0, abs=0.2)
    assert taken.min() > -9.3  # no overshoot
    assert 1.25 * np.argmax(taken <= -9 * (1 - np.exp(-1))) == pytest.approx(attack_ms, abs=3)
    given = np.array(gain_db[1600:])
    assert 1.25 * np.flatnonzero(given < -9 * np.exp(-1))[-1] == pytest.approx(release_ms, rel=0.12)
    assert given[-1] > -0.7


def test_both_channels_move_as_one() -> None:
    samples = np.concatenate((tone(800, -10), tone(800, -40)))
    out = play(with_band(1, threshold_db=-30, ratio=4, range_db=6), samples, RATE_HZ)
    for row in (0, 1):
        moved = rms_db(out[row, -RATE_HZ:]) - rms_db(samples[row, -RATE_HZ:])
        assert moved == pytest.approx(-6.0, abs=0.02)


def test_gain_and_mix() -> None:
    assert change_db(with_band(1, gain_db=2), tone(800, -30)) == pytest.approx(2.0, abs=0.1)
    half = with_band(1, gain_db=6).with_(mix=0.5)
    expected_db = 20 * np.log10(0.5 + 0.5 * 10**0.3)
    assert change_db(half, tone(800, -30)) == pytest.approx(expected_db, abs=0.1)
    assert half.with_(mix=0.0).is_neutral
    assert with_band(1, ratio=4, range_db=0).is_neutral


def test_the_static_curve_has_knee_and_bound() -> None:
    band = MultibandBand(threshold_db=-20, ratio=4, range_db=5)
    levels = np.linspace(-40, 0, 81)
    made = Control((band,), 6.0, 3000.0).curve_db(levels[None])[0]
    assert np.array_equal(made, np.maximum(reduction_db(levels, -20, 4, 6), -5))


@pytest.mark.parametrize(
    "corners_hz",
    [(), (120.0, 120.0), (700.0, 120.0), (20.0,), (17_000.0,), (50.0, 60.0, 70.0, 80.0)],
)
def test_corners_must_rise_within_bounds(corners_hz: tuple[float, ...]) -> None:
    with pytest.raises(SettingError, match=r"crossovers_hz=.*must be 1 to 3 rising values"):
        Multiband(crossovers_hz=corners_hz, bands=BANDS[:1] * (len(corners_hz) + 1))


def test_bands_must_fit_the_crossovers() -> None:
    with pytest.raises(SettingError, match="3 given; must be 2, one more than crossovers"):
        Multiband(crossovers_hz=(500.0,), bands=BANDS[:3])


def test_running_mean_is_the_mean() -> None:
    values = np.random.default_rng(3).random((2, 300))
    running = RunningMean((1, 7))
    made = np.concatenate([running.process(v) for v in np.split(values, 3, axis=1)], axis=1)
    assert np.allclose(made[0], values[0], rtol=0, atol=1e-13)
    expected = np.convolve(np.concatenate((np.zeros(6), values[1])), np.ones(7) / 7, "valid")
    assert np.allclose(made[1], expected, rtol=0, atol=1e-13)


def test_step_levels_and_ramp() -> None:
    assert level_db(powers(tone(1000, -20, 0.048), RATE_HZ * 48 // 1000))[0, 0] == pytest.approx(
        -20
    )
    assert level_db(np.zeros(1))[0] == -200
    ramp, samples = Ramp(1), np.ones((2, 12))
    ramp.apply(samples, np.array([[1.0, 3.0, 1.0]]), 4)
    assert samples[1].tolist() == [1, 1, 1, 1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5, 1]
