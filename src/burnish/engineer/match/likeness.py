"""How alike a mix and what it shall be like are: another kind of music pulls less."""

import math
from dataclasses import dataclass

import numpy as np

from burnish.engineer.match.curve import less
from burnish.engineer.match.references import Wanted
from burnish.targets import Portrait

TONE_DB, SWING, RANGE_LU = 4.5, 0.5, 5.0
# How far two songs of one style lie apart, standard deviations: a third octave of the tone, the
# logarithm of the swing, the loudness range (after the quartiles of the styles; opinion).
FAR, LEAST_PULL = 1.5, 0.5
PULL_LOST = 0.35  # for each further standard deviation
LEAST_LESS = 0.03


@dataclass(frozen=True)
class Likeness:
    """The distance in standard deviations of one style, and how much of the match is made."""

    distance: float
    pull: float
    notes: tuple[str, ...]


def likeness(mix: Portrait, wanted: Wanted) -> Likeness:
    """Root mean square of the distances that are known, each in its own spread."""
    aim = wanted.portrait
    apart: dict[str, float] = {}
    tone = [d for d in less(aim.loud.mid_db, mix.loud.mid_db) if d is not None]
    if len(tone) > 5:
        apart["tone"] = float(np.std(tone)) / TONE_DB
    if mix.swing_db and aim.swing_db:
        apart["swing"] = abs(math.log(mix.swing_db / aim.swing_db)) / SWING
    if mix.range_lu is not None and aim.range_lu is not None:
        apart["loudness range"] = abs(mix.range_lu - aim.range_lu) / RANGE_LU
    distance = math.sqrt(sum(d * d for d in apart.values()) / len(apart)) if apart else 0.0
    pull = min(1.0, max(LEAST_PULL, 1.0 - PULL_LOST * (distance - FAR)))
    if pull > 1.0 - LEAST_LESS:
        return Likeness(distance, 1.0, ())
    most = max(apart, key=lambda name: apart[name])
    note = (
        f"Match: {wanted.name} is another kind of music ({distance:.1f} standard deviations away, "
        f"most in its {most}); it pulls at {100 * pull:.0f} %."
    )
    return Likeness(distance, pull, (note,))
