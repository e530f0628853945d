"""Tone: what is planted is found where it is, and nothing is found in a mix as pop is."""

import numpy as np
import pytest
from bench.planted import tone as planted
from sounds import RATE_HZ, mix, told

from burnish.qc.tone import tone

BANDS = {"boom": 95.0, "mud": 280.0, "boxiness": 620.0, "harshness": 3300.0}


def octaves_between(a, b):
    return abs(np.log2(a / b))


def test_a_mix_as_pop_is_says_nothing():
    assert told(tone, mix()) == {}


@pytest.mark.parametrize("code", BANDS)
def test_a_band_that_stands_out_for_a_while_is_found_there(code):
    spoilt = planted.band(mix().copy(), RATE_HZ, 2, BANDS[code], times_s=(8.0, 18.0))
    one = told(tone, spoilt.samples)[code]
    assert one.times_s
    assert one.times_s[0][0] == pytest.approx(8.0, abs=1.2)
    assert one.times_s[-1][1] == pytest.approx(18.0, abs=1.2)
    assert octaves_between(one.frequency_hz, BANDS[code]) < 0.5
    assert one.advice


@pytest.mark.parametrize("code", BANDS)
def test_a_band_that_stands_out_throughout_is_found_throughout(code):
    spoilt = planted.band(mix().copy(), RATE_HZ, 2, BANDS[code])
    one = told(tone, spoilt.samples)[code]
    assert one.times_s == ()
    assert octaves_between(one.frequency_hz, BANDS[code]) < 0.5
    assert one.severity == "warn"


def test_more_of_it_is_a_bigger_finding():
    sizes = [
        told(tone, planted.band(mix().copy(), RATE_HZ, strength, 280.0).samples)["mud"].size
        for strength in (1, 2)
    ]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize(
    ("code", "corner_hz", "gain_db"), [("dull", 4000.0, -16.0), ("bright", 5000.0, 15.0)]
)
def test_a_shelf_makes_it_dull_or_bright(code, corner_hz, gain_db):
    found = told(tone, planted.shelved(mix(), RATE_HZ, corner_hz, gain_db) * 0.5)
    assert found[code].severity == "warn"


def test_a_high_pass_makes_it_thin():
    assert told(tone, planted.cut_low(mix().copy(), RATE_HZ, 2).samples)["thin"].size > 1.7


def test_what_always_sounds_under_30_hz_is_rumble():
    assert told(tone, planted.rumble(mix().copy(), RATE_HZ, 2).samples)["rumble"].severity == "warn"


@pytest.mark.parametrize("rate_hz", [8_000, 11_025])
def test_slow_rates_and_short_sounds_have_an_answer(rate_hz):
    assert isinstance(told(tone, mix()[:, : 5 * rate_hz], rate_hz), dict)
    assert isinstance(told(tone, mix()[:1, : rate_hz // 2], rate_hz), dict)
    assert told(tone, np.zeros((2, rate_hz)), rate_hz) == {}
