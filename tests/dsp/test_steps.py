"""The control rate alone: the look-ahead's promise, delays, followers and slow averages."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp.envelope import Follower, SlowAverage
from burnish.dsp.steps import Delay, LookAhead, step_samples
from burnish.units import one_pole

Floats = NDArray[np.float64]


@pytest.mark.parametrize("ahead", [0, 1, 5, 32])
@pytest.mark.parametrize("release", [0.0, 0.9])
def test_look_ahead_is_never_shallower_than_was_asked(ahead: int, release: float) -> None:
    asked = -np.random.default_rng(1).exponential(3.0, (2, 512))
    asked *= np.random.default_rng(2).random((2, 512)) < 0.05
    made = LookAhead(ahead, release, 2).process(np.pad(asked, ((0, 0), (0, ahead))))[:, ahead:]
    assert (made <= asked + 1e-9).all()
    assert made.min() >= asked.min() - 1e-9  # nor deeper than the deepest


def test_look_ahead_goes_down_in_a_straight_line_and_comes_back_to_nothing() -> None:
    asked = np.zeros((1, 400))
    asked[0, 100] = -6.0
    made = LookAhead(5, 0.5, 1).process(asked)[0]
    assert made[100:106] == pytest.approx(-np.arange(1, 7), abs=1e-9)  # down at 105, 5 late
    assert not made[:100].any()
    assert not made[200:].any()


def test_look_ahead_is_the_same_in_pieces() -> None:
    asked = -np.random.default_rng(3).random((1, 600))
    whole = LookAhead(7, 0.9, 1).process(asked)
    one = LookAhead(7, 0.9, 1)
    pieces = [one.process(p) for p in np.split(asked, [3, 10, 300], axis=1)]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


def test_look_ahead_begins_where_it_is_told() -> None:
    made = LookAhead(3, one_pole(10, 1000), 1, start=-4.0).process(np.zeros((1, 100)))[0]
    assert made[0] < -3.6
    assert made[60] == pytest.approx(0.0, abs=0.03)


def test_delay() -> None:
    samples = np.arange(10.0)[None]
    delay = Delay(3, 1)
    made = np.concatenate([delay.process(samples[:, :4]), delay.process(samples[:, 4:])], axis=1)
    assert made[0].tolist() == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]


def test_follower_rises_and_falls_in_its_times() -> None:
    follower = Follower(10, 50, 1000, 1)
    up = follower.process(np.ones((1, 200)))[0]
    down = follower.process(np.zeros((1, 200)))[0]
    assert up[9] == pytest.approx(1 - np.exp(-1), abs=1e-6)
    assert down[49] == pytest.approx(np.exp(-1), abs=1e-6)


def test_slow_average_is_first_the_mean_then_forgets() -> None:
    values = np.random.default_rng(4).random(50)
    counts = np.ones(50, dtype=np.bool_)
    made = SlowAverage(1.0, 100).process(values, counts)
    assert made == pytest.approx(np.cumsum(values) / np.arange(1, 51))
    late = SlowAverage(0.1, 100).process(np.repeat((0.0, 1.0), 500), np.ones(1000, dtype=np.bool_))
    assert late[509] == pytest.approx(1 - np.exp(-1), abs=1e-6)


def test_slow_average_hears_only_what_counts_and_is_hardly_moved_by_what_is_rare() -> None:
    values = np.where(np.arange(1000) % 20 == 0, 30.0, 1.0)
    counts = np.ones(1000, dtype=np.bool_)
    counts[:5] = False
    robust = SlowAverage(2.0, 100, most=1.0).process(values, counts)[-1]
    plain = SlowAverage(2.0, 100).process(values, counts)[-1]
    assert plain == pytest.approx(2.45, abs=0.3)
    assert robust == pytest.approx(1.05, abs=0.05)
    assert SlowAverage(2.0, 100).process(values, ~counts)[-1] == pytest.approx(values[:5].mean())


@pytest.mark.parametrize(
    ("rate_hz", "expected"), [(1000, 1), (8000, 3), (44_100, 16), (384_000, 139)]
)
def test_a_step_is_about_a_third_of_a_millisecond(rate_hz: int, expected: int) -> None:
    assert step_samples(rate_hz) == expected
