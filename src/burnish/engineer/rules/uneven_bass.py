"""Uneven bass: notes that jump out and notes that are gone, far beyond what records have."""

import math

import numpy as np

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.multiband import BANDS, Multiband
from burnish.targets import Target

POP_RANGE_LU = 10.7  # median loudness range of 35 to 148 Hz in 138 pop tracks (568 analyses)
POP_WHOLE_LU = 6.1  # and that of the whole of the same tracks: other styles are told from it
WIDE = 1.77  # the 90th percentile over the median, as the range of the whole has it
CROSSOVERS_HZ = (150.0, 4000.0)
RATIO = 1.5
MOST_DB = 2.0
FAINT_DB = -2.0  # bass further under the style's lower quartile is hardly there: not uneven
_SOUNDS = 0.1  # of the mean power


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """The low band of a multiband compressor, where only the bass moves too much; else nothing.

    Where the whole moves too much, the bus compressor has it in hand. Where a style's range is only
    an opinion, nothing is said to lie outside it.
    """
    range_lu, whole_lu = measured.dynamics.bands_range_lu[0], measured.loudness.range_lu
    bass_db = measured.spectrum.bands_db[0]
    if (
        wishes.intensity == 0
        or target.dynamics.confidence == "low"
        or range_lu is None
        or whole_lu is None
        or bass_db is None
    ):
        return Advice()
    limit_lu = WIDE * POP_RANGE_LU * target.dynamics.range_median_lu / POP_WHOLE_LU
    steady = whole_lu <= target.dynamics.range_high_lu
    if range_lu <= limit_lu or not steady or bass_db < target.tone.q25_db[0] + FAINT_DB:
        return Advice()
    bands = measured.timeline.bands
    wide = bands.wide_mid[:, 0].astype(np.float64) + bands.wide_side[:, 0]
    heard = wide[wide > _SOUNDS * wide.mean()] if len(wide) else wide
    if not len(heard):
        return Advice()
    threshold_db = 10.0 * math.log10(float(np.median(heard)))
    low = BANDS[0].with_(
        threshold_db=round(max(-80.0, min(0.0, threshold_db)), 1),
        ratio=RATIO,
        range_db=round(MOST_DB * min(1.0, 2.0 * wishes.intensity), 2),
    )
    return Advice(
        (
            Step(
                processor="multiband",
                settings=Multiband(crossovers_hz=CROSSOVERS_HZ, bands=(low, BANDS[1], BANDS[3])),
                reason="The bass moves far more than the rest; its loud notes are held a little.",
                evidence={
                    "range_below_148_hz_lu": round(range_lu, 1),
                    "nine_in_ten_are_below_lu": round(limit_lu, 1),
                    "range_lu": round(whole_lu, 1),
                    "source": target.dynamics.source,
                },
            ),
        )
    )
