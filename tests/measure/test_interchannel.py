"""Delay and polarity between the channels: found to microseconds, or told to be unsure."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.measure import measure
from burnish.measure.stereo import Stereo
from pieces import made_once

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def late(samples: Floats, delay_s: float, rate_hz: int = RATE_HZ) -> Floats:
    """Turned in phase, around the ends."""
    hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    spectrum = np.fft.rfft(samples) * np.exp(-2j * np.pi * hz * delay_s)
    return np.asarray(np.fft.irfft(spectrum, len(samples)))


@made_once
def noise(seed: int, duration_s: float = 20.0, rate_hz: int = RATE_HZ) -> Floats:
    n = round(duration_s * rate_hz)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    spectrum *= np.maximum(np.fft.rfftfreq(n, 1 / rate_hz), 40.0) ** -0.5
    samples = np.fft.irfft(spectrum, n)
    return np.asarray(0.1 * samples / samples.std())


def image(left: Floats, right: Floats, rate_hz: int = RATE_HZ) -> Stereo:
    return measure(Audio(np.stack((left, right)), rate_hz)).stereo


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 96_000])
@pytest.mark.parametrize("delay_ms", [0.0317, -0.4321, 2.0, -6.66])
def test_a_delay_is_found_to_microseconds(delay_ms: float, rate_hz: int) -> None:
    """Within 3 of them, behind some stereo of its own, 10 dB down."""
    mid, side = noise(1, rate_hz=rate_hz), 0.3 * noise(2, rate_hz=rate_hz)
    found = image(mid + side, late(mid - side, delay_ms * 1e-3, rate_hz), rate_hz)
    assert found.delay_ms == pytest.approx(delay_ms, abs=3e-3)
    assert found.delay_sure == 1.0 or rate_hz == 8000  # there the windows hold less
    assert not found.inverted
    assert found.aligned_gain_db is not None
    if abs(delay_ms) > 0.3:
        assert found.aligned_gain_db > 1.5


def test_an_inverted_channel_is_found() -> None:
    mid, side = noise(1), 0.3 * noise(2)
    for signs in ((1, -1), (-1, 1)):
        found = image(signs[0] * (mid + side), signs[1] * (mid - side))
        assert found.inverted
        assert found.delay_ms == pytest.approx(0.0, abs=1e-3)
        assert found.delay_sure == 1.0
        assert found.aligned_gain_db is not None
        assert found.aligned_gain_db > 6


def test_gain_is_what_mending_gives() -> None:
    """In the band from 200 Hz to 4 kHz, by theory: the sum of both against what it was."""
    hz = np.fft.rfftfreq(RATE_HZ * 20, 1 / RATE_HZ)
    spectrum = np.where((hz > 200) & (hz < 4000), np.fft.rfft(noise(3)), 0.0)
    mid = np.fft.irfft(spectrum)
    apart = late(mid, 0.5e-3)
    found = image(mid, apart)
    wanted = 10 * np.log10(np.mean((2 * mid) ** 2) / np.mean((mid + apart) ** 2))
    assert found.aligned_gain_db == pytest.approx(wanted, abs=0.3)


def test_a_spaced_pair_is_told_to_be_unsure() -> None:
    """Five players at five places before two microphones: each has a delay of its own."""
    rng = np.random.default_rng(5)
    left, right = 0.02 * rng.standard_normal((2, 20 * RATE_HZ))
    for k, delay_ms in enumerate((-2.3, -1.1, 0.0, 0.9, 2.0)):
        player = noise(10 + k) * np.repeat(rng.uniform(0.2, 1.0, 40), RATE_HZ // 2)
        left, right = left + player, right + late(player, delay_ms * 1e-3)
    found = image(left, right)
    assert found.delay_sure is not None
    assert found.delay_sure < 0.7 or abs(found.aligned_gain_db or 0.0) < 1.0


def test_unrelated_channels_are_told_to_be_unsure() -> None:
    found = image(noise(1), noise(2))
    assert found.delay_sure == 0.0


def test_mono_fits_itself() -> None:
    found = measure(Audio(noise(1)[None], RATE_HZ)).stereo
    assert found.delay_ms == pytest.approx(0.0, abs=1e-9)
    assert found.delay_sure == 1.0
    assert found.aligned_gain_db == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_said_of_silence_and_short_files() -> None:
    for quiet in (
        image(np.zeros(RATE_HZ * 4), np.zeros(RATE_HZ * 4)),
        image(noise(1), 0 * noise(1)),
    ):
        assert quiet.delay_ms is None
        assert quiet.delay_sure is None
        assert quiet.aligned_gain_db is None
        assert not quiet.inverted
    short = noise(1)[: RATE_HZ // 2]
    assert image(short, short).delay_ms is None
