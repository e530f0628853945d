"""Long filters: made from a wished gain, and run by fast Fourier transform (overlap-save)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TAPS_AT_48_KHZ = 8193
"""Length that resolves 48000 / 8193 = 6 Hz: a third of an octave at 25 Hz is 6 Hz wide."""


def tap_count(rate_hz: float) -> int:
    """An odd number of taps that spans the same time at every rate."""
    return 2 * round(0.5 * (TAPS_AT_48_KHZ - 1) * rate_hz / 48_000) + 1


def grid_size(n_taps: int) -> int:
    """Points of the transform a filter is made on: a power of two, eight times its length or more.

    Long enough that what folds over in time (the tail of the response or of the cepstrum) is far
    below the filter's own end.
    """
    return int(1 << (8 * n_taps - 1).bit_length())


def bins_hz(size: int, rate_hz: float) -> Floats:
    """The frequencies, 0 Hz to half the rate, of a transform of ``size`` points."""
    return np.asarray(np.arange(size // 2 + 1, dtype=np.float64) * (rate_hz / size))


def linear_phase(gain: Floats, n_taps: int) -> Floats:
    """An odd number of taps, symmetrical around the middle one, with this gain.

    ``gain`` is linear, at the ``grid_size(n_taps) // 2 + 1`` frequencies from 0 Hz to half the
    rate. Delay: (n_taps - 1) / 2 samples.
    """
    half = np.fft.irfft(gain)[: n_taps // 2 + 1]
    half *= _ends(np.arange(len(half)) / len(half))
    return np.concatenate((half[:0:-1], half))


def minimum_phase(gain: Floats, n_taps: int) -> Floats:
    """Taps with this gain and the least possible delay, as an analogue equalizer has.

    The phase is the Hilbert transform of the logarithm of the gain, taken by folding the real
    cepstrum to positive times (Oppenheim and Schafer, "Discrete-Time Signal Processing", chapter
    on the complex cepstrum). ``gain`` is linear and above 0, as for ``linear_phase``.
    """
    cepstrum = np.fft.irfft(np.log(gain))
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2.0
    cepstrum[half + 1 :] = 0.0
    response = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))
    return np.asarray(response[:n_taps] * _ends(np.arange(n_taps) / n_taps))


def _ends(position: Floats) -> Floats:
    """1, and from 3/4 of the way on a raised cosine to 0: the cut at the end makes no ripple."""
    into = np.clip((position - 0.75) / 0.25, 0.0, 1.0)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * into))


class OverlapSave:
    """Long filters at work, one for each row, on blocks of one fixed ``size``.

    ``size`` follows from the length of the taps: about three quarters of the transform is new.
    """

    def __init__(self, taps: Floats) -> None:
        rows, n_taps = taps.shape
        n_fft = 4 << max(0, round(np.log2(n_taps)))
        self.size = n_fft - n_taps + 1
        self._spectra = np.fft.rfft(taps, n_fft)
        self._x = np.zeros((rows, n_fft))  # the past, and the newest block behind it
        # Kept from block to block: fresh memory each time would cost as much as the transforms.
        self._product = np.empty(n_fft // 2 + 1, dtype=np.complex128)
        self._y = np.empty(n_fft)

    def run(self, block: Floats) -> Floats:
        """Filter the next ``(rows, size)`` samples into a new array."""
        out = np.empty((len(block), self.size))
        self._x[:, : -self.size] = self._x[:, self.size :].copy()
        self._x[:, -self.size :] = block
        for x, spectrum, filtered in zip(self._x, self._spectra, out, strict=True):
            np.fft.rfft(x, out=self._product)
            self._product *= spectrum
            np.fft.irfft(self._product, out=self._y)
            filtered[:] = self._y[-self.size :]
        return out
