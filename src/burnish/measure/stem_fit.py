"""Whether stems sum to a mix: how deep the null is, and which stem it is that does not fit.

From the inner products of all stems and the mix: the best gain of all together, and the best gain
of each by least squares. Where each lies in the mix is told by correlation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source

Floats = NDArray[np.float64]

_ROUNDING_DB = -140.0  # sums of squares in 64 bits do not see under this
_WINDOW_S, _REACH_S, _PLACES = 3.0, 5.0, 8
_WHITEN = 0.8  # of the cross spectrum, as in ``align``
_SHARP = 8.0  # the peak over the scatter of all other lags
_RIVAL = 1.3  # and over the highest of them that is not beside it
_BESIDE_S = 2e-3


@dataclass(frozen=True)
class SumFit:
    """How stems fit a mix. -inf where nothing is left but rounding, 0 where nothing cancels.

    ``null_db`` is the energy left of the mix when the sum is taken away at ``gain_db``;
    ``gains_db`` are the gains of the single stems that leave least, and ``best_null_db`` what that
    leaves. A gain is None where the mix has not this stem, or has it upside down (``inverted``).
    """

    null_db: float
    gain_db: float
    best_null_db: float
    gains_db: tuple[float | None, ...]
    inverted: tuple[bool, ...]


class SumMeter:
    """Takes stems and mix side by side."""

    def __init__(self, n_stems: int) -> None:
        self._products = np.zeros((n_stems + 1, n_stems + 1))

    def feed(self, parts: Sequence[Floats], mix: Floats) -> None:
        """Take the next samples of all, each ``(channels, n)``."""
        rows = [*parts, mix]
        for i, one in enumerate(rows):
            for j in range(i, len(rows)):
                # Not by BLAS, which would wake a thread on every core.
                self._products[i, j] += float(np.einsum("ij,ij->", one, rows[j]))

    def finish(self) -> SumFit | None:
        """None where stems or mix are silent, or nothing of the one is in the other."""
        upper = np.triu(self._products)
        whole = upper + np.triu(upper, 1).T
        stems, cross, own = whole[:-1, :-1], whole[:-1, -1], float(whole[-1, -1])
        both, all_stems = float(cross.sum()), float(stems.sum())
        if own <= 0.0 or all_stems <= 0.0 or both <= 0.0:
            return None
        gain = both / all_stems
        left = own - 2.0 * gain * both + gain**2 * all_stems
        # Silent stems have no gain; those that are alike share it.
        scale = np.sqrt(np.maximum(np.diag(stems), 1e-300))
        solved = np.linalg.lstsq(stems / np.outer(scale, scale), cross / scale, rcond=1e-10)[0]
        gains = solved / scale
        best = own - 2.0 * float(gains @ cross) + float(gains @ stems @ gains)
        heard = np.diag(stems) > 0.0
        return SumFit(
            null_db=_db(left / own),
            gain_db=20.0 * math.log10(gain),
            best_null_db=min(_db(best / own), _db(left / own)),
            gains_db=tuple(
                20.0 * math.log10(g) if ok and g > 0.03 * gain else None
                for g, ok in zip(gains, heard, strict=True)
            ),
            inverted=tuple(
                bool(ok and g < -0.3 * gain) for g, ok in zip(gains, heard, strict=True)
            ),
        )


def _db(ratio: float) -> float:
    value = 10.0 * math.log10(ratio) if ratio > 0.0 else -math.inf
    return value if value >= _ROUNDING_DB else -math.inf


@dataclass(frozen=True)
class Lag:
    """Where a stem lies in the mix: ``samples`` later than in its own file, and how surely."""

    samples: int
    sharpness: float
    inverted: bool


def lag_in(stem: Source, mix: Source) -> Lag | None:
    """Where the stem begins in the mix, at the mix's rate, within 5 s; None where it is not clear.

    Three seconds of the stem in its eight loudest places, laid against the mix around them; all
    frequencies count alike, which makes the peak sharp in music that repeats itself.
    """
    rate_hz = mix.info.rate_hz
    size, reach = int(_WINDOW_S * rate_hz), int(_REACH_S * rate_hz)
    n_fft = 1 << (size + 2 * reach).bit_length()
    row = np.zeros(n_fft)
    for start in _loud_places(stem, rate_hz, size):
        one = _excerpt(stem, start, start + size, rate_hz)
        other = _excerpt(mix, start - reach, start + size + reach, rate_hz)
        # Differences: bass alone is alike in any music.
        a, b = (np.fft.rfft(np.diff(x), n_fft) for x in (one, other))
        cross = np.conj(a) * b
        size_of = np.abs(cross)
        heard = size_of > 1e-6 * float(size_of.max(initial=0.0))
        cross[heard] /= size_of[heard] ** _WHITEN
        cross[~heard] = 0.0
        total = float(np.sqrt(np.sum(np.abs(cross) ** 2)))
        if total > 0.0:
            row += np.fft.irfft(cross / total, n_fft)
    lags = row[: 2 * reach + 1]
    at = int(np.argmax(np.abs(lags)))
    beside = int(_BESIDE_S * rate_hz)
    rest = np.concatenate((lags[: max(0, at - beside)], lags[at + beside + 1 :]))
    scatter = float(rest.std()) if len(rest) else 0.0
    peak = abs(float(lags[at]))
    if scatter <= 0.0 or peak < _SHARP * scatter or peak < _RIVAL * float(np.abs(rest).max()):
        return None
    return Lag(at - reach, peak / scatter, bool(lags[at] < 0.0))


def _loud_places(stem: Source, rate_hz: int, size: int) -> list[int]:
    """Where the loudest excerpts of a stem begin, at that rate; they do not overlap."""
    own = max(1, round(size * stem.info.rate_hz / rate_hz))
    energy = [float(np.einsum("ij,ij->", block, block)) for block in stem.blocks(own)]
    order = sorted(range(len(energy)), key=lambda k: -energy[k])[:_PLACES]
    return [k * size for k in sorted(order) if energy[k] > 0.0]


def _excerpt(source: Source, start: int, stop: int, rate_hz: int) -> Floats:
    """The middle of a source from start to stop, counted at that rate, silent beyond its ends."""
    own_hz, n = source.info.rate_hz, source.info.n_samples
    if own_hz != rate_hz:
        import soxr

        first, last = (round(x * own_hz / rate_hz) for x in (start, stop))
        part = soxr.resample(_excerpt(source, first, last, own_hz), own_hz, rate_hz, "VHQ")
        return np.asarray(np.pad(part, (0, max(0, stop - start - len(part))))[: stop - start])
    blocks = [block.mean(axis=0) for block in source.blocks(start=max(0, start), stop=max(0, stop))]
    inside = np.concatenate(blocks) if blocks else np.zeros(0)
    before = max(0, -start)
    after = max(0, stop - max(n, start))
    return np.concatenate((np.zeros(before), inside, np.zeros(after)))[: stop - start]
