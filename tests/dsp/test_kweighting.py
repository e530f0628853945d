"""K-weighting against the coefficients printed in ITU-R BS.1770-5, and at other rates."""

import math

import numpy as np
import pytest

from burnish.dsp.kweighting import k_weighting
from burnish.dsp.window import hann


def gain_db(frequency_hz: float, rate_hz: float) -> float:
    z = np.exp(-2j * math.pi * frequency_hz / rate_hz)
    total = 1.0
    for b0, b1, b2, a1, a2 in k_weighting(rate_hz):
        total *= abs((b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z))
    return 20 * math.log10(total)


def test_48_khz_is_the_standard_to_8_digits() -> None:
    """Tables 1 and 2 of annex 1."""
    shelf = (
        1.53512485958697,
        -2.69169618940638,
        1.19839281085285,
        -1.69065929318241,
        0.73248077421585,
    )
    high_pass = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)
    assert k_weighting(48000) == pytest.approx(np.array((shelf, high_pass)), abs=1e-8)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100, 96000, 192000, 768000])
def test_every_rate_has_the_same_curve(rate_hz: int) -> None:
    """Up to a tenth of the rate, or 2 kHz, within what the bilinear transform bends."""
    for frequency_hz in (20.0, 50.0, 100.0, 500.0, 0.1 * min(rate_hz, 20000)):
        allowed = 0.05 if rate_hz > 40000 else 0.5
        assert gain_db(frequency_hz, rate_hz) == pytest.approx(
            gain_db(frequency_hz, 48000), abs=allowed
        )


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000, 192000])
def test_997_hz_in_one_channel_reads_its_power(rate_hz: int) -> None:
    """A full-scale sine reads -3.01 LKFS: the offset of -0.691 takes the curve's gain out again."""
    assert gain_db(997, rate_hz) - 0.691 == pytest.approx(0.0, abs=0.03)


def test_hann_leaks_a_constant_into_one_bin_on_each_side() -> None:
    spectrum = np.abs(np.fft.rfft(hann(64)))
    assert spectrum[:2] == pytest.approx([32, 16])
    assert spectrum[2:] == pytest.approx(0, abs=1e-12)
