"""Loudness: ITU-R BS.1770-5 integrated, momentary and short-term, EBU Tech 3342 range.

All of it comes from the K-weighted energy of 5 ms hops (for the maxima) and of 100 ms segments
(for the gates). A mono file is one channel: it reads 3 LU less than the same wave in both.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.walk import HOPS_PER_S

Floats = NDArray[np.float64]

MOMENTARY_SEGMENTS = 4
"""400 ms, the gating block of BS.1770-5, in segments of 100 ms."""
SHORT_TERM_SEGMENTS = 30
"""3 s, the window of short-term loudness and of the loudness range."""

_ABSOLUTE_GATE_LUFS = -70.0  # BS.1770-5 annex 1; Tech 3342 has the same
_RELATIVE_GATE_LU = -10.0  # BS.1770-5 annex 1
_RANGE_GATE_LU = -20.0  # EBU Tech 3342
_RANGE_PERCENTILES = (10, 95)  # EBU Tech 3342


@dataclass(frozen=True)
class Loudness:
    """How loud it is. -inf is silence; None is a file too short to say.

    Integrated and momentary need one whole block of 400 ms, short-term and range one of 3 s.
    ``range_lu`` is also None where nothing passes its gates. ``gate_lufs`` is the relative gate:
    what is quieter does not count.
    """

    integrated_lufs: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    range_lu: float | None
    gate_lufs: float | None


def lufs(power: float) -> float:
    """Loudness of a K-weighted power summed over the channels; 0 is minus infinity."""
    return -0.691 + 10.0 * math.log10(power) if power > 0.0 else -math.inf


def lufs_of(power: Floats) -> Floats:
    """``lufs`` of every entry."""
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10.0 * np.log10(np.maximum(power, 0.0)))


def power_of(loudness_lufs: float) -> float:
    """The K-weighted power that has this loudness."""
    return float(10.0 ** ((loudness_lufs + 0.691) / 10.0))


def sliding_sum(energy: Floats, size: int) -> Floats:
    """The sum of every ``size`` neighbours, shape ``(max(0, n - size + 1),)``; silence is 0."""
    n = max(0, len(energy) - size + 1)
    total = np.zeros(n)
    for k in range(size):
        total += energy[k : k + n]
    return total


def gate_power(block_power: Floats) -> float:
    """The power that a block must pass to count: BS.1770-5's two gates. No blocks: infinity."""
    loud = block_power[block_power > power_of(_ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return math.inf
    relative = float(loud.mean()) * 10.0 ** (_RELATIVE_GATE_LU / 10.0)
    return float(max(relative, power_of(_ABSOLUTE_GATE_LUFS)))


def gated_power(block_power: Floats) -> float:
    """The mean power of the blocks that pass both gates; 0 where none does.

    An album is one body: give it the blocks of all its tracks.
    """
    passing = block_power[block_power > gate_power(block_power)]
    return float(passing.mean()) if len(passing) else 0.0


def spread_db(block_power: Floats, gate_below_db: float = _ABSOLUTE_GATE_LUFS) -> float | None:
    """Tech 3342's range of a series of 3 s powers: 95th minus 10th percentile over both gates.

    ``gate_below_db`` is the absolute gate, in LUFS. None where nothing passes.
    """
    loud = block_power[block_power > power_of(gate_below_db)]
    if not len(loud):
        return None
    loud = np.sort(loud[loud >= loud.mean() * 10.0 ** (_RANGE_GATE_LU / 10.0)])
    # The nearest entry, as in the MATLAB code of Tech 3342.
    low, high = (loud[int((len(loud) - 1) * p / 100 + 0.5)] for p in _RANGE_PERCENTILES)
    return 10.0 * math.log10(high / low)


def summarise(segment_power: Floats, momentary: float | None, short: float | None) -> Loudness:
    """Loudness from the powers of the whole 100 ms segments and the largest of the fine windows.

    ``segment_power`` is K-weighted, weighted by channel and summed; ``momentary`` and ``short`` are
    the largest powers of all 400 ms and 3 s windows, None where there was none.
    """
    blocks = sliding_sum(segment_power, MOMENTARY_SEGMENTS) / MOMENTARY_SEGMENTS
    shorts = sliding_sum(segment_power, SHORT_TERM_SEGMENTS) / SHORT_TERM_SEGMENTS
    gate = gate_power(blocks)
    return Loudness(
        integrated_lufs=lufs(gated_power(blocks)) if len(blocks) else None,
        max_momentary_lufs=None if momentary is None else lufs(momentary),
        max_short_term_lufs=None if short is None else lufs(short),
        range_lu=spread_db(shorts),
        gate_lufs=lufs(gate) if math.isfinite(gate) else None,
    )


class FineMaxima:
    """The largest 400 ms and 3 s powers, over windows that start at every 5 ms of the stream.

    EBU Tech 3341's cases 10 to 14 move a tone by fractions of a segment: 100 ms is too coarse.
    """

    _SIZES = (80, 600)  # hops

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._held = np.zeros(0)  # the last 3 s of hops
        self._best: list[float | None] = [None, None]

    def feed(self, hop_energy: Floats) -> None:
        """Take the energies of the next whole hops."""
        held = np.concatenate((self._held, hop_energy))
        sums = np.concatenate(((0.0,), np.cumsum(held)))
        for k, size in enumerate(self._SIZES):
            first = max(0, len(self._held) - size + 1)  # windows that end in the new hops
            n_windows = len(held) - size + 1 - first
            if n_windows > 0:
                windows = sums[first + size :] - sums[first : first + n_windows]
                self._best[k] = max(self._best[k] or 0.0, float(windows.max()))
        self._held = held[-self._SIZES[1] :]

    def powers(self) -> tuple[float | None, float | None]:
        """The largest 400 ms and 3 s mean power so far; None where none was whole."""
        momentary, short = (
            None if best is None else best * HOPS_PER_S / (size * self._rate_hz)
            for best, size in zip(self._best, self._SIZES, strict=True)
        )
        return momentary, short
