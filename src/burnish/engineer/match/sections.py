"""Sections: where quiet and loud part of the mix differ in tone, and the reference's do not.

One curve cannot be right for both. The match equalizer is the loud part's; the quiet part, whose
bands are softer, then gets a little more or less in one broad band while it is soft.
"""

import math

import numpy as np

from burnish.chain import Step
from burnish.engineer.match.curve import both_errors, less, smooth
from burnish.engineer.match.references import Wanted
from burnish.engineer.rules.advice import Advice
from burnish.processors.dynamic_eq import DynamicBand, DynamicEq
from burnish.targets import THIRDS_HZ, Portrait, Section

APART_DB = 4.0
# Two halves of one song differ by up to 3 dB in how their quiet and loud parts differ (measured on
# the corpus); what is less is no evidence.
FOLLOWED, MOST_DB = 0.5, 3.0  # of what lies apart
LOW_HZ, HIGH_HZ = 100.0, 9000.0
LEAST_STEP_DB = 4.0  # from the quiet part's band to the loud one's: else a threshold tells nothing
HALF_OCTAVE = 2  # third octaves each side of the band's middle
PLACE = 0.7  # of the threshold, from the quiet part's level to the loud one's

_HZ = np.array(THIRDS_HZ)


def advise(mix: Portrait, wanted: Wanted, pull: float) -> Advice:
    """One dynamic band where the quiet part needs another tone than the loud one; else nothing."""
    aim, strength = wanted.portrait, pull * wanted.aspects.tone
    if mix.quiet is None or aim.quiet is None or strength == 0:
        return Advice()
    own = _between(mix.loud, mix.quiet)
    away = own - _between(aim.loud, aim.quiet)  # of the quiet part, when the loud one is right
    where = np.flatnonzero((_HZ >= LOW_HZ) & (_HZ <= HIGH_HZ))
    k = int(where[np.argmax(np.abs(away[where]))])
    if abs(away[k]) < APART_DB or abs(own[k]) < 0.5 * abs(away[k]):
        return Advice()
    loud_db, quiet_db = (_level_db(mix, part, k) for part in (mix.loud, mix.quiet))
    threshold_db = quiet_db + PLACE * (loud_db - quiet_db)
    gain_db = math.copysign(min(MOST_DB, FOLLOWED * strength * abs(away[k])), away[k])
    if loud_db - quiet_db < LEAST_STEP_DB or not -90.0 <= threshold_db <= 0.0:
        return Advice(
            notes=(
                f"Sections: soft and loud part differ at {_HZ[k]:,.0f} Hz, but not enough in level "
                "for a dynamic equalizer; left alone.",
            )
        )
    word = "more" if gain_db > 0 else "less"
    return Advice(
        steps=(
            Step(
                processor="dynamic_eq",
                settings=DynamicEq(
                    bands=(
                        DynamicBand(
                            frequency_hz=round(float(_HZ[k])),
                            q=0.7,
                            mode="below",
                            threshold_db=round(threshold_db, 1),
                            ratio=2.0,
                            range_db=round(gain_db, 2),
                            attack_ms=80.0,
                            release_ms=500.0,
                        ),
                    )
                ),
                reason=(
                    f"Soft and loud part of the mix differ in tone, those of {wanted.name} do not: "
                    f"{word} at {_HZ[k]:,.0f} Hz while it is quiet."
                ),
                evidence={
                    "quiet_part_of_the_mix_db": round(float(-own[k]), 1),
                    "quiet_part_of_the_reference_db": round(float(away[k] - own[k]), 1),
                    "share_quiet_of_the_mix": round(mix.quiet.share, 2),
                    "share_quiet_of_the_reference": round(aim.quiet.share, 2),
                },
            ),
        )
    )


def _between(loud: Section, quiet: Section) -> np.ndarray:
    """How much more of each third octave the loud part has, each relative to its loudness."""
    return smooth(
        less(loud.mid_db, quiet.mid_db), both_errors(loud.mid_error_db, quiet.mid_error_db)
    )


def _level_db(mix: Portrait, part: Section, k: int) -> float:
    """RMS of the band in that part of the mix, dBFS."""
    lufs = mix.loud_lufs + part.loudness_db - mix.loud.loudness_db
    near = slice(max(0, k - HALF_OCTAVE), k + HALF_OCTAVE + 1)
    known = [v for row in (part.mid_db, part.side_db) for v in row[near] if v is not None]
    return lufs + 10.0 * math.log10(sum(10.0 ** (v / 10.0) for v in known)) if known else -math.inf
