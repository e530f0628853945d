"""Alignment: whether two recordings are the same music, and how they lie over each other in time.

First by the envelope, over all of both (``onset.py``); then by the samples, in up to eight places.
The places must agree: a line through them is the offset and the drift, and that is the proof.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import soxr
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.measure.onset import Place, places

Floats = NDArray[np.float64]

_EXCERPT_S, _AROUND_S = 0.75, 0.03  # of samples; the envelope is good to some 5 ms
_SAME_MATCH, _SAME_MATCH_ALONE = 0.3, 0.6  # different music stays under 0.25 (tests/test_compare)
_AGREE_S = 1e-3  # filters move transients by some samples, other music by any time
_MOST_DRIFT = 1e-3  # as in the envelope
_SURE_S = 2e-5  # a drift is sure when it comes to a sample, and to more than the places scatter
_PLAIN = 1.05  # other wirings must fit this much better than the plain one
_IN_FULL, _INVERTED = 0.97, 3.0
# So much sharper must the music be upside down. Inverted songs of the corpus are 5 to 10 times as
# sharp; one whose master turned its middle by the phase of two crossovers, 2.4 times.
_WHITEN, _HEARD = 0.8, 1e-4  # of the cross spectrum: its power, and what is above its noise
_SNAP_SAMPLES = 0.03  # nearer than the estimate is sure: the whole sample is meant
_REACH, _FINE = 32, 16  # the search between samples: taps on each side, steps a sample

_WIRINGS = ((False, 1.0), (False, -1.0), (True, 1.0), (True, -1.0))
"""Ways that the channels of B may lie: exchanged or not, and the sign of right against left."""


@dataclass(frozen=True)
class Alignment:
    """How B lies over A in time; what follows ``match`` is None for other music.

    ``match`` is the mean correlation of the samples, bass held back, 0 to 1. A moment at sample n
    of A is at n + ``offset_samples`` in B, counted at A's rate; ``offset_s`` is that in seconds.
    ``drift_ppm`` tells how much more time passes in B, in millionths: 0 where none is sure.
    ``inverted`` says of each channel of B whether its polarity is opposite, ``swapped`` whether
    left and right are exchanged.
    """

    same_music: bool
    length_difference_s: float
    match: float
    offset_s: float | None = None
    offset_samples: float | None = None
    drift_ppm: float | None = None
    inverted: tuple[bool, ...] | None = None
    swapped: bool | None = None


@dataclass(frozen=True)
class _Fit:
    """The same moment in A and B, and how well it fits there, up to 1."""

    a_s: float
    b_s: float
    value: float


def align(a: Source, b: Source, a_power: Floats, b_power: Floats) -> Alignment:
    """Find how b lies over a; the powers are those of ``OnsetEnvelope``. Any rates and lengths.

    Reads a second of each for every place. Silence is no music, and different.
    """
    length_difference_s = b.info.duration_s - a.info.duration_s
    found = places(a_power, b_power, _EXCERPT_S, _AROUND_S)
    guess = _guess(found)
    pairs = [_Pair.of(a, b, one, guess) for one in found]
    rows = [pair.correlations() for pair in pairs]
    if not rows:
        return Alignment(False, length_difference_s, 0.0)
    strength = np.sum([[np.abs(row).max() for row in each] for each in rows], axis=0)
    strength[1:] /= _PLAIN
    swapped, right = _WIRINGS[wiring := int(np.argmax(strength))]
    sign = -1.0 if _inverted(pairs, [each[wiring] for each in rows], swapped, right) else 1.0
    fits = [pair.fit(sign * each[wiring]) for pair, each in zip(pairs, rows, strict=True)]
    drift, agreeing = _line(fits)
    match = float(np.mean([one.value for one in agreeing]))
    least = _SAME_MATCH_ALONE if len(agreeing) == 1 else _SAME_MATCH
    if match < least or 2 * len(agreeing) < len(fits):
        return Alignment(False, length_difference_s, match)
    offset_s = float(np.median([one.b_s - one.a_s * (1.0 + drift) for one in agreeing]))
    offset = offset_s * a.info.rate_hz
    if drift == 0.0 and abs(offset - round(offset)) < _SNAP_SAMPLES:
        offset = float(round(offset))
    return Alignment(
        same_music=True,
        length_difference_s=length_difference_s,
        match=min(1.0, match),
        offset_s=offset / a.info.rate_hz,
        offset_samples=offset,
        drift_ppm=1e6 * drift,
        # Of what A has in left, B has this sign; exchanged, it is found in the right of B.
        inverted=_of_b(sign < 0.0, sign * right < 0.0, swapped)[: b.info.channels],
        swapped=swapped,
    )


def _inverted(pairs: list["_Pair"], rows: list[Floats], swapped: bool, right: float) -> bool:
    """Whether B is upside down: it fits so in full, or is much sharper so."""
    upright, over = np.mean([(row.max(), -row.min()) for row in rows], axis=0)
    sharp_upright, sharp_over = np.sum([pair.polarity(swapped, right) for pair in pairs], axis=0)
    return bool(over > upright and (over > _IN_FULL or sharp_over > _INVERTED * sharp_upright))


def _of_b(left: bool, right: bool, swapped: bool) -> tuple[bool, bool]:
    return (right, left) if swapped else (left, right)


@dataclass(frozen=True, eq=False)
class _Pair:
    """The samples of one place in both, at the lower of their rates, the bass held back.

    B's begin a little early and end a little late, and are brought to A's speed, as far as the
    envelope tells it: a drift of 0.02 % would blur a second by nine samples.
    """

    a: Floats
    b: Floats
    rate_hz: int
    a_s: float
    b_s: float
    drift: float

    @classmethod
    def of(cls, a: Source, b: Source, place: Place, drift: float) -> "_Pair":
        rate_hz = min(a.info.rate_hz, b.info.rate_hz)
        b_end_s = place.b_s + _EXCERPT_S + _AROUND_S
        one, a_s = _read(a, place.a_s, place.a_s + _EXCERPT_S, rate_hz)
        other, b_s = _read(b, place.b_s - _AROUND_S, b_end_s, rate_hz, 1.0 + drift)
        if len(one) != len(other):
            one, other = (x.mean(axis=0, keepdims=True) for x in (one, other))
        # Differences: bass alone is alike in any music.
        return cls(np.diff(one, axis=1), np.diff(other, axis=1), rate_hz, a_s, b_s, drift)

    def correlations(self) -> list[Floats]:
        """The correlation at every lag, -1 to 1, for each wiring; mono has the plain one alone."""
        n, m = self.a.shape[1], self.b.shape[1]
        n_fft = 1 << (n + m).bit_length()
        a, b = (np.fft.rfft(x, n_fft, axis=1) for x in (self.a, self.b))
        sums = np.concatenate(((0.0,), np.cumsum((self.b**2).sum(axis=0))))
        lag = np.arange(1 - n, m)
        under = sums[np.clip(lag + n, 0, m)] - sums[np.clip(lag, 0, m)]
        under = np.maximum(under, 1e-6 * sums[-1] + 1e-30)
        norm = np.sqrt(float((self.a**2).sum()) * under) + 1e-30

        def cross(i: int, j: int) -> Floats:
            row = np.fft.irfft(b[j] * np.conj(a[i]), n_fft)
            return np.asarray(np.concatenate((row[n_fft - n + 1 :], row[:m])) / norm)

        if len(self.a) == 1:
            return [cross(0, 0)]
        straight, crossed = (cross(0, 0), cross(1, 1)), (cross(0, 1), cross(1, 0))
        return [
            left + sign * right
            for swapped, sign in _WIRINGS
            for left, right in (crossed if swapped else straight,)
        ]

    def polarity(self, swapped: bool, right: float) -> tuple[float, float]:
        """How sharp the correlation is as it is and upside down, all frequencies counting alike.

        A tone is its own opposite half a wave later; only what is broad tells which it is.
        """
        n_fft = 1 << (self.a.shape[1] + self.b.shape[1]).bit_length()
        a, b = (
            np.fft.rfft(x, n_fft, axis=1) for x in (self.a, self.b[::-1] if swapped else self.b)
        )
        b[1:] *= right
        cross = (np.conj(a) * b).sum(axis=0)
        size = np.abs(cross)
        heard = size > _HEARD * float(size.max())
        cross[heard] /= size[heard] ** _WHITEN
        row = np.fft.irfft(np.where(heard, cross, 0.0), n_fft)
        return float(row.max()), float(-row.min())

    def fit(self, row: Floats) -> _Fit:
        """Where a correlation is largest, between the samples, and its value there."""
        at = int(np.argmax(row))
        near = np.pad(row, _REACH)[at : at + 2 * _REACH + 1]
        steps = np.arange(-_FINE, _FINE + 1) / _FINE
        apart = steps[:, None] - np.arange(-_REACH, _REACH + 1)[None, :]
        window = np.cos(0.5 * np.pi * apart / (_REACH + 1.5)) ** 2
        fine = np.asarray((np.sinc(apart) * window) @ near)
        best = int(np.clip(np.argmax(fine), 1, len(fine) - 2))
        left, middle, right = fine[best - 1 : best + 2]
        bend = left - 2.0 * middle + right
        rest = float(0.5 * (left - right) / bend) if bend < 0.0 else 0.0
        n = self.a.shape[1]
        lag = at + 1 - n + steps[best] + rest / _FINE
        # It is true of the middle of the excerpt, whatever drift is left.
        a_s, b_s = 0.5 * n / self.rate_hz, (0.5 * n + lag) * (1.0 + self.drift) / self.rate_hz
        return _Fit(self.a_s + a_s, self.b_s + b_s, float(fine[best]))


def _read(
    source: Source, begin_s: float, end_s: float, rate_hz: int, speed: float = 1.0
) -> tuple[Floats, float]:
    """A part of a source at another rate, played ``speed`` times slower, and when it begins."""
    own_hz, n = source.info.rate_hz, source.info.n_samples
    start = min(max(0, round(begin_s * own_hz)), n)
    stop = min(max(start, round(end_s * own_hz)), n)
    empty = np.zeros((source.info.channels, 0))
    samples = np.concatenate((empty, *source.blocks(start=start, stop=stop)), axis=1)
    if (in_hz := own_hz * speed) != rate_hz and stop > start:
        samples = np.ascontiguousarray(soxr.resample(samples.T, in_hz, rate_hz, "VHQ").T)
    return samples, start / own_hz


def _guess(found: list[Place]) -> float:
    """The drift that the envelope tells: the middle of the slopes; 0 where it is under 10 ms."""
    slopes = [
        (other.b_s - one.b_s) / (other.a_s - one.a_s) - 1.0
        for one, other in combinations(found, 2)
        if abs(other.a_s - one.a_s) > 10.0
    ]
    if not slopes or abs(drift := float(np.median(slopes))) > 1.2 * _MOST_DRIFT:
        return 0.0
    span_s = max(one.a_s for one in found) - min(one.a_s for one in found)
    return drift if abs(drift) * span_s > 0.01 else 0.0


def _line(fits: list[_Fit]) -> tuple[float, list[_Fit]]:
    """The drift on which most places agree, and those places; 0 where no drift is sure."""
    slopes = [0.0]
    for one, other in combinations(fits, 2):
        if abs(other.a_s - one.a_s) > 1.0:
            slope = (other.b_s - one.b_s) / (other.a_s - one.a_s) - 1.0
            slopes += [slope] if abs(slope) <= _MOST_DRIFT else []
    best: list[_Fit] = []
    for drift in slopes:
        apart = np.array([one.b_s - one.a_s * (1.0 + drift) for one in fits])
        for offset_s in apart:
            near = [fits[k] for k in np.flatnonzero(np.abs(apart - offset_s) <= _AGREE_S)]
            if (len(near), sum(x.value for x in near)) > (
                len(best),
                sum(x.value for x in best) + 1e-9,
            ):
                best = near
    if len(best) < 3:
        return 0.0, best
    at = np.array([one.a_s for one in best])
    apart = np.array([one.b_s - one.a_s for one in best])
    drift, offset_s = np.polyfit(at, apart, 1)
    missed_s = float(np.abs(apart - drift * at - offset_s).max())
    gone_s = abs(float(drift)) * float(np.ptp(at))
    return (float(drift) if gone_s > max(_SURE_S, 4.0 * missed_s) else 0.0), best
