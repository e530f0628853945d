"""Smooth: narrow peaks that ring are held back, only when asked for.

Third octaves, which the measurement has, cannot tell a ringing peak from a played note; so nothing
is done here without being asked.
"""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.resonance import Resonance
from burnish.targets import Target

DEPTH = (0.25, 0.7)  # asked for a little, and in full
THRESHOLD_DB = (6.0, 4.0)
MOST_DB = (2.0, 6.0)


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A resonance suppressor as strong as was asked for."""
    if wishes.smooth == 0:
        return Advice()

    def between(ends: tuple[float, float]) -> float:
        return round(ends[0] + wishes.smooth * (ends[1] - ends[0]), 3)

    return Advice(
        (
            Step(
                processor="resonance",
                settings=Resonance(
                    depth=between(DEPTH),
                    threshold_db=between(THRESHOLD_DB),
                    most_db=between(MOST_DB),
                ),
                reason="Smoother was asked for: narrow peaks that stand out are held back.",
                evidence={"smooth": wishes.smooth},
            ),
        )
    )
