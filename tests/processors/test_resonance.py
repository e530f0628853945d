"""Resonance: what rings is lowered by what was asked, what stands beside it stays; in dB."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade
from burnish.processors.resonance import Bands, Curves, Resonance, weights
from burnish.processors.show import piece, play

Floats = NDArray[np.float64]

RATE_HZ = 44_100


@cache
def noise(seconds: int = 10) -> Floats:
    """Pink noise, mono."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(seconds * RATE_HZ))
    spectrum *= np.maximum(np.fft.rfftfreq(seconds * RATE_HZ, 1 / RATE_HZ), 30.0) ** -0.5
    samples = np.fft.irfft(spectrum)
    return np.asarray(0.1 * samples / samples.std())[None]


def with_peak(frequency_hz: float, gain_db: float, q: float) -> Floats:
    section = matched.sections((matched.bell(frequency_hz, gain_db, q),), RATE_HZ)
    return Cascade([section]).process(noise())


def density(samples: Floats) -> Floats:
    """Mean power in every bin of 5.4 Hz."""
    windows = np.lib.stride_tricks.sliding_window_view(samples[0], 8192)[8192:-8192:4096]
    return np.asarray((np.abs(np.fft.rfft(windows * np.hanning(8192))) ** 2).mean(axis=0))


def change_db(after: Floats, before: Floats, low_hz: float, high_hz: float) -> float:
    hz = np.fft.rfftfreq(8192, 1 / RATE_HZ)
    inside = (hz >= low_hz) & (hz <= high_hz)
    return float((10 * np.log10(density(after) / density(before)))[inside].mean())


@pytest.mark.parametrize("depth", [0.5, 1.0])
@pytest.mark.parametrize("frequency_hz", [2500.0, 3000.0, 7000.0])
def test_a_peak_of_8_db_is_lowered_by_what_was_asked(frequency_hz: float, depth: float) -> None:
    """Depth times what it is over the threshold, of 4 dB: to 0.7 dB less, and never more.

    An eighth of an octave away nothing moves by more than 0.3 dB.
    """
    peak = with_peak(frequency_hz, 8.0, 10.0)
    out = play(Resonance(depth=depth, threshold_db=4, attack_ms=1, most_db=12), peak, RATE_HZ)
    f = frequency_hz
    asked_db = -depth * 4.0
    lowered_db = change_db(out, peak, 0.99 * f, 1.01 * f)
    assert asked_db <= lowered_db <= (1 - 0.3) * asked_db
    for low_hz, high_hz in ((0.5 * f, 0.8 * f), (0.8 * f, 0.88 * f), (1.14 * f, 1.3 * f)):
        assert abs(change_db(out, peak, low_hz, high_hz)) < 0.3
    assert abs(change_db(out, peak, 30, 100)) < 0.001


def test_noise_without_a_peak_is_left_alone() -> None:
    """Its own chance peaks cost less than 0.1 dB."""
    out = play(Resonance(depth=1), noise(), RATE_HZ)
    assert abs(change_db(out, noise(), 150, 15_000)) < 0.1


def test_most_is_never_passed() -> None:
    ringing = noise().copy()
    ringing += np.sin(2 * np.pi * 4000 * np.arange(ringing.shape[1]) / RATE_HZ)
    for most_db in (2.0, 6.0):
        out = play(Resonance(depth=1, most_db=most_db), ringing, RATE_HZ)
        assert change_db(out, ringing, 3990, 4010) == pytest.approx(-most_db, abs=0.15)


def test_an_edge_is_not_a_peak() -> None:
    """What a lossy codec leaves at its cutoff, and a brick wall at 300 Hz: 0.1 and 1 dB at most."""
    spectrum = np.fft.rfft(noise()[0])
    hz = np.fft.rfftfreq(noise().shape[1], 1 / RATE_HZ)
    cut = np.fft.irfft(np.where((hz > 300) & (hz < 12_000), spectrum, 0.0))[None]
    out = play(Resonance(depth=1), cut, RATE_HZ)
    assert abs(change_db(out, cut, 8000, 11_900)) < 0.1
    assert abs(change_db(out, cut, 320, 500)) < 1.0


def test_where_nothing_rings_every_bit_stays() -> None:
    quiet = Resonance(depth=1, threshold_db=18, sharpness=4)
    assert np.array_equal(play(quiet, noise(), RATE_HZ), noise())


def test_windows_add_up_to_one() -> None:
    """With a gain of 1/2 in every bin half of the sound is left, within -280 dB."""
    runner = Resonance(depth=1).start(RATE_HZ, 2)
    runner.reductions_db = (  # type: ignore[attr-defined]
        lambda spectra: np.full((spectra.shape[1], len(runner.weights)), 20 * np.log10(2))  # type: ignore[attr-defined]
    )
    samples = piece(RATE_HZ, 6.0)
    out = runner.process(samples)[:, runner.latency :]
    here = slice(RATE_HZ, None)
    assert np.abs(out[:, here] - 0.5 * samples[:, : out.shape[1]][:, here]).max() < 1e-14


def test_reduction_follows_attack_and_release() -> None:
    """After a second of whistling it is over with the release, and all over after 20 of them."""
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    whistle = np.where(t < 1, 0.5, 0.001) * np.sin(2 * np.pi * 4000 * t)
    samples = noise()[:, : len(t)] + whistle
    fast, slow = (play(Resonance(depth=1, release_ms=ms), samples, RATE_HZ) for ms in (20.0, 300.0))
    after = slice(round(1.15 * RATE_HZ), round(1.45 * RATE_HZ))
    lost = [10 * np.log10(np.mean((out - samples)[0, after] ** 2)) for out in (fast, slow)]
    assert lost[1] > lost[0] + 3


def test_weights_are_as_told() -> None:
    hz = np.array([100.0, 119.0, 170.0, 500.0, 800.0, 2000.0, 8000.0, 15_990.0, 16_100.0])
    found = weights(Resonance(depth=1, low_weight=0.4), hz)
    assert found == pytest.approx([0, 0, 0.4, 0.4, 0.4, 1, 1, 0, 0], abs=0.01)


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 192_000])
def test_bands_hold_the_mean_of_their_bins(rate_hz: int) -> None:
    bands = Bands(120.0, rate_hz, 4096)
    flat = bands.mean_power(np.full((2, 2049), 3.0))
    assert flat == pytest.approx(np.full(flat.shape, 3.0))
    assert bands.at_bins(flat) == pytest.approx(np.full((2, 2049), 3.0))


def test_curves_see_a_peak_and_not_a_tilt() -> None:
    level_db = np.linspace(0.0, -50.0, 240)[None].copy()  # 5 dB an octave
    assert Curves(24).excess_db(level_db)[0, 24:-24].max() < 0.2
    level_db[0, 100] += 10.0
    assert Curves(24).excess_db(level_db)[0, 100] == pytest.approx(10.0, abs=0.2)
