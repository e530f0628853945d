"""Clipping at eight times the rate, worked on only where the wave passes the threshold.

What the curve *takes off* is made between the samples, brought back and added to them, so what
stays under the threshold keeps its bits. On the grid at eight times the rate the curve is not read
at points: it is averaged along the straight line between two of them, which is the first-order
antiderivative method (Parker, Zavalishin and Le Bivic, "Reducing the aliasing of nonlinear
waveshaping using continuous-time convolution", DAFx-16). The averages stand half-way between the
grid's points, and the filter that brings them back has an even length: no half sample is lost.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.truepeak import half_band, largest, most_bend, sharpest_bend

Floats = NDArray[np.float64]

_STAGES = ((32, 86.0), (8, 90.0), (6, 100.0))
# Pairs of taps and Kaiser attenuation of each doubling, up and down alike: as ``oversample``.
_LAST_PAIRS, _LAST_DB = 9, 110.0  # brings the averages to four times the rate

REACH = 40
"""Samples on each side that can change a sample on the way up, and as many on the way down."""

_CELL = 32  # samples looked at together
_GRID = 16  # samples in one entry of the table of bends
_RUN = 512  # longest run worked on at once: its rows stay in the nearest caches
_WIDTH = _RUN + 4 * REACH  # of one row
_MERGED = 2  # idle cells between two runs that cost less worked on than left out
_SAFE = 1.0 + 1e-9  # rounding of the bound


@dataclass(frozen=True, eq=False)
class _Filters:
    taps: tuple[Floats, Floats, Floats]  # of the doublings
    last: Floats
    bends: tuple[float, float]  # how far the wave leaves the line on the 1x and the 2x grid


@cache
def _filters() -> _Filters:
    first, second, third = (half_band(*stage) for stage in _STAGES)
    distance = np.arange(_LAST_PAIRS) + 0.5
    beta = 0.1102 * (_LAST_DB - 8.7)
    window = np.i0(beta * np.sqrt(1.0 - (distance / _LAST_PAIRS) ** 2))
    last = np.sinc(0.5 * distance) * window
    bends = (most_bend([first, second, third]) * _SAFE, most_bend([second, third]) * _SAFE)
    return _Filters((first, second, third), 0.5 * last / last.sum(), bends)


def needed() -> int:
    """How many samples a value needs on one side: all stages in a row. At most ``REACH``."""
    reach = [ceil(pairs / (1 << k)) for k, (pairs, _) in enumerate(_STAGES)]
    return sum(reach[:2]) + max(reach[2], ceil(_LAST_PAIRS / 8)) + 1


def taken_off(x_with_margins: Floats, knee: float, top: float, out: Floats) -> bool:
    """Add to ``out`` what clipping changes in the samples ``x_with_margins[REACH:-REACH]``.

    Up to the magnitude ``knee`` nothing is changed, from ``top`` on the curve is flat, at the mean
    of both; a parabola joins them, or a corner where they are one. ``out`` is as long as
    ``x_with_margins``: the change reaches ``REACH`` samples to either side. Tells whether there
    was any.
    """
    f = _filters()
    return bool(_taken_off(x_with_margins, knee, top, *f.taps, f.last, *f.bends, out))


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _taken_off(x, knee, top, first, second, third, last, bend_1x, bend_2x, out):  # type: ignore[no-untyped-def]
    n = len(x) - 2 * REACH
    n_cells = (n + _CELL - 1) // _CELL
    sharpest = np.empty(len(x) // _GRID + 1)
    for q in range(len(sharpest)):
        sharpest[q] = sharpest_bend(x, max(q * _GRID, 1), min((q + 1) * _GRID, len(x) - 1))
    rows = np.zeros((16, _WIDTH))
    changed = False
    cell = 0
    while cell < n_cells:
        # Gather a run: neighbouring cells where the wave could pass the knee.
        start = stop = cell
        while cell < n_cells and (cell + 1 - start) * _CELL <= _RUN:
            a = REACH + cell * _CELL
            b = min(a + _CELL, REACH + n)
            bend = largest(sharpest, (a - REACH) // _GRID, (b + REACH - 1) // _GRID + 1, 0.0)
            over = largest(x, a, b + 1, 0.0) * _SAFE + bend * bend_1x > knee
            if over and start == stop:
                start = cell
            cell += 1
            if over:
                stop = cell
            elif start < stop and cell - stop > _MERGED:
                break
        if start == stop:
            continue
        a = REACH + start * _CELL
        length = min(stop * _CELL, n) - start * _CELL
        cell = max(stop, start + 1)
        if _run(
            x[a - REACH : a + length + REACH], knee, top, first, second, third, last, bend_2x, rows
        ):
            changed = True
            for i in range(length + 2 * REACH):
                out[a - REACH + i] += rows[0, REACH + i]
    return changed


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _run(x, knee, top, first, second, third, last, bend_2x, rows):  # type: ignore[no-untyped-def]
    """What clipping changes around one run, into row 0; False where that is nothing.

    Row r holds the wave r / 16 of a sample late: even rows the wave at eight times the rate, odd
    rows what the curve takes off between them. Sample i of ``x`` stands at place ``REACH + i``.
    """
    n = len(x) - 2 * REACH
    begin, end = 2 * REACH, 2 * REACH + n
    # As literals they would each have ``_half_way`` compiled anew.
    none, one, two, four, eight = np.int64(0), np.int64(1), np.int64(2), np.int64(4), np.int64(8)
    for i in range(len(x)):
        rows[0, REACH + i] = x[i]
    low, high = begin - 7, end + 8
    _half_way(rows, eight, eight, first, low, high, 0.0, 1.0)
    most = 0.0
    bend = 0.0
    for i in range(np.uint64(low + 1), np.uint64(high - 1)):
        before, here, after = rows[8, i - np.uint64(1)], rows[0, i], rows[8, i]
        beyond = rows[0, i + np.uint64(1)]
        most = max(most, max(abs(here), abs(after)))
        bend = max(bend, max(abs(before - 2.0 * here + after), abs(here - 2.0 * after + beyond)))
    if most * _SAFE + bend * bend_2x <= knee:
        return False
    for row in (4, 12):
        _half_way(rows, row, four, second, begin - 2, end + 3, 0.0, 1.0)
    for row in (2, 6, 10, 14):
        _half_way(rows, row, two, third, begin, end + 1, 0.0, 1.0)

    changed = False
    for row in range(1, 16, 2):
        rows[row, :] = 0.0
        left, right = rows[row - 1], rows[(row + 1) % 16]
        shift = (row + 1) // 16
        for i in range(begin, end):
            u, v = left[i], right[i + shift]
            if max(abs(u), abs(v)) > knee:
                rows[row, i] = _over(-u, -v, knee, top) - _over(u, v, knee, top)
                changed = True
    if not changed:
        return False

    low, high = begin - REACH, end + REACH
    for row in (0, 4, 8, 12):
        _half_way(rows, row, one, last, low + 2, high - 2, 0.0, 1.0)
        rows[row, : low + 2] = 0.0
        rows[row, high - 2 :] = 0.0
    for row in (0, 8):
        _half_way(rows, row, four, second, low + 2, high - 2, 0.5, 0.5)
    _half_way(rows, none, eight, first, low, high, 0.5, 0.5)
    return True


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _half_way(rows, row, half, taps, start, stop, kept, added):  # type: ignore[no-untyped-def]
    """``kept`` times the row, and ``added`` times what lies half-way between its neighbours.

    Those are ``half``, three times ``half``, five times ``half`` ... sixteenths away.
    """
    n = np.uint64(stop - start)
    out = rows[row, start:stop]
    for i in range(n):
        out[i] = kept * out[i] if kept else 0.0
    for k in range(len(taps)):
        before = row - (2 * k + 1) * half
        after = row + (2 * k + 1) * half
        a = rows[before % 16, start + before // 16 : stop + before // 16]
        b = rows[after % 16, start + after // 16 : stop + after // 16]
        h = added * taps[k]
        for i in range(n):
            out[i] += h * (a[i] + b[i])


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _over(u, v, knee, top):  # type: ignore[no-untyped-def]
    """The mean of what lies over the curve, along the straight line from u to v. Positive side.

    Each piece is a power of max(0, x - corner), whose mean has a form without cancellation.
    """
    if u > v:
        u, v = v, u
    if v <= knee:
        return 0.0
    if knee == top:
        b, a = v - knee, u - knee
        return 0.5 * (a + b) if a >= 0.0 else 0.5 * b * (b / (b - a))
    return (_square(u - knee, v - knee) - _square(u - top, v - top)) / (2.0 * (top - knee))


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _square(a, b):  # type: ignore[no-untyped-def]
    """The mean of max(0, x)^2 for x from a to b, a <= b."""
    if b <= 0.0:
        return 0.0
    if a >= 0.0:
        return (a * a + a * b + b * b) / 3.0
    return b * b * (b / (b - a)) / 3.0
