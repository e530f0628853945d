"""Knowing when to stop: the rules that hold loudness back, and the limits of each.

A master may be louder only while every rule passes. Each limit is told for the careful setting
(intensity 0), the usual one (0.5) and the loud set (1); between them they move in a straight line.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from burnish.engineer.trial import Trial
from burnish.targets import Target


@dataclass(frozen=True)
class StoppedBy:
    """The rule that held loudness back, with its figures."""

    rule: str
    value: float
    limit: float
    unit: str
    sentence: str


@dataclass(frozen=True)
class Limit:
    """One limit at intensity 0, 0.5 and 1."""

    rule: str
    unit: str
    careful: float
    usual: float
    loud: float
    sentence: str

    def at(self, intensity: float) -> float:
        """The limit at this intensity."""
        return float(np.interp(intensity, (0.0, 0.5, 1.0), (self.careful, self.usual, self.loud)))


# Measured on four unmastered tracks with one limiter; at intensity 0 opinion.
EFFICIENCY = Limit(
    "efficiency", "LU/dB", 0.7, 0.6, 0.4, "another decibel of drive brings less than this"
)
REDUCTION_P95 = Limit(
    "reduction-p95", "dB", 2.5, 4.0, 6.0, "peaks are lowered further than this, 95th percentile"
)
REDUCTION_MEAN = Limit(
    "reduction-mean", "dB", 1.0, 1.5, 2.5, "gain reduction is more than this in the mean"
)
DUTY = Limit("duty", "%", 60.0, 80.0, 95.0, "the limiter works longer than this of the time")
RESIDUAL = Limit(
    "residual",
    "LU",
    -20.0,
    -16.0,
    -14.0,
    "what limiting adds or takes is louder than this beside the master",
)
SHARPNESS = Limit("punch", "%", 8.0, 12.0, 18.0, "more than this of the punch is lost")
PUMPING = Limit("pumping", "dB", 1.5, 2.0, 3.0, "the gain swings with the beat by more than this")
TONE = Limit("tone-shift", "dB", 0.5, 0.7, 1.0, "limiting shifts an octave by more than this")
LIMITS = {
    one.rule: one
    for one in (
        EFFICIENCY,
        REDUCTION_P95,
        REDUCTION_MEAN,
        DUTY,
        RESIDUAL,
        SHARPNESS,
        PUMPING,
        TONE,
    )
}
"""By their names."""
PLR = "plr-floor"
PLR_SENTENCE = "peaks stand less than this over loudness"
PSR_SENTENCE = "peaks stand less than this over the loudness of 3 s, 5th percentile"
PSR = "psr-floor"

IDLE_DB, IDLE_LU = 0.1, -24.0
# A limiter that lowers its 95th percentile by less and leaves less of a residual did nothing.


def floor_of(target: Target, rule: str, intensity: float) -> float:
    """The style's floor for PLR or PSR; from 0.5 to 1 the intensity leads to the loud set's."""
    floors = target.floors
    usual, loud = (
        (floors.plr_db, floors.loud_plr_db) if rule == PLR else (floors.psr_db, floors.loud_psr_db)
    )
    return float(np.interp(intensity, (0.0, 0.5, 1.0), (usual + 1.0, usual, loud)))


def verdict(
    trial: Trial,
    efficiency: Callable[[], float],
    plr_db: float,
    target: Target,
    intensity: float,
) -> StoppedBy | None:
    """The first rule that does not pass at this trial, or None.

    ``plr_db`` is what the whole master would have; ``efficiency``, LU per dB of drive, is asked
    last, as it costs another render. A limiter that is idle stops nothing: what a dense mix has
    lost before burnish is not given back by stopping.
    """
    if trial.reduction_p95_db < IDLE_DB and trial.residual_lu < IDLE_LU:
        return None
    if plr_db < (floor := floor_of(target, PLR, intensity)) - 0.005:
        return StoppedBy(PLR, round(plr_db, 2), round(floor, 2), "dB", PLR_SENTENCE)
    if trial.psr_p5_db < (floor := floor_of(target, PSR, intensity)) - 0.005:
        return StoppedBy(PSR, round(trial.psr_p5_db, 2), round(floor, 2), "dB", PSR_SENTENCE)
    for limit, value in (
        (REDUCTION_P95, trial.reduction_p95_db),
        (REDUCTION_MEAN, trial.reduction_mean_db),
        (DUTY, trial.duty_percent),
        (RESIDUAL, trial.residual_lu),
        (SHARPNESS, trial.sharpness_loss_percent),
        (PUMPING, trial.pumping_db),
        (TONE, trial.tone_shift_db),
    ):
        if value > limit.at(intensity):
            return _stopped(limit, value, intensity)
    if (gained := efficiency()) < EFFICIENCY.at(intensity):
        return _stopped(EFFICIENCY, gained, intensity)
    return None


def beyond(trial: Trial, target: Target, intensity: float) -> float:
    """How far the worst rule is passed: 1 stands at its limit, 2 is twice as much.

    Without PLR and efficiency, which are the same for every path to one loudness, or nearly.
    """
    floor_db = floor_of(target, PSR, intensity)
    ratios = [10.0 ** ((floor_db - trial.psr_p5_db) / 20.0)]
    residual = RESIDUAL.at(intensity)
    ratios.append(10.0 ** ((trial.residual_lu - residual) / 20.0))
    ratios += [
        value / limit.at(intensity)
        for limit, value in (
            (REDUCTION_P95, trial.reduction_p95_db),
            (REDUCTION_MEAN, trial.reduction_mean_db),
            (DUTY, trial.duty_percent),
            (SHARPNESS, trial.sharpness_loss_percent),
            (PUMPING, trial.pumping_db),
            (TONE, trial.tone_shift_db),
        )
    ]
    return float(max(ratios))


def _stopped(limit: Limit, value: float, intensity: float) -> StoppedBy:
    at = round(limit.at(intensity), 3)
    return StoppedBy(limit.rule, round(value, 3), at, limit.unit, limit.sentence)
