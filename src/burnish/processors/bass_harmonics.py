"""Bass harmonics: what a small speaker needs of a bass line that it cannot play.

A listener takes the pitch of a bass from its harmonics (the missing fundamental), so they are made
of the low end and added to the middle. The low end is cut out as an analytic signal, by two filters
of linear phase; its magnitude is the level and the cosine of its phase goes through a sum of
Chebyshev polynomials, which turns a tone into just the harmonics wished for (Arfib, "Digital
synthesis of complex spectra by means of multiplication of nonlinear distorted sine waves", JAES
27(10), 1979). So a quiet note gets as many harmonics as a loud one, and there is no time constant.
"""

import math
from typing import ClassVar, Literal

import numpy as np
from numpy.polynomial.chebyshev import cheb2poly
from numpy.typing import NDArray

from burnish.dsp.fir import OverlapSave, bins_hz, grid_size, linear_phase, tap_count
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

HARMONIC_DB = -12.0
"""A harmonic at 200 Hz against its note at ``amount`` 1; 6 dB more an octave higher, where small
speakers begin to play, and 6 dB less an octave lower, where the note itself is near."""

PIVOT_HZ = 200.0
LOWEST_HZ = 30.0  # what lies below is not made audible
ADDED_HZ = (75.0, 420.0)  # where harmonics are added, 6 dB less at both ends

_HARMONICS = {"both": (-2, -3, 4, 5, -6), "even": (-2, 4, -6), "odd": (-3, 5)}
# Turned over where there is a minus: with these signs the peaks grow least (all 32 tried on tones).


class BassHarmonics(Processor):
    """Add harmonics of the bass, so that a bass line is followed where no bass is played.

    A note gets its second to sixth harmonic, as far as they lie between 80 and 400 Hz: at
    ``amount`` 1 each 12 dB under the note at 200 Hz, 18 dB at 100 Hz; at 0.5 it is 6 dB less. They
    go to the middle: left and right get the same, and the mono sum keeps them. The bass itself
    stays. Two notes at once, or a kick with a note, make sums and differences too. The amounts are
    opinion.
    """

    name: ClassVar[str] = "bass_harmonics"

    amount: float = setting(
        0.0,
        low=0,
        high=1,
        help="0 adds none; at 1 those at 200 Hz are 12 dB under their note.",
    )
    cutoff_hz: float = setting(
        120.0, low=60, high=200, unit="Hz", scale="log", help="Where the bass ends (-6 dB)."
    )
    character: Literal["both", "even", "odd"] = setting(
        "both", help="both: the pitch is kept best; even: softer, an octave up; odd: hollow."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is added."""
        return self.amount == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that knows the bass ahead of time, as linear phase needs it."""
        return Identity() if self.is_neutral else _BassHarmonics(self, rate_hz, channels)


def curve(character: str) -> Floats:
    """Coefficients of the polynomial, lowest first, that turns cos(x) into the harmonics."""
    weights = np.zeros(7)
    for k in _HARMONICS[character]:
        weights[abs(k)] = math.copysign(1.0, k)
    return np.asarray(cheb2poly(weights))


def bass_taps(cutoff_hz: float, rate_hz: int) -> Floats:
    """Taps that cut out the bass, and below them those that turn it by 90 degrees as well."""
    n_taps = tap_count(rate_hz)
    size = grid_size(n_taps)
    straight = linear_phase(_band(bins_hz(size, rate_hz), LOWEST_HZ, cutoff_hz), n_taps)
    turned = np.fft.irfft(-1j * np.fft.rfft(straight, size))[:n_taps]
    return np.stack((straight, turned))


def added_taps(rate_hz: int) -> Floats:
    """Taps that keep of the harmonics what is to be added, in the wished balance."""
    n_taps = tap_count(rate_hz)
    frequencies_hz = bins_hz(grid_size(n_taps), rate_hz)
    gain = _band(frequencies_hz, *ADDED_HZ) * frequencies_hz / PIVOT_HZ
    return linear_phase(gain, n_taps)[None]


def _band(frequencies_hz: Floats, low_hz: float, high_hz: float) -> Floats:
    """Gain of Linkwitz-Riley filters, 6 dB down at both ends: 24 dB/octave below, 48 above.

    Below it must not be steeper, or harmonics would be heard before the note.
    """
    low, high = (frequencies_hz / low_hz) ** 4, (frequencies_hz / high_hz) ** 8
    return np.asarray(low / (1.0 + low) / (1.0 + high))


class _BassHarmonics(FixedBlocks):
    def __init__(self, settings: BassHarmonics, rate_hz: int, channels: int) -> None:
        self.split = OverlapSave(bass_taps(settings.cutoff_hz, rate_hz))
        self.band = OverlapSave(added_taps(rate_hz))
        late = tap_count(rate_hz) - 1  # half of the taps of each filter
        super().__init__(self.split.size, channels, late)
        self.curve = curve(settings.character)
        self.gain = settings.amount * gain_from_db(HARMONIC_DB)
        self.past = np.zeros((channels, late))

    def run(self, block: Block) -> Block:
        mid = block.mean(axis=0)
        bass, turned = self.split.run(np.stack((mid, mid)))
        added = self.band.run(harmonics(bass, turned, self.curve)[None])
        whole = np.concatenate((self.past, block), axis=1)
        self.past = whole[:, self.size :].copy()
        return np.asarray(whole[:, : self.size] + self.gain * added)


def harmonics(bass: Floats, turned: Floats, curve: Floats) -> Floats:
    """Harmonics of a bass, each as loud as it; ``turned`` is the bass, turned by 90 degrees."""
    size = np.sqrt(bass * bass + turned * turned)
    cosine = np.divide(bass, size, out=np.zeros_like(bass), where=size > 0.0)
    total = np.full_like(cosine, curve[-1])
    for coefficient in curve[-2::-1]:
        total *= cosine
        total += coefficient
    total *= size
    return total


EXAMPLE = BassHarmonics(amount=0.8, cutoff_hz=110)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the bass line for a phone, more than a master needs")
