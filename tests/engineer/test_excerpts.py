"""Excerpts: all of a short song, a fair sample of a long one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.engineer.excerpts import WHOLE_S, choose

MOST_S = 48.0


def song(duration_s: float, seed: int = 0) -> np.ndarray:
    """Powers of 100 ms, like music: sections of some seconds, from -40 to -10 LUFS."""
    rng = np.random.default_rng(seed)
    n = int(duration_s * 10)
    sections = np.repeat(rng.uniform(-40, -10, n // 80 + 1), 80)[:n]
    return 10 ** ((sections + rng.normal(0, 2, n)) / 10)


@pytest.mark.parametrize("duration_s", [0.5, 3.0, 44.9, WHOLE_S])
def test_a_short_song_is_heard_whole(duration_s: float) -> None:
    assert choose(song(duration_s), duration_s) == [(0.0, duration_s)]


@given(st.floats(WHOLE_S + 0.1, 4000.0), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_pieces_of_a_long_song(duration_s: float, seed: int) -> None:
    """Sorted, apart, within the song, and no more than is needed."""
    pieces = choose(song(duration_s, seed), duration_s)
    assert pieces
    assert pieces == sorted(pieces)
    assert all(a < b for a, b in pieces)
    assert all(b <= c for (_, b), (c, _) in pairwise(pieces))
    assert pieces[0][0] >= 0.0
    assert pieces[-1][1] <= duration_s
    assert sum(b - a for a, b in pieces) <= MOST_S
    assert choose(song(duration_s, seed), duration_s) == pieces


def test_the_loudest_place_is_among_them() -> None:
    powers = np.full(3000, 1e-3)
    powers[1300:1400] = 0.1
    pieces = choose(powers, 300.0)
    assert any(a >= 129 and b <= 141 for a, b in pieces)


def test_pauses_are_not_heard() -> None:
    powers = np.full(3000, 1e-2)
    powers[1000:2500] = 1e-12
    for a, b in choose(powers, 300.0):
        assert b <= 103 or a >= 247  # a piece of 3 s may hold the edge


def test_quiet_and_loud_places_are_sampled_alike() -> None:
    """The pieces are as loud as the whole: within 2 dB in songs of wild sections, 0.4 in the mean.

    What chance leaves of it, ``Whole`` takes out of the loudness.
    """
    apart = []
    for seed in range(20):
        powers = song(240.0, seed)
        heard = np.concatenate(
            [powers[round(a * 10) : round(b * 10)] for a, b in choose(powers, 240.0)]
        )
        gate = 0.1 * powers[powers > 0.1 * powers.mean()].mean()
        whole_db, part_db = (10 * np.log10(p[p > gate].mean()) for p in (powers, heard))
        apart.append(part_db - whole_db)
    assert np.abs(apart).max() < 2.0
    assert abs(np.mean(apart)) < 0.4


def test_every_part_of_a_song_speaks() -> None:
    for seed in range(5):
        pieces = choose(song(240.0, seed), 240.0)
        for first in range(0, 240, 60):
            assert any(first <= a < first + 60 for a, _ in pieces)


def test_silence_still_has_pieces() -> None:
    pieces = choose(np.zeros(1000), 100.0)
    assert pieces
    assert pieces[-1][1] <= 100.0
