"""EBU Tech 3341 cases 15 to 23: true peak, at four sample rates."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.measure import Meter
from burnish.measure.model import Measurement

Floats = NDArray[np.float64]

RATES_HZ = (44100, 48000, 96000, 192000)
OVER_DB, UNDER_DB = 0.2, 0.4  # the standard's tolerance
DRIFT_DB = 0.005


def measured(wave: Floats, rate_hz: int) -> Measurement:
    meter = Meter(rate_hz, 2)
    meter.feed(np.stack((wave, wave)))
    return meter.finish()


def assert_reads(found: float, nominal: float, exact: float) -> None:
    assert nominal - UNDER_DB <= found <= nominal + OVER_DB
    assert found == pytest.approx(exact, abs=DRIFT_DB)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("case", "period", "amplitude", "degrees", "nominal", "sample_peak"),
    [
        (15, 4, 0.5, 0.0, -6.0, -6.02),
        (16, 4, 0.5, 45.0, -6.0, -9.03),
        (17, 6, 0.5, 60.0, -6.0, -7.27),
        (18, 8, 0.5, 67.5, -6.0, -6.71),
        (19, 4, 1.41, 45.0, 3.0, -0.03),
    ],
)
def test_3341_tones(
    case: int,
    period: int,
    amplitude: float,
    degrees: float,
    nominal: float,
    sample_peak: float,
    rate_hz: int,
) -> None:
    """Tones that their samples miss, faded over 0.1 s so that the onset does not ring."""
    n = rate_hz // 2
    wave = amplitude * np.sin(2 * math.pi * np.arange(n) / period + math.radians(degrees))
    fade = np.minimum(1.0, np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.1 * rate_hz))
    peaks = measured(wave * (0.5 - 0.5 * np.cos(math.pi * fade)), rate_hz).peaks
    exact = 20 * math.log10(amplitude)
    assert_reads(peaks.true_peak_dbtp, nominal, exact)
    assert_reads(peaks.true_peak_4x_dbtp, nominal, exact)
    assert peaks.sample_peak_dbfs == pytest.approx(sample_peak, abs=0.01)
    assert peaks.channel_true_peak_dbtp[0] == peaks.channel_true_peak_dbtp[1]


def burst_at_4x(rate_hz: int) -> Floats:
    """The recipe of cases 20 to 23, made at four times the rate; its true peak is 0 dBTP.

    The EBU ships files and describes them in words only. Here: a tone of a sixth of the rate at
    half scale, 0.2 s, faded, whose one middle cycle is twice as high; the steps that this leaves
    are band-limited to 0.45 of the rate (raised cosine from 0.40, by FFT, so it can be decimated
    by 4 at any offset without aliases); then scaled so that its maximum at 64x is 1.
    """
    n = 4 * rate_hz // 5
    time = np.arange(n) - n // 2
    wave = 0.5 * np.sin(2 * math.pi * time / 24)
    wave[np.abs(time) <= 12] *= 2.0
    wave *= np.hanning(n)
    frequency = np.fft.rfftfreq(n) * 4  # of the rate
    edge = np.clip((frequency - 0.40) / 0.05, 0, 1)
    spectrum = np.fft.rfft(wave) * (0.5 + 0.5 * np.cos(math.pi * edge))
    at_64x = np.fft.irfft(spectrum, 16 * n) * 16
    return np.asarray(np.fft.irfft(spectrum, n) / np.abs(at_64x).max())


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_3341_bursts_read_0_dbtp_from_any_phase(rate_hz: int) -> None:
    """Cases 20 to 23: the burst decimated by 4 at offsets 0, 1, 2 and 3."""
    wave = burst_at_4x(rate_hz)
    sample_peaks = []
    for offset in range(4):
        peaks = measured(wave[offset::4], rate_hz).peaks
        assert_reads(peaks.true_peak_dbtp, 0.0, 0.0)
        assert -UNDER_DB <= peaks.true_peak_4x_dbtp <= OVER_DB
        sample_peaks.append(peaks.sample_peak_dbfs)
    assert min(sample_peaks) < -0.5  # or the test would show nothing
