"""Align: one channel delayed by parts of a sample, or turned over, so that both fit again."""

import math
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.fir import OverlapSave
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting

Floats = NDArray[np.float64]

PAIRS = 32
"""Taps on each side of a fractional delay."""

_LEAST_TAPS = 1024  # zeros behind the taps: longer blocks cost less than many short ones
_BETA = 8.0  # Kaiser: ripple of -80 dB


class Align(Processor):
    """Delay one channel against the other, and mend a channel whose polarity is inverted.

    A positive delay is the right channel's, a negative one the left's; the other stays as it is,
    bit for bit. Whole samples are shifted exactly, parts of one by a windowed sinc: up to 0.8 of
    half the rate the delay is right within 0.001 of a sample, the gain within 0.001 dB. What the
    delayed channel has at its very end falls out: the stream keeps its length. On one channel
    nothing is done.
    """

    name: ClassVar[str] = "align"

    delay_ms: float = setting(
        0.0, low=-20, high=20, unit="ms", help="Delay of the right channel; below 0 of the left."
    )
    invert: Literal["none", "left", "right"] = setting("none", help="Channel that is turned over.")

    @property
    def is_neutral(self) -> bool:
        """Whether both channels stay as they are."""
        return self.delay_ms == 0.0 and self.invert == "none"

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A delay and a change of sign; it costs next to nothing."""
        if self.is_neutral or channels == 1:
            return Identity()
        delay = abs(self.delay_ms) * 1e-3 * rate_hz
        signs = np.array([-1.0 if self.invert == side else 1.0 for side in ("left", "right")])
        late = 1 if self.delay_ms > 0 else 0
        if delay == math.floor(delay):
            shifts = (0, int(delay)) if late else (int(delay), 0)
            return _Whole(shifts, signs)
        return _Parts(delay, late, signs)


def fractional_delay(delay_samples: float) -> Floats:
    """Taps that delay by so many samples, 0 or more, and by ``PAIRS - 1`` more."""
    whole = math.floor(delay_samples)
    distance = np.arange(-PAIRS + 1, PAIRS + 1) - (delay_samples - whole)
    window = np.i0(_BETA * np.sqrt(np.maximum(1.0 - (distance / PAIRS) ** 2, 0.0)))
    taps = np.sinc(distance) * window
    return np.concatenate((np.zeros(whole), taps / taps.sum()))


class _Delay:
    """One channel some whole samples late."""

    def __init__(self, samples: int) -> None:
        self.past = np.zeros(samples)

    def run(self, x: Floats) -> Floats:
        joined = np.concatenate((self.past, x))
        self.past = joined[len(x) :].copy()
        return joined[: len(x)]


class _Whole(Runner):
    """Whole samples: nothing is computed but the sign."""

    def __init__(self, delays: tuple[int, int], signs: Floats) -> None:
        self.delays = [_Delay(samples) for samples in delays]
        self.signs = signs[:, None]

    def process(self, block: Block) -> Block:
        late = [delay.run(x) for delay, x in zip(self.delays, block, strict=True)]
        return np.asarray(np.stack(late) * self.signs)


class _Parts(FixedBlocks):
    """The later channel through the taps; the other waits as long as these look ahead."""

    def __init__(self, delay: float, late: int, signs: Floats) -> None:
        taps = fractional_delay(delay)
        longer = np.zeros((1, max(len(taps), _LEAST_TAPS)))
        longer[0, : len(taps)] = taps
        self.filter = OverlapSave(longer)
        self.waiting = _Delay(PAIRS - 1)
        self.late, self.signs = late, signs[:, None]
        super().__init__(self.filter.size, 2, PAIRS - 1)

    def run(self, block: Block) -> Block:
        out = np.empty_like(block)
        late, other = self.late, 1 - self.late
        out[late] = self.filter.run(block[late : late + 1])[0]
        out[other] = self.waiting.run(block[other])
        out *= self.signs
        return out


EXAMPLE = Align(delay_ms=0.7, invert="right")

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the right channel inverted, and 0.7 ms late")
