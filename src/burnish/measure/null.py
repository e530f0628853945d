"""The null test: what is left when one recording is taken away from the other."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import soxr
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.measure.align import Alignment

Floats = NDArray[np.float64]

_HALF_TAPS = 64  # flat within 0.001 dB to 0.97 of half the rate, with the window below
_KAISER_BETA = 9.0
_LEAST_SAMPLES = 1e-6  # a part of a sample that moves nothing
_ROUNDING_DB = -140.0  # sums of squares in 64 bits do not see under this


@dataclass(frozen=True)
class Null:
    """What is left of A when B is taken from it: aligned, and at the gain that leaves least.

    ``null_db`` is the energy left over the energy of A: -inf where only rounding is left, 0 where
    nothing cancels. ``gain_db`` is what B was turned up by. ``identical``: every sample that both
    have is equal as it is, but for polarity and exchanged channels. ``worst_db`` is the largest
    null of a second of sound, and ``worst_s`` where in A it begins, among the seconds within 20 dB
    of the loudest. ``overlap_s`` is how much both have.
    """

    null_db: float
    gain_db: float
    identical: bool
    worst_db: float
    worst_s: float
    overlap_s: float


def null(a: Source, b: Source, alignment: Alignment) -> Null | None:
    """Take b from a over all that both have, in one pass of both; None where there is no overlap.

    Other rates, drift and parts of samples are taken out of b by conversion, which itself leaves
    about -100 dB. A stereo sound against a mono one is taken as its middle.
    """
    if not alignment.same_music or alignment.offset_samples is None:
        return None
    rows: list[Floats] = []
    identical = (a.info.rate_hz, a.info.channels) == (b.info.rate_hz, b.info.channels)
    n_samples = 0
    stereo = min(a.info.channels, b.info.channels) == 2
    second = np.zeros(4)  # samples, and the energies of a, of b, and of a with b
    begin_s, streams = _streams(a, b, alignment)
    for one, other in streams:
        if not stereo:
            one, other = (x.mean(axis=0, keepdims=True) for x in (one, other))
        identical = identical and np.array_equal(one, other)
        n_samples += one.shape[1]
        edges = _edges(one.shape[1], int(second[0]), a.info.rate_hz)
        for first, last in pairwise(edges):
            x, y = one[:, first:last], other[:, first:last]
            second += np.array((last - first, _sum(x, x), _sum(y, y), _sum(x, y)))
            if second[0] >= a.info.rate_hz:
                rows.append(second)
                second = np.zeros(4)
    if second[0]:
        rows.append(second)
    table = np.array(rows).reshape(-1, 4)
    n, aa, bb, ab = table.T
    if not n_samples or aa.sum() <= 0.0 or bb.sum() <= 0.0 or ab.sum() <= 0.0:
        return None
    gain = float(ab.sum() / bb.sum())
    left = np.maximum(aa - 2.0 * gain * ab + gain**2 * bb, 0.0)
    loud = aa / n >= 0.01 * float((aa / n).max())
    each = np.where(loud, left / np.maximum(aa, 1e-300), -1.0)
    worst = int(np.argmax(each))
    return Null(
        null_db=-math.inf if identical else _db(float(left.sum() / aa.sum())),
        gain_db=20.0 * math.log10(gain),
        identical=identical,
        worst_db=-math.inf if identical else _db(float(each[worst])),
        worst_s=begin_s + float(n[:worst].sum()) / a.info.rate_hz,
        overlap_s=n_samples / a.info.rate_hz,
    )


def _sum(x: Floats, y: Floats) -> float:
    """Of all products. Not by BLAS, which would wake a thread on every core for so little."""
    return float(np.einsum("ij,ij->", x, y))


def _db(ratio: float) -> float:
    value = 10.0 * math.log10(ratio) if ratio > 0.0 else -math.inf
    return value if value >= _ROUNDING_DB else -math.inf


def _edges(n: int, filled: int, size: int) -> list[int]:
    """Where seconds end in the next n samples of which the first second has some already."""
    return [0, *range(size - filled, n, size), n]


def _streams(a: Source, b: Source, how: Alignment) -> tuple[float, Iterator[tuple[Floats, Floats]]]:
    """Where in a the overlap begins, and blocks of a and b side by side, b wired as a is."""
    drift = 1.0 + 1e-6 * (how.drift_ppm or 0.0)
    offset_s = (how.offset_samples or 0.0) / a.info.rate_hz
    start_a = max(0, math.ceil(-offset_s / drift * a.info.rate_hz - 1e-6))
    # Where that lies in b: a whole sample, and the part of one that is left.
    place = (offset_s + drift * start_a / a.info.rate_hz) * b.info.rate_hz
    start_b = max(0, math.floor(place + _LEAST_SAMPLES))
    in_hz, part = b.info.rate_hz * drift, place - start_b
    blocks: Iterator[Floats] = b.blocks(start=start_b)
    if part > _LEAST_SAMPLES:
        blocks = _earlier(blocks, part, b.info.channels)
    if in_hz != a.info.rate_hz:
        blocks = _converted(blocks, in_hz, a.info.rate_hz, b.info.channels)
    wired = (_wired(block, how) for block in blocks)
    return start_a / a.info.rate_hz, _side_by_side(a.blocks(start=start_a), wired)


def _wired(block: Floats, how: Alignment) -> Floats:
    """Polarity and exchanged channels taken back."""
    inverted = how.inverted or ()
    if any(inverted):
        block = block * np.array([-1.0 if one else 1.0 for one in inverted])[:, None]
    return np.ascontiguousarray(block[::-1]) if how.swapped else block


def _earlier(blocks: Iterator[Floats], part: float, channels: int) -> Iterator[Floats]:
    """The stream moved to earlier by a part of a sample: a windowed sinc."""
    at = np.arange(-_HALF_TAPS, _HALF_TAPS + 1)
    taps = np.sinc(at + part) * np.kaiser(len(at), _KAISER_BETA)
    taps /= taps.sum()
    held = np.zeros((channels, _HALF_TAPS))
    end = (np.zeros((channels, _HALF_TAPS)),)
    for block in _chain(blocks, end):
        held = np.concatenate((held, block), axis=1)
        if held.shape[1] >= len(taps):
            yield np.array([np.convolve(row, taps, "valid") for row in held])
            held = held[:, -(len(taps) - 1) :]


def _chain(blocks: Iterator[Floats], end: tuple[Floats, ...]) -> Iterator[Floats]:
    yield from blocks
    yield from end


def _converted(
    blocks: Iterator[Floats], in_hz: float, out_hz: float, channels: int
) -> Iterator[Floats]:
    stream = soxr.ResampleStream(in_hz, out_hz, channels, dtype="float64", quality="VHQ")
    for block in blocks:
        yield np.ascontiguousarray(stream.resample_chunk(np.ascontiguousarray(block.T)).T)
    yield np.ascontiguousarray(stream.resample_chunk(np.zeros((0, channels)), last=True).T)


def _side_by_side(a: Iterator[Floats], b: Iterator[Floats]) -> Iterator[tuple[Floats, Floats]]:
    """Blocks of equal length, to the end of the shorter."""
    one, other = next(a, None), next(b, None)
    while one is not None and other is not None:
        n = min(one.shape[1], other.shape[1])
        if n:
            yield one[:, :n], other[:, :n]
        one, other = one[:, n:], other[:, n:]
        one = one if one.shape[1] else next(a, None)
        other = other if other.shape[1] else next(b, None)
