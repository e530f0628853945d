"""Width: how far the sound spreads, in three bands, and from where on the bass is mono."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.fir import OverlapSave, bins_hz, grid_size, linear_phase, tap_count
from burnish.dsp.mid_side import to_left_right, to_mid_side
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting

Floats = NDArray[np.float64]


class Width(Processor):
    """Scale the side (what differs between left and right): 0 is mono, 1 as it was, 2 twice.

    Only the side is filtered, so the mono sum stays what it was. The bands are joined by the
    magnitudes of Linkwitz-Riley filters of 24 dB/octave, which add up to exactly 1, in one filter
    of linear phase: the side keeps its place in time against the middle, and so does a panned
    voice. Below ``mono_below_hz`` the side goes out at 24 dB/octave, whatever the widths are. On
    one channel nothing is done.
    """

    name: ClassVar[str] = "width"

    low_width: float = setting(1.0, low=0, high=2, help="Width of the bass.")
    mid_width: float = setting(1.0, low=0, high=2, help="Width between the two crossovers.")
    high_width: float = setting(1.0, low=0, high=2, help="Width of the treble.")
    low_crossover_hz: float = setting(
        250.0, low=40, high=1000, unit="Hz", scale="log", help="Where the bass ends."
    )
    high_crossover_hz: float = setting(
        4000.0, low=1000, high=16_000, unit="Hz", scale="log", help="Where the treble begins."
    )
    mono_below_hz: float = setting(
        0.0, low=0, high=400, unit="Hz", help="The bass below this is mono (-6 dB at it); 0 is off."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether the side stays as it is."""
        widths = (self.low_width, self.mid_width, self.high_width)
        return widths == (1.0, 1.0, 1.0) and self.mono_below_hz == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A filter on the side of a stereo stream; the middle waits for it."""
        return Identity() if self.is_neutral or channels == 1 else _Width(design(self, rate_hz))


def side_gain(width: Width, frequencies_hz: Floats) -> Floats:
    """The linear gain of the side at these frequencies, 0 Hz or above."""
    above_low = _above(frequencies_hz, width.low_crossover_hz)
    above_high = _above(frequencies_hz, width.high_crossover_hz)
    gain = width.low_width + (width.mid_width - width.low_width) * above_low
    gain = gain + (width.high_width - width.mid_width) * above_high
    return gain * _above(frequencies_hz, width.mono_below_hz) if width.mono_below_hz else gain


def design(width: Width, rate_hz: int) -> Floats:
    """The taps of the side's filter at this rate."""
    n_taps = tap_count(rate_hz)
    size = grid_size(n_taps)
    return linear_phase(side_gain(width, bins_hz(size, rate_hz)), n_taps)


def _above(frequencies_hz: Floats, corner_hz: float) -> Floats:
    """Gain of a Linkwitz-Riley high-pass of 24 dB/octave; 1 minus it is that of the low-pass."""
    ratio = (frequencies_hz / corner_hz) ** 4
    return np.asarray(ratio / (1.0 + ratio))


class _Width(FixedBlocks):
    def __init__(self, taps: Floats) -> None:
        self.filter = OverlapSave(taps[None])
        delay = len(taps) // 2
        super().__init__(self.filter.size, 2, delay)
        self.past = np.zeros(delay)

    def run(self, block: Block) -> Block:
        parts = to_mid_side(block)
        middle = np.concatenate((self.past, parts[0]))
        self.past = middle[self.size :].copy()
        parts[0] = middle[: self.size]
        parts[1:] = self.filter.run(parts[1:])
        return to_left_right(parts)


EXAMPLE = Width(low_width=0.5, mid_width=1.1, high_width=1.5, mono_below_hz=110)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "tight bass, wide treble")
