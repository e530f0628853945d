"""Multiband compressor: holds back the part of the spectrum that is loud, and no other.

Linkwitz-Riley crossovers (``dsp.crossover``), and for each band what a compressor has: a detector,
here the short-term power of the band, a gain curve (``compressor.reduction_db``) with a bound, and
a smoother in dB. The gains move at control rate and in straight lines between.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from burnish.dsp import steps
from burnish.dsp.crossover import Crossover
from burnish.dsp.envelope import Smoother
from burnish.errors import SettingError
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.processors.compressor import reduction_db
from burnish.settings import Settings, setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
MOST_CROSSOVERS = 3
DETECTOR = (
    0.25  # of the attack: over which the power is averaged, short enough to leave it its time
)
_DB = np.log(10.0) / 20.0


class MultibandBand(Settings):
    """One band: compressed by ``ratio`` above the threshold, by at most ``range_db``.

    The level is the RMS of the louder channel in the band, over a quarter of the attack.
    """

    threshold_db: float = setting(
        -24.0, low=-80, high=0, unit="dB", help="RMS in the band above which it is held back."
    )
    ratio: float = setting(
        1.0, low=1, high=20, scale="log", help="Input dB for each output dB above the threshold."
    )
    attack_ms: float = setting(
        20.0, low=1, high=250, unit="ms", scale="log", help="Time to take hold (63 %)."
    )
    release_ms: float = setting(
        150.0, low=10, high=3000, unit="ms", scale="log", help="Time to let go (63 %)."
    )
    range_db: float = setting(
        3.0, low=0, high=24, unit="dB", help="Most that this band is ever reduced by."
    )
    gain_db: float = setting(0.0, low=-12, high=12, unit="dB", help="Gain of the band after it.")

    @property
    def is_neutral(self) -> bool:
        """Whether this band is never changed."""
        return self.gain_db == 0.0 and not self.compresses

    @property
    def compresses(self) -> bool:
        """Whether its gain can move."""
        return self.ratio > 1.0 and self.range_db > 0.0


BANDS = (
    MultibandBand(attack_ms=40, release_ms=300),
    MultibandBand(attack_ms=20, release_ms=200),
    MultibandBand(attack_ms=10, release_ms=120),
    MultibandBand(attack_ms=5, release_ms=80),
)
"""Times for low, low middle, high middle and high: the lower, the slower. Opinion."""


class Multiband(Processor):
    """Compress two to four bands, each for itself; both channels move as one.

    Joined again, untouched bands are flat within 0.01 dB; their phase turns by 360 degrees through
    each crossover, as in any analogue one. With ``mix`` below 1 each band keeps a part as it was.
    All neutral, nothing is split and every bit stays. The knee is 6 dB unless set.
    """

    name: ClassVar[str] = "multiband"

    crossovers_hz: tuple[float, ...] = setting(
        (120.0, 700.0, 4000.0),
        unit="Hz",
        scale="text",
        help="Where the bands part, rising; 1 to 3 of them, 40 to 16000 Hz.",
    )
    bands: tuple[MultibandBand, ...] = setting(
        BANDS, scale="text", help="The bands, low to high: one more than crossovers."
    )
    knee_db: float = setting(
        6.0, low=0, high=24, unit="dB", help="Range over which the ratio sets in; 0 is sudden."
    )
    mix: float = setting(1.0, low=0, high=1, help="Share of the compressed sound in each band.")

    @model_validator(mode="after")
    def _bands_fit(self) -> Self:
        corners = self.crossovers_hz
        rising = all(low < high for low, high in pairwise(corners))
        inside = all(LOWEST_HZ <= f <= HIGHEST_HZ for f in corners)
        if not (1 <= len(corners) <= MOST_CROSSOVERS and rising and inside):
            raise SettingError(
                "setting-range",
                f"crossovers_hz={corners}: must be 1 to {MOST_CROSSOVERS} rising values, "
                f"{LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz",
            )
        if len(self.bands) != len(corners) + 1:
            raise SettingError(
                "setting-range",
                f"bands: {len(self.bands)} given; must be {len(corners) + 1}, "
                "one more than crossovers",
            )
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether no band is ever changed."""
        return self.mix == 0.0 or all(band.is_neutral for band in self.bands)

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner whose latency is its block of control steps, 186 ms."""
        return Identity() if self.is_neutral else _Multiband(self, rate_hz, channels)


class Control:
    """Detectors, curves and smoothers of the bands that compress, at control rate."""

    def __init__(self, bands: Sequence[MultibandBand], knee_db: float, steps_per_s: float) -> None:
        self.knee_db = knee_db
        self.threshold_db, self.ratio, self.range_db = (
            np.array([getattr(band, name) for band in bands])[:, None]
            for name in ("threshold_db", "ratio", "range_db")
        )
        widths = [round(DETECTOR * 1e-3 * band.attack_ms * steps_per_s) for band in bands]
        self.mean = steps.RunningMean(widths)
        self.smoothers = [Smoother(b.attack_ms, b.release_ms, 0.0, steps_per_s, 1) for b in bands]

    def curve_db(self, level_db: Floats) -> Floats:
        """The static curves: change of gain in dB, 0 to minus the range, for ``(bands, n)``."""
        change_db = reduction_db(level_db, self.threshold_db, self.ratio, self.knee_db)
        return np.asarray(np.maximum(change_db, -self.range_db))

    def gains(self, powers: Floats) -> Floats:
        """The linear gains at the next steps, ``(bands, n)``, from the powers in the bands."""
        change_db = self.curve_db(steps.level_db(self.mean.process(powers)))
        rows = zip(self.smoothers, change_db[:, None], strict=True)
        smooth_db = np.concatenate([smoother.process(row) for smoother, row in rows])
        return np.asarray(np.exp(smooth_db * _DB))


class _Multiband(FixedBlocks):
    def __init__(self, settings: Multiband, rate_hz: int, channels: int) -> None:
        self.step = steps.step_samples(rate_hz)
        super().__init__(self.step * steps.BLOCK_STEPS, channels)
        self.crossover = Crossover(settings.crossovers_hz, rate_hz, channels)
        self.moving = [k for k, band in enumerate(settings.bands) if band.compresses]
        self.ramps = [steps.Ramp(1) for _ in self.moving]
        moving = [settings.bands[k] for k in self.moving]
        self.control = Control(moving, settings.knee_db, rate_hz / self.step) if moving else None
        self.dry = 1.0 - settings.mix
        self.wet = [settings.mix * gain_from_db(band.gain_db) for band in settings.bands]

    def run(self, block: Block) -> Block:
        parts = self.crossover.split(block)
        for k, wet in enumerate(self.wet):
            if k not in self.moving and self.dry + wet != 1.0:
                parts[k] *= self.dry + wet
        if self.control:
            powers = steps.powers(parts, self.step).max(axis=1)
            gains = self.control.gains(powers[self.moving])
            for k, ramp, gain in zip(self.moving, self.ramps, gains, strict=True):
                ramp.apply(parts[k], self.dry + self.wet[k] * gain[None], self.step)
        return self.crossover.join(parts)


EXAMPLE = Multiband(
    bands=(
        BANDS[0].with_(threshold_db=-24, ratio=2, range_db=3, gain_db=0.5),
        BANDS[1].with_(threshold_db=-28, ratio=1.5, range_db=2),
        BANDS[2].with_(threshold_db=-34, ratio=1.5, range_db=2),
        BANDS[3].with_(threshold_db=-40, ratio=2, range_db=3, gain_db=0.5),
    )
)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "four bands, each held for itself")
