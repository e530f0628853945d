"""Dither and noise shapes: the laws of quantisation noise, in dB; silence; equal roads."""

import numpy as np
import pytest

from burnish.dsp.dither import BLACK_S, Quantiser, is_on_grid
from burnish.dsp.noise_shape import SHAPES
from burnish.errors import SettingError
from pieces import made_once

RATE_HZ = 44100
BLACK = round(BLACK_S * RATE_HZ)
AT_HZ = np.array([1000.0, 3500.0, 8000.0, 12000.0, 15000.0, 18000.0, 21000.0])

# The shapes in dB, as computed by others than this code: total noise gain, the dip and its
# place, the gain at AT_HZ, and the L1 norm
KNOWN = {
    "wannamaker-3": (6.6, -19.3, 3900, (-12.5, -18.7, -2.7, 5.1, 8.4, 10.4, 11.3), 3.7),
    "modified-e-9": (7.6, -21.4, 3500, (-8.8, -21.4, -3.8, 3.7, 7.7, 11.2, 13.7), 5.0),
    "lipshitz-5": (12.2, -27.2, 4000, (-15.9, -21.5, -0.8, -6.5, 8.5, 16.3, 19.2), 9.4),
    "wannamaker-24": (17.3, -24.6, 3600, (-13.5, -24.6, -2.6, -5.7, 5.4, 22.3, 24.2), 20.2),
    "f-weighted-9": (18.4, -25.2, 3200, (-13.4, -24.5, -2.3, -5.8, 5.1, 21.0, 26.6), 22.4),
    "improved-e-9": (23.1, -29.2, 3300, (-16.9, -28.6, -2.7, -8.6, 7.4, 25.5, 31.4), 38.9),
}


def quantise(x, bits=16, dither="tpdf", seed=1, rate_hz=RATE_HZ, split=None):
    quantiser = Quantiser(bits, dither, seed, x.shape[0], rate_hz)
    step = split or max(1, x.shape[1])
    out = [quantiser.process(x[:, i : i + step]) for i in range(0, x.shape[1], step)]
    out.append(quantiser.finish())
    return np.concatenate(out, axis=1)


@made_once
def music(n, channels=2, seed=0):
    """Noise and a tone, nowhere near silence or clipping."""
    noise = 0.05 * np.random.default_rng(seed).standard_normal((channels, n))
    return noise + 0.3 * np.sin(2 * np.pi * 441.3 / RATE_HZ * np.arange(n))


def in_db(power):
    return 10 * np.log10(power)


@pytest.mark.parametrize("name", KNOWN)
def test_the_coefficients_have_the_published_noise_transfer(name):
    shape, (total_db, dip_db, dip_hz, at_db, worst) = SHAPES[name], KNOWN[name]
    frequency_hz = np.linspace(1, RATE_HZ / 2, 40_000)
    gain_db = shape.gain_db(frequency_hz, RATE_HZ)
    assert shape.total_gain_db == pytest.approx(total_db, abs=0.06)
    assert gain_db.min() == pytest.approx(dip_db, abs=0.06)
    assert frequency_hz[gain_db.argmin()] == pytest.approx(dip_hz, abs=60)
    np.testing.assert_allclose(shape.gain_db(AT_HZ, RATE_HZ), at_db, atol=0.06)
    assert shape.worst_gain == pytest.approx(worst, abs=0.06)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_minimum_phase_so_it_only_moves_noise(name):
    coefficients = SHAPES[name].coefficients
    assert np.abs(np.roots([1.0, *(-c for c in coefficients)])).max() < 1
    gain_db = SHAPES[name].gain_db(np.linspace(0, RATE_HZ / 2, 40_001), RATE_HZ)
    assert gain_db.mean() == pytest.approx(0, abs=0.01)  # Gerzon and Craven


