"""Restored: repairs rendered into a file, and what they took away into another."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from burnish.audio import OutputFormat, Source, Writer
from burnish.chain import Plan, Step, Teller, render
from burnish.chain.render import start
from burnish.measure.walk import Floats
from burnish.processors.gain import Gain
from burnish.units import db_from_gain, db_from_power

ROOM_DB = 0.3
"""Left under full scale where what was mended rises over it."""


@dataclass(frozen=True)
class Restored:
    """The plan whose render was kept, and what its repairs took away."""

    plan: Plan
    removed_db: float
    """Power of what was taken away over that of the recording; -inf: nothing was."""
    touched: float
    """Share of the samples that are not as they were, 0 to 1."""


def write_restored(
    source: Source,
    plan: Plan,
    path: Path,
    removed: Path | None,
    overwrite: bool,
    tell: Teller,
) -> Restored:
    """Render repairs; where they rise over full scale, once more, turned down.

    A clipped wave that gets its tops back needs room: whole numbers end at full scale. The gain is
    a step of the plan, so that the sheet says it. ``removed`` gets the difference as 32-bit floats.
    """
    steps = plan.steps
    heard = _render(source, steps, None, plan.output, path, removed, overwrite, tell)
    if heard.largest > 1.0 and not plan.output.is_float and any(step.acts for step in steps):
        gain_db = -math.ceil(10.0 * (db_from_gain(heard.largest) + ROOM_DB)) / 10.0
        reason = "What was mended rises over full scale; all of it is turned down to fit."
        down = Step(processor="gain", settings=Gain(gain_db=gain_db), reason=reason)
        plan = plan.with_(steps=(*steps, down))
        heard = _render(source, steps, down, plan.output, path, removed, True, tell)
    ratio_db = db_from_power(heard.removed / heard.power) if heard.power > 0.0 else -math.inf
    return Restored(plan, ratio_db, heard.touched / max(1, source.info.n_samples))


@dataclass
class _Heard:
    """Sums over what went by."""

    power: float = 0.0
    removed: float = 0.0
    touched: int = 0
    largest: float = 0.0


def _render(
    source: Source,
    steps: tuple[Step, ...],
    down: Step | None,
    form: OutputFormat,
    path: Path,
    removed: Path | None,
    overwrite: bool,
    tell: Teller,
) -> _Heard:
    """Play the repairs beside the recording; what differs is what they took away."""
    info, heard, told = source.info, _Heard(), tell.stage("repair", source)
    acts = any(step.acts for step in steps)
    if not acts and info.bits is not None and not info.is_float:
        # A bit-exact pass is not dithered.
        form = form.with_(dither="none") if info.bits <= 8 * form.bytes_per_sample else form
    size = (info.rate_hz, info.channels, info.n_samples, overwrite)
    turned = None if down is None else start(down, info.rate_hz, info.channels)
    mended = render(steps, source.blocks(), info.rate_hz, info.channels)
    with ExitStack() as files:
        kept = files.enter_context(Writer(path, form, *size))
        aside = None
        if removed is not None:
            aside = files.enter_context(Writer(removed, OutputFormat(bits="32f"), *size))
        done = 0
        for was, is_now in _side_by_side(source.blocks(), mended):
            away = was - is_now
            kept.write(is_now if turned is None else turned.process(is_now))
            if aside is not None:
                aside.write(away)
            heard.power += float(np.square(was).sum())
            heard.removed += float(np.square(away).sum())
            heard.touched += int(away.any(axis=0).sum())
            heard.largest = max(heard.largest, float(np.abs(is_now).max(initial=0.0)))
            done += was.shape[1]
            told(done / info.n_samples)
    return heard


def _side_by_side(
    first: Iterator[Floats], second: Iterator[Floats]
) -> Iterator[tuple[Floats, Floats]]:
    """Two streams of equal length, cut to the same pieces."""
    a, b = next(first, None), next(second, None)
    while a is not None and b is not None:
        n = min(a.shape[1], b.shape[1])
        yield a[:, :n], b[:, :n]
        a = a[:, n:] if a.shape[1] > n else next(first, None)
        b = b[:, n:] if b.shape[1] > n else next(second, None)
