"""Returned: what came back of a programme, held against what was sent, as it is lined up.

By milliseconds, bass held back: where something was sent and next to nothing came back, samples
dropped out. By half seconds: how far the two still lie apart; a jump means lost or doubled samples,
a slow walk a clock that wanders. All of it holds for loops that compress or colour as well, as each
place is judged by its neighbours.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Times = tuple[tuple[float, float], ...]

_DROPPED_DB = 26.0  # so much less than around it, while as much was sent
_AROUND_MS = 500
_HEARD_DB = 30.0  # sent within so much of what is around, and so much over the loop's noise
_LAG_S = 0.5
_REACH = 2048  # a lost buffer is found that is at most so long
_STILL_POWER = 1e-8  # of differences, -80 dB: less may well stand still when it is written down
_SURE = 0.2  # correlation of half a second with itself
_JUMP_SAMPLES = 1.0
_ALIKE = 0.08  # correlation of half a second: of two programmes it stays under, however coloured
_FULL = 1.0 - 2.0**-14
_NEAR_TOP, _LEAST_TOPS = 0.9, 4  # of the highest sample; tops at just one height, or held long
_OVER = 1.0 + 1e-6  # floats beyond full scale are not clipped
_RUN = 3  # samples at full scale in a row
_FROZEN_S = (
    0.0004  # a sample that stands still for so long: no converter does that with sound in it
)


@dataclass(frozen=True)
class Jump:
    """A place where samples were lost (more than 0) or doubled (less), to half a second."""

    at_s: float
    samples: float


@dataclass(frozen=True)
class Returned:
    """What became of a programme in the loop. Times are those of the programme."""

    dropouts_s: Times
    jumps: tuple[Jump, ...]
    wander_samples: float | None
    """How far it walks, but for one place in twenty, jumps and all; None: not known."""
    null_db: float
    """What is left when what was sent is taken out, best gain, against what came back."""
    correlation: float
    """How like what was sent it is, bass held back, 0 to 1: 1 is a loop that changes nothing."""
    is_another: bool = False
    """Whether nothing of what was sent is in it: another programme, or none."""


class Comparer:
    """Hears both streams side by side; each call takes as many samples of one as of the other."""

    def __init__(self, rate_hz: int, channels: int, skew_samples: float = 0.0) -> None:
        self._rate_hz, self._channels = rate_hz, channels
        self._lates = np.linspace(-0.5, 0.5, channels) * skew_samples if channels > 1 else (0.0,)
        self._hop = max(8, round(rate_hz / 1000))
        self._chunk = round(_LAG_S * rate_hz) // self._hop * self._hop
        self._sent = np.zeros((channels, 0))
        self._back = np.zeros((channels, 0))
        self._energies: list[tuple[Floats, Floats]] = []
        self._lags: list[tuple[float, float]] = []
        self._sums = np.zeros((channels, 3))

    def feed(self, sent: Floats, back: Floats) -> None:
        """Hear the next samples of both."""
        self._sent = np.concatenate((self._sent, sent), axis=1)
        self._back = np.concatenate((self._back, back), axis=1)
        while self._sent.shape[1] >= self._chunk:
            n = self._chunk
            self._take(self._sent[:, :n], self._back[:, :n])
            self._sent, self._back = self._sent[:, n:], self._back[:, n:]

    def finish(self, noise_dbfs: float, frozen_s: Times = (), recorded_db: float = 0.0) -> Returned:
        """What was found. ``noise_dbfs`` is the loop's own, raised as what came back was.

        Where the recording stands still (``frozen_s``) while something was sent, it dropped out;
        ``recorded_db`` is how much louder than sent it was recorded.
        """
        n = self._sent.shape[1] // self._hop * self._hop
        if n:
            self._take(self._sent[:, :n], self._back[:, :n])
        if not self._energies:
            return Returned((), (), None, 0.0, 0.0)
        sent, back = (np.concatenate(rows, axis=1) for rows in zip(*self._energies, strict=True))
        jumps, wander = _walk(self._lags)
        ss, bb, sb = self._sums.sum(axis=0)
        left = float((self._sums[:, 1] - self._sums[:, 2] ** 2 / (self._sums[:, 0] + 1e-30)).sum())
        hop_s = self._hop / self._rate_hz
        dropped = _dropouts(sent, back, noise_dbfs, hop_s)
        for begin, end in frozen_s:
            here = sent[:, int(begin / hop_s) : int(end / hop_s) + 1]
            if not here.size:
                continue
            usual = float(np.median(here.max(axis=0)))  # at its ends it may well move
            if usual * 10.0 ** (0.1 * recorded_db) > _STILL_POWER:
                dropped = (*dropped, (begin, end))
        return Returned(
            dropouts_s=_merged(list(dropped)),
            jumps=jumps,
            wander_samples=wander,
            null_db=10.0 * math.log10(max(left, 1e-20 * bb, 1e-30) / bb) if bb > 0.0 else 0.0,
            correlation=float(sb / math.sqrt(ss * bb)) if ss > 0.0 and bb > 0.0 else 0.0,
            is_another=ss > 0.0 and max((sure for _, sure in self._lags), default=1.0) < _ALIKE,
        )

    def _take(self, sent: Floats, back: Floats) -> None:
        self._sums[:, 0] += np.einsum("ij,ij->i", sent, sent)
        self._sums[:, 1] += np.einsum("ij,ij->i", back, back)
        self._sums[:, 2] += np.einsum("ij,ij->i", sent, back)
        a, b = (np.diff(x, axis=1, prepend=x[:, :1]) for x in (sent, back))
        rows = tuple(
            np.square(x).reshape(self._channels, -1, self._hop).mean(axis=2) for x in (a, b)
        )
        self._energies.append((rows[0], rows[1]))
        if sent.shape[1] == self._chunk:
            self._lags.append(_lag(a, b, np.asarray(self._lates)))


def _lag(a: Floats, b: Floats, lates: Floats) -> tuple[float, float]:
    """How far b lies behind a beside what each channel is late, and how sure that is, 0 to 1."""
    n_fft = 1 << (a.shape[1] + _REACH).bit_length()
    cross = np.conj(np.fft.rfft(a, n_fft, axis=1)) * np.fft.rfft(b, n_fft, axis=1)
    w = np.linspace(0.0, math.pi, cross.shape[1])
    total = (cross * np.exp(1j * w * lates[:, None])).sum(axis=0)
    row = np.fft.irfft(total, n_fft)
    near = np.concatenate((row[-_REACH:], row[: _REACH + 1]))
    at = int(np.argmax(np.abs(near)))
    under = math.sqrt(float(np.square(a).sum() * np.square(b).sum())) + 1e-30
    place = float(at - _REACH)
    for _ in range(4):
        turned = total * np.exp(1j * w * place)
        bend = float(np.sum(w**2 * turned.real))
        if bend == 0.0:
            break
        place += float(np.clip(-np.sum(w * turned.imag) / bend, -0.5, 0.5))
    return place, float(abs(near[at]) / under)


def _walk(lags: list[tuple[float, float]]) -> tuple[tuple[Jump, ...], float | None]:
    """Jumps of the lag, and how far it walks.

    A jump has a level before and a level behind it, and stands out of all other steps. What goes up
    and down is a pace that wanders.
    """
    sure = [(k, lag) for k, (lag, value) in enumerate(lags) if value > _SURE]
    if len(sure) < 2:
        return (), None
    at, places = np.array([k for k, _ in sure]), np.array([lag for _, lag in sure])
    usual = float(np.median(np.diff(places) / np.diff(at)))
    level = places - usual * at
    least = max(_JUMP_SAMPLES + abs(usual), 8.0 * float(np.median(np.abs(np.diff(level)))))
    jumps: list[Jump] = []
    for i in range(2, len(sure) - 1):
        before, behind = level[max(0, i - 3) : i], level[i : i + 3]
        moved = float(np.median(behind) - np.median(before))
        if abs(moved) > max(least, 3.0 * float(max(np.ptp(before), np.ptp(behind)))):
            jumps.append(Jump(_LAG_S * 0.5 * float(at[i - 1] + at[i] + 1), -moved))
    return tuple(jumps), float(np.percentile(np.abs(places - np.median(places)), 95))


def _dropouts(sent: Floats, back: Floats, noise_dbfs: float, hop_s: float) -> Times:
    """Milliseconds in which far less came back than around them."""
    lost = np.zeros(sent.shape[1], dtype=bool)
    floor = 10.0 ** (0.1 * noise_dbfs) if math.isfinite(noise_dbfs) else 0.0
    for one, other in zip(sent, back, strict=True):
        around = _mean(one, _AROUND_MS)
        came = _mean(other, _AROUND_MS)
        heard = (one > 10.0 ** (-0.1 * _HEARD_DB) * around) & (around > 1e-12)
        heard &= came > 10.0 ** (0.1 * _HEARD_DB) * 4.0 * floor
        usual = came / np.maximum(around, 1e-30)
        lost |= heard & (other < 10.0 ** (-0.1 * _DROPPED_DB) * usual * one)
    return tuple((a * hop_s, b * hop_s) for a, b in _runs_of(lost))


def _mean(x: Floats, size: int) -> Floats:
    """The mean over ``size`` entries around each."""
    sums = np.concatenate(((0.0,), np.cumsum(x)))
    k = np.arange(len(x))
    low, high = np.maximum(k - size // 2, 0), np.minimum(k + size // 2 + 1, len(x))
    return np.asarray((sums[high] - sums[low]) / (high - low))


def _runs_of(marked: Bools, least: int = 1) -> list[tuple[int, int]]:
    """Where at least so many in a row are marked: the first, and the one behind."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.view(np.int8), [0])))).reshape(-1, 2)
    return [(int(a), int(b)) for a, b in edges[edges[:, 1] - edges[:, 0] >= least]]


