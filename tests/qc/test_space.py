"""Space: polarity, mono, width and balance."""

import numpy as np
import pytest
from bench.planted import space as planted
from sounds import RATE_HZ, mix, told

from burnish.qc.space import space


def test_a_mix_as_wide_as_pop_says_nothing():
    assert told(space, mix()) == {}


def test_a_mono_file_has_no_space():
    assert told(space, mix()[:1]) == {}


def test_both_channels_alike_is_told_and_no_fault():
    middle = mix().mean(axis=0)
    assert [(k, v.severity) for k, v in told(space, np.stack((middle, middle))).items()] == [
        ("mono", "info")
    ]


def test_a_channel_turned_over_for_a_while_is_found_there():
    samples = mix().copy()
    samples[1, 10 * RATE_HZ : 20 * RATE_HZ] *= -1.0
    one = told(space, samples)["polarity"]
    assert one.severity == "warn"
    ((start, end),) = one.times_s
    assert start == pytest.approx(10.0, abs=1.0)
    assert end == pytest.approx(20.0, abs=1.0)


def test_a_channel_turned_over_throughout_fails():
    one = told(space, mix() * [[1.0], [-1.0]])["polarity"]
    assert (one.severity, one.times_s) == ("fail", ())


def test_only_the_bass_turned_over():
    spoilt = planted.bass_polarity(mix().copy(), RATE_HZ, 2)
    assert told(space, spoilt.samples)["bass-phase"].severity == "warn"


@pytest.mark.parametrize("channel", [0, 1])
def test_a_silent_channel_fails_and_nothing_else_is_said(channel):
    samples = mix().copy()
    samples[channel] = 0.0
    found = told(space, samples)
    assert list(found) == ["silent-channel"]
    assert found["silent-channel"].severity == "fail"
    assert ("left", "right")[channel] in found["silent-channel"].title


def test_balance_is_told_in_decibels():
    one = told(space, mix() * [[10 ** (-4 / 20)], [1.0]])["imbalance"]
    assert one.evidence["right_over_left_db"] == pytest.approx(4.0, abs=0.4)
    assert "right" in one.title


def test_the_band_that_is_lost_in_mono_is_named():
    spoilt = planted.wide_band(mix().copy(), RATE_HZ, 2)
    one = told(space, spoilt.samples)["mono-loss"]
    assert one.evidence["worst_band_hz"] == pytest.approx(2500.0, rel=0.5)


def test_a_late_channel_is_told_in_milliseconds():
    spoilt = planted.delay(mix().copy(), RATE_HZ, 1)
    one = told(space, spoilt.samples)["channel-delay"]
    assert one.evidence["delay_ms"] == pytest.approx(0.5, abs=0.03)
    assert "right" in one.title
