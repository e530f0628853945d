"""A sketch: what wishes change of a master that stands, at once, without trial renders.

The rules decide as they do for a full master, from the same measurement. What is left out is the
search for the loudness: the path of the standing master (its compressor, clipper and limiter) is
kept, and driven as far as its own curve of loudness says. What the moves before it add to or take
from the loudness is heard on three short pieces of the mix. So a sketch is a plan like any other,
and what the full render may still change of it is its path, its drive, and a rule that stops it.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.chain import Plan, Step
from burnish.chain.render import in_place, start
from burnish.engineer.drive_curve import DriveCurve
from burnish.engineer.excerpts import choose
from burnish.engineer.intake import Taken
from burnish.engineer.session import aimed_at, decided
from burnish.engineer.stop import EFFICIENCY, LIMITS, PLR, PSR, RESIDUAL, floor_of
from burnish.engineer.track import limiter_for, limiter_step
from burnish.engineer.tradeoff import knee
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.measure.listen import Listener
from burnish.measure.walk import HOPS_PER_S
from burnish.processors.clipper import Clipper
from burnish.processors.limiter import Limiter
from burnish.targets import Target
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

PIECES, PIECE_S, SETTLED_S = 3, 2.5, 0.5
_MOST_BYTES = 48 << 20  # of pieces as the moves made them
_MOST_DRIVE_DB, _LEAST_DRIVE_DB = 60.0, -60.0
_LOWEST_DBFS = -60.0


@dataclass(frozen=True)
class Sketch:
    """A plan that can be played, the loudness expected of it, and what held it back ("" nothing).

    ``kept`` says that the path of the standing master is in it; else it has a plain limiter.
    """

    plan: Plan
    loudness_lufs: float
    held_by: str
    kept: bool


class Sketcher:
    """Sketches from one standing master, which became so loud at this intensity.

    ``source`` and ``measured`` are its mix, ``standing`` its plan. Not for several threads at once.
    """

    def __init__(
        self,
        source: Source,
        measured: Measurement,
        standing: Plan,
        loudness_lufs: float,
        intensity: float = 0.5,
    ) -> None:
        self._source, self._intensity = source, intensity
        info = source.info
        self._standing = standing
        self._moves, self._path, self._limiter = _parts(standing.steps)
        drive_db = 0.0 if self._limiter is None else self._limiter.input_gain_db
        self._curve = DriveCurve.of(standing.target.get("tradeoff") or (), drive_db, loudness_lufs)
        self._pieces = _Pieces(source, _places(measured, info.rate_hz, info.n_samples))
        self._before_db = self._pieces.power_db(self._moves)

    def sketch(self, taken: Taken, wishes: Wishes) -> Sketch:
        """The plan for these wishes; ``taken`` has the references that they name."""
        first = decided(self._source, taken, wishes)
        target, moves = first.target, first.advice.steps
        more_db = self._pieces.power_db(moves) - self._before_db
        limiter = limiter_for(target) if self._limiter is None else self._limiter
        limiter = limiter.with_(ceiling_dbtp=self._ceiling(target))
        wanted_lufs, held_by = self._wanted(taken.measured, target, wishes, limiter.ceiling_dbtp)
        drive_db = self._curve.drive_db(wanted_lufs) - more_db
        drive_db = float(np.clip(round(drive_db, 4), _LEAST_DRIVE_DB, _MOST_DRIVE_DB))
        driven = limiter.with_(input_gain_db=drive_db)
        path = tuple(self._driven(step, limiter, driven) for step in self._path)
        evidence: dict[str, float | str | None] = {"loudness_from": target.sources["loudness"]}
        told = {**aimed_at(target, None), "loudness_lufs": round(wanted_lufs, 3)}
        if tradeoff := self._standing.target.get("tradeoff"):
            told["tradeoff"] = tradeoff
        plan = self._standing.with_(
            steps=(*moves, *path, limiter_step(driven, target, evidence)),
            notes=first.advice.notes,
            target=told,
        )
        return Sketch(plan, self._curve.loudness(drive_db + more_db), held_by, bool(self._limiter))

    def _ceiling(self, target: Target) -> float:
        """The target's; what codecs needed under the same codecs, they need again."""
        was = self._standing.target
        asked = was.get("ceiling_dbtp")
        if self._limiter is None or asked is None or list(target.codecs) != was.get("codecs", []):
            return target.ceiling_dbtp
        lower_db = max(0.0, float(asked) - self._limiter.ceiling_dbtp)
        return round(max(-20.0, target.ceiling_dbtp - lower_db), 4)

    def _wanted(
        self, measured: Measurement, target: Target, wishes: Wishes, ceiling_dbtp: float
    ) -> tuple[float, str]:
        """The loudness to go to, as far as the rules that are known without a trial let it."""
        wanted_lufs = target.loudness_lufs
        if wishes.loudness_lufs == "max" and (turn := knee(self._curve.points)) is not None:
            wanted_lufs = min(wanted_lufs, turn.loudness_lufs)
        if not wishes.stop:
            return wanted_lufs, ""
        own = measured.loudness.integrated_lufs
        idle_lufs = -math.inf
        if own is not None and math.isfinite(own):
            idle_lufs = own + ceiling_dbtp - measured.peaks.sample_peak_dbfs
        limits = [(ceiling_dbtp - floor_of(target, PLR, wishes.intensity), PLR)]
        if target.style == self._standing.target.get("style"):
            limits += self._held_before(target, wishes.intensity)
        for limit_lufs, rule in limits:
            if wanted_lufs > max(limit_lufs, idle_lufs) + 0.01:
                return min(max(one, idle_lufs) for one, _ in limits), rule
        return wanted_lufs, ""

    def _held_before(self, target: Target, intensity: float) -> list[tuple[float, str]]:
        """Where a rule held the standing master back; another intensity asks less or more of it.

        A limit that is twice as wide is thought to let the limiter work twice as much.
        """
        curve, was = self._curve, self._intensity
        found = curve.limit(self._standing.target.get("stopped_by"))
        if found is None or found[1] == PLR:
            return []
        lufs, rule = found
        if rule == PSR:
            return [(lufs + floor_of(target, PSR, was) - floor_of(target, PSR, intensity), rule)]
        limit = LIMITS.get(rule)
        if limit is None or intensity == was:
            return [found]
        now, then = limit.at(intensity), limit.at(was)
        wider = gain_from_db(now - then) if limit is RESIDUAL else now / then
        wider = 1.0 / wider if limit is EFFICIENCY else wider
        idle_db = float(curve.drives_db[0])
        return [(curve.loudness(idle_db + (curve.drive_db(lufs) - idle_db) * wider), rule)]

    def _driven(self, step: Step, was: Limiter, now: Limiter) -> Step:
        """A stage of the path; the clipper is told of the drive, which comes after it."""
        if not isinstance(step.settings, Clipper):
            return step
        more_db = now.input_gain_db - was.input_gain_db - (now.ceiling_dbtp - was.ceiling_dbtp)
        ceiling_dbfs = round(max(_LOWEST_DBFS, step.settings.ceiling_dbfs - more_db), 4)
        return step.with_(settings=step.settings.with_(ceiling_dbfs=min(0.0, ceiling_dbfs)))


