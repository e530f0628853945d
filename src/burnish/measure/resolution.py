"""Resolution: how many bits are used, and up to what frequency there is any sound.

A codec of low rate cuts off all above a frequency, in every window at the same one and far more
steeply than any instrument ends; a sound that was brought to a higher rate is empty above half of
its old one. The bits in use are those that are ever set; the step tells when fewer were scaled.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.measure.model import Measurement

Floats = NDArray[np.float64]

_WINDOW_S = 0.093  # 4096 samples at 44.1 kHz: a power of two, which costs a tenth of 4102
_WINDOWS_PER_S = 2
_BANDS = 240  # of equal width from 0 to half of 44.1 or 48 kHz, 92 or 100 Hz each; more beyond
_BESIDE = 5  # bands below and above a cliff that are compared, 0.5 kHz
_GAP = 2  # bands a cliff may take
_FLOOR_DB = -160.0  # of full scale, in a band
_HEARD_DB = 18.0  # a window speaks of the cliff if it has so much more below it than lies above
_FALLS_DB = 14.0
_LEAST_WINDOWS = 6
_LOWEST_HZ = 10_000.0
_EVEN_DB = 3.0
_STEP_PIECES = 6


@dataclass(frozen=True)
class Cliff:
    """Where the spectrum breaks off: by how much within 0.5 kHz, and in what part of the windows.

    Only windows speak that have sound just below it. ``above_db`` is what is left above, per band,
    against full scale.
    """

    cutoff_hz: float
    drop_db: float
    steady: float
    above_db: float


@dataclass(frozen=True)
class Resolution:
    """``bits`` in use by each channel: 0 for silence, None for what is no 32-bit number.

    ``step_bits`` is the resolution the steps between neighbouring values tell, where it is coarser:
    16 for 16 bits that were turned down and stored in 24. None where it is not. ``cliff`` is None
    where the spectrum does not break off below half the rate. Above ``top_hz`` there is only an
    even floor; None where the sound fills the band.
    """

    bits: tuple[int | None, ...]
    step_bits: float | None
    cliff: Cliff | None
    top_hz: float | None


class ResolutionDetector:
    """Gathers bits of all samples, and two windows of every second."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._n_bands = _BANDS * max(1, round(rate_hz / 48_000))
        self._size = max(2 * self._n_bands, 1 << round(np.log2(_WINDOW_S * rate_hz)))
        self._window = np.hanning(self._size + 2)[1:-1]
        self._scale = 1.0 / float(np.sum(self._window**2)) / self._size * 2.0
        self._edges = np.linspace(0, self._size // 2, self._n_bands + 1).astype(np.int64)[:-1]
        self._bits = np.zeros(channels, dtype=np.int64)
        self._rows = bytearray()
        self._steps: list[float] = []
        self._seconds = 0

    def feed(self, piece: Floats) -> None:
        """Take the next piece."""
        for channel, wave in enumerate(piece):
            if self._bits[channel] >= 0:
                self._bits[channel] = _bits_of(wave, self._bits[channel])
        for k in range(_WINDOWS_PER_S):
            start = k * self._rate_hz // _WINDOWS_PER_S
            part = piece[:, start : start + self._size]
            if part.shape[1] == self._size:
                spectra = np.fft.rfft(part * self._window, axis=1)[:, :-1]
                power = np.sum(spectra.real**2 + spectra.imag**2, axis=0) * self._scale
                bands = np.add.reduceat(power, self._edges)
                decibels = 10.0 * np.log10(np.maximum(bands, 1e-20))
                self._rows += np.clip(decibels - _FLOOR_DB, 0.0, 255.0).astype(np.uint8).tobytes()
        self._seconds += 1
        if len(self._steps) < _STEP_PIECES and self._seconds % 8 == 1 and piece.shape[1] > 4096:
            step = _step_of(piece[0, : self._rate_hz])
            if step is not None:
                self._steps.append(step)

    def finish(self, measured: Measurement) -> Resolution:
        """What is used of bits and band."""
        rows = np.frombuffer(self._rows, dtype=np.uint8).reshape(-1, self._n_bands)
        bits = tuple(None if word < 0 else _count(int(word)) for word in self._bits)
        known = [count for count in bits if count]
        step_bits = None
        if self._steps and known and len(known) == sum(b != 0 for b in bits):
            coarse = 1.0 - float(np.log2(max(self._steps)))
            if coarse < max(known) - 1.5 and min(self._steps) > 0.7 * max(self._steps):
                step_bits = coarse
        decibels = rows.astype(np.float32) + np.float32(_FLOOR_DB)
        band_hz = 0.5 * self._rate_hz / self._n_bands
        if len(rows) < _LEAST_WINDOWS:
            return Resolution(bits, step_bits, None, None)
        mean = 10.0 * np.log10(np.mean(10.0 ** (0.1 * decibels.astype(np.float64)), axis=0))
        cliff = _cliff_of(decibels, mean, band_hz)
        return Resolution(bits, step_bits, cliff, _top_of(mean, band_hz))


@njit(cache=True, nogil=True, fastmath=False)
def _bits_of(x, word):  # type: ignore[no-untyped-def]
    """All bits that are set in 32-bit samples, with those of ``word``; -1 when some are no such."""
    for i in range(len(x)):
        scaled = x[i] * 2147483648.0
        if not abs(scaled) <= 2147483648.0:
            return -1
        whole = np.int64(scaled)
        if whole != scaled:
            return -1
        word |= abs(whole)
    return word


def _count(word: int) -> int:
    """How many bits of 32 are in use, from the sign bit down to the lowest that is ever set."""
    return 0 if word == 0 else 32 - ((word & -word).bit_length() - 1)


def _step_of(wave: Floats) -> float | None:
    """The step between neighbouring values that most share; None where hardly any come twice."""
    values = np.unique(wave)
    if len(values) < 64 or len(values) > 0.5 * len(wave):
        return None
    middle = values[len(values) // 4 : 3 * len(values) // 4]
    steps = np.diff(middle)
    step = float(np.median(steps))
    near = np.abs(steps / step - np.round(steps / step)) < 0.02
    return step if np.mean(near) > 0.95 else None


def _top_of(mean: Floats, band_hz: float) -> float | None:
    """Where the highest sound ends, if at least the last quarter of the band is an even floor."""
    n = len(mean) // 4
    rest = mean[-n:]
    floor = float(np.median(rest))
    if rest[:-1].max() > floor + _EVEN_DB:
        return None
    over = np.flatnonzero(mean > floor + _EVEN_DB)
    return float((over[over < len(mean) - 1].max(initial=-1) + 1) * band_hz)


def _cliff_of(decibels: NDArray[np.float32], mean: Floats, band_hz: float) -> Cliff | None:
    """The steepest place above 10 kHz, if nearly nothing lies above it."""
    first, last = int(_LOWEST_HZ / band_hz), len(mean) - _GAP - _BESIDE
    if first < _BESIDE or first >= last:
        return None
    places = np.arange(first, last)
    below = np.array([mean[b - _BESIDE : b].mean() for b in places])
    above = np.array([mean[b + _GAP : b + _GAP + _BESIDE].mean() for b in places])
    k = int(np.argmax(below - above))
    at = int(places[k])
    rest = mean[at + _GAP :]
    if rest.max() > below[k] - 0.5 * (below[k] - above[k]):
        return None
    under = decibels[:, at - _BESIDE : at].mean(axis=1)
    over = decibels[:, at + _GAP : at + _GAP + _BESIDE].mean(axis=1)
    speaks = under > above[k] + _HEARD_DB
    if np.count_nonzero(speaks) < _LEAST_WINDOWS:
        return None
    return Cliff(
        cutoff_hz=float((at + 0.5 * _GAP) * band_hz),
        drop_db=float(below[k] - above[k]),
        steady=float(np.mean((under - over)[speaks] > _FALLS_DB)),
        above_db=float(np.median(rest)),
    )
