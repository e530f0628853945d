"""Declick: takes clicks and pops out of a recording and leaves every other sample as it is.

The looking and mending is ``dsp.clicks``; here it becomes a stage of a chain, a mender a channel.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from burnish.dsp.clicks import Mender, Wanted
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting


class Declick(Processor):
    """Replace clicks by what the music around them foretells; the other samples keep their bits.

    A click is what neither its past nor its future explains, and what is gone as soon as it came: a
    drum stroke, a plucked string or the edge of a synthesizer's wave is not. At 0.5 undamaged music
    is left alone, but for some hard onsets of synthesizers; more finds softer clicks and risks a
    stroke now and then; at 0 nothing is done. Where clicks were found ``auto`` uses 0.65, and 0.8
    for clicks all along over hiss, as from a record. Each channel is mended alone.
    """

    name: ClassVar[str] = "declick"

    sensitivity: float = setting(
        0.0, low=0, high=1, help="How soft a click is found: 0 none, 0.5 careful, 1 all and more."
    )
    longest_ms: float = setting(
        4.0, low=0.1, high=20, unit="ms", scale="log", help="Longest click that is mended."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is looked for."""
        return self.sensitivity == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that looks ahead about 70 ms."""
        if self.is_neutral:
            return Identity()
        wanted = Wanted.of(self.sensitivity)
        return Mending([Mender(rate_hz, wanted, self.longest_ms) for _ in range(channels)])


class Mending(FixedBlocks):
    """Each channel through its own mender."""

    def __init__(self, menders: Sequence[Mender]) -> None:
        super().__init__(menders[0].size, len(menders), menders[0].latency)
        self.menders = menders

    def run(self, block: Block) -> Block:
        """Mend the next block."""
        return np.stack([m.process(x) for m, x in zip(self.menders, block, strict=True)])


EXAMPLE = Declick(sensitivity=0.8)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the clicks of a record")
