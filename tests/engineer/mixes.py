"""Mixes for the engineer's tests: shaped noise, tones, and figures set by hand."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.measure import Measurement, measure
from burnish.targets import BAND_EDGES_HZ, N_BANDS, Style, style

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def shaped_noise(
    bands_db: Sequence[float],
    side_to_mid_db: float = -9.0,
    duration_s: float = 4.0,
    rate_hz: int = RATE_HZ,
    seed: int = 3,
) -> Floats:
    """Stereo noise with these levels per octave in the nine bands, and nothing outside them.

    Its RMS is -20 dBFS; the peaks of Gaussian noise stand some 13 dB above that.
    """
    n = round(duration_s * rate_hz)
    hz = np.fft.rfftfreq(n, 1 / rate_hz)
    band = np.clip(np.searchsorted(BAND_EDGES_HZ, hz, side="right") - 1, 0, N_BANDS - 1)
    inside = (hz >= BAND_EDGES_HZ[0]) & (hz < BAND_EDGES_HZ[-1])
    size = np.zeros(len(hz))
    size[inside] = 10.0 ** (np.asarray(bands_db)[band[inside]] / 20.0) / np.sqrt(hz[inside])
    rng = np.random.default_rng(seed)
    mid, side = (
        np.fft.irfft(size * (rng.standard_normal(len(hz)) + 1j * rng.standard_normal(len(hz))), n)
        for _ in range(2)
    )
    side *= np.std(mid) / np.std(side) * 10.0 ** (side_to_mid_db / 20.0)
    samples = np.stack((mid + side, mid - side))
    return np.asarray(0.1 * samples / np.sqrt(np.mean(samples**2)))


@cache
def base() -> Measurement:
    """A real measurement of a mix in the middle of pop, to set figures of."""
    return measure(Audio(shaped_noise(style("pop").tone.median_db), RATE_HZ))


def with_figures(measured: Measurement, **rooms: dict[str, Any]) -> Measurement:
    """The measurement with some figures set: ``loudness={"range_lu": 6.0}``."""
    changed = {name: replace(getattr(measured, name), **figures) for name, figures in rooms.items()}
    return replace(measured, **changed)


def middle_of(name: str) -> Measurement:
    """A mix in the middle of every corridor of that style, but 4 dB quieter than its records."""
    found: Style = style(name)
    loudness_lufs = found.loudness.aim_lufs - 4.0
    widths = found.stereo.band_median_db or (-35.0,) * N_BANDS
    if name == "speech":
        widths = (-40.0,) * N_BANDS
    return with_figures(
        base(),
        spectrum={"bands_db": found.tone.median_db},
        stereo={"side_to_mid_db": found.stereo.median_db, "bands_side_to_mid_db": widths},
        loudness={
            "integrated_lufs": loudness_lufs,
            "max_short_term_lufs": loudness_lufs + 3.0,
            "range_lu": found.dynamics.range_median_lu,
        },
        dynamics={"plr_db": found.dynamics.plr_median_db},
        peaks={
            "true_peak_dbtp": loudness_lufs + found.dynamics.plr_median_db,
            "sample_peak_dbfs": 0.0,
        },
        noise={"dc_dbfs": -120.0, "rumble_db": -30.0},
    )


def outside(name: str, band: int, by_db: float) -> Measurement:
    """The middle of a style, with one band above (or below) its corridor's edge by so much."""
    tone = style(name).tone
    bands = list(tone.median_db)
    bands[band] = (tone.q75_db if by_db > 0 else tone.q25_db)[band] + by_db
    return with_figures(middle_of(name), spectrum={"bands_db": tuple(bands)})


def tone(
    hz: float, duration_s: float = 4.0, gain: float | Floats = 1.0, rate_hz: int = RATE_HZ
) -> Floats:
    """A sine in both channels."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    return np.stack([gain * np.sin(2 * np.pi * hz * t)] * 2)
