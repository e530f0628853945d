"""Equal roads, bit for bit; and identities that hold whatever the music."""

import dataclasses
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.measure import Measurement, Meter, measure
from pieces import made_once

Floats = NDArray[np.float64]


@made_once
def music(n: int, rate_hz: int = 44100, seed: int = 1) -> Floats:
    """Stereo with beats, a bass, noise that is not the same in both channels, and some DC."""
    rng = np.random.default_rng(seed)
    t = np.arange(n) / rate_hz
    beat = np.exp(-8 * (t % 0.5))
    bass = 0.3 * np.sin(2 * np.pi * 55 * t)
    noise = rng.standard_normal((2, n)) * beat * 0.15
    both = rng.standard_normal(n) * beat * 0.1
    return np.stack((bass + both + noise[0] + 0.01, bass + both + 0.5 * noise[1]))


def run(x: Floats, rate_hz: int = 44100, block: int = 0, threads: bool = False) -> Measurement:
    with Meter(rate_hz, len(x), threads=threads) as meter:
        size = block or max(1, x.shape[1])
        for i in range(0, x.shape[1], size):
            meter.feed(x[:, i : i + size])
        return meter.finish()


def assert_same(one: Measurement, other: Measurement) -> None:
    assert one == other
    for name in ("segment_power", "segment_true_peak"):
        assert np.array_equal(getattr(one.timeline, name), getattr(other.timeline, name))


@pytest.mark.parametrize("block", [17, 4096, 88200])
@pytest.mark.parametrize("rate_hz", [44100, 11025])
def test_blocks_do_not_matter(block: int, rate_hz: int) -> None:
    x = music(int(6.777 * rate_hz), rate_hz)
    assert_same(run(x, rate_hz, block), run(x, rate_hz))


def test_blocks_of_one_sample() -> None:
    x = music(30000)
    assert_same(run(x, block=1), run(x))


@pytest.mark.parametrize("offset", [-81, -80, -79, -1, 0, 1, 79, 80, 81, 159, 160, 161])
def test_blocks_around_the_edge_of_a_piece(offset: int) -> None:
    """Pieces of 2 s are handed on with 80 samples of context."""
    x = music(88200 + offset)
    whole = run(x)
    assert_same(run(x, block=4096), whole)
    assert whole.source.n_samples == 88200 + offset
    exact = np.abs(x).max()
    assert whole.peaks.sample_peak_dbfs == pytest.approx(20 * math.log10(exact), abs=1e-12)


def test_threads_do_not_matter() -> None:
    x = music(300000)
    assert_same(run(x, threads=True), run(x))
    assert_same(measure(Audio(x, 44100)), run(x))


@pytest.mark.parametrize("gain_db", [-20.0, 6.0])
def test_gain_moves_levels_by_itself_and_ratios_by_nothing(gain_db: float) -> None:
    x = music(300000)
    before, after = run(x), run(x * 10 ** (gain_db / 20))
    for record, names in (
        ("loudness", ("integrated_lufs", "max_momentary_lufs", "max_short_term_lufs", "gate_lufs")),
        ("peaks", ("true_peak_dbtp", "true_peak_4x_dbtp", "sample_peak_dbfs")),
        ("dynamics", ("rms_dbfs",)),
        ("noise", ("dc_dbfs", "noise_floor_dbfs")),
    ):
        for name in names:
            one, other = (getattr(getattr(m, record), name) for m in (before, after))
            assert other - one == pytest.approx(gain_db, abs=1e-5), name
    assert np.array(after.spectrum.mid_db) - before.spectrum.mid_db == pytest.approx(
        gain_db, abs=1e-5
    )
    for record in ("dynamics", "stereo"):
        one, other = (dataclasses.asdict(getattr(m, record)) for m in (before, after))
        for name in one.keys() - {"rms_dbfs"}:
            assert np.array(other[name]) == pytest.approx(np.array(one[name]), abs=1e-4), name
    assert np.array(after.spectrum.bands_db) == pytest.approx(
        np.array(before.spectrum.bands_db), abs=1e-4
    )


def test_swapping_the_channels_swaps_what_has_a_side() -> None:
    x = music(300000)
    one, other = run(x), run(np.ascontiguousarray(x[::-1]))
    assert other.loudness == one.loudness
    assert other.peaks.true_peak_dbtp == one.peaks.true_peak_dbtp
    assert other.peaks.channel_true_peak_dbtp == one.peaks.channel_true_peak_dbtp[::-1]
    assert one.peaks.channel_true_peak_dbtp[0] != one.peaks.channel_true_peak_dbtp[1]
    assert other.stereo.balance_db == pytest.approx(-one.stereo.balance_db)  # type: ignore[operator]
    assert other.stereo.correlation == pytest.approx(one.stereo.correlation)
    assert other.noise.dc == one.noise.dc[::-1]


def test_a_mono_file_is_3_lu_below_the_same_wave_in_both_channels() -> None:
    x = music(300000)[:1]
    mono, both = run(x), run(np.concatenate((x, x)))
    lower = both.loudness.integrated_lufs - mono.loudness.integrated_lufs  # type: ignore[operator]
    assert lower == pytest.approx(10 * math.log10(2), abs=1e-9)
    assert mono.peaks.true_peak_dbtp == both.peaks.true_peak_dbtp
    assert mono.spectrum == both.spectrum
    assert mono.stereo == both.stereo
    assert mono.dynamics.dr_db == both.dynamics.dr_db


def test_input_is_left_as_it_was() -> None:
    x = music(100000)
    before = x.copy()
    run(x, block=1000)
    assert np.array_equal(x, before)
