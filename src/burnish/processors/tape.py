"""Tape: hysteresis of the particles, and what the heads make of the ends of the range.

The magnetisation follows the field as Jiles and Atherton have it ("Theory of Ferromagnetic
Hysteresis", J. Magn. Magn. Mater. 61, 1986), used for tape by Chowdhury ("Real-Time Physical
Modelling for Analog Tape Machines", DAFx-19): part of it follows Langevin's curve at once, the rest
is held back by walls. It is integrated over the field and not over time, for the model knows no
rate: the first part is then exact, and the walls need one division. There is no bias oscillator;
the loop is as narrow as the bias would make it. The particles' own field, 0.5 % of the sound's at
most, is left out.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pydantic import BeforeValidator

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade
from burnish.processors.base import Block, Identity, Runner
from burnish.processors.beside import Beside, Colour
from burnish.processors.saturation import NOMINAL_DBFS, inverse
from burnish.settings import as_choice, setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

# The particles, with the field in units of Langevin's a and the magnetisation of its limit.
_REVERSIBLE = 0.96  # c: what comes back by itself. 1 would be a curve without a loop
_COERCIVE = 0.5  # k: half the width of the widest loop
_FIELD = 2.4  # of full scale at 0 dB of drive: a nominal tone gets a third harmonic near -57 dB
_MOST_FIELD = 1000.0  # beyond it nothing is left to magnetise

_EMPHASIS_US = {"7.5": 70.0, "15": 35.0, "30": 17.5}  # record curves of IEC 60094-1
_EMPHASIS_SPAN = 4.0  # the emphasis ends two octaves higher, 12 dB up
_METRES_PER_INCH = 0.0254
_SPACING_M, _THICKNESS_M, _GAP_M = 0.3e-6, 0.3e-6, 2e-6
# What the machine's own equalization leaves of the losses: within 2 dB to 12, 20 and 40 kHz.
_HEAD_M = 7.6e-3  # length of the head's face: the bump's wavelength, 50 Hz at 15 inches a second
_BUMP_Q = 2.0
_BASS_OCTAVES = math.log2(3.0)  # the response falls this far below the bump
_DC_HZ = 5.0  # what stays magnetised when the sound stops is no sound
_NOTHING = 1e-30


class Tape(Colour):
    """Round off what is loud, the treble first, and colour both ends as a tape machine does.

    The harmonics are odd. A tone of -18 dBFS gets the third near -57 dB at 0 dB of drive; far below
    it falls by 1 dB for each dB of level, as in hysteresis, and above it rises by 2, to 3 % at
    -4 dBFS. ``speed_ips`` sets which treble is softened by the record emphasis, how much
    reading takes off the top (at 15 inches a second 1.4 dB at 20 kHz, at half the speed twice
    that), and where the head lifts the bass: at 25, 50 or 100 Hz. The loudness of music around
    -18 dBFS RMS stays as it was. No noise, no wow, no flutter.
    """

    name: ClassVar[str] = "tape"

    drive_db: float = setting(
        0.0, low=-12, high=24, unit="dB", help="How hard the tape is driven; the level is held."
    )
    speed_ips: Annotated[Literal["7.5", "15", "30"], BeforeValidator(as_choice)] = setting(
        "15", unit="in/s", help="Speed: slow is darker, with a lower bump in the bass."
    )
    head_bump_db: float = setting(
        1.5, low=0, high=4, unit="dB", help="How much the head lifts the bass."
    )

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A track for each channel; it works at four times the rate, at twice from 88.2 kHz on."""
        return Identity() if self.is_neutral else _Tape(self, rate_hz, channels)


@dataclass(frozen=True)
class Reading(matched.Analogue):
    """The losses of a playback head, as gain over frequency; the polynomials only start the fit.

    With k = 2 pi f / v: spacing exp(-k d), thickness (1 - exp(-k t)) / (k t), gap
    sin(k g / 2) / (k g / 2), after Wallace (1951) and Westmijze (1953). Where the gap hears nothing
    the curve stays at -40 dB.
    """

    speed_m_s: float = 0.381

    def gain_db(self, frequencies_hz: Floats) -> Floats:
        """The gain at these frequencies, each above 0 Hz."""
        k = 2.0 * np.pi * frequencies_hz / self.speed_m_s
        spacing = np.exp(-k * _SPACING_M)
        thickness = -np.expm1(-k * _THICKNESS_M) / (k * _THICKNESS_M)
        gap = np.abs(np.sinc(k * _GAP_M / (2.0 * np.pi)))
        return np.asarray(20.0 * np.log10(np.maximum(spacing * thickness * gap, 0.01)))