def spectrum_of_the_error(dither, bits=16):
    """Power of the error in steps squared by frequency, 1.0 = all of it in one flat line."""
    x = music(2**19, channels=1)
    scale = 2.0 ** (bits - 1)
    error = quantise(x, bits, dither)[0] - x[0] * scale
    windows = error.reshape(-1, 4096) * np.hanning(4096)
    power = np.mean(np.abs(np.fft.rfft(windows)) ** 2, axis=0) / np.sum(np.hanning(4096) ** 2)
    return np.fft.rfftfreq(4096, 1 / RATE_HZ), power, error


@pytest.mark.parametrize("name", SHAPES)
def test_the_error_of_a_real_quantisation_has_the_shape(name):
    frequency_hz, power, error = spectrum_of_the_error(name)
    shape = SHAPES[name]
    for at_hz in AT_HZ:
        near = np.abs(frequency_hz - at_hz) < 250
        expected = np.mean(10 ** (shape.gain_db(frequency_hz[near], RATE_HZ) / 10)) / 4
        assert in_db(power[near].mean()) == pytest.approx(in_db(expected), abs=0.35), at_hz
    assert in_db(np.mean(error**2) * 4) == pytest.approx(shape.total_gain_db, abs=0.1)
    assert np.abs(error).max() <= 1.5 * shape.worst_gain  # half a step of rounding, one of dither


def test_triangular_dither_is_white_and_at_minus_93_3_dbfs_at_16_bits():
    frequency_hz, power, error = spectrum_of_the_error("tpdf")
    floor_dbfs = in_db(np.mean(error**2) / (2.0**15) ** 2 / 0.5)  # 0.5: power of a full-scale sine
    assert floor_dbfs == pytest.approx(-93.32, abs=0.02)
    for low_hz in range(0, 22_000, 2000):
        band = (frequency_hz > low_hz) & (frequency_hz <= low_hz + 2000)
        assert in_db(power[band].mean() * 4) == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize("offset", [0.0001, 0.25, 0.5, 0.75])
def test_mean_and_power_of_the_error_do_not_depend_on_the_music(offset):
    x = np.full((1, 400_000), (100 + offset) / 2**15)
    error = quantise(x)[0] - (100 + offset)
    assert error.mean() == pytest.approx(0, abs=0.004)  # five standard deviations
    assert error.var() == pytest.approx(0.25, abs=0.004)


def test_a_tone_far_below_one_step_is_kept_by_dither_and_lost_without():
    n = 2**18
    wave = np.sin(2 * np.pi * 1000 * np.arange(n) / RATE_HZ)
    x = 10 ** (-110 / 20) * wave[None, :]
    found = 2 / n * np.dot(quantise(x)[0] / 2**15, wave)
    assert 20 * np.log10(found) == pytest.approx(-110, abs=0.5)
    assert not quantise(x, dither="none").any()


def test_channels_have_noise_of_their_own_and_the_first_is_that_of_mono():
    x = np.repeat(music(100_000, channels=1), 2, axis=0)
    out = quantise(x)
    error = out - x * 2**15
    assert abs(np.corrcoef(error)[0, 1]) < 0.02
    np.testing.assert_array_equal(out[:1], quantise(x[:1]))


def test_the_seed_makes_the_noise():
    x = music(1000)
    np.testing.assert_array_equal(quantise(x, seed=7), quantise(x, seed=7))
    assert (quantise(x, seed=7) != quantise(x, seed=8)).any()


@pytest.mark.parametrize("dither", ["none", "tpdf", *SHAPES])
@pytest.mark.parametrize("split", [1, 17, 4096])
def test_any_split_gives_the_same_bits(dither, split):
    x = music(9000)
    x[:, 500 : 500 + BLACK - 1] = 0  # too short for silence
    x[:, 2500 : 2500 + BLACK] = 0  # just silence
    x[:, 4090:4100] = 0  # across a block's edge
    x[0, 6000:8000] = 0  # on one channel only
    x[:, 8900:] = 0  # to the end
    np.testing.assert_array_equal(
        quantise(x, dither=dither, split=split), quantise(x, dither=dither)
    )


