"""Decrackle: lowers the many small ticks of a worn record's surface."""

from typing import ClassVar

from burnish.processors.base import Processor
from burnish.settings import setting


class Decrackle(Processor):
    """Lower crackle: ticks too small and too many for ``declick``; 0 leaves the sound as it is.

    Each tick is moved towards what the music around it foretells, the more the surer it is one.
    Samples between the ticks keep their bits. For records with crackle ``auto`` uses 0.5. Use it
    after ``declick``; at 1 very fine transients may soften.
    """

    name: ClassVar[str] = "decrackle"

    amount: float = setting(
        0.0, low=0, high=1, help="How small a tick is found and how far it is taken down."
    )
