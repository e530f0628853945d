"""Trial renders: what a drive into the loudness path gives and costs, heard on excerpts.

The excerpts are real sound from before the path, its stages are the real ones. What is compared
with what came in is compared at equal loudness, from the beginning of the path to its end.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step, play
from burnish.engineer.path import Path
from burnish.measure.loudness import gated_power, lufs, lufs_of, sliding_sum
from burnish.measure.walk import HOPS_PER_S, Walk, hop_edge
from burnish.processors.base import Processor
from burnish.units import db_from_power, gain_from_db

Floats = NDArray[np.float64]

PIECE_S = 3.0
_CREST_HOPS = 10  # 50 ms
_EDGES_HZ = 62.5 * 2.0 ** ((np.arange(25) - 1.5) / 3.0)
_LOWEST_BAND = 1e-6  # 60 dB under the loudest band of the whole: under it nothing is heard

TOUCHED_DB = 0.1  # a hop lowered by more than this counts as limited

_UNHEARD = 1e-3
# Of the whole: an octave 30 dB below counts half, one far below not at all. What a lone flute has
# in the bass is the click of its attack; that a limiter softens it, shifts no tone.


@dataclass(frozen=True)
class Trial:
    """What one drive gives and costs. Levels in LU and dB, duty in percent of the time.

    ``loss_lu`` is the loudness that the path took back, ``psr_p5_db`` the 5th percentile of peak
    over short-term loudness that it leaves. ``reduction`` is that of the peaks, where what a
    compressor took of the loudness is made up. ``sharpness_loss_percent`` is how much of the fast
    level's spread over the slow one is gone (punch), ``crest_loss_db`` the mean loss of peak over
    RMS in 50 ms, ``pumping_db`` the 2 to 8 Hz swing of the gain, ``residual_lu`` what is left when
    the smooth part of the gain is undone, against the master, ``tone_shift_db`` the largest shift
    of an octave, and ``spectral_change_db`` how far the third octaves of 93 ms are changed.
    """

    drive_db: float
    loss_lu: float
    psr_p5_db: float
    reduction_mean_db: float
    reduction_p95_db: float
    duty_percent: float
    sharpness_loss_percent: float
    pumping_db: float
    residual_lu: float
    tone_shift_db: float
    crest_loss_db: float = 0.0
    spectral_change_db: float = 0.0


class Excerpts:
    """Sound from before the loudness path, and trials of paths on it.

    The excerpts come in two halves that are played in two threads; each half starts the stages
    anew, once.
    """

    def __init__(self, samples: Floats, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        middle = hop_edge(samples.shape[1] * HOPS_PER_S // (2 * rate_hz), rate_hz)
        self._halves = [np.ascontiguousarray(samples[:, :middle]), samples[:, middle:].copy()]
        self._bands = _bands(self._halves, rate_hz)
        self._losses: dict[tuple[Path, float], float] = {}
        self._trials: dict[tuple[Path, float], Trial] = {}
        self._last: tuple[Path, float, _Heard] | None = None
        self._held = _Held((), self._halves, self._halves, 0.0)

    def sample(self) -> "Excerpts":
        """Every third 3 s of it: enough to tell one path from another, in a third of the time."""
        left, right = self._halves
        middle, size = left.shape[1], round(PIECE_S * self.rate_hz)
        pieces = []
        for i in range(0, middle + right.shape[1], 3 * size):
            pieces.append(left[:, i : i + size])
            pieces.append(right[:, max(0, i - middle) : max(0, i + size - middle)])
        part = np.concatenate(pieces, axis=1)
        if _power([part]) < 0.1 * _power(self._halves):
            return self  # it fell into the pauses
        return Excerpts(part, self.rate_hz)

    @property
    def halves(self) -> list[Floats]:
        """The sound itself. Not to be changed."""
        return self._halves

    def loss_lu(self, path: Path, drive_db: float) -> float:
        """Loudness taken back by the path at this drive; 0 or more where nothing else adds any."""
        key = (path, drive_db)
        if key not in self._losses:
            self._losses[key] = _loss(self._heard(path, drive_db).hops, drive_db)
        return self._losses[key]

    def tried(self, path: Path) -> list[float]:
        """The drives, in dB, at which there was a trial of this path."""
        return [drive_db for one, drive_db in self._trials if one == path]

    def trial(self, path: Path, drive_db: float) -> Trial:
        """Everything that the stop rules ask of one drive."""
        if (path, drive_db) not in self._trials:
            self._trials[path, drive_db] = self._judged(path, drive_db)
        return self._trials[path, drive_db]

    def _judged(self, path: Path, drive_db: float) -> Trial:
        gain = gain_from_db(drive_db)
        hops, loud = self._heard(path, drive_db)
        loss = self._losses[path, drive_db] = _loss(hops, drive_db)
        made_up = (
            gain_from_db(-self._held.loss_lu) * gain
        )  # what a compressor takes, the drive gives
        sounding = hops.before > hops.before.max(initial=0.0) * 1e-5  # 50 dB below the loudest
        with np.errstate(divide="ignore", invalid="ignore"):
            reduction = 20.0 * np.log10(made_up * hops.largest_before / hops.largest_after)
        swing = np.where(sounding & np.isfinite(reduction), reduction, 0.0)
        reduction = np.maximum(swing, 0.0)
        heard = reduction[sounding]
        bands = _bands(loud, self.rate_hz)
        gained_db = drive_db - loss
        shift = np.abs(10.0 * np.log10(bands.octaves / self._bands.octaves) - gained_db)
        return Trial(
            drive_db=drive_db,
            loss_lu=loss,
            psr_p5_db=_psr_p5(hops),
            reduction_mean_db=float(heard.mean()) if len(heard) else 0.0,
            reduction_p95_db=float(np.percentile(heard, 95)) if len(heard) else 0.0,
            duty_percent=100.0 * float((heard > TOUCHED_DB).mean()) if len(heard) else 0.0,
            sharpness_loss_percent=_sharpness_loss(hops.before, hops.after, sounding),
            pumping_db=_pumping(swing),
            residual_lu=_residual(hops, gain, sounding),
            tone_shift_db=float(shift.max(initial=0.0)),
            crest_loss_db=_crest_loss(hops),
            spectral_change_db=_spectral_change(self._bands.thirds, bands.thirds, gained_db),
        )

    def _heard(self, path: Path, drive_db: float) -> "_Heard":
        """Let the path run; the last result is kept for what is asked of it next."""
        if self._last is not None and self._last[:2] == (path, drive_db):
            return self._last[2]
        self._last = None  # its memory is needed
        if path.before != self._held.stages:
            self._held = self._hold(path)
        steps = path.last(drive_db)
        loud = self._in_two(lambda held: _played(steps, held, self.rate_hz), self._held.after)
        self._last = (path, drive_db, _Heard(self._walked(loud, self._held.compared), loud))
        return self._last[2]

    def _hold(self, path: Path) -> "_Held":
        """Play what stands before clipper and limiter; it is the same for every drive."""
        if not path.before:
            return _Held((), self._halves, self._halves, 0.0)
        self._held = _Held((), self._halves, self._halves, 0.0)  # the memory of the last is needed
        after = self._in_two(lambda dry: _played(path.first(), dry, self.rate_hz))
        idle = path.idle_before()
        compared = self._halves
        if idle:
            compared = self._in_two(lambda dry: _played(idle, dry, self.rate_hz))
        return _Held(path.before, after, compared, _loss(self._walked(after), 0.0))

    def _in_two(
        self, work: Callable[[Floats], Floats], halves: list[Floats] | None = None
    ) -> list[Floats]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(work, self._halves if halves is None else halves))

    def _walked(self, wet: list[Floats], dry: list[Floats] | None = None) -> "_Hops":
        with ThreadPoolExecutor(2) as pool:
            rates = (self.rate_hz, self.rate_hz)
            done = list(pool.map(_walk, dry or self._halves, wet, rates))
        return _Hops(*np.concatenate(done, axis=1))


class _Hops(NamedTuple):
    """What each 5 ms holds: K-weighted energies and their product, largest magnitudes, squares."""

    before: Floats
    after: Floats
    cross: Floats
    largest_before: Floats
    largest_after: Floats
    square_before: Floats
    square_after: Floats


class _Heard(NamedTuple):
    """What came of one run: the sums of each hop, and the two halves, loud."""

    hops: _Hops
    loud: list[Floats]


class _Held(NamedTuple):
    """What comes to clipper and limiter: the halves, what they are compared with, what was lost."""

    stages: tuple[Processor, ...]
    after: list[Floats]
    compared: list[Floats]
    loss_lu: float


def _loss(hops: _Hops, drive_db: float) -> float:
    before, after = (gated_power(_blocks(energy)) for energy in (hops.before, hops.after))
    # The gate is absolute in LUFS: at the level of the drive it is, for both, far below the music.
    return lufs(before) + drive_db - lufs(after) if before > 0.0 and after > 0.0 else 0.0


def _psr_p5(hops: _Hops) -> float:
    """5th percentile of sample peak over loudness, in windows of 3 s; fades are left out."""
    n = len(hops.after) // 20
    power = sliding_sum(hops.after[: n * 20].reshape(-1, 20).mean(axis=1), 30) / 30
    if not len(power) or power.max() <= 0:
        return math.inf
    tops = hops.largest_after[: n * 20].reshape(-1, 20).max(axis=1)
    tops = np.lib.stride_tricks.sliding_window_view(tops, 30).max(axis=1)
    heard = (power > 0.01 * power.mean()) & (tops > 0)
    psr = 20.0 * np.log10(tops[heard]) - lufs_of(power[heard])
    return float(np.percentile(psr, 5.0))


def _walk(dry: Floats, wet: Floats, rate_hz: int) -> _Hops:
    """Walk over dry and wet side by side, as if they were left and right; channels are summed."""
    n_hops = dry.shape[1] * HOPS_PER_S // rate_hz
    n_hops -= hop_edge(n_hops, rate_hz) > dry.shape[1]
    rows = np.zeros((7, n_hops))
    for before, after in zip(dry, wet, strict=True):
        walk = Walk(rate_hz, 2)
        for first in range(0, n_hops, HOPS_PER_S):
            last = min(first + HOPS_PER_S, n_hops)
            a, b = hop_edge(first, rate_hz), hop_edge(last, rate_hz)
            hops = walk.feed(np.stack((before[a:b], after[a:b])))
            rows[0:2, first:last] += hops.weighted
            rows[2, first:last] += hops.weighted_cross
            rows[3:5, first:last] = np.maximum(rows[3:5, first:last], hops.largest)
            rows[5:7, first:last] += hops.square
    rows[0:3] *= HOPS_PER_S / rate_hz
    return _Hops(*rows)


def _played(steps: Sequence[Step], dry: Floats, rate_hz: int) -> Floats:
    wet = np.empty_like(dry)
    place = 0
    for block in play(steps, _pieces(dry), rate_hz, len(dry)):
        wet[:, place : place + block.shape[1]] = block
        place += block.shape[1]
    return wet


def _pieces(samples: Floats) -> Iterator[Floats]:
    for i in range(0, samples.shape[1], 65536):
        yield np.ascontiguousarray(samples[:, i : i + 65536])


def _residual(hops: _Hops, gain: float, sounding: NDArray[np.bool_]) -> float:
    """How loud it is what the limiter did beyond a smooth change of level, against the wet sound.

    It is the wet sound minus the dry one at the smooth part of the gain. Never below -120 LU.
    """
    smooth = gain * _smooth_gain(hops.before * gain**2, hops.after, sounding)
    left = hops.after - 2.0 * smooth * hops.cross + smooth**2 * hops.before
    rest, whole = max(0.0, float(left.sum())), float(hops.after.sum())
    return max(-120.0, db_from_power(rest / whole)) if whole > 0 else -120.0


def _power(parts: list[Floats]) -> float:
    """Mean square of all of them, without a copy of any."""
    squares = sum(float(np.einsum("ij,ij->", part, part)) for part in parts)
    return squares / sum(part.size for part in parts)


def _blocks(power: Floats) -> Floats:
    """400 ms powers every 100 ms, from the powers of 5 ms."""
    n = len(power) // 20 * 20
    segments = power[:n].reshape(-1, 20).mean(axis=1)
    return sliding_sum(segments, 4) / 4


def _average(values: Floats, width: int) -> Floats:
    """Centred moving average of ``width`` values, shorter at the ends."""
    half = width // 2
    sums = np.concatenate(((0.0,), np.cumsum(values)))
    n = len(values)
    first = np.maximum(np.arange(n) - half, 0)
    last = np.minimum(np.arange(n) + half + 1, n)
    return np.asarray((sums[last] - sums[first]) / (last - first))


def _smooth_gain(before: Floats, after: Floats, sounding: NDArray[np.bool_]) -> Floats:
    """The gain's part slower than 400 ms, one value a hop: a level change, not a distortion."""
    gain = np.sqrt(after / np.where(sounding, before, 1.0))
    return _average(np.where(sounding, np.minimum(gain, 1.0), 1.0), 80)


