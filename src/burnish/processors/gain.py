"""Gain: louder or softer, nothing else."""

from typing import ClassVar

from burnish.processors.base import Block, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db


class Gain(Processor):
    """Make the sound louder or softer by a fixed amount, all channels alike."""

    name: ClassVar[str] = "gain"

    gain_db: float = setting(
        0.0, low=-60, high=40, unit="dB", help="How much louder (positive) or softer (negative)."
    )

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that multiplies every sample by one number."""
        return Identity() if self.is_neutral else _Gain(gain_from_db(self.gain_db))


class _Gain(Runner):
    def __init__(self, gain: float) -> None:
        self.gain = gain

    def process(self, block: Block) -> Block:
        return block * self.gain


EXAMPLE = Gain(gain_db=3.0)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "Three decibels louder.")
