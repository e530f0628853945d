"""Ranges: windows become stretches of time that a person can read."""

import numpy as np
import pytest

from burnish.measure.ranges import merged_s, ranges_s, total_s


def test_windows_that_touch_are_one_range():
    shown = np.array([False, True, True, False, False, True])
    assert ranges_s(shown, 0.5) == ((0.5, 1.5), (2.5, 3.0))
    assert ranges_s(shown, 0.5, window_s=2.0, first_s=1.0) == ((1.5, 5.5),)
    assert ranges_s(np.zeros(4, dtype=bool), 0.5) == ()
    assert ranges_s(np.ones(4, dtype=bool), 0.5) == ((0.0, 2.0),)


def test_gaps_close_and_short_ones_go():
    found = [(10.0, 11.0), (0.0, 1.0), (1.5, 2.0), (20.0, 20.1)]
    assert merged_s(found, gap_s=0.5, least_s=0.5) == ((0.0, 2.0), (10.0, 11.0))
    assert merged_s(found, most=2) == ((0.0, 11.0), (20.0, 20.1))
    assert total_s(merged_s(found)) == pytest.approx(2.6)
