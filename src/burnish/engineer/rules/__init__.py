"""The rules, one file each: (Measurement, Target, Wishes) -> Advice. Listed in the order of work.

Correct first, sweeten second; loudness comes last and is solved on trial renders (``loudness.py``).
A rule that finds its figures within the target's tolerance advises nothing, and says so.
"""

from burnish.engineer.rules import (
    align,
    balance,
    bass_harmonics,
    colour,
    density,
    dynamics,
    glue,
    harshness,
    low_end,
    low_focus,
    punch,
    reverb,
    rumble,
    sibilance,
    smooth,
    sweeten,
    tone,
    uneven_bass,
    wanted_tone,
    width,
)
from burnish.engineer.rules.advice import Advice, Rule

RULES: tuple[Rule, ...] = (
    align.advise,
    balance.advise,
    rumble.advise,
    tone.advise,
    wanted_tone.advise,
    sweeten.advise,
    harshness.advise,
    sibilance.advise,
    smooth.advise,
    uneven_bass.advise,
    dynamics.advise,
    glue.advise,
    density.advise,
    punch.advise,
    low_focus.advise,
    bass_harmonics.advise,
    low_end.advise,
    width.advise,
    colour.advise,
    reverb.advise,
)

__all__ = ["RULES", "Advice", "Rule"]
