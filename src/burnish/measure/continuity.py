"""Continuity: sound that breaks off for a moment, sticks, stutters, or is cut at its ends.

A gap is a run of silence, or of one value held, that the sound falls into and leaves within one
sample, though it was and is loud around. A repeat is a block that is played again at once, sample
for sample: what a recorder does whose buffer was not filled in time. Music repeats as well, but
its blocks are longer, or its waves go round many times.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.measure.model import Measurement
from burnish.measure.overlap import Overlap
from burnish.units import db_from_power

Floats = NDArray[np.float64]

_SILENT = 6.2e-5  # two steps of 16 bits: silence that was dithered since
_LOUD = 3e-3  # -50 dBFS RMS, on both sides of a gap
_AROUND = 256
_NEAR = 32  # samples that tell how far the wave moves in one
_MOVES = 2e-4  # of full scale: a slower wave rests for some samples by itself
_LONGEST_S = 5.0  # of a gap: what is silent for longer is a rest
_MOST_GAPS_PER_S = 5  # more are an effect: a gate, a crusher
_SHORTEST_BLOCK, _LONGEST_BLOCK = 32, 8192
_MOST_TIMES = 4  # a block goes round: a wave does so more often
_SLACK = 2  # samples that may be equal by chance at the end of a repeat
_HASHED = 24  # samples that stand for a place
_TABLE_BITS = 14
_AUDIBLE = 1e-3  # -60 dBFS: RMS of a block that is told
_TOGETHER_S = 0.02
_MOST = 10_000
_HEAD_S, _TAIL_S = 0.002, 0.01


@dataclass(frozen=True)
class Gap:
    """Sound that is gone: silence, or one value held. ``channels``: 0 is left."""

    start_s: float
    length_s: float
    kind: Literal["silence", "held"]
    channels: tuple[int, ...]


@dataclass(frozen=True)
class Repeat:
    """A block of ``samples`` that is played again at once, ``times`` times, from ``start_s``."""

    start_s: float
    length_s: float
    samples: int
    times: int


@dataclass(frozen=True)
class Continuity:
    """Gaps, repeated blocks, and how the sound begins and ends.

    ``head_dbfs`` is the first sample's height, of the louder channel; ``tail_dbfs`` the RMS of the
    last 10 ms. Silence is -inf.
    """

    gaps: tuple[Gap, ...]
    repeats: tuple[Repeat, ...]
    head_dbfs: float
    tail_dbfs: float


class ContinuityDetector:
    """Follows runs in each channel, and blocks in all of them together."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._overlap = Overlap(channels, 2 * _LONGEST_BLOCK + 2 * _HASHED, _AROUND)
        self._runs = np.zeros((channels, 2, 4))
        self._gaps: list[list[Floats]] = [[] for _ in range(channels)]
        self._repeats: list[Floats] = []
        self._hashes = np.zeros(1 << _TABLE_BITS, dtype=np.uint64)
        self._places = np.full(1 << _TABLE_BITS, -(1 << 40), dtype=np.int64)
        self._open = np.zeros(2, dtype=np.int64)
        self._head: float | None = None
        self._tail = np.zeros((channels, 0))

    def feed(self, piece: Floats) -> None:
        """Take the next piece."""
        if self._head is None and piece.shape[1]:
            self._head = float(np.max(np.abs(piece[:, 0])))
        n = max(1, round(_TAIL_S * self._rate_hz))
        self._tail = np.concatenate((self._tail, piece[:, -n:]), axis=1)[:, -n:]
        self._look(self._overlap.feed(piece))

    def finish(self, measured: Measurement) -> Continuity:
        """What was found."""
        self._look(self._overlap.finish())
        tail = float(np.mean(self._tail**2, axis=1).max()) if self._tail.shape[1] else 0.0
        return Continuity(
            gaps=self._all_gaps(),
            repeats=tuple(
                Repeat(
                    start_s=float(start) / self._rate_hz,
                    length_s=float(length) / self._rate_hz,
                    samples=int(length),
                    times=int(times),
                )
                for start, length, times in np.vstack((np.zeros((0, 3)), *self._repeats))[:_MOST]
            ),
            head_dbfs=db_from_power((self._head or 0.0) ** 2),
            tail_dbfs=db_from_power(tail),
        )

    def _look(self, seen: Floats | None) -> None:
        if seen is None:
            return
        before, after = self._overlap.before, self._overlap.after
        longest = _LONGEST_S * self._rate_hz
        for channel, wave in enumerate(seen):
            rows = np.zeros((2 * _MOST_GAPS_PER_S + 1, 3))
            place = (before, after, self._overlap.position)
            found = rows[: _find_gaps(wave, *place, longest, self._runs[channel], rows)]
            for kind in (0.0, 1.0):
                rows = found[found[:, 2] == kind]
                if len(rows) <= _MOST_GAPS_PER_S:
                    self._gaps[channel].append(rows)
        rows = np.zeros((_MOST_GAPS_PER_S + 1, 3))
        count = _find_repeats(
            seen.view(np.uint64),
            seen,
            before,
            after,
            self._overlap.position,
            self._hashes,
            self._places,
            self._open,
            rows,
        )
        if count <= _MOST_GAPS_PER_S:
            self._repeats.append(rows[:count])

    def _all_gaps(self) -> tuple[Gap, ...]:
        """Gaps of all channels; what lies together in time is one."""
        rows = [
            (start, length, kind, channel)
            for channel, pieces in enumerate(self._gaps)
            for start, length, kind in np.vstack((np.zeros((0, 3)), *pieces)).tolist()
        ]
        gaps: list[Gap] = []
        for start, length, kind, channel in sorted(rows):
            start_s, length_s = start / self._rate_hz, length / self._rate_hz
            last = gaps[-1] if gaps else None
            if last is not None and start_s <= last.start_s + last.length_s + _TOGETHER_S:
                end_s = max(last.start_s + last.length_s, start_s + length_s)
                gaps[-1] = Gap(
                    last.start_s,
                    end_s - last.start_s,
                    last.kind,
                    tuple(sorted({*last.channels, channel})),
                )
            else:
                kind_name: Literal["silence", "held"] = "held" if kind else "silence"
                gaps.append(Gap(start_s, length_s, kind_name, (channel,)))
        # One zero in one channel may be the wave's own: of these, both are asked to agree.
        whole = len(self._gaps)
        least_s = 3.5 / self._rate_hz
        return tuple(g for g in gaps if g.length_s > least_s or len(g.channels) == whole)[:_MOST]


