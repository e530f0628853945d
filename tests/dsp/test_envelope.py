"""The smoother alone, on steps of reduction in dB: times to 63 %."""

import numpy as np
import pytest

from burnish.dsp.envelope import Smoother

RATE_HZ = 48_000
COVERED = 1 - np.exp(-1)


def step(*pieces: tuple[float, float]) -> np.ndarray:
    """Pieces of (reduction in dB, seconds)."""
    return np.concatenate([np.full(round(s * RATE_HZ), db) for db, s in pieces])[None]


def smooth(attack_ms: float, release_ms: float, adapt: float, x: np.ndarray) -> np.ndarray:
    return Smoother(attack_ms, release_ms, adapt, RATE_HZ, 1).process(x)[0]


@pytest.mark.parametrize("attack_ms", [0.1, 1.0, 10.0, 30.0, 250.0])
@pytest.mark.parametrize("release_ms", [300.0, 1000.0])
def test_attack_time(attack_ms: float, release_ms: float) -> None:
    out = smooth(attack_ms, release_ms, 0.5, step((-6.0, 2.0)))
    ms = 1000 * int(np.argmax(out <= -6 * COVERED)) / RATE_HZ
    assert ms == pytest.approx(attack_ms, rel=0.01, abs=1.5 * 1000 / RATE_HZ)


@pytest.mark.parametrize(
    ("attack_ms", "release_ms"), [(0.1, 5), (1, 50), (10, 100), (30, 100), (30, 1200), (100, 101)]
)
def test_release_time(attack_ms: float, release_ms: float) -> None:
    """As heard, with the attack stage behind the release stage."""
    out = smooth(attack_ms, release_ms, 0.0, step((-6.0, 2.0), (0.0, 4.0)))[2 * RATE_HZ :]
    ms = 1000 * int(np.argmax(out >= -6 * (1 - COVERED))) / RATE_HZ
    assert ms == pytest.approx(release_ms, rel=0.01, abs=1.5 * 1000 / RATE_HZ)


def test_release_is_never_shorter_than_the_attack() -> None:
    out = smooth(50, 5, 0.0, step((-6.0, 1.0), (0.0, 1.0)))[RATE_HZ:]
    ms = 1000 * int(np.argmax(out >= -6 * (1 - COVERED))) / RATE_HZ
    assert ms == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize("adapt", [0.0, 0.5, 1.0])
def test_a_steady_reduction_is_reached(adapt: float) -> None:
    assert smooth(10, 100, adapt, step((-6.0, 8.0)))[-1] == pytest.approx(-6.0, abs=1e-6)


def test_release_adapts_to_the_past() -> None:
    """After 20 ms of reduction the gain is back as fast as without; after 4 s it takes longer."""

    def ms_to_return(length_s: float, adapt: float) -> float:
        x = step((-6.0, length_s), (0.0, 6.0))
        out = smooth(1, 100, adapt, x)[round(length_s * RATE_HZ) :]
        return 1000 * float(np.argmax(out >= out[0] * (1 - COVERED))) / RATE_HZ

    assert ms_to_return(0.02, 1.0) == pytest.approx(ms_to_return(0.02, 0.0), rel=0.06)
    assert ms_to_return(4.0, 1.0) > 5 * ms_to_return(4.0, 0.0)
    assert ms_to_return(4.0, 0.0) < ms_to_return(4.0, 0.4) < ms_to_return(4.0, 1.0)


def test_never_more_than_asked_and_back_to_exactly_none() -> None:
    asked = -10 * np.random.default_rng(0).random((2, RATE_HZ))
    asked[:, RATE_HZ // 2 :] = 0.0
    out = Smoother(1, 10, 0.3, RATE_HZ, 2).process(asked)
    assert (out >= -10).all()
    assert (out <= 0).all()
    tail = Smoother(1, 10, 0.0, RATE_HZ, 1).process(step((-6, 0.1), (0, 1)))
    assert tail[0, -1] == 0.0


@pytest.mark.parametrize("block", [1, 17, 4096])
def test_any_split_gives_the_same_bits(block: int) -> None:
    asked = -10 * np.random.default_rng(0).random((2, 10_000))
    whole = Smoother(5, 80, 0.5, RATE_HZ, 2).process(asked)
    smoother = Smoother(5, 80, 0.5, RATE_HZ, 2)
    pieces = [smoother.process(asked[:, i : i + block]) for i in range(0, 10_000, block)]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)
