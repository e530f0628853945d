"""Balance: a mix that leans as a whole, told from one that was arranged to lean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step
from burnish.dsp.biquad import response
from burnish.dsp.kweighting import k_weighting
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.measure.bands import WIDE_EDGES_HZ, BandPowers
from burnish.processors.balance import Balance
from burnish.targets import Target

Floats = NDArray[np.float64]

LEAST_DB = 1.0  # of the K-weighted whole, and of its loud half: what is heard
LEAST_SHARED_DB = 0.7  # of the bass and of what both channels share
ALIKE = 0.95  # correlation, in a band and window, of what both channels share
LEAST_SHARE = 0.1  # of the power: with less there is no centre to tell by
LEAST_TIME = 0.7  # of the loud half that leans the same way
PART = 0.7  # of the lean is taken back: the rest may be meant
MOST_DB = 3.0


@dataclass(frozen=True)
class Lean:
    """Right over left in dB: of the loud half, of its bass, and of what both channels share."""

    loud_db: float
    bass_db: float
    centre_db: float
    centre_share: float
    same_way: float


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Part of the way back, where loud parts, bass and centre all lean the same way."""
    whole_db = measured.stereo.balance_db
    if whole_db is None or not LEAST_DB < abs(whole_db) < np.inf:
        return Advice()
    side = "right" if whole_db > 0 else "left"
    found = lean(measured.timeline.bands)
    sign = 1.0 if whole_db > 0 else -1.0
    shared_db = 0.0 if found is None else min(sign * found.bass_db, sign * found.centre_db)
    if (
        found is None
        or sign * found.loud_db < LEAST_DB
        or shared_db < LEAST_SHARED_DB
        or found.centre_share < LEAST_SHARE
        or found.same_way < LEAST_TIME
    ):
        return Advice(
            notes=(
                f"Balance: {abs(whole_db):.1f} dB more on the {side}, but bass and centre do not "
                "show that all of it leans; taken as arranged, left alone.",
            )
        )
    back_db = min(MOST_DB, PART * min(shared_db, abs(whole_db)))
    return Advice(
        (
            Step(
                processor="balance",
                settings=Balance(balance_db=round(-sign * back_db, 2)),
                reason=(
                    f"All of it leans to the {side}, bass and centre too; {100 * PART:.0f} % of "
                    "that is taken back, the rest may be meant."
                ),
                evidence={
                    "right_over_left_db": round(whole_db, 2),
                    "loud_half_db": round(found.loud_db, 2),
                    "bass_db": round(found.bass_db, 2),
                    "centre_db": round(found.centre_db, 2),
                    "in_percent_of_the_loud_half": round(100 * found.same_way),
                },
            ),
        )
    )


def lean(powers: BandPowers) -> Lean | None:
    """How the louder half of the windows leans; None where one channel is silent."""
    mid, side, cross = (
        np.asarray(one, dtype=np.float64)
        for one in (powers.wide_mid, powers.wide_side, powers.wide_cross)
    )
    left, right = mid + side + 2.0 * cross, mid + side - 2.0 * cross
    heard = (left + right) @ _weights()
    if not len(heard) or heard.max() <= 0.0:
        return None
    loud = heard >= np.median(heard[heard > 1e-3 * heard.max()])
    left, right, alike = left[loud], right[loud], (mid - side)[loud]
    weighted_left, weighted_right = left @ _weights(), right @ _weights()
    if min(weighted_left.sum(), weighted_right.sum(), left[:, 0].sum(), right[:, 0].sum()) <= 0.0:
        return None
    loud_db = _db(weighted_right.sum(), weighted_left.sum())
    both = np.maximum(left, 0.0) * np.maximum(right, 0.0)
    centre = (both > 0.0) & (alike > ALIKE * np.sqrt(both))
    share = (left + right) * _weights()
    sign = 1.0 if loud_db > 0 else -1.0
    leaning = sign * (weighted_right - 10.0 ** (0.05 * sign) * weighted_left) > 0.0
    return Lean(
        loud_db=loud_db,
        bass_db=_db(right[:, 0].sum(), left[:, 0].sum()),
        centre_db=_median(10.0 * np.log10(right[centre] / left[centre]), share[centre]),
        centre_share=float(share[centre].sum() / share.sum()),
        same_way=float(leaning.mean()),
    )


def _weights() -> Floats:
    """Power gain of the K curve in the middle of each wide band."""
    edges = np.array(WIDE_EDGES_HZ)
    return np.abs(response(k_weighting(96_000), np.sqrt(edges[:-1] * edges[1:]), 96_000)) ** 2


def _db(above: float, below: float) -> float:
    return float(10.0 * np.log10(above / below))


def _median(values: Floats, weight: Floats) -> float:
    """The weighted median; 0 of nothing."""
    if not len(values):
        return 0.0
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(sums, 0.5 * sums[-1])])