@pytest.mark.parametrize("n", [0, 1, 2, BLACK - 1, BLACK, BLACK + 1])
@pytest.mark.parametrize("split", [1, 100, 5000])
def test_every_length_comes_out_whole(n, split):
    for x in (music(n), np.zeros((2, n)), np.hstack((music(1), np.zeros((2, n)), music(1)))):
        assert quantise(x, dither="lipshitz-5", split=split).shape == x.shape


@pytest.mark.parametrize("dither", ["tpdf", "lipshitz-5", "improved-e-9"])
def test_silence_stays_black(dither):
    x = music(8000)
    x[:, :50] = 0  # at the head any length is silence
    x[:, 2000 : 2000 + BLACK] = 0
    x[:, 5000 : 5000 + BLACK - 1] = 0  # one sample short of silence
    x[:, 7990:] = 0  # and at the tail
    out = quantise(x, dither=dither)
    assert not out[:, :50].any()
    assert not out[:, 2000 : 2000 + BLACK].any()
    assert out[:, 5000 : 5000 + BLACK - 1].any()
    assert not out[:, 7990:].any()
    assert not quantise(np.zeros((2, 5000)), dither=dither).any()


def test_a_shape_leaves_no_tail_behind_a_silence():
    """After silence the shape starts afresh: what came before is not heard on the other side."""
    quiet = np.zeros((2, BLACK))
    after = music(3000, seed=5)
    loud = quantise(np.hstack((music(4000, seed=1), quiet, after)), dither="improved-e-9")
    other = quantise(np.hstack((music(4000, seed=2), quiet, after)), dither="improved-e-9")
    np.testing.assert_array_equal(loud[:, 4000:], other[:, 4000:])
    assert (loud[:, :4000] != other[:, :4000]).any()


@pytest.mark.parametrize("dither", ["none", "tpdf", *SHAPES])
def test_what_lies_beyond_full_scale_is_clamped_and_the_shape_stays_calm(dither):
    x = music(20_000)
    x[:, 5000:6000] *= 10
    out = quantise(x, dither=dither)
    assert out.max() <= 32767
    assert out.min() >= -32768
    bound = 1.5 * (SHAPES[dither].worst_gain if dither in SHAPES else 1)
    calm = np.abs(out - x * 2**15)[:, 6100:]
    assert calm.max() <= bound


def test_without_dither_a_sample_on_the_grid_is_kept():
    x = np.random.default_rng(3).integers(-(2**15), 2**15, (2, 5000)) / 2**15
    assert is_on_grid(x, 16)
    assert is_on_grid(x, 24)
    np.testing.assert_array_equal(quantise(x, dither="none") / 2**15, x)
    np.testing.assert_array_equal(quantise(x, bits=24, dither="none") / 2**23, x)


@pytest.mark.parametrize("off", [0.5 / 2**15, 1.0, -1.0 - 1 / 2**15])
def test_a_sample_off_the_grid_is_told(off):
    x = np.zeros((2, 100))
    assert is_on_grid(x, 16)
    x[1, 50] = off
    assert not is_on_grid(x, 16)


def test_minus_full_scale_is_on_the_grid():
    assert is_on_grid(np.full((1, 1), -1.0), 16)
    assert is_on_grid(np.zeros((2, 0)), 16)


def test_wrong_settings_are_told_with_what_is_allowed():
    with pytest.raises(
        SettingError, match=r"dither=lipshitz-5: is made for 41895 to 46305 Hz, not"
    ):
        Quantiser(16, "lipshitz-5", 1, 2, 96_000)
    with pytest.raises(SettingError, match="dither=blue: must be one of none, tpdf, simple-2"):
        Quantiser(16, "blue", 1, 2, 44_100)
    with pytest.raises(SettingError, match="bits=32: must be 2 to 24"):
        Quantiser(32, "tpdf", 1, 2, 44_100)
    Quantiser(16, "f-weighted-9", 1, 2, 48_000)
    Quantiser(16, "simple-2", 1, 2, 192_000)
