"""Loudness: how hard to drive the path, solved on trial renders, how to share the work, and where
to stop."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from burnish.chain import Step
from burnish.engineer.harm import MILD, harm
from burnish.engineer.path import Path
from burnish.engineer.shares import choose
from burnish.engineer.stop import PLR, StoppedBy, floor_of, verdict
from burnish.engineer.tradeoff import STEP_LU, Knot, Point, curve, knee
from burnish.engineer.trial import Excerpts, Trial
from burnish.processors.limiter import Limiter
from burnish.targets import Target

MOST_DRIVE_DB = 60.0  # what the limiter takes: any mix, at any gain
LEAST_DRIVE_DB = -60.0
_CLOSE_LU = 0.01  # on excerpts; the whole is solved again on the whole
_ROUGH_LU = 0.05  # where ways are compared
_FINE_DB = 0.2  # how finely the stop is searched
_STRIDE_DB = 0.8
_FLAT = 0.15  # LU per dB: as good as nothing
_LEAST_SLOPE = 0.3  # for corrections, which must not run away
_NEAR_LU = 0.1  # what the whole may still correct
LEAST_PLR_DB = 5.0  # the loudest that the knee is looked for where no rule stops
_FEW_KNOTS, _MANY_KNOTS = 5, 9  # trials for the curve
_BEYOND_LU = 1.2  # what the curve shows past the master


@dataclass(frozen=True)
class Solution:
    """A driven path, the loudness expected of it, and what held it back, if anything did.

    ``limiter`` is the driven one; ``path`` has the stages before it. ``trial`` is None where the
    limiter has nothing to do; ``slope`` is in LU per dB of drive. Up to ``idle_db`` of drive no
    sample meets the ceiling, and less drive keeps no more of the peaks. ``passed_by`` is the rule
    that would have held it back, had it been let. ``tradeoff`` tells what loudness costs, and
    ``harm_alone`` what the limiter alone would do there.
    """

    limiter: Limiter
    loudness_lufs: float
    stopped_by: StoppedBy | None
    idle_db: float
    trial: Trial | None = None
    slope: float = 1.0
    path: Path | None = None
    passed_by: StoppedBy | None = None
    tradeoff: tuple[Point, ...] = ()
    harm_alone: float = 0.0
    target: Target | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The stages before the limiter, at its drive."""
        if self.path is None:
            return ()
        path = replace(self.path, limiter=self.limiter)
        return (*path.first(), *path.last(self.limiter.input_gain_db)[:-1])


@dataclass(frozen=True)
class Before:
    """What comes to the path: loudness and sample peak of the whole, and excerpts of it."""

    loudness_lufs: float
    sample_peak_dbfs: float
    excerpts: Excerpts


@dataclass(frozen=True)
class _Asked:
    """What is to be solved."""

    before: Before
    target: Target
    intensity: float
    stop: bool

    def loudness(self, path: Path, drive_db: float, on: Excerpts | None = None) -> float:
        excerpts = self.before.excerpts if on is None else on
        return self.before.loudness_lufs + drive_db - excerpts.loss_lu(path, drive_db)

    def slope(self, path: Path, drive_db: float) -> float:
        return self.loudness(path, drive_db) - self.loudness(path, drive_db - 1.0)

    def judged(self, path: Path, drive_db: float) -> tuple[Trial, StoppedBy | None]:
        trial = self.before.excerpts.trial(path, drive_db)
        plr_db = path.limiter.ceiling_dbtp - self.loudness(path, drive_db)
        efficiency = lambda: self.slope(path, drive_db)  # noqa: E731  asked last, if at all
        return trial, verdict(trial, efficiency, plr_db, self.target, self.intensity)

    def rule(self, trial: Trial, loudness_lufs: float, efficiency: float) -> str:
        plr_db = self.target.ceiling_dbtp - loudness_lufs
        stop = verdict(trial, lambda: efficiency, plr_db, self.target, self.intensity)
        return "" if stop is None else stop.rule


