"""True peak: theory, a long reference, the standard's cases, and never a missed one."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp.truepeak import (
    _FIRST,
    _FIRST_LONG,
    _LATER,
    FACTORS,
    PAD,
    TruePeak,
    _cascade,
    _steps,
    half_band,
    true_peak_steps,
)

RATE_HZ = 44100
Wave = NDArray[np.float64]


def padded(x: Wave) -> Wave:
    return np.pad(np.atleast_2d(x), ((0, 0), (PAD, PAD)))


def db(gain: float) -> float:
    return 20.0 * math.log10(gain)


def noise_below_20_khz(n: int, seed: int) -> Wave:
    """One period of a periodic noise, so that an FFT of it interpolates without error."""
    rng = np.random.default_rng(seed)
    spectrum = np.zeros(n // 2 + 1, dtype=complex)
    top = int(20000 / RATE_HZ * n)
    spectrum[1:top] = np.exp(2j * np.pi * rng.random(top - 1))
    x = np.fft.irfft(spectrum, n)
    return np.asarray(x / np.abs(x).max())


def interpolated(x: Wave, factor: int) -> Wave:
    """The periodic wave at ``factor`` times the rate, exactly."""
    return np.asarray(np.fft.irfft(np.fft.rfft(x), len(x) * factor) * factor)


def with_period_around(x: Wave) -> Wave:
    return np.concatenate((x[-PAD:], x, x[:PAD]))[None]


@pytest.mark.parametrize(
    ("design", "factor", "to_hz", "flat_db", "image_db"),
    [
        (_FIRST, 2, 20000, 0.001, -80),
        (_FIRST_LONG, 2, 21000, 0.002, -75),
        (_LATER[0], 4, 22050, 0.002, -75),
        (_LATER[1], 8, 22050, 0.002, -80),
        (_LATER[2], 16, 22050, 0.003, -70),
    ],
)
def test_each_stage_keeps_the_wave_and_removes_the_image(
    design: tuple[int, float], factor: int, to_hz: float, flat_db: float, image_db: float
) -> None:
    taps = half_band(*design)
    rate_hz = factor * RATE_HZ
    distance = 2 * np.arange(len(taps)) + 1

    def gain(f_hz: Wave) -> Wave:
        return np.asarray(0.5 + np.cos(2 * np.pi * f_hz[:, None] / rate_hz * distance) @ taps)

    kept = gain(np.linspace(0, to_hz, 2000))
    image = gain(np.linspace(rate_hz / 2 - to_hz, rate_hz / 2, 2000))
    assert np.abs(20 * np.log10(kept)).max() < flat_db
    assert 20 * np.log10(np.abs(image).max()) < image_db


@pytest.mark.parametrize(
    ("period", "amplitude", "degrees", "expected_db"),
    [
        (4, 0.5, 0, -6.02),
        (4, 0.5, 45, -6.02),
        (6, 0.5, 60, -6.02),
        (8, 0.5, 67.5, -6.02),
        (4, 1.41, 45, 2.98),
    ],
)
def test_standard_tones_read_their_amplitude(
    period: int, amplitude: float, degrees: float, expected_db: float
) -> None:
    """EBU Tech 3341 cases 15 to 19: tones whose samples all miss the crest."""
    x = amplitude * np.sin(2 * np.pi * np.arange(-PAD, 4000 + PAD) / period + np.radians(degrees))
    found = true_peak_steps(x[None], 4000, 16)[0, 0]
    assert db(found) == pytest.approx(expected_db, abs=0.005)


@pytest.mark.parametrize("seed", range(4))
def test_16x_equals_a_long_filter(seed: int) -> None:
    x = noise_below_20_khz(4096, seed)
    found = true_peak_steps(with_period_around(x), 16, 16)[0]
    exact = np.abs(interpolated(x, 16)).reshape(-1, 256).max(axis=1)
    assert np.abs(found - exact).max() < 0.001 * exact.max()
    assert abs(db(found.max() / exact.max())) < 0.01


@pytest.mark.parametrize("factor", [8, 16])
@pytest.mark.parametrize("seed", range(4))
def test_close_to_the_wave_itself(seed: int, factor: int) -> None:
    """64x by FFT is the wave to within 0.003 dB; what 8x and 16x leave is their theory's."""
    x = noise_below_20_khz(4096, seed)
    found = true_peak_steps(with_period_around(x), 4096, factor)[0, 0]
    under_read_db = -db(math.cos(math.pi * 20000 / (RATE_HZ * factor)))
    miss_db = db(np.abs(interpolated(x, 64)).max() / found)
    assert -0.005 < miss_db < under_read_db + 0.01


def burst(n: int, seed: int) -> Wave:
    """Noise whose loudness goes up and down by 40 dB: much to skip, and much not to."""
    rng = np.random.default_rng(seed)
    knots = np.arange(0, n + 100, 100)
    slow_db = np.interp(np.arange(n), knots, rng.uniform(-40, 0, len(knots)))
    return np.asarray(rng.uniform(-1, 1, n) * 10 ** (slow_db / 20))


