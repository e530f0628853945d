"""Declick: takes clicks and pops out of a recording and leaves every other sample as it is."""

from typing import ClassVar

from burnish.processors.base import Processor
from burnish.settings import setting


class Declick(Processor):
    """Replace clicks by what the music around them foretells; the other samples keep their bits.

    A click is what neither its past nor its future explains, and what is gone as soon as it came:
    a drum stroke, a plucked string or the edge of a synthesizer's wave is not. At 0.5, which is
    what ``auto`` uses, undamaged music is left alone; more finds softer clicks and risks a stroke
    now and then; at 0 nothing is done. Each channel is mended alone.
    """

    name: ClassVar[str] = "declick"

    sensitivity: float = setting(
        0.0, low=0, high=1, help="How soft a click is found: 0 none, 0.5 safe, 1 all and more."
    )
    longest_ms: float = setting(
        4.0, low=0.1, high=20, unit="ms", scale="log", help="Longest click that is mended."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is looked for."""
        return self.sensitivity == 0.0
