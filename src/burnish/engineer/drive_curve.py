"""Drive curve: how loud a standing master becomes when its limiter is driven more, or less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from burnish.engineer.tradeoff import Point

Floats = NDArray[np.float64]

_USUAL_SLOPE, _LEAST_SLOPE = 0.8, 0.3  # LU per dB of drive, where no curve tells


@dataclass(frozen=True)
class DriveCurve:
    """Loudness of the standing master over its drive; it goes through the master itself."""

    points: tuple[Point, ...]
    drives_db: Floats
    lufs: Floats
    own_lufs: float
    """Of the master itself."""

    @classmethod
    def of(cls, told: Sequence[Mapping[str, Any]], drive_db: float, own_lufs: float) -> Self:
        """From the trade-off that a plan tells, moved so that it goes through the master."""
        points = tuple(sorted((Point(**one) for one in told), key=lambda one: one.loudness_lufs))
        drives_db = np.array([one.drive_db for one in points])
        lufs = np.array([one.loudness_lufs for one in points])
        if len(points) < 2 or not np.all(np.diff(drives_db) > 0):
            return cls((), np.array([drive_db]), np.array([own_lufs]), own_lufs)
        lufs += own_lufs - _along(drive_db, drives_db, lufs)
        return cls(points, drives_db, lufs, own_lufs)

    def loudness(self, drive_db: float) -> float:
        """In LUFS, at this drive."""
        return _along(drive_db, self.drives_db, self.lufs)

    def drive_db(self, lufs: float) -> float:
        """The drive for this loudness."""
        return _along(lufs, self.lufs, self.drives_db, over=True)

    def limit(self, stop: Mapping[str, Any] | None) -> tuple[float, str] | None:
        """The standing master, where a rule stopped it; else where the curve is first forbidden."""
        if stop is not None:
            return self.own_lufs, str(stop.get("rule", ""))
        first = next((k for k, one in enumerate(self.points) if one.stopped_by), None)
        if first is None:
            return None
        between = float(self.lufs[max(0, first - 1) : first + 1].mean())
        return max(between, self.own_lufs), self.points[first].stopped_by


def _along(at: float, x: Floats, y: Floats, over: bool = False) -> float:
    """``y`` at a place of ``x``. ``over``: ``y`` is the drive.

    Below the curve the limiter does nothing: one LU is one dB. Beyond it goes on as it ended.
    """
    if at <= x[0]:
        return float(y[0] + (at - x[0]))
    if at < x[-1]:
        return float(np.interp(at, x, y))
    slope = _USUAL_SLOPE
    if len(x) > 1:
        gained, more = (x, y) if over else (y, x)
        slope = max(_LEAST_SLOPE, float((gained[-1] - gained[-2]) / (more[-1] - more[-2])))
    return float(y[-1] + (at - x[-1]) * (1.0 / slope if over else slope))
