"""Sample rate conversion: length, place in time, response and aliases in dB, equal roads."""

import numpy as np
import pytest

from burnish.dsp.resample import Resampler, resampled_length

RATES_HZ = [
    (44_100, 48_000),
    (48_000, 44_100),
    (96_000, 44_100),
    (44_100, 192_000),
    (8000, 768_000),
]


def resample(x, in_rate_hz, out_rate_hz, split=None):
    resampler = Resampler(in_rate_hz, out_rate_hz, x.shape[0])
    step = split or max(1, x.shape[1])
    out = [resampler.process(x[:, i : i + step]) for i in range(0, x.shape[1], step)]
    return np.concatenate([*out, resampler.finish()], axis=1)


def noise(n, channels=2):
    return 0.2 * np.random.default_rng(n).standard_normal((channels, n))


def tone(frequency_hz, rate_hz, seconds=1.0):
    return np.sin(2 * np.pi * frequency_hz / rate_hz * np.arange(round(seconds * rate_hz)))[None, :]


def rms_db(x):
    return 10 * np.log10(np.mean(x**2) + 1e-40)


@pytest.mark.parametrize(("in_rate_hz", "out_rate_hz"), RATES_HZ)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 146, 147, 148, 1000, 4097])
def test_the_length_is_exact(in_rate_hz, out_rate_hz, n):
    out = resample(noise(n), in_rate_hz, out_rate_hz)
    assert out.shape == (2, int(np.floor(n * out_rate_hz / in_rate_hz + 0.5)))
    assert out.dtype == np.float64
    assert out.flags.c_contiguous


def test_halves_go_up_and_hours_are_exact():
    assert resampled_length(1, 2, 1) == 1
    assert resampled_length(3, 2, 1) == 2
    assert resampled_length(44_100 * 86_400 * 365, 44_100, 48_000) == 48_000 * 86_400 * 365


@pytest.mark.parametrize(("in_rate_hz", "out_rate_hz"), RATES_HZ[:4])
@pytest.mark.parametrize("split", [1, 17, 4096])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_split_gives_the_same_bits(in_rate_hz, out_rate_hz, split, channels):
    x = noise(6000, channels)
    whole = resample(x, in_rate_hz, out_rate_hz)
    np.testing.assert_array_equal(resample(x, in_rate_hz, out_rate_hz, split), whole)


def test_stereo_is_each_channel_alone():
    x = noise(5000)
    both = resample(x, 44_100, 48_000)
    for c in range(2):
        np.testing.assert_array_equal(resample(x[c : c + 1], 44_100, 48_000)[0], both[c])
    assert (both[0] != both[1]).any()


def test_equal_rates_change_no_bit():
    x = noise(3000)
    np.testing.assert_array_equal(resample(x, 48_000, 48_000, 17), x)


def test_the_input_is_not_changed():
    x = noise(3000)
    before = x.copy()
    resample(x, 44_100, 48_000)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("in_rate_hz", "out_rate_hz"), RATES_HZ[:4])
@pytest.mark.parametrize(
    ("frequency_hz", "limit_db"),
    [(100, -150), (1000, -150), (10_000, -150), (18_000, -75)],  # at 18 kHz the ripple: 0.0015 dB
)
def test_a_tone_comes_out_at_its_place_in_time_and_height(
    in_rate_hz, out_rate_hz, frequency_hz, limit_db
):
    out = resample(tone(frequency_hz, in_rate_hz), in_rate_hz, out_rate_hz)
    middle = slice(out_rate_hz // 4, 3 * out_rate_hz // 4)
    error = (out - tone(frequency_hz, out_rate_hz))[:, middle]
    assert rms_db(error) < limit_db  # so delay and gain are right together


def test_it_is_flat_to_20_khz_from_96_to_44_1():
    for frequency_hz in (19_000, 19_500, 20_000):
        out = resample(tone(frequency_hz, 96_000), 96_000, 44_100)[:, 10_000:34_100]
        assert rms_db(out) + 3.0103 == pytest.approx(0, abs=0.003)


@pytest.mark.parametrize("frequency_hz", [22_300, 23_000, 30_000, 40_000, 47_000])
def test_what_the_new_rate_cannot_hold_is_gone(frequency_hz):
    out = resample(tone(frequency_hz, 96_000), 96_000, 44_100)[:, 10_000:34_100]
    assert rms_db(out) < -170


def test_an_impulse_stays_where_it_was():
    x = np.zeros((1, 44_100))
    x[0, 22_050] = 1
    out = resample(x, 44_100, 88_200)
    assert np.abs(out[0]).argmax() == 44_100


def test_silence_stays_exactly_zero():
    assert not resample(np.zeros((2, 10_000)), 44_100, 48_000).any()
