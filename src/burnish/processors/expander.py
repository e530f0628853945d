"""Expander: gives swing back to a mix that was compressed too much.

What stands above the slow average of the music is raised a little more: beats stand out again. It
is the inverse of a slow compressor, without knowing its threshold, and bounded.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import steps
from burnish.dsp.envelope import SlowAverage
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import one_pole

Floats = NDArray[np.float64]

DETECTOR_MS = 10.0  # over which the power is averaged: half a wave of 50 Hz
_DB = np.log(10.0) / 20.0


class Expander(Processor):
    """Raise the loud moments over the slow average, by ``ratio``, at most by ``range_db``.

    The average is that of the power over ``average_s`` while the music is above ``floor_db``, so a
    pause does not lower it, and a whole quiet part comes to be its own average. The gain is up
    before the beat comes (look-ahead of ``attack_ms``). The level is the RMS of the louder channel;
    both move as one. At ratio 1 the sound is untouched.
    """

    name: ClassVar[str] = "expander"

    ratio: float = setting(
        1.0, low=1, high=4, scale="log", help="Output dB for each input dB above the average."
    )
    above_db: float = setting(
        0.0, low=-6, high=12, unit="dB", help="Raised is what stands this far above the average."
    )
    range_db: float = setting(3.0, low=0, high=12, unit="dB", help="Most that is ever raised.")
    average_s: float = setting(
        3.0, low=0.3, high=30, unit="s", scale="log", help="Time of the slow average (63 %)."
    )
    attack_ms: float = setting(
        5.0, low=0.5, high=50, unit="ms", scale="log", help="Time to be up before the beat."
    )
    release_ms: float = setting(
        120.0, low=10, high=1000, unit="ms", scale="log", help="Time to come down again (63 %)."
    )
    floor_db: float = setting(
        -60.0, low=-100, high=-10, unit="dB", help="RMS below which nothing is heard or raised."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is raised."""
        return self.ratio == 1.0 or self.range_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner whose latency is its block of control steps and the look-ahead."""
        return Identity() if self.is_neutral else _Expander(self, rate_hz, channels)


def lift_db(settings: Expander, level_db: Floats, average_db: Floats) -> Floats:
    """The static curve: gain in dB, 0 to the range, for each level and average in dB."""
    over = np.maximum(level_db - average_db - settings.above_db, 0.0)
    above_floor = np.maximum(level_db - settings.floor_db, 0.0)
    lift = np.minimum((settings.ratio - 1.0) * over, settings.range_db)
    return np.asarray(np.minimum(lift, above_floor))


class _Expander(FixedBlocks):
    def __init__(self, settings: Expander, rate_hz: int, channels: int) -> None:
        self.settings = settings
        self.step = steps.step_samples(rate_hz)
        per_s = rate_hz / self.step
        ahead = max(1, round(1e-3 * settings.attack_ms * per_s))
        width = max(1, round(1e-3 * DETECTOR_MS * per_s))
        latency = (ahead + width - 1) * self.step  # the mean is that of what comes
        super().__init__(self.step * steps.BLOCK_STEPS, channels, latency)
        self.mean = steps.RunningMean((width,))
        self.average = SlowAverage(settings.average_s, per_s)
        self.ahead = steps.LookAhead(ahead, one_pole(settings.release_ms, per_s), rows=1)
        self.delay = steps.Delay(latency, channels)
        self.ramp = steps.Ramp(1)

    def run(self, block: Block) -> Block:
        power = steps.powers(block, self.step).max(axis=0, keepdims=True)
        level_db = steps.level_db(self.mean.process(power))
        average = self.average.process(power[0], level_db[0] > self.settings.floor_db)
        lift = lift_db(self.settings, level_db, steps.level_db(average))
        # The look-ahead moves what is 0 or below: being early is the same upside down.
        lift = -self.ahead.process(-lift)
        out = self.delay.process(block)
        self.ramp.apply(out, np.exp(lift * _DB), self.step)
        return out


EXAMPLE = Expander(ratio=1.6, range_db=4)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "beats stand out again")