def _sharpness(power: Floats, sounding: NDArray[np.bool_]) -> float:
    """Spread of the 25 ms level over the 200 ms level, in dB: punch, as phaselimiter tells it."""
    fast, slow = _average(power, 5), _average(power, 40)
    ok = sounding & (fast > 0) & (slow > 0)
    return float(np.std(10.0 * np.log10(fast[ok] / slow[ok]))) if ok.any() else 0.0


def _sharpness_loss(before: Floats, after: Floats, sounding: NDArray[np.bool_]) -> float:
    was = _sharpness(before, sounding)
    return 100.0 * (1.0 - _sharpness(after, sounding) / was) if was > 0 else 0.0


def _pumping(reduction_db: Floats) -> float:
    """Swing of the gain between 2 and 8 Hz, in dB from low to high, as a sine of the same power."""
    if len(reduction_db) < HOPS_PER_S:
        return 0.0
    spectrum = np.fft.rfft(reduction_db - reduction_db.mean())
    hz = np.fft.rfftfreq(len(reduction_db), 1 / HOPS_PER_S)
    power = (np.abs(spectrum[(hz >= 2) & (hz <= 8)]) ** 2).sum() * 2 / len(reduction_db) ** 2
    return float(2.0 * np.sqrt(2.0 * power))


