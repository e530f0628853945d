"""Decrackle: lowers the many small ticks of a worn record's surface."""

from typing import ClassVar

from burnish.dsp.clicks import Mender, Wanted
from burnish.processors.base import Identity, Processor, Runner
from burnish.processors.repair.declick import Mending
from burnish.settings import setting

LONGEST_MS = 1.0  # of a tick; what is longer is a click


class Decrackle(Processor):
    """Lower crackle: ticks too small and too many for ``declick``; 0 leaves the sound as it is.

    Each tick is moved towards what the music around it foretells, the farther the more it stands
    out. Samples between the ticks keep their bits. For records with crackle ``auto`` uses 0.5, for
    all else nothing. It comes after ``declick``; near 1 very fine transients soften.
    """

    name: ClassVar[str] = "decrackle"

    amount: float = setting(0.0, low=0, high=1, help="How small a tick is taken down; 0 none.")

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is looked for."""
        return self.amount == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that looks ahead about 60 ms."""
        if self.is_neutral:
            return Identity()
        wanted = Wanted.crackle(self.amount)
        return Mending([Mender(rate_hz, wanted, LONGEST_MS) for _ in range(channels)])


EXAMPLE = Decrackle(amount=0.7)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the surface of a record")
