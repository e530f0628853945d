"""The spectrum, the stereo image and the noise against signals whose bands are known."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.measure import Measurement, Meter
from burnish.measure.bands import BAND_HZ, a_weighting, third_octave_edges_hz

Floats = NDArray[np.float64]
RATE_HZ = 48000


def run(x: Floats, rate_hz: int = RATE_HZ) -> Measurement:
    meter = Meter(rate_hz, len(x))
    meter.feed(x)
    return meter.finish()


def sine(frequency_hz: float, seconds: float = 4.0, rate_hz: int = RATE_HZ) -> Floats:
    return np.asarray(
        np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * rate_hz)) / rate_hz)
    )


def white(n: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal(n) * 0.1


def test_nominal_centres_are_those_of_iec_61260() -> None:
    for nominal, (low, high) in zip(BAND_HZ, third_octave_edges_hz(), strict=True):
        assert high / low == pytest.approx(10**0.1)
        assert math.sqrt(low * high) == pytest.approx(nominal, rel=0.02)


@pytest.mark.parametrize(
    ("frequency_hz", "gain_db"),
    [(31.5, -39.4), (100, -19.1), (1000, 0.0), (4000, 1.0), (16000, -6.6)],
)
def test_a_curve_is_that_of_iec_61672(frequency_hz: float, gain_db: float) -> None:
    """Table 3, at the exact frequencies of the nominal ones."""
    exact_hz = 1000 * 10 ** (round(10 * math.log10(frequency_hz / 1000)) / 10)
    found = 10 * np.log10(a_weighting(np.array([exact_hz])))[0]
    assert found == pytest.approx(gain_db, abs=0.06)


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000, 192000])
@pytest.mark.parametrize("band_hz", [40.0, 63.0, 250.0, 1000.0, 6300.0, 16000.0])
def test_a_full_scale_sine_reads_its_rms_in_its_band(band_hz: float, rate_hz: int) -> None:
    wave = sine(1000 * 10 ** (round(10 * math.log10(band_hz / 1000)) / 10), 1.0, rate_hz)
    found = run(np.stack((wave, wave)), rate_hz).spectrum
    k = BAND_HZ.index(band_hz)
    assert found.mid_db[k] == pytest.approx(-3.01, abs=0.15 if band_hz < 50 else 0.01)
    assert found.side_db == (-math.inf,) * 30
    others = [level for i, level in enumerate(found.mid_db) if abs(i - k) > 2 and level is not None]
    assert max(others) < -60


def test_side_is_half_the_difference() -> None:
    wave = sine(1000)
    found = run(np.stack((wave, -wave))).spectrum
    assert found.side_db[BAND_HZ.index(1000)] == pytest.approx(-3.01, abs=0.01)
    assert found.mid_db == (-math.inf,) * 30


def test_white_noise_rises_3_db_an_octave_and_adds_up() -> None:
    wave = white(60 * RATE_HZ)
    spectrum = run(wave[None]).spectrum
    mid_db = np.array(spectrum.mid_db, dtype=float)
    edges = np.array(third_octave_edges_hz())
    per_hz_db = mid_db - 10 * np.log10(edges[:, 1] - edges[:, 0])
    expected_db = 10 * math.log10(0.01 / (RATE_HZ / 2))
    # 300 windows; a band's scatter falls with the bins in it.
    assert per_hz_db[6:] == pytest.approx(expected_db, abs=0.6)
    assert per_hz_db[15:] == pytest.approx(expected_db, abs=0.15)
    low, high = np.array(spectrum.band_edges_hz[:-1]), np.array(spectrum.band_edges_hz[1:])
    per_octave_db = 10 * np.log10((high - low) / np.log2(high / low))
    per_octave_db -= per_octave_db[3:5].mean()
    assert np.array(spectrum.bands_db, dtype=float) == pytest.approx(per_octave_db, abs=0.35)


def test_pink_noise_is_flat_in_the_wide_bands() -> None:
    n = 40 * RATE_HZ
    spectrum = np.fft.rfft(white(n))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    pink = np.fft.irfft(spectrum, n)
    bands_db = run(0.1 * pink[None] / pink.std()).spectrum.bands_db
    assert np.array(bands_db, dtype=float) == pytest.approx(0, abs=0.6)


def test_what_is_under_the_gate_does_not_count() -> None:
    loud, soft = sine(1000, 6), 10 ** (-30 / 20) * sine(100, 30)
    found = run(np.concatenate((loud, soft))[None]).spectrum
    # One window lies across the change: 0.2 of 6 s of the soft part.
    assert found.mid_db[BAND_HZ.index(100)] < -46  # type: ignore[operator]
    assert found.mid_db[BAND_HZ.index(1000)] == pytest.approx(-3.01, abs=0.2)


def test_bands_above_half_the_rate_cannot_be_measured() -> None:
    found = run(white(8000 * 3)[None], 8000)
    assert found.spectrum.mid_db[: BAND_HZ.index(4000)].count(None) == 0
    assert set(found.spectrum.mid_db[BAND_HZ.index(5000) :]) == {None}
    assert found.spectrum.bands_db[:6].count(None) == 0
    assert set(found.spectrum.bands_db[6:]) == {None}
    assert set(found.stereo.bands_side_to_mid_db[6:]) == {None}


@pytest.mark.parametrize(
    ("left_of_mid_and_side", "correlation", "side_to_mid_db", "mono_loss_lu"),
    [((1, 0), 1.0, -math.inf, 0.0), ((0, 1), -1.0, math.inf, math.inf), ((1, 1), 0.0, 0.0, 3.01)],
)
def test_stereo_image_of_known_mixtures(
    left_of_mid_and_side: tuple[int, int],
    correlation: float,
    side_to_mid_db: float,
    mono_loss_lu: float,
) -> None:
    m, s = left_of_mid_and_side
    mid, side = m * white(20 * RATE_HZ, 1), s * white(20 * RATE_HZ, 2)
    found = run(np.stack((mid + side, mid - side))).stereo
    assert found.correlation == pytest.approx(correlation, abs=0.01)
    assert found.side_to_mid_db == pytest.approx(side_to_mid_db, abs=0.1)
    assert found.mono_loss_lu == pytest.approx(mono_loss_lu, abs=0.1)
    assert found.balance_db == pytest.approx(0, abs=0.1)
    assert found.near_mono == (s == 0)
    assert found.bands_side_to_mid_db == pytest.approx((side_to_mid_db,) * 9, abs=1.0)
    assert found.bands_correlation == pytest.approx((correlation,) * 9, abs=0.1)


def test_width_is_seen_in_the_band_where_it_is() -> None:
    mid, side = sine(100) + sine(5000), 10 ** (-9 / 20) * sine(5000 + 20)
    found = run(0.1 * np.stack((mid + side, mid - side))).stereo
    assert found.bands_side_to_mid_db[6] == pytest.approx(-9, abs=0.05)
    assert found.bands_side_to_mid_db[0] < -60  # type: ignore[operator]
    assert found.side_to_mid_db == pytest.approx(-12.01, abs=0.05)


def test_balance_leans_to_the_louder_channel() -> None:
    wave = white(5 * RATE_HZ)
    found = run(np.stack((0.5 * wave, wave))).stereo
    assert found.balance_db == pytest.approx(6.02, abs=0.01)
    assert found.correlation == pytest.approx(1.0)


def test_one_silent_channel() -> None:
    wave = white(5 * RATE_HZ)
    found = run(np.stack((wave, 0 * wave)))
    assert found.stereo.balance_db == -math.inf
    assert found.stereo.correlation is None
    assert set(found.stereo.bands_correlation) == {None}
    assert found.stereo.side_to_mid_db == pytest.approx(0)
    assert found.stereo.mono_loss_lu == pytest.approx(3.01, abs=0.01)
    assert found.defects.silent_channels == (1,)


def test_correlation_is_not_taken_in_by_dc() -> None:
    found = run(np.stack((white(5 * RATE_HZ, 1) + 0.5, white(5 * RATE_HZ, 2) + 0.5)))
    assert found.stereo.correlation == pytest.approx(0, abs=0.02)
    assert found.noise.dc == pytest.approx((0.5, 0.5), abs=0.001)
    assert found.noise.dc_dbfs == pytest.approx(-6.02, abs=0.02)


def test_rumble_is_20_hz_against_the_bass_and_not_dc() -> None:
    bass = 0.1 * sine(80, 10)
    without = run((bass + 0.3)[None]).noise.rumble_db
    found = run((bass + 10 ** (-12 / 20) * 0.1 * sine(20, 10))[None]).noise.rumble_db
    assert found == pytest.approx(-12, abs=0.1)
    assert without is not None
    assert without < -60


def test_noise_floor_is_the_a_weighted_level_of_the_pauses() -> None:
    hiss = 10 ** (-60 / 20) * 10 * white(20 * RATE_HZ)  # -60 dBFS
    power = np.mean(a_weighting(np.fft.rfftfreq(9600, 1 / RATE_HZ)))
    expected_db = -60 + 10 * math.log10(power)
    music = 0.3 * sine(1000, 20)
    music[5 * RATE_HZ : 8 * RATE_HZ] = 0
    found = run((hiss + music)[None]).noise.noise_floor_dbfs
    assert found == pytest.approx(expected_db, abs=0.3)


def test_digital_black_is_not_a_noise_floor() -> None:
    wave = np.concatenate((np.zeros(10 * RATE_HZ), 0.1 * sine(1000, 5)))
    assert run(wave[None]).noise.noise_floor_dbfs > -60
