"""Colour: only when it is asked for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.saturation import NOMINAL_DBFS, Saturation
from burnish.targets import Target

MOST_DRIVE_DB = 9.0  # for a mix at the nominal level: 0.56 % of the second harmonic
_DRIVE_RANGE_DB = (-12.0, 24.0)  # what the saturation takes


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Tube-like saturation as strong as the warmth that was asked for, set by the mix's own level.

    The drive brings the loudest 3 s to the same place on the curve whatever the mix's gain.
    """
    if wishes.warmth == 0:
        return Advice(notes=("Colour: not asked for; none added.",))
    loudness = measured.loudness
    short_lufs, moment_lufs = loudness.max_short_term_lufs, loudness.max_momentary_lufs
    loud_lufs = moment_lufs if short_lufs is None else short_lufs
    if loud_lufs is None:
        return Advice(notes=("Colour: too short to be measured; none added.",))
    low_db, high_db = _DRIVE_RANGE_DB
    drive_db = MOST_DRIVE_DB * wishes.warmth + NOMINAL_DBFS - loud_lufs
    return Advice(
        (
            Step(
                processor="saturation",
                settings=Saturation(
                    character="tube",
                    drive_db=round(min(high_db, max(low_db, drive_db)), 2),
                    amount=round(wishes.warmth, 3),
                ),
                reason="Warmth was asked for: second harmonics, as a tube gives them.",
                evidence={"warmth": wishes.warmth, "loudest_3_s_lufs": round(loud_lufs, 1)},
            ),
        )
    )
