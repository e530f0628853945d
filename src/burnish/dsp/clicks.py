"""Clicks: places of a recording that neither their past nor their future explains.

A click is added to the sound, so it is gone as soon as it is over. Its first sample surprises who
foretells forward, its last who foretells backward, and in between both are surprised. A stroke or a
pluck goes on: what follows it is its own, and no samples put in its place make the surprise go
away. So where both directions are surprised the samples are interpolated, and it was a click if
that explains everything, if the sound is as loud after it as before, and if no other wave around
is like it, as the edges of a saw tooth are (after Godsill and Rayner, "Digital Audio Restoration",
1998, chapter 5; the tests of a place are ours).
"""

from dataclasses import astuple, dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.autoregression import autocorrelation, fit, innovation, interpolate, levinson

Floats = NDArray[np.float64]

ORDER = 32  # of the prediction while looking
MOST_ORDER = 96  # of that which fills a long place
SURE = 2.0  # times the peak that is wanted: sure enough to stand another like it nearby
COMPANY = 6  # so many others as large within 60 ms, and it is not looked at
CELLS = 8  # each 1.5 ms, before and after a place: what is usual there is their median
_SILENCE = 1e-9  # -180 dBFS: what stands around a click in digital black
_SIGMA = 0.6745  # median of the magnitude of normal noise of deviation 1


@dataclass(frozen=True)
class Wanted:
    """What a place must show to be a click, in deviations of the innovation where not said."""

    surprise: float  # in both directions, to be looked at
    peak: float  # of a short click; a longer one needs more, in proportion
    alone: float  # peak over the largest innovation around it
    alike: float  # most likeness (correlation) to another wave around
    explained: float  # by how much (power) mending lowers the innovation
    short: float  # how long a short click is, in cells of 1.45 ms

    @classmethod
    def of(cls, sensitivity: float) -> "Wanted":
        """From what only damage shows (0.5 and less) to what a stroke may show too (1).

        Set by ear and count on undamaged music and on real vinyl noise: at 0.5 less than one false
        place in five minutes.
        """
        peak = max(36.0 * 180.0 ** (0.5 - sensitivity), 4.0)
        return cls(
            surprise=min(max(0.3 * peak, 3.5), 6.0),
            peak=peak,
            alone=3.0 * 40.0 ** (0.5 - sensitivity),
            alike=0.45 + 0.3 * sensitivity,
            explained=8.0 * 16.0 ** (0.5 - sensitivity),
            short=0.4 * 6.0 ** (sensitivity - 0.5),
        )

    @classmethod
    def crackle(cls, amount: float) -> "Wanted":
        """Small ticks, many and near each other; 0.5 and less finds none in undamaged music."""
        peak = 12.0 * (3 / 8) ** amount
        return cls(surprise=3.5, peak=peak, alone=0.4, alike=0.9, explained=2.5, short=0.7)

    def as_array(self) -> Floats:
        """For the kernel."""
        return np.array(astuple(self))


