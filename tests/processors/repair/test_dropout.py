"""Gaps are filled by what was there; pauses, fades, clipped tops and long gaps are none."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.base import Identity
from burnish.processors.repair.dropout import Dropout
from burnish.processors.show import piece, play
from pieces import made_once

Floats = NDArray[np.float64]

RATE_HZ = 44_100


@made_once
def music(duration_s: float = 3.0) -> Floats:
    """Tones that sway over a little noise."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(4).standard_normal(len(t))
    tones = sum(
        np.sin(2 * np.pi * f * t + f) * (1 + 0.3 * np.sin(f + 4 * t)) / k
        for k, f in enumerate((110, 220.7, 331, 554, 880, 1760), 1)
    )
    return np.asarray(0.15 * tones + 2e-4 * noise)[None]


def gaps(clean: Floats, length_ms: float, hold: bool = False) -> tuple[Floats, NDArray[np.bool_]]:
    samples, where = clean.copy(), np.zeros(clean.shape[1], dtype=np.bool_)
    length = round(1e-3 * length_ms * RATE_HZ)
    for at in range(9000, clean.shape[1] - 9000, 11_117):
        samples[:, at : at + length] = samples[:, at - 1 : at] if hold else 0.0
        where[at : at + length] = True
    return samples, where


def error_db(clean: Floats, other: Floats, where: NDArray[np.bool_]) -> float:
    """Of what is missing, in dB of what was there."""
    wrong = (other - clean)[:, where]
    return float(20 * np.log10(np.linalg.norm(wrong) / np.linalg.norm(clean[:, where])))


@pytest.mark.parametrize("hold", [False, True])
@pytest.mark.parametrize(("length_ms", "most_db"), [(0.3, -30), (1, -35), (5, -28), (19, -15)])
def test_a_gap_is_filled_by_what_was_there(length_ms: float, most_db: float, hold: bool) -> None:
    clean = music()
    damaged, where = gaps(clean, length_ms, hold)
    out = play(Dropout(longest_ms=20), damaged, RATE_HZ)
    assert error_db(clean, out, where) < most_db
    assert np.array_equal(out[:, ~where], clean[:, ~where])


def test_a_longer_gap_stays() -> None:
    damaged, _ = gaps(music(), 21)
    assert np.array_equal(play(Dropout(longest_ms=20), damaged, RATE_HZ), damaged)


def test_pauses_fades_tops_and_steps_are_no_gaps() -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 100 * t)
    pause = np.where(t % 0.5 < 0.25, tone, 0.0)
    pulses = np.maximum(0.0, np.cos(2 * np.pi * 20 * t)) ** 2 * np.sin(2 * np.pi * 1000 * t)
    steps = np.round(6 * np.sin(2 * np.pi * 220 * t)) / 6
    square = np.sign(np.sin(2 * np.pi * 82.4 * t))
    clipped = np.clip(3 * piece(RATE_HZ), -0.7, 0.7)
    quiet = np.round(2e-5 * tone * 32768) / 32768
    for samples in (*(0.5 * x[None] for x in (pause, pulses, steps, square, quiet)), clipped):
        assert np.array_equal(play(Dropout(longest_ms=40), samples, RATE_HZ), samples)


def test_nothing_asked_is_the_identity() -> None:
    assert isinstance(Dropout().start(RATE_HZ, 2), Identity)


@pytest.mark.corpus
def test_real_music_is_filled_and_where_whole_left_alone(corpus: Path) -> None:
    """5 ms of strings are lost: what fills them is 6 dB nearer than silence, at the least."""
    from burnish.audio import read

    clean = read(corpus / "damaged" / "d1_strings_vinyl_clean.flac").samples[:, :441_000]
    assert np.array_equal(play(Dropout(longest_ms=20), clean, RATE_HZ), clean)
    damaged, where = gaps(clean, 5)
    out = play(Dropout(longest_ms=20), damaged, RATE_HZ)
    assert error_db(clean, out, where) < -6
