"""Width: only what is outside what nine in ten records of the style have is moved."""

import math

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.width import Width
from burnish.targets import Target
from burnish.units import gain_from_db

LEAST_DB, MOST_DB = -3.0, 2.0  # of the side: more changes the mix, not the master
NEAR_MONO_DB = -25.0  # a mix this narrow was meant to be, and its side is mostly noise
SMALLEST_DB = 0.3


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A little more or less side, times what was asked; nothing on mono."""
    side_db = measured.stereo.side_to_mid_db
    if side_db == math.inf:
        return Advice(notes=("Width: the channels are opposite, there is no middle; left alone.",))
    if side_db is None or side_db == -math.inf:
        return Advice(notes=("Width: the mix is mono; left alone.",))
    change_db, notes = _change(side_db, target, wishes)
    width = min(2.0, round(gain_from_db(change_db) * wishes.width, 3))
    if width == 1.0:
        return Advice(notes=notes)
    asked = f" {wishes.width:g} times as wide was asked for." if wishes.width != 1.0 else ""
    own = (
        f"The mix is {'narrower' if change_db > 0 else 'wider'} than nine in ten "
        f"{target.style} records."
        if change_db
        else ""
    )
    return Advice(
        (
            Step(
                processor="width",
                settings=Width(low_width=width, mid_width=width, high_width=width),
                reason=(own + asked).strip(),
                evidence={
                    "side_to_mid_db": round(side_db, 1),
                    "nine_in_ten_from_db": target.stereo.q10_db,
                    "nine_in_ten_to_db": target.stereo.q90_db,
                    "asked_width": wishes.width,
                    "source": target.stereo.source,
                },
            ),
        )
    )


def _change(side_db: float, target: Target, wishes: Wishes) -> tuple[float, tuple[str, ...]]:
    if side_db < NEAR_MONO_DB:
        return 0.0, ("Width: nearly mono, as it was mixed; left alone.",)
    if target.stereo.q10_db <= side_db <= target.stereo.q90_db:
        return 0.0, (f"Width: within what {target.style} has; left alone.",)
    if wishes.intensity == 0:
        return 0.0, ("Width: untouched at intensity 0; left alone.",)
    edge_db = target.stereo.q10_db if side_db < target.stereo.q10_db else target.stereo.q90_db
    change_db = min(MOST_DB, max(LEAST_DB, (edge_db - side_db) * min(1.0, wishes.intensity + 0.2)))
    return (change_db, ()) if abs(change_db) >= SMALLEST_DB else (0.0, ())
