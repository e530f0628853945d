"""De-esser: takes the edge off an s, and nothing where there is none.

An s is told by its colour, not by its level: for a moment the treble stands far above the middle,
against what is usual in this very song. Then what is above a corner is lowered: y = x - a(t) T(x),
T in linear phase, so that where there is no s not a bit is changed.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import matched, steps
from burnish.dsp.biquad import Cascade
from burnish.dsp.envelope import SlowAverage
from burnish.dsp.fir import bins_hz, grid_size, linear_phase
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.processors.compressor import reduction_db
from burnish.settings import setting
from burnish.units import one_pole

Floats = NDArray[np.float64]

DETECTOR_MS = 3.0  # over which the powers are averaged: an s lasts 50 to 150
USUAL_S = 6.0  # over which the usual colour is learnt: a line of a song
RARE_DB = 3.0  # what is further from the usual counts as this far: an s hardly moves it
FILTER_STEPS = 8  # half the filter's length: 2.9 ms, 15 waves of 5 kHz
_HIGHEST = 0.22  # of the rate: an s needs an octave above the crossover
_DB = np.log(10.0) / 20.0


class Deesser(Processor):
    """Lower sharp s sounds: treble that stands far higher over the middle than is usual here.

    Compared are the octave above ``crossover_hz`` (5 to 10 kHz) and two octaves below (1 to 4 kHz);
    what is usual is a slow average of their ratio that rare sounds hardly move. What passes it by
    more than ``threshold_db`` is held by ``ratio``, at most by ``range_db``, and only where treble
    and middle are louder than ``floor_db``. The gain is down before the s comes (look-ahead of
    ``attack_ms``). Where there is no s, every bit stays. At ratio 1, all does.
    """

    name: ClassVar[str] = "deesser"

    crossover_hz: float = setting(
        5000.0, low=3000, high=10_000, unit="Hz", scale="log", help="Lowered is what lies above."
    )
    threshold_db: float = setting(
        7.0, low=0, high=24, unit="dB", help="Ratio of treble to middle over the usual one."
    )
    ratio: float = setting(
        1.0, low=1, high=20, scale="log", help="Input dB for each output dB above the threshold."
    )
    range_db: float = setting(4.0, low=0, high=12, unit="dB", help="Most that is ever taken.")
    floor_db: float = setting(
        -60.0, low=-90, high=0, unit="dB", help="RMS of the treble below which nothing is done."
    )
    attack_ms: float = setting(
        2.0, low=0.5, high=20, unit="ms", scale="log", help="Time to be down before the s."
    )
    release_ms: float = setting(
        45.0, low=5, high=500, unit="ms", scale="log", help="Time to come back after it (63 %)."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is lowered."""
        return self.ratio == 1.0 or self.range_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner whose latency is its block of control steps and the look-ahead."""
        return Identity() if self.is_neutral else _Deesser(self, rate_hz, channels)


def cut_db(settings: Deesser, over_usual_db: Floats, treble_db: Floats) -> Floats:
    """The static curve: change of gain in dB, 0 to minus the range."""
    change_db = reduction_db(over_usual_db, settings.threshold_db, settings.ratio, 0.0)
    heard_db = np.maximum(treble_db - settings.floor_db, 0.0)
    return np.asarray(np.maximum(np.maximum(change_db, -settings.range_db), -heard_db))


def crossover_hz(settings: Deesser, rate_hz: float) -> float:
    """The crossover as it is at this rate."""
    return min(settings.crossover_hz, _HIGHEST * rate_hz)


class _Detector:
    """How far the ratio of treble to middle is above the usual one, at every step."""

    def __init__(
        self, corner_hz: float, floor_db: float, rate_hz: int, step: int, channels: int
    ) -> None:
        self.floor_db = floor_db
        per_s = rate_hz / step
        self.step = step
        self.bands = [
            Cascade(
                [
                    matched.sections(
                        (*matched.high_pass(low_hz, 2), *matched.low_pass(high_hz, 2)), rate_hz
                    )
                ]
                * channels
            )
            for low_hz, high_hz in ((corner_hz, 2.0 * corner_hz), (corner_hz / 5, corner_hz / 1.25))
        ]
        self.mean = steps.RunningMean((round(1e-3 * DETECTOR_MS * per_s),) * 2)
        self.usual = SlowAverage(USUAL_S, per_s, RARE_DB)

    def process(self, block: Block) -> tuple[Floats, Floats]:
        """dB over the usual ratio, and the treble's RMS in dB, of the louder channel."""
        powers = [steps.powers(b.process(block), self.step).max(axis=0) for b in self.bands]
        treble_db, middle_db = steps.level_db(self.mean.process(np.stack(powers)))
        ratio_db = treble_db - np.maximum(middle_db, self.floor_db)
        sounds = middle_db > self.floor_db
        usual_db = self.usual.process(ratio_db, sounds)
        return np.where(sounds, ratio_db - usual_db, 0.0), treble_db


class Treble:
    """What lies above a corner, in linear phase: Linkwitz-Riley in magnitude, 24 dB/octave."""

    def __init__(self, corner_hz: float, rate_hz: float, half: int) -> None:
        self.half = half
        n_taps = 2 * half + 1
        size = grid_size(n_taps)
        ratio = (bins_hz(size, rate_hz) / corner_hz) ** 4
        self.taps = linear_phase(ratio / (1.0 + ratio), n_taps)

    def of(self, samples: Floats) -> Floats:
        """The treble of ``(channels, n)`` samples, without the ``half`` at both ends."""
        size = samples.shape[1]
        spectra = np.fft.rfft(samples, axis=1) * np.fft.rfft(self.taps, size)
        return np.asarray(np.fft.irfft(spectra, size, axis=1)[:, 2 * self.half :])


class _Deesser(FixedBlocks):
    def __init__(self, settings: Deesser, rate_hz: int, channels: int) -> None:
        self.settings = settings
        self.step = step = steps.step_samples(rate_hz)
        per_s = rate_hz / step
        ahead = max(1, round(1e-3 * settings.attack_ms * per_s))
        super().__init__(step * steps.BLOCK_STEPS, channels, (ahead + FILTER_STEPS) * step)
        corner_hz = crossover_hz(settings, rate_hz)
        self.detector = _Detector(corner_hz, settings.floor_db, rate_hz, step, channels)
        self.treble = Treble(corner_hz, rate_hz, FILTER_STEPS * step)
        self.ahead = steps.LookAhead(ahead, one_pole(settings.release_ms, per_s), rows=1)
        self.wait = steps.Delay(FILTER_STEPS, 1)
        self.ramp = steps.Ramp(1, start=0.0)
        self.past = np.zeros((channels, (ahead + 2 * FILTER_STEPS) * step))

    def run(self, block: Block) -> Block:
        over_db, treble_db = self.detector.process(block)
        cut = self.ahead.process(cut_db(self.settings, over_db, treble_db)[None])
        less = np.expm1(self.wait.process(cut) * _DB)
        whole = np.concatenate((self.past, block), axis=1)
        self.past = whole[:, self.size :].copy()
        half = self.treble.half
        out = np.ascontiguousarray(whole[:, half : half + self.size])
        if less.any() or self.ramp.moves:
            part = np.ascontiguousarray(self.treble.of(whole[:, : self.size + 2 * half]))
            self.ramp.apply(part, less, self.step)
            out += part
        return out


EXAMPLE = Deesser(ratio=4, threshold_db=5)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "treble that sticks out for a moment is held")