@njit(cache=True, nogil=True, fastmath=False)
def _find_gaps(x, before, after, position, longest, runs, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with the gaps that end in this piece, and say how many they are.

    First sample, length, 0 for silence and 1 for a held value. ``runs`` holds the open runs of
    silence and of equal values: their first sample (absolute, plus one; 0: none), RMS and mean step
    before them, the last sample before them.
    """
    total = 0
    for i in range(before, len(x) - after):
        size = abs(x[i])
        if size > _SILENT and x[i] != x[i - 1] and runs[0, 0] == 0.0 and runs[1, 0] == 0.0:
            continue  # as nearly every sample is
        for kind in range(2):
            run = runs[kind]
            if kind == 0:
                inside = size <= _SILENT
            else:
                inside = x[i] == x[i - 1] and size > _SILENT
            if inside:
                if run[0] == 0.0:
                    first = i - kind
                    run[0] = first - before + position + 1.0
                    run[1], run[3] = 0.0, x[first - 1]
                    # Most runs are two equal samples, or a wave that goes through zero.
                    if x[i + 1] != x[i] and (kind == 1 or abs(x[i + 1] - x[i]) < 4.0 * _SILENT):
                        continue
                    power = step = 0.0
                    for k in range(first - _AROUND, first):
                        power += x[k] * x[k]
                    for k in range(first - _NEAR, first):
                        step += abs(x[k] - x[k - 1])
                    run[1] = np.sqrt(power / _AROUND)
                    run[2] = step / _NEAR
                continue
            if run[0] == 0.0:
                continue
            start = run[0] - 1.0
            length = i - before + position - start
            run[0] = 0.0
            if run[1] < _LOUD or length > longest or (kind == 1 and length < 4.0):
                continue
            power = step = 0.0
            for k in range(i, i + _AROUND):
                power += x[k] * x[k]
            for k in range(i + 1, i + 1 + _NEAR):
                step += abs(x[k] - x[k - 1])
            rms = np.sqrt(power / _AROUND)
            step /= _NEAR
            if rms < _LOUD:
                continue
            value = x[i - 1]
            entry, leave = abs(run[3] - value), abs(x[i] - value)
            found = False
            if kind == 0:
                if length < 4.0:
                    steps = 4.0 * max(step, run[2])
                    found = min(entry, leave) > steps and (run[3] > 0.0) == (x[i] > 0.0)
                elif length < 441.0:
                    found = entry > 2.0 * run[2] or leave > 2.0 * step
                    found = found and entry + leave > 0.5 * min(run[1], rms)
                else:
                    found = max(entry / run[1], leave / rms) > 0.3
                    found = found and min(entry / run[1], leave / rms) > 0.1
            elif min(step, run[2]) > _MOVES:
                crest = (run[3] > value) == (x[i] > value)
                found = leave > 3.0 * max(step, run[2]) or length >= 64.0
                found = found and not (crest and length < 64.0)
            if found and total < len(out):
                out[total, 0], out[total, 1], out[total, 2] = start, length, kind
                total += 1
    return total


@njit(cache=True, nogil=True, fastmath=False)
def _same(bits, i, j):  # type: ignore[no-untyped-def]
    """Whether two samples are the same in every channel."""
    return bits[0, i] == bits[0, j] and bits[-1, i] == bits[-1, j]


@njit(cache=True, nogil=True, fastmath=False)
def _find_repeats(bits, x, before, after, position, hashes, places, run, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with the blocks that end in this piece and were a repeat, and say how many.

    First sample, length of the block, times. ``bits`` are those of ``x``. Every 24 samples are
    hashed as they roll on, and the hash is looked up: where were the same? ``run``: distance of the
    repeat that is followed (0: none), and its first sample.
    """
    count = 0
    factor = np.uint64(0x9E3779B97F4A7C15)
    power = np.uint64(1)
    for _ in range(_HASHED):
        power *= factor
    shift = np.uint64(64 - _TABLE_BITS)
    value = np.uint64(0)
    two = len(bits) == 2
    turn, back = np.uint64(23), np.uint64(41)
    for i in range(before - _HASHED, len(x[0]) - after):
        key, old = bits[0, i], bits[0, i - _HASHED]
        if two:
            other, older = bits[1, i], bits[1, i - _HASHED]
            key ^= (other << turn) | (other >> back)
            old ^= (older << turn) | (older >> back)
        value = value * factor + key - old * power
        if i < before:
            # The samples before the piece only fill the hash: start it from zero.
            if i == before - _HASHED:
                value = key
            else:
                value += old * power
            continue
        now = i - before + position
        if run[0]:
            if _same(bits, i, i - run[0]):
                continue
            distance, length = run[0], now - run[1]
            run[0] = 0
            times = (length + _SLACK) // distance
            if 1 <= times <= _MOST_TIMES and abs(length - times * distance) <= _SLACK:
                rms = 0.0
                for k in range(i - min(length, distance), i):
                    rms += x[0, k] ** 2 + x[-1, k] ** 2
                if rms > 2.0 * _AUDIBLE**2 * distance and count < len(out):
                    out[count, 0], out[count, 1], out[count, 2] = run[1], distance, times
                    count += 1
            continue
        slot = (value ^ (value >> np.uint64(29))) * factor >> shift
        distance = now - places[slot]
        if hashes[slot] == value and _SHORTEST_BLOCK <= distance <= _LONGEST_BLOCK:
            k = i
            while k > i - distance - _HASHED and _same(bits, k, k - distance):
                k -= 1
            if k <= i - _HASHED:
                run[0], run[1] = distance, k + 1 - before + position
        hashes[slot] = value
        places[slot] = now
    return count
