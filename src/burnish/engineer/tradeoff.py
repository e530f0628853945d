"""The trade-off: what each half LU of loudness costs, so that a person can choose."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np

from burnish.engineer.harm import harm
from burnish.engineer.trial import Trial

STEP_LU = 0.5
BEYOND = 2  # points past the master's own loudness

KNEE_HARM = 0.1
"""The knee: the last point that another half LU would cost less than this. A tenth of a
decibel of crest everywhere, or as much of the rest. Opinion."""


@dataclass(frozen=True)
class Knot:
    """A trial of the path, and how loud the whole is there."""

    loudness_lufs: float
    trial: Trial


@dataclass(frozen=True)
class Point:
    """One point of the curve. ``cost`` is the harm; ``stopped_by`` the rule that forbids it."""

    loudness_lufs: float
    cost: float
    psr_db: float | None
    plr_db: float
    drive_db: float
    stopped_by: str = ""

    def told(self) -> dict[str, float | str | None]:
        """As the plan has it."""
        return asdict(self)


Verdict = Callable[[Trial, float, float], str]
"""The rule that forbids a trial at a loudness (LUFS) with an efficiency (LU per dB), or nothing."""


def curve(
    knots: Sequence[Knot], ceiling_dbtp: float, end_lufs: float, verdict: Verdict
) -> tuple[Point, ...]:
    """Points every half LU from the first knot to two past ``end_lufs``, as far as knots reach.

    Between the knots the figures of the trials are drawn straight, and the harm made of those.
    """
    row = sorted(knots, key=lambda knot: knot.loudness_lufs)
    at = np.array([knot.loudness_lufs for knot in row])
    drives = np.array([knot.trial.drive_db for knot in row])
    if len(row) < 2 or not np.all(np.diff(at) > 0):
        return ()
    last_lufs = min(at[-1], STEP_LU * (math.floor(end_lufs / STEP_LU + 1e-6) + BEYOND))
    points = []
    for k in range(math.ceil(at[0] / STEP_LU - 1e-6), math.floor(last_lufs / STEP_LU + 1e-6) + 1):
        loudness_lufs = k * STEP_LU
        trial = _between(at, [knot.trial for knot in row], loudness_lufs)
        piece = int(np.clip(np.searchsorted(at, loudness_lufs) - 1, 0, len(row) - 2))
        efficiency = (at[piece + 1] - at[piece]) / max(drives[piece + 1] - drives[piece], 1e-6)
        points.append(
            Point(
                loudness_lufs=loudness_lufs,
                cost=round(harm(trial), 3),
                psr_db=round(trial.psr_p5_db, 2) if math.isfinite(trial.psr_p5_db) else None,
                plr_db=round(ceiling_dbtp - loudness_lufs, 2),
                drive_db=round(trial.drive_db, 2),
                stopped_by=verdict(trial, loudness_lufs, float(efficiency)),
            )
        )
    return tuple(points)


def knee(points: Sequence[Point]) -> Point | None:
    """The last point that another half LU costs less than ``KNEE_HARM``."""
    for here, louder in itertools.pairwise(points):
        if louder.cost - here.cost > KNEE_HARM:
            return here
    return points[-1] if points else None


def _between(at: np.ndarray, trials: Sequence[Trial], loudness_lufs: float) -> Trial:
    """The trial at a loudness between others, each figure by itself."""
    values = {
        one.name: float(np.interp(loudness_lufs, at, [getattr(t, one.name) for t in trials]))
        for one in fields(Trial)
    }
    return Trial(**values)