def by_convolution(x: Wave, factor: int) -> Wave:
    """The cascade as plain convolutions: the largest magnitude of every sample's instants."""
    wave = x[0]
    cascade = _cascade(factor)
    for taps in np.split(cascade.taps, np.cumsum(cascade.pairs)[:-1]):
        kernel = np.zeros(4 * len(taps) - 1)
        kernel[0::2] = np.concatenate((taps[::-1], taps))
        kernel[2 * len(taps) - 1] = 1.0
        spread = np.zeros(2 * len(wave))
        spread[0::2] = wave
        wave = np.convolve(spread, kernel)[2 * len(taps) - 1 :][: len(spread)]
    return np.asarray(np.abs(wave).reshape(-1, factor).max(axis=1)[PAD:-PAD])


def worst_case(n: int, seed: int) -> Wave:
    """A wave of which every bend is the sharpest, with random signs: nothing is easy to skip."""
    bends = np.random.default_rng(seed).choice((-1.0, 1.0), n)
    slope = np.cumsum(bends)
    slope -= np.convolve(slope, np.ones(31) / 31, mode="same")
    wave = np.cumsum(slope)
    wave -= np.convolve(wave, np.ones(31) / 31, mode="same")
    return np.asarray(wave / np.abs(wave).max())


@pytest.mark.parametrize("make", [burst, worst_case])
@pytest.mark.parametrize("factor", FACTORS[1:])
@pytest.mark.parametrize("step", [1, 7, 8, 33, 441, 100000])
def test_skipping_misses_nothing(step: int, factor: int, make: Callable[[int, int], Wave]) -> None:
    """Whatever the step, and whatever was skipped, the maximum is that of plain convolutions."""
    x = padded(make(5000, step))
    each = by_convolution(x, factor)
    edges = np.arange(0, len(each), step)
    exact = np.maximum.reduceat(each, edges)
    assert true_peak_steps(x, step, factor)[0] == pytest.approx(exact, abs=1e-13)
    one_by_one = true_peak_steps(x, 1, factor)[0]
    assert np.array_equal(
        true_peak_steps(x, step, factor)[0], np.maximum.reduceat(one_by_one, edges)
    )


def test_a_floor_for_each_step() -> None:
    x = padded(burst(4000, 2))
    floors = np.random.default_rng(0).choice((0.0, 0.2, np.inf), 500)
    exact = true_peak_steps(x, 8, 8)[0]
    plain = true_peak_steps(x, 8, 1)[0]
    found = true_peak_steps(x, 8, 8, floors)[0]
    assert np.array_equal(found, np.where(exact > floors, exact, plain))


@pytest.mark.parametrize("floor", [0.1, 0.3, 0.9])
def test_floor_is_exact_above_and_plain_below(floor: float) -> None:
    x = padded(burst(9000, 3))
    exact = true_peak_steps(x, 8, 16)[0]
    plain = true_peak_steps(x, 8, 1)[0]
    found = true_peak_steps(x, 8, 16, floor)[0]
    assert np.array_equal(found, np.where(exact > floor, exact, plain))
    assert (exact > floor).any()
    assert (found < exact).any()


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9, 79, 80, 81, 159, 160, 161, 5000])
@pytest.mark.parametrize("block", [1, 17, 4096])
def test_any_split_gives_the_same_bits(n: int, block: int) -> None:
    x = np.stack((burst(5000, 1), burst(5000, 2)))[:, :n]
    whole = true_peak_steps(padded(x), 8, 8, 0.05)
    meter = TruePeak(2, factor=8, step=8, floor=0.05)
    pieces = [meter.feed(x[:, i : i + block]) for i in range(0, n, block)]
    pieces.append(meter.finish())
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


def test_channels_do_not_know_each_other() -> None:
    x = padded(np.stack((burst(3000, 1), burst(3000, 2))))
    both = true_peak_steps(x, 100, 16)
    assert np.array_equal(both[0], true_peak_steps(x[:1], 100, 16)[0])
    assert np.array_equal(both[1], true_peak_steps(x[1:], 100, 16)[0])
    assert not np.array_equal(both[0], both[1])


def test_edges_of_a_file_ring_into_silence() -> None:
    """Two samples of full scale alone: half-way between them a sinc stands at 4/pi."""
    found = db(true_peak_steps(padded(np.ones((1, 2))), 2, 16)[0, 0])
    assert found == pytest.approx(db(4 / math.pi), abs=0.05)


def test_silence_and_input_stay_as_they_are() -> None:
    x = padded(burst(500, 0))
    before = x.copy()
    true_peak_steps(x, 8, 16)
    assert np.array_equal(x, before)
    assert not true_peak_steps(np.zeros((2, 1000)), 8, 16).any()
    assert true_peak_steps(np.zeros((2, 2 * PAD)), 8, 16).shape == (2, 0)


@pytest.mark.parametrize(("step", "factor", "n"), [(0, 16, 100), (8, 3, 100), (8, 16, 2 * PAD - 1)])
def test_wrong_use_is_named(step: int, factor: int, n: int) -> None:
    with pytest.raises(ValueError, match=r"step=0|factor=3|x_with_margins"):
        true_peak_steps(np.zeros((1, n)), step, factor)


def test_the_search_is_compiled_once() -> None:
    """A floor for each step, which could come as a read-only view, is no other kind of floor."""
    x = padded(np.random.default_rng(0).standard_normal((2, 1000)))
    for floor in (0.0, np.full((2, 10), 0.1), np.full((2, 1), 0.1)):
        true_peak_steps(x, 100, floor=floor)
    assert len(_steps.signatures) == 1
