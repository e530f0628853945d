"""The whole from its parts: chance is taken out of the loudness that excerpts tell."""

import numpy as np
import pytest
from mixes import Floats

from burnish.engineer.whole import Whole
from burnish.measure.loudness import gated_power, lufs, sliding_sum

HOPS_PER_S = 200


def song(seed: int = 1, duration_s: int = 120) -> tuple[Floats, Floats]:
    """Energy and largest sample of every 5 ms: sections of their own crest and loudness."""
    rng = np.random.default_rng(seed)
    n = duration_s * HOPS_PER_S
    sections = np.repeat(rng.uniform(-24, -12, duration_s // 10), 10 * HOPS_PER_S)
    crest = np.repeat(rng.uniform(6, 14, duration_s // 10), 10 * HOPS_PER_S)
    loud = sections + rng.normal(0, 3, n)
    return 10 ** (loud / 10), 10 ** ((loud + crest) / 20)


def loss(energy: Floats, taken_db: Floats) -> float:
    def loudness(power: Floats) -> float:
        segments = power.reshape(-1, 20).mean(axis=1)
        return lufs(gated_power(sliding_sum(segments, 4) / 4))

    return loudness(energy) - loudness(energy * 10 ** (-taken_db / 10))


@pytest.mark.parametrize("part", [0.4, 0.7, 1.0])
@pytest.mark.parametrize("drive_db", [6.0, 10.0])
def test_a_limiter_that_does_a_part_of_the_plain_one_is_told_exactly(
    part: float, drive_db: float
) -> None:
    energy, largest = song()
    taken_db = part * 20 * np.log10(np.maximum(largest * 10 ** ((drive_db + 1.0) / 20), 1.0))
    places = [(0.0, 3.0), (33.0, 36.0), (90.0, 93.0)]
    at = np.concatenate([np.arange(int(a * 200), int(b * 200)) for a, b in places])
    heard_lu = loss(energy[at], taken_db[at])
    whole_lu = loss(energy, taken_db)
    assert abs(heard_lu - whole_lu) > 0.05  # the excerpts alone would miss
    found_lu = Whole(energy, largest, places).loss_lu(heard_lu, drive_db, -1.0)
    assert found_lu == pytest.approx(whole_lu, abs=0.005)


def test_all_of_it_is_itself() -> None:
    energy, largest = song()
    whole = Whole(energy, largest, [(0.0, 120.0)])
    assert whole.loss_lu(1.3, 8.0, -1.0) == pytest.approx(1.3, abs=1e-3)


def test_nothing_is_lost_where_nothing_was_heard_to_be() -> None:
    energy, largest = song()
    assert Whole(energy, largest, [(0.0, 3.0)]).loss_lu(0.0, 8.0, -1.0) == 0.0


def test_peaks_beside_the_excerpts_count() -> None:
    """Excerpts with no peak over the ceiling, heard to lose a trace: the rest is guessed."""
    energy, largest = song()
    quiet = np.arange(len(energy)) < 600
    largest = np.where(quiet, 1e-3, largest)
    assert Whole(energy, largest, [(0.0, 3.0)]).loss_lu(1e-6, 10.0, -1.0) > 0.1


def test_short_and_silent_songs_are_left() -> None:
    nothing = np.zeros(0)
    assert Whole(nothing, nothing, [(0.0, 3.0)]).loss_lu(0.5, 6.0, -1.0) == 0.5
    silent = np.zeros(2000)
    assert Whole(silent, silent, [(0.0, 3.0)]).loss_lu(0.5, 6.0, -1.0) == 0.5
