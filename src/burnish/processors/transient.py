"""Transient shaper: more or less attack, more or less sustain, at any level.

The power is followed twice, fast and slowly. At an onset the fast one stands above the slow one; in
a decay one that falls slowly stands above one that falls fast. How far apart they are, not how
loud the sound is, sets the gain, so that a soft stroke is shaped as a hard one is.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import steps
from burnish.dsp.envelope import Follower
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import power_from_db

Floats = NDArray[np.float64]

AHEAD_MS = 2.0  # the gain is there before the onset
FALL_MS = 60.0  # of both followers of the attack: longer than half a wave of any bass
SUSTAIN_FALL_MS = 30.0  # of the fast follower of the sustain
DEAD_DB = 3.0  # followers this near belong to a steady sound: the swing of a wave is as much
SPAN_DB = 9.0  # over which the gain comes to its whole
_ENDS_EARLY = np.array([[0.0], [1.0]])  # an onset begins early, a decay ends early
_DB = np.log(10.0) / 20.0


class Transient(Processor):
    """Raise or lower onsets by up to ``attack_db``, what follows them by up to ``sustain_db``.

    The gains are bounded by these two, and reached where an onset or a decay is steep. Steady sound
    is left alone. ``attack_ms`` is how long an onset is taken to last, ``sustain_ms`` how long a
    decay. The power is that of the louder channel; both move as one. At 0 dB and 0 dB all is as it
    was.
    """

    name: ClassVar[str] = "transient"

    attack_db: float = setting(0.0, low=-12, high=12, unit="dB", help="Gain of onsets.")
    sustain_db: float = setting(0.0, low=-12, high=12, unit="dB", help="Gain of what follows.")
    attack_ms: float = setting(
        25.0, low=5, high=100, unit="ms", scale="log", help="How long an onset lasts."
    )
    sustain_ms: float = setting(
        250.0, low=60, high=1000, unit="ms", scale="log", help="How long a decay lasts."
    )

    floor_db: float = setting(
        -70.0, low=-120, high=-10, unit="dB", help="RMS at which nothing is shaped: the noise."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether onsets and decays stay as they are."""
        return self.attack_db == 0.0 and self.sustain_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner whose latency is its block of control steps and the look-ahead."""
        return Identity() if self.is_neutral else _Transient(self, rate_hz, channels)


def share(over: Floats, under: Floats, floor: float) -> Floats:
    """How much of an onset or a decay there is, 0 to 1, from the powers of two followers."""
    apart_db = 10.0 * np.log10((over + floor) / (under + floor))
    return np.asarray(np.clip((apart_db - DEAD_DB) / SPAN_DB, 0.0, 1.0))


class Followers:
    """The shares of onset and decay at every step, from the power of a sound."""

    def __init__(self, settings: Transient, steps_per_s: float) -> None:
        self.floor = power_from_db(settings.floor_db)
        self.fast = Follower(0.0, FALL_MS, steps_per_s, 1)
        self.slow = Follower(settings.attack_ms, FALL_MS, steps_per_s, 1)
        self.short = Follower(0.0, SUSTAIN_FALL_MS, steps_per_s, 1)
        self.long = Follower(0.0, settings.sustain_ms, steps_per_s, 1)

    def process(self, power: Floats) -> Floats:
        """Onset and decay, ``(2, n)``, for the next ``(1, n)`` powers."""
        onset = share(self.fast.process(power), self.slow.process(power), self.floor)
        decay = share(self.long.process(power), self.short.process(power), self.floor)
        return np.concatenate((onset, decay))


class _Transient(FixedBlocks):
    def __init__(self, settings: Transient, rate_hz: int, channels: int) -> None:
        self.step = steps.step_samples(rate_hz)
        per_s = rate_hz / self.step
        ahead = max(1, round(1e-3 * AHEAD_MS * per_s))
        super().__init__(self.step * steps.BLOCK_STEPS, channels, ahead * self.step)
        self.gains_db = np.array([[settings.attack_db], [settings.sustain_db]])
        self.followers = Followers(settings, per_s)
        self.ahead = steps.LookAhead(ahead, release=0.0, rows=2, start=-_ENDS_EARLY)
        self.delay = steps.Delay(ahead * self.step, channels)
        self.ramp = steps.Ramp(1)

    def run(self, block: Block) -> Block:
        power = steps.powers(block, self.step).max(axis=0, keepdims=True)
        onset, decay = self.followers.process(power)
        early = self.ahead.process(np.stack((-onset, decay - 1.0)))
        shares = np.abs(early + _ENDS_EARLY)
        gain_db = (self.gains_db * shares).sum(axis=0, keepdims=True)
        out = self.delay.process(block)
        self.ramp.apply(out, np.exp(gain_db * _DB), self.step)
        return out


EXAMPLE = Transient(attack_db=5, sustain_db=-4)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "harder strokes, drier tails")
