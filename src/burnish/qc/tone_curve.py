"""The tone of a mix against its style, third octave by third octave, as a whole and over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure import Measurement
from burnish.measure.meter import passing_windows
from burnish.measure.ranges import Range, merged_s, ranges_s
from burnish.targets import Style
from burnish.targets.model import BAND_EDGES_HZ
from burnish.targets.portrait import THIRDS_HZ

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SMOOTH_WINDOWS = 15  # 3 s: about two bars
STEP_S, WINDOW_S = 0.2, 0.4  # of the measured bands
LOUD_DB = -9.0  # what is softer than this under the middle is a break or a fade
USUAL_PERCENTILE = 30.0
FIRST, LAST = 3, 28  # third octaves from 50 Hz to 12.5 kHz: where every style has music
MOST_RANGES = 8
ASIDE = 4  # third octaves
SILENT = 1e-14

HZ = np.array(THIRDS_HZ)


@dataclass(frozen=True, eq=False)
class ToneCurve:
    """Levels of third octaves over a style's median, in dB, for all and for every 3 s.

    ``whole`` is ``(25,)`` and ``moments`` ``(windows, 25)``, 50 Hz to 12.5 kHz: what is left when a
    straight line over the octaves is taken out, by which records of one style differ (darker or
    brighter, more or less bass). A bump or a dip against the neighbours is left.
    ``loud`` tells which 3 s count. ``over`` is the whole without the line taken out, relative to
    0.8 to 2.5 kHz as the corridors are.
    """

    whole: Floats
    moments: Floats
    loud: Bools
    n_windows: int
    duration_s: float
    rate_hz: int

    def jumps(self, levels: Floats) -> Floats:
        """How far moments ``(windows, 25)`` rise over what most of the loud ones exceed."""
        return levels - np.percentile(levels[self.loud], USUAL_PERCENTILE, axis=0)

    @property
    def has_time(self) -> bool:
        """Whether there is enough to tell a place from the rest: 9 s of music."""
        return int(self.loud.sum()) >= 2 * SMOOTH_WINDOWS

    def ranges(self, shown: Bools, least_s: float) -> tuple[Range, ...]:
        """Moments as ranges of time; the first and last reach to the ends of what they heard."""
        half = 0.5 * (min(SMOOTH_WINDOWS, self.n_windows) * STEP_S)
        found = ranges_s(shown, STEP_S, first_s=half)
        joined = merged_s(found, gap_s=1.0, least_s=least_s, most=MOST_RANGES)
        end = STEP_S * len(shown) + half
        return tuple(
            (0.0 if a <= half else a, self.duration_s if b >= end - STEP_S / 2 else b)
            for a, b in joined
        )


def tone_curve(measured: Measurement, style: Style) -> ToneCurve | None:
    """The curve; None where nothing passes the gate or less than 0.4 s is there."""
    bands = measured.timeline.bands
    rows = (bands.mid + bands.side).astype(np.float64)
    passing = passing_windows(measured.timeline.segment_power, bands)[: len(rows)]
    rows = rows[: len(passing)]
    known = measured.source.rate_hz / 2 > HZ * 10.0**0.05
    if not passing.any() or not rows[passing].any() or not known[FIRST:LAST].any():
        return None
    normal = style_curve_db(style)
    smooth, heard = _smoothed(rows, passing)
    heavy = _smoothed(bands.a_weighted[: len(rows), None].astype(np.float64), passing)[0][:, 0]
    middle = float(np.median(heavy[heard > 0])) if (heard > 0).any() else 0.0
    loud = (heard > 0) & (heavy > 10.0 ** (LOUD_DB / 10.0) * middle)
    if not loud.any():
        loud = heard > 0
    together = np.vstack((rows[passing].mean(axis=0), smooth))
    level = 10.0 * np.log10(np.maximum(together, SILENT)) - normal
    left = _without_line(level[:, FIRST:LAST], known[FIRST:LAST])
    return ToneCurve(
        whole=left[0],
        moments=left[1:],
        loud=loud,
        n_windows=len(rows),
        duration_s=measured.source.duration_s,
        rate_hz=measured.source.rate_hz,
    )


def octaves(thirds: Floats) -> Floats:
    """The mean of the octave around every third octave; the ends are repeated beyond."""
    padded = np.pad(thirds, [(0, 0)] * (thirds.ndim - 1) + [(2, 2)], mode="edge")
    n = thirds.shape[-1]
    weights = (0.125, 0.25, 0.25, 0.25, 0.125)
    return np.asarray(sum(w * padded[..., k : k + n] for k, w in enumerate(weights)))


def standing_out(levels: Floats) -> Floats:
    """How far each octave stands over what lies an octave and a third below and above it, in dB.

    Mostly over the higher of the two, so that the top of a slope does not stand out.
    """
    smooth = octaves(levels)
    n = smooth.shape[-1]
    k = np.arange(n)
    low, high = smooth[..., np.maximum(k - ASIDE, 0)], smooth[..., np.minimum(k + ASIDE, n - 1)]
    return smooth - (0.8 * np.maximum(low, high) + 0.2 * np.minimum(low, high))


def style_curve_db(style: Style) -> Floats:
    """The median of a style at every third octave: its nine bands, joined by lines."""
    edges = np.log2(np.array(BAND_EDGES_HZ))
    middles = 0.5 * (edges[1:] + edges[:-1])
    return np.asarray(np.interp(np.log2(HZ), middles, style.tone.median_db))


def _smoothed(rows: Floats, passing: Bools) -> tuple[Floats, Floats]:
    """Mean of the passing rows in every 3 s, 0.2 s apart, and how many those are."""
    k = min(SMOOTH_WINDOWS, len(rows))
    sums = np.cumsum(np.vstack((np.zeros(rows.shape[1]), rows * passing[:, None])), axis=0)
    counts = np.concatenate(((0.0,), np.cumsum(passing)))
    n = counts[k:] - counts[:-k]
    enough = np.where(2 * n >= k, n, 0.0)
    return (sums[k:] - sums[:-k]) / np.maximum(n, 1.0)[:, None], enough


_ITERATIONS = 15
_CLOSE_DB = 3.0  # what lies farther from the line counts for less and less
_STEADY = 6.0  # how much a line without slope is preferred: as so many square octaves of evidence


def _without_line(level: Floats, known: Bools) -> Floats:
    """Each row less the straight line over log frequency that fits most of it.

    Cauchy's weights, from the median on: a bump of an octave or two does not pull the line. Unknown
    is 0.
    """
    x = np.log2(HZ[FIRST:LAST] / 1000.0)
    inside = known.astype(np.float64)
    fit = np.median(level[:, known], axis=1)[:, None]
    for _ in range(_ITERATIONS):
        now = inside / (1.0 + ((level - fit) / _CLOSE_DB) ** 2)
        total = now.sum(axis=1, keepdims=True)
        x0 = (now * x).sum(axis=1, keepdims=True) / total
        y0 = (now * level).sum(axis=1, keepdims=True) / total
        spread = (now * (x - x0) ** 2).sum(axis=1, keepdims=True) + _STEADY
        slope = (now * (x - x0) * (level - y0)).sum(axis=1, keepdims=True) / spread
        fit = y0 + slope * (x - x0)
    return np.where(known, level - fit, 0.0)
