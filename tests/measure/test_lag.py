"""The lag between two versions: exact where they share something, none where they do not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.measure.lag import lag
from pieces import made_once

RATE_HZ = 22_050
Samples = NDArray[np.float64]


@made_once
def noise(seed: int, duration_s: float = 9.0, channels: int = 2) -> Samples:
    n = round(duration_s * RATE_HZ)
    return np.random.default_rng(seed).standard_normal((channels, n)) * 0.1


def source(samples: Samples) -> AudioSource:
    return AudioSource(Audio(np.ascontiguousarray(samples), RATE_HZ))


@pytest.mark.parametrize("shift", [0, 1, -1, 777, -22_050])
@pytest.mark.parametrize("shared_db", [0.0, -20.0])
def test_what_they_share_adds_up_at_one_lag(shift: int, shared_db: float) -> None:
    """Also where what they share is 20 dB under what only one of them has."""
    shared = noise(1)
    a, b = (noise(2) + shared * gain for gain in (10 ** (shared_db / 20), 0.0))
    b = np.roll(shared, shift, axis=1)
    found = lag(source(a), source(b))
    assert found.samples == shift
    assert found.moves_samples == 0
    assert not found.inverted
    assert lag(source(b), source(a)).samples == -shift


def test_polarity_mono_and_other_lengths() -> None:
    a = noise(1)
    assert lag(source(a), source(-a)).inverted
    assert lag(source(a), source(a.mean(axis=0, keepdims=True))).samples == 0
    assert lag(source(a), source(a[:, : 5 * RATE_HZ])).samples == 0
    assert lag(source(a[:, : RATE_HZ // 2]), source(a[:, : RATE_HZ // 2])).samples == 0


def test_what_shares_nothing_has_no_lag() -> None:
    for seed in range(4):
        found = lag(source(noise(seed)), source(noise(seed + 10)))
        assert found.samples is None
        assert found.sureness < 7.0
    silence = np.zeros((2, RATE_HZ))
    assert lag(source(noise(1)), source(silence)).samples is None
    assert lag(source(silence), source(silence)).samples is None


def test_what_drifts_is_told() -> None:
    a = noise(3)
    late = np.concatenate((a[:, : 5 * RATE_HZ], np.zeros((2, 9)), a[:, 5 * RATE_HZ :]), axis=1)
    found = lag(source(a), source(late))
    assert found.moves_samples == 9
    assert found.samples in (0, 9)
    with pytest.raises(ValueError, match="must be the same"):
        lag(source(a), AudioSource(Audio(a, 44_100)))
