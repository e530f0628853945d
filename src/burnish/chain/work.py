"""Work: what the steps of dynamics did to the sound, gauged while it was rendered.

A gauge stands before a step and one behind it; both count from the first sample of the mix, as the
renderer takes latency out. They only look: no bit of the sound depends on them. Both together cost
some 20 ms for four minutes of stereo.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from burnish.chain.ahead import close
from burnish.chain.plan import Step
from burnish.processors import Block, Processor
from burnish.units import gain_from_db

Floats = NDArray[np.float64]
Kind = Literal["peaks", "level"]

STEPS_PER_S = 10
"""Entries of what was gauged in each second, as the timeline of a measurement has."""

GAUGED: dict[str, Kind] = {
    "compressor": "level",
    "bus_compressor": "level",
    "opto": "level",
    "vari_mu": "level",
    "multiband": "level",
    "clipper": "peaks",
    "limiter": "peaks",
}
"""Processors that are looked at, and whether it is by their peaks or by the level of it all."""

_NOTHING_DB = 1e-3
_BLACK = 1e-9  # of the power, -90 dB: under it a ratio tells nothing that is heard


@dataclass(frozen=True, eq=False)
class Work:
    """What one step took away, every 100 ms; the last entry may be of less.

    ``kind`` "peaks": by how many dB the largest sample of all channels came down, against the
    drive; "level": by how many dB the power did, against the make-up gain. 0 is untouched, and
    silence; what a step adds counts as 0.
    """

    place: int
    """Which step of the plan it is, counted from 0."""
    processor: str
    kind: Kind
    taken_db: Floats

    @property
    def most_db(self) -> float:
        """The most that was ever taken."""
        return float(self.taken_db.max(initial=0.0))

    def share_over(self, db: float) -> float:
        """The part of the time in which more than so many dB were taken, 0 to 1."""
        return float(np.mean(self.taken_db > db)) if len(self.taken_db) else 0.0


class Watch:
    """The gauges of one render. ``known`` is that of the steps that were played before."""

    def __init__(self, known: "Watch | None" = None) -> None:
        self._gauges: dict[int, tuple[Step, _Gauge, _Gauge]] = (
            {} if known is None else dict(known._gauges)
        )

    def around(
        self, place: int, step: Step, rate_hz: int
    ) -> "tuple[_Gauge, _Gauge] | tuple[None, None]":
        """A gauge before and one behind the step; None where nothing is to be seen of it."""
        kind = GAUGED.get(step.processor)
        if kind is None or not step.acts or _standing_gain(step.settings) is None:
            return None, None
        pair = _Gauge(kind, rate_hz), _Gauge(kind, rate_hz)
        self._gauges[place] = (step, *pair)
        return pair

    def done(self) -> tuple[Work, ...]:
        """What every gauged step did, in their order. The render is over."""
        return tuple(_work(place, *self._gauges[place]) for place in sorted(self._gauges))


class _Gauge:
    """The largest square, or the sum of the squares, of every 100 ms of a stream."""

    def __init__(self, kind: Kind, rate_hz: int) -> None:
        self.kind, self._rate_hz = kind, rate_hz
        self._place = 0
        self._pieces: list[tuple[int, Floats]] = []

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The same blocks, looked at on their way."""
        try:
            for block in blocks:
                self.feed(block)
                yield block
        finally:
            close(blocks)

    def feed(self, block: Block) -> None:
        """Look at the next samples."""
        n = block.shape[1]
        if not n:
            return
        first = self._place * STEPS_PER_S // self._rate_hz
        last = (self._place + n - 1) * STEPS_PER_S // self._rate_hz
        inner = np.arange(first + 1, last + 1)
        edges = -(-inner * self._rate_hz // STEPS_PER_S) - self._place
        starts = np.concatenate(((0,), edges))
        if self.kind == "peaks":
            high = np.maximum.reduceat(block, starts, axis=1)
            low = np.minimum.reduceat(block, starts, axis=1)
            piece = np.square(np.maximum(high, -low).max(axis=0))
        else:
            piece = np.add.reduceat(np.einsum("ij,ij->j", block, block), starts)
        self._pieces.append((first, piece))
        self._place += n

    def powers(self) -> Floats:
        """What was seen, an entry for every 100 ms that has begun."""
        n = -(-self._place * STEPS_PER_S // self._rate_hz)
        seen = np.zeros(n)
        put: Any = np.maximum if self.kind == "peaks" else np.add
        for first, piece in self._pieces:
            here = slice(first, first + len(piece))
            seen[here] = put(seen[here], piece)
        return seen


def _work(place: int, step: Step, before: _Gauge, behind: _Gauge) -> Work:
    came, went = before.powers(), behind.powers()
    n = min(len(came), len(went))
    came = came[:n] * (_standing_gain(step.settings) or 1.0) ** 2
    went = went[:n]
    per_entry = 1.0 if before.kind == "peaks" else max(1.0, before._rate_hz / STEPS_PER_S)
    heard = (came > _BLACK * per_entry) & (went > 0.0)
    taken = np.zeros(n)
    taken[heard] = 10.0 * np.log10(came[heard] / went[heard])
    taken[taken < _NOTHING_DB] = 0.0
    return Work(place, step.processor, before.kind, taken)


def _standing_gain(settings: Processor) -> float | None:
    """The gain of a step that holds nothing at the moment; None: its bands have several."""
    values: dict[str, Any] = settings.model_dump()
    if "bands" in values:
        gains = {band.get("gain_db", 0.0) for band in values["bands"]}
        if len(gains) != 1:
            return None
        values["makeup_db"] = gains.pop()
    mix = values.get("mix", 1.0)
    wet = 1.0 - mix + mix * gain_from_db(values.get("makeup_db", 0.0))
    return float(wet * gain_from_db(values.get("input_gain_db", 0.0)))
