"""The engineer: decides, and never touches a sample.

    mix -> intake -> Measurement, Examination
    style, references, deliveries, wishes -> aim -> Target
    both -> repair, then track: rules/ and match/ in their order -> steps before the limiter
         -> loudness: how hard to drive the path, solved on trial renders -> Plan

``session.py`` drafts the plan of one track by all of these. ``album/`` leads the tracks of an album
toward each other, ``stems/`` moves single stems, ``vinyl.py`` makes premasters, ``sketch.py``
changes a plan that stands, at once.
"""

from burnish.engineer.aim import aim
from burnish.engineer.intake import Mix, Taken, opened, take_in
from burnish.engineer.session import Draft, corrected, draft, proved, proved_behind
from burnish.engineer.wishes import Wishes
from burnish.measure.listen import Listener

__all__ = [
    "Draft",
    "Listener",
    "Mix",
    "Taken",
    "Wishes",
    "aim",
    "corrected",
    "draft",
    "opened",
    "proved",
    "proved_behind",
    "take_in",
]
