"""Sides: the songs divided onto a record in their order, the sides of about one length.

A side break comes between songs that a gap divides. Inside a gapless join or a crossfade it comes
only where it must: a side would be longer than can be cut, a record would have a blank side, or
another record would be needed; and it is told.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from burnish.errors import SettingError
from burnish.targets.record import Record, record_of

MOST_SIDES = len(ascii_uppercase)
_Cost = tuple[float, ...]
_Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Side:
    """One side: which tracks lie on it, counted from 0, and how long they play."""

    name: str
    """A, B, C ..."""
    first: int
    stop: int
    """The track after its last one."""
    length_s: float
    """From the start of its first track to the end of its last."""
    breaks_join: str = ""
    """"gapless" or "crossfade" where its first track is torn from the one before."""


@dataclass(frozen=True)
class SidePlan:
    """How a release is divided. ``asked``: as a person said."""

    record: Record
    sides: tuple[Side, ...]
    asked: bool

    @property
    def n_discs(self) -> int:
        """How many records; the last may have a blank side."""
        return -(-len(self.sides) // 2)

    def level_db(self, side: Side) -> float:
        """Relative level that this side may be cut at, by its length."""
        return self.record.level_db(side.length_s)


def plan_sides(
    lengths_s: Sequence[float],
    joins: Sequence[str],
    inches: int,
    rpm: int,
    sides: str = "",
    gaps_s: Sequence[float] = (),
) -> SidePlan:
    """Divide songs of these lengths onto the sides of as few records as hold them.

    ``joins`` tell how each follows the one before: "gap", "gapless", "crossfade" (the first one's
    does not matter). ``gaps_s`` is the silence before each, below 0 where it crosses with the one
    before; none: 0. ``sides`` as "1-5,6-10" is followed as it is. What it leaves out, or more than
    26 sides, is a ``SettingError``.
    """
    record = record_of(inches, rpm)
    spans = (
        parsed_sides(sides, len(lengths_s), "vinyl_sides")
        if sides
        else divided(lengths_s, joins, gaps_s, 60.0 * record.hard_min)
    )
    return SidePlan(record, sides_of(spans, lengths_s, joins, gaps_s), bool(sides))


def sides_of(
    spans: Sequence[tuple[int, int]],
    lengths_s: Sequence[float],
    joins: Sequence[str],
    gaps_s: Sequence[float],
) -> tuple[Side, ...]:
    """Sides with their names and lengths, from (first, stop) of each."""
    if len(spans) > MOST_SIDES:
        raise SettingError(
            "sides", f"sides: {len(spans)} are needed; must be {MOST_SIDES} or fewer"
        )
    return tuple(
        Side(
            ascii_uppercase[place],
            first,
            stop,
            _length_s(lengths_s, gaps_s, first, stop),
            joins[first] if first and joins[first] != "gap" else "",
        )
        for place, (first, stop) in enumerate(spans)
    )


def parsed_sides(text: str, n_tracks: int, name: str) -> tuple[tuple[int, int], ...]:
    """ "1-5,6-10" as (first, stop) of each side; a ``SettingError`` where it is not every track."""
    spans: list[tuple[int, int]] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*([0-9]{1,3})\s*(?:-\s*([0-9]{1,3})\s*)?", part)
        first = int(found[1]) if found else 0
        last = int(found[2] or found[1]) if found else 0
        expected = spans[-1][1] + 1 if spans else 1
        if first != expected or last < first or last > n_tracks:
            break
        spans.append((first - 1, last))
    else:
        if spans[-1][1] == n_tracks:
            return tuple(spans)
    half = max(1, n_tracks // 2)
    example = f"1-{half},{half + 1}-{n_tracks}" if n_tracks > 1 else "1"
    raise SettingError(
        "sides",
        f"{name}={text}: must name all {n_tracks} tracks once and in order, as in {example}",
    )


def divided(
    lengths_s: Sequence[float],
    joins: Sequence[str],
    gaps_s: Sequence[float],
    hard_s: float,
    first_longer: bool = False,
) -> tuple[tuple[int, int], ...]:
    """(first, stop) of each side, on as few discs as hold them.

    Of all ways on so few discs: first none over ``hard_s`` (a song that alone is longer cannot be
    helped), then the fewest torn joins, then no blank side, then the least sum of squared lengths.
    With ``first_longer`` the first of two sides is the longer one, if that costs none of these.
    """
    n = len(lengths_s)

    def cost(first: int, stop: int) -> _Cost:
        length = _length_s(lengths_s, gaps_s, first, stop)
        over = length > hard_s and stop - first > 1
        torn = first > 0 and joins[first] != "gap"
        return (float(over), float(torn), length * length)

    best = _Best(n, cost)
    for discs in range(1, n + 2):
        counts = [k for k in (2 * discs - 1, 2 * discs) if k <= n and (k > 1 or n == 1)]
        if not counts:
            break
        ways = [(best.of(k), k) for k in counts]
        (total, spans), _ = min(ways, key=lambda way: (*way[0][0][:2], -way[1], way[0][0][2]))
        if total[0] == 0.0 or 2 * discs >= n:
            break
    if first_longer and len(spans) == 2:

        def told(stop: int) -> _Cost:
            a, b = cost(0, stop), cost(stop, n)
            return (a[0] + b[0], a[1] + b[1], float(a[2] < b[2]), abs(a[2] - b[2]))

        at = min(range(1, n), key=told)
        spans = ((0, at), (at, n))
    return spans


class _Best:
    """The cheapest way to divide the first tracks into k sides, for every k that is asked for."""

    def __init__(self, n: int, cost: Callable[[int, int], _Cost]) -> None:
        self._n, self._cost = n, cost
        self._ways: list[dict[int, tuple[_Cost, _Spans]]] = [{0: ((0.0, 0.0, 0.0), ())}]

    def of(self, k: int) -> tuple[_Cost, _Spans]:
        """Cost and sides of the cheapest way into exactly k sides, k at most n."""
        while len(self._ways) <= k:
            self._add()
        return self._ways[k][self._n]

    def _add(self) -> None:
        before = self._ways[-1]
        now: dict[int, tuple[_Cost, _Spans]] = {}
        for stop in range(len(self._ways), self._n + 1):
            ways: list[tuple[_Cost, _Spans]] = []
            for first, (total, spans) in before.items():
                if first < stop:
                    more = self._cost(first, stop)
                    both = tuple(a + b for a, b in zip(total, more, strict=True))
                    ways.append((both, (*spans, (first, stop))))
            now[stop] = min(ways)
        self._ways.append(now)


def _length_s(lengths_s: Sequence[float], gaps_s: Sequence[float], first: int, stop: int) -> float:
    gaps = sum(gaps_s[first + 1 : stop]) if gaps_s else 0.0
    return sum(lengths_s[first:stop]) + gaps
