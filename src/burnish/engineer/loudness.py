"""Loudness: how hard to drive the path, solved on trials; how its stages share it; when to stop."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from burnish.chain import Step
from burnish.engineer.harm import MILD, harm
from burnish.engineer.path import Path
from burnish.engineer.shares import Chosen, choose
from burnish.engineer.stop import PLR, StoppedBy, beyond, floor_of, verdict
from burnish.engineer.tradeoff import STEP_LU, Knot, Point, curve, knee
from burnish.engineer.trial import Excerpts, Trial
from burnish.engineer.whole import Whole
from burnish.processors.limiter import Limiter
from burnish.targets import Target

MOST_DRIVE_DB = 60.0  # what the limiter takes: any mix, at any gain
LEAST_DRIVE_DB = -60.0
_CLOSE_LU = 0.01  # on excerpts; the whole is solved again on the whole
_ROUGH_LU = 0.05  # where ways are compared
_FINE_DB = 0.2  # how finely the stop is searched
_STRIDE_DB = 0.4
_NEAR_LIMIT, _AT_LIMIT = -0.03, -0.015  # logarithms: within 3 % of a limit is at it
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
    """What comes to the path: loudness and sample peak of the whole, and excerpts of it.

    ``whole`` is given where the excerpts are not all of it.
    """

    loudness_lufs: float
    sample_peak_dbfs: float
    excerpts: Excerpts
    whole: Whole | None = None


@dataclass(frozen=True)
class _Asked:
    """What is to be solved."""

    before: Before
    sample: Excerpts
    target: Target
    intensity: float
    stop: bool

    def loudness(self, path: Path, drive_db: float, on: Excerpts | None = None) -> float:
        loss_lu = (on or self.before.excerpts).loss_lu(path, drive_db)
        if on is None and self.before.whole is not None:
            loss_lu = self.before.whole.loss_lu(loss_lu, drive_db, path.limiter.ceiling_dbtp)
        return self.before.loudness_lufs + drive_db - loss_lu

    def slope(self, path: Path, drive_db: float) -> float:
        """LU per dB at the end of this drive, on the part of the excerpts."""
        here, less = (self.sample.loss_lu(path, drive_db - step_db) for step_db in (0.0, 1.0))
        return 1.0 - here + less

    def judged(
        self, path: Path, drive_db: float, on: Excerpts | None = None
    ) -> tuple[Trial, StoppedBy | None]:
        trial = (on or self.before.excerpts).trial(path, drive_db)
        plr_db = path.limiter.ceiling_dbtp - self.loudness(path, drive_db, on)
        efficiency = lambda: self.slope(path, drive_db)  # noqa: E731  asked last, if at all
        return trial, verdict(trial, efficiency, plr_db, self.target, self.intensity)

    def over(self, trial: Trial, path: Path, on: Excerpts) -> float:
        """How far the worst limit is passed, the logarithm of its ratio; below 0 none is."""
        part = None if on is self.before.excerpts else on
        plr_db = path.limiter.ceiling_dbtp - self.loudness(path, trial.drive_db, part)
        floor_db = floor_of(self.target, PLR, self.intensity)
        worst = math.log(max(beyond(trial, self.target, self.intensity), 1e-3))
        return max(worst, (floor_db - plr_db) * math.log(10.0) / 20.0)

    def reach(
        self, path: Path, wanted_lufs: float, start_db: float, on: Excerpts | None = None
    ) -> float:
        close_lu = _CLOSE_LU if on is None else _ROUGH_LU
        return _reach(lambda db: self.loudness(path, db, on), wanted_lufs, start_db, close_lu)

    def is_worth_sharing(self, path: Path, wanted_lufs: float, start_db: float) -> bool:
        """Whether this path alone does harm, or a rule stops it, on a part of the excerpts."""
        drive_db = self.reach(path, wanted_lufs, start_db, self.sample)
        trial, held = self.judged(path, drive_db, self.sample)
        return held is not None or harm(trial) > MILD

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
    alone = Path(limiter)
    if like is not None:
        alone = replace(like, limiter=like.limiter.with_(ceiling_dbtp=limiter.ceiling_dbtp))
        limiter = alone.limiter
    idle_db = limiter.ceiling_dbtp - before.sample_peak_dbfs
    if most:
        least_db = floor_of(target, PLR, intensity) if stop else LEAST_PLR_DB
        most_lufs = min(target.loudness_lufs, limiter.ceiling_dbtp - least_db)
        idle_lufs = before.loudness_lufs + idle_db
        target = target.with_(loudness_lufs=max(most_lufs, idle_lufs + STEP_LU))
    asked = _Asked(before, before.excerpts.sample(), target, intensity, stop)
    wanted_db = target.loudness_lufs - before.loudness_lufs
    if wanted_db <= idle_db:
        driven = limiter.with_(input_gain_db=round(max(wanted_db, LEAST_DRIVE_DB), 4))
        loudness_lufs = asked.loudness(alone, max(wanted_db, LEAST_DRIVE_DB))
        return Solution(driven, loudness_lufs, None, idle_db, target=target)
    start_db = min(wanted_db, MOST_DRIVE_DB)
    path, harm_alone = alone, 0.0
    if share and asked.is_worth_sharing(alone, target.loudness_lufs, start_db):
        chosen = _shared(asked, limiter, idle_db, start_db)
        start_db = chosen.drive_db
        if chosen.path != alone:
            path, harm_alone = chosen.path, chosen.harm_alone
    drive_db = asked.reach(path, target.loudness_lufs, start_db)
    trial, held = asked.judged(path, drive_db)
    if most:
        knots = _knots(asked, path, idle_db, drive_db, _MANY_KNOTS)
        points = curve(knots, limiter.ceiling_dbtp, target.loudness_lufs, asked.rule)
        turn = knee(points)
        if turn is not None and turn.loudness_lufs < asked.loudness(path, drive_db):
            asked = replace(asked, target=target.with_(loudness_lufs=turn.loudness_lufs))
            drive_db = asked.reach(path, turn.loudness_lufs, turn.drive_db)
            trial, held = asked.judged(path, drive_db)
    solution = _held_back(asked, path, idle_db, drive_db, trial, held)
    if not most:
        further_db = min(4.0, _BEYOND_LU / solution.slope)
        end_db = min(solution.limiter.input_gain_db + further_db, MOST_DRIVE_DB)
        knots = _knots(asked, path, idle_db, end_db, _FEW_KNOTS)
    points = curve(knots, limiter.ceiling_dbtp, solution.loudness_lufs, asked.rule)
    return replace(
        solution, tradeoff=_agreeing(points, solution), harm_alone=harm_alone, target=asked.target
    )


def _shared(asked: _Asked, limiter: Limiter, idle_db: float, start_db: float) -> Chosen:
    """How the stages share the work, told from a part of the excerpts."""
    target, own_lufs = asked.target, asked.before.loudness_lufs
    wanted_lufs = target.loudness_lufs
    if asked.stop:
        floor_lufs = limiter.ceiling_dbtp - floor_of(target, PLR, asked.intensity)
        wanted_lufs = max(min(wanted_lufs, floor_lufs), own_lufs + idle_db)
    return choose(
        asked.sample,
        limiter,
        lambda path, at_db: asked.reach(path, wanted_lufs, at_db, asked.sample),
        wanted_lufs - own_lufs,
        target,
        asked.intensity,
        asked.stop,
        start_db,
    )


def _knots(asked: _Asked, path: Path, first_db: float, last_db: float, n: int) -> list[Knot]:
    """Trials of the path on a part of the excerpts, about even steps of drive apart.

    What was tried on the way is taken where it lies near a step.
    """
    step_db = max(last_db - first_db, 1e-6) / (n - 1)
    tried = asked.sample.tried(path)
    knots = {}
    for k in range(n):
        at_db = first_db + k * step_db
        near = [db for db in tried if abs(db - at_db) < 0.4 * step_db]
        drive_db = (
            at_db if not near or k in (0, n - 1) else min(near, key=lambda db: abs(db - at_db))
        )
        trial = asked.sample.trial(path, drive_db)
        knots[drive_db] = Knot(asked.loudness(path, drive_db, asked.sample), trial)
    return list(knots.values())


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
    low_db, guess_db = min(idle_db, drive_db), drive_db - _STRIDE_DB
    sample, excerpts = asked.sample, asked.before.excerpts
    if sample is not excerpts:  # on a part of them first
        part = sample.trial(path, drive_db)
        bracket = _Bracket(low_db, drive_db, asked.over(part, path, sample))
        guess_db, _, _ = _last_passing(asked, path, sample, bracket, guess_db, held)
    bracket = _Bracket(low_db, drive_db, asked.over(trial, path, excerpts))
    return solution(*_last_passing(asked, path, excerpts, bracket, guess_db, held))


@dataclass
class _Bracket:
    """A drive that passes and one that does not; how near to the worst limit each is, in logs."""

    low_db: float
    high_db: float
    over_high: float
    over_low: float = -math.inf

    def between(self) -> float:
        """Where the limit would be met, were it passed in a straight line; else the middle."""
        share = 0.5
        if math.isfinite(self.over_low) and self.over_low < _AT_LIMIT < self.over_high:
            share = (_AT_LIMIT - self.over_low) / (self.over_high - self.over_low)
        return self.low_db + min(0.9, max(0.1, share)) * (self.high_db - self.low_db)


def _last_passing(
    asked: _Asked,
    path: Path,
    on: Excerpts,
    bracket: _Bracket,
    guess_db: float,
    stop: StoppedBy | None,
) -> tuple[float, StoppedBy | None, Trial | None]:
    """The most drive that passes, the rule that forbids more, and the trial: near a guess first.

    ``bracket`` is known to pass at its lower end, and not at its upper, by ``stop``. What passes
    within ``_NEAR_LIMIT`` of a limit is taken.
    """
    passing: Trial | None = None
    at_db = guess_db
    while bracket.high_db - bracket.low_db > _FINE_DB:
        if not bracket.low_db < at_db < bracket.high_db:
            at_db = bracket.between()
        trial, held = asked.judged(path, at_db, None if on is asked.before.excerpts else on)
        over = asked.over(trial, path, on)
        if held is None:
            bracket.low_db, bracket.over_low, passing = at_db, over, trial
            if over > _NEAR_LIMIT:
                break
        else:
            bracket.high_db, bracket.over_high, stop = at_db, over, held
            if passing is None:  # the lower end is far: not yet by halves
                at_db -= _STRIDE_DB * max(1.0, 8.0 * over)
                continue
        at_db = bracket.between()
    return bracket.low_db, stop, passing


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
