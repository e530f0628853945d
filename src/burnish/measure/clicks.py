"""Clicks: single samples, or up to 4.5 ms of them, that belong to no sound around them.

Every piece is foretold by a short autoregression; a place that surprises far more than its
surroundings is looked at closely, by a fit that does not know it. Of a click the first sample
surprises who foretells forward, and the last sample who foretells backward: so it has a length. At
a stroke, a cut or a synthesizer's edge the two cross, there is no such length. What is put in its
place must explain the surprise away, and nothing like it may stand within 20 ms, as it would in a
reed's or a sawtooth's pulses. One longer than half a millisecond must stand out more, and the
sound be as strong after it as before, or it is a stick on a rim (after Godsill and Rayner, "Digital
Audio Restoration", 1998, ch. 5).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.autoregression import autocorrelation, innovation, interpolate, levinson
from burnish.measure.model import Measurement
from burnish.measure.overlap import Overlap

Floats = NDArray[np.float64]

_RATE_HZ = 44_100  # up to its double, what follows is in samples; beyond, in multiples
_CELL = 64
_CELLS = 8  # on each side, whose middle is the usual size of an innovation
_PIECE = 4096
_WINDOW = 2048
_LOOK, _KEEP = 1024, 48  # samples looked at on each side of a place, and those a fit does not know
_LONGEST = 24  # 0.54 ms: what is longer and stands out as far may be a stick on a rim
_BURST_CELLS = 3  # a click of up to 4.5 ms may reach into so many after its largest
_BURST = (240, 200, 250.0, 2.0)  # of such a long one: as those of _SHORT
_EVEN = 3.0  # most change of power across it, of the highs, over 18 ms: a stroke goes on, or ends
_QUICK = 12  # order of the first look; the kernel has it unrolled
_ORDER = 24  # of the close look
_WHITE = 1e-7  # of the power, -70 dB: noise under a fit, or it would trust bands that are empty
_LEAST_SIZE = 2e-6  # of an innovation: the rounding of 16 bits
_SUSPECT = 12.0  # times the usual innovation
_CLICK = 20.0  # set on the clean corpus, where 12 finds a click in each minute
_EDGE = 5.0
_ALONE = (1.4, 2.0)  # times the largest innovation elsewhere, at the first and at the close look
_LEFT = 6.0  # what may be left of it with other samples in its place, in usual sizes
_STEADY = 3.0  # the usual innovation may change by so much across it: else it is an onset
_SHORT = (_KEEP, _LONGEST, _CLICK, _STEADY)
_LEAST_HEIGHT = 5e-4  # -66 dBFS
_LEAST_PART = 0.01  # of the RMS around
_MOST_PER_S = (
    100  # places that are looked at closely: a sound that has more has no clicks, but noise
)
_TOGETHER_S = 0.001
_ENDS_S = 0.003


@dataclass(frozen=True)
class Clicks:
    """Clicks and pops: when (seconds), how long, and how far over the usual innovation, in dB.

    A click in both channels is one. ``per_min`` is over the whole duration.
    """

    count: int
    per_min: float
    times_s: tuple[float, ...]
    lengths_ms: tuple[float, ...]
    prominence_db: tuple[float, ...]


class ClickDetector:
    """Looks for clicks in each channel."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._scale = max(1, round(rate_hz / _RATE_HZ))
        margin = self._scale * (_LOOK + (_CELLS + 1) * _CELL) + _QUICK
        self._overlap = Overlap(channels, margin, margin)
        self._window = np.hanning(_WINDOW * self._scale + 2)[1:-1]
        self._n_samples = 0
        self._found: list[Floats] = []

    def feed(self, piece: Floats) -> None:
        """Take the next piece."""
        self._n_samples += piece.shape[1]
        self._look(self._overlap.feed(piece))

    def finish(self, measured: Measurement) -> Clicks:
        """What was found."""
        self._look(self._overlap.finish())
        rows = np.vstack((np.zeros((0, 3)), *self._found))
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        # Where the sound begins or breaks off there is silence on one side: that is no click.
        inside = (rows[:, 0] >= _ENDS_S * self._rate_hz) & (
            rows[:, 0] + rows[:, 1] < self._n_samples - _ENDS_S * self._rate_hz
        )
        rows = rows[inside]
        rows = rows[np.diff(rows[:, 0], prepend=-np.inf) > _TOGETHER_S * self._rate_hz]
        minutes = self._n_samples / self._rate_hz / 60.0
        return Clicks(
            count=len(rows),
            per_min=len(rows) / minutes if minutes else 0.0,
            times_s=tuple((rows[:, 0] / self._rate_hz).tolist()),
            lengths_ms=tuple((1e3 * rows[:, 1] / self._rate_hz).tolist()),
            prominence_db=tuple((20.0 * np.log10(rows[:, 2])).tolist()),
        )

    def _look(self, seen: Floats | None) -> None:
        if seen is None:
            return
        for wave in seen:
            suspects = _search(wave, self._overlap.before, self._window, self._scale)
            self._found.append(self._judged(wave, suspects))

    def _judged(self, wave: Floats, suspects: NDArray[np.int64]) -> Floats:
        """The clicks among the suspects: first sample, length, times the usual size."""
        found = np.zeros((0, 3))
        for at, short in suspects.tolist():
            click = _judged(wave, at, self._scale, *_SHORT) if short else None
            click = click or _judged(wave, at, self._scale, *_BURST)
            if click is not None:
                found = np.vstack((found, click))
        found[:, 0] += self._overlap.position - self._overlap.before
        return found


