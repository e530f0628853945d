"""Punch: harder or softer strokes, only when asked for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.transient import Transient
from burnish.targets import Target

MOST_DB = 4.0  # of an onset, asked for in full
SUSTAIN = -0.25  # of that for what follows: harder strokes are a little drier
FLOOR_DB = -50.0  # under the RMS of the whole


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A transient shaper as strong as was asked for."""
    if wishes.punch == 0:
        return Advice()
    attack_db = MOST_DB * wishes.punch
    floor_db = measured.dynamics.rms_dbfs + FLOOR_DB
    return Advice(
        (
            Step(
                processor="transient",
                settings=Transient(
                    attack_db=round(attack_db, 2),
                    sustain_db=round(SUSTAIN * attack_db, 2),
                    floor_db=round(max(-120.0, min(-10.0, floor_db)), 1),
                ),
                reason="More punch: asked for." if wishes.punch > 0 else "Softer: asked for.",
                evidence={"punch": wishes.punch},
            ),
        )
    )
