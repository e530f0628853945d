"""Power in bands, window by window: what spectrum, stereo image and noise are made from.

One window of up to 0.4 s lies around the middle of every second gating block of BS.1770-5 (their
steps are 200 ms), so a window counts when its block passes the gate.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.window import hann
from burnish.measure.interchannel import Interchannel, InterchannelSeries
from burnish.measure.walk import hop_edge

Floats = NDArray[np.float64]
Kept = NDArray[np.float32]

BAND_HZ = (
    *(25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0),
    *(250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0),
    *(2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0, 16000.0, 20000.0),
)
"""Nominal centres of the third-octave bands, IEC 61260-1; the exact ones are 1000 * 10**(n/10)."""

WIDE_EDGES_HZ = (35.0, 148.0, 392.0, 795.0, 1458.0, 2550.0, 4349.0, 7314.0, 12199.0, 20000.0)
"""Edges of the nine wide bands: phaselimiter's, in whose terms 568 releases have been described."""

_RUMBLE_HZ = ((5.0, 30.0), (40.0, 120.0))  # what no instrument asks for, and the bass above it
_LONGEST_S = 0.4  # the gating block, which a window must not leave
_TOGETHER = 65536  # samples
_BLOCK_HOPS = 80
_STEP_HOPS = 40


def third_octave_edges_hz() -> list[tuple[float, float]]:
    """Lower and upper edge of each third-octave band, base ten as in IEC 61260-1."""
    first = -16  # 25 Hz is 1000 * 10**(-16 / 10)
    return [
        (1000.0 * 10.0 ** ((2 * n - 1) / 20.0), 1000.0 * 10.0 ** ((2 * n + 1) / 20.0))
        for n in range(first, first + len(BAND_HZ))
    ]


def a_weighting(frequency_hz: Floats) -> Floats:
    """Power gain of the A curve, IEC 61672-1 annex E: 1 at 1 kHz."""
    f2 = np.asarray(frequency_hz, dtype=np.float64) ** 2

    def gain(f2: Floats | float) -> Floats | float:
        f1, f2_, f3, f4 = 20.598997**2, 107.65265**2, 737.86223**2, 12194.217**2
        return f4 * f2**2 / ((f2 + f1) * np.sqrt((f2 + f2_) * (f2 + f3)) * (f2 + f4))

    return np.asarray((gain(f2) / gain(1e6)) ** 2)


@dataclass(frozen=True, eq=False)
class BandPowers:
    """Mean squares, one row a window: mid = (L + R) / 2, side = (L - R) / 2.

    ``mid`` and ``side`` are ``(windows, 30)``, third octaves; ``wide_mid``, ``wide_side`` and
    ``wide_cross`` (mid times side) ``(windows, 9)``; ``rumble`` ``(windows, 2)`` and ``a_weighted``
    ``(windows,)`` hold mid and side together.
    """

    mid: Kept
    side: Kept
    wide_mid: Kept
    wide_side: Kept
    wide_cross: Kept
    rumble: Kept
    a_weighted: Kept


