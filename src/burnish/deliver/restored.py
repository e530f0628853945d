"""Restored: repairs rendered into a file, and what they took away into another."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np

from burnish.audio import OutputFormat, Source, Writer
from burnish.audio.source import BLOCK_SAMPLES
from burnish.audio.staged import output_errors
from burnish.chain import Plan, Step, Teller, render
from burnish.chain.render import start
from burnish.measure.walk import Floats
from burnish.processors.gain import Gain
from burnish.units import db_from_gain, db_from_power

_RISING = ("declip", "gain")  # processors that may raise a sound over full scale
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
    """Render repairs; what rises over full scale is turned down before it is written.

    A clipped wave that gets its tops back needs room: whole numbers end at full scale. The gain is
    a step of the plan, so that the sheet says it. ``removed`` gets the difference as 32-bit floats.
    """
    info, form, heard = source.info, plan.output, _Heard()
    if not any(step.acts for step in plan.steps) and info.bits is not None and not info.is_float:
        # A bit-exact pass is not dithered.
        form = form.with_(dither="none") if info.bits <= 8 * form.bytes_per_sample else form
    size = (info.rate_hz, info.channels, info.n_samples)
    with ExitStack() as files:
        kept = files.enter_context(Writer(path, form, *size, overwrite))
        aside = None
        if removed is not None:
            floats = OutputFormat(bits="32f")
            aside = files.enter_context(Writer(removed, floats, *size, overwrite))
        mended = _mended(source, plan.steps, heard, aside, tell)
        if form.is_float or not any(step.processor in _RISING for step in plan.steps):
            for block in mended:
                kept.write(block)
        else:
            spool = files.enter_context(TemporaryFile(dir=path.parent))
            with output_errors(path, 8 * info.channels * info.n_samples):
                for block in mended:
                    spool.write(block.tobytes(order="F"))
                spool.flush()
                down = _down(heard.largest)
            turned = None if down is None else start(down, info.rate_hz, info.channels)
            for block in _spooled(spool, info.channels):
                kept.write(block if turned is None else turned.process(block))
            plan = plan if down is None else plan.with_(steps=(*plan.steps, down))
    ratio_db = db_from_power(heard.removed / heard.power) if heard.power > 0.0 else -math.inf
    return Restored(plan, ratio_db, heard.touched / max(1, info.n_samples))


@dataclass
class _Heard:
    """Sums over what went by."""

    power: float = 0.0
    removed: float = 0.0
    touched: int = 0
    largest: float = 0.0


def _mended(
    source: Source, steps: tuple[Step, ...], heard: _Heard, aside: Writer | None, tell: Teller
) -> Iterator[Floats]:
    """The repaired blocks; what they differ by from the recording goes aside."""
    info, told, done = source.info, tell.stage("repair", source), 0
    mended = render(steps, source.blocks(), info.rate_hz, info.channels)
    for was, is_now in _side_by_side(source.blocks(), mended):
        away = was - is_now
        if aside is not None:
            aside.write(away)
        heard.power += float(np.square(was).sum())
        heard.removed += float(np.square(away).sum())
        heard.touched += int(away.any(axis=0).sum())
        heard.largest = max(heard.largest, float(np.abs(is_now).max(initial=0.0)))
        yield is_now
        done += was.shape[1]
        told(done / info.n_samples)


def _down(largest: float) -> Step | None:
    """The gain that brings the largest sample under full scale; None where it is."""
    if largest <= 1.0:
        return None
    gain_db = -math.ceil(10.0 * (db_from_gain(largest) + ROOM_DB)) / 10.0
    reason = "What was mended rises over full scale; all of it is turned down to fit."
    return Step(processor="gain", settings=Gain(gain_db=gain_db), reason=reason)


def _spooled(spool: BinaryIO, channels: int) -> Iterator[Floats]:
    """What was put aside, again in blocks."""
    spool.seek(0)
    while data := spool.read(BLOCK_SAMPLES * channels * 8):
        samples = np.frombuffer(data).reshape(-1, channels)
        yield np.ascontiguousarray(samples.T)


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
