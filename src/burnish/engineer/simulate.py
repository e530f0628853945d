"""A fast guess of what a loudness path does: static curves on what every 5 ms of the mix holds.

No sound is rendered. Of each hop is known its largest sample, how much of it comes from bass, body
and the rest (the limiter's own bands), and the energy of each. Stages are curves on these rows, so
that a hundred paths are guessed in the time of one render. The guesses only say which paths are
worth a trial: they decide nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.engineer.harm import PUMPING_DB, crest_part, spectral_part
from burnish.engineer.path import BAND_HZ, Shares
from burnish.measure.walk import HOPS_PER_S, hop_edge
from burnish.processors.limiter_stage import smooth_thrice
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

HELD_UNDER_DB = 4.0
"""A band is held from this far under its louder moments, the upper quarter, at 2 to 1."""

_LOW_HOPS, _BODY_HOPS = 2, 1  # to each side: the limiter's hold there
_LASTING_HOPS = 12  # 60 ms
_HELD_HOPS = 20
_CREST_HOPS, _WINDOW_HOPS = 10, 20
_CUT_SHARE = 0.15  # of a hop is over the ceiling where its top is: what clipping takes of its power
_THIRDS = np.array([5.0, 7.0, 12.0])  # third octaves in bass, body and rest
_ROUNDS = 6


@dataclass(frozen=True, eq=False)
class Features:
    """What a mix holds, one value a hop; rows are bass, body, rest, as the limiter parts them.

    ``tops`` is what each band has in the hop's largest sample, in the direction of that sample;
    ``power`` its mean square, ``heard`` how loud a power of 1 in that band is.
    """

    tops: Floats
    power: Floats
    heard: Floats


def loud_db(known: Features) -> tuple[float, ...]:
    """RMS of each band, and of all, in their louder moments: the upper quarter of 100 ms, in dB."""
    rows = [*known.power, known.power.sum(axis=0)]
    loud = [np.percentile(_average(row, _HELD_HOPS), 75) for row in rows]
    return tuple(float(10.0 * np.log10(max(power / 2.0, 1e-12))) for power in loud)


def features(halves: Sequence[Floats], rate_hz: int) -> Features:
    """Look at the sound before a path once."""
    parts = [_features(half, rate_hz) for half in halves]
    tops, power = (np.concatenate([part[k] for part in parts], axis=1) for k in range(2))
    # K-weighting is near to -1 dB in the body and +3 dB in the treble; less and less in the bass.
    return Features(tops, power, np.array([0.6, 0.9, 1.6]))


def _features(samples: Floats, rate_hz: int) -> tuple[Floats, Floats]:
    bands = np.stack([_low(samples, hz, rate_hz) for hz in BAND_HZ])
    bands = np.stack((bands[0], bands[1] - bands[0], samples - bands[1]))
    n = samples.shape[1] * HOPS_PER_S // rate_hz
    edges = [hop_edge(k, rate_hz) for k in range(n)]
    largest = np.abs(samples).max(axis=0)
    size = min(np.diff(edges)) if n > 1 else samples.shape[1]
    at = np.array(edges)[:, None] + np.arange(size)
    at = at[at[:, -1] < samples.shape[1]]
    where = at[np.arange(len(at)), largest[at].argmax(axis=1)]
    channel = np.abs(samples[:, where]).argmax(axis=0)
    tops = bands[:, channel, where] * np.sign(samples[channel, where])
    power = np.stack([(band[:, at] ** 2).mean(axis=2).sum(axis=0) for band in bands])
    return tops, power


def _low(samples: Floats, hz: float, rate_hz: int) -> Floats:
    """What the limiter calls the band under a corner."""
    half_width = max(1, round((0.3695 * rate_hz / hz - 1) / 2))
    around = np.pad(samples, ((0, 0), (3 * half_width, 3 * half_width)))
    out = np.zeros_like(around)
    smooth_thrice(around, half_width, out)
    return out[:, 3 * half_width : out.shape[1] - 3 * half_width]


@dataclass(frozen=True)
class Guess:
    """What a way is thought to cost: its harm, and how far the tone of the whole shifts."""

    harm: float
    tone_shift_db: float


def guessed(
    known: Features, shares: Sequence[Shares], ceiling_dbtp: float, louder_lu: float
) -> list[Guess]:
    """What each way to share costs at so much more loudness than the mix has."""
    return [_one(known, one, gain_from_db(ceiling_dbtp), louder_lu) for one in shares]


def _one(known: Features, shares: Shares, ceiling: float, louder_lu: float) -> Guess:
    tops, power = _held(known, shares)
    was = _loud(known, known.power)
    drive_db = louder_lu + 10.0 * np.log10(was / _loud(known, power))
    for _ in range(_ROUNDS):
        gain = gain_from_db(drive_db)
        after, top = _limited(tops * gain, power * gain**2, shares, ceiling)
        missing = louder_lu - 10.0 * np.log10(_loud(known, after) / was)
        if abs(missing) < 0.05:
            break
        drive_db += min(missing * 1.3, 6.0)
    return _harm(known, after, top, louder_lu)


def _held(known: Features, shares: Shares) -> tuple[Floats, Floats]:
    """Compressor or multiband: each band turned down by its curve on its smooth power."""
    most_db = shares.multiband_db or shares.compress_db
    if not most_db:
        return known.tops, known.power
    smooth = np.stack([_average(row, _HELD_HOPS) for row in known.power])
    if shares.compress_db:
        smooth = np.broadcast_to(smooth.sum(axis=0), smooth.shape)
    loud = np.percentile(smooth, 75, axis=1, keepdims=True)
    over_db = 10.0 * np.log10(np.maximum(smooth, 1e-12) / np.maximum(loud, 1e-12)) + HELD_UNDER_DB
    gain = 10.0 ** (-np.clip(0.5 * over_db, 0.0, most_db) / 20.0)
    return known.tops * gain, known.power * gain**2


def _limited(tops: Floats, power: Floats, shares: Shares, ceiling: float) -> tuple[Floats, Floats]:
    """Clipper and limiter: power of the bands, and the largest sample, after them."""
    top = tops.sum(axis=0)
    if shares.clip_over_db is not None:
        cut = np.minimum(1.0, ceiling * gain_from_db(shares.clip_over_db) / np.maximum(top, 1e-9))
        tops = tops * cut
        lost = power.sum(axis=0) * _CUT_SHARE * (1.0 - cut) ** 2
        power = power * (1.0 - _CUT_SHARE * (1.0 - cut**2))
        power = np.stack((power[0], power[1] + 0.5 * lost, power[2] + 0.5 * lost))
        top = tops.sum(axis=0)
    left = []
    for k, hops in ((0, _LOW_HOPS), (1, _BODY_HOPS)):
        over, push = np.maximum(top - ceiling, 0.0), np.maximum(tops[k], 1e-9)
        share = _widest(np.minimum(over / push, 1.0), hops)
        lasting = -_widest(-_widest(share, _LASTING_HOPS // 2), _LASTING_HOPS // 2)
        lasting = np.minimum(lasting, -_widest(-share, 4 * hops))
        first = 1.0 - gain_from_db(-shares.low_first_db)
        most = 1.0 - gain_from_db(-max(shares.low_first_db, shares.low_lasting_db))
        share = np.maximum(np.minimum(share, first), np.minimum(lasting, most))
        top = top - share * np.maximum(tops[k], 0.0)
        left.append(1.0 - share)
    gain = -_widest(-np.minimum(1.0, ceiling / np.maximum(top, 1e-9)), 1)
    bands = np.stack((left[0] * gain, left[1] * gain, gain))
    return power * bands**2, top * gain


def _harm(known: Features, after: Floats, top: Floats, louder_lu: float) -> Guess:
    """The same harms as a trial tells, as far as these rows know them."""
    n = after.shape[1] // _WINDOW_HOPS * _WINDOW_HOPS
    before, then = (
        row[:, :n].reshape(3, -1, _WINDOW_HOPS).mean(axis=2) for row in (known.power, after)
    )
    sounding = before.sum(axis=0) > 1e-6 * before.sum(axis=0).max(initial=0.0)
    change = 10.0 * np.log10(np.maximum(then, 1e-20) / np.maximum(before, 1e-20)) - louder_lu
    change = np.sqrt((_THIRDS[:, None] * change**2).sum(axis=0) / _THIRDS.sum())
    n = after.shape[1] // _CREST_HOPS * _CREST_HOPS
    tops = [row[:n].reshape(-1, _CREST_HOPS).max(axis=1) for row in (known.tops.sum(axis=0), top)]
    whole = [
        row.sum(axis=0)[:n].reshape(-1, _CREST_HOPS).mean(axis=1) for row in (known.power, after)
    ]
    heard = whole[0] > 1e-6 * whole[0].max(initial=0.0)
    crest = [
        20.0 * np.log10(t[heard]) - 10.0 * np.log10(w[heard])
        for t, w in zip(tops, whole, strict=True)
    ]
    moved = 10.0 * np.log10(np.maximum(after[2], 1e-20) / np.maximum(known.power[2], 1e-20))
    swing = _average(moved, 10) - _average(moved, 100)
    whole_db = 10.0 * np.log10((after.sum(axis=1) + 1e-20) / (known.power.sum(axis=1) + 1e-20))
    cost = (
        crest_part(float((crest[0] - crest[1]).mean()) if heard.any() else 0.0)
        + spectral_part(float(change[sounding].mean()) if sounding.any() else 0.0)
        + float(2.0 * np.sqrt(2.0) * swing.std()) / PUMPING_DB
    )
    return Guess(cost, float(np.abs(whole_db - louder_lu).max()))


def _loud(known: Features, power: Floats) -> float:
    """How loud these powers are: what is 10 dB under the mean is gated."""
    heard = (known.heard[:, None] * power).sum(axis=0)
    blocks = _average(heard, 80)
    sounding = heard[blocks >= 0.1 * blocks.mean()]
    return float(sounding.mean()) + 1e-30


def _widest(row: Floats, hops: int) -> Floats:
    """The largest of each value and its neighbours to either side."""
    width = 2 * hops + 1
    top = np.pad(row, hops, mode="edge")
    reach = 1
    while reach < width:  # the largest of two windows that overlap is that of both
        step = min(reach, width - reach)
        top = np.maximum(top[: len(top) - step], top[step:])
        reach += step
    return np.asarray(top)


def _average(row: Floats, width: int) -> Floats:
    sums = np.concatenate(((0.0,), np.cumsum(row)))
    n = len(row)
    first = np.maximum(np.arange(n) - width // 2, 0)
    last = np.minimum(np.arange(n) + width // 2 + 1, n)
    return np.asarray((sums[last] - sums[first]) / (last - first))
