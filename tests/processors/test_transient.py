"""Onsets and decays are shaped as told, at any level; what is steady is not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.show import play
from burnish.processors.transient import AHEAD_MS, Transient, share

Floats = NDArray[np.float64]

RATE_HZ = 48_000


def strokes(frequency_hz: float = 2000, fall_ms: float = 120, peak: float = 0.3) -> Floats:
    """Decaying tones, two a second."""
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    beat = t % 0.5
    return peak * (np.exp(-beat / (1e-3 * fall_ms)) * np.sin(2 * np.pi * frequency_hz * beat))[None]


def gain_db(processor: Transient, samples: Floats, row: int = 0) -> Floats:
    """Change of RMS in every millisecond, the last of the strokes."""
    out = play(processor, samples, RATE_HZ)
    wave = RATE_HZ // 1000
    before, after = (
        10 * np.log10(np.mean(x[row].reshape(-1, wave) ** 2, axis=1) + 1e-20)
        for x in (samples, out)
    )
    return np.asarray(after - before)[-500:]


@pytest.mark.parametrize("attack_db", [-6.0, 3.0, 6.0])
def test_onsets_get_their_gain_and_what_follows_does_not(attack_db: float) -> None:
    made_db = gain_db(Transient(attack_db=attack_db), strokes())
    assert made_db[0:3].mean() == pytest.approx(attack_db, abs=0.15 * abs(attack_db))
    assert made_db[120:450] == pytest.approx(0.0, abs=0.05)
    assert np.abs(made_db).max() <= abs(attack_db) + 0.1  # bounded


@pytest.mark.parametrize("sustain_db", [-6.0, 6.0])
def test_decays_get_their_gain_and_onsets_do_not(sustain_db: float) -> None:
    made_db = gain_db(Transient(sustain_db=sustain_db), strokes(fall_ms=60))
    assert made_db[0:15] == pytest.approx(0.0, abs=0.15)
    assert np.abs(made_db[200:300]).min() > 0.8 * abs(sustain_db)
    assert np.abs(made_db).max() <= abs(sustain_db) + 0.1


@pytest.mark.parametrize("peak", [0.9, 0.03])
def test_soft_strokes_are_shaped_as_hard_ones(peak: float) -> None:
    made_db = gain_db(Transient(attack_db=6, sustain_db=-3), strokes(peak=peak))
    reference = gain_db(Transient(attack_db=6, sustain_db=-3), strokes(peak=0.3))
    assert made_db[:200] == pytest.approx(reference[:200], abs=0.2)


@pytest.mark.parametrize("frequency_hz", [40, 100, 1000, 10_000])
def test_steady_tones_are_left_alone(frequency_hz: float) -> None:
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    samples = 0.3 * np.sin(2 * np.pi * frequency_hz * t)[None]
    out = play(Transient(attack_db=12, sustain_db=12), samples, RATE_HZ)
    assert np.array_equal(out[:, RATE_HZ:], samples[:, RATE_HZ:])


def test_steady_noise_is_left_alone() -> None:
    samples = 0.1 * np.random.default_rng(4).standard_normal((1, 3 * RATE_HZ))
    out = play(Transient(attack_db=12, sustain_db=12), samples, RATE_HZ)
    change = (out - samples)[:, RATE_HZ:]
    assert 20 * np.log10(np.std(change) / np.std(samples)) < -38


def test_noise_at_the_floor_is_not_shaped() -> None:
    hiss = 10 ** (-80 / 20) * np.random.default_rng(4).standard_normal((1, RATE_HZ))
    samples = np.concatenate((np.zeros((1, RATE_HZ)), hiss), axis=1)
    out = play(Transient(attack_db=12, sustain_db=12), samples, RATE_HZ)
    assert np.array_equal(out, samples)


def test_attack_ms_is_how_long_an_onset_lasts() -> None:
    """After t the slow follower is 10 log10(1 - exp(-t / attack)) down; at 3 dB it ends."""
    for attack_ms in (10.0, 40.0):
        tone = np.sin(2 * np.pi * 9000 * np.arange(RATE_HZ) / RATE_HZ)[None]
        samples = np.concatenate((np.zeros((1, RATE_HZ)), 0.3 * tone), axis=1)
        out = play(Transient(attack_db=6, attack_ms=attack_ms), samples, RATE_HZ)
        moved = np.flatnonzero(np.abs(out - samples)[0] > 1e-4)[-1] - RATE_HZ
        expected_ms = -attack_ms * np.log(1 - 10**-0.3)
        assert 1000 * moved / RATE_HZ == pytest.approx(expected_ms + AHEAD_MS, abs=1.0, rel=0.08)


def test_share_is_clamped() -> None:
    under = np.ones(4)
    over = 10 ** (np.array([0.0, 3.0, 7.5, 30.0]) / 10)
    assert share(over, under, 1e-7) == pytest.approx([0, 0, 0.5, 1], abs=1e-5)


def test_both_channels_move_as_one() -> None:
    samples = strokes()
    held = 0.01 * np.sin(2 * np.pi * 500 * np.arange(4 * RATE_HZ) / RATE_HZ)[None]
    made_db = gain_db(Transient(attack_db=6), np.concatenate((samples, held)), row=1)
    assert made_db[0:3].mean() == pytest.approx(6.0, abs=0.9)
