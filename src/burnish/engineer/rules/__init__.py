"""The rules, one file each: (Measurement, Target, Wishes) -> Advice. Listed in the order of work.

Correct first, sweeten second; loudness comes last and is solved on trial renders (``loudness.py``).
A rule that finds its figures within the target's tolerance advises nothing, and says so.
"""

from burnish.engineer.rules import colour, dynamics, low_end, rumble, tone, wanted_tone, width
from burnish.engineer.rules.advice import Advice, Rule

RULES: tuple[Rule, ...] = (
    rumble.advise,
    tone.advise,
    wanted_tone.advise,
    dynamics.advise,
    low_end.advise,
    width.advise,
    colour.advise,
)

__all__ = ["RULES", "Advice", "Rule"]
