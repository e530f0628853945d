"""The match: from the portrait of a mix and of what it shall be like, to moves with reasons.

references -> portraits, merged -> Wanted
(Measurement, Wanted) -> tone and width: one curve for the middle, one for the side
                      -> dynamics: how much the loudness swings
loudness and peaks are the target's (``aim.py``)
"""

from burnish.engineer.match.advice import advise
from burnish.engineer.match.aspects import Aspects, aspects
from burnish.engineer.match.dynamics import expected_plr_db
from burnish.engineer.match.references import Reference, References, Wanted, wanted

__all__ = [
    "Aspects",
    "Reference",
    "References",
    "Wanted",
    "advise",
    "aspects",
    "expected_plr_db",
    "wanted",
]