def _crest_loss(hops: _Hops) -> float:
    """Mean loss of peak over RMS in 50 ms; what is 60 dB below the loudest is left out."""
    n = len(hops.after) // _CREST_HOPS * _CREST_HOPS
    if not n:
        return 0.0
    tops, squares = (
        [row[:n].reshape(-1, _CREST_HOPS) for row in rows]
        for rows in (
            (hops.largest_before, hops.largest_after),
            (hops.square_before, hops.square_after),
        )
    )
    peak = [top.max(axis=1) for top in tops]
    power = [square.sum(axis=1) for square in squares]
    heard = (power[0] > 1e-6 * power[0].max()) & (power[1] > 0)
    if not heard.any():
        return 0.0
    crest = [
        20.0 * np.log10(p[heard]) - 10.0 * np.log10(w[heard])
        for p, w in zip(peak, power, strict=True)
    ]
    return float((crest[0] - crest[1]).mean())


class _Bands(NamedTuple):
    """Power of third octaves in each window of 93 ms, and of octaves in the whole."""

    thirds: Floats  # (windows, bands)
    octaves: Floats


def _bands(halves: list[Floats], rate_hz: int) -> _Bands:
    """Power of the third octaves from 50 Hz to 10 kHz, all channels, for comparing two renders."""
    thirds = np.concatenate([_third_octaves(half, rate_hz) for half in halves])
    octaves = thirds.reshape(len(thirds), -1, 3).sum(axis=(0, 2))
    octaves = octaves[: _whole_octaves(rate_hz)]
    return _Bands(thirds, np.asarray(octaves + octaves.sum() * _UNHEARD + 1e-30))