class _Pieces:
    """Pieces of a mix, and what rows of moves make of them: a sketch has most of the last one's."""

    def __init__(self, source: Source, places: Sequence[tuple[int, int]]) -> None:
        self._rate_hz, self._channels = source.info.rate_hz, source.info.channels
        self._pieces = [
            np.concatenate(list(source.blocks(start=a, stop=b)), axis=1) for a, b in places
        ]
        self._kept: OrderedDict[str, list[Floats]] = OrderedDict()

    def power_db(self, steps: Sequence[Step]) -> float:
        """Loudness of the pieces behind these steps, in dB; ungated, as all of them sound."""
        power = 0.0
        for piece in self._played([step for step in steps if step.acts]):
            listener = Listener(self._rate_hz, self._channels)
            listener.feed(piece)
            listener.finish()
            power += float(listener.hop_power[round(SETTLED_S * HOPS_PER_S) :].sum())
        return 10.0 * math.log10(max(power, 1e-20))

    def _played(self, steps: Sequence[Step]) -> list[Floats]:
        """The pieces behind these steps; played on from the longest row that is kept."""
        keys = [_key(steps[: n + 1]) for n in range(len(steps))]
        n_kept = next((n for n in range(len(steps), 0, -1) if keys[n - 1] in self._kept), 0)
        pieces = self._kept[keys[n_kept - 1]] if n_kept else self._pieces
        for step, key in zip(steps[n_kept:], keys[n_kept:], strict=True):
            pieces = [self._through(step, piece) for piece in pieces]
            self._kept[key] = pieces
        for key in keys:
            if key in self._kept:  # of a longer row the shorter may be gone
                self._kept.move_to_end(key)
        while len(self._kept) > 1 and self._n_bytes() > _MOST_BYTES:
            self._kept.popitem(last=False)
        return pieces

    def _through(self, step: Step, piece: Floats) -> Floats:
        runner = start(step, self._rate_hz, self._channels)
        return np.concatenate(list(in_place(runner, [piece], self._channels)), axis=1)

    def _n_bytes(self) -> int:
        return sum(one.nbytes for pieces in self._kept.values() for one in pieces)


def _parts(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Step, ...], Limiter | None]:
    """The moves, the shared stages of the loudness path, and its limiter; None: it has none."""
    if not steps or not isinstance(steps[-1].settings, Limiter) or steps[-1].bypass:
        return tuple(steps), (), None
    first = len(steps) - 1
    while first and "harm_of_the_limiter_alone" in steps[first - 1].evidence:
        first -= 1
    return tuple(steps[:first]), tuple(steps[first:-1]), steps[-1].settings


def _places(measured: Measurement, rate_hz: int, n_samples: int) -> list[tuple[int, int]]:
    """Pieces of the parts that the trials hear: one early, one in the middle, one late."""
    parts = choose(measured.timeline.segment_power, n_samples / rate_hz)
    if len(parts) == 1:
        first, last = parts[0]
        length = min(PIECE_S, (last - first) / PIECES)
        parts = [(first + (last - first) * k / PIECES, length) for k in range(PIECES)]
    else:
        parts = [parts[round((k + 0.5) * len(parts) / PIECES - 0.5)] for k in range(PIECES)]
    return [(int(a * rate_hz), min(int((a + PIECE_S) * rate_hz), n_samples)) for a, _ in parts]


def _key(steps: Sequence[Step]) -> str:
    return repr([(step.processor, step.on, step.settings) for step in steps])
