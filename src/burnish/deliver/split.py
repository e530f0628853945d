"""Split: a master taken apart into stems that sum to it, whatever was done to their sum.

In short windows, every bin of the master is the sum of the stems times a gain (how loud and in what
phase the chain let it through) and something that was not there before. Each stem gets the gain;
what was not there is shared out by the stems' energies. So they sum to the master exactly, for any
chain, and a chain that is a gain or a filter is what every stem went through.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]

_WINDOW_S = 4096 / 48_000  # a power of two near it: long for filters, short enough for gains
_BINS = np.hanning(7)[1:-1]  # a gain is read over five bins: where stems cancel, one bin tells lies
_TOGETHER = 8  # windows at once
_NOTHING = 1e-30


class Splitter:
    """Takes stems and master side by side and gives the mastered stems, some samples late.

    Half-overlapping windows, the root of Hann before and after, add up to the sound again. What
    rounding leaves is put into the stem ``last``, so the sum is right in every sample.
    """

    def __init__(self, rate_hz: int, channels: int, n_stems: int, last: int) -> None:
        self.size = 1 << max(6, round(float(np.log2(_WINDOW_S * rate_hz))))
        self.hop = self.size // 2
        at = np.arange(self.size) + 0.5
        self._window = np.sin(np.pi * at / self.size)
        self._last = last
        shape = (n_stems + 1, channels)
        self._in = np.zeros((*shape, self.hop))  # stems and master; before them there is silence
        self._tail = np.zeros((n_stems, channels, self.hop))
        self._early = self.hop
        self._taken = self._given = 0

    def feed(self, stems: list[Floats], master: Floats) -> Floats:
        """The next ``(channels, n)`` samples of each; ``(stems, channels, m)`` that are ready."""
        self._taken += master.shape[1]
        return self._run(np.stack((*stems, master)))

    def finish(self) -> Floats:
        """The rest: as many samples came out as went in."""
        n = 2 * self.hop + -self._taken % self.hop
        silence = np.zeros((*self._in.shape[:2], n))
        return self._run(silence)

    def _run(self, fresh: Floats) -> Floats:
        held = np.concatenate((self._in, fresh), axis=2)
        n_windows = max(0, held.shape[2] // self.hop - 1)
        pieces = []
        for first in range(0, n_windows, _TOGETHER):
            last = min(first + _TOGETHER, n_windows)
            pieces.append(self._windows(held[:, :, first * self.hop : (last + 1) * self.hop]))
        # The window that begins here is not whole yet.
        self._in = held[:, :, n_windows * self.hop :].copy()
        if not pieces:
            return np.zeros((len(self._tail), held.shape[1], 0))
        done = np.concatenate(pieces, axis=2)
        masters = held[-1, :, : done.shape[2]]
        dropped = min(self._early, done.shape[2])
        self._early -= dropped
        done, masters = done[:, :, dropped:], masters[:, dropped:]
        n = min(done.shape[2], self._taken - self._given)
        self._given += n
        done = done[:, :, :n]
        done[self._last] += masters[:, :n] - done.sum(axis=0)
        return np.ascontiguousarray(done)

    def _windows(self, held: Floats) -> Floats:
        """Split some windows; gives their first halves added up, and keeps the last half."""
        cut = np.lib.stride_tricks.sliding_window_view(held, self.size, axis=2)[:, :, :: self.hop]
        spectra = np.fft.rfft(cut * self._window, axis=3)
        parts = np.fft.irfft(shares(spectra[:-1], spectra[-1]), self.size, axis=3) * self._window
        n_stems, channels, n = parts.shape[:3]
        out = np.zeros((n_stems, channels, (n + 1) * self.hop))
        out[:, :, : self.hop] = self._tail
        for k in range(n):
            out[:, :, k * self.hop : (k + 2) * self.hop] += parts[:, :, k]
        self._tail = out[:, :, n * self.hop :].copy()
        return out[:, :, : n * self.hop]


def shares(stems: Spectra, master: Spectra) -> Spectra:
    """What each stem has of the master: spectra ``(stems, ..., bins)`` that sum to it."""
    total = stems.sum(axis=0)
    gain = _smooth(master * np.conj(total)) / (_smooth(total.real**2 + total.imag**2) + _NOTHING)
    left = master - gain * total
    energy = stems.real**2 + stems.imag**2
    all_energy = energy.sum(axis=0)
    # Where no stem has anything, all share alike.
    share = np.where(all_energy > _NOTHING, energy / (all_energy + _NOTHING), 1.0 / len(stems))
    return np.asarray(gain * stems + left * share)


def _smooth(bins: Floats | Spectra) -> Spectra:
    """Mean over neighbouring bins."""
    reach = len(_BINS) // 2
    padded = np.pad(bins, [(0, 0)] * (bins.ndim - 1) + [(reach, reach)], mode="edge")
    n = bins.shape[-1]
    return np.asarray(sum(float(w) * padded[..., k : k + n] for k, w in enumerate(_BINS)))
