"""Loudness: how hard to drive the limiter, solved on trial renders, and where to stop."""

from collections.abc import Callable
from dataclasses import dataclass

from burnish.engineer.path import Path
from burnish.engineer.stop import StoppedBy, verdict
from burnish.engineer.trial import Excerpts, Trial
from burnish.processors.limiter import Limiter
from burnish.targets import Target

MOST_DRIVE_DB = 60.0  # what the limiter takes: any mix, at any gain
LEAST_DRIVE_DB = -60.0
_CLOSE_LU = 0.01  # on excerpts; the whole is solved again on the whole
_FINE_DB = 0.2  # how finely the stop is searched
_STRIDE_DB = 0.8
_FLAT = 0.15  # LU per dB: as good as nothing
_LEAST_SLOPE = 0.3  # for corrections, which must not run away
_NEAR_LU = 0.1  # what the whole may still correct


@dataclass(frozen=True)
class Solution:
    """A driven limiter, the loudness expected of it, and what held it back, if anything did.

    ``trial`` is None where the limiter has nothing to do; ``slope`` is in LU per dB of drive. Up to
    ``idle_db`` of drive no sample meets the ceiling, and less drive keeps no more of the peaks.
    """

    limiter: Limiter
    loudness_lufs: float
    stopped_by: StoppedBy | None
    idle_db: float
    trial: Trial | None = None
    slope: float = 1.0


@dataclass(frozen=True)
class Before:
    """What comes to the limiter: loudness and sample peak of the whole, and excerpts of it."""

    loudness_lufs: float
    sample_peak_dbfs: float
    excerpts: Excerpts


def solve(before: Before, limiter: Limiter, target: Target, intensity: float) -> Solution:
    """The drive that reaches the target's loudness, or the most that every stop rule lets pass."""
    path = Path(limiter)

    def loudness(drive_db: float) -> float:
        return before.loudness_lufs + drive_db - before.excerpts.loss_lu(path, drive_db)

    def slope(drive_db: float) -> float:
        return loudness(drive_db) - loudness(drive_db - 1.0)

    def judged(drive_db: float) -> tuple[Trial, StoppedBy | None]:
        trial = before.excerpts.trial(path, drive_db)
        plr_db = limiter.ceiling_dbtp - loudness(drive_db)
        return trial, verdict(trial, lambda: slope(drive_db), plr_db, target, intensity)

    def solution(drive_db: float, stop: StoppedBy | None, trial: Trial | None) -> Solution:
        driven = limiter.with_(input_gain_db=round(drive_db, 4))
        gained = 1.0 if trial is None else max(_LEAST_SLOPE, slope(drive_db))
        return Solution(driven, loudness(drive_db), stop, idle_db, trial, gained)

    idle_db = limiter.ceiling_dbtp - before.sample_peak_dbfs
    wanted_db = target.loudness_lufs - before.loudness_lufs
    if wanted_db <= idle_db:
        return solution(max(wanted_db, LEAST_DRIVE_DB), None, None)
    drive_db = _reach(loudness, target.loudness_lufs, min(wanted_db, MOST_DRIVE_DB))
    trial, stop = judged(drive_db)
    if stop is None and target.loudness_lufs - loudness(drive_db) < _NEAR_LU:
        return solution(drive_db, None, trial)
    passing: Trial | None = None
    low_db, high_db = min(idle_db, drive_db), drive_db
    stride_db = _STRIDE_DB  # downwards in growing strides, then in halves: the stop is often near
    while high_db - low_db > _FINE_DB:
        middle_db = (low_db + high_db) / 2
        if passing is None:
            middle_db, stride_db = max(middle_db, high_db - stride_db), 2 * stride_db
        trial, held = judged(middle_db)
        if held is None:
            low_db, passing = middle_db, trial
        else:
            high_db, stop = middle_db, held
    return solution(low_db, stop, passing)


def _reach(loudness: Callable[[float], float], wanted_lufs: float, drive_db: float) -> float:
    """The drive whose loudness is wanted, by secants; the most it can do where that is too much."""
    got_lufs = loudness(drive_db)
    slope = 0.8  # what is usual near a few dB of reduction
    for _ in range(7):
        missing_lu = wanted_lufs - got_lufs
        if abs(missing_lu) < _CLOSE_LU or slope < _FLAT:
            break  # where it hardly gets louder any more, the stop rules take over
        next_db = min(drive_db + missing_lu / slope, MOST_DRIVE_DB, drive_db + 6.0)
        if next_db == drive_db:
            break
        next_lufs = loudness(next_db)
        slope = max(0.0, (next_lufs - got_lufs) / (next_db - drive_db))
        drive_db, got_lufs = next_db, next_lufs
    return drive_db
