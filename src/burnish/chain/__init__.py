"""The chain: a plan of steps, and the renderer that plays it."""

from burnish.chain.ahead import ahead
from burnish.chain.plan import Evidence, InputNote, Plan, Role, Stem, Step
from burnish.chain.progress import Progress, Teller, Told
from burnish.chain.render import play, render, side_by_side

__all__ = [
    "Evidence",
    "InputNote",
    "Plan",
    "Progress",
    "Role",
    "Stem",
    "Step",
    "Teller",
    "Told",
    "ahead",
    "play",
    "render",
    "side_by_side",
]
