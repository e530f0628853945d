"""Preview: a region of a mix through a plan, heard while its settings are being moved.

What is played is what would be written, with two differences. Nothing is dithered, rounded or
brought to another rate. And the steps begin ``LEAD_S`` before the region, not at the beginning of
the mix: what remembers for longer than that has not quite settled. A region that begins within the
lead begins at the mix's first sample, and is the same but for the rounding.

So that a moved slider is heard soon, the output of every step over the region is kept while there
is room (``MOST_BYTES``): a change to one step plays that step and those behind it, from the lead
before the playhead on, and nothing before it. The rest of the region is made behind.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step
from burnish.chain.render import in_place, start
from burnish.processors import Block
from burnish.units import gain_from_db

LEAD_S = 3.0
LONGEST_S = 60.0
MOST_BYTES = 192 << 20
_GRID = 65_536
"""Steps that work in blocks of their own (an FFT, a control rate) find them where the render does:
everything begins at a multiple of this."""
_FIRST, _BLOCK = 8_192, 65_536  # the first piece is small, so that it comes soon

Floats = NDArray[np.float64]
Through = Callable[[Iterator[Block]], Iterator[Block]]


class Overtaken(Exception):
    """Somebody moved the slider again."""


@dataclass(frozen=True)
class Region:
    """Samples ``begin`` to ``end`` of a mix; steps see ``first`` to ``last``."""

    begin: int
    end: int
    n_samples: int
    rate_hz: int

    @property
    def first(self) -> int:
        """Where the steps begin."""
        return self.lead(self.begin)

    @property
    def last(self) -> int:
        """Where the steps end: they look ahead for a second, at most."""
        ahead = -(-self.rate_hz // _GRID) * _GRID
        return min(self.end + ahead, self.n_samples)

    def lead(self, place: int) -> int:
        """Where to begin so that all has settled at ``place``."""
        return max(0, int(place - LEAD_S * self.rate_hz)) // _GRID * _GRID


class Preview:
    """The warm renderer of one mix: its samples, and what its steps gave over the last region.

    ``samples`` are ``(n, channels)`` float32, as they lie on a disk. Several threads may call; the
    last one to ask wins, and who asked before is told ``Overtaken``.
    """

    def __init__(self, samples: NDArray[Any], rate_hz: int) -> None:
        self._samples = samples
        self._rate_hz = rate_hz
        self._channels = int(samples.shape[1])
        self._kept: OrderedDict[tuple[str, ...], Floats] = OrderedDict()
        self._region: Region | None = None
        self._asked = 0
        self._lock = threading.Lock()

    def region(self, begin: int, end: int) -> Region:
        """A region of this mix, cut to its length and to ``LONGEST_S``."""
        n_samples = len(self._samples)
        begin = min(max(begin, 0), n_samples)
        end = min(max(end, begin), n_samples, begin + int(LONGEST_S * self._rate_hz))
        return Region(begin, end, n_samples, self._rate_hz)

    def play(
        self,
        steps: Sequence[Step],
        region: Region,
        place: int,
        delta: int | None = None,
        through: Through | None = None,
        heard: Callable[[Block], None] | None = None,
    ) -> Iterator[Block]:
        """The region from ``place`` on, in blocks ``(channels, n)``.

        ``delta`` is the place of a step in ``steps``: what it takes away is played instead, the
        sound before it at the gain that it stands at, less the sound behind it. ``through`` is what
        the sound goes through behind the steps. ``heard`` is told all of it, from
        ``region.lead(place)`` on.
        """
        with self._lock:
            self._asked += 1
            ticket = self._asked
            if self._region != region:
                self._kept.clear()
                self._region = region
        steps = [step for step in steps if step.acts] if delta is None else list(steps)
        if delta is not None:
            yield from self._delta(steps, region, place, delta, ticket)
            return
        yield from self._played(steps, region, place, ticket, through, heard)

    def stop(self) -> None:
        """End whatever is being made."""
        with self._lock:
            self._asked += 1

    def ahead(self, steps: Sequence[Step], region: Region) -> bool:
        """Make the whole region of every step, and keep it; False where a slider was moved."""
        ticket = self._asked
        steps = [step for step in steps if step.acts]
        if self._region != region:
            return False
        try:
            for many in range(1, len(steps) + 1):
                if self._get(steps[:many]) is None:
                    whole = _collected(self._from(steps[:many], region, region.first, ticket))
                    self._keep(steps[:many], whole, ticket)
        except Overtaken:
            return False
        return True

    def kept(self, steps: Sequence[Step], region: Region) -> Floats | None:
        """The region through these steps, where ``ahead`` made it; not to be changed."""
        whole = self._get(_acting(steps)) if self._region == region else None
        begin = region.begin - region.first
        return None if whole is None else whole[:, begin : begin + region.end - region.begin]

    def _played(
        self,
        steps: Sequence[Step],
        region: Region,
        place: int,
        ticket: int,
        through: Through | None = None,
        heard: Callable[[Block], None] | None = None,
    ) -> Iterator[Block]:
        lead = region.lead(place)
        blocks = self._from(steps, region, lead, ticket)
        blocks = blocks if through is None else through(blocks)
        blocks = blocks if heard is None else _noted(blocks, heard)
        yield from _cut(blocks, place - lead, region.end - place)

    def _delta(
        self, steps: Sequence[Step], region: Region, place: int, at: int, ticket: int
    ) -> Iterator[Block]:
        before = self._played(_acting(steps[:at]), region, place, ticket)
        behind = self._played(_acting(steps[: at + 1]), region, place, ticket)
        gain = standing_gain(steps[at])
        was = np.zeros((self._channels, 0))
        for now in behind:
            while was.shape[1] < now.shape[1]:
                was = np.concatenate((was, next(before)), axis=1)
            yield gain * was[:, : now.shape[1]] - now
            was = was[:, now.shape[1] :]

    def _from(
        self, steps: Sequence[Step], region: Region, first: int, ticket: int
    ) -> Iterator[Block]:
        """Samples ``first`` to the end of what the steps see, from as far on as it is kept."""
        many = len(steps)
        while many and self._get(steps[:many]) is None:
            many -= 1
        kept = self._get(steps[:many]) if many else None
        blocks = self._looking(self._blocks(kept, region, first), ticket)
        for step in steps[many:]:
            blocks = in_place(start(step, self._rate_hz, self._channels), blocks, self._channels)
        return blocks

    def _blocks(self, kept: Floats | None, region: Region, first: int) -> Iterator[Block]:
        size = _FIRST
        while first < region.last:
            stop = min(first + size, region.last)
            if kept is None:
                yield np.ascontiguousarray(self._samples[first:stop].T, dtype=np.float64)
            else:
                yield np.ascontiguousarray(kept[:, first - region.first : stop - region.first])
            first, size = stop, min(2 * size, _BLOCK)

    def _looking(self, blocks: Iterable[Block], ticket: int) -> Iterator[Block]:
        for block in blocks:
            if ticket != self._asked:
                raise Overtaken
            yield block

    def _get(self, steps: Sequence[Step]) -> Floats | None:
        with self._lock:
            found = self._kept.get(key := _key(steps))
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, steps: Sequence[Step], whole: Floats, ticket: int) -> None:
        with self._lock:
            if ticket != self._asked:
                raise Overtaken
            self._kept[_key(steps)] = whole
            while sum(one.nbytes for one in self._kept.values()) > MOST_BYTES:
                self._kept.popitem(last=False)


def standing_gain(step: Step) -> float:
    """The linear gain of a step that holds nothing at the moment."""
    values = step.settings.model_dump()
    mix = float(values.get("mix", 1.0))
    wet = 1.0 - mix + mix * gain_from_db(float(values.get("makeup_db", 0.0)))
    return float(wet * gain_from_db(float(values.get("input_gain_db", 0.0))))


def _acting(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.acts]


def _key(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(
        json.dumps([step.processor, step.on, step.settings.model_dump()]) for step in steps
    )


def _collected(blocks: Iterable[Block]) -> Floats:
    return np.ascontiguousarray(np.concatenate(list(blocks), axis=1))


def _noted(blocks: Iterable[Block], heard: Callable[[Block], None]) -> Iterator[Block]:
    for block in blocks:
        heard(block)
        yield block


def _cut(blocks: Iterable[Block], skip: int, count: int) -> Iterator[Block]:
    """``count`` samples after the first ``skip``."""
    for block in blocks:
        over = min(skip, block.shape[1])
        skip -= over
        if over < block.shape[1]:
            yield block[:, over : over + count]
            count -= block.shape[1] - over
        if count <= 0:
            return
