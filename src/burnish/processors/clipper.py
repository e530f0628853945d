"""Clipper: cuts the tops off, so that the limiter behind it has less to hold.

A limiter turns the whole sound down around a peak; a clipper changes nothing but the peak itself.
For what is shorter than a few milliseconds, drum hits above all, that is heard less. It runs at
eight times the rate with antiderivative anti-aliasing (``dsp.clip``), so what it adds are harmonics
and not what folds down. Brought back to the rate of the mix, and between its samples, a clipped
wave swings over the ceiling again, by up to 2 dB: a limiter must follow, and a plan without
one is refused.
"""

from typing import ClassVar

import numpy as np

from burnish.dsp.clip import REACH, taken_off
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db

OFF_DBFS = 24.0
_SIZE = 4096  # samples worked on at once


class Clipper(Processor):
    """Cut what is over the ceiling, each channel for itself.

    What stays under the knee, between the samples too, keeps its bits. The knee begins
    ``knee_db`` under the ceiling and ends as far over it, in gain: at 0 the curve has a corner and
    is the loudest; wider, it sets in earlier and its harmonics fall faster. At a ceiling of 24 dBFS
    nothing is clipped. For music 1 to 3 dB off the highest drum hits stay unheard (opinion).
    """

    name: ClassVar[str] = "clipper"

    input_gain_db: float = setting(
        0.0, low=-24, high=24, unit="dB", help="Gain before the ceiling: how hard it is driven."
    )
    ceiling_dbfs: float = setting(
        OFF_DBFS, low=-60, high=OFF_DBFS, unit="dBFS", help="Where the tops are cut; 24 is off."
    )
    knee_db: float = setting(
        0.0, low=0, high=12, unit="dB", help="How far under the ceiling the curve bends; 0: corner."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is clipped, and there is no gain."""
        return self.ceiling_dbfs == OFF_DBFS and self.input_gain_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A clipper; what it costs depends on how much there is to clip."""
        return Identity() if self.is_neutral else _Clipper(self, channels)


class _Clipper(FixedBlocks):
    def __init__(self, settings: Clipper, channels: int) -> None:
        super().__init__(_SIZE, channels, 2 * REACH)
        self.gain = gain_from_db(settings.input_gain_db)
        ceiling = gain_from_db(settings.ceiling_dbfs)
        self.knee = ceiling * gain_from_db(-settings.knee_db)
        self.top = 2.0 * ceiling - self.knee
        self.off = settings.ceiling_dbfs == OFF_DBFS
        self.x = np.zeros((channels, _SIZE + 2 * REACH))
        self.change = np.zeros((channels, _SIZE + 2 * REACH))

    def run(self, block: Block) -> Block:
        # The newest samples wait at the end of x, as context of those that are worked on.
        for kept in (self.x, self.change):
            kept[:, : 2 * REACH] = kept[:, _SIZE:]
        np.multiply(block, self.gain, out=self.x[:, 2 * REACH :])
        self.change[:, 2 * REACH :] = 0.0
        out = self.x[:, :_SIZE].copy()
        for x, change, y in zip(self.x, self.change, out, strict=True):
            if not self.off:
                taken_off(x, self.knee, self.top, change)
            y += change[:_SIZE]
        return out


EXAMPLE = Clipper(input_gain_db=6, ceiling_dbfs=-3, knee_db=1.5)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the drums cut by some decibels")
