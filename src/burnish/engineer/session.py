"""A session: the whole plan of one track, and its last corrections on the whole render."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

import burnish
from burnish.audio import OutputFormat, Source
from burnish.chain import InputNote, Plan, Step, render
from burnish.engineer.aim import aim
from burnish.engineer.excerpts import choose
from burnish.engineer.listen import Listener
from burnish.engineer.loudness import (
    LEAST_DRIVE_DB,
    MOST_DRIVE_DB,
    Before,
    Solution,
    solve,
)
from burnish.engineer.stop import PLR, PLR_SENTENCE, PSR, PSR_SENTENCE, StoppedBy, floor_of
from burnish.engineer.track import HEADROOM_DB, advise, limiter_for, limiter_step
from burnish.engineer.trial import Excerpts
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.targets import Target

CLOSE_LU = 0.04
"""How near the render is brought to the loudness asked; the written file may miss by 0.05 LU."""

CLOSE_DB = 0.2
"""How near a floor may be missed before the whole is rendered again."""

Told = Callable[[float], None]


@dataclass(frozen=True)
class Draft:
    """A plan on the way: what is expected of it, and what it was made for."""

    plan: Plan
    target: Target
    wishes: Wishes
    solution: Solution


def draft(
    source: Source,
    measured: Measurement,
    wishes: Wishes,
    output: OutputFormat,
    note: InputNote,
    told: Told = lambda done: None,
) -> Draft:
    """Decide everything: the steps, and by trial renders the drive into the limiter.

    ``told`` hears how much of it is done, 0 to 1.
    """
    target = aim(measured, wishes)
    advice = advise(measured, target, wishes)
    rate_hz = output.rate_hz or source.info.rate_hz
    before = _before_the_limiter(source, advice.steps, rate_hz, measured, told)
    solution = solve(before, limiter_for(target), target, wishes.intensity)
    told(1.0)
    plan = Plan(
        burnish=burnish.__version__,
        input=note,
        output=output,
        steps=advice.steps,
        notes=advice.notes,
    )
    return _planned(plan, target, wishes, solution)


def proved(drafted: Draft, after: Measurement) -> Draft | None:
    """What to change after the written file was read back; None where it holds.

    Over the ceiling: the limiter's is lowered by as much. Under the floor of PSR, which only the
    whole tells exactly: the drive is.
    """
    solution, target = drafted.solution, drafted.target
    limiter, stop = solution.limiter, solution.stopped_by
    over_db = after.peaks.true_peak_dbtp - target.ceiling_dbtp
    if over_db > 0:
        ceiling_dbtp = round(limiter.ceiling_dbtp - over_db - HEADROOM_DB, 4)
        limiter = limiter.with_(ceiling_dbtp=ceiling_dbtp)
    floor_db = floor_of(target, PSR, drafted.wishes.intensity)
    psr_db = after.dynamics.psr_p5_db
    if solution.trial is not None and psr_db is not None and psr_db < floor_db - CLOSE_DB:
        less_db = (floor_db - psr_db) / solution.slope
        drive_db = max(
            min(solution.idle_db, limiter.input_gain_db), limiter.input_gain_db - less_db
        )
        limiter = limiter.with_(input_gain_db=round(drive_db, 4))
        stop = StoppedBy(PSR, round(psr_db, 2), round(floor_db, 2), "dB", PSR_SENTENCE)
    if limiter == solution.limiter:
        return None
    moved = replace(solution, limiter=limiter, stopped_by=stop)
    return _planned(drafted.plan, target, drafted.wishes, moved)


def corrected(drafted: Draft, heard_lufs: float) -> Draft | None:
    """What to change after the whole was heard; None where its loudness is right.

    Where a rule stopped loudness, only what that rule forbids is taken back.
    """
    target, solution = drafted.target, drafted.solution
    limiter, stop = solution.limiter, solution.stopped_by
    missing_lu = target.loudness_lufs - heard_lufs
    plr_db = limiter.ceiling_dbtp - heard_lufs
    floor_db = floor_of(target, PLR, drafted.wishes.intensity)
    if solution.trial is not None and plr_db < floor_db - CLOSE_DB:
        spare_db = max(0.0, limiter.input_gain_db - solution.idle_db)
        missing_lu = min(missing_lu, max(plr_db - floor_db, -spare_db * solution.slope))
        stop = StoppedBy(PLR, round(plr_db, 2), round(floor_db, 2), "dB", PLR_SENTENCE)
    elif stop is not None:
        missing_lu = min(missing_lu, 0.0)
    if abs(missing_lu) <= CLOSE_LU:
        return None
    drive_db = float(
        np.clip(limiter.input_gain_db + missing_lu / solution.slope, LEAST_DRIVE_DB, MOST_DRIVE_DB)
    )
    if drive_db == limiter.input_gain_db:
        return None
    moved = replace(
        solution,
        limiter=limiter.with_(input_gain_db=round(drive_db, 4)),
        loudness_lufs=heard_lufs + missing_lu,
        stopped_by=stop,
    )
    return _planned(drafted.plan, target, drafted.wishes, moved)


def _planned(plan: Plan, target: Target, wishes: Wishes, solution: Solution) -> Draft:
    """The plan with the solved limiter at its end, and what was aimed at told in it."""
    trial, stop = solution.trial, solution.stopped_by
    evidence: dict[str, float | str | None] = {"loudness_from": target.sources["loudness"]}
    if trial is not None:
        evidence |= {
            name: round(value, 2) for name, value in asdict(trial).items() if name != "drive_db"
        }
    if stop is not None:
        evidence["stopped_by"] = stop.rule
    steps = tuple(step for step in plan.steps if step.processor != "limiter")
    planned = plan.with_(
        steps=(*steps, limiter_step(solution.limiter, target, evidence)),
        target={
            "style": target.style,
            "style_confidence": _rounded(target.style_confidence),
            "for": list(target.deliveries),
            "loudness_lufs": round(target.loudness_lufs, 3),
            "ceiling_dbtp": target.ceiling_dbtp,
            "sources": dict(target.sources),
            "stopped_by": None if stop is None else asdict(stop),
        },
    )
    return Draft(planned, target, wishes, solution)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _before_the_limiter(
    source: Source, steps: tuple[Step, ...], rate_hz: int, measured: Measurement, told: Told
) -> Before:
    """Play the steps before the limiter: hear the whole, keep the parts that the trials need."""
    info = source.info
    parts = choose(measured.timeline.segment_power, info.duration_s)
    wanted = [(math.floor(a * rate_hz), math.ceil(b * rate_hz)) for a, b in parts]
    listener = Listener(rate_hz, info.channels)
    kept: list[np.ndarray] = []
    place, total = 0, max(1, round(info.n_samples * rate_hz / info.rate_hz))
    for block in render(steps, source.blocks(), info.rate_hz, info.channels, rate_hz):
        listener.feed(block)
        end = place + block.shape[1]
        kept += [
            block[:, max(a - place, 0) : b - place] for a, b in wanted if a < end and b > place
        ]
        place = end
        told(0.5 * place / total)
    listener.finish()
    excerpts = Excerpts(np.concatenate(kept, axis=1), rate_hz)
    return Before(listener.integrated_lufs, listener.sample_peak_dbfs, excerpts)
