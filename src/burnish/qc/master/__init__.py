"""A finished master, looked through: the checks of its sound, by their numbers of delivery.

It may be loud, wide and dark: that is taste. What fails is broken, or not what was asked for.
"""

from burnish.qc.master.asked import Asked, Judged
from burnish.qc.master.judge import CHECKS, judged

__all__ = ["CHECKS", "Asked", "Judged", "judged"]
