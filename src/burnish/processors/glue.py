"""What the bus, opto and variable-mu compressors share: everything but curve and times.

All three are feed-forward, on the pieces of ``compressor``: the detector hears the input, not the
output. Some of the machines they are named for listen to their own output instead. There the curve
and the times that are published are those of the closed loop, which is what is heard; made
feed-forward, they hold at every ratio and every depth, and do not change with the loop's gain.
"""

from abc import abstractmethod

from burnish.processors.base import Identity, Processor, Runner
from burnish.processors.compressor import Compressor, CompressorRunner, Smooth
from burnish.settings import setting


class Glue(Processor):
    """A compressor with a character of its own. At a ratio of 1 the sound is untouched."""

    threshold_db: float = setting(
        -18.0, low=-60, high=0, unit="dB", help="Middle of the knee (dBFS of the wave's own peaks)."
    )
    detector_high_pass_hz: float = setting(
        80.0, low=0, high=500, unit="Hz", help="The detector ignores bass below this; 0 hears all."
    )
    link: float = setting(
        1.0, low=0, high=1, help="1: both channels move as one, 0: each for itself."
    )
    mix: float = setting(1.0, low=0, high=1, help="Share of the compressed sound in the output.")
    makeup_db: float = setting(
        0.0, low=-12, high=24, unit="dB", help="Gain of the compressed sound."
    )

    @abstractmethod
    def curve(self) -> tuple[float, float]:
        """The ratio far above the threshold, and the width of the knee in dB."""

    @abstractmethod
    def smoother(self, rate_hz: int, rows: int) -> Smooth:
        """Attack and release for so many rows of reduction."""

    @property
    def plain(self) -> Compressor:
        """The plain compressor with this detector and this curve; its times are not ours."""
        ratio, knee_db = self.curve()
        return Compressor(
            threshold_db=self.threshold_db,
            ratio=ratio,
            knee_db=knee_db,
            detector_high_pass_hz=self.detector_high_pass_hz,
            link=self.link,
            mix=self.mix,
            makeup_db=self.makeup_db,
        )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is reduced and nothing made up."""
        return self.plain.is_neutral

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A compressor without latency."""
        plain = self.plain
        if plain.is_neutral:
            return Identity()
        rows = 1 if self.link == 1.0 else channels
        return CompressorRunner(plain, rate_hz, channels, self.smoother(rate_hz, rows))
