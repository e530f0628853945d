"""Passive equalizer: the network of the classic passive tube equalizer, without its amplifier.

One divider of resistors and capacitors lifts and cuts the lows at the same time. The two do not
cancel: the lift ends lower than the cut, so what stays is a lifted bottom and a dip above it. The
gains follow from the parts of the network (``low_section``, ``high_boost_section``,
``high_cut_section``), so they interact as there. The parts are those of the well-known schematic of
1951 as it is rebuilt today, with the pots set for the published ends of their ranges.
"""

import math
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade, response
from burnish.processors.base import Block, Identity, Processor, Runner
from burnish.settings import as_choice, setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

_STEP = BeforeValidator(as_choice)

_BOOST_FARAD = {"20": 2.2e-6, "30": 1.1e-6, "60": 560e-9, "100": 330e-9}
_CUT_SHARE = 1.0 / 22.0  # the cut's capacitor over the lift's: 100 nF beside 2.2 uF
_UPPER_OHM = 12_000.0  # the high boost's pot, above everything
_TAP_OHM = 10_000.0  # the output is taken over it, and over the low boost's pot below it
_LOW_ARM_OHM = 11_000.0  # the tap and 1 kohm before it; the low cut stands in this arm
_HIGH_ARM_OHM = 1_000.0  # the high cut's pot, beside the low arm
_LOWER_OHM = _HIGH_ARM_OHM * _LOW_ARM_OHM / (_HIGH_ARM_OHM + _LOW_ARM_OHM)
_COIL_OHM = math.sqrt(12e6)  # sqrt(L / C) of the high boost's resonance, at all its frequencies
_SHARP_OHM = 754.0  # in series with the coil: 18 dB at most where sharp ...
_BROAD_OHM = 4290.0  # ... and 10 dB where broad
_HIGH_CUT_OHM = 160.5  # in series with the high cut's capacitor: 16 dB at most
_HIGH_CUT_FARAD = {"5000": 270e-9, "10000": 135e-9, "20000": 68e-9}


class PassiveEqualizer(Processor):
    """Lift the bottom and thin what lies above it; a broad lift of the top, and a soft cut.

    ``low_boost_db`` and ``low_cut_db`` are the gains far below the corner, each alone; together
    they leave a rise in the bass and a dip above it (30 Hz, both full: 5 dB up at 80 Hz, 4 dB down
    at 260 Hz; less of both moves the dip up). ``high_boost_db`` is the height of the bell where
    it is sharpest; made broader, it gets lower. ``high_cut_db`` is what the shelf takes at the top
    end. The gain follows the analogue network within 0.2 dB up to 18 kHz at 44.1 kHz. Linear: add
    ``tube`` behind it for the amplifier's harmonics. No latency. Opinion: the sections do not load
    each other.
    """

    name: ClassVar[str] = "passive_equalizer"

    low_hz: Annotated[Literal["20", "30", "60", "100"], _STEP] = setting(
        "60", unit="Hz", help="Corner of the low boost and the low cut."
    )
    low_boost_db: float = setting(0.0, low=0, high=13.5, unit="dB", help="Lift of the lows.")
    low_cut_db: float = setting(
        0.0, low=0, high=17.5, unit="dB", help="Cut of the lows, reaching higher than the lift."
    )
    high_boost_hz: Annotated[
        Literal["3000", "4000", "5000", "8000", "10000", "12000", "16000"], _STEP
    ] = setting("12000", unit="Hz", help="Middle of the high boost.")
    high_boost_db: float = setting(
        0.0, low=0, high=18, unit="dB", help="Height of the high boost where it is sharpest."
    )
    bandwidth: float = setting(
        0.5, low=0, high=1, help="Width of the high boost: 0 sharp, 1 broad and lower."
    )
    high_cut_hz: Annotated[Literal["5000", "10000", "20000"], _STEP] = setting(
        "20000", unit="Hz", help="Where the high cut is well on its way."
    )
    high_cut_db: float = setting(0.0, low=0, high=16, unit="dB", help="Cut of the highs.")

    @property
    def is_neutral(self) -> bool:
        """Whether every gain is 0 dB."""
        return not (self.low_boost_db or self.low_cut_db or self.high_boost_db or self.high_cut_db)

    def analogue(self) -> tuple[matched.Analogue, ...]:
        """The analogue sections that act."""
        found = []
        if self.low_boost_db or self.low_cut_db:
            found.append(low_section(self.low_hz, self.low_boost_db, self.low_cut_db))
        if self.high_boost_db:
            middle_hz = float(self.high_boost_hz)
            found.append(high_boost_section(middle_hz, self.high_boost_db, self.bandwidth))
        if self.high_cut_db:
            found.append(high_cut_section(self.high_cut_hz, self.high_cut_db))
        return tuple(found)

    def start(self, rate_hz: int, channels: int) -> Runner:
        """The same filters on every channel."""
        if self.is_neutral:
            return Identity()
        return _PassiveEqualizer([matched.sections(self.analogue(), rate_hz)] * channels)