def solve(
    before: Before,
    limiter: Limiter,
    target: Target,
    intensity: float,
    *,
    stop: bool = True,
    share: bool = True,
    most: bool = False,
    like: Path | None = None,
) -> Solution:
    """The path and drive that reach the target's loudness, or the most that every rule lets pass.

    Where the limiter alone does harm worth telling, the work is shared (``shares``), unless
    ``share`` says no; ``like`` is the path to take instead, with this limiter's ceiling. Without
    ``stop`` no rule holds loudness back. ``most`` takes the knee of the curve of loudness and harm,
    at or below the target's loudness.
    """
    asked = _Asked(before, target, intensity, stop)
    if like is not None:
        alone = replace(like, limiter=like.limiter.with_(ceiling_dbtp=limiter.ceiling_dbtp))
        limiter = alone.limiter
    else:
        alone = Path(limiter)
    idle_db = limiter.ceiling_dbtp - before.sample_peak_dbfs
    wanted_lufs = target.loudness_lufs
    if most:
        least_db = floor_of(target, PLR, intensity) if stop else LEAST_PLR_DB
        wanted_lufs = min(wanted_lufs, limiter.ceiling_dbtp - least_db)
        wanted_lufs = max(wanted_lufs, before.loudness_lufs + idle_db + STEP_LU)
        target = target.with_(loudness_lufs=wanted_lufs)
        asked = replace(asked, target=target)
    wanted_db = wanted_lufs - before.loudness_lufs
    if wanted_db <= idle_db:
        driven = limiter.with_(input_gain_db=round(max(wanted_db, LEAST_DRIVE_DB), 4))
        loudness_lufs = asked.loudness(alone, max(wanted_db, LEAST_DRIVE_DB))
        return Solution(driven, loudness_lufs, None, idle_db, target=target)
    start_db = min(wanted_db, MOST_DRIVE_DB)
    drive_db = _reach(lambda db: asked.loudness(alone, db), wanted_lufs, start_db)
    trial, held = asked.judged(alone, drive_db)
    path, harm_alone = alone, 0.0
    sample = before.excerpts.sample()
    if share and (held is not None or harm(trial) > MILD):
        if stop:
            floor_lufs = limiter.ceiling_dbtp - floor_of(target, PLR, intensity)
            wanted_lufs = max(min(wanted_lufs, floor_lufs), before.loudness_lufs + idle_db)

        def reach(path: Path, start_db: float) -> float:
            def heard(drive_db: float) -> float:
                return asked.loudness(path, drive_db, sample)

            return _reach(heard, wanted_lufs, start_db, _ROUGH_LU)

        louder_lu = wanted_lufs - before.loudness_lufs
        chosen = choose(sample, limiter, reach, louder_lu, target, intensity, stop, start_db)
        if chosen.path != alone:
            path, harm_alone = chosen.path, chosen.harm_alone
            drive_db = _reach(
                lambda db: asked.loudness(path, db), target.loudness_lufs, chosen.drive_db
            )
            trial, held = asked.judged(path, drive_db)
    if most:
        knots = _knots(asked, path, sample, idle_db, drive_db, _MANY_KNOTS)
        points = curve(knots, limiter.ceiling_dbtp, target.loudness_lufs, asked.rule)
        turn = knee(points)
        if turn is not None and turn.loudness_lufs < asked.loudness(path, drive_db):
            asked = replace(asked, target=target.with_(loudness_lufs=turn.loudness_lufs))
            drive_db = _reach(
                lambda db: asked.loudness(path, db), turn.loudness_lufs, turn.drive_db
            )
            trial, held = asked.judged(path, drive_db)
    solution = _held_back(asked, path, idle_db, drive_db, trial, held)
    if not most:
        further_db = min(4.0, _BEYOND_LU / solution.slope)
        end_db = min(solution.limiter.input_gain_db + further_db, MOST_DRIVE_DB)
        knots = _knots(asked, path, sample, idle_db, end_db, _FEW_KNOTS)
    points = curve(knots, limiter.ceiling_dbtp, solution.loudness_lufs, asked.rule)
    return replace(
        solution, tradeoff=_agreeing(points, solution), harm_alone=harm_alone, target=asked.target
    )


def _knots(
    asked: _Asked, path: Path, sample: Excerpts, first_db: float, last_db: float, n: int
) -> list[Knot]:
    """Trials of the path on a part of the excerpts, at even steps of drive."""
    drives = [first_db + (last_db - first_db) * k / (n - 1) for k in range(n)]
    return [
        Knot(asked.loudness(path, drive_db, sample), sample.trial(path, drive_db))
        for drive_db in drives
    ]


def _agreeing(points: tuple[Point, ...], solution: Solution) -> tuple[Point, ...]:
    """The points, forbidden where the master was stopped and not before."""
    end_lufs, stop = solution.loudness_lufs + _NEAR_LU, solution.stopped_by
    agreed = []
    for point in points:
        rule = point.stopped_by
        if point.loudness_lufs <= end_lufs and solution.passed_by is None:
            rule = ""
        elif stop is not None and not rule:
            rule = stop.rule
        agreed.append(replace(point, stopped_by=rule))
    return tuple(agreed)


def _held_back(
    asked: _Asked,
    path: Path,
    idle_db: float,
    drive_db: float,
    trial: Trial,
    held: StoppedBy | None,
) -> Solution:
    """The drive itself where no rule stops it, or else the most that all of them let pass."""

    def solution(drive_db: float, stop: StoppedBy | None, trial: Trial | None) -> Solution:
        driven = path.limiter.with_(input_gain_db=round(drive_db, 4))
        gained = 1.0 if trial is None else max(_LEAST_SLOPE, asked.slope(path, drive_db))
        loudness_lufs = asked.loudness(path, drive_db)
        return Solution(driven, loudness_lufs, stop, idle_db, trial, gained, path)

    if not asked.stop:
        return replace(solution(drive_db, None, trial), passed_by=held)
    if held is None and asked.target.loudness_lufs - asked.loudness(path, drive_db) < _NEAR_LU:
        return solution(drive_db, None, trial)
    stop, passing = held, None
    low_db, high_db = min(idle_db, drive_db), drive_db
    stride_db = _STRIDE_DB  # downwards in growing strides, then in halves: the stop is often near
    while high_db - low_db > _FINE_DB:
        middle_db = (low_db + high_db) / 2
        if passing is None:
            middle_db, stride_db = max(middle_db, high_db - stride_db), 2 * stride_db
        trial, held = asked.judged(path, middle_db)
        if held is None:
            low_db, passing = middle_db, trial
        else:
            high_db, stop = middle_db, held
    return solution(low_db, stop, passing)


def _reach(
    loudness: Callable[[float], float],
    wanted_lufs: float,
    drive_db: float,
    close_lu: float = _CLOSE_LU,
) -> float:
    """The drive whose loudness is wanted, by secants; the most it can do where that is too much."""
    got_lufs = loudness(drive_db)
    slope = 0.8  # what is usual near a few dB of reduction
    for _ in range(7):
        missing_lu = wanted_lufs - got_lufs
        if abs(missing_lu) < close_lu or slope < _FLAT:
            break  # where it hardly gets louder any more, the stop rules take over
        next_db = min(drive_db + missing_lu / slope, MOST_DRIVE_DB, drive_db + 6.0)
        if next_db == drive_db:
            break
        next_lufs = loudness(next_db)
        slope = max(0.0, (next_lufs - got_lufs) / (next_db - drive_db))
        drive_db, got_lufs = next_db, next_lufs
    return drive_db
