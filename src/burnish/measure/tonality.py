"""Key: which notes are heard, and which of the 24 keys they would be.

Peaks of long windows, 65 Hz to 1.3 kHz, fall into pitch classes around the music's own tuning;
their shares are held against the profiles of Temperley ("Music and Probability", 2007).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.window import hann
from burnish.measure.spectrogram import Grid, SlowCopy, Windows

Floats = NDArray[np.float64]

NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LOW_HZ, _HIGH_HZ = 65.0, 1300.0
_WINDOW_S = 0.74
_PER_NOTE = 10  # bins of ten cents
_A4_HZ, _A = 440.0, 9  # A is the ninth note over C
_PEAK = 1e-4  # of the strongest peak's power in a window
_LEAST_WINDOWS = 8

_MAJOR = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
_MINOR = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)


@dataclass(frozen=True)
class Key:
    """``A minor``, how sure (0 to 1), what comes next, and where A4 is tuned."""

    name: str
    confidence: float
    next_name: str
    tuning_hz: float


class Pitches:
    """Gathers how much is heard at each pitch, octaves together, in steps of ten cents."""

    def __init__(self, grid: Grid) -> None:
        self._copy = SlowCopy(grid, _LOW_HZ / 1.2, _HIGH_HZ * 1.2)
        self._size = 1 << round(np.log2(_WINDOW_S * self._copy.rate_hz))
        self._window = hann(self._size)
        self._held = np.zeros(0)
        self._shares = np.zeros(12 * _PER_NOTE)
        self._n_windows = 0

    def feed(self, windows: Windows) -> None:
        """Take the next windows."""
        held = np.concatenate((self._held, self._copy.feed(windows.mid)))
        hop = self._size // 2
        n = max(0, len(held) // hop - 1)
        if n:
            cut = np.lib.stride_tricks.sliding_window_view(held, self._size)[: n * hop : hop]
            spectra = np.fft.rfft(cut * self._window, axis=1)
            power = spectra.real**2 + spectra.imag**2
            bin_hz = self._copy.rate_hz / self._size
            self._n_windows += _gather(power, bin_hz, _LOW_HZ, _HIGH_HZ, _PEAK, self._shares)
        self._held = held[n * hop :]

    def finish(self) -> Key | None:
        """The key; None for less than 3 s of notes."""
        if self._n_windows < _LEAST_WINDOWS or self._shares.sum() <= 0.0:
            return None
        return key_of(self._shares)


def key_of(shares: Floats) -> Key:
    """The key of the shares of 120 pitches, ten cents each from C upwards at A4 = 440 Hz."""
    turn = np.exp(2j * np.pi * np.arange(len(shares)) / _PER_NOTE)
    off = float(np.angle((shares * turn).sum())) / (2.0 * np.pi)  # part of a semitone
    at = np.arange(12 * _PER_NOTE) / _PER_NOTE - off
    note = np.round(at).astype(int) % 12
    near = np.maximum(0.0, 1.0 - 2.0 * np.abs(at - np.round(at)))  # between two notes counts less
    chroma = np.bincount(note, weights=shares * near, minlength=12)
    fits = [
        (float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]), f"{NOTES[tonic]} {mode}")
        for profile, mode in ((_MAJOR, "major"), (_MINOR, "minor"))
        for tonic in range(12)
    ]
    (best, name), (second, next_name) = sorted(fits, reverse=True)[:2]
    sure = np.clip((best - 0.5) / 0.4, 0.0, 0.95) * np.clip(0.3 + (best - second) / 0.15, 0.0, 1.0)
    return Key(name, round(float(sure), 2), next_name, round(_A4_HZ * 2.0 ** (off / 12.0), 1))


@njit(cache=True, nogil=True, fastmath=False)
def _gather(power, bin_hz, low_hz, high_hz, least, shares):  # type: ignore[no-untyped-def]
    """Adds every window's peaks to their pitches, each window with the weight 1."""
    n_pitches = len(shares)
    added = np.zeros(n_pitches)
    n_windows = 0
    first = max(1, int(low_hz / bin_hz))
    last = min(power.shape[1] - 2, int(high_hz / bin_hz))
    for w in range(power.shape[0]):
        largest = 0.0
        for k in range(first, last + 1):
            largest = max(largest, power[w, k])
        if largest <= 1e-12:
            continue
        added[:] = 0.0
        total = 0.0
        for k in range(first, last + 1):
            p = power[w, k]
            if p > least * largest and p > power[w, k - 1] and p >= power[w, k + 1]:
                a = np.log(power[w, k - 1] + 1e-300)
                b = np.log(p)
                c = np.log(power[w, k + 1] + 1e-300)
                hz = (k + 0.5 * (a - c) / (a - 2.0 * b + c)) * bin_hz
                pitch = 12.0 * np.log2(hz / 440.0) + 9.0
                at = int(np.rint(pitch * (n_pitches / 12))) % n_pitches
                weight = (p / largest) ** 0.25
                added[at] += weight
                total += weight
        if total > 0.0:
            for i in range(n_pitches):
                shares[i] += added[i] / total
            n_windows += 1
    return n_windows
