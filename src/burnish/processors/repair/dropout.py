"""Dropout: fills short gaps of a recording from the music before and after them."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.autoregression import fit, interpolate
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting

Floats = NDArray[np.float64]

SHORTEST_MS = 0.2  # equal samples for less are a wave's turning point
CONTEXT_MS = 50.0  # of music on each side, from which the fill is foretold
EDGE_MS = 4.0  # the very edge of a gap: half a wave of 125 Hz
MOST_ORDER = 256
SILENT = 1e-3  # RMS, -60 dBFS: below it a gap is a pause
ALIVE = 0.4  # of the RMS of four times the edge (-8 dB): as loud at least is no fade
MISSING = 0.1  # of the RMS near by (-20 dB): as much must be missing in the gap
MANY = 3  # gaps in one context: not damage but a wave of steps


class Dropout(Processor):
    """Fill gaps where the samples are lost: zeros, or one value held, in the middle of sound.

    A gap is mended from both sides, as the music around it goes on. One longer than ``longest_ms``
    stays, and so does all other sound, bit for bit: pauses, fades, clipped tops, waves of steps; 0
    fills none. Up to 5 ms the join is hard to hear, beyond 20 ms it is a guess that hides the hole.
    ``auto`` uses 20 where dropouts were found.
    """

    name: ClassVar[str] = "dropout"

    longest_ms: float = setting(
        0.0, low=0, high=40, unit="ms", help="Longest gap that is filled; 0 is off."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether no gap is short enough."""
        return self.longest_ms < SHORTEST_MS

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that looks ahead for the longest gap and what comes after it."""
        return Identity() if self.is_neutral else _Dropout(self, rate_hz, channels)


class _Dropout(FixedBlocks):
    def __init__(self, settings: Dropout, rate_hz: int, channels: int) -> None:
        self.context = round(1e-3 * CONTEXT_MS * rate_hz)
        self.edge = round(1e-3 * EDGE_MS * rate_hz)
        self.shortest = max(8, round(1e-3 * SHORTEST_MS * rate_hz))
        self.longest = round(1e-3 * settings.longest_ms * rate_hz)
        self.beside = self.context + self.longest
        super().__init__(self.context, channels, self.beside)
        self.heard = np.zeros((channels, self.size + 2 * self.beside))

    def run(self, block: Block) -> Block:
        heard = self.heard
        heard[:, : -self.size] = heard[:, self.size :].copy()
        heard[:, -self.size :] = block
        for x in heard:
            gaps = list(held(x, self.shortest))
            for first, last in gaps:
                mine = self.beside <= first < self.beside + self.size
                near = sum(abs(other - first) < self.context for other, _ in gaps)
                if mine and last - first <= self.longest and near < MANY:
                    self.fill(x, first, last)
        return heard[:, self.beside : self.beside + self.size].copy()

    def fill(self, x: Floats, first: int, last: int) -> None:
        """Fill one gap in place, if that is what it is."""
        before, after = x[first - self.context : first], x[last : last + self.context]
        near = min(_rms(before), _rms(after))
        value = x[first]
        tops = max(np.abs(before).max(), np.abs(after).max())
        if (
            near < SILENT
            or self._fades(before[::-1])
            or self._fades(after)
            or abs(value) >= 0.98 * tops  # clipped, or a square wave
        ):
            return
        piece = x[first - self.context : last + self.context].copy()
        places = np.arange(self.context, self.context + last - first)
        unknown = np.zeros(len(piece), dtype=np.bool_)
        unknown[places] = True
        a = fit(piece, unknown, min(MOST_ORDER, self.context // 4))
        if not interpolate(piece, places, a):
            return
        filled = piece[places]
        if _rms(filled - value) > MISSING * near and np.abs(filled).max() < 1.5 * tops:
            x[first:last] = filled

    def _fades(self, away: Floats) -> bool:
        """Whether the sound is softer at the gap than away from it."""
        return _rms(away[: self.edge]) < ALIVE * _rms(away[: 4 * self.edge])


def held(x: Floats, shortest: int) -> Iterator[tuple[int, int]]:
    """First sample and end of every run of at least ``shortest`` equal samples, inside ``x``."""
    turns = np.flatnonzero(x[1:] != x[:-1]) + 1
    for i in np.flatnonzero(np.diff(turns) >= shortest):
        first, last = int(turns[i]), int(turns[i + 1])
        # A value that is held is that of the last sample before; it was heard as it should be.
        yield (first if x[first] == 0.0 else first + 1), last


def _rms(x: Floats) -> float:
    return float(np.sqrt(np.mean(x * x)))


EXAMPLE = Dropout(longest_ms=20)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "holes of a damaged tape")
