"""The listener hears what the meter measures."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixes import Floats

from burnish.audio import Audio
from burnish.engineer import Listener
from burnish.measure import measure
from burnish.processors.show import piece


def heard(samples: Floats, rate_hz: int, cuts: list[int] | None = None) -> Listener:
    listener = Listener(rate_hz, len(samples))
    edges = [0, *sorted(cuts or []), samples.shape[1]]
    for a, b in pairwise(edges):
        listener.feed(samples[:, a:b])
    listener.finish()
    return listener


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("duration_s", [0.4, 1.23, 7.77])
def test_it_hears_what_is_measured(rate_hz: int, channels: int, duration_s: float) -> None:
    samples = piece(rate_hz, duration_s)[:channels]
    measured = measure(Audio(samples, rate_hz))
    listener = heard(samples, rate_hz)
    assert listener.integrated_lufs == pytest.approx(measured.loudness.integrated_lufs, abs=1e-9)
    assert listener.sample_peak_dbfs == pytest.approx(measured.peaks.sample_peak_dbfs, abs=1e-12)
    np.testing.assert_allclose(
        listener.segment_power, measured.timeline.segment_power, rtol=1e-9, atol=0
    )


@given(st.lists(st.integers(0, 40_000), max_size=20))
@settings(max_examples=30, deadline=None)
def test_any_split_is_heard_alike(cuts: list[int]) -> None:
    samples = piece(8_000, 5.0)
    whole, split = heard(samples, 8_000), heard(samples, 8_000, cuts)
    assert split.integrated_lufs == whole.integrated_lufs
    assert split.sample_peak_dbfs == whole.sample_peak_dbfs


@pytest.mark.parametrize("place", [0, 8_000, 39_999])
def test_a_peak_is_heard_wherever_it_is(place: int) -> None:
    """Also in the last part of a second: it decides whether the limiter has work."""
    samples = 0.01 * piece(8_000, 5.0)
    samples = np.concatenate((samples, samples[:, :333]), axis=1)
    samples[1, place + (333 if place else 0)] = -0.5
    assert heard(samples, 8_000).sample_peak_dbfs == pytest.approx(-6.0206, abs=1e-4)


@pytest.mark.parametrize("n_samples", [0, 1, 799, 800, 3199])
def test_what_is_too_short_is_silent(n_samples: int) -> None:
    assert heard(piece(8_000, 1.0)[:, :n_samples], 8_000).integrated_lufs == -math.inf


def test_silence() -> None:
    listener = heard(np.zeros((2, 20_000)), 8_000)
    assert listener.integrated_lufs == -math.inf
    assert listener.sample_peak_dbfs == -math.inf


def test_what_it_is_fed_is_not_kept_or_changed() -> None:
    samples = piece(8_000, 5.0)
    block = samples.copy()
    listener = Listener(8_000, 2)
    for start in range(0, 40_000, 1000):
        part = block[:, start : start + 1000].copy()
        listener.feed(part)
        part[:] = 1e6  # a reused buffer
    listener.finish()
    assert listener.integrated_lufs == heard(samples, 8_000).integrated_lufs
