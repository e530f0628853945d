"""Dynamics: how far the loudness swings, brought to what the reference does.

A compressor over nearly the whole range of levels, slow enough to follow phrases and not waves,
makes every swing smaller by its ratio; which ratio, the swing of 400 ms over 3 s tells, with what
is uncertain of it. A mix that swings clearly less is expanded. The peaks
that stand out are then the limiter's.
"""

import math

from burnish.chain import Step
from burnish.chain.plan import Evidence
from burnish.engineer.match.references import Wanted
from burnish.engineer.portrait import portrait
from burnish.engineer.rules.advice import Advice
from burnish.measure import Measurement
from burnish.processors.compressor import Compressor
from burnish.processors.expander import Expander
from burnish.targets import Portrait

SPREAD = 0.3  # of the logarithm of the swing, between a mix and its master: what is usual
DETAIL = 0.05
MOST_RATIO = 1.8
SMALLEST_DB = 0.1  # of the swing: less is not worth a compressor
SMALLEST_BACK = 0.1  # what was compressed is not given back for less: it is the riskier move
MOST_BACK_DB = 4.0
PLR_SPREAD_DB = 3.0  # of the peaks over the loudness, between a mix and its master: what is usual
PLR_UNKNOWN_DB = 3.0  # their error where a sound is too short to tell
BELOW_MIDDLE_DB = 12.0  # the threshold, under the median moment: all that sounds is above it


def advise(mix: Portrait, wanted: Wanted, pull: float) -> Advice:
    """A slow compressor of a low threshold where the mix swings more, or a note."""
    asked, aim = wanted.aspects.dynamics, wanted.portrait
    if asked == 0:
        return Advice(notes=("Dynamics: not to be matched; left alone.",))
    away = expected(mix, aim)
    if away is None or mix.swing_db is None or not mix.momentary_db:
        return Advice(notes=("Dynamics: too short to be compared; left alone.",))
    change = pull * asked * away
    if abs(1.0 - math.exp(-change)) * mix.swing_db < SMALLEST_DB:
        return Advice(notes=(f"Dynamics: it swings as {wanted.name} does; left alone.",))
    evidence: Evidence = {
        "swing_db": _rounded(mix.swing_db),
        "wanted_swing_db": _rounded(aim.swing_db),
        "expected_ratio": round(math.exp(away), 3),
        "range_lu": _rounded(mix.range_lu),
        "wanted_range_lu": _rounded(aim.range_lu),
    }
    if change < 0:
        return _swing_back(-change, wanted, evidence)
    middle_db = mix.loudness_lufs + mix.momentary_db[len(mix.momentary_db) // 2]
    return Advice(
        (
            Step(
                processor="compressor",
                settings=Compressor(
                    threshold_db=round(max(-60.0, min(0.0, middle_db - BELOW_MIDDLE_DB)), 1),
                    ratio=round(min(MOST_RATIO, math.exp(change)), 3),
                    knee_db=6.0,
                    attack_ms=30.0,
                    release_ms=150.0,
                    auto_release=0.0,
                ),
                reason=f"The mix swings more than {wanted.name}; this evens it as much.",
                evidence=evidence,
            ),
        )
    )


def _swing_back(change: float, wanted: Wanted, evidence: Evidence) -> Advice:
    if change < SMALLEST_BACK:
        return Advice(notes=(f"Dynamics: hardly denser than {wanted.name}; left alone.",))
    return Advice(
        (
            Step(
                processor="expander",
                settings=Expander(
                    ratio=round(min(MOST_RATIO, math.exp(change)), 3),
                    range_db=MOST_BACK_DB,
                    attack_ms=20.0,
                    release_ms=150.0,
                ),
                reason=f"The mix swings less than {wanted.name}; what stands out is raised.",
                evidence=evidence,
            ),
        )
    )


def expected(mix: Portrait, aim: Portrait) -> float | None:
    """The logarithm of the ratio of the swings, less where the evidence is thin. None: unknown."""
    if not (mix.swing_db and aim.swing_db):
        return None
    errors = [
        (one.swing_error_db or 0.0) / one.swing_db for one in (mix, aim) if one.swing_db is not None
    ]
    noise = DETAIL**2 + sum(e * e for e in errors)
    away = math.log(mix.swing_db / aim.swing_db)
    return away * SPREAD**2 / (SPREAD**2 + noise)


def expected_plr_db(measured: Measurement, aim: Portrait) -> float | None:
    """The peaks over the loudness to be expected of the master: the reference's, where it is sure.

    One stroke of a drum makes a song's PLR. Where two parts of a sound differ much in theirs, the
    reference's says little, and the mix keeps more of its own. None: the reference has none.
    """
    if aim.plr_db is None:
        return None
    own_db = measured.dynamics.plr_db
    if own_db is None or not math.isfinite(own_db):
        return aim.plr_db
    errors = [portrait(measured).plr_error_db, aim.plr_error_db]
    noise = sum((PLR_UNKNOWN_DB if e is None else e) ** 2 for e in errors)
    sure = PLR_SPREAD_DB**2 / (PLR_SPREAD_DB**2 + noise)
    return own_db + sure * (aim.plr_db - own_db)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
