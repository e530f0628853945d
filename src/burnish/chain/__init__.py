"""The chain: a plan of steps, and the renderer that plays it.

plan.py                       Plan, Step, Stem: data
recall.py, sheet.py           a plan as a sheet that a person reads and edits, and back
render.py                     plays a plan in blocks, every step in time with the sound
ahead.py, spool.py            a stage in a thread of its own; sound that was played once, kept
stems.py, stem_sheet.py       stems as one source; how they are named
layout.py, sequence.py        an album as one source, and where each song lies in it
album_sheet.py, album_folder.py    a release as album.yaml, and a first one of a folder
outside.py                    the steps that are played through hardware
progress.py, work.py          how far it is; what the steps of dynamics took away
"""

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
