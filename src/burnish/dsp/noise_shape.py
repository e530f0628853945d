"""Noise shapes: where the ear hears least, there the rounding noise may be. Numbers only.

Each shape is an error feedback: with e = output - wanted, the next sample is
v[n] = x[n] - sum(c[k] * e[n - k]), so the noise is coloured by N(z) = 1 - sum(c[k] * z**-k).
All are minimum phase, so the mean of their log gain over frequency is 0 dB (Gerzon and Craven,
"Optimal noise shaping and dither of digital signals", AES 1989): what is won at 3 kHz is paid for
at the top.

Sources: LVW = Lipshitz, Vanderkooy and Wannamaker, "Minimally audible noise shaping", JAES 39(11),
1991; W = Wannamaker, "Psychoacoustically optimal noise shaping", JAES 40(7/8), 1992.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_AT_44K = (41_895, 46_305)  # 44.1 kHz +-5 %: further off, the dip leaves the ear's 3 to 4 kHz
_AT_44K_AND_48K = (43_700, 48_300)  # nominal 46 kHz +-5 %, as SoX uses these three
_ANY = (1, 1_000_000)


@dataclass(frozen=True)
class NoiseShape:
    """One published curve: its coefficients c[1], c[2]..., and the rates that it is made for."""

    name: str
    coefficients: tuple[float, ...]
    lowest_rate_hz: int
    highest_rate_hz: int
    source: str

    def gain_db(self, frequency_hz: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
        """Gain of the noise at these frequencies, against plain dither."""
        angle = 2 * np.pi * np.asarray(frequency_hz) / rate_hz
        delays = np.arange(1, len(self.coefficients) + 1)
        transfer = 1 - np.exp(-1j * np.multiply.outer(angle, delays)) @ np.array(self.coefficients)
        return np.asarray(20 * np.log10(np.abs(transfer)))

    @property
    def total_gain_db(self) -> float:
        """How much more noise there is in all, unweighted: the sum of the squares of N."""
        return float(10 * np.log10(1 + sum(c * c for c in self.coefficients)))

    @property
    def worst_gain(self) -> float:
        """The most that errors of one step each can add up to, in steps: the L1 norm of N."""
        return 1 + sum(abs(c) for c in self.coefficients)


def _shape(
    name: str, rates_hz: tuple[int, int], source: str, *coefficients: float
) -> tuple[str, NoiseShape]:
    return name, NoiseShape(name, coefficients, *rates_hz, source)


# fmt: off
SHAPES: dict[str, NoiseShape] = dict((
    _shape("simple-2", _ANY, "musicdsp.org, NS9dither16: two taps, for any rate", 1.0, -0.5),
    _shape("wannamaker-3", _AT_44K, "W table 3, three taps", 1.623, -0.982, 0.109),
    _shape("lipshitz-5", _AT_44K, "LVW appendix 5", 2.033, -2.165, 1.959, -1.590, 0.6149),
    _shape(
        "modified-e-9", _AT_44K_AND_48K, "LVW appendix 2",
        1.662, -1.263, 0.4827, -0.2913, 0.1268, -0.1124, 0.03252, -0.01265, -0.03524,
    ),
    _shape(
        "improved-e-9", _AT_44K_AND_48K, "LVW appendix 6",
        2.847, -4.685, 6.214, -7.184, 6.639, -5.032, 3.263, -1.632, 0.4191,
    ),
    _shape(
        "f-weighted-9", _AT_44K_AND_48K, "W table 3, nine taps",
        2.412, -3.370, 3.937, -4.174, 3.353, -2.205, 1.281, -0.569, 0.0847,
    ),
    _shape(
        "wannamaker-24", _AT_44K, "W table 4",
        2.391510, -3.284444, 3.679506, -3.635044, 2.524185, -1.146701, 0.115354, 0.513745,
        -0.749277, 0.512386, -0.188997, -0.043705, 0.149843, -0.151186, 0.076302, -0.012070,
        -0.021127, 0.025232, -0.016121, 0.004453, 0.000876, -0.001799, 0.000774, -0.000128,
    ),
))
# fmt: on
"""Name -> shape, from gentle to heavy within each number of taps."""