def low_section(low_hz: str, boost_db: float, cut_db: float) -> matched.Analogue:
    """The low end of the network: gain 1 far above, the two pots' gains far below.

    With J the boost's pot beside its capacitor and K the cut's beside its own, the divider gives
    (t h / (h + a + K) + J) / (u + h (a + K) / (h + a + K) + J), where t is the tap, a the low arm,
    h the high arm and u all above.
    """
    boost_farad = _BOOST_FARAD[low_hz]
    cut_farad = _CUT_SHARE * boost_farad
    flat = _LOWER_OHM * _TAP_OHM / _LOW_ARM_OHM  # what the tap sees of the lower part
    whole = _UPPER_OHM + _LOWER_OHM
    lift = gain_from_db(boost_db) * flat / whole
    j = (lift * whole - flat) / (1.0 - lift)
    k = _cut_ohm(gain_from_db(-cut_db) * flat / whole)
    unit_hz = float(low_hz)
    s = 2.0 * math.pi * unit_hz
    # Polynomials in s / unit, lowest power first: J = j / beside_j, K = k / beside_k.
    beside_j = np.array((1.0, s * j * boost_farad))
    beside_k = np.array((1.0, s * k * cut_farad))
    arms = (_HIGH_ARM_OHM + _LOW_ARM_OHM) * beside_k + (k, 0.0)
    low_arm = _LOW_ARM_OHM * beside_k + (k, 0.0)
    over = np.convolve(_TAP_OHM * _HIGH_ARM_OHM * beside_k, beside_j) + np.pad(j * arms, (0, 1))
    under = np.convolve(_UPPER_OHM * arms + _HIGH_ARM_OHM * low_arm, beside_j)
    under = under + np.pad(j * arms, (0, 1))
    return _section(unit_hz, over * whole / flat, under)


def _cut_ohm(share: float) -> float:
    """The cut's pot for this share of the input at the tap, far below the corner."""
    a, h, u = _LOW_ARM_OHM, _HIGH_ARM_OHM, _UPPER_OHM
    return (_TAP_OHM * h / share - u * (h + a) - h * a) / (u + h)


def high_boost_section(middle_hz: float, boost_db: float, bandwidth: float) -> matched.Analogue:
    """The bell of the high boost: a coil and a capacitor past part of the pot above everything.

    With X the reactance over sqrt(L / C), the gain is (X + n) / (X + d): a bell with a wide foot.
    """
    whole = _UPPER_OHM + _LOWER_OHM
    pot = _boost_ohm(gain_from_db(boost_db))
    series = _SHARP_OHM + (_BROAD_OHM - _SHARP_OHM) * bandwidth
    n = (series + pot) / _COIL_OHM
    d = (series + pot * (whole - pot) / whole) / _COIL_OHM
    return matched.Analogue(middle_hz, (1.0, n, 1.0), (1.0, d, 1.0))


def _boost_ohm(gain: float) -> float:
    """The part of the pot that the coil goes past, for this gain at resonance where sharp.

    From (r + p) = gain (r + p (w - p) / w): a quadratic in p.
    """
    whole = _UPPER_OHM + _LOWER_OHM
    half = 0.5 * whole * (1.0 - 1.0 / gain)
    return half + math.sqrt(half * half + whole * _SHARP_OHM * (1.0 - 1.0 / gain))


def high_cut_section(high_cut_hz: str, cut_db: float) -> matched.Analogue:
    """The shelf of the high cut: a capacitor past part of the high arm."""
    farad, pot = _HIGH_CUT_FARAD[high_cut_hz], _high_cut_ohm(gain_from_db(-cut_db))
    # Arm = (1 - share) pot + pot's part beside r + 1 / sC, in parallel with the low arm.
    rest = _HIGH_ARM_OHM - pot
    unit_hz = float(high_cut_hz)
    s = 2.0 * math.pi * unit_hz * farad
    beside = np.array((1.0, s * (pot + _HIGH_CUT_OHM)))
    arm = rest * beside + pot * np.array((1.0, s * _HIGH_CUT_OHM))
    over = arm * _LOW_ARM_OHM
    under = _UPPER_OHM * (arm + _LOW_ARM_OHM * beside) + over
    flat = _LOWER_OHM / (_UPPER_OHM + _LOWER_OHM)
    return _section(unit_hz, np.append(over / flat, 0.0), np.append(under, 0.0))


def _high_cut_ohm(gain: float) -> float:
    """The part of the high arm that the capacitor goes past, for this gain far above."""
    flat = _LOWER_OHM / (_UPPER_OHM + _LOWER_OHM)
    both = _UPPER_OHM * gain * flat / (1.0 - gain * flat)  # high arm beside low arm
    arm = both * _LOW_ARM_OHM / (_LOW_ARM_OHM - both)
    # arm = h - p + p r / (p + r) = h - p^2 / (p + r)
    lost = _HIGH_ARM_OHM - arm
    return 0.5 * lost + math.sqrt(0.25 * lost * lost + lost * _HIGH_CUT_OHM)


def _section(unit_hz: float, over: Floats, under: Floats) -> matched.Analogue:
    n, d = (over / under[0]).tolist(), (under / under[0]).tolist()
    return matched.Analogue(unit_hz, (n[0], n[1], n[2]), (d[0], d[1], d[2]))


def response_db(equalizer: PassiveEqualizer, frequencies_hz: Floats, rate_hz: float) -> Floats:
    """The gain in dB at these frequencies, as it will be made."""
    sections = matched.sections(equalizer.analogue(), rate_hz)
    return np.asarray(20.0 * np.log10(np.abs(response(sections, frequencies_hz, rate_hz))))


class _PassiveEqualizer(Runner):
    def __init__(self, sections: list[Floats]) -> None:
        self.cascade = Cascade(sections)

    def process(self, block: Block) -> Block:
        return self.cascade.process(block)


EXAMPLE = PassiveEqualizer(
    low_hz="30", low_boost_db=6, low_cut_db=6, high_boost_db=5, bandwidth=0.8, high_cut_db=2
)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "bass lifted and thinned at once, air on top")