@dataclass(frozen=True)
class Looked:
    """What a recording shows by itself, between two of its samples. Times count from the first."""

    clipped_s: Times
    frozen_s: Times
    """Where a channel stands on one value while the other samples around it do not."""
    peak_dbfs: float


def look(recording: Source, start: int, stop: int, channels: tuple[int, ...]) -> Looked:
    """Look through the samples of a recording: tops cut off, and samples that stand still.

    Cut are tops at full scale, and below it those that were turned down since: many at one height,
    or one that is held long, near the highest sample.
    """
    rate_hz = recording.info.rate_hz
    least = max(_RUN, round(_FROZEN_S * rate_hz))
    clipped: list[tuple[float, float]] = []
    held: list[list[_Held]] = [[] for _ in channels]
    peak, place = 0.0, start
    last = np.full((len(channels), least), np.nan)
    for block in recording.blocks(start=max(0, start), stop=max(0, stop)):
        rows = np.concatenate((last, block[[i - 1 for i in channels]]), axis=1)
        at = place - least - start
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        for row, seen in zip(rows, held, strict=True):
            size = np.abs(row)
            full = (size >= _FULL) & (size <= _OVER)
            clipped += [_times(a, b, at, rate_hz) for a, b in _runs_of(full, _RUN)]
            still = np.concatenate((np.diff(row) == 0.0, (False,))) & (size < _FULL)
            for a, b in _runs_of(still, _RUN - 1):
                if b + 1 < least:
                    continue  # seen with the block before
                if b - a >= least - 1 or size[a] > _NEAR_TOP * peak:
                    seen.append(_Held(float(size[a]), b - a + 1, _times(a, b + 1, at, rate_hz)))
        last, place = rows[:, -least:], place + block.shape[1]
    frozen: list[tuple[float, float]] = []
    for seen in held:
        top = max((one.height for one in seen), default=0.0)
        cut = sum(one.height == top for one in seen) >= _LEAST_TOPS
        for one in seen:
            if one.height > _NEAR_TOP * peak and ((cut and one.height == top) or one.n >= least):
                clipped.append(one.times_s)
            elif one.n >= least:
                frozen.append(one.times_s)
    return Looked(
        _merged([one for one in clipped if one[1] > 0.0]),
        _merged([one for one in frozen if one[1] > 0.0]),
        20.0 * math.log10(peak) if peak else -math.inf,
    )


@dataclass(frozen=True)
class _Held:
    """A value that stands still: its size, for how many samples, and when."""

    height: float
    n: int
    times_s: tuple[float, float]


def _times(a: int, b: int, first: int, rate_hz: int) -> tuple[float, float]:
    return max(0.0, (a + first) / rate_hz), (b + first) / rate_hz


def _merged(found: list[tuple[float, float]], apart_s: float = 0.05) -> Times:
    out: list[tuple[float, float]] = []
    for begin, end in sorted(found):
        if out and begin - out[-1][1] <= apart_s:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((begin, end))
    return tuple(out)
