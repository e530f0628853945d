"""Clicks are found where they were planted and mended; music without them keeps every bit."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp.clicks import Mender, Wanted
from burnish.processors.base import Identity
from burnish.processors.repair.declick import Declick
from burnish.processors.repair.decrackle import Decrackle
from burnish.processors.show import piece, play
from pieces import made_once

Floats = NDArray[np.float64]

RATE_HZ = 44_100


@made_once
def music(duration_s: float = 3.0, seed: int = 4) -> Floats:
    """Decaying tones over a little coloured noise: what an instrument in a room is to a fit."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(seed).standard_normal(len(t))
    colour = np.convolve(noise, 0.9 ** np.arange(60), mode="same")
    tones = sum(np.sin(2 * np.pi * f * t + f) * 110 / f for f in (110, 165, 277.2, 880, 2093))
    return np.asarray(0.1 * tones + 5e-4 * colour)[None]


def planted(
    clean: Floats, length: int, height: float, every: int = 11_025
) -> tuple[Floats, Floats]:
    """Bursts of noise that end as sharply as they begin, and where they are."""
    rng = np.random.default_rng(length)
    samples, where = clean.copy(), np.zeros(clean.shape[1], dtype=np.bool_)
    for at in range(6000, clean.shape[1] - 6000, every):
        burst = rng.choice([-1.0, 1.0], length) * rng.uniform(0.5, 1.0, length)
        samples[:, at : at + length] += height * burst
        where[at : at + length] = True
    return samples, where


def snr_db(clean: Floats, other: Floats) -> float:
    return float(10 * np.log10(np.sum(clean**2) / np.sum((clean - other) ** 2)))


@pytest.mark.parametrize("length", [1, 2, 5, 20, 44, 88, 160])
def test_clicks_are_found_where_they_are_and_taken_out(length: int) -> None:
    """From one sample to 3.6 ms, the long ones louder: 14 dB better at least."""
    clean = music()
    damaged, where = planted(clean, length, 0.05 if length < 100 else 0.15)
    out = play(Declick(sensitivity=0.5), damaged, RATE_HZ)
    assert snr_db(clean, out) > snr_db(clean, damaged) + 14
    touched = (out != damaged)[0]
    assert touched[where].mean() > 0.9
    near = np.convolve(where, np.ones(41), "same") > 0
    assert not touched[~near].any()


def test_what_is_found_is_told_by_place_length_and_peak() -> None:
    clean = music()
    damaged, where = planted(clean, 20, 0.05)
    mender = Mender(RATE_HZ, Wanted.of(0.5), 4.0)
    found = []
    for start in range(0, damaged.shape[1] - mender.size, mender.size):
        mender.process(damaged[0, start : start + mender.size])
        found += [tuple(row) for row in mender.places]
    starts = np.flatnonzero(np.diff(where.astype(int)) == 1) + 1
    assert len(found) == len(starts)
    for (first, length, peak), start in zip(found, starts, strict=True):
        assert first == pytest.approx(start, abs=8)
        assert length == pytest.approx(20, abs=12)
        assert peak > 30


def test_the_longest_is_kept_to() -> None:
    clean = music()
    damaged, _ = planted(clean, 130, 0.05)
    assert np.array_equal(play(Declick(sensitivity=0.5, longest_ms=1), damaged, RATE_HZ), damaged)


def test_softer_clicks_need_more_sensitivity() -> None:
    clean = music()
    damaged, where = planted(clean, 15, 0.004)
    touched = [
        (play(Declick(sensitivity=s), damaged, RATE_HZ) != damaged)[0][where].mean()
        for s in (0.1, 0.8)
    ]
    assert touched[0] == 0
    assert touched[1] > 0.8


def test_onsets_are_not_clicks() -> None:
    """Kicks, hats and plucks begin suddenly, but go on."""
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    beat = t % 0.25
    noise = np.random.default_rng(2).standard_normal(len(t))
    kick = np.exp(-beat / 0.1) * np.sin(2 * np.pi * 60 * beat)
    hat = 0.3 * np.exp(-beat / 0.02) * np.diff(noise, prepend=0.0)
    pluck = sum(
        np.exp(-beat * k / 0.2) * np.sin(2 * np.pi * 220 * k * beat) / k for k in range(1, 9)
    )
    saw = (t * 110) % 1.0 - 0.5
    square = np.sign(np.sin(2 * np.pi * 82.4 * t))
    for wave in (kick, hat, pluck, kick + hat, 0.4 * saw, 0.4 * square, piece(RATE_HZ)[0]):
        floor = 1e-5 * np.random.default_rng(3).standard_normal(len(wave))
        samples = 0.5 * np.asarray(wave + floor)[None]
        assert np.array_equal(play(Declick(sensitivity=0.5), samples, RATE_HZ), samples)


