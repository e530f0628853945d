"""Lag: whether two versions of a song lie over each other, to the sample.

For what should lie at 0 and shares some of its samples: an instrumental and its song, two bounces.
The phases of the cross spectrum, summed over excerpts of both at the same places (the generalised
cross-correlation of Knapp and Carter, IEEE TASSP 24, 1976): what both share adds up at one lag,
what only one has adds up nowhere. Where nothing is known, ``align`` looks further.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source

Floats = NDArray[np.float64]
Spectrum = NDArray[np.complex128]

_EXCERPT_S, _EXCERPTS = 1.5, 18
_PARTS = 3  # of the song, each judged alone: what drifts lies elsewhere in the last
_SURE = 10.0  # times the correlation's own scatter; 8 million lags of chance stay under 5.5
_SHARP = 200.0
_HEARD = 1e-5  # of the largest bin's magnitude: below is noise, also that of a coder
_LOWEST_HZ = 60.0


@dataclass(frozen=True)
class Lag:
    """How far b comes after a.

    ``samples`` is None where they share nothing that is heard. ``sureness`` is how far the
    correlation there stands over its scatter. ``inverted``: the polarity of b is turned.
    ``moves_samples`` is how much the lag grows from the first third of the song to the last; None
    where that is not known.
    """

    samples: int | None
    sureness: float
    inverted: bool = False
    moves_samples: int | None = None

    @property
    def within(self) -> int:
        """How far off it may be: a sample where they share little, or only bass."""
        return 0 if self.sureness > _SHARP else 1


def lag(a: Source, b: Source, most_s: float = 1.0) -> Lag:
    """Find how far b lies behind a, up to ``most_s`` either way; both at the same rate.

    Reads at most 27 s of each. Mono lies over what a stereo file has in common.
    """
    if a.info.rate_hz != b.info.rate_hz:
        raise ValueError(f"rates {a.info.rate_hz} and {b.info.rate_hz} Hz: must be the same")
    rate_hz, n = a.info.rate_hz, max(a.info.n_samples, b.info.n_samples)
    size, most = round(_EXCERPT_S * rate_hz), max(1, round(most_s * rate_hz))
    n_fft = 1 << (size + most).bit_length()
    starts = np.unique(np.linspace(0, max(0, n - size), _EXCERPTS).astype(int))
    lowest = int(_LOWEST_HZ * n_fft / rate_hz)
    rows = []
    for part in np.array_split(starts, _PARTS):
        total: Spectrum = np.zeros(n_fft // 2 + 1, dtype=np.complex128)
        for start in part:
            total += _phases(_excerpt(a, int(start), size), _excerpt(b, int(start), size), n_fft)
        total[:lowest] = 0.0
        row = np.fft.irfft(total, n_fft)
        rows.append(np.concatenate((row[-most:], row[: most + 1])))
    whole = _peak(np.sum(rows, axis=0), most)
    if whole.samples is None:
        return whole
    first, last = _peak(rows[0], most).samples, _peak(rows[-1], most).samples
    moves = None if first is None or last is None else last - first
    return Lag(whole.samples, whole.sureness, whole.inverted, moves)


def _excerpt(source: Source, start: int, size: int) -> Floats:
    found = np.zeros((source.info.channels, size))
    done = 0
    for block in source.blocks(start=start, stop=start + size):
        found[:, done : done + block.shape[1]] = block
        done += block.shape[1]
    return found


def _phases(a: Floats, b: Floats, n_fft: int) -> Spectrum:
    """The phases of the cross spectrum, channel by channel, where something is heard."""
    if len(a) != len(b):
        a, b = a.mean(axis=0, keepdims=True), b.mean(axis=0, keepdims=True)
    cross = np.conj(np.fft.rfft(a, n_fft, axis=1)) * np.fft.rfft(b, n_fft, axis=1)
    total = cross.sum(axis=0)
    size = np.abs(total)
    heard = size > _HEARD * float(size.max(initial=0.0))
    total[heard] /= size[heard]
    return np.asarray(np.where(heard, total, 0.0))


def _peak(row: Floats, most: int) -> Lag:
    scatter = float(np.median(np.abs(row))) / 0.6745
    if scatter <= 0.0:
        return Lag(None, 0.0)
    at = int(np.argmax(np.abs(row)))
    sureness = abs(float(row[at])) / scatter
    return Lag(at - most if sureness >= _SURE else None, sureness, bool(row[at] < 0.0))
