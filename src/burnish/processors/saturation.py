"""Saturation: a little of what tape, tubes and soft clipping add, without what folds down.

Only what the curve *changes* is made at four times the rate and brought back; the sound itself
passes beside it untouched, and the change is added in the wished amount.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade, response
from burnish.processors.base import Block, Identity, Runner
from burnish.processors.beside import Beside, Colour
from burnish.settings import setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

NOMINAL_DBFS = -18.0
"""The level at which the harmonics are stated and the loudness is held: alignment, EBU R 68."""

_HARMONIC = {"soft": 0.001, "tape": 0.001, "tube": 0.002}
# The leading harmonic (H3, H3, H2) of a nominal tone at drive 0 dB. Mastering colour is 0.05 to
# 0.3 %, H2 at -50 to -60 dB and H3 at -55 to -65 dB.

_TUBE_BIAS = 0.25  # of the curve's knee; at 0.5 the third harmonic would vanish altogether
_EMPHASIS_HZ = 3183.0  # 50 us, the record emphasis of NAB tape at 15 inches a second
_EMPHASIS_SPAN = 4.0  # the emphasis ends two octaves higher, 12 dB up
_DC_HZ = 5.0  # below it, the shift of the middle line that even harmonics bring is taken out
_SLOPE = 1.5  # power of frequency by which music falls above 100 Hz: 4.6 dB an octave (568 tracks)


class Saturation(Colour):
    """Add harmonics that grow with the loudness, and round the peaks.

    ``soft`` adds odd harmonics, the third first. ``tape`` does so more for the treble, which gets
    softer where it is loud. ``tube`` adds even harmonics, the second far above all others. At 0 dB
    of drive a tone of -18 dBFS gets 0.1 % (tube 0.2 %); each dB more adds 2 dB of the third
    harmonic, 1 dB of the second. The loudness of music around -18 dBFS RMS stays as it was.
    """

    name: ClassVar[str] = "saturation"

    character: Literal["soft", "tape", "tube"] = setting(
        "soft", help="soft: odd harmonics; tape: softer treble too; tube: even harmonics."
    )
    drive_db: float = setting(
        0.0, low=-12, high=24, unit="dB", help="How hard the curve is driven; the level is held."
    )

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A saturator; it works at four times the rate, at twice from 88.2 kHz on."""
        return Identity() if self.is_neutral else _Saturation(self, rate_hz, channels)


@dataclass(frozen=True)
class Curve:
    """u / sqrt(1 + u^2) around the bias, scaled to slope 1 at 0, where it goes through 0.

    Square root and division give the same bits on every machine, and are fast; tanh is neither.
    """

    gain: float
    bias: float

    def added(self, samples: Floats) -> Floats:
        """What the curve adds to each sample, in a new array of the same shape."""
        out = np.empty_like(samples)
        for x, y in zip(samples, out, strict=True):
            _added(x, y, self.gain, self.bias)
        return out


def design(character: str, drive_db: float) -> Curve:
    """The curve of a character at this drive.

    From the derivatives of u / sqrt(1 + u^2): a tone a has H3 / H1 = (g a)^2 / 8 without bias, and
    H2 / H1 = g a 3 b / (4 (1 + b^2)) with bias b.
    """
    tone = gain_from_db(NOMINAL_DBFS)
    if character == "tube":
        b = _TUBE_BIAS
        gain = _HARMONIC["tube"] * 4.0 * (1.0 + b * b) / (3.0 * b) / tone
    else:
        b = 0.0
        gain = math.sqrt(8.0 * _HARMONIC[character]) / tone
    return Curve(gain * gain_from_db(drive_db), b)


def emphasis(rate_hz: float) -> Floats:
    """The treble lift before the tape curve, as one digital section; its inverse follows it."""
    shelf = matched.Analogue(_EMPHASIS_HZ, (1.0, 1.0, 0.0), (1.0, 1.0 / _EMPHASIS_SPAN, 0.0))
    return matched.sections((shelf,), rate_hz)


def inverse(section: Floats) -> Floats:
    """The section that undoes one of minimum phase."""
    b0, b1, b2, a1, a2 = section[0]
    return np.array([[1.0 / b0, a1 / b0, a2 / b0, b1 / b0, b2 / b0]])


def no_dc(rate_hz: int, channels: int) -> Cascade:
    """Takes out the direct current that even harmonics bring."""
    return Cascade([matched.sections(matched.high_pass(_DC_HZ, 1), rate_hz)] * channels)


def makeup(curve: Curve, amount: float, lift: float) -> float:
    """The gain that holds the RMS of noise at the nominal level, ``lift`` times that at the curve.

    Music's samples are near enough to a normal distribution; the mean is over +-6 deviations.
    """
    deviation = gain_from_db(NOMINAL_DBFS) * lift
    x = np.linspace(-6.0, 6.0, 481)
    weight = np.exp(-0.5 * x * x)
    weight /= weight.sum()
    y = x * deviation
    y = y + amount * curve.added(y[None])[0]
    mean = float(weight @ y)
    return deviation / math.sqrt(float(weight @ (y - mean) ** 2))


def _lift(section: Floats, rate_hz: float) -> float:
    """How much louder music is at the curve through the emphasis, as a ratio of RMS."""
    frequencies_hz = np.geomspace(30.0, 20_000.0, 400)
    power = frequencies_hz * np.maximum(frequencies_hz, 100.0) ** -_SLOPE  # per octave
    gain = np.abs(response(section, frequencies_hz, rate_hz)) ** 2
    return math.sqrt(float(power @ gain / power.sum()))


class _Saturation(Beside):
    def __init__(self, settings: Saturation, rate_hz: int, channels: int) -> None:
        super().__init__(rate_hz, channels)
        self.curve = design(settings.character, settings.drive_db)
        self.emphasis = self.deemphasis = self.no_dc = None
        lift = 1.0
        if settings.character == "tape":
            section = emphasis(self.factor * rate_hz)
            self.emphasis = Cascade([section] * channels)
            self.deemphasis = Cascade([inverse(section)] * channels)
            lift = _lift(section, self.factor * rate_hz)
        if settings.character == "tube":
            self.no_dc = no_dc(rate_hz, channels)
        self.dry = makeup(self.curve, settings.amount, lift)
        self.wet = self.dry * settings.amount

    def change(self, samples: Block) -> Block:
        if self.emphasis and self.deemphasis:
            return self.deemphasis.process(self.curve.added(self.emphasis.process(samples)))
        return self.curve.added(samples)

    def joined(self, sound: Block, change: Block) -> Block:
        if self.no_dc:
            change = self.no_dc.process(change)
        return self.dry * sound + self.wet * change


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _added(x, y, gain, bias):  # type: ignore[no-untyped-def]
    root = np.sqrt(1.0 + bias * bias)
    scale = root * root * root / gain
    middle = bias / root
    for i in range(len(x)):
        u = gain * x[i] + bias
        y[i] = scale * (u / np.sqrt(1.0 + u * u) - middle) - x[i]


EXAMPLE = Saturation(character="tape", drive_db=9, amount=1)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "tape driven well above what a master needs")
