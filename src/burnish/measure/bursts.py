"""Bursts: where in a recording those that were sent around a programme are seen, to a sample.

By correlation with them, in chunks. A recording may hold several passes, whole and broken ones: the
last whole one counts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.dsp.sync import BURST_S, Layout, burst

Floats = NDArray[np.float64]

MOST_DRIFT_PPM = 500.0
"""Clocks differ by some 100 ppm at worst; more, and samples were lost."""

LEAST_OF_ROW = 0.03
"""Of the strongest burst of a row: with less, one did not come back. The tone looks like 0.014."""

_LEAST_FIT = 0.25  # of a burst: its correlation with itself as it came back
_LEAST_SURE = 12.0  # times the scatter of the correlation; chance stays under 7
_LEAST_OF_STRONGEST = 0.5  # as strong are the bursts of several passes
_MOST_A_CHUNK = 8
_CHUNK = 1 << 19


@dataclass(frozen=True)
class Burst:
    """A place that looks like a burst, of whichever channel."""

    place: int
    strength: float


@dataclass(frozen=True)
class Row:
    """Where a row of bursts begins, and how strong each is (row) in each channel (column)."""

    place: int
    strength: Floats

    @property
    def is_whole(self) -> bool:
        """Whether every channel's burst came back, in whichever channel."""
        return bool(self.strength.max(axis=1).min() >= LEAST_OF_ROW * self.strength.max())


def all_seen(recording: Source, layout: Layout) -> tuple[list[Burst], list[Burst]]:
    """Where bursts before, and bursts behind a programme are, as strong as the strongest nearly."""
    rate_hz = recording.info.rate_hz
    n = round(BURST_S * rate_hz) + 1
    t_s = np.arange(n) / rate_hz
    n_fft = _CHUNK
    shapes = [burst(t_s, layout.rate_hz, rising) for rising in (True, False)]
    spectra = [np.conj(np.fft.rfft(shape, n_fft)) for shape in shapes]
    seen: tuple[list[Burst], list[Burst]] = ([], [])
    power, count = np.zeros(2), 0
    for start, chunk in _overlapping(recording, n_fft, n):
        spectrum = np.fft.rfft(chunk, n_fft, axis=1)
        for i, one in enumerate(spectra):
            rows = np.fft.irfft(spectrum * one, n_fft, axis=1)[:, : n_fft - n + 1]
            power[i] += float(np.square(rows).sum())
            largest = np.abs(rows).max(axis=0)
            for _ in range(_MOST_A_CHUNK):
                at = int(np.argmax(largest))
                seen[i].append(Burst(start + at, float(largest[at])))
                largest[max(0, at - n // 2) : at + n // 2] = 0.0
        count += chunk.shape[0] * (n_fft - n + 1)
    return (
        _sure_of(recording, seen[0], power[0] / max(count, 1), shapes[0]),
        _sure_of(recording, seen[1], power[1] / max(count, 1), shapes[1]),
    )


def _sure_of(recording: Source, seen: list[Burst], power: float, shape: Floats) -> list[Burst]:
    """Those that are bursts, in order; ``power`` is that of the correlation throughout."""
    strongest = max((one.strength for one in seen), default=0.0)
    least = max(_LEAST_SURE * math.sqrt(power), _LEAST_OF_STRONGEST * strongest, 1e-30)
    return [
        one
        for one in sorted(seen, key=lambda one: one.place)
        if one.strength > least and _fit(read(recording, one.place, len(shape)), shape) > _LEAST_FIT
    ]


def one_pass(
    heads: list[Burst], tails: list[Burst], layout: Layout, rate_hz: int
) -> tuple[int | None, int | None, int]:
    """The bursts of the last whole pass, and how many passes there are; else the strongest ones."""
    expected = (layout.tails[0] - layout.heads[0]) * rate_hz / layout.rate_hz
    away = most_away(expected)
    pairs = [
        (head.place, tail.place)
        for head in heads
        for tail in tails
        if abs(tail.place - head.place - expected) <= away
    ]
    if pairs:
        begins = np.array([head for head, _ in pairs])
        passes = 1 + int(np.count_nonzero(np.diff(begins) > 0.5 * expected))
        return (*pairs[-1], passes)
    head, tail = (
        max(seen, key=lambda one: one.strength).place if seen else None for seen in (heads, tails)
    )
    if head is not None and tail is not None and tail < head:
        tail = None  # of a pass before
    return head, tail, 0


def _fit(samples: Floats, shape: Floats) -> float:
    under = np.sqrt(np.square(samples).sum(axis=1) * np.square(shape).sum()) + 1e-30
    return float(np.abs(samples @ shape / under).max())


def _overlapping(source: Source, size: int, overlap: int) -> Iterator[tuple[int, Floats]]:
    """Chunks of ``size`` samples, each beginning ``overlap - 1`` before the last one's end."""
    step = size - overlap + 1
    for start in range(0, max(1, source.info.n_samples), step):
        yield start, read(source, start, size)


def read(source: Source, start: int, n: int) -> Floats:
    """Some samples; what lies outside is silence."""
    out = np.zeros((source.info.channels, n))
    at = max(0, -start)
    for block in source.blocks(start=max(0, start), stop=max(0, start + n)):
        out[:, at : at + block.shape[1]] = block
        at += block.shape[1]
    return out


def row_around(recording: Source, layout: Layout, seen: int, ratio: float, *, rising: bool) -> Row:
    """The row of bursts around one that was seen, which may be any of its channels'."""
    rate_hz = recording.info.rate_hz
    n = round(BURST_S * rate_hz) + 1
    shape = burst(np.arange(n) / rate_hz, layout.rate_hz, rising)
    spacing = round(layout.spacing * ratio)
    pad = 16
    first = seen - (layout.channels - 1) * spacing - pad
    length = (2 * layout.channels - 1) * spacing + n + 2 * pad
    chunk = read(recording, first, length)
    n_fft = 1 << length.bit_length()
    spectrum = np.fft.rfft(chunk, n_fft, axis=1) * np.conj(np.fft.rfft(shape, n_fft))
    rows = np.abs(np.fft.irfft(spectrum, n_fft, axis=1))

    def at(place: int) -> Floats:
        middle = place - first
        return np.asarray(rows[:, max(0, middle - pad) : middle + pad + 1].max(axis=1))

    ways = [seen - k * spacing for k in range(layout.channels)]
    strengths = [np.array([at(way + i * spacing) for i in range(layout.channels)]) for way in ways]
    best = int(np.argmax([one.max(axis=1).min() for one in strengths]))
    if (
        rising
        and layout.channels > 1
        and strengths[best].max(axis=1).min() < LEAST_OF_ROW * rows.max()
    ):
        # Of one alone, the tone tells which it is: the next slot is silent, or holds the tone.
        slots = [seen - first + round((k + 0.5) * spacing) for k in (1, 2)]
        next_one, tone = (float(np.square(chunk[:, a : a + n // 3]).sum()) for a in slots)
        best = int(next_one > 0.1 * tone)
    place = ways[best]
    near = rows.max(axis=0)[place - first - pad : place - first + pad + 1]
    return Row(place - pad + int(np.argmax(near)), strengths[best])


def most_away(expected: float) -> float:
    """How far from ``expected`` samples apart two bursts of one pass may be."""
    return MOST_DRIFT_PPM * 1e-6 * expected + 8.0
