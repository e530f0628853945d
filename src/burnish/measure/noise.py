"""Noise: what is there beside the music."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.bands import BandPowers
from burnish.measure.segments import Segments
from burnish.measure.spectrum import mean_over
from burnish.units import db_from_gain, db_from_power

_BLACK_DBFS = -140.0  # below the dither of 24 bits: digital black, which is no noise
_FLOOR_PERCENTILE = 5.0


@dataclass(frozen=True)
class Noise:
    """DC, rumble and the noise floor.

    ``dc`` is each channel's mean, linear; ``dc_dbfs`` the largest of them. ``rumble_db`` is the
    power of 5 to 30 Hz over that of 40 to 120 Hz; None without bass. ``noise_floor_dbfs`` is the
    A-weighted level (mean square of the channels, in decibels) that 5 % of the 0.2 s steps stay
    under: the hiss of the pauses, or, in music without pauses, its softest moments. Digital black
    is left out; -inf if there is nothing else.
    """

    dc: tuple[float, ...]
    dc_dbfs: float
    rumble_db: float | None
    noise_floor_dbfs: float


def summarise(segments: Segments, powers: BandPowers, passing: NDArray[np.bool_]) -> Noise:
    """Noise from the sums of the file and its windows."""
    dc = segments.total / max(1, segments.n_samples)
    rumble, bass = (float(power) for power in mean_over(powers.rumble, passing))
    heard = powers.a_weighted[powers.a_weighted > 10.0 ** (_BLACK_DBFS / 10.0)]
    floor = float(np.percentile(heard, _FLOOR_PERCENTILE)) if len(heard) else 0.0
    return Noise(
        dc=tuple(float(mean) for mean in dc),
        dc_dbfs=db_from_gain(float(np.abs(dc).max(initial=0.0))),
        rumble_db=_ratio_db(rumble, bass),
        noise_floor_dbfs=db_from_power(floor),
    )


def _ratio_db(above: float, below: float) -> float | None:
    if below <= 0.0:
        return None
    return 10.0 * math.log10(above / below) if above > 0.0 else -math.inf
