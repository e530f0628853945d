"""A mix that is made by arithmetic: noise with the tone, width and movement of a pop record."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from burnish import Audio, measure
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.targets import style
from burnish.targets.model import BAND_EDGES_HZ

RATE_HZ = 44_100
POP = style("pop")


@cache
def mix(duration_s: float = 30.0) -> np.ndarray:
    """``(2, n)``: -6 dBFS peaks, beats twice a second, a verse and a louder chorus."""
    random = np.random.default_rng(11)
    n = round(duration_s * RATE_HZ)
    hz = np.fft.rfftfreq(n, 1.0 / RATE_HZ)
    edges = np.log2(BAND_EDGES_HZ)
    middles = 0.5 * (edges[1:] + edges[:-1])
    octave_db = np.interp(np.log2(np.maximum(hz, 1.0)), middles, POP.tone.median_db)
    octave_db += np.where(hz < 40.0, 24.0 * np.log2(np.maximum(hz, 1.0) / 40.0), 0.0)
    shape = 10.0 ** (octave_db / 20.0) / np.sqrt(np.maximum(hz, 1.0))

    def noise() -> np.ndarray:
        return np.fft.irfft(np.fft.rfft(random.standard_normal(n)) * shape, n)

    middle, side = noise(), noise()
    side = np.fft.irfft(np.fft.rfft(side) * (hz > 150.0), n) * 10.0 ** (-9.0 / 20.0)
    t = np.arange(n) / RATE_HZ
    beats = 0.35 + np.exp(-8.0 * (t % 0.5)) + 2.0 * np.exp(-60.0 * (t % 0.5))
    form = np.where((t // 6) % 2 < 1, 0.55, 1.0)
    samples = np.stack((middle + side, middle - side)) * beats * form
    samples *= 0.5 / np.abs(samples).max()
    samples.setflags(write=False)
    return samples


def measured(samples: np.ndarray, rate_hz: int = RATE_HZ) -> Measurement:
    return measure(Audio(samples, rate_hz))


def told(family, samples: np.ndarray, rate_hz: int = RATE_HZ) -> dict[str, Finding]:
    """What a family says of it, by code."""
    examined = SimpleNamespace(measured=measured(samples, rate_hz))
    return {one.code: one for one in family(examined, POP)}
