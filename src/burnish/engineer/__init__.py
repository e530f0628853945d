"""The engineer: decides, and never touches a sample. (Measurement, wishes) -> Target -> Plan."""

from burnish.engineer.aim import aim
from burnish.engineer.loudness import Solution, solve
from burnish.engineer.stop import StoppedBy, floor_of
from burnish.engineer.track import advise, limiter_for, limiter_step
from burnish.engineer.trial import Excerpts, Trial
from burnish.engineer.wishes import Wishes

__all__ = [
    "Excerpts",
    "Solution",
    "StoppedBy",
    "Trial",
    "Wishes",
    "advise",
    "aim",
    "floor_of",
    "limiter_for",
    "limiter_step",
    "solve",
]
