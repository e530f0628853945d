"""Standing: how loud the loud sections of a song want to be beside those of others.

A ballad stays softer than a banger. How much softer, nobody can measure; what can be measured is
what kind of music it is, how full its loud part is, and how far its peaks stand out. All shares and
bounds here are opinion.
"""

from dataclasses import dataclass

import numpy as np

from burnish.engineer.recognise import MIDDLE, shares
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.targets import Portrait, style

STYLE_SHARE = 0.25
"""Of the loudness that a style's records lie apart from pop: on one record they come together."""

FULL_BANDS, FULL_DOWN_DB = 27, 25.0
FULL_LU, FULL_RANGE_LU = 0.15, (-1.5, 0.5)
"""For each third octave that the loud part fills more (within 25 dB of its highest) than 27."""

PLR_DB = 14.0
PLR_LU, PLR_RANGE_LU = -0.2, (-1.0, 0.5)
"""For each decibel that the peaks of a mix stand over its loudness beyond what is usual."""


@dataclass(frozen=True)
class Standing:
    """Where the loud sections of a song stand, in LU over those of a full pop mix, and why."""

    lu: float
    style_lufs: float
    """How loud records of its kind are; where that is a guess, of its likely kinds."""
    full_bands: int
    plr_db: float | None
    """None: it is a master already, whose peaks say nothing of the music."""


def standing(measured: Measurement, mix: Portrait, wishes: Wishes, kept: bool = False) -> Standing:
    """How loud the music asks to be, by its kind, its fullness and its peaks.

    A style that was asked for counts half, what the sound is like the other half.
    """
    likely = shares(measured)
    style_lufs = sum(each.loudness.aim_lufs * share for each, share in likely)
    if wishes.style != "auto":
        style_lufs = 0.5 * (style_lufs + style(wishes.style).loudness.aim_lufs)
    full = full_bands(mix)
    plr_db = None if kept else mix.plr_db
    lu = STYLE_SHARE * (style_lufs - style(MIDDLE).loudness.aim_lufs)
    lu += float(np.clip(FULL_LU * (full - FULL_BANDS), *FULL_RANGE_LU))
    if plr_db is not None:
        lu += float(np.clip(PLR_LU * (plr_db - PLR_DB), *PLR_RANGE_LU))
    return Standing(round(lu, 2), round(style_lufs, 1), full, plr_db)


def full_bands(mix: Portrait) -> int:
    """How many of the 30 third octaves its loud part fills."""
    parts = zip(mix.loud.mid_db, mix.loud.side_db, strict=True)
    powers = [sum(10.0 ** (v / 10.0) for v in pair if v is not None) for pair in parts]
    least = max(powers) * 10.0 ** (-FULL_DOWN_DB / 10.0)
    return sum(power > least for power in powers) if max(powers) > 0.0 else 0
