"""Spectrogram: short windows of a stream, once, for all who listen to the music.

Windows of about 46 ms (2048 at 44.1 and 48 kHz), Hann, half over each other: they add up to the
stream again, so a part of the bins turned back gives a slower, band-limited copy of it for nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.window import hann

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]

_WINDOW_S = 2048 / 44100


@dataclass(frozen=True, eq=False)
class Grid:
    """Where windows and bins lie: the middle of window k is at ``k * hop_s``."""

    rate_hz: int
    size: int

    @classmethod
    def of(cls, rate_hz: int) -> "Grid":
        """The power of two that is nearest to 46 ms."""
        return cls(rate_hz, 1 << round(np.log2(_WINDOW_S * rate_hz)))

    @property
    def hop(self) -> int:
        """Samples from window to window."""
        return self.size // 2

    @property
    def hop_s(self) -> float:
        """Seconds from window to window."""
        return self.hop / self.rate_hz

    @property
    def bin_hz(self) -> float:
        """From bin to bin."""
        return self.rate_hz / self.size

    def bins(self, low_hz: float, high_hz: float) -> slice:
        """The bins whose middle lies from ``low_hz`` to below ``high_hz``."""
        last = self.size // 2 + 1
        first, end = (int(np.ceil(f / self.bin_hz)) for f in (low_hz, high_hz))
        return slice(min(first, last), min(end, last))


@dataclass(frozen=True, eq=False)
class Windows:
    """Some windows in a row: ``mid`` = (L + R) / 2 and ``side`` = (L - R) / 2, (windows, bins).

    A sine of amplitude a in both channels shows as a in its bin of ``mid``, and its square in
    ``mid_power``. A mono stream has a side of zeros. The arrays are used again for the next piece:
    copy what is to stay.
    """

    mid: Spectra
    side: Spectra
    mid_power: Floats
    side_power: Floats


class Spectrogram:
    """Cuts a stream into windows; the middle of the first is on the first sample."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.grid = Grid.of(rate_hz)
        self._window = hann(self.grid.size) / (self.grid.size / 4)
        self._held = np.zeros((channels, 0))  # mid and side
        self._n_held = self.grid.hop  # before the stream there is silence
        self._make_room(rate_hz)

    def feed(self, piece: Floats) -> Windows:
        """Take the next ``(channels, n)`` samples and give the windows that are whole now."""
        hop, first = self.grid.hop, self._n_held
        self._n_held += piece.shape[1]
        if self._n_held > self._held.shape[1]:
            self._make_room(piece.shape[1])
        fresh = self._held[:, first : self._n_held]
        if len(piece) == 2:
            np.add(piece[0], piece[1], out=fresh[0])
            np.subtract(piece[0], piece[1], out=fresh[1])
            fresh *= 0.5
        else:
            fresh[:] = piece
        n = max(0, self._n_held // hop - 1)
        spectra, power, square = self._spectra[:, :n], self._power[:, :n], self._square[:, :n]
        if n:
            pieces = np.lib.stride_tricks.sliding_window_view(self._held, 2 * hop, axis=1)
            cut = np.multiply(pieces[:, : n * hop : hop], self._window, out=self._cut[:, :n])
            np.fft.rfft(cut, axis=2, out=spectra[: len(cut)])
            np.square(spectra.real, out=power)
            np.add(power, np.square(spectra.imag, out=square), out=power)
            left = self._held[:, n * hop : self._n_held].copy()
            self._n_held = left.shape[1]
            self._held[:, : self._n_held] = left
        return Windows(spectra[0], spectra[1], power[0], power[1])

    def finish(self) -> Windows:
        """The last windows: after the stream there is silence."""
        hop = self.grid.hop
        return self.feed(np.zeros((len(self._held), hop + -self._n_held % hop)))

    def _make_room(self, n_samples: int) -> None:
        """For so many samples at once: what is made once need not be asked of the system again."""
        hop, channels = self.grid.hop, len(self._held)
        held = np.zeros((channels, n_samples + 3 * hop))
        held[:, : self._held.shape[1]] = self._held
        self._held = held
        n = held.shape[1] // hop
        self._cut = np.zeros((channels, n, 2 * hop))
        self._spectra = np.zeros((2, n, hop + 1), dtype=np.complex128)
        self._power, self._square = np.zeros((2, n, hop + 1)), np.zeros((2, n, hop + 1))


class SlowCopy:
    """The stream from ``low_hz`` to ``high_hz`` at a lower rate, from windows' bins."""

    def __init__(self, grid: Grid, low_hz: float, high_hz: float) -> None:
        bins = grid.bins(low_hz, high_hz)
        # Twice the band, so that what a cut of bins wraps around stays above it.
        self.size = max(16, 1 << int(np.ceil(np.log2(2.5 * bins.stop))))
        self.size = min(self.size, grid.size)
        self.rate_hz = grid.rate_hz * self.size / grid.size
        n_bins = self.size // 2 + 1
        self._gain = np.zeros(n_bins)
        self._gain[bins.start : bins.stop] = grid.size / 4 * self.size / grid.size
        # Two bins of slope at each edge: a brick wall rings through the window.
        for edge in (bins.start - 1, bins.stop):
            if 0 < edge < n_bins:
                self._gain[edge] = 0.5 * self._gain[bins.start]
        self._tail = np.zeros(self.size // 2)
        self._begun = False

    def feed(self, spectra: Spectra) -> Floats:
        """The next samples: half a window's worth for each window."""
        n = len(self._gain)
        parts = np.fft.irfft(spectra[:, :n] * self._gain, self.size, axis=1)
        if not len(parts):
            return np.zeros(0)
        half = self.size // 2
        added = parts[:, :half].copy()
        added[0] += self._tail
        added[1:] += parts[:-1, half:]
        self._tail = parts[-1, half:].copy()
        if not self._begun:  # half a window before the stream
            self._begun = True
            added = added[1:]
        return added.ravel()
