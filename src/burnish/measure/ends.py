"""Ends: how a song begins and how it ends, for who puts another one beside it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.measure.listen import Listener
from burnish.measure.walk import HOPS_PER_S

Floats = NDArray[np.float64]

BESIDE_S = 10.0
"""So much of a song counts as its beginning, or its end."""

_READ_S = 30.0  # of each end: the longest fades that are heard as one
_HEARD_LU = -50.0  # under the loud parts: below, a song has not begun, or is over
_FULL_LU = -10.0  # above, it plays on
_ATTACK_LU = -20.0  # softer attacks are not felt as the beat
_RISE_DB = 8.0  # over the 60 ms before
_SMOOTH_HOPS, _BEFORE_HOPS = 2, 12  # 10 ms and 60 ms
_FULL_HOPS = HOPS_PER_S // 10


@dataclass(frozen=True)
class Ends:
    """The two ends of a song. Loudness in LU against its loud parts; None: nothing to be heard.

    ``head_s`` and ``tail_s`` are silence: more than 50 LU under the loud parts. ``begin_lu`` and
    ``end_lu`` are the loudness of the first and the last 10 s that sound. ``decay_s`` is how long
    the end takes: from where the song was last within 10 LU of its loud parts until it is silent;
    30 where it takes longer. ``first_attack_s`` counts from the first sample, ``last_attack_s``
    from the last one back.
    """

    head_s: float = 0.0
    tail_s: float = 0.0
    begin_lu: float | None = None
    end_lu: float | None = None
    decay_s: float = 0.0
    first_attack_s: float | None = None
    last_attack_s: float | None = None


def ends(source: Source, loud_lufs: float) -> Ends:
    """Listen to the first and the last 30 s; ``loud_lufs`` is how loud the song's loud parts are.

    Decided by 5 ms steps. Silence, and what is shorter than 100 ms, has no ends to speak of.
    """
    n, rate_hz = source.info.n_samples, source.info.rate_hz
    if not math.isfinite(loud_lufs):
        return Ends()
    span = round(_READ_S * rate_hz)
    head = _loudness_lu(source, 0, min(n, span), loud_lufs)
    first = max(0, n - span)
    tail = _loudness_lu(source, first, n, loud_lufs)[::-1]
    heard_first, heard_last = _first(head > _HEARD_LU), _first(tail > _HEARD_LU)
    if heard_first is None or heard_last is None:
        return Ends()
    full = _first(_mean(tail, _FULL_HOPS) > _FULL_LU)
    attacks = _attacks(head)
    last_attacks = len(tail) - _attacks(tail[::-1])
    left_s = (n - first) / rate_hz - len(tail) / HOPS_PER_S  # less than 100 ms, past the last hop
    return Ends(
        head_s=heard_first / HOPS_PER_S,
        tail_s=heard_last / HOPS_PER_S + left_s,
        begin_lu=_sounding(head[heard_first:]),
        end_lu=_sounding(tail[heard_last:]),
        decay_s=_READ_S if full is None else max(0.0, (full - heard_last) / HOPS_PER_S),
        first_attack_s=float(attacks[0]) / HOPS_PER_S if len(attacks) else None,
        last_attack_s=float(last_attacks[-1]) / HOPS_PER_S + left_s if len(last_attacks) else None,
    )


def _loudness_lu(source: Source, start: int, stop: int, loud_lufs: float) -> Floats:
    """Loudness of every 5 ms."""
    listener = Listener(source.info.rate_hz, source.info.channels)
    for block in source.blocks(start=start, stop=stop):
        listener.feed(block)
    listener.finish()
    power = listener.hop_power
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-20)) - 0.691 - loud_lufs)


def _first(where: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(where)) if where.any() else None


def _mean(loudness_lu: Floats, n_hops: int) -> Floats:
    """Loudness of the ``n_hops`` from each hop on."""
    power = np.concatenate((10.0 ** (loudness_lu / 10.0), np.zeros(n_hops - 1)))
    sums = np.concatenate(((0.0,), np.cumsum(power)))
    return np.asarray(10.0 * np.log10((sums[n_hops:] - sums[:-n_hops]) / n_hops + 1e-20))


def _sounding(loudness_lu: Floats) -> float:
    power = 10.0 ** (loudness_lu[: round(BESIDE_S * HOPS_PER_S)] / 10.0)
    return float(10.0 * np.log10(power.mean() + 1e-20))


def _attacks(loudness_lu: Floats) -> NDArray[np.intp]:
    """Hops in which something begins: much louder than just before, and loud enough to be felt."""
    padded = np.concatenate((np.full(_BEFORE_HOPS, -200.0), loudness_lu))
    before = _mean(padded, _BEFORE_HOPS)[: len(loudness_lu)]
    now = _mean(loudness_lu, _SMOOTH_HOPS)
    rising = (now > before + _RISE_DB) & (now > _ATTACK_LU)
    begins = rising & ~np.concatenate(((False,), rising[:-1]))
    return np.flatnonzero(begins)
