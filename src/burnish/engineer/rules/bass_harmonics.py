"""Bass harmonics: a bass line for small speakers, only when asked for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.bass_harmonics import BassHarmonics
from burnish.targets import Target


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """As many harmonics as were asked for."""
    if wishes.bass_harmonics == 0:
        return Advice()
    return Advice(
        (
            Step(
                processor="bass_harmonics",
                settings=BassHarmonics(amount=round(wishes.bass_harmonics, 3)),
                reason="The bass line on small speakers was asked for: harmonics of it are added.",
                evidence={"bass_harmonics": wishes.bass_harmonics},
            ),
        )
    )