def test_a_click_does_not_hide_another_like_it() -> None:
    """Two spikes, equal but 10 ms apart; a wave's edges, as far apart, are more than two."""
    clean = music()
    damaged = clean.copy()
    for at in range(6000, clean.shape[1] - 6000, 11_025):
        damaged[:, at] += 0.3
        damaged[:, at + 441] += 0.25
    out = play(Declick(sensitivity=0.65), damaged, RATE_HZ)
    assert snr_db(clean, out) > snr_db(clean, damaged) + 30


def test_a_loud_click_is_mended_where_the_sound_changes_too() -> None:
    """Twice as much noise from 3 ms after it on."""
    noise = np.random.default_rng(6).standard_normal(2 * RATE_HZ)
    tone = 0.2 * np.sin(2 * np.pi * 220 * np.arange(2 * RATE_HZ) / RATE_HZ)
    later = np.arange(2 * RATE_HZ) > RATE_HZ + 130
    clean = (tone + 1e-3 * noise * np.where(later, 2.0, 1.0))[None]
    damaged = clean.copy()
    damaged[:, RATE_HZ : RATE_HZ + 5] += 0.5
    out = play(Declick(sensitivity=0.65), damaged, RATE_HZ)
    assert snr_db(clean, out) > snr_db(clean, damaged) + 20


def test_a_click_in_both_channels_is_mended_in_both() -> None:
    clean = np.concatenate((music(), music(seed=5)))
    damaged, where = planted(clean, 10, 0.05)
    out = play(Declick(sensitivity=0.5), damaged, RATE_HZ)
    assert snr_db(clean, out) > snr_db(clean, damaged) + 20
    assert ((out != damaged) & where).any(axis=1).all()


@pytest.mark.parametrize("rate_hz", [22_050, 48_000, 96_000, 192_000])
def test_the_rate_makes_no_difference_to_what_is_a_click(rate_hz: int) -> None:
    t = np.arange(2 * rate_hz) / rate_hz
    noise = np.random.default_rng(1).standard_normal(len(t))
    clean = (0.2 * np.sin(2 * np.pi * 220 * t) + 3e-4 * noise)[None]
    damaged, _ = planted(clean, rate_hz // 4000, 0.05, every=rate_hz // 4)
    out = play(Declick(sensitivity=0.5), damaged, rate_hz)
    assert snr_db(clean, out) > snr_db(clean, damaged) + 15


def test_crackle_is_lowered_and_the_rest_kept() -> None:
    clean = music()
    rng = np.random.default_rng(8)
    damaged = clean.copy()
    for at in rng.integers(3000, clean.shape[1] - 3000, 250):
        damaged[0, at : at + 6] += 0.004 * rng.uniform(0.5, 1) * rng.standard_normal(6)
    out = play(Decrackle(amount=0.7), damaged, RATE_HZ)
    assert snr_db(clean, out) > snr_db(clean, damaged) + 6
    more, less = (play(Decrackle(amount=a), damaged, RATE_HZ) for a in (0.9, 0.1))
    assert snr_db(clean, more) > snr_db(clean, less)
    assert (out != damaged).mean() < 0.08
    assert np.array_equal(play(Decrackle(amount=0.5), clean, RATE_HZ), clean)


def test_nothing_asked_is_the_identity() -> None:
    for processor in (Declick(), Declick(longest_ms=10), Decrackle()):
        assert processor.is_neutral
        assert isinstance(processor.start(RATE_HZ, 2), Identity)


@pytest.mark.corpus
def test_a_record_of_strings_comes_nearer_to_its_clean_twin(corpus: Path) -> None:
    """Real surface noise, most of it hiss: nearly all of what clicks are in it, 1 dB."""
    from burnish.audio import read

    damaged = read(corpus / "damaged" / "d1_strings_vinyl.flac").samples[:, :441_000]
    clean = read(corpus / "damaged" / "d1_strings_vinyl_clean.flac").samples[:, :441_000]
    declicked = play(Declick(sensitivity=0.8), damaged, RATE_HZ)
    assert snr_db(clean, declicked) > snr_db(clean, damaged) + 0.8
    both = play(Decrackle(amount=0.5), declicked, RATE_HZ)
    assert snr_db(clean, both) > snr_db(clean, declicked)
    for processor in (Declick(sensitivity=0.8), Decrackle(amount=0.5)):
        assert np.array_equal(play(processor, clean, RATE_HZ), clean)
