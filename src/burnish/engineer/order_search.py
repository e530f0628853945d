"""Order search: the cheapest way through all songs, each once. Numbers only.

What a unit of songs costs where it stands, and what it costs beside another, is given. Up to 12
units the cheapest order is found exactly (Held and Karp, J. SIAM 10, 1962); above, an order that no
move of one unit, no exchange of two and no reversal makes cheaper (Croes, Operations Research 6,
1958). Nothing is drawn by lot: the same numbers give the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

EXACT_UNITS = 12
_WAYS = 300  # beginnings times units: a second or two of search
_LESS = 1e-9  # two orders nearer than this cost the same


@dataclass(frozen=True, eq=False)
class Costs:
    """``join[a, b]``: unit b right after unit a. ``place[a, p]``: a's first song at place p.

    ``sizes`` are the songs in each unit.
    """

    join: Floats
    place: Floats
    sizes: Ints

    def of(self, orders: Ints) -> Floats:
        """What each row, an order of all units, costs."""
        sizes = self.sizes[orders]
        at = np.cumsum(sizes, axis=1) - sizes
        beside = self.join[orders[:, :-1], orders[:, 1:]].sum(axis=1)
        return np.asarray(beside + self.place[orders, at].sum(axis=1))


def cheapest(
    costs: Costs, first: int | None = None, last: int | None = None, today: Sequence[int] = ()
) -> tuple[int, ...]:
    """The order of the units that costs least; ``first`` and ``last`` stay where they are asked.

    ``today`` is an order to begin from where not every one can be looked at.
    """
    if len(costs.sizes) <= EXACT_UNITS:
        return _exact(costs, first, last)
    return _improved(costs, first, last, today)


def _exact(costs: Costs, first: int | None, last: int | None) -> tuple[int, ...]:
    n = len(costs.sizes)
    best = np.full((1 << n, n), np.inf)
    came_from = np.full((1 << n, n), -1)
    for opening in range(n) if first is None else (first,):
        best[1 << opening, opening] = costs.place[opening, 0]
    for chosen in range(1, 1 << n):
        at = int(sum(costs.sizes[i] for i in range(n) if chosen >> i & 1))
        rest = [i for i in range(n) if not chosen >> i & 1]
        for unit in (int(i) for i in np.flatnonzero(np.isfinite(best[chosen]))):
            for other in rest:
                cost = best[chosen, unit] + costs.join[unit, other] + costs.place[other, at]
                if cost < best[chosen | 1 << other, other] - _LESS:
                    best[chosen | 1 << other, other] = cost
                    came_from[chosen | 1 << other, other] = unit
    chosen = (1 << n) - 1
    unit = int(np.argmin(best[chosen])) if last is None else last
    order = [unit]
    while (before := int(came_from[chosen, unit])) >= 0:
        chosen ^= 1 << unit
        unit = before
        order.append(unit)
    return tuple(order[::-1])


def _improved(
    costs: Costs, first: int | None, last: int | None, today: Sequence[int]
) -> tuple[int, ...]:
    found: tuple[float, tuple[int, ...]] | None = None
    n = len(costs.sizes)
    ways = [_nearest(costs, unit) for unit in range(n)][: max(1, _WAYS // n)]
    for start in (list(today), _by_place(costs), *ways):
        free = [unit for unit in start if unit not in (first, last)]
        order = [*([] if first is None else [first]), *free, *([] if last is None else [last])]
        cost, better = _settled(costs, np.array(order), first is not None, last is not None)
        if found is None or cost < found[0] - _LESS:
            found = cost, better
    return found[1] if found is not None else ()


def _by_place(costs: Costs) -> list[int]:
    """Every place in turn to the unit that stands there best."""
    rest, order, at = list(range(len(costs.sizes))), [], 0
    while rest:
        unit = min(rest, key=lambda i: (costs.place[i, at], i))
        order.append(unit)
        rest.remove(unit)
        at += int(costs.sizes[unit])
    return order


def _nearest(costs: Costs, opening: int) -> list[int]:
    """From a unit to the one that follows it best, and on from there."""
    order = [opening]
    rest = [i for i in range(len(costs.sizes)) if i != opening]
    while rest:
        order.append(min(rest, key=lambda i: (costs.join[order[-1], i], i)))
        rest.remove(order[-1])
    return order


def _settled(
    costs: Costs, order: Ints, keep_first: bool, keep_last: bool
) -> tuple[float, tuple[int, ...]]:
    cost = float(costs.of(order[None])[0])
    low, high = int(keep_first), len(order) - int(keep_last)
    moves = _moves(len(order), low, high)
    while len(moves):
        tried = costs.of(order[moves])
        best = int(np.argmin(tried))
        if tried[best] >= cost - _LESS:
            break
        order, cost = order[moves[best]], float(tried[best])
    return cost, tuple(int(unit) for unit in order)


def _moves(n: int, low: int, high: int) -> Ints:
    """Every exchange of two places, every reversal, and every move of one, as permutations."""
    found = []
    for i in range(low, high):
        for k in range(i + 1, high):
            turned = list(range(n))
            turned[i], turned[k] = k, i
            found.append(turned)
            found.append([*range(i), *range(k, i - 1, -1), *range(k + 1, n)])
            found.append([*range(i), *range(i + 1, k + 1), i, *range(k + 1, n)])
            found.append([*range(i), k, *range(i, k), *range(k + 1, n)])
    return np.array(found, dtype=np.intp).reshape(-1, n)
