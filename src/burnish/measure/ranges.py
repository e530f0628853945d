"""Ranges: windows that show something, as stretches of time."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Range = tuple[float, float]
"""Start and end in seconds."""


def ranges_s(
    shown: NDArray[np.bool_], step_s: float, *, window_s: float | None = None, first_s: float = 0.0
) -> tuple[Range, ...]:
    """Where windows show something: window k is ``first_s + k step_s`` to ``window_s`` later.

    Windows that touch are one range. ``window_s`` is ``step_s`` unless it is given.
    """
    edges = np.flatnonzero(np.diff(np.asarray(shown, dtype=np.int8), prepend=0, append=0))
    length = step_s if window_s is None else window_s
    found = [
        (first_s + float(a) * step_s, first_s + float(b - 1) * step_s + length)
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    return merged_s(found)


def merged_s(
    ranges: Iterable[Range], *, gap_s: float = 0.0, least_s: float = 0.0, most: int | None = None
) -> tuple[Range, ...]:
    """In order, with gaps up to ``gap_s`` closed; then none shorter than ``least_s``.

    With ``most``, the smallest gaps are closed too until so many are left: the whole of what is
    told stays covered, and a person can read it.
    """
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start - joined[-1][1] <= gap_s:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    joined = [one for one in joined if one[1] - one[0] >= least_s]
    while most is not None and len(joined) > max(1, most):
        gaps = [b[0] - a[1] for a, b in pairwise(joined)]
        k = int(np.argmin(gaps))
        joined[k : k + 2] = [(joined[k][0], joined[k + 1][1])]
    return tuple(joined)


def total_s(ranges: Iterable[Range]) -> float:
    """How long they are together."""
    return sum(end - start for start, end in ranges)