@njit(cache=True, nogil=True, fastmath=False)
def _innovation(x, a, e):  # type: ignore[no-untyped-def]
    """What 12 samples do not foretell: ``e[i]`` of ``x[i + 12]``. Ten times as fast unrolled."""
    a1, a2, a3, a4, a5, a6 = a[1], a[2], a[3], a[4], a[5], a[6]
    a7, a8, a9, a10, a11, a12 = a[7], a[8], a[9], a[10], a[11], a[12]
    for i in range(len(x) - 12):
        e[i] = (
            (x[i + 12] + a1 * x[i + 11] + a2 * x[i + 10] + a3 * x[i + 9])
            + (a4 * x[i + 8] + a5 * x[i + 7] + a6 * x[i + 6] + a7 * x[i + 5])
            + (a8 * x[i + 4] + a9 * x[i + 3] + a10 * x[i + 2] + a11 * x[i + 1] + a12 * x[i])
        )


@njit(cache=True, nogil=True, fastmath=False)
def _search(x, margin, window, scale):  # type: ignore[no-untyped-def]
    """Suspects of one channel between the margins: where, and whether it may be a short one."""
    cell, stretch, beside = _CELL * scale, _PIECE * scale, _CELLS * _CELL * scale
    n = len(x) - 2 * margin
    e = np.zeros(stretch + 2 * beside)
    mean, top = np.zeros(len(e) // cell), np.zeros(len(e) // cell)
    piece = np.zeros(len(window))
    out = np.zeros((_MOST_PER_S, 2), dtype=np.int64)
    count = 0
    for begin in range(0, n, stretch):
        first = margin + begin
        length = min(stretch, n - begin)
        start = first + (length - len(window)) // 2
        start = min(max(start, 0), len(x) - len(window))
        for i in range(len(window)):
            piece[i] = window[i] * x[start + i]
        r = autocorrelation(piece, _QUICK)
        r[0] *= 1.0 + _WHITE
        n_cells = -(-length // cell) + 2 * _CELLS
        _innovation(x[first - beside - _QUICK :][: n_cells * cell + _QUICK], levinson(r), e)
        for c in range(n_cells):
            total = largest = 0.0
            for i in range(c * cell, (c + 1) * cell):
                size = abs(e[i])
                total += size
                largest = max(largest, size)
            mean[c] = total / cell
            top[c] = largest
        for c in range(_CELLS, n_cells - _CELLS):
            least = top[c] / _SUSPECT
            if least < _LEAST_SIZE or min(mean[c - 1], mean[c - 2], mean[c - 3]) > least:
                continue
            if min(mean[c + 4], mean[c + 5], mean[c + 6]) > least:
                continue
            if top[c] < top[c - 1] or top[c] <= top[c + 1]:
                continue
            short = min(mean[c + 1], mean[c + 2], mean[c + 3]) <= least
            short = short and _median(mean, c + 1, _CELLS) <= least
            apart = other = 0.0
            for d in range(2, _CELLS + 1):
                other = max(other, top[c - d], top[c + d])
                apart = max(apart, top[c - d], top[c + d] if d > _BURST_CELLS else 0.0)
            short = short and top[c] >= _ALONE[0] * other
            if not short and top[c] < _ALONE[0] * apart:
                continue
            if _median(mean, c - _CELLS, _CELLS) > least or count == _MOST_PER_S:
                continue
            at = c * cell
            while abs(e[at]) < top[c]:
                at += 1
            out[count, 0], out[count, 1] = at + first - beside, short
            count += 1
    return out[:count]


@njit(cache=True, nogil=True, fastmath=False)
def _median(values, first, n):  # type: ignore[no-untyped-def]
    """The median of a few values; numpy's takes many times as long to compile."""
    rising = np.zeros(n)
    for i in range(n):
        k = i
        while k > 0 and rising[k - 1] > values[first + i]:
            rising[k] = rising[k - 1]
            k -= 1
        rising[k] = values[first + i]
    return 0.5 * (rising[(n - 1) // 2] + rising[n // 2])


# Suspects are few, some hundred in a song: what follows is not compiled.


def _judged(
    x: Floats, at: int, scale: int, keep: int, longest: int, least: float, steady: float
) -> tuple[float, float, float] | None:
    """The click around ``at``: first sample, length, times the usual size. None: it is none."""
    look, keep, cell = _LOOK * scale, keep * scale, _CELL * scale // 2
    low, high = look - keep, look + keep
    y = x[at - look : at + look].copy()
    past, future = y[:low], y[high:]
    if longest > _LONGEST:
        powers = [float(np.sum(np.diff(part) ** 2)) for part in (past, future)]
        if max(powers) > _EVEN * min(powers):
            return None
    weights = 0.5 - 0.5 * np.cos(2.0 * np.pi * (np.arange(low) + 0.5) / low)
    known = np.zeros(len(y))
    known[:low], known[high:] = weights * past, weights[::-1] * future
    r = autocorrelation(known, _ORDER)
    r[0] *= 1.0 + _WHITE
    a = levinson(r)
    forward, backward = np.abs(innovation(y, a, False)), np.abs(innovation(y, a, True))
    before = max(_usual(forward[low - 20 * cell : low], cell), _LEAST_SIZE)
    after = max(_usual(backward[high : high + 20 * cell], cell), _LEAST_SIZE)
    usual = max(before, after)
    if usual > steady * min(before, after):
        return None
    size = float(min(forward[low:high].max(), backward[low:high].max()))
    other = max(forward[_ORDER:low].max(), backward[high:-_ORDER].max())
    if size < least * usual or size < _ALONE[1] * other:
        return None
    edge = max(_EDGE * usual, 0.01 * size)
    surprised = np.flatnonzero(forward[low:high] > edge), np.flatnonzero(backward[low:high] > edge)
    first, last = low + int(surprised[0][0]), low + int(surprised[1][-1])
    if not 0 <= last - first < longest * scale:
        return None
    if not interpolate(y, np.arange(first, last + 1), a):
        return None
    left = np.abs(innovation(y, a, False)[first : last + 1 + _ORDER]).max()
    was = x[at - look : at + look]
    height = np.abs(was[first : last + 1] - y[first : last + 1]).max()
    rms = np.sqrt((past @ past + future @ future) / (2 * low))
    if left > max(_LEFT * usual, 0.1 * size) or height < max(_LEAST_HEIGHT, _LEAST_PART * rms):
        return None
    if _cut(was, y, first, last):
        return None
    return at - look + first, last - first + 1, size / usual


def _usual(sizes: Floats, cell: int) -> float:
    """The usual one of these sizes: the middle of their cells' means."""
    means = np.sort(np.add.reduce(sizes.reshape(-1, cell), axis=1))
    return float(0.5 * (means[(len(means) - 1) // 2] + means[len(means) // 2])) / cell


def _cut(x: Floats, y: Floats, first: int, last: int) -> bool:
    """Whether ``y`` mends the corner of a clipped wave: three equal samples of its top lie there.

    Where the mended wave is far inside them, they are the top of a click.
    """
    top = 0.9 * np.abs(x).max()
    for i in range(first - 4, last + 3):
        if x[i] == x[i + 1] == x[i + 2] and abs(x[i]) >= top:
            return bool(y[i + 1] * x[i + 1] > 0.75 * x[i + 1] * x[i + 1])
    return False
