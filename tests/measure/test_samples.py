"""Clicks, clipping, gaps, repeats and resolution, in sound whose faults are known to the sample."""

import numpy as np
import pytest

from burnish.measure.clicks import ClickDetector
from burnish.measure.clipping import ClippingDetector
from burnish.measure.continuity import ContinuityDetector
from burnish.measure.resolution import ResolutionDetector
from pieces import made_once

RATE = 44_100


def found(detector, samples, rate_hz=RATE):
    """What a detector says of samples, fed in whole seconds."""
    samples = np.atleast_2d(samples)
    one = detector(rate_hz, len(samples))
    for start in range(0, samples.shape[1], rate_hz):
        one.feed(np.ascontiguousarray(samples[:, start : start + rate_hz]))
    return one.finish(None)


@made_once
def music(duration_s=8.0, rate_hz=RATE, seed=3):
    """Notes that are struck and decay, over coloured noise: ``(2, n)``, peaks at -6 dBFS."""
    random = np.random.default_rng(seed)
    n = round(duration_s * rate_hz)
    t = np.arange(n) / rate_hz
    wave = np.zeros((2, n))
    for k in range(int(4 * duration_s)):
        sounds = slice(round(0.25 * k * rate_hz), round((0.25 * k + 2.5) * rate_hz))  # to -87 dB
        since = t[sounds] - t[sounds.start]
        hz = 110.0 * 2 ** (random.integers(0, 36) / 12)
        note = sum(np.sin(2 * np.pi * hz * m * since) / m**1.5 for m in range(1, 7))
        wave[:, sounds] += random.uniform(0.3, 1.0, (2, 1)) * note * np.exp(-4.0 * since)
    noise = np.cumsum(random.standard_normal((2, n)), axis=1) * 0.002
    noise -= np.linspace(0, 1, n) * noise[:, -1:]
    hiss = random.standard_normal((2, n)) * 0.005
    wave += 0.2 * (noise - noise.mean(axis=1, keepdims=True)) + hiss
    return wave * (0.5 / np.abs(wave).max())


# clicks


@pytest.mark.parametrize("width", [1, 4, 16])
@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_a_click_is_found_to_the_sample_and_as_long_as_it_is(width, rate_hz):
    x = music(rate_hz=rate_hz)
    wave = np.hanning(width + 2)[1:-1] * np.cos(1.5 * np.arange(width))
    places = [rate_hz * k + 12_345 for k in range(1, 7)]
    for place in places:
        x[:, place : place + width] += 0.2 * wave
    clicks = found(ClickDetector, x, rate_hz)
    assert clicks.count == len(places)
    assert np.abs(np.array(clicks.times_s) * rate_hz - places).max() <= 4
    lengths = np.array(clicks.lengths_ms) * 1e-3 * rate_hz
    assert np.abs(lengths - width).max() <= 6
    assert clicks.per_min == pytest.approx(len(places) / 8 * 60)


@pytest.mark.parametrize("length_ms", [1.0, 4.0])
def test_a_burst_that_is_gone_as_it_came_is_a_click_and_one_that_dies_slowly_is_none(length_ms):
    x = music()
    random = np.random.default_rng(1)
    n, ring = round(1e-3 * length_ms * RATE), round(0.08 * RATE)
    places = RATE * np.arange(1, 7) + 12_345
    bursts, strokes = x.copy(), x.copy()
    for at in places:
        bursts[:, at : at + n] += 0.8 * 10 ** (-np.arange(n) / n) * random.standard_normal(n)
        strokes[:, at : at + ring] += (
            0.3 * np.exp(-np.arange(ring) / (0.01 * RATE)) * random.standard_normal(ring)
        )
    clicks = found(ClickDetector, bursts)
    assert clicks.count >= 5
    for time_s in clicks.times_s:
        assert np.abs(places - time_s * RATE).min() <= 0.002 * RATE
    assert found(ClickDetector, strokes).count == 0


