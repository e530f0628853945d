"""Clipping: flattened tops at any height, each channel and each side of zero by itself.

Two looks. The sharp one finds plateaus: three or more samples in a row at one height, reached or
left steeply, and nothing higher around. Clipped, and then turned down, looks so too. The blurred
one is for what a codec or a filter made of plateaus: how wide the highest wave of every 100 ms is
near its top, against its width farther down. A cut wave is wide at its top; one that a limiter
turned down kept its shape.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.measure.model import Measurement
from burnish.measure.overlap import Overlap
from burnish.measure.ranges import Range, merged_s, ranges_s
from burnish.units import db_from_gain

Floats = NDArray[np.float64]

_SEEN = 256  # samples of past and future: a plateau is seen up to this long
_NEAR_TOP = 0.985  # of a second's highest sample: where its plateaus are looked for
_FLAT = 6e-4  # of the height: how far the samples of a plateau lie apart, 0.005 dB
_DITHER = 1.5e-4  # the least, in full scale: 16 bits and their dither after the clipping
_STEEP = 5.0  # times that, the step to or from a plateau; the crest of a slow wave has none
_LOWEST = 0.02  # -34 dBFS, under which nothing is looked for
_SAME = 1.006  # 0.05 dB: plateaus this close together were cut by one ceiling
_BEYOND = 0.02  # of the seconds with plateaus: so many may hold a sample beyond the ceiling
_LEAST_RUNS_SIDE, _LEAST_RUNS = 2, 3  # at one ceiling: fewer happen by chance
_FLAT_PART = 0.15  # of the samples within 0.4 dB of the ceiling: the least that are flat
_UNDER = 2e-5  # a threshold lies 0.0002 dB under the lowest flat sample, so that it may be rounded
_FULL_SCALE = 0.9943  # -0.05 dBFS
_MOST_TIMES = 20
_WAVES_PER_S = 10
_LEAST_WAVES = 100
_USUAL_RATIO = 0.4  # of a sine's widths 0.51, of music 0.2 to 0.45: where nothing softer tells it


@dataclass(frozen=True)
class CutSide:
    """One side of zero of one channel: where it was cut, how often, how hard.

    ``threshold_dbfs`` lies just under the plateau: every sample at or beyond it was cut. None where
    nothing was. ``overdrive_db`` is how far the wave would have gone on, in the typical and
    ``most_overdrive_db`` in the worst of its runs, by the slopes beside it.
    """

    threshold_dbfs: float | None
    runs: int
    samples: int
    overdrive_db: float
    most_overdrive_db: float


@dataclass(frozen=True)
class Clipping:
    """What was cut off at the top, at full scale or below it.

    ``sides`` are (up, down) of each channel in turn. ``threshold_dbfs`` is the lowest of theirs;
    None where nothing was cut. ``samples`` are the flat ones of all channels, ``share`` their part
    of all samples. ``earlier``: the plateau lies below full scale, so it was turned down since.
    ``times_s`` are seconds that hold plateaus, joined.

    ``blurred`` is how sure it is, 0 to 1, that cut tops were since bent by a codec or a filter;
    ``blurred_dbfs`` is about where they were. It is 0 where plateaus are seen plainly.
    """

    sides: tuple[CutSide, ...]
    threshold_dbfs: float | None
    runs: int
    samples: int
    share: float
    earlier: bool
    overdrive_db: float
    times_s: tuple[Range, ...]
    blurred: float
    blurred_dbfs: float | None

    @property
    def thresholds_dbfs(self) -> tuple[float, ...]:
        """Up and down of each channel, as ``Declip`` takes them; 24 where nothing was cut."""
        if self.threshold_dbfs is None:
            return ()
        return tuple(24.0 if s.threshold_dbfs is None else s.threshold_dbfs for s in self.sides)


class ClippingDetector:
    """Keeps a few numbers of every second, and of every 100 ms, for each side of each channel."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._channels = channels
        self._rate_hz = rate_hz
        self._hop = max(1, rate_hz // _WAVES_PER_S)
        self._overlap = Overlap(channels, _SEEN, _SEEN)
        self._n_samples = 0
        self._plateaus = bytearray()
        self._waves = bytearray()

    def feed(self, piece: Floats) -> None:
        """Take the next piece."""
        self._n_samples += piece.shape[1]
        self._look(self._overlap.feed(piece))

    def finish(self, measured: Measurement) -> Clipping:
        """What was cut."""
        self._look(self._overlap.finish())
        shape = (-1, 2 * self._channels)
        plateaus = np.frombuffer(self._plateaus, dtype=np.float32).reshape(*shape, 8)
        waves = np.frombuffer(self._waves, dtype=np.float32).reshape(*shape, 3)
        return _summary(plateaus.astype(np.float64), waves.astype(np.float64), self._n_samples)

    def _look(self, seen: Floats | None) -> None:
        if seen is None:
            return
        n_hops = -(-(seen.shape[1] - 2 * _SEEN) // self._hop)
        plateaus = np.zeros((2 * self._channels, 8))
        waves = np.zeros((2 * self._channels, n_hops, 3))
        for channel, wave in enumerate(seen):
            for side, sign in enumerate((1.0, -1.0)):
                k = 2 * channel + side
                _find_plateaus(wave, sign, plateaus[k])
                _find_waves(wave, sign, self._hop, waves[k])
        self._plateaus += plateaus.astype(np.float32).tobytes()
        self._waves += waves.swapaxes(0, 1).astype(np.float32).tobytes()


def _summary(plateaus: Floats, waves: Floats, n_samples: int) -> Clipping:
    """From seconds ``(n, sides, 8)`` and waves ``(n, sides, 3)`` to what was cut."""
    n_sides = plateaus.shape[1]
    chosen = [_ceiling(plateaus[:, side]) for side in range(n_sides)]
    heights = [plateaus[rows, side, 0].mean() for side, rows in enumerate(chosen) if rows.any()]
    if sum(plateaus[rows, side, 1].sum() for side, rows in enumerate(chosen)) < _LEAST_RUNS:
        heights, chosen = [], [np.zeros(len(plateaus), dtype=np.bool_)] * n_sides
    sides = tuple(_side(plateaus[rows, side]) for side, rows in enumerate(chosen))
    thresholds = [side.threshold_dbfs for side in sides if side.threshold_dbfs is not None]
    runs, samples = sum(side.runs for side in sides), sum(side.samples for side in sides)
    blurred, blurred_dbfs = (0.0, None) if runs else _blurred(waves)
    return Clipping(
        sides=sides,
        threshold_dbfs=min(thresholds, default=None),
        runs=runs,
        samples=samples,
        share=samples / max(1, n_samples * n_sides // 2),
        earlier=bool(heights) and max(heights) < _FULL_SCALE,
        overdrive_db=sum(side.overdrive_db * side.runs for side in sides) / max(1, runs),
        times_s=merged_s(ranges_s(np.any(chosen, axis=0), 1.0), gap_s=1.0, most=_MOST_TIMES),
        blurred=blurred,
        blurred_dbfs=blurred_dbfs,
    )


def _ceiling(rows: Floats) -> NDArray[np.bool_]:
    """The seconds of one side whose plateaus were cut by one ceiling, which nothing passes."""
    none = np.zeros(len(rows), dtype=np.bool_)
    heights = rows[:, 0]
    if not np.any(rows[:, 1] > 0):
        return none
    # The highest ceiling that is sure: what lies under it was not cut by it.
    for height in np.sort(np.unique(heights[rows[:, 1] > 0]))[::-1]:
        same = (rows[:, 1] > 0) & (heights <= height) & (heights * _SAME >= height)
        runs, flat, near = rows[same, 1].sum(), rows[same, 2].sum(), rows[same, 6].sum()
        passed = np.count_nonzero(rows[:, 7] > height * _SAME)
        if passed > _BEYOND * np.count_nonzero(same):
            return none
        if runs >= _LEAST_RUNS_SIDE and flat >= _FLAT_PART * near:
            return np.asarray(same)
    return none


def _side(rows: Floats) -> CutSide:
    runs = int(rows[:, 1].sum())
    if not runs:
        return CutSide(None, 0, 0, 0.0, 0.0)
    return CutSide(
        threshold_dbfs=db_from_gain(float(rows[:, 3].min()) * (1.0 - _UNDER)),
        runs=runs,
        samples=int(rows[:, 2].sum()),
        overdrive_db=float(rows[:, 4] @ rows[:, 1]) / runs,
        most_overdrive_db=float(rows[:, 5].max()),
    )


def _blurred(waves: Floats) -> tuple[float, float | None]:
    """How sure it is that tops were cut and then bent, and about where; by waves of 100 ms.

    Those at the top are many, as high as each other, and wider there than the softer ones are.
    """
    tops = waves[:, :, 0].ravel()
    loud = tops > _LOWEST
    if np.count_nonzero(loud) < _LEAST_WAVES:
        return 0.0, None
    tops, ratios = tops[loud], waves[:, :, 2].ravel()[loud]
    ceiling = float(np.percentile(tops, 90))
    high = (tops > 0.94 * ceiling) & (tops < 1.06 * ceiling)
    low = (tops < 0.8 * ceiling) & (tops > 0.2 * ceiling)
    piled = np.count_nonzero(high) / len(tops)
    soft = float(np.median(ratios[low])) if np.count_nonzero(low) >= 10 else _USUAL_RATIO
    wider = float(np.median(ratios[high])) - soft
    sure = min(1.0, max(0.0, (piled - 0.25) / 0.25)) * min(1.0, max(0.0, (wider - 0.05) / 0.1))
    return 0.7 * sure, db_from_gain(ceiling) if sure else None


@njit(cache=True, nogil=True, fastmath=False)
def _find_plateaus(x, sign, row):  # type: ignore[no-untyped-def]
    """Plateaus of one side of a second: those within 0.05 dB of the highest one.

    ``row``: their height, runs, samples, lowest sample, mean and largest overdrive in dB; samples
    near their height; the highest sample of the second.
    """
    first, last = _SEEN, len(x) - _SEEN
    top = 0.0
    for i in range(first, last):
        top = max(top, sign * x[i])
    row[7] = top
    if top < _LOWEST:
        return
    near = _NEAR_TOP * top
    highest = 0.0
    i = first
    while i < last:
        low = high = sign * x[i]
        if high < near:
            i += 1
            continue
        flat = max(_DITHER, _FLAT * high)
        j = i + 1
        while j < len(x) - 2:
            value = sign * x[j]
            if max(high, value) - min(low, value) > flat:
                break
            high, low = max(high, value), min(low, value)
            j += 1
        n = j - i
        rise, fall = low - sign * x[i - 1], low - sign * x[j]
        if n < 3 or min(rise, fall) <= 0.0 or max(rise, fall) < _STEEP * flat:
            i += 1 if n < 3 else n
            continue
        top_ones = 0
        for k in range(i, j):
            if sign * x[k] == high:
                top_ones += 1
        if top_ones >= 3:
            low = high  # undithered: what lies beside it within 0.005 dB was not cut
        if high > highest * _SAME:
            row[1:6] = 0.0
            row[3] = low
        highest = max(highest, high)
        if high * _SAME >= highest:
            # A parabola that leaves the plateau with these slopes rises so far in between.
            slope = 0.5 * (x[i - 1] - x[i - 2] + x[j] - x[j + 1]) * sign
            over = 20.0 * np.log10(1.0 + max(slope, 0.0) * (n + 1) / 4.0 / high)
            row[1] += 1.0
            row[2] += n
            row[3] = min(row[3], low)
            row[4] += over
            row[5] = max(row[5], over)
        i = j
    row[0] = highest
    if row[1] > 0.0:
        row[4] /= row[1]
        near = row[3] / 1.05  # 0.4 dB
        for i in range(first, last):
            if sign * x[i] >= near:
                row[6] += 1.0


@njit(cache=True, nogil=True, fastmath=False)
def _find_waves(x, sign, hop, rows):  # type: ignore[no-untyped-def]
    """The highest wave of every hop: its height, its width near the top, that against farther down.

    The widths are those above -1 dB and above -4.4 dB of its height.
    """
    last = len(x) - _SEEN
    for k in range(len(rows)):
        begin = _SEEN + k * hop
        at = begin
        for i in range(begin, min(begin + hop, last)):
            if sign * x[i] > sign * x[at]:
                at = i
        top = sign * x[at]
        rows[k, 0] = top
        if top < _LOWEST:
            continue
        lengths = np.zeros(2)
        for which in range(2):
            least = top * (0.89 if which == 0 else 0.6)
            a = b = at
            while a > at - _SEEN and sign * x[a - 1] >= least:
                a -= 1
            while b < at + _SEEN - 1 and sign * x[b + 1] >= least:
                b += 1
            lengths[which] = b - a + 1
        rows[k, 1] = lengths[0]
        rows[k, 2] = lengths[0] / lengths[1]
