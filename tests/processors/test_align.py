"""Align: delays to a thousandth of a sample, and polarity."""

import numpy as np
import pytest

from burnish.processors import Identity
from burnish.processors.align import PAIRS, Align, fractional_delay
from burnish.processors.show import piece, play

RATE_HZ = 48_000


@pytest.mark.parametrize("delay", [0.1, 0.25, 0.5, 0.73, 0.999, 7.5, 33.3])
def test_delay_is_right_to_a_thousandth_of_a_sample(delay: float) -> None:
    """Phase delay within 0.001 samples and gain within 0.001 dB, to 0.8 of half the rate."""
    omega = np.linspace(0.005, 0.8, 400) * np.pi
    taps = fractional_delay(delay)
    response = np.exp(-1j * np.outer(omega, np.arange(len(taps)))) @ taps
    wanted = np.exp(-1j * omega * (delay + PAIRS - 1))
    assert np.abs(np.angle(response / wanted) / omega).max() < 0.001
    assert np.abs(20 * np.log10(np.abs(response))).max() < 0.001


@pytest.mark.parametrize("delay_ms", [0.2137, -0.2137, 3.01, -11.973])
def test_a_delay_is_undone(delay_ms: float) -> None:
    """One channel late, then the other as much: both are late alike, and fit within -80 dB."""
    samples = piece(RATE_HZ, 2.0)
    samples[1] = samples[0]
    apart = play(Align(delay_ms=delay_ms), samples, RATE_HZ)
    assert np.abs(apart[0] - apart[1]).max() > 0.05
    again = play(Align(delay_ms=-delay_ms), apart, RATE_HZ)
    middle = again[:, 2000:-2000]
    # The hats reach up to half the rate, beyond what the taps hold: hence no less.
    assert np.std(middle[0] - middle[1]) < 1e-3 * np.std(middle)


def test_the_other_channel_keeps_its_bits() -> None:
    samples = piece(RATE_HZ, 1.0)
    for delay_ms, kept in ((0.333, 0), (-0.333, 1), (1.0, 0), (-1.0, 1)):
        out = play(Align(delay_ms=delay_ms), samples, RATE_HZ)
        assert np.array_equal(out[kept], samples[kept])
        assert not np.array_equal(out[1 - kept], samples[1 - kept])


def test_whole_samples_are_shifted() -> None:
    samples = piece(RATE_HZ, 1.0)
    out = play(Align(delay_ms=1.0), samples, RATE_HZ)
    assert np.array_equal(out[1, 48:], samples[1, :-48])
    assert not out[1, :48].any()


@pytest.mark.parametrize(("invert", "signs"), [("left", (-1, 1)), ("right", (1, -1))])
def test_polarity(invert: str, signs: tuple[int, int]) -> None:
    samples = piece(RATE_HZ, 1.0)
    out = play(Align(invert=invert), samples, RATE_HZ)
    assert np.array_equal(out, samples * np.array(signs)[:, None])
    both = play(Align(invert=invert, delay_ms=0.5), samples, RATE_HZ)
    plain = play(Align(delay_ms=0.5), samples, RATE_HZ)
    assert np.array_equal(both, plain * np.array(signs)[:, None])


def test_nothing_between_one_channel() -> None:
    assert isinstance(Align(delay_ms=1.0, invert="left").start(RATE_HZ, 1), Identity)