class BandSeries:
    """Takes a stream of mono or stereo blocks apart into bands."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._size = 1 << (int(_LONGEST_S * rate_hz).bit_length() - 1)  # longest power of two in it
        self._window = hann(self._size)
        self._layout = _Layout.of(rate_hz, self._size)
        # A few windows go through the FFT together: each call costs as much as half a window.
        self._n_together = max(1, _TOGETHER // self._size)
        self._windowed = np.zeros((self._n_together, channels, self._size))
        self._held = np.zeros((channels, 2 * self._size))  # what windows to come still need
        self._n_held = 0
        self._held_from = 0  # its position in the stream
        self._rows = bytearray()  # grows in place: no second copy of an hour at the end
        self._n_rows = 0
        self._between = InterchannelSeries(rate_hz, self._size)

    def feed(self, block: Floats) -> None:
        """Take the next block."""
        n_held = self._n_held + block.shape[1]
        if n_held > self._held.shape[1]:
            more = ((0, 0), (0, n_held - self._held.shape[1]))
            self._held = np.pad(self._held, more)
        self._held[:, self._n_held : n_held] = block
        n_waiting = 0
        while True:
            hop = (self._n_rows + n_waiting) * _STEP_HOPS
            middle = hop_edge(hop + _BLOCK_HOPS // 2, self._rate_hz)
            start = middle - self._size // 2 - self._held_from
            is_next = hop_edge(hop + _BLOCK_HOPS, self._rate_hz) <= self._held_from + n_held
            if is_next:
                window = self._held[:, start : start + self._size]
                np.multiply(window, self._window, out=self._windowed[n_waiting])
                n_waiting += 1
            if n_waiting == self._n_together or not is_next:
                spectra = np.fft.rfft(self._windowed[:n_waiting], axis=2)
                for spectrum in spectra:
                    self._rows += self._layout.powers(spectrum).tobytes()
                    self._between.feed(spectrum)
                self._n_rows += n_waiting
                n_waiting = 0
            if not is_next:
                break
        if not self._n_rows:
            start = 0
        self._held[:, : n_held - start] = self._held[:, start:n_held].copy()
        self._n_held = n_held - start
        self._held_from += start

    @property
    def interchannel(self) -> Interchannel | None:
        """What lies between the channels; None for silence and for less than 6 s."""
        return self._between.finish()

    def finish(self) -> BandPowers:
        """The powers of every window. A stream under 0.4 s is one window, of equal weight."""
        if not self._n_rows and self._n_held:
            size = 2 * self._size
            spectra = np.fft.rfft(self._held[:, : self._n_held], size, axis=1)
            layout = _Layout.of(self._rate_hz, size, 1.0 / self._n_held**0.5)
            self._rows += layout.powers(spectra).tobytes()
        table = np.frombuffer(self._rows, dtype=np.float32).reshape(-1, sum(_KEPT))
        a, b, c, d, e, f, g = np.split(table, np.cumsum(_KEPT)[:-1], axis=1)
        return BandPowers(a, b, c, d, e, f, g[:, 0])


_N_THIRD, _N_WIDE, _N_RUMBLE = len(BAND_HZ), len(WIDE_EDGES_HZ) - 1, len(_RUMBLE_HZ)
_KEPT = (_N_THIRD, _N_THIRD, _N_WIDE, _N_WIDE, _N_WIDE, _N_RUMBLE, 1)  # columns of BandPowers


@dataclass(frozen=True, eq=False)
class _Layout:
    """Which bins, and what part of the outer ones, make each band: third octaves, wide, rumble."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    weight_first: Floats
    weight_last: Floats
    a_weights: Floats
    scale: float

    @classmethod
    def of(cls, rate_hz: int, size: int, window_scale: float | None = None) -> "_Layout":
        """For windows of this size, Hann unless ``window_scale``, 1 / sqrt(sum w^2), is given."""
        bin_hz = rate_hz / size
        wide = pairwise(WIDE_EDGES_HZ)
        edges_hz = np.array((*third_octave_edges_hz(), *wide, *_RUMBLE_HZ))
        # Below 2.5 bins lies what a Hann window makes of DC.
        edges_hz = np.clip(edges_hz, 2.5 * bin_hz, rate_hz / 2)
        edges = edges_hz / bin_hz + 0.5  # bin k holds k - 1/2 to k + 1/2
        first, last = np.floor(edges).astype(np.int64).T
        last = np.minimum(last, size // 2)
        one = first == last
        weight_first = np.where(one, edges[:, 1] - edges[:, 0], first + 1 - edges[:, 0])
        weight_last = np.where(one, 0.0, edges[:, 1] - last)
        window_scale = 1.0 / np.sqrt(0.375 * size) if window_scale is None else window_scale
        a_weights = a_weighting(np.arange(size // 2 + 1, dtype=np.float64) * bin_hz)
        # Parseval for one side of the spectrum: mean square = 2 sum |X|^2 / (size sum w^2). The
        # kernel leaves the halves of mid and side to this.
        scale = 0.25 * 2.0 / size * window_scale**2
        return cls(first, last, weight_first, weight_last, a_weights, float(scale))

    def powers(self, spectra: NDArray[np.complex128]) -> Kept:
        """All that is kept of one window's spectra, mono or left and right, in a row."""
        parts = spectra.view(np.float64)
        sums = np.zeros((4, len(self.first)))
        _band_sums(
            parts[0],
            parts[-1],
            self.first,
            self.last,
            self.weight_first,
            self.weight_last,
            self.a_weights,
            sums,
        )
        sums *= self.scale
        third, wide, rumble = np.split(sums, (_N_THIRD, _N_THIRD + _N_WIDE), axis=1)
        row = (third[0], third[1], wide[0], wide[1], wide[2], rumble[0] + rumble[1], sums[3, :1])
        return np.concatenate(row).astype(np.float32)


@njit(cache=True, nogil=True, fastmath=False)
def _band_sums(left, right, first, last, weight_first, weight_last, a_weights, sums):  # type: ignore[no-untyped-def]
    """Rows of ``sums``: L + R, L - R and their product in every band; ``sums[3, 0]`` A-weighted.

    The spectra are real and imaginary parts in turns.
    """
    for band in range(len(first)):
        pp = mm = pm = 0.0
        weight = weight_first[band]
        for k in range(first[band], last[band] + 1):
            i = np.uint64(2 * k)
            j = np.uint64(2 * k + 1)
            p = left[i] + right[i]
            q = left[j] + right[j]
            m = left[i] - right[i]
            n = left[j] - right[j]
            if k == last[band] and k > first[band]:
                weight = weight_last[band]
            pp += weight * (p * p + q * q)
            mm += weight * (m * m + n * n)
            pm += weight * (p * m + q * n)
            weight = 1.0
        sums[0, band] = pp
        sums[1, band] = mm
        sums[2, band] = pm
    even = odd = 0.0
    for k in range(np.uint64(len(a_weights))):
        i = np.uint64(2) * k
        j = i + np.uint64(1)
        weight = a_weights[k]
        even += weight * (left[i] * left[i] + left[j] * left[j])
        odd += weight * (right[i] * right[i] + right[j] * right[j])
    sums[3, 0] = 2.0 * (even + odd)
