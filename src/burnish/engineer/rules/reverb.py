"""Reverb: a little room, only when asked for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.reverb import Reverb
from burnish.targets import Target

WET_DB = (-34.0, -20.0)  # asked for a little, and in full: in between is what a master bears


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A small room as loud as was asked for."""
    if wishes.reverb == 0:
        return Advice()
    wet_db = WET_DB[0] + wishes.reverb * (WET_DB[1] - WET_DB[0])
    return Advice(
        (
            Step(
                processor="reverb",
                settings=Reverb(wet_db=round(wet_db, 1)),
                reason="A little room was asked for; the mono sum keeps its tone.",
                evidence={"reverb": wishes.reverb},
            ),
        )
    )
