"""Tube: a triode stage whose bias follows what it has just played.

``saturation`` has a tube curve too: memoryless, with a third harmonic 40 dB below the second. This
is a whole stage. Both harmonics are there, and the bias moves: loud sound charges the coupling
capacitor, so the second harmonic grows faster than the curve alone would have it, stays above the
third up to the limit, and lasts a little after the loud part.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.processors.base import Block, Identity, Runner
from burnish.processors.beside import Beside, Colour
from burnish.processors.saturation import NOMINAL_DBFS, no_dc
from burnish.settings import setting
from burnish.units import gain_from_db, one_pole

Floats = NDArray[np.float64]

_DRIVE = 0.08  # of a nominal tone on the curve: a third harmonic of 0.08 %, -62 dB
_BIAS = 0.02  # of the curve, at rest
_FOLLOW = 0.26  # of the mean magnitude on the curve: added to the bias
# With a nominal tone the bias is then 0.033: a second harmonic of 0.2 %, -54 dB.

_NOTHING = 1e-30


class Tube(Colour):
    """Add even and odd harmonics as a triode does, warmer the longer it is loud.

    A tone of -18 dBFS gets the second harmonic at -54 dB and the third at -62 dB at 0 dB of drive.
    Each dB of drive or of level brings up to 1.5 dB of the second and 2 dB of the third; the second
    stays above. ``memory_ms`` is how long the bias takes to follow the loudness. The loudness of
    music around -18 dBFS RMS stays as it was, and there is no direct current. The curve is
    u / sqrt(1 + u^2), which has the shape of tanh and the same bits on every machine. The harmonics
    follow published figures for mastering stages; the memory is opinion.
    """

    name: ClassVar[str] = "tube"

    drive_db: float = setting(
        0.0, low=-12, high=24, unit="dB", help="How hard the stage is driven; the level is held."
    )
    memory_ms: float = setting(
        80.0, low=10, high=1000, unit="ms", scale="log", help="How long the bias takes to follow."
    )

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A stage for each channel; it works at four times the rate, at twice from 88.2 kHz on."""
        return Identity() if self.is_neutral else _Tube(self, rate_hz, channels)


@dataclass(frozen=True)
class Stage:
    """The curve around its resting bias, and how much of the mean magnitude the bias gains."""

    gain: float
    bias: float = _BIAS
    follow: float = _FOLLOW

    def added(self, samples: Floats, shift: float) -> Floats:
        """What the curve adds while the bias is shifted by so much; its middle is taken off."""
        bias = self.bias + shift
        u = self.gain * samples + bias
        middle = bias / math.sqrt(1.0 + bias * bias)
        return np.asarray(_scale(self) * (u / np.sqrt(1.0 + u * u) - middle) - samples)


def design(drive_db: float) -> Stage:
    """The stage at this drive. See ``saturation.design`` for the harmonics of the curve."""
    return Stage(_DRIVE / gain_from_db(NOMINAL_DBFS) * gain_from_db(drive_db))


def _scale(stage: Stage) -> float:
    return math.pow(1.0 + stage.bias * stage.bias, 1.5) / stage.gain  # slope 1 at rest


def makeup(stage: Stage, amount: float) -> float:
    """The gain that holds the RMS of normal noise at the nominal level, once the bias is there."""
    deviation = gain_from_db(NOMINAL_DBFS)
    x = np.linspace(-6.0, 6.0, 481)
    weight = np.exp(-0.5 * x * x)
    weight /= weight.sum()
    y = x * deviation
    shift = stage.follow * stage.gain * float(weight @ np.abs(y))
    y = y + amount * stage.added(y, shift)
    mean = float(weight @ y)
    return deviation / math.sqrt(float(weight @ (y - mean) ** 2))


class _Tube(Beside):
    def __init__(self, settings: Tube, rate_hz: int, channels: int) -> None:
        super().__init__(rate_hz, channels)
        self.stage = design(settings.drive_db)
        self.memory = one_pole(settings.memory_ms, self.factor * rate_hz)
        self.shift = np.zeros((channels, 1))
        self.no_dc = no_dc(rate_hz, channels)
        self.dry = makeup(self.stage, settings.amount)
        self.wet = self.dry * settings.amount

    def change(self, samples: Block) -> Block:
        out = np.empty_like(samples)
        stage, scale = self.stage, _scale(self.stage)
        for x, y, shift in zip(samples, out, self.shift, strict=True):
            _play(x, y, shift, stage.gain, stage.bias, stage.follow, self.memory, scale)
        return out

    def joined(self, sound: Block, change: Block) -> Block:
        return self.dry * sound + self.wet * self.no_dc.process(change)


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _play(x, y, state, gain, bias, follow, memory, scale):  # type: ignore[no-untyped-def]
    shift = state[0]
    for i in range(len(x)):
        v = gain * x[i]
        goal = follow * abs(v)
        shift = goal + memory * (shift - goal)
        if shift < _NOTHING:
            shift = 0.0
        b = bias + shift
        u = v + b
        y[i] = scale * (u / np.sqrt(1.0 + u * u) - b / np.sqrt(1.0 + b * b)) - x[i]
    state[0] = shift


EXAMPLE = Tube(drive_db=9, amount=1)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a triode driven well above what a master needs")
