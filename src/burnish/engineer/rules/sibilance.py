"""Sibilance: an s that stands far out of the voice, or that was asked to be softened."""

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.measure.bands import BAND_HZ
from burnish.processors.deesser import Deesser
from burnish.targets import Target

Floats = NDArray[np.float64]

STRONG_DB = 13.0  # one window in twenty this far over the usual ratio: a strong fault on every list
SHARP_DB = -12.0  # and one in a hundred with this much treble against the whole: not a soft hat
BY_ITSELF = 0.6  # how much of the de-esser burnish takes unasked
RATIO = 4.0
MOST_DB = 4.0
OVER_DB = 7.0  # over the usual: 6 to 8 dB leaves a plain s alone
FLOOR_DB = -35.0  # under the RMS of the whole: treble that is no s, or is masked

_ESS_HZ, _VOICE_HZ = (5000.0, 8000.0), (1000.0, 3150.0)  # third octaves, their centres
_SOUNDS = 1e-3  # of the loudest window


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A de-esser where it was asked for, or where the s is a strong fault by every measure."""
    if wishes.deess == 0.0 or (wishes.intensity == 0 and wishes.deess is None):
        return Advice()
    over_db, sharp_db = stands_out(measured)
    strength = wishes.deess
    if strength is None:
        if over_db < STRONG_DB or sharp_db < SHARP_DB:
            return Advice(notes=("Sibilance: no s stands out far enough; left alone.",))
        strength = BY_ITSELF
    floor_db = measured.dynamics.rms_dbfs + FLOOR_DB
    return Advice(
        (
            Step(
                processor="deesser",
                settings=Deesser(
                    threshold_db=OVER_DB,
                    ratio=RATIO,
                    range_db=round(MOST_DB * strength, 2),
                    floor_db=round(max(-90.0, min(0.0, floor_db)), 1),
                ),
                reason="Softer s: asked for."
                if wishes.deess
                else "The s stands far out of the voice; it is held, at its moments only.",
                evidence={
                    "treble_to_middle_over_usual_p95_db": round(over_db, 1),
                    "treble_to_whole_p99_db": round(sharp_db, 1),
                },
            ),
        )
    )


def stands_out(measured: Measurement) -> tuple[float, float]:
    """How far the 95th percentile of treble over middle is above its median; how loud it gets, dB.

    From the third octaves of every sounding window; minus infinity where nothing sounds.
    """
    thirds = measured.timeline.bands.mid.astype(np.float64)
    whole = thirds.sum(axis=1)
    centres_hz = np.array(BAND_HZ)
    treble, middle = (
        thirds[:, (centres_hz >= low) & (centres_hz <= high)].sum(axis=1)
        for low, high in (_ESS_HZ, _VOICE_HZ)
    )
    heard = (whole > _SOUNDS * whole.max(initial=0.0)) & (middle > 0.0) & (treble > 0.0)
    if not heard.any():
        return -np.inf, -np.inf
    ratio_db = 10.0 * np.log10(treble[heard] / middle[heard])
    loud_db = 10.0 * np.log10(treble[heard] / whole[heard].mean())
    over_db = float(np.percentile(ratio_db, 95) - np.median(ratio_db))
    return over_db, float(np.percentile(loud_db, 99))
