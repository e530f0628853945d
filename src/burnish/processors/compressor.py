"""Compressor: holds loud moments back so that the rest can come up.

Four pieces, each tested alone: the detector hears how loud it is (``Detector``), the gain curve
says how much less that should be (``reduction_db``), the smoother how fast
(``dsp.envelope.Smoother``), and the runner applies the gain. All between the detector and the
applied gain is in dB, after Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor
Design", JAES 60(6), 2012.
"""

from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade
from burnish.dsp.envelope import Smoother
from burnish.dsp.mid_side import to_left_right, to_mid_side
from burnish.processors.base import Block, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

_BLACK = 1e-10  # -200 dBFS: what the detector makes of silence, far below any threshold


class Compressor(Processor):
    """Reduce what is louder than the threshold by the ratio; at ratio 1 the sound is untouched.

    A soft knee and a slow attack glue; a short attack holds peaks. With ``auto_release`` the gain
    comes back fast after a short peak and slowly after a long loud part. The detector sees the
    magnitude of the samples, without the bass below ``detector_high_pass_hz``. ``mix`` below 1
    leaves part of the sound as it was (parallel compression); make-up gain is for the compressed
    part only. ``mid_side`` compresses middle and side instead of left and right. No latency.
    """

    name: ClassVar[str] = "compressor"

    threshold_db: float = setting(
        -18.0, low=-60, high=0, unit="dB", help="Sounds louder than this (dBFS) are held back."
    )
    ratio: float = setting(
        1.0, low=1, high=20, scale="log", help="Input dB for each output dB above the threshold."
    )
    knee_db: float = setting(
        6.0, low=0, high=24, unit="dB", help="Range over which the ratio sets in; 0 is sudden."
    )
    attack_ms: float = setting(
        20.0, low=0.1, high=250, unit="ms", scale="log", help="Time to take hold (63 %)."
    )
    release_ms: float = setting(
        150.0, low=5, high=3000, unit="ms", scale="log", help="Time to let go (63 %)."
    )
    auto_release: float = setting(
        0.5, low=0, high=1, help="How much slower the release is after a long reduction."
    )
    detector_high_pass_hz: float = setting(
        80.0, low=0, high=500, unit="Hz", help="The detector ignores bass below this; 0 hears all."
    )
    link: float = setting(
        1.0, low=0, high=1, help="1: both channels move as one, 0: each for itself."
    )
    mode: Literal["stereo", "mid_side"] = setting(
        "stereo", help="Work on left and right, or on middle and side."
    )
    mix: float = setting(1.0, low=0, high=1, help="Share of the compressed sound in the output.")
    makeup_db: float = setting(
        0.0, low=-12, high=24, unit="dB", help="Gain of the compressed sound."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is reduced and nothing made up."""
        return self.mix == 0.0 or (self.ratio == 1.0 and self.makeup_db == 0.0)

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A compressor without latency."""
        return Identity() if self.is_neutral else CompressorRunner(self, rate_hz, channels)


def reduction_db(
    level_db: Floats, threshold_db: float | Floats, ratio: float | Floats, knee_db: float
) -> Floats:
    """The static gain curve: change of gain in dB, 0 or below, for each level in dB.

    Inside the knee a parabola joins the two straight lines, as in the paper named above.
    """
    over = level_db - threshold_db
    slope = 1.0 / ratio - 1.0
    if knee_db == 0.0:
        return np.asarray(slope * np.maximum(over, 0.0))
    inside = np.clip(over + 0.5 * knee_db, 0.0, knee_db)
    above = np.maximum(over - 0.5 * knee_db, 0.0)
    return np.asarray(slope * (inside * inside / (2.0 * knee_db) + above))


class Detector:
    """How loud each sample of each channel is, in dB re full scale, without the deep bass."""

    def __init__(self, high_pass_hz: float, rate_hz: int, channels: int) -> None:
        order = 2  # 12 dB/octave, as the side-chain filters of bus compressors have
        filters = matched.high_pass(high_pass_hz, order) if high_pass_hz else ()
        self._cascade = Cascade([matched.sections(filters, rate_hz)] * channels)

    def process(self, block: Block, loudest: bool = False) -> Floats:
        """The level of the next ``(channels, n)`` samples, or in one row of the ``loudest``."""
        heard = np.abs(self._cascade.process(block))
        if loudest:  # before the logarithm, which costs more than all the rest
            heard = heard.max(axis=0, keepdims=True)
        return np.asarray(20.0 * np.log10(np.maximum(heard, _BLACK)))


class Smooth(Protocol):
    """What smooths a reduction: ``dsp.envelope.Smoother``, or a cell with a mind of its own."""

    def process(self, reduction_db: Floats) -> Floats:
        """The smoothed reduction of the next ``(rows, n)`` values."""


class CompressorRunner(Runner):
    """A compressor at work; ``smoother`` stands in for the one of its settings where given."""

    def __init__(
        self, settings: Compressor, rate_hz: int, channels: int, smoother: Smooth | None = None
    ) -> None:
        self.settings = settings
        self.mid_side = settings.mode == "mid_side" and channels == 2
        self.detector = Detector(settings.detector_high_pass_hz, rate_hz, channels)
        self.rows = 1 if settings.link == 1.0 else channels
        self.smoother = smoother or Smoother(
            settings.attack_ms, settings.release_ms, settings.auto_release, rate_hz, self.rows
        )
        self.wet = settings.mix * gain_from_db(settings.makeup_db)

    def process(self, block: Block) -> Block:
        """Apply the gain to left and right, or to middle and side."""
        if self.mid_side:
            parts = to_mid_side(block)
            parts *= self.gain(parts)
            return to_left_right(parts)
        return np.asarray(block * self.gain(block))

    def gain(self, block: Block) -> Floats:
        """The linear gain for each sample, one row where the channels are linked."""
        s = self.settings
        level_db = self.detector.process(block, loudest=self.rows == 1)
        change_db = reduction_db(level_db, s.threshold_db, s.ratio, s.knee_db)
        if self.rows > 1 and s.link:
            change_db += s.link * (change_db.min(axis=0) - change_db)
        smooth_db = self.smoother.process(change_db)
        compressed = self.wet * np.exp(smooth_db * (np.log(10.0) / 20.0))
        return np.asarray(compressed + (1.0 - s.mix) if s.mix < 1.0 else compressed)


EXAMPLE = Compressor(threshold_db=-24, ratio=2.5, attack_ms=15, release_ms=120, makeup_db=2)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a bus compressor that glues")
