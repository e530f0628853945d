"""Low-end focus: more punch or more sustain in the bass, without more or less bass.

The bass is split off by three boxes in a row, a filter of linear phase that never rings, and only
what its gain *changes* is added to the sound: at a gain of 1 every sample is as it was. The gain
follows how loud the bass is now against how loud it is around now. Both are averages that look as
far ahead as back, so a kick's gain is there when the kick is.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.window import hann
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.processors.limiter_stage import smooth_thrice, take_away
from burnish.settings import setting

Floats = NDArray[np.float64]

CONTROL_RATE_HZ = 1400.0  # steps of 32 samples at 44.1 kHz: 0.7 ms, far shorter than a bass wave
_BLOCK_STEPS = 1024
_BLACK = 1e-10  # mean square: bass under -100 dBFS is left alone


class LowEndFocus(Processor):
    """Make the hits of the bass (kicks, attacks) stand out from what sustains, or even it.

    Above 0 hits stand out and what lies between them steps back; below 0 the bass becomes even. At
    1 a hit 3 dB over its surroundings is 6 dB over them, less where ``most_db`` holds it. The
    power of the bass over ``slow_ms`` stays the same. Both channels get the same gain; a bass that
    is to be mono is the width's work. A steady tone is not touched.
    """

    name: ClassVar[str] = "low_end_focus"

    contrast: float = setting(
        0.0, low=-1, high=1, help="Above 0: punch, below 0: evenness; 0 changes nothing."
    )
    low_hz: float = setting(
        150.0, low=60, high=300, unit="Hz", scale="log", help="Where the bass ends (-6 dB)."
    )
    most_db: float = setting(
        4.0, low=0.5, high=12, unit="dB", help="Most that the bass is raised or lowered."
    )
    fast_ms: float = setting(
        40.0, low=20, high=100, unit="ms", scale="log", help="How long now lasts: a hit."
    )
    slow_ms: float = setting(
        400.0, low=150, high=2000, unit="ms", scale="log", help="How long around now lasts."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is contrasted."""
        return self.contrast == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that looks ``slow_ms`` ahead."""
        return Identity() if self.is_neutral else _LowEndFocus(self, rate_hz, channels)


def half_width(low_hz: float, rate_hz: float) -> int:
    """Half the width of one of three boxes in a row that are 6 dB down at ``low_hz``.

    Three boxes of w samples are (sinc(f w / rate))**3: 6 dB down where sinc is 0.7937, at 0.3661.
    """
    return max(1, round((0.3661 * rate_hz / low_hz - 1) / 2))


def gain_db(power: Floats, fast: Floats, slow: Floats, contrast: float, most_db: float) -> Floats:
    """The gain of each step from the power of the bass in each, weighed by two windows.

    Shorter than ``power`` by twice the slow window less 2: as much context is needed. The bend
    towards ``most_db`` is soft; then the mean power over the slow window is held.
    """
    edge = len(slow) // 2 - len(fast) // 2
    now = np.convolve(power, fast, mode="valid")[edge : -edge or None]
    around = np.convolve(power, slow, mode="valid")
    over_db = _ratio_db(now + 1e-3 * around, around, around > _BLACK)
    wish_db = contrast * over_db
    wish_db /= np.sqrt(1.0 + (wish_db / most_db) ** 2)
    half = len(slow) // 2
    inner = power[half:-half]
    before = np.convolve(inner, slow, mode="valid")
    after = np.convolve(inner * 10.0 ** (wish_db / 10.0), slow, mode="valid")
    hold_db = _ratio_db(before, after, before > _BLACK)
    return np.asarray(np.clip(wish_db[half:-half] + hold_db, -most_db, most_db))


def _ratio_db(above: Floats, below: Floats, heard: NDArray[np.bool_]) -> Floats:
    """Decibels of a ratio of powers where there is something to hear; 0 elsewhere."""
    ratio = np.divide(above, below, out=np.ones_like(above), where=heard)
    return np.asarray(10.0 * np.log10(ratio))


def _window(time_ms: float, steps_of_ms: float) -> Floats:
    """A Hann window of an odd number of steps, at least 3, with the sum 1."""
    half = max(1, round(0.5 * time_ms * steps_of_ms))
    window = hann(2 * half + 2)[1:]
    return np.asarray(window / window.sum())


class _LowEndFocus(FixedBlocks):
    def __init__(self, settings: LowEndFocus, rate_hz: int, channels: int) -> None:
        self.settings = settings
        self.step = max(1, round(rate_hz / CONTROL_RATE_HZ))
        steps_of_ms = rate_hz / self.step / 1000
        self.fast = _window(settings.fast_ms, steps_of_ms)
        self.slow = _window(settings.slow_ms, steps_of_ms)
        self.half_width = half_width(settings.low_hz, rate_hz)
        self.margin = 3 * self.half_width
        ahead = len(self.slow)  # steps: half for the gain, half to hold the power, one to draw it
        self.band_late = -(-self.margin // self.step)
        late = (ahead + self.band_late) * self.step
        size = self.step * _BLOCK_STEPS
        super().__init__(size, channels, late)
        self.x = np.zeros((channels, size + late + self.margin))
        self.band = np.zeros((channels, size + ahead * self.step))
        self.power = np.zeros(_BLOCK_STEPS + 2 * ahead)

    def run(self, block: Block) -> Block:
        size, s = self.size, self.settings
        for buffer in (self.x, self.band):
            buffer[:, :-size] = buffer[:, size:]
        self.x[:, -size:] = block
        stop = self.x.shape[1] - self.band_late * self.step
        around = self.x[:, stop - size - self.margin : stop + self.margin]
        band = np.zeros_like(around)
        smooth_thrice(around, self.half_width, band)
        newest = band[:, self.margin : self.margin + size]
        self.band[:, -size:] = newest
        self.power[:-_BLOCK_STEPS] = self.power[_BLOCK_STEPS:]
        steps = newest.reshape(len(block), _BLOCK_STEPS, self.step)
        self.power[-_BLOCK_STEPS:] = np.mean(steps**2, axis=(0, 2))
        # One step more on each side: the gain is drawn straight from step to step.
        change_db = gain_db(self.power, self.fast, self.slow, s.contrast, s.most_db)
        share = 1.0 - 10.0 ** (change_db / 20.0)
        out = np.empty_like(block)
        now = self.x[:, self.margin : self.margin + size]
        take_away(now, self.band[:, :size], share[None], self.step, out)
        return out


EXAMPLE = LowEndFocus(contrast=0.8, low_hz=140, most_db=5)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the kick stands out of the bass")
