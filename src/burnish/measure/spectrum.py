"""Spectrum: the long-term power in bands, over what passes the loudness gate."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.bands import BAND_HZ, WIDE_EDGES_HZ, BandPowers, third_octave_edges_hz
from burnish.units import db_from_power

Floats = NDArray[np.float64]

_REFERENCE = slice(3, 5)  # wide bands of 0.8 to 2.5 kHz, whose mean is called 0 dB


@dataclass(frozen=True)
class Spectrum:
    """Mean power in bands over the windows that pass the loudness gate; over all if none does.

    Decibels of the mean square, so a full-scale sine reads -3.01 dB in its band: in ``mid_db`` when
    it is in both channels. Mid is (L + R) / 2, side (L - R) / 2; a mono file is all mid. -inf is
    silence, None a band above half the sample rate.

    ``bands_db`` are the nine wide bands of ``band_edges_hz``, mid and side together, in power per
    octave relative to the mean of 0.8 to 2.5 kHz: pink noise is flat there, and the corridors of
    the styles are in the same terms. None where that middle is silent.
    """

    band_hz: tuple[float, ...]
    mid_db: tuple[float | None, ...]
    side_db: tuple[float | None, ...]
    band_edges_hz: tuple[float, ...]
    bands_db: tuple[float | None, ...]


def summarise(powers: BandPowers, passing: NDArray[np.bool_], rate_hz: int) -> Spectrum:
    """The spectrum of the windows that pass."""
    third = [low for low, _ in third_octave_edges_hz()]
    return Spectrum(
        band_hz=BAND_HZ,
        mid_db=_levels_db(mean_over(powers.mid, passing), third, rate_hz),
        side_db=_levels_db(mean_over(powers.side, passing), third, rate_hz),
        band_edges_hz=WIDE_EDGES_HZ,
        bands_db=_wide_db(mean_over(powers.wide_mid + powers.wide_side, passing), rate_hz),
    )


def mean_over(rows: NDArray[np.float32], passing: NDArray[np.bool_]) -> Floats:
    """The mean of the rows that pass; 0 where there is none."""
    chosen = rows[passing]
    if not len(chosen):
        return np.zeros(rows.shape[1:])
    return np.asarray(chosen.mean(axis=0, dtype=np.float64))


def _levels_db(power: Floats, low_hz: list[float], rate_hz: int) -> tuple[float | None, ...]:
    return tuple(
        db_from_power(float(p)) if low < rate_hz / 2 else None
        for p, low in zip(power, low_hz, strict=True)
    )


def _wide_db(power: Floats, rate_hz: int) -> tuple[float | None, ...]:
    edges = np.minimum(WIDE_EDGES_HZ, rate_hz / 2)
    octaves = np.maximum(np.log2(edges[1:] / edges[:-1]), 1e-9)  # 0 above half the rate: None there
    levels_db = _levels_db(power / octaves, list(WIDE_EDGES_HZ[:-1]), rate_hz)
    middle_db = [level for level in levels_db[_REFERENCE] if level is not None]
    if not middle_db or not all(math.isfinite(level) for level in middle_db):
        return (None,) * len(levels_db)
    reference_db = sum(middle_db) / len(middle_db)
    return tuple(None if level is None else level - reference_db for level in levels_db)