def reading(speed_ips: str) -> Reading:
    """The losses at this speed."""
    speed = float(speed_ips) * _METRES_PER_INCH
    half_hz = 0.11 * speed / _SPACING_M  # spacing takes 6 dB
    return Reading(half_hz, (1.0, 0.3, 0.0), (1.0, 1.0, 0.0), speed)


def bass(speed_ips: str, bump_db: float) -> tuple[matched.Analogue, ...]:
    """The lift where the head is as long as the wave, and the fall below it."""
    bump_hz = float(speed_ips) * _METRES_PER_INCH / _HEAD_M
    fall = matched.high_pass(bump_hz * 2.0**-_BASS_OCTAVES, 2)
    return (matched.bell(bump_hz, bump_db, _BUMP_Q), *fall)


def emphasis(speed_ips: str) -> matched.Analogue:
    """The treble lift of the record amplifier; its inverse follows the tape."""
    corner_hz = 1e6 / (2.0 * math.pi * _EMPHASIS_US[speed_ips])
    return matched.Analogue(corner_hz, (1.0, 1.0, 0.0), (1.0, 1.0 / _EMPHASIS_SPAN, 0.0))


class Magnetisation:
    """The tape at work on rows of samples: what it adds to each of them.

    Scaled so that quiet sound comes back as it went in. What stays magnetised is taken out below
    ``_DC_HZ``.
    """

    def __init__(self, drive_db: float, rate_hz: float, rows: int) -> None:
        self._field = _FIELD * gain_from_db(drive_db)
        self._scale = 3.0 / (_REVERSIBLE * self._field)
        self._keep = math.exp(-2.0 * math.pi * _DC_HZ / rate_hz)
        self._state = np.zeros((rows, 6))

    def added(self, samples: Floats) -> Floats:
        """What the tape adds to the next ``(rows, n)`` samples, in a new array."""
        out = np.empty_like(samples)
        _magnetise(samples, out, self._state, self._field, self._scale, self._keep)
        return out


_NOISE = 1 << 15  # samples of the test noise, at 96 kHz
_NOISE_RATE_HZ = 96_000.0