class Mender:
    """Finds and mends the clicks of one channel, one block of ``size`` samples after another.

    Each block comes back ``latency`` samples late. ``places`` are the clicks of the last block:
    rows of first sample (counted from the start of the stream), length and peak.
    """

    def __init__(self, rate_hz: int, wanted: Wanted, longest_ms: float) -> None:
        self.size = max(128, round(0.0232 * rate_hz))
        self._longest = max(1, round(1e-3 * longest_ms * rate_hz))
        self._cell = max(16, round(0.00145 * rate_hz))
        self._lead = max(128, self.size // 2) + self._longest + 2 * self._cell
        self._margin = self._longest + self._cell
        self.latency = self._lead + self._margin
        n = self.size + 2 * self._lead
        self._x = np.zeros(n)
        self._window = np.hanning(n + 2)[1:-1]
        self._wanted = wanted.as_array()
        self._at = -n
        self.places = np.zeros((0, 3))

    def process(self, block: Floats) -> Floats:
        """Take exactly ``size`` samples and return as many, in a new array."""
        x, size = self._x, self.size
        x[:-size] = x[size:].copy()
        x[-size:] = block
        self._at += size
        found = mend(
            x, self._window, self._lead, self._margin, self._cell, self._longest, self._wanted
        )
        found[:, 0] += self._at
        self.places = found
        first = self._lead - self._margin
        return x[first : first + size].copy()


@njit(cache=True, nogil=True, fastmath=False)
def usual(e, cell):  # type: ignore[no-untyped-def]
    """The usual size of ``e`` in each cell: its mean magnitude, without what stands far out."""
    out = np.zeros(len(e) // cell)
    for c in range(len(out)):
        total = 0.0
        for i in range(c * cell, (c + 1) * cell):
            total += abs(e[i])
        most = 2.0 * total / cell
        total = 0.0
        for i in range(c * cell, (c + 1) * cell):
            total += min(abs(e[i]), most)
        out[c] = total / cell
    return out


@njit(cache=True, nogil=True, fastmath=False)
def surprises(forward, backward, cell, reach, threshold):  # type: ignore[no-untyped-def]
    """Flags of the samples where both directions are surprised within ``reach``.

    A surprise is ``threshold`` times the usual size around: the larger of that before (forward)
    and that after (backward), so that what stays loud surprises nobody.
    """
    n = len(forward)
    flags = np.zeros(n, dtype=np.bool_)
    before, after = usual(forward, cell), usual(backward, cell)
    n_cells = len(before)
    limit = np.zeros(n_cells)
    for c in range(n_cells):
        low = np.median(before[max(0, c - CELLS) : c]) if c else 0.0
        high = np.median(after[c + 1 : c + 1 + CELLS]) if c + 1 < n_cells else 0.0
        limit[c] = threshold * max(low, high)
    until = -1
    for i in range(n):
        least = limit[min(i // cell, n_cells - 1)]
        if least > 0.0 and abs(forward[i]) > least:
            until = i + reach
        flags[i] = i <= until
    until = n
    for i in range(n - 1, -1, -1):
        least = limit[min(i // cell, n_cells - 1)]
        if least > 0.0 and abs(backward[i]) > least:
            until = i - reach
        if i < until:
            flags[i] = False
    return flags


@njit(cache=True, nogil=True, fastmath=False)
def mend(x, window, lead, margin, cell, longest, wanted):  # type: ignore[no-untyped-def]
    """Mend in place the clicks that begin between ``lead`` and ``lead`` from the end of ``x``.

    Nothing before ``lead - margin`` is changed. Returns the places: first sample, length, peak.
    """
    n = len(x)
    out = np.zeros((n // 4, 3))
    count = 0
    for _ in range(2):  # a loud click hides the soft ones near it; look again without it
        a = levinson(autocorrelation(x * window, ORDER))
        forward = innovation(x, a, False)
        quiet = np.median(usual(forward, cell))
        size = np.abs(forward)
        if not size[lead : n - lead].max() > wanted[0] * quiet:
            break
        flags = surprises(forward, innovation(x, a, True), cell, cell // 4, wanted[0])
        before = count
        i = lead
        while i < n - lead:
            if not flags[i]:
                i += 1
                continue
            first = i
            while first > lead - margin // 2 and flags[first - 1]:
                first -= 1
            last = i + 1
            while last < n - lead + longest and flags[last : last + cell // 4].any():
                last += 1
            i = last
            near = (first - cell, last + cell, cell)
            if _others(size, *near, size[first : last + 1].max() / wanted[2]) > COMPANY:
                continue  # the edges of a wave: no fit is needed to tell
            place = _judge(x, flags, first, last, lead, margin, cell, longest, wanted)
            if place[1] > 0.0 and count < len(out):
                out[count] = place
                count += 1
        if count == before:
            break
    return out[:count].copy()


@njit(cache=True, nogil=True, fastmath=False)
def _judge(x, flags, first, last, lead, margin, cell, longest, wanted):  # type: ignore[no-untyped-def]
    """Mend one place if it is a click: first sample, length and peak; the length is 0 if not."""
    n = len(x)
    none = np.zeros(3)
    unknown = flags.copy()
    low = lead - margin + 1
    reach = max(4, cell // 5)
    side = 8 * cell
    a = np.ones(1)
    e = np.zeros(1)
    deviation = 0.0
    for _ in range(2):  # grow until what is left outside is no surprise; fit again without it
        unknown[first:last] = True
        a = fit(x, unknown, ORDER)
        start = max(0, first - side)
        e = innovation(x[start : last + side], a, False)
        b = innovation(x[last - 1 : min(n, last + side + ORDER)], a, True)[1:-ORDER]
        before = max(np.median(np.abs(e[ORDER : first - start])) / _SIGMA, _SILENCE)
        after = max(np.median(np.abs(b)) / _SIGMA, _SILENCE)
        deviation = max(before, after)
        peak = np.abs(e[first - start : last - start + ORDER]).max()
        surety = min(max(peak / (wanted[1] * deviation), 1.0), 4.0)
        if not min(before, after) > deviation / (1.5 * surety):
            return none
        grown_first, grown_last = first, last
        k = first - 1
        while k >= max(low, grown_first - reach):
            if abs(e[k - start]) > 3.0 * deviation:
                grown_first = k
            k -= 1
        k = last
        while k < min(last + len(b), grown_last + reach):
            if abs(b[k - last]) > 3.0 * deviation:
                grown_last = k + 1
            k += 1
        if grown_last - grown_first > longest + cell // 2 or grown_first < low:
            return none
        if grown_first == first and grown_last == last:
            break
        first, last = grown_first, grown_last
    first -= 1
    last += 1
    end = last + ORDER
    unknown[first:last] = True
    peak = np.abs(e[first - start : end - start]).max()
    surety = peak / (wanted[1] * deviation * max(1.0, (last - first) / (wanted[5] * cell)))
    if not surety >= 1.0:
        return none
    e = innovation(x, a, False)
    company = 1 if surety >= SURE else 0  # of another click; a wave's edges are more
    if _others(np.abs(e), first - cell // 4, end + cell // 4, cell, peak / wanted[2]) > company:
        return none
    mended = x[first - ORDER : end].copy()
    places = np.arange(ORDER, ORDER + last - first)
    if not interpolate(mended, places, a):
        return none
    left = innovation(mended, a, False)[ORDER:]
    power = np.sum(e[first:end] ** 2)
    if np.abs(left).max() > 4.5 * deviation or not power > wanted[4] * np.sum(left * left):
        return none
    if _rise(x, first, last, 7 * cell) > 2.0 * min(surety, 4.0):
        return none
    if _alike(e, first, end, n, wanted[3]) > company:
        return none
    order = min(3 * (last - first), MOST_ORDER, lead - margin - 2)
    if order > ORDER:  # a long place: more of the tones around it
        more = fit(x, unknown, order)
        wide = x[first - order : last + order].copy()
        places = np.arange(order, order + last - first)
        if interpolate(wide, places, more):
            left = innovation(wide[order - ORDER : ORDER - order + len(wide)], a, False)[ORDER:]
            if np.abs(left).max() < 6.0 * deviation:  # as far as the first fit can tell, too
                a, mended = more, wide
    order = len(a) - 1
    # What was added is what now differs: where that is little, trust what was there.
    added = (mended[order:-order] - x[first:last]) ** 2
    trust = np.zeros(last - first)
    for i in range(last - first):
        here = np.mean(added[max(0, i - 2) : i + 3])
        trust[i] = deviation * deviation / max(here, 1e-300)
    mended[order:-order] = x[first:last]
    if not interpolate(mended, np.arange(order, order + last - first), a, trust):
        return none
    x[first:last] = mended[order:-order]
    flags[first:last] = False
    return np.array([float(first), float(last - first), peak / deviation])


@njit(cache=True, nogil=True, fastmath=False)
def _rise(x, first, last, width):  # type: ignore[no-untyped-def]
    """How much more power the sound has after the place than before, less its bass."""
    before, after = 0.0, 0.0
    for i in range(max(1, first - width), first):
        before += (x[i] - 0.9 * x[i - 1]) ** 2
    for i in range(last + 1, min(len(x), last + 1 + width)):
        after += (x[i] - 0.9 * x[i - 1]) ** 2
    return after / max(before, 1e-300)


@njit(cache=True, nogil=True, fastmath=False)
def _others(size, first, end, cell, least):  # type: ignore[no-untyped-def]
    """How many places outside first to end are larger than ``least``, each at most a cell long."""
    count, i = 0, 0
    while i < len(size):
        if i == first:
            i = end
            continue
        if size[i] > least:
            count += 1
            until = i + cell
            while i < until and i != first:
                i += 1
        else:
            i += 1
    return count


@njit(cache=True, nogil=True, fastmath=False)
def _alike(e, first, end, n, most):  # type: ignore[no-untyped-def]
    """How many other parts of the innovation are nearly the same wave, a third as large or more."""
    first, length = first - ORDER // 4, end - first
    own = 0.0
    for i in range(first, first + length):
        own += e[i] * e[i]
    count, k = 0, ORDER
    while k < n - length:
        product, other = 0.0, 0.0
        if abs(k - first) > length + ORDER // 2:
            for i in range(length):
                product += e[first + i] * e[k + i]
                other += e[k + i] * e[k + i]
        if other > 0.1 * own and product > most * np.sqrt(own * other):
            count += 1
            k += length
        k += 1
    return count
