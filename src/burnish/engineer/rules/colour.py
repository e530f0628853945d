"""Colour: only when it is asked for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.saturation import Saturation
from burnish.targets import Target

MOST_DRIVE_DB = 9.0


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Tube-like saturation as strong as the warmth that was asked for, set by the mix's own level.

    The drive brings the loudest 3 s to the same place on the curve whatever the mix's gain.
    """
    if wishes.warmth == 0:
        return Advice(notes=("Colour: not asked for; none added.",))
    return Advice(
        (
            Step(
                processor="saturation",
                settings=Saturation(
                    character="tube",
                    drive_db=round(MOST_DRIVE_DB * wishes.warmth, 2),
                    amount=round(wishes.warmth, 3),
                ),
                reason="Warmth was asked for: second harmonics, as a tube gives them.",
                evidence={"warmth": wishes.warmth},
            ),
        )
    )
