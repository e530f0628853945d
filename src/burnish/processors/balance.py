"""Balance: more of one side, at the same loudness."""

import math
from typing import ClassVar

import numpy as np

from burnish.processors.base import Block, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db


class Balance(Processor):
    """Turn one channel up and the other down, by ``balance_db`` against each other.

    Above 0 the sound moves to the right. The power of two channels that are alike, or equally
    loud, stays what it was. On one channel nothing is done.
    """

    name: ClassVar[str] = "balance"

    balance_db: float = setting(
        0.0, low=-12, high=12, unit="dB", help="Right over left; below 0 left over right."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether both channels stay as they are."""
        return self.balance_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """Two gains, without latency."""
        return Identity() if self.is_neutral or channels == 1 else _Balance(self.balance_db)


def gains(balance_db: float) -> tuple[float, float]:
    """Of left and right: their ratio is the balance, the sum of their squares is 2."""
    ratio = gain_from_db(balance_db)
    left = math.sqrt(2.0 / (1.0 + ratio * ratio))
    return left, ratio * left


class _Balance(Runner):
    def __init__(self, balance_db: float) -> None:
        self.gains = np.array(gains(balance_db))[:, None]

    def process(self, block: Block) -> Block:
        return np.asarray(block * self.gains)


EXAMPLE = Balance(balance_db=1.5)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a little to the right")
