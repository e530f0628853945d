"""The voice: buried or on top of everything, and an s that cuts.

How loud a voice stands in a mix is taste; only what lies outside nearly every record is moved, and
then to its edge at most.
"""

from collections.abc import Sequence

import numpy as np

from burnish.chain import Evidence, Step
from burnish.engineer.stems.heard import (
    MOST_DB,
    Floats,
    HeardStem,
    Move,
    Moves,
    db,
    of_role,
    summed,
)
from burnish.measure.bands import BAND_HZ
from burnish.measure.loudness import SHORT_TERM_SEGMENTS, sliding_sum
from burnish.processors.deesser import Deesser
from burnish.processors.gain import Gain

BURIED_LU, ON_TOP_LU = (
    -5.0,
    4.0,
)  # against all the rest: knowledge of mixes, 2 LU around it is usual
BEHIND_LU = -12.0  # further down it is no lead that is buried: it is meant to be behind
LEAST_DB = 0.5  # a smaller move is not worth making
SINGS_LU = -12.0  # under the voice's own loudness: between its phrases
MOSTLY = 0.6  # of the time that it sings

ESS_HZ, VOICE_HZ = (5000.0, 8000.0), (1000.0, 3150.0)  # third octaves, their centres
ESS_DB = -4.0  # an s against the sung voice, both as power: -8 to -15 is usual (opinion)
ESS_STRONG_DB = 0.0
ESS_SHARE = 0.01  # of the time: a fault comes again and again
OVER_DB, RATIO = 4.0, 4.0
FLOOR_DB = -30.0  # under the voice: treble that is no s


def balance(heard: Sequence[HeardStem]) -> Moves:
    """A voice that is buried for most of what it sings comes up, one on top of all comes down."""
    voices = of_role(heard, "vocals")
    rest = [k for k, one in enumerate(heard) if k not in voices and one.sounds]
    if not voices or not rest:
        return Moves()
    voice, band = (_short_term(heard, places) for places in (voices, rest))
    if not len(voice):
        return Moves()
    loud = voice > -70.0
    sings = loud & (voice > _mean_db(voice[loud]) + SINGS_LU) if loud.any() else loud
    if not sings.any():
        return Moves()
    over = (voice - np.maximum(band, -70.0))[sings]
    median = float(np.median(over))
    buried, on_top = (float(np.mean(x)) for x in (over < BURIED_LU, over > ON_TOP_LU))
    evidence: Evidence = {
        "voice_over_the_rest_lu": round(median, 1),
        "usual_from_lu": -2.0,
        "usual_to_lu": 1.0,
        "confidence": "low" if len(over) < 10 * SHORT_TERM_SEGMENTS else "medium",
    }
    if buried >= MOSTLY and BEHIND_LU < median < BURIED_LU:
        gain_db = min(MOST_DB, max(LEAST_DB, BURIED_LU - median))
        reason = (
            f"The voice lies {-median:.1f} LU under the rest for {100 * buried:.0f} % of what it "
            f"sings; it comes up."
        )
    elif on_top >= MOSTLY and median > ON_TOP_LU:
        gain_db = -min(MOST_DB, max(LEAST_DB, median - ON_TOP_LU))
        reason = (
            f"The voice stands {median:.1f} LU over all the rest for {100 * on_top:.0f} % of what "
            f"it sings; it goes down."
        )
    else:
        return Moves(notes=(f"Voice: {median:+.1f} LU against the rest; left alone.",))
    step = Step(
        processor="gain",
        settings=Gain(gain_db=round(gain_db, 2)),
        reason=reason,
        evidence=evidence,
    )
    return Moves(tuple(Move(k, step) for k in voices))


def sibilance(heard: Sequence[HeardStem]) -> Moves:
    """An s that is nearly as loud as the voice itself is held, at its moments only."""
    found = [_softer(k, heard[k]) for k in of_role(heard, "vocals")]
    return Moves(tuple(move for move in found if move is not None))


def _softer(place: int, one: HeardStem) -> Move | None:
    thirds = one.figures.window_power.astype(np.float64)
    centres = np.array(BAND_HZ)
    ess, voice = (
        thirds[:, (centres >= low) & (centres <= high)].sum(axis=1)
        for low, high in (ESS_HZ, VOICE_HZ)
    )
    whole = thirds.sum(axis=1)
    if not len(whole) or whole.max() <= 0.0:
        return None
    sounds = whole > 1e-4 * float(np.percentile(whole, 95))
    is_ess = sounds & (ess > voice) & (ess > 0.5 * whole)
    sung = sounds & ~is_ess
    if not sung.any() or is_ess.sum() < max(4, ESS_SHARE * sounds.sum()):
        return None
    voice_db = 10.0 * float(np.log10(whole[sung].mean()))
    ess_db = float(np.percentile(db(whole[is_ess]), 75)) - voice_db
    if ess_db < ESS_DB:
        return None
    strong = min(1.0, (ess_db - ESS_DB) / (ESS_STRONG_DB - ESS_DB))
    range_db = round(LEAST_DB + (MOST_DB - LEAST_DB) * strong, 2)
    # The processor's floor is in RMS: a sine's amplitude squared is 3 dB above it.
    floor_db = round(float(np.clip(voice_db - 3.0 + FLOOR_DB, -90.0, 0.0)), 1)
    return Move(
        place,
        Step(
            processor="deesser",
            settings=Deesser(
                threshold_db=OVER_DB, ratio=RATIO, range_db=range_db, floor_db=floor_db
            ),
            reason=f"The s is {ess_db:+.1f} dB against the sung voice, where -8 dB is already "
            "much; it is held, at its moments only.",
            evidence={
                "ess_to_voice_db": round(ess_db, 1),
                "ess_in_percent_of_the_time": round(100.0 * float(is_ess.sum() / sounds.sum()), 1),
                "source": "opinion",
            },
        ),
    )


def _short_term(heard: Sequence[HeardStem], places: Sequence[int]) -> Floats:
    """Short-term loudness of some stems together, every 100 ms."""
    power = summed(heard[k].figures.segment_power for k in places)
    size = min(SHORT_TERM_SEGMENTS, max(1, len(power)))
    return db(sliding_sum(power, size) / size) - 0.691


def _mean_db(levels_db: Floats) -> float:
    return 10.0 * float(np.log10(np.mean(10.0 ** (levels_db / 10.0))))