@lru_cache(maxsize=256)
def makeup(drive_db: float, speed_ips: str, amount: float) -> float:
    """The gain that holds the RMS of noise that falls like music, at the nominal level.

    Its phases are multiples of the golden ratio: as irregular as noise, and always the same.
    """
    f = np.arange(1, _NOISE // 8) * (_NOISE_RATE_HZ / _NOISE)
    phase = np.modf(np.arange(1, _NOISE // 8) ** 2 * 0.5 * (math.sqrt(5.0) - 1.0))[0]
    spectrum = np.zeros(_NOISE // 2 + 1, dtype=np.complex128)
    spectrum[1 : _NOISE // 8] = np.maximum(f, 100.0) ** -0.765 * np.exp(2j * np.pi * phase)
    x = np.fft.irfft(spectrum)
    spectrum *= gain_from_db(NOMINAL_DBFS) / x.std()
    lift = np.ones(_NOISE // 2 + 1)
    every_hz = np.arange(1.0, _NOISE // 2 + 1) * (_NOISE_RATE_HZ / _NOISE)
    lift[1:] = 10.0 ** (emphasis(speed_ips).gain_db(every_hz) / 20.0)
    played = np.tile(np.fft.irfft(spectrum * lift), 2)
    added = Magnetisation(drive_db, _NOISE_RATE_HZ, 1).added(played[None])[0, _NOISE:]
    heard = spectrum + amount * np.fft.rfft(added) / lift
    power = [float(np.sum(np.abs(s[1:]) ** 2)) for s in (spectrum, heard)]
    return math.sqrt(power[0] / power[1])


class _Tape(Beside):
    def __init__(self, settings: Tape, rate_hz: int, channels: int) -> None:
        super().__init__(rate_hz, channels)
        section = matched.sections((emphasis(settings.speed_ips),), self.factor * rate_hz)
        self.emphasis = Cascade([section] * channels)
        self.deemphasis = Cascade([inverse(section)] * channels)
        self.tape = Magnetisation(settings.drive_db, self.factor * rate_hz, channels)
        heads = (*bass(settings.speed_ips, settings.head_bump_db), reading(settings.speed_ips))
        self.heads = Cascade([matched.sections(heads, rate_hz)] * channels)
        self.amount = settings.amount
        self.makeup = makeup(settings.drive_db, settings.speed_ips, settings.amount)

    def change(self, samples: Block) -> Block:
        return self.deemphasis.process(self.tape.added(self.emphasis.process(samples)))

    def joined(self, sound: Block, change: Block) -> Block:
        heard = self.heads.process(sound + change)
        return self.makeup * (sound + self.amount * (heard - sound))


# Langevin's function, coth q - 1 / q, over its argument, by Lambert's continued fraction
# 1 / (3 + q^2 / (5 + q^2 / (7 + ...))) of ten levels, in powers of q^2: below |q| = 8 within 1e-6,
# and within 1e-12 below 3. Beyond, coth is 1.
_N0, _N1, _N2 = 1.0 / 3.0, 0.025396825396825397, 0.0005012531328320802
_N3, _N4 = 3.1201564446441344e-06, 4.727509764612325e-09
_D1, _D2, _D3 = 0.14285714285714285, 0.004678362573099415, 4.9142464003145115e-05
_D4, _D5 = 1.5600782223220672e-07, 7.273091945557423e-11


@njit(nogil=True, fastmath=False, error_model="numpy", inline="always")
def _langevin(q):  # type: ignore[no-untyped-def]
    u = q * q
    if u < 64.0:
        v = u * u
        over = (_N0 + u * _N1) + v * ((_N2 + u * _N3) + v * _N4)
        return q * over / ((1.0 + u * _D1) + v * ((_D2 + u * _D3) + v * (_D4 + u * _D5)))
    return np.copysign(1.0 - 1.0 / abs(q), q)


@njit(nogil=True, fastmath=False, error_model="numpy", inline="always")
def _held(m, step, before, now):  # type: ignore[no-untyped-def]
    """What the walls hold, once the field has gone on by ``step``; Langevin before and after it.

    Walls only move towards the curve without hysteresis: dm = (L - m) |dH| / k while L - m has the
    sign of dH, by the trapezoidal rule. Where that begins within the step, the rest of it counts.
    """
    way = 1.0 if step > 0.0 else -1.0
    if (now - m) * way <= 0.0:
        return m
    share = abs(step) / (2.0 * _COERCIVE)
    if (before - m) * way < 0.0:
        share *= (now - m) / (now - before)
        before = m
    return (m * (1.0 - share) + share * (before + now)) / (1.0 + share)


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _magnetise(x, y, state, field, scale, keep):  # type: ignore[no-untyped-def]
    """Follow the field from sample to sample. Rows innermost: while one waits, another runs.

    Where the field turns, it was strongest between two samples: there it first goes on to the top
    of the parabola through the last three, or the loop would depend on where the samples fall.
    ``state`` holds, for each row: field, its last step, Langevin, walls, last change and output.
    """
    for i in range(x.shape[1]):
        for r in range(x.shape[0]):
            h, last, before, m = state[r, 0], state[r, 1], state[r, 2], state[r, 3]
            now = min(max(field * x[r, i], -_MOST_FIELD), _MOST_FIELD)
            step = now - h
            if step * last < 0.0:
                top = h + (last + step) * (last + step) / (8.0 * (last - step))
                curve = _langevin(top)
                m = _held(m, top - h, before, curve)
                h, before = top, curve
            curve = _langevin(now)
            m = _held(m, now - h, before, curve)
            change = scale * (_REVERSIBLE * curve + (1.0 - _REVERSIBLE) * m) - x[r, i]
            out = (change - state[r, 4]) + keep * state[r, 5]
            if abs(out) < _NOTHING:
                out = 0.0
            state[r, 0], state[r, 1], state[r, 2] = now, step, curve
            state[r, 3], state[r, 4], state[r, 5] = m, change, out
            y[r, i] = out


EXAMPLE = Tape(drive_db=6, speed_ips="7.5", head_bump_db=2, amount=1)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a slow tape, driven well above what a master needs")