def _whole_octaves(rate_hz: int) -> int:
    """How many of the octaves from 63 Hz to 8 kHz lie under half the rate."""
    return sum(62.5 * 2.0 ** (k + 0.5) < rate_hz / 2 for k in range(8))


def _third_octaves(samples: Floats, rate_hz: int) -> Floats:
    """Power in 24 third octaves of windows side by side, ``(windows, 24)``."""
    size = min(4096, 1 << max(0, samples.shape[1].bit_length() - 1))
    n = samples.shape[1] // size
    edges = np.searchsorted(np.fft.rfftfreq(size, 1 / rate_hz), _EDGES_HZ)
    window = np.hanning(size)
    sums = np.zeros((n, size // 2 + 2))
    for channel in samples:
        for k in range(0, n, 64):
            pieces = channel[k * size : min(n, k + 64) * size].reshape(-1, size)
            power = np.abs(np.fft.rfft(pieces * window)) ** 2
            sums[k : k + len(power), 1:] += np.cumsum(power, axis=1)
    return np.asarray(np.diff(sums[:, edges], axis=1))


def _spectral_change(before: Floats, after: Floats, gain_db: float) -> float:
    """Mean over time of the RMS over third octaves of what changed beyond the gain, in dB."""
    heard = before > before.max(initial=0.0) * _LOWEST_BAND
    counts = heard.sum(axis=1)
    if not counts.any():
        return 0.0
    ratio = np.maximum(after, 1e-30) / np.where(heard, before, 1.0)
    change = np.where(heard, 10.0 * np.log10(ratio) - gain_db, 0.0)
    each = np.sqrt((change**2).sum(axis=1)[counts > 0] / counts[counts > 0])
    return float(each.mean())
