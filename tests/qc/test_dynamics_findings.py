"""Dynamics: limited, compressed, no room."""

import numpy as np
from bench.planted import dynamics as planted
from sounds import RATE_HZ, mix, told

from burnish.qc.dynamics import dynamics


def test_a_mix_with_its_peaks_says_nothing():
    assert told(dynamics, mix()) == {}


def test_a_limiter_that_took_much_is_told():
    spoilt = planted.limited(mix(), RATE_HZ, 2)
    one = told(dynamics, spoilt.samples)["over-limited"]
    assert one.severity == "warn"
    assert one.evidence["psr_p5_db"] < 8.0


def test_a_square_wave_has_no_peaks_left():
    t = np.arange(10 * RATE_HZ) / RATE_HZ
    square = 0.5 * np.sign(np.sin(2 * np.pi * 220.0 * t))
    assert told(dynamics, square[None])["over-limited"].evidence["at_ceiling_share"] > 0.9


def test_full_scale_is_information():
    one = told(dynamics, mix() * 0.92 / np.abs(mix()).max())["headroom"]
    assert one.severity == "info"


def test_turning_it_down_changes_nothing_but_headroom():
    loud = planted.limited(mix(), RATE_HZ, 2).samples
    a, b = told(dynamics, loud), told(dynamics, 0.1 * loud)
    assert a["over-limited"].size == b["over-limited"].size


def test_a_few_seconds_say_nothing():
    assert told(dynamics, mix()[:, : 3 * RATE_HZ]) == {}
