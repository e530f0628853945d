"""Upward compressor: lifts what is quiet instead of holding what is loud.

What a parallel compressor does to a mix (Katz, "Mastering Audio": detail comes up, peaks stay as
they are), as a gain curve of its own: the compressor's, seen from below the threshold.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import steps
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.processors.compressor import reduction_db
from burnish.settings import setting
from burnish.units import one_pole

Floats = NDArray[np.float64]

DETECTOR_MS = 5.0  # over which the power is averaged: half a wave of 100 Hz
_DB = np.log(10.0) / 20.0


class UpwardCompressor(Processor):
    """Lift what lies below the threshold by the ratio, at most by ``range_db``.

    What is at ``floor_db`` or below is not lifted, and what is just above it by no more than it
    stands above: noise stays where it is. The gain is down again before something loud comes
    (look-ahead of ``attack_ms``), so no transient is ever raised. The level is the RMS of the
    louder channel; both move as one. At ratio 1 the sound is untouched.
    """

    name: ClassVar[str] = "upward_compressor"

    threshold_db: float = setting(
        -30.0, low=-60, high=0, unit="dB", help="RMS below which the sound is lifted."
    )
    ratio: float = setting(
        1.0, low=1, high=10, scale="log", help="Input dB for each output dB below the threshold."
    )
    range_db: float = setting(3.0, low=0, high=12, unit="dB", help="Most that is ever lifted.")
    floor_db: float = setting(
        -65.0, low=-100, high=-20, unit="dB", help="RMS at which nothing is lifted: the noise."
    )
    knee_db: float = setting(
        6.0, low=0, high=24, unit="dB", help="Range over which the ratio sets in; 0 is sudden."
    )
    attack_ms: float = setting(
        2.0, low=0.5, high=50, unit="ms", scale="log", help="Time to be down before a loud sound."
    )
    release_ms: float = setting(
        300.0, low=20, high=3000, unit="ms", scale="log", help="Time to come up after it (63 %)."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is lifted."""
        return self.ratio == 1.0 or self.range_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner whose latency is its block of control steps and the look-ahead."""
        return Identity() if self.is_neutral else _Upward(self, rate_hz, channels)


def lift_db(settings: UpwardCompressor, level_db: Floats) -> Floats:
    """The static curve: gain in dB, 0 to the range, for each level in dB."""
    under = -reduction_db(-level_db, -settings.threshold_db, settings.ratio, settings.knee_db)
    above_floor = np.maximum(level_db - settings.floor_db, 0.0)
    return np.asarray(np.minimum(np.minimum(under, settings.range_db), above_floor))


class _Upward(FixedBlocks):
    def __init__(self, settings: UpwardCompressor, rate_hz: int, channels: int) -> None:
        self.settings = settings
        self.step = steps.step_samples(rate_hz)
        per_ms = 1e-3 * rate_hz / self.step
        ahead = max(1, round(settings.attack_ms * per_ms))
        super().__init__(self.step * steps.BLOCK_STEPS, channels, ahead * self.step)
        self.mean = steps.RunningMean((round(DETECTOR_MS * per_ms),))
        release = one_pole(settings.release_ms, 1e3 * per_ms)
        self.ahead = steps.LookAhead(ahead, release, rows=1, start=-settings.range_db)
        self.delay = steps.Delay(ahead * self.step, channels)
        self.ramp = steps.Ramp(1)

    def run(self, block: Block) -> Block:
        power = steps.powers(block, self.step).max(axis=0, keepdims=True)
        lift = lift_db(self.settings, steps.level_db(self.mean.process(power)))
        # The look-ahead moves reductions: here, of the most that could be lifted.
        change_db = self.ahead.process(lift - self.settings.range_db) + self.settings.range_db
        out = self.delay.process(block)
        self.ramp.apply(out, np.exp(change_db * _DB), self.step)
        return out


EXAMPLE = UpwardCompressor(threshold_db=-10, ratio=2.5, range_db=5, floor_db=-45)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the quiet half comes up, the loud one stays")
