"""A session: the whole plan of one track, and its last corrections on the whole render."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

import burnish
from burnish.audio import OutputFormat, Source
from burnish.chain import Plan, Step, render, side_by_side
from burnish.chain.spool import Spool
from burnish.engineer.aim import aim
from burnish.engineer.album.body import Body
from burnish.engineer.album.follow import bonus
from burnish.engineer.codec_safe import MOST_DB, SPARE_DB, lowering, over_db
from burnish.engineer.excerpts import WHOLE_S, choose
from burnish.engineer.harm import harm
from burnish.engineer.intake import Taken
from burnish.engineer.loudness import (
    LEAST_DRIVE_DB,
    MOST_DRIVE_DB,
    Before,
    Solution,
    solve,
)
from burnish.engineer.match import wanted
from burnish.engineer.own_chain import OwnChain
from burnish.engineer.plugins import noted
from burnish.engineer.repair import Repairs, extent_of, mend
from burnish.engineer.rules import Advice
from burnish.engineer.stop import PLR, PLR_SENTENCE, PSR, PSR_SENTENCE, StoppedBy, floor_of
from burnish.engineer.track import HEADROOM_DB, advise, limiter_for, limiter_step, shared
from burnish.engineer.trial import Excerpts
from burnish.engineer.whole import Whole
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.measure.listen import Listener
from burnish.processors.limiter import Limiter
from burnish.targets import Target

CLOSE_LU = 0.04
"""How near the render is brought to the loudness asked; the written file may miss by 0.05 LU."""

CLOSE_DB = 0.2
"""How near a floor may be missed before the whole is rendered again."""

Told = Callable[[float], None]


@dataclass(frozen=True)
class Draft:
    """A plan on the way: what is expected of it, and what it was made for.

    Without a solution there is nothing to correct: a chain with a limiter that is left as written.
    """

    plan: Plan
    target: Target
    wishes: Wishes
    solution: Solution | None


def draft(
    source: Source,
    taken: Taken,
    wishes: Wishes,
    output: OutputFormat,
    told: Told = lambda done: None,
    chain: tuple[Step, ...] | None = None,
    spool: Spool | None = None,
    body: Body | None = None,
) -> Draft:
    """Decide everything: the steps, and by trial renders the drive into the limiter.

    ``told`` hears how much of it is done, 0 to 1. With a ``chain`` its steps are played instead of
    the rules' own. What was ``examined`` is mended before anything else, as far as is wished. The
    ``spool`` keeps what comes before the limiter, for the render. A track of an album has a
    ``body``; one that joins an album later has it from the signature that was taken in.
    """
    measured = taken.measured
    if body is None and taken.signature is not None:
        body = bonus(taken, wishes, taken.signature)
    wishes = wishes if body is None else body.wishes(wishes)
    own = None
    if chain is not None:
        OwnChain.of(chain, wishes)  # what cannot be asked is said before a plug-in is opened
        played = noted(chain, source.info.rate_hz, source.info.channels)
        own = OwnChain.of(played.steps, wishes, played.notes)
    first = decided(source, taken, wishes, body, own)
    target, advice = first.target, first.advice
    limiter = limiter_for(target) if own is None or own.limiter is None else own.limiter
    ending = Step(processor="limiter", settings=limiter)
    plan = Plan(
        burnish=burnish.__version__,
        input=taken.note,
        output=output,
        steps=(*advice.steps, ending if own is None or own.last is None else own.last),
        notes=advice.notes,
    )
    if own is not None and own.as_written:
        told(1.0)
        steps = (*advice.steps, *own.ending())
        aimed = {**aimed_at(target, None), "loudness_lufs": None}
        return Draft(plan.with_(steps=steps, target=aimed), target, wishes, None)
    rate_hz = output.rate_hz or source.info.rate_hz
    before = _before_the_limiter(source, advice.steps, rate_hz, measured, told, spool)
    solution = _solved(before, limiter, target, wishes, share=own is None)
    drafted = _planned(plan, solution.target or target, wishes, solution)
    if target.codecs:
        lower_db = lowering(
            source, measured, target, lambda less_db: _lowered(drafted, less_db).plan
        )
        if lower_db > 0.0:
            drafted = _under_codecs(drafted, lower_db, plan, before, limiter, solution)
    told(1.0)
    return drafted


def _under_codecs(
    drafted: Draft,
    lower_db: float,
    plan: Plan,
    before: Before,
    limiter: Limiter,
    solution: Solution,
) -> Draft:
    """Under a lower ceiling: solved anew; where a rule held it already, only as much softer."""
    if solution.stopped_by:
        return _lowered(drafted, lower_db)
    lower = limiter.with_(ceiling_dbtp=round(limiter.ceiling_dbtp - lower_db, 4))
    again = _solved(before, lower, drafted.target, drafted.wishes, share=False, like=solution)
    return _planned(plan, drafted.target, drafted.wishes, again)


@dataclass(frozen=True)
class Decided:
    """What is decided before anything is played: the aim, and the moves before the loudness."""

    target: Target
    advice: Advice


def decided(
    source: Source,
    taken: Taken,
    wishes: Wishes,
    body: Body | None = None,
    own: OwnChain | None = None,
) -> Decided:
    """The aim, and what every rule says; repairs come first. It takes some milliseconds."""
    like = wanted(taken.references, wishes)
    target = aim(taken.measured, wishes, like)
    target = target if body is None else body.bent(target)
    if own is not None:
        return Decided(own.bend(target), own.advice)
    advice = advise(taken.measured, target, wishes, like, body)
    if taken.examined is not None:
        mended = mend(taken.examined, Repairs(), source, extent_of(target, wishes))
        advice = Advice((*mended.steps, *advice.steps), (*mended.notes, *advice.notes))
    return Decided(target, advice)


def _solved(
    before: Before,
    limiter: Limiter,
    target: Target,
    wishes: Wishes,
    *,
    share: bool,
    like: Solution | None = None,
) -> Solution:
    return solve(
        before,
        limiter,
        target,
        wishes.intensity,
        stop=wishes.stop,
        share=share,
        most=wishes.loudness_lufs == "max" and like is None,
        like=None if like is None else like.path,
    )


def proved(drafted: Draft, after: Measurement) -> Draft | None:
    """What to change after the written file was read back; None where it holds.

    Over the ceiling: the limiter's is lowered by as much. Under the floor of PSR, which only the
    whole tells exactly: the drive is.
    """
    solution, target = drafted.solution, drafted.target
    if solution is None:
        return None
    limiter, stop = solution.limiter, solution.stopped_by
    over_db = after.peaks.true_peak_dbtp - target.ceiling_dbtp
    if over_db > 0:
        ceiling_dbtp = round(limiter.ceiling_dbtp - over_db - HEADROOM_DB, 4)
        limiter = limiter.with_(ceiling_dbtp=ceiling_dbtp)
    floor_db = _floor(drafted, PSR)
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


def proved_behind(drafted: Draft, decoded: dict[str, float]) -> Draft | None:
    """What to change after the written file came back from its codecs; None where it holds."""
    solution, target = drafted.solution, drafted.target
    if solution is None or (over := over_db(decoded, target)) <= 0.0:
        return None
    left_db = solution.limiter.ceiling_dbtp - target.ceiling_dbtp + MOST_DB
    lower_db = min(over + SPARE_DB, left_db)
    return _lowered(drafted, lower_db) if lower_db > 0.0 else None


def _lowered(drafted: Draft, lower_db: float) -> Draft:
    """The draft under a lower ceiling, as loud, or where a rule held it back, as much limited.

    One decibel less of both drive and ceiling is one of loudness, so what a lower ceiling takes
    follows from what the drive gives.
    """
    solution = drafted.solution
    if solution is None or lower_db <= 0.0:
        return drafted
    more_db = gained_lu = 0.0
    if solution.stopped_by is not None:
        more_db = gained_lu = -lower_db
    elif solution.trial is not None:
        more_db = lower_db * (1.0 - solution.slope) / solution.slope
    drive_db = solution.limiter.input_gain_db + more_db
    limiter = solution.limiter.with_(
        ceiling_dbtp=round(solution.limiter.ceiling_dbtp - lower_db, 4),
        input_gain_db=round(float(np.clip(drive_db, LEAST_DRIVE_DB, MOST_DRIVE_DB)), 4),
    )
    loudness_lufs = solution.loudness_lufs + gained_lu
    moved = replace(solution, limiter=limiter, loudness_lufs=loudness_lufs)
    return _planned(drafted.plan, drafted.target, drafted.wishes, moved)


def corrected(drafted: Draft, heard_lufs: float) -> Draft | None:
    """What to change after the whole was heard; None where its loudness is right.

    Where a rule stopped loudness, only what that rule forbids is taken back.
    """
    target, solution = drafted.target, drafted.solution
    if solution is None:
        return None
    limiter, stop = solution.limiter, solution.stopped_by
    missing_lu = target.loudness_lufs - heard_lufs
    plr_db = limiter.ceiling_dbtp - heard_lufs
    floor_db = _floor(drafted, PLR)
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


def _floor(drafted: Draft, rule: str) -> float:
    """The floor of PLR or PSR; none where nothing is to stop."""
    wishes = drafted.wishes
    return floor_of(drafted.target, rule, wishes.intensity) if wishes.stop else -math.inf


def _planned(plan: Plan, target: Target, wishes: Wishes, solution: Solution) -> Draft:
    """The plan with the solved path at its end, and what was aimed at told in it."""
    trial, stop = solution.trial, solution.stopped_by
    evidence: dict[str, float | str | None] = {"loudness_from": target.sources["loudness"]}
    if trial is not None:
        evidence |= {
            name: round(value, 2) for name, value in asdict(trial).items() if name != "drive_db"
        }
        evidence["harm"] = round(harm(trial), 2)
    if stop is not None:
        evidence["stopped_by"] = stop.rule
    # A plan that was aimed before has its path at the end; another's limiter may stand anywhere.
    path = solution.steps
    steps = plan.steps[: -1 - len(path) if plan.target else -1]
    aimed = aimed_at(target, stop)
    if solution.passed_by is not None:
        aimed["passed_by"] = asdict(solution.passed_by)
    if solution.tradeoff:
        aimed["tradeoff"] = [point.told() for point in solution.tradeoff]
    planned = plan.with_(
        steps=(
            *steps,
            *shared(path, solution.harm_alone),
            limiter_step(solution.limiter, target, evidence),
        ),
        target=aimed,
    )
    return Draft(planned, target, wishes, solution)


def aimed_at(target: Target, stop: StoppedBy | None) -> dict[str, Any]:
    """What was aimed at, as a plan tells it."""
    return {
        "style": target.style,
        "style_confidence": _rounded(target.style_confidence),
        "for": list(target.deliveries),
        "loudness_lufs": round(target.loudness_lufs, 3),
        "ceiling_dbtp": target.ceiling_dbtp,
        "sources": dict(target.sources),
        "stopped_by": None if stop is None else asdict(stop),
        **(_codecs(target) if target.codecs else {}),
        **({"references": list(target.references), "match": target.match} if target.match else {}),
    }


def _codecs(target: Target) -> dict[str, Any]:
    """The codecs that must hold, and what: nothing where none is asked."""
    return {"codecs": list(target.codecs), "decoded_ceiling_dbtp": target.decoded_ceiling_dbtp}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _before_the_limiter(
    source: Source,
    steps: tuple[Step, ...],
    rate_hz: int,
    measured: Measurement,
    told: Told,
    spool: Spool | None,
) -> Before:
    """Play the steps before the limiter: hear the whole, keep the parts that the trials need."""
    info = source.info
    parts = choose(measured.timeline.segment_power, info.duration_s)
    wanted = [(math.floor(a * rate_hz), math.ceil(b * rate_hz)) for a, b in parts]
    if rate_hz == info.rate_hz:
        watch = None if spool is None else spool.watch
        stream = side_by_side(steps, source.blocks(), rate_hz, info.channels, watch)
        stream = stream if spool is None else spool.keep(steps, stream)
    else:
        stream = render(steps, source.blocks(), info.rate_hz, info.channels, rate_hz)
    listener = Listener(rate_hz, info.channels)
    kept: list[np.ndarray] = []
    begin = 0
    for block in stream:
        end = begin + block.shape[1]
        listener.feed(block)
        kept += [
            block[:, max(a - begin, 0) : b - begin].copy()
            for a, b in wanted
            if a < end and b > begin
        ]
        begin = end
        told(min(0.5, 0.5 * begin / rate_hz / info.duration_s))
    listener.finish()
    samples = np.concatenate(kept, axis=1)
    kept.clear()  # 25 MB
    return Before(
        listener.integrated_lufs,
        listener.sample_peak_dbfs,
        Excerpts(samples, rate_hz),
        Whole(listener.hop_power, listener.hop_largest, parts)
        if info.duration_s > WHOLE_S
        else None,
    )
