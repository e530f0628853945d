"""Low focus: punch against sustain in the bass, only when asked for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.low_end_focus import LowEndFocus
from burnish.targets import Target


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """As much contrast as was asked for."""
    if wishes.low_focus == 0:
        return Advice()
    return Advice(
        (
            Step(
                processor="low_end_focus",
                settings=LowEndFocus(contrast=round(wishes.low_focus, 3)),
                reason=(
                    "More punch in the bass: asked for."
                    if wishes.low_focus > 0
                    else "A more even bass: asked for."
                ),
                evidence={"low_focus": wishes.low_focus},
            ),
        )
    )
