"""The engineer: decides, and never touches a sample. (Measurement, wishes) -> Target -> Plan."""

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
