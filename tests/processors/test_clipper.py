"""Clipper: exact below the knee, flat above it, and what folds down, in dB."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp import clip
from burnish.dsp.clip import REACH, needed
from burnish.dsp.truepeak import true_peak_steps
from burnish.processors.clipper import Clipper
from burnish.processors.show import piece, play

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def tone(frequency_hz: float, level_dbfs: float = 0.0, rate_hz: int = RATE_HZ) -> Floats:
    t = np.arange(2 * rate_hz) / rate_hz
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * t)[None]


def spectrum(samples: Floats, rate_hz: int = RATE_HZ) -> Floats:
    """One bin per Hz, 1 for a tone of full scale, from the settled second."""
    settled = samples[0, rate_hz // 2 : rate_hz // 2 + rate_hz]
    window = np.blackman(rate_hz)
    return np.asarray(np.abs(np.fft.rfft(settled * window)) * 2 / window.sum())


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("frequency_hz", "knee_db", "promise_db"),
    [(997, 0, -115), (4987, 0, -95), (9973, 0, -90), (997, 3, -125), (4987, 3, -105)],
)
def test_aliases_at_6_db_over(
    frequency_hz: int, knee_db: float, promise_db: float, rate_hz: int
) -> None:
    """All that is no harmonic, up to 20 kHz, in power against the tone. 8x alone leaves -78."""
    clipper = Clipper(ceiling_dbfs=-6, knee_db=knee_db)
    made = spectrum(play(clipper, tone(frequency_hz, 0, rate_hz), rate_hz), rate_hz)
    for k in range(rate_hz // 2 // frequency_hz + 1):
        made[max(0, frequency_hz * k - 4) : frequency_hz * k + 5] = 0.0
    power = (made[:20_000] ** 2).sum() / 1.73  # noise bandwidth of the window
    assert 10 * np.log10(power) < promise_db


@pytest.mark.parametrize("knee_db", [0.0, 1.0, 6.0])
def test_harmonics_are_those_of_the_curve(knee_db: float) -> None:
    """Up to 20 kHz each within 0.05 dB of the Fourier series of the clipped sine.

    The average along 1/8 of a sample takes 0.046 dB at 20 kHz off what is added there.
    """
    clipper = Clipper(ceiling_dbfs=-6, knee_db=knee_db)
    ceiling = 10 ** (-6 / 20)
    knee = ceiling * 10 ** (-knee_db / 20)
    top = 2 * ceiling - knee
    x = np.sin(2 * np.pi * np.arange(2**16) / 2**16)
    over = np.abs(x) - knee
    bent = knee + over - over**2 / (2 * (top - knee) or 1)
    y = np.where(over <= 0, np.abs(x), np.where(np.abs(x) < top, bent, ceiling)) * np.sign(x)
    wanted = np.abs(np.fft.rfft(y)) * 2 / 2**16
    made = spectrum(play(clipper, tone(1000), RATE_HZ))[::1000]
    for k in (1, 3, 5, 7, 9, 11, 13, 15, 17, 19):
        assert made[k] == pytest.approx(wanted[k], rel=0.0058, abs=2e-6)


def test_what_stays_under_the_knee_keeps_its_bits() -> None:
    """Also where a loud hit is near, but out of the filters' reach."""
    samples = piece(RATE_HZ, 2.0)
    samples *= 0.4 / np.abs(samples).max()
    clipper = Clipper(ceiling_dbfs=-3, knee_db=3)
    assert np.array_equal(play(clipper, samples, RATE_HZ), samples)
    for at in (4095, 4096, 4100, 30_000):
        hit = samples.copy()
        hit[0, at] += 2.0
        change = play(clipper, hit, RATE_HZ) - hit
        assert abs(change[0, at]) > 0.9
        near = np.flatnonzero(change[0])
        assert near.min() >= at - 2 * REACH
        assert near.max() <= at + 2 * REACH
        assert not change[1].any()


def test_peaks_between_the_samples_are_clipped_too() -> None:
    """A quarter-rate tone whose samples are all 3 dB under its peaks."""
    t = np.arange(RATE_HZ)
    samples = np.sin(np.pi / 2 * t + np.pi / 4)[None]
    out = play(Clipper(ceiling_dbfs=-2.9), samples, RATE_HZ)
    assert np.abs(samples).max() < 10 ** (-2.9 / 20)
    assert np.abs(out - samples).max() > 0.05


@pytest.mark.parametrize("knee_db", [0.0, 3.0])
def test_nothing_is_missed_by_what_is_left_out(knee_db: float) -> None:
    """Leaving idle parts out changes nothing: against bounds so wide that nothing is idle."""
    rng = np.random.default_rng(3)
    samples = rng.standard_normal(20_000) * np.repeat(rng.uniform(0.02, 0.25, 200), 100)
    knee = 0.7 * 10 ** (-knee_db / 20)
    filters = clip._filters()
    some, all_of_it = np.zeros((2, 20_000))
    clip._taken_off(samples, knee, 1.4 - knee, *filters.taps, filters.last, *filters.bends, some)
    clip._taken_off(samples, knee, 1.4 - knee, *filters.taps, filters.last, 1e9, 1e9, all_of_it)
    assert np.abs(some - all_of_it).max() < 1e-15
    assert 0.01 < np.mean(some == 0.0) < 0.99


def test_output_swings_little_over_the_ceiling() -> None:
    """Music 9 dB over: the true peak is 2 dB over the ceiling at most (a limiter follows)."""
    samples = piece(RATE_HZ, 4.0)
    samples *= 10 ** (9 / 20) / np.abs(samples).max()
    out = play(Clipper(ceiling_dbfs=0), samples, RATE_HZ)
    assert true_peak_steps(np.pad(out, ((0, 0), (80, 80))), 100).max() < 10 ** (2 / 20)
    assert np.abs(out).max() > 1.0


def test_gain_alone() -> None:
    samples = piece(RATE_HZ, 1.0)
    out = play(Clipper(input_gain_db=6), samples, RATE_HZ)
    assert np.array_equal(out, samples * 10 ** (6 / 20))


def test_reach_is_enough() -> None:
    assert needed() <= REACH