def test_corners_of_a_cut_wave_are_no_clicks():
    """A few loud notes, each with one top cut: far apart, so nothing else is like them."""
    t = np.arange(6 * RATE) / RATE
    loud = 0.3 + 0.3 * np.exp(-(((t % 1.0) - 0.5) ** 2) / 1e-4)
    wave = loud * np.cos(2 * np.pi * 130.0 * (t % 1.0 - 0.5))
    assert found(ClickDetector, np.clip(wave, -0.5, 0.5)).count == 0
    wave[RATE // 4 :: RATE] += 0.2
    assert found(ClickDetector, np.clip(wave, -0.5, 0.5)).count == 6


def test_strokes_steps_pulses_and_noise_are_no_clicks():
    t = np.arange(6 * RATE) / RATE
    random = np.random.default_rng(0)
    tone = np.sin(2 * np.pi * 440 * t)
    saw = 2.0 * ((110 * t) % 1.0) - 1.0
    pulses = (np.arange(len(t)) % 400 == 0).astype(float)
    struck = tone * np.exp(-20.0 * (t % 0.5))  # begins anew at once
    burst = random.standard_normal(len(t)) * np.exp(-60.0 * (t % 0.25))
    gated = tone * ((t % 0.5) < 0.3)  # cut off hard
    hiss = 1e-3 * random.standard_normal(len(t))
    for wave in (tone, saw, pulses, struck, burst, gated, random.standard_normal(len(t))):
        assert found(ClickDetector, 0.3 * wave + hiss).count == 0


def test_a_click_in_both_channels_is_one_and_the_ends_are_none():
    x = music()
    x[:, 100_000] += 0.3
    assert found(ClickDetector, x).count == 1
    assert found(ClickDetector, x[:1]).count == 1
    assert found(ClickDetector, np.ones((1, RATE)) * 0.5).count == 0


# clipping


@pytest.mark.parametrize("over_db", [1.0, 3.0, 6.0, 10.0])
def test_the_ceiling_is_found_wherever_it_was_turned_to(over_db):
    x = np.clip(music() * 2 * 10 ** (over_db / 20), -1.0, 1.0)
    for gain in (1.0, 0.37):
        clipping = found(ClippingDetector, gain * x)
        ceiling_dbfs = 20 * np.log10(gain)
        assert clipping.threshold_dbfs == pytest.approx(ceiling_dbfs, abs=0.006)
        assert all(dbfs <= ceiling_dbfs for dbfs in clipping.thresholds_dbfs[:2])
        assert clipping.earlier == (gain < 1.0)
        cut = np.count_nonzero(np.abs(x) == 1.0)
        assert 0.7 * cut <= clipping.samples <= cut * 1.05
        assert clipping.share == pytest.approx(clipping.samples / x.size)


def test_every_cut_sample_lies_at_or_beyond_its_threshold():
    random = np.random.default_rng(1)
    x = np.clip(music() * 4, -1.0, 0.8) * 0.6
    x = np.round((x + (random.random(x.shape) - 0.5) / 32768) * 32768) / 32768
    clipping = found(ClippingDetector, x)
    up, down = clipping.thresholds_dbfs[:2]
    assert up == pytest.approx(20 * np.log10(0.48), abs=0.01)
    assert down == pytest.approx(20 * np.log10(0.6), abs=0.01)


def test_one_side_alone_is_found_on_that_side():
    clipping = found(ClippingDetector, np.minimum(music() * 3, 0.9) * 0.5)
    assert clipping.sides[0].runs > 10
    assert clipping.sides[1].threshold_dbfs is None
    assert clipping.thresholds_dbfs[1] == 24.0
    assert clipping.earlier


def test_overdrive_grows_with_the_drive():
    drive = [
        found(ClippingDetector, np.clip(music() * 2 * 10 ** (db / 20), -1, 1)).overdrive_db
        for db in (2.0, 6.0, 12.0)
    ]
    assert drive == sorted(drive)
    t = np.arange(4 * RATE) / RATE
    for over_db in (1.0, 3.0, 6.0):  # a sine's parabola is right as long as little is missing
        wave = np.clip(np.sin(2 * np.pi * 700 * t) * 10 ** (over_db / 20), -1.0, 1.0)
        told = found(ClippingDetector, wave).sides[0].overdrive_db
        assert told == pytest.approx(over_db, abs=0.35 * over_db)


def test_what_was_not_cut_is_not_clipped():
    t = np.arange(4 * RATE) / RATE
    for wave in (music(), np.sin(2 * np.pi * 25 * t), np.sin(2 * np.pi * 3000 * t)):
        for bits in (None, 16):
            x = np.atleast_2d(wave) / np.abs(wave).max()
            x = x if bits is None else np.round(x * 32767) / 32768
            clipping = found(ClippingDetector, x)
            assert clipping.threshold_dbfs is None
            assert clipping.thresholds_dbfs == ()
            assert clipping.blurred == 0.0


# gaps and repeats


@pytest.mark.parametrize("length", [1, 3, 10, 441, 44_100])
def test_a_hole_is_found_with_its_length(length):
    x = music() + 0.002 * np.random.default_rng(9).standard_normal((2, 8 * RATE))
    place = 3 * RATE + 1234
    while np.abs(x[:, [place - 1, place + length]]).min() < 0.1:
        place += 7
    x[:, place : place + length] = 0.0
    (gap,) = found(ContinuityDetector, x).gaps
    assert gap.start_s * RATE == pytest.approx(place, abs=1)
    assert gap.length_s * RATE == pytest.approx(length, abs=2)
    assert gap.kind == "silence"
    assert gap.channels == (0, 1)


def test_a_held_value_is_found_and_one_channel_is_told():
    x = music()
    x[1, 100_000:100_300] = x[1, 99_999]
    (gap,) = found(ContinuityDetector, x).gaps
    assert gap.kind == "held"
    assert gap.channels == (1,)
    assert gap.length_s * RATE == pytest.approx(301, abs=2)


@pytest.mark.parametrize("length", [32, 100, 512, 4096, 8192])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_block_that_comes_again_is_found_to_the_sample(length, channels):
    x = music()[:channels].copy()
    place = 4 * RATE - 700  # over the edge of a piece
    x[:, place : place + length] = x[:, place - length : place].copy()
    (repeat,) = found(ContinuityDetector, x).repeats
    assert (repeat.samples, repeat.times) == (length, 1)
    assert repeat.start_s * RATE == pytest.approx(place, abs=2)


def test_waves_that_go_round_and_loops_are_no_repeats_and_rests_are_no_holes():
    t = np.arange(6 * RATE)
    exact = np.tile(np.sin(2 * np.pi * np.arange(147) / 147), 1800)  # 300 Hz, to the bit
    loop = np.tile(music(1.0), 6)
    rests = music(6.0) * np.clip(20.0 * np.cos(2 * np.pi * t / RATE) + 10.0, 0.0, 1.0)
    for x in (exact, loop, rests, np.zeros((2, RATE))):
        continuity = found(ContinuityDetector, x)
        assert continuity.repeats == ()
        assert continuity.gaps == ()


def test_the_ends_are_measured():
    x = music()
    x[:, 0], x[:, -441:] = 0.1, 0.01
    continuity = found(ContinuityDetector, x)
    assert continuity.head_dbfs == pytest.approx(-20.0)
    assert continuity.tail_dbfs == pytest.approx(-40.0, abs=0.01)
    silent = found(ContinuityDetector, np.zeros((2, RATE)))
    assert (silent.head_dbfs, silent.tail_dbfs) == (-np.inf, -np.inf)


# resolution


@pytest.mark.parametrize("bits", [8, 12, 16, 20, 24, 32])
def test_bits_in_use_are_counted(bits):
    steps = 2.0 ** (bits - 1)
    assert found(ResolutionDetector, np.round(music() * steps) / steps).bits == (bits, bits)


def test_bits_of_floats_silence_and_scaled_values():
    x = music()
    assert found(ResolutionDetector, x).bits == (None, None)
    x[1] = 0.0
    x[0] = np.round(x[0] * 128) / 128
    assert found(ResolutionDetector, x).bits == (8, 0)
    scaled = np.round(np.round(music() * 2048) / 2048 * 0.7 * 2**23) / 2**23
    resolution = found(ResolutionDetector, scaled)
    assert resolution.bits == (24, 24)
    assert resolution.step_bits == pytest.approx(12 + np.log2(1 / 0.7), abs=0.1)


@pytest.mark.parametrize("cutoff_hz", [15_000, 16_000, 19_000])
def test_a_cliff_is_found_where_it_is_and_a_slope_is_none(cutoff_hz):
    random = np.random.default_rng(2)
    n = 10 * RATE
    hz = np.fft.rfftfreq(n, 1 / RATE)
    noise = np.fft.rfft(random.standard_normal(n))
    pink = 1.0 / np.sqrt(1.0 + hz / 100.0)
    cut = 0.05 * np.fft.irfft(noise * pink * (hz < cutoff_hz), n)
    cliff = found(ResolutionDetector, np.round(cut * 32768) / 32768).cliff
    assert cliff.cutoff_hz == pytest.approx(cutoff_hz, abs=250)
    assert cliff.drop_db > 25.0
    assert cliff.steady > 0.95
    slope = 10 ** (-np.maximum(hz - 8000, 0) / 8000 * 60 / 20)
    soft = 0.05 * np.fft.irfft(noise * pink * slope, n)
    cliff = found(ResolutionDetector, np.round(soft * 32768) / 32768).cliff
    assert cliff is None or cliff.drop_db < 15.0


@pytest.mark.parametrize(
    "detector", [ClickDetector, ClippingDetector, ContinuityDetector, ResolutionDetector]
)
def test_nothing_and_next_to_nothing_are_examined(detector):
    for n in (0, 1, 2, 100, 5000):
        for channels in (1, 2):
            found(detector, np.zeros((channels, n)))
            found(detector, np.full((channels, n), 0.5))
    for rate_hz in (8000, 384_000):
        found(detector, 0.1 * np.random.default_rng(0).standard_normal((2, 2 * rate_hz)), rate_hz)
