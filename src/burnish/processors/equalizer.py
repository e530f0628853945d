"""Equalizer: strokes and cuts in the tone, each on the whole sound, its middle or its side."""

from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade, response
from burnish.dsp.mid_side import to_left_right, to_mid_side
from burnish.errors import SettingError
from burnish.processors.base import Block, Identity, Processor, Runner, refuse_more_bands
from burnish.settings import Settings, setting

Kind = Literal["high_pass", "low_pass", "bell", "low_shelf", "high_shelf", "tilt"]
Part = Literal["stereo", "mid", "side"]
Floats = NDArray[np.float64]

MOST_BANDS = 24
_SHAPES = {
    "bell": matched.bell,
    "low_shelf": matched.low_shelf,
    "high_shelf": matched.high_shelf,
    "tilt": matched.tilt,
}


class Band(Settings):
    """One band. Bells, shelves and tilts do nothing at 0 dB; a pass filter always acts.

    A tilt turns the tone around its frequency: the gain is what the top gets and the bottom loses.
    """

    kind: Kind = setting("bell", help="Shape of the band.")
    frequency_hz: float = setting(
        1000.0, low=10, high=40_000, unit="Hz", scale="log", help="Middle, corner or pivot."
    )
    gain_db: float = setting(0.0, low=-18, high=18, unit="dB", help="Boost or cut; not for passes.")
    q: float = setting(
        matched.BUTTERWORTH_Q,
        low=0.2,
        high=10,
        scale="log",
        help="Narrowness of a bell, steepness of a shelf or tilt; not for passes.",
    )
    slope_db_per_octave: int = setting(
        12,
        low=6,
        high=48,
        unit="dB/octave",
        help="Steepness of a pass, in steps of 6 (Butterworth).",
    )
    on: Part = setting("stereo", help="The whole sound, or only its middle or its side.")

    @model_validator(mode="after")
    def _slope_in_steps(self) -> Self:
        if self.slope_db_per_octave % 6:
            raise SettingError(
                "setting-range",
                f"slope_db_per_octave={self.slope_db_per_octave}: "
                "must be 6 to 48 dB/octave in steps of 6",
            )
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether this band does nothing."""
        return self.kind in _SHAPES and self.gain_db == 0.0

    def analogue(self) -> tuple[matched.Analogue, ...]:
        """The analogue filters that this band stands for."""
        if self.kind == "high_pass":
            return matched.high_pass(self.frequency_hz, self.slope_db_per_octave // 6)
        if self.kind == "low_pass":
            return matched.low_pass(self.frequency_hz, self.slope_db_per_octave // 6)
        return (_SHAPES[self.kind](self.frequency_hz, self.gain_db, self.q),)


class Equalizer(Processor):
    """Change the tone with up to 24 bands, with the phase of analogue filters and no latency.

    The gain follows the analogue curves to 18 kHz even at 44.1 kHz: bells within 0.15 dB, shelves
    and tilts of q up to 1 within 0.06 dB (``dsp.matched``). On one channel there is no side, and a
    band on the middle works on all.
    """

    name: ClassVar[str] = "equalizer"

    bands: tuple[Band, ...] = setting((), scale="text", help="The bands, in order; up to 24.")

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        refuse_more_bands(len(self.bands), MOST_BANDS)
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether no band does anything."""
        return all(band.is_neutral for band in self.bands)

    def start(self, rate_hz: int, channels: int) -> Runner:
        """Filters on left and right, or on middle and side where a band asks for one of them."""
        mid = design(self, rate_hz, "mid")
        if channels == 1:
            return _Alike(Cascade([mid])) if len(mid) else Identity()
        if self.is_neutral:
            return Identity()
        if any(band.on != "stereo" for band in self.bands if not band.is_neutral):
            return _MidSide(Cascade([mid, design(self, rate_hz, "side")]))
        return _Alike(Cascade([mid, mid]))


def design(equalizer: Equalizer, rate_hz: float, part: Literal["mid", "side"]) -> Floats:
    """The digital sections that the middle or the side goes through, shape ``(sections, 5)``."""
    acting = (b for b in equalizer.bands if not b.is_neutral and b.on in ("stereo", part))
    return matched.sections(tuple(a for band in acting for a in band.analogue()), rate_hz)


def response_db(
    equalizer: Equalizer,
    frequencies_hz: Floats,
    rate_hz: float,
    part: Literal["mid", "side"] = "mid",
) -> Floats:
    """The gain in dB that the middle (or the side) gets at these frequencies, as it will be made.

    Frequencies are below half the rate; a high-pass at 0 Hz gives minus infinity.
    """
    gain = np.abs(response(design(equalizer, rate_hz, part), frequencies_hz, rate_hz))
    with np.errstate(divide="ignore"):
        return np.asarray(20.0 * np.log10(gain))


class _Alike(Runner):
    def __init__(self, cascade: Cascade) -> None:
        self.cascade = cascade

    def process(self, block: Block) -> Block:
        return self.cascade.process(block)


class _MidSide(_Alike):
    def process(self, block: Block) -> Block:
        return to_left_right(self.cascade.process(to_mid_side(block)))


EXAMPLE = Equalizer(
    bands=(
        Band(kind="high_pass", frequency_hz=30, slope_db_per_octave=18),
        Band(kind="bell", frequency_hz=320, gain_db=-3, q=1.2),
        Band(kind="high_shelf", frequency_hz=9000, gain_db=3, on="side"),
    )
)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "rumble out, less mud, air on the side")
