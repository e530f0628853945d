"""Transformer: an iron core that saturates in the bass, and barely in the middle.

The flux in the core is the integral of the voltage, so at the same voltage it doubles with every
octave down. What saturates is the flux. The curve of ``saturation`` therefore stands between an
integrator and its exact inverse, and what it adds are odd harmonics of the bass.
"""

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade
from burnish.processors.base import Block, Identity, Runner
from burnish.processors.beside import Beside, Colour
from burnish.processors.saturation import NOMINAL_DBFS, Curve, inverse
from burnish.settings import setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

_FLUX_HZ = 15.0  # below it the source's resistance holds the flux: no more of it further down
_TOP_HZ = 20_000.0  # where the integrator ends, so that its inverse does too
_TOLD_HZ = 30.0  # where the third harmonic of a nominal tone is stated ...
_TOLD = 0.003  # ... as 0.3 %, -50 dB
_RESONANCE_Q = 0.9  # of leakage inductance and winding capacitance, with a sensible load
_LEAST_HZ = 2.0  # below it the primary's inductance shorts the source


class Transformer(Colour):
    """Thicken loud bass with odd harmonics; leave the middle clean, and soften the far top.

    At 0 dB of drive a tone of -18 dBFS gets a third harmonic of 0.3 % at 30 Hz, 0.04 % at 100 Hz
    and less than 0.001 % at 1 kHz: 12 dB less for each octave up, 2 dB more for each dB of drive.
    Around ``resonance_hz`` the top rises by some tenths of a dB and then falls by 12 dB per octave;
    direct current does not pass. No hysteresis: the iron is of the good sort. That distortion falls
    with frequency is the law of induction; the amounts are opinion.
    """

    name: ClassVar[str] = "transformer"

    drive_db: float = setting(
        0.0, low=-12, high=24, unit="dB", help="How near the core is to its limit."
    )
    resonance_hz: float = setting(
        45_000.0, low=15_000, high=90_000, unit="Hz", scale="log", help="Where the top ends."
    )

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A core for each channel; it works at four times the rate, at twice from 88.2 kHz on."""
        return Identity() if self.is_neutral else _Transformer(self, rate_hz, channels)


def flux() -> matched.Analogue:
    """From voltage to flux: 1 far below ``_FLUX_HZ``, an integrator above it, up to ``_TOP_HZ``."""
    return matched.Analogue(_FLUX_HZ, (1.0, _FLUX_HZ / _TOP_HZ, 0.0), (1.0, 1.0, 0.0))


def design(drive_db: float) -> Curve:
    """The curve of the core, so that a nominal tone of 30 Hz gets the third harmonic stated.

    H3 / H1 at the output is (g a E1)^2 / 8 times E1 / E3, E1 and E3 being the flux of tone and
    harmonic at the same voltage.
    """
    at_db = flux().gain_db(np.array((_TOLD_HZ, 3.0 * _TOLD_HZ)))
    e1, e3 = gain_from_db(float(at_db[0])), gain_from_db(float(at_db[1]))
    tone = gain_from_db(NOMINAL_DBFS)
    gain = math.sqrt(8.0 * _TOLD * e3 / e1) / (e1 * tone)
    return Curve(gain * gain_from_db(drive_db), 0.0)


def ends(resonance_hz: float) -> tuple[matched.Analogue, ...]:
    """What the windings do to quiet sound: a high-pass far down, a resonance far up."""
    top = matched.Analogue(resonance_hz, (1.0, 0.0, 0.0), (1.0, 1.0 / _RESONANCE_Q, 1.0))
    return (*matched.high_pass(_LEAST_HZ, 1), top)


class _Transformer(Beside):
    def __init__(self, settings: Transformer, rate_hz: int, channels: int) -> None:
        super().__init__(rate_hz, channels)
        section = matched.sections((flux(),), self.factor * rate_hz)
        self.flux = Cascade([section] * channels)
        self.voltage = Cascade([inverse(section)] * channels)
        self.curve = design(settings.drive_db)
        self.ends = Cascade([matched.sections(ends(settings.resonance_hz), rate_hz)] * channels)
        self.amount = settings.amount

    def change(self, samples: Block) -> Block:
        return self.voltage.process(self.curve.added(self.flux.process(samples)))

    def joined(self, sound: Block, change: Block) -> Block:
        return sound + self.amount * (self.ends.process(sound + change) - sound)


EXAMPLE = Transformer(drive_db=9, amount=1)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a core driven well above what a master needs")
