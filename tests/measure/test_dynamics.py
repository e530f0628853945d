"""Dynamics and defects, on signals whose figures can be worked out by hand."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.measure import Measurement, Meter

Floats = NDArray[np.float64]
RATE_HZ = 44100


def run(x: Floats, rate_hz: int = RATE_HZ) -> Measurement:
    x = np.atleast_2d(x)
    meter = Meter(rate_hz, len(x))
    meter.feed(x)
    return meter.finish()


def sine(frequency_hz: float, seconds: float) -> Floats:
    return np.asarray(
        np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)
    )


def test_a_steady_tone_has_no_dynamics() -> None:
    wave = 0.5 * sine(997, 12)
    found = run(np.stack((wave, wave))).dynamics
    assert found.crest_db == pytest.approx(3.01, abs=0.01)
    assert found.rms_dbfs == pytest.approx(-9.03, abs=0.01)
    assert found.dr_db == pytest.approx(0.0, abs=0.01)  # there a sine has the RMS of its crest
    assert found.sharpness_db == pytest.approx(0.0, abs=0.1)
    assert found.dynamics_db == pytest.approx(0.0, abs=0.01)
    assert found.plr_db == pytest.approx(-6.02 + 6.02, abs=0.03)  # stereo: LUFS read what dBFS do
    assert found.psr_min_db == pytest.approx(found.plr_db, abs=0.03)
    assert found.psr_p5_db == pytest.approx(found.plr_db, abs=0.03)


def test_psr_takes_peak_and_loudness_from_the_same_3_s() -> None:
    """9 s at -20 with a click at -2 in the middle second, then 9 s at -30: PSR 18, 0 and 0."""
    wave = np.concatenate((0.1 * sine(1000, 9), 10**-1.5 * sine(1000, 9)))
    wave[int(4.5 * RATE_HZ)] = 0.8
    found = run(np.stack((wave, wave))).dynamics
    assert found.psr_min_db == pytest.approx(0.0, abs=0.1)
    assert found.plr_db == pytest.approx(-1.9 + 22.6, abs=0.6)


def test_a_fade_to_silence_does_not_speak_for_psr() -> None:
    rng = np.random.default_rng(0)
    body = 0.1 * rng.standard_normal(10 * RATE_HZ)
    tail = 0.0003 * sine(1000, 10)  # 30 LU under it, without any crest
    with_tail = run(np.concatenate((body, tail))).dynamics
    assert with_tail.psr_min_db == pytest.approx(run(body).dynamics.psr_min_db, abs=2.5)
    assert with_tail.psr_min_db > 9  # type: ignore[operator]


def test_tt_dr_follows_its_recipe() -> None:
    """Ten blocks of 3 s, noise at ten levels: the 2nd highest peak over the loudest two blocks."""
    rng = np.random.default_rng(1)
    blocks = [10 ** (-3 * k / 20) * 0.1 * rng.standard_normal(3 * RATE_HZ) for k in range(10)]
    blocks[5][1000] = 0.9
    blocks[7][1000] = 0.7
    power = np.mean([2 * np.mean(block**2) for block in blocks[:2]])
    expected = 20 * math.log10(0.7) - 10 * math.log10(power)
    assert run(np.concatenate(blocks)).dynamics.dr_db == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seconds", [5.9, 6.0])
def test_tt_dr_needs_three_blocks(seconds: float) -> None:
    assert run(sine(1000, seconds)).dynamics.dr_db is None
    assert run(sine(1000, 6.1)).dynamics.dr_db is not None


def test_movement_of_two_levels() -> None:
    """Half the time 8 dB lower, in turns of 2 s: a standard deviation of 4 dB, and a range of 8."""
    gain = np.where(np.arange(40 * RATE_HZ) // (2 * RATE_HZ) % 2, 10 ** (-8 / 20), 1.0)
    found = run(0.3 * gain * sine(1000, 40))
    assert found.dynamics.dynamics_db == pytest.approx(4.0, abs=0.1)


def test_sharpness_sees_beats_and_not_slow_swells() -> None:
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    swell = 0.3 * sine(1000, 20) * 10 ** (5 * np.sin(2 * np.pi * 0.1 * t) / 20)
    beats = 0.3 * sine(1000, 20) * 10 ** (-20 * (t % 0.25) / 0.25 / 20)
    assert run(swell).dynamics.sharpness_db < 0.2  # type: ignore[operator]
    assert run(beats).dynamics.sharpness_db > 3.0  # type: ignore[operator]


def test_range_of_each_band_is_its_own() -> None:
    """The bass moves by 10 dB every 10 s, 5 kHz does not."""
    gain = np.where(np.arange(60 * RATE_HZ) // (10 * RATE_HZ) % 2, 10**-0.5, 1.0)
    found = run(0.2 * (gain * sine(80, 60) + sine(5000, 60))).dynamics.bands_range_lu
    assert found[0] == pytest.approx(10.0, abs=0.1)
    assert found[6] == pytest.approx(0.0, abs=0.1)


def clipped(drive: float, top: float = 0.9) -> Floats:
    return np.asarray(np.clip(drive * sine(200, 1.0), -1, 1) * top)


def test_clipped_runs_are_counted() -> None:
    """A 200 Hz tone driven by 6 dB: two runs a cycle, each a third of the time at the top."""
    found = run(clipped(2.0)).defects
    assert found.clipped_runs == pytest.approx(400, abs=1)
    assert found.clipped_samples == pytest.approx(RATE_HZ * 2 / 3, rel=0.02)
    assert found.clipped_times_s[0] == pytest.approx(1 / 12 / 200, abs=2 / RATE_HZ)
    assert len(found.clipped_times_s) == 20
    assert found.over_full_scale_samples == 0


def test_a_wave_that_only_touches_its_crest_is_not_clipped() -> None:
    """16 bits of a slow tone stand still for many samples at its crest."""
    for frequency_hz in (20, 50, 100, 440):
        wave = np.round(0.9 * sine(frequency_hz, 2.0) * 32768) / 32768
        assert run(wave).defects.clipped_runs == 0


def test_flat_tops_under_the_highest_are_not_clipping() -> None:
    wave = clipped(2.0, top=0.5)
    wave[30000] = 0.9  # the wave can go higher: what is flat below is meant to be so
    assert run(wave).defects.clipped_runs == 0


def test_a_square_wave_is_clipped_throughout() -> None:
    wave = np.where(np.arange(RATE_HZ) // 50 % 2, 1.0, -1.0)
    found = run(wave).defects
    assert found.clipped_runs == RATE_HZ // 50
    assert found.clipped_samples == RATE_HZ
    assert run(np.stack((wave, wave))).defects.clipped_times_s == found.clipped_times_s


def test_samples_beyond_full_scale() -> None:
    wave = 0.5 * sine(1000, 1)
    wave[[10, 20, 30]] = (1.5, -10.0, 1.0)
    assert run(wave).defects.over_full_scale_samples == 2


def test_silence_at_head_and_tail() -> None:
    wave = np.zeros(3 * RATE_HZ)
    wave[RATE_HZ] = 0.0011
    wave[2 * RATE_HZ] = -0.0011
    wave[100] = 0.0009  # under -60 dBFS
    found = run(np.stack((wave, 0 * wave))).defects
    assert found.head_silence_s == 1.0
    assert found.tail_silence_s == pytest.approx(1.0 - 1 / RATE_HZ)


def test_anti_phase_is_told() -> None:
    wave = 0.5 * sine(300, 2)
    assert run(np.stack((wave, -0.8 * wave))).defects.anti_phase
    assert not run(np.stack((wave, 0.8 * wave))).defects.anti_phase
