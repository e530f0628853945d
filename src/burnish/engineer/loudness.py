"""Loudness: how hard to drive the limiter, solved on trial renders, and where to stop."""

from collections.abc import Callable
from dataclasses import dataclass

from burnish.engineer.stop import StoppedBy, verdict
from burnish.engineer.trial import Excerpts, Trial
from burnish.processors.limiter import Limiter
from burnish.targets import Target

MOST_DRIVE_DB = 36.0
LEAST_DRIVE_DB = -24.0
_CLOSE_LU = 0.01  # on excerpts; the whole is solved again on the whole
_FINE_DB = 0.2  # how finely the stop is searched
_FLAT = 0.15  # LU per dB: as good as nothing


@dataclass(frozen=True)
class Solution:
    """A drive into the limiter, the loudness expected of it, and what held it back, if anything."""

    drive_db: float
    loudness_lufs: float
    stopped_by: StoppedBy | None
    trial: Trial | None
    slope: float = 1.0  # LU gained per dB of drive, near this drive


def solve(
    excerpts: Excerpts,
    limiter: Limiter,
    before_lufs: float,
    before_dbtp: float,
    target: Target,
    intensity: float,
) -> Solution:
    """The drive that reaches the target's loudness, or the most that every stop rule lets pass.

    ``before_lufs`` and ``before_dbtp`` are what comes to the limiter, measured on the whole.
    """

    def loudness(drive_db: float) -> float:
        return before_lufs + drive_db - excerpts.loss_lu(limiter, drive_db)

    idle_db = limiter.ceiling_dbtp - before_dbtp
    wanted_db = target.loudness_lufs - before_lufs
    if wanted_db <= idle_db:
        drive_db = max(wanted_db, LEAST_DRIVE_DB)
        return Solution(drive_db, before_lufs + drive_db, None, None)

    drive_db = _reach(loudness, target.loudness_lufs, wanted_db)

    def judged(drive_db: float) -> tuple[Trial, StoppedBy | None]:
        trial = excerpts.trial(limiter, drive_db)
        plr_db = limiter.ceiling_dbtp - loudness(drive_db)
        return trial, verdict(trial, lambda: slope(drive_db), plr_db, target, intensity)

    def slope(drive_db: float) -> float:
        return loudness(drive_db) - loudness(drive_db - 1.0)

    trial, stop = judged(drive_db)
    if stop is None and target.loudness_lufs - loudness(drive_db) < 0.1:
        return Solution(drive_db, loudness(drive_db), None, trial, max(0.3, slope(drive_db)))
    low_db, high_db = idle_db, drive_db
    while high_db - low_db > _FINE_DB:
        middle_db = (low_db + high_db) / 2
        tried, held = judged(middle_db)
        if held is None:
            low_db, trial = middle_db, tried
        else:
            high_db, stop = middle_db, held
    return Solution(low_db, loudness(low_db), stop, trial, max(0.3, slope(low_db)))


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
