"""Match EQ: any smooth tone curve, drawn through points, for the middle and the side."""

from itertools import pairwise
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from burnish.dsp.fir import OverlapSave, bins_hz, grid_size, linear_phase, minimum_phase, tap_count
from burnish.dsp.mid_side import to_left_right, to_mid_side
from burnish.errors import SettingError
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting

Floats = NDArray[np.float64]

MOST_POINTS = 512
LOWEST_HZ, HIGHEST_HZ = 1.0, 400_000.0
MOST_DB = 24.0


class MatchEq(Processor):
    """Change the tone along a smooth curve through given points; flat beyond the first and last.

    The curve never swings past its points (Fritsch and Carlson's monotone cubic on the logarithm of
    the frequency). Minimum phase moves like an analogue equalizer. Linear phase keeps the wave's
    shape, but a steep curve then rings before a hit; use it for small moves. Without side gains the
    side gets the same curve as the middle; on one channel there is only the middle. The filter
    resolves 6 Hz; finer detail is smoothed. A smooth curve is met within 0.02 dB from 20 Hz up
    (linear phase: 0.1 dB, and 0.02 dB from 40 Hz up).
    """

    name: ClassVar[str] = "match_eq"

    frequencies_hz: tuple[float, ...] = setting(
        (), unit="Hz", scale="text", help="Frequencies of the points, rising, 1 to 400000 Hz."
    )
    gains_db: tuple[float, ...] = setting(
        (), unit="dB", scale="text", help="Gain at each frequency, -24 to 24 dB."
    )
    side_gains_db: tuple[float, ...] = setting(
        (), unit="dB", scale="text", help="Gain of the side, where it differs from the middle's."
    )
    phase: Literal["minimum", "linear"] = setting(
        "minimum", help="minimum: as analogue gear; linear: no phase change, may ring before hits."
    )

    @model_validator(mode="after")
    def _points_fit(self) -> Self:
        f = self.frequencies_hz
        if len(f) > MOST_POINTS:
            raise _fault("frequencies_hz", f"{len(f)} given", f"0 to {MOST_POINTS} points")
        for value in f:
            if not LOWEST_HZ <= value <= HIGHEST_HZ:
                raise _fault("frequencies_hz", f"{value:g}", "1 to 400000 Hz")
        for low, high in pairwise(f):
            if high <= low:
                raise _fault("frequencies_hz", f"{high:g} after {low:g}", "in rising order")
        for name, gains in (("gains_db", self.gains_db), ("side_gains_db", self.side_gains_db)):
            if len(gains) != len(f) and (gains or name == "gains_db"):
                raise _fault(name, f"{len(gains)} given", f"one for each of {len(f)} frequencies")
            for value in gains:
                if abs(value) > MOST_DB:
                    raise _fault(name, f"{value:g}", "-24 to 24 dB")
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether every gain is 0 dB."""
        return not any(self.gains_db) and not any(self.side_gains_db)

    def start(self, rate_hz: int, channels: int) -> Runner:
        """Filters on left and right, or on middle and side where they differ."""
        if self.is_neutral:
            return Identity()
        mid = design(self, rate_hz, "mid")
        linear = self.phase == "linear"
        if channels == 1:
            return _MatchEq(mid[None], linear, False) if any(self.gains_db) else Identity()
        apart = bool(self.side_gains_db) and self.side_gains_db != self.gains_db
        other = design(self, rate_hz, "side") if apart else mid
        return _MatchEq(np.stack((mid, other)), linear, apart)


def curve_db(
    match_eq: MatchEq, frequencies_hz: Floats, part: Literal["mid", "side"] = "mid"
) -> Floats:
    """The asked gain in dB of the middle or the side at these frequencies, 0 Hz or above."""
    gains = match_eq.side_gains_db if part == "side" else ()
    gains = gains or match_eq.gains_db
    if not gains:
        return np.zeros_like(frequencies_hz)
    octaves = np.asarray(np.log2(np.maximum(frequencies_hz, LOWEST_HZ)))
    points = np.log2(np.array(match_eq.frequencies_hz, dtype=np.float64))
    return monotone_cubic(points, np.array(gains, dtype=np.float64), octaves)


def design(match_eq: MatchEq, rate_hz: int, part: Literal["mid", "side"]) -> Floats:
    """The taps that make the curve at this rate."""
    n_taps = tap_count(rate_hz)
    size = grid_size(n_taps)
    gain = 10.0 ** (curve_db(match_eq, bins_hz(size, rate_hz), part) / 20.0)
    make = linear_phase if match_eq.phase == "linear" else minimum_phase
    return make(gain, n_taps)


def monotone_cubic(x: Floats, y: Floats, at: Floats) -> Floats:
    """A smooth curve through points with rising x that never leaves the range of its neighbours.

    Slopes by Fritsch and Butland's harmonic mean ("A method for constructing local monotone
    piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 5, 1984), 0 at both ends: the curve
    goes flat into the constant beyond them.
    """
    if len(x) == 1:
        return np.full_like(at, y[0])
    step = np.diff(x)
    secant = np.diff(y) / step
    slope = np.zeros_like(y)
    before, after = secant[:-1], secant[1:]
    turns = before * after <= 0.0
    before, after = np.where(turns, 1.0, before), np.where(turns, 1.0, after)
    w1, w2 = 2.0 * step[1:] + step[:-1], step[1:] + 2.0 * step[:-1]
    slope[1:-1] = np.where(turns, 0.0, (w1 + w2) / (w1 / before + w2 / after))
    inside = np.clip(at, x[0], x[-1])
    k = np.clip(np.searchsorted(x, inside, side="right") - 1, 0, len(step) - 1)
    h = step[k]
    t = (inside - x[k]) / h
    return np.asarray(
        y[k] * (1.0 + 2.0 * t) * (1.0 - t) ** 2
        + y[k + 1] * t * t * (3.0 - 2.0 * t)
        + h * slope[k] * t * (1.0 - t) ** 2
        + h * slope[k + 1] * t * t * (t - 1.0)
    )


def _fault(name: str, given: str, allowed: str) -> SettingError:
    return SettingError("setting-range", f"{name}: {given}; must be {allowed}")


class _MatchEq(FixedBlocks):
    def __init__(self, taps: Floats, linear: bool, mid_side: bool) -> None:
        self.filters = OverlapSave(taps)
        self.mid_side = mid_side
        delay = taps.shape[1] // 2 if linear else 0
        super().__init__(self.filters.size, len(taps), delay)

    def run(self, block: Block) -> Block:
        if not self.mid_side:
            return self.filters.run(block)
        return to_left_right(self.filters.run(to_mid_side(block)))


EXAMPLE = MatchEq(
    frequencies_hz=(30, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 16000),
    gains_db=(0, 1.5, 0.5, -2, -1, 0, 0.5, 1.5, 2.5, 1),
    side_gains_db=(0, 0, 0, -2, -1, 0, 1, 2, 4, 2),
)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a tone curve of ten points, the side brighter than the middle")
