"""Trial renders: what a drive into the limiter gives and costs, heard on excerpts.

The excerpts are real sound from before the limiter, the limiter is the real one. What is compared
with what came in is compared at equal loudness.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step, play
from burnish.measure.loudness import gated_power, lufs, sliding_sum
from burnish.measure.walk import HOPS_PER_S, Walk
from burnish.processors.limiter import Limiter
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

TOUCHED_DB = 0.1  # a hop lowered by more than this counts as limited


@dataclass(frozen=True)
class Trial:
    """What one drive gives and costs. Levels in LU and dB, duty in percent of the time.

    ``loss_lu`` is the loudness that the limiter took back. ``sharpness_loss_percent`` is how much
    of the fast level's spread over the slow one is gone (punch), ``pumping_db`` the 2 to 8 Hz
    swing of the gain, ``residual_lu`` what is left when the smooth part of the gain is undone,
    against the master, and ``tone_shift_db`` the largest shift of an octave.
    """

    drive_db: float
    loss_lu: float
    reduction_mean_db: float
    reduction_p95_db: float
    duty_percent: float
    sharpness_loss_percent: float
    pumping_db: float
    residual_lu: float
    tone_shift_db: float


class Excerpts:
    """Sound from before the limiter, and trials of a limiter on it."""

    def __init__(self, samples: Floats, rate_hz: int) -> None:
        self.samples = samples
        self.rate_hz = rate_hz
        self._hops = _walk(samples, rate_hz)
        self._octaves = _octave_powers(samples, rate_hz)
        self._losses: dict[float, float] = {}

    def loss_lu(self, limiter: Limiter, drive_db: float) -> float:
        """Loudness taken back by the limiter at this drive; 0 or more."""
        if drive_db not in self._losses:
            hops = _walk(self._limited(limiter, drive_db), self.rate_hz)
            self._losses[drive_db] = self._loss(hops, drive_db)
        return self._losses[drive_db]

    def trial(self, limiter: Limiter, drive_db: float) -> Trial:
        """Everything that the stop rules ask of one drive."""
        gain = gain_from_db(drive_db)
        limited = self._limited(limiter, drive_db)
        hops = _walk(limited, self.rate_hz)
        loss = self._losses[drive_db] = self._loss(hops, drive_db)
        before, after = self._hops, hops
        sounding = before.power > before.power.max(initial=0.0) * 1e-5  # 50 dB below the loudest
        with np.errstate(divide="ignore", invalid="ignore"):
            reduction = 20.0 * np.log10(gain * before.largest / after.largest)
        reduction = np.where(sounding & np.isfinite(reduction), np.maximum(reduction, 0.0), 0.0)
        heard = reduction[sounding]
        smooth = _smooth_gain(before.power * gain**2, after.power, sounding)
        rest = limited - gain * self.samples * _to_samples(smooth, self.samples.shape[1])
        residual = _walk(rest, self.rate_hz)
        shift = 10.0 * np.log10(_octave_powers(limited, self.rate_hz) / self._octaves)
        return Trial(
            drive_db=drive_db,
            loss_lu=loss,
            reduction_mean_db=float(heard.mean()) if len(heard) else 0.0,
            reduction_p95_db=float(np.percentile(heard, 95)) if len(heard) else 0.0,
            duty_percent=100.0 * float((heard > TOUCHED_DB).mean()) if len(heard) else 0.0,
            sharpness_loss_percent=_sharpness_loss(before.power, after.power, sounding),
            pumping_db=_pumping(reduction),
            residual_lu=max(-120.0, lufs(_mean(residual.power)) - lufs(_mean(after.power))),
            tone_shift_db=float(np.abs(shift - (drive_db - loss)).max()),
        )

    def _limited(self, limiter: Limiter, drive_db: float) -> Floats:
        """Two halves in two threads; at the cut the limiter starts anew, once."""
        driven = limiter.with_(input_gain_db=drive_db)
        step = Step(processor="limiter", settings=driven)
        middle = self.samples.shape[1] // 2
        with ThreadPoolExecutor(2) as pool:
            halves = list(
                pool.map(
                    lambda half: _whole(play([step], _pieces(half), self.rate_hz, len(half))),
                    (self.samples[:, :middle], self.samples[:, middle:]),
                )
            )
        return cast(Floats, np.concatenate(halves, axis=1))

    def _loss(self, hops: "_Hops", drive_db: float) -> float:
        before, after = (gated_power(_blocks(h.power)) for h in (self._hops, hops))
        if before <= 0.0 or after <= 0.0:
            return 0.0
        return lufs(before) + drive_db - lufs(after)


@dataclass(frozen=True, eq=False)
class _Hops:
    power: Floats  # K-weighted, summed over the channels, of each 5 ms
    largest: Floats  # magnitude of the samples of each 5 ms


def _walk(samples: Floats, rate_hz: int) -> _Hops:
    hops = Walk(rate_hz, len(samples)).feed(samples)
    n = hops.n_whole
    return _Hops(
        hops.weighted[:, :n].sum(axis=0) * HOPS_PER_S / rate_hz, hops.largest[:, :n].max(axis=0)
    )


def _pieces(samples: Floats) -> Sequence[Floats]:
    return [
        np.ascontiguousarray(samples[:, i : i + 65536]) for i in range(0, samples.shape[1], 65536)
    ]


def _whole(blocks: object) -> Floats:
    return np.concatenate(list(cast("list[Floats]", blocks)), axis=1)


def _blocks(power: Floats) -> Floats:
    """400 ms powers every 100 ms, from the powers of 5 ms."""
    n = len(power) // 20 * 20
    segments = power[:n].reshape(-1, 20).mean(axis=1)
    return sliding_sum(segments, 4) / 4


def _mean(power: Floats) -> float:
    return float(power.mean()) if len(power) else 0.0


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


def _to_samples(per_hop: Floats, n_samples: int) -> Floats:
    if not len(per_hop):
        return np.ones(n_samples)
    where = (np.arange(n_samples) + 0.5) * (len(per_hop) / n_samples) - 0.5
    return np.asarray(np.interp(where, np.arange(len(per_hop)), per_hop))


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


def _octave_powers(samples: Floats, rate_hz: int) -> Floats:
    """Power of the octaves from 63 Hz to 8 kHz, all channels, for comparing two renders."""
    size = 4096
    n = samples.shape[1] // size
    if n == 0:
        return np.ones(1)
    window = np.hanning(size)
    power = np.zeros(size // 2 + 1)
    for channel in samples:
        for k in range(0, n, 64):
            pieces = channel[k * size : min(n, k + 64) * size].reshape(-1, size)
            power += (np.abs(np.fft.rfft(pieces * window)) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(size, 1 / rate_hz)
    octaves = [
        power[(hz >= c / 2**0.5) & (hz < c * 2**0.5)].sum()
        for c in 1000.0 * 2.0 ** np.arange(-4, 4)
        if c * 2**0.5 < rate_hz / 2
    ]
    return np.asarray(np.array(octaves) + power.sum() * 1e-9 + 1e-30)
