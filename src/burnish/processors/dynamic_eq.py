"""Dynamic equalizer: bands that act only while the sound in them is too loud, or too soft.

Each band is y = x + (g - 1) B(x): B is the sound in the band, alone, and only g moves (in steps of
0.36 ms and straight lines between), so no filter ever changes its coefficients and there is no
zipper. The same B, of the sound as it came in, is the side-chain.
"""

from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from burnish.dsp import matched, steps
from burnish.dsp.biquad import Cascade
from burnish.dsp.envelope import Smoother
from burnish.processors.base import (
    Block,
    FixedBlocks,
    Identity,
    Processor,
    Runner,
    refuse_more_bands,
)
from burnish.processors.compressor import reduction_db
from burnish.settings import Settings, setting

Floats = NDArray[np.float64]

MOST_BANDS = 8
DETECTOR = 0.25  # of the attack: over which the power is averaged
DEEP_DB = 40.0  # this far below its threshold a band that lifts lets go again: that is noise
_DB = np.log(10.0) / 20.0


class DynamicBand(Settings):
    """One band. ``range_db`` says which way it moves, and how far at most; 0 is off.

    ``above``: the more the band is over the threshold, the more it is cut (a range below 0) or
    lifted (above 0). ``below``: the more it is under it, in the same way, but what lies 40 dB under
    it is noise and is left alone. With ratio r, d dB are moved by d (1 - 1 / r).
    """

    kind: Literal["bell", "low_shelf", "high_shelf"] = setting(
        "bell", help="Shape of the band; shelves are 6 dB/octave."
    )
    frequency_hz: float = setting(
        1000.0, low=20, high=20_000, unit="Hz", scale="log", help="Middle of a bell, or corner."
    )
    q: float = setting(1.0, low=0.2, high=10, scale="log", help="Narrowness of a bell.")
    mode: Literal["above", "below"] = setting(
        "above", help="Act while the band is louder than the threshold, or softer."
    )
    threshold_db: float = setting(
        -30.0, low=-90, high=0, unit="dB", help="RMS in the band from which it acts."
    )
    ratio: float = setting(
        2.0, low=1, high=20, scale="log", help="How much of the distance is moved: 1 is none."
    )
    range_db: float = setting(
        0.0, low=-12, high=12, unit="dB", help="Most that it moves: cut below 0, lift above."
    )
    attack_ms: float = setting(
        10.0, low=1, high=250, unit="ms", scale="log", help="Time to take hold (63 %)."
    )
    release_ms: float = setting(
        120.0, low=10, high=3000, unit="ms", scale="log", help="Time to let go (63 %)."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether this band does nothing."""
        return self.range_db == 0.0 or self.ratio == 1.0


class DynamicEq(Processor):
    """Cut or lift up to eight bands, each only while the sound in it is over or under a threshold.

    Each is led by the RMS in its own band as it came in. While none acts, the sound passes bit for
    bit. The louder channel leads; both move as one.
    """

    name: ClassVar[str] = "dynamic_eq"

    bands: tuple[DynamicBand, ...] = setting((), scale="text", help="The bands; up to 8.")

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        refuse_more_bands(len(self.bands), MOST_BANDS)
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether no band does anything."""
        return all(band.is_neutral for band in self.bands)

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner whose latency is its block of control steps."""
        return Identity() if self.is_neutral else _DynamicEq(self, rate_hz, channels)


def move_db(band: DynamicBand, level_db: Floats) -> Floats:
    """The static curve: gain in dB between 0 and the range, for each level in dB."""
    sign = 1.0 if band.mode == "above" else -1.0
    size = -reduction_db(sign * level_db, sign * band.threshold_db, band.ratio, 0.0)
    if band.mode == "below":
        size = np.minimum(size, np.maximum(level_db - band.threshold_db + DEEP_DB, 0.0))
    return np.asarray(np.copysign(np.minimum(size, abs(band.range_db)), band.range_db))


def band_filter(band: DynamicBand, rate_hz: float) -> Floats:
    """The sections of B, the sound in the band: gain 1 at its middle, or in its shelf."""
    frequency_hz = min(band.frequency_hz, 0.45 * rate_hz)
    if band.kind == "low_shelf":
        return matched.sections(matched.low_pass(frequency_hz, 1), rate_hz)
    if band.kind == "high_shelf":
        return matched.sections(matched.high_pass(frequency_hz, 1), rate_hz)
    # Bilinear, with its phase: 0 at the middle, so that B adds up with the sound itself.
    w = 2.0 * np.pi * frequency_hz / rate_hz
    alpha = np.sin(w) / (2.0 * band.q)
    a0 = 1.0 + alpha
    return np.asarray(np.array([[alpha, 0.0, -alpha, -2.0 * np.cos(w), 1.0 - alpha]]) / a0)


class _Band:
    """One band at work: its side-chain, and its filter in the sound."""

    def __init__(self, band: DynamicBand, rate_hz: int, step: int, channels: int) -> None:
        per_s = rate_hz / step
        sections = band_filter(band, rate_hz)
        self.settings = band
        self.step = step
        self.side_chain = Cascade([sections] * channels)
        self.filter = Cascade([sections] * channels)
        self.mean = steps.RunningMean((round(DETECTOR * 1e-3 * band.attack_ms * per_s),))
        self.smoother = Smoother(band.attack_ms, band.release_ms, 0.0, per_s, rows=1)
        self.ramp = steps.Ramp(1, start=0.0)

    def run(self, came: Block, block: Block) -> Block:
        """Add to ``block`` what this band makes of it, led by the sound as it came."""
        heard = steps.powers(self.side_chain.process(came), self.step).max(axis=0, keepdims=True)
        gain_db = move_db(self.settings, steps.level_db(self.mean.process(heard)))
        sign = np.copysign(1.0, self.settings.range_db)
        gain_db = -sign * self.smoother.process(-np.abs(gain_db))
        part = self.filter.process(block)
        self.ramp.apply(part, np.exp(gain_db * _DB) - 1.0, self.step)
        part += block
        return part


class _DynamicEq(FixedBlocks):
    def __init__(self, settings: DynamicEq, rate_hz: int, channels: int) -> None:
        step = steps.step_samples(rate_hz)
        super().__init__(step * steps.BLOCK_STEPS, channels)
        acting = [band for band in settings.bands if not band.is_neutral]
        self.bands = [_Band(band, rate_hz, step, channels) for band in acting]

    def run(self, block: Block) -> Block:
        out = block
        for band in self.bands:
            out = band.run(block, out)
        return out


EXAMPLE = DynamicEq(
    bands=(
        DynamicBand(frequency_hz=90, threshold_db=-24, range_db=-4, attack_ms=20, release_ms=200),
        DynamicBand(
            kind="high_shelf", frequency_hz=6000, mode="below", threshold_db=-26, range_db=3
        ),
    )
)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a boom that is held, air where there is little")
