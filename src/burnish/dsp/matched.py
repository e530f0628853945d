"""Decramped filters: digital sections whose gain follows the analogue curve up to 20 kHz.

The bilinear transform squeezes the axis towards half the rate: a bell at 15 kHz becomes narrow, a
shelf ends too early. Here each section starts from the analogue roots, z = exp(s T) (as Vicanek,
"Matched Second Order Digital Filters", 2016, does for the poles), and its four or five free numbers
are then moved to the least squared error in dB (Levenberg and Marquardt). They are logarithms of
the coefficients in the bilinear domain, where every positive set is a stable minimum-phase filter,
so the search can end nowhere else. The gain at 0 Hz is exact. The tests state the errors.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Three = tuple[float, float, float]

BUTTERWORTH_Q = math.sqrt(0.5)


@dataclass(frozen=True)
class Analogue:
    """(n0 + n1 s + n2 s^2) / (d0 + d1 s + d2 s^2), where s = j f / frequency_hz."""

    frequency_hz: float
    numerator: Three
    denominator: Three

    def gain_db(self, frequencies_hz: Floats) -> Floats:
        """The gain at these frequencies, each above 0 Hz."""
        square = (frequencies_hz / self.frequency_hz) ** 2
        return _DB * np.log(_power(self.numerator, square) / _power(self.denominator, square))


def bell(frequency_hz: float, gain_db: float, q: float) -> Analogue:
    """A bell. Half the gain in dB is reached at a distance of f / q; boost and cut are mirrored."""
    half = 10.0 ** (gain_db / 40.0)
    return Analogue(frequency_hz, (1.0, half / q, 1.0), (1.0, 1.0 / (half * q), 1.0))


def low_shelf(frequency_hz: float, gain_db: float, q: float) -> Analogue:
    """A shelf below the frequency, where half its gain in dB is reached. q above 0.7 overshoots."""
    half = 10.0 ** (gain_db / 40.0)
    middle = math.sqrt(half) / q
    return Analogue(frequency_hz, (half * half, half * middle, half), (1.0, middle, half))


def high_shelf(frequency_hz: float, gain_db: float, q: float) -> Analogue:
    """A shelf above the frequency, where half its gain in dB is reached. q above 0.7 overshoots."""
    half = 10.0 ** (gain_db / 40.0)
    middle = math.sqrt(half) / q
    return Analogue(frequency_hz, (half, half * middle, half * half), (half, middle, 1.0))


def tilt(frequency_hz: float, gain_db: float, q: float) -> Analogue:
    """Up by the gain far above the frequency, down by as much far below, 0 dB at it."""
    shelf = high_shelf(frequency_hz, 2.0 * gain_db, q)
    n0, n1, n2 = (c * 10.0 ** (-gain_db / 20.0) for c in shelf.numerator)
    return Analogue(frequency_hz, (n0, n1, n2), shelf.denominator)


def low_pass(frequency_hz: float, order: int) -> tuple[Analogue, ...]:
    """A Butterworth low-pass, -3 dB at the frequency, 6 dB per octave for each order."""
    return tuple(Analogue(frequency_hz, (1.0, 0.0, 0.0), d) for d in _butterworth(order))


def high_pass(frequency_hz: float, order: int) -> tuple[Analogue, ...]:
    """A Butterworth high-pass, -3 dB at the frequency, 6 dB per octave for each order."""
    return tuple(
        Analogue(frequency_hz, (0.0, 0.0, 1.0) if d[2] else (0.0, 1.0, 0.0), d)
        for d in _butterworth(order)
    )


def sections(analogues: tuple[Analogue, ...], rate_hz: float) -> Floats:
    """Digital sections for these analogue ones, as ``dsp.biquad`` takes them, one row each."""
    rows = [match(analogue, rate_hz) for analogue in analogues]
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def _butterworth(order: int) -> list[Three]:
    """Denominators with poles evenly on the left half of the unit circle."""
    angles = [math.pi * (2 * k + 1) / (2 * order) for k in range(order // 2)]
    return [(1.0, 1.0, 0.0)] * (order % 2) + [(1.0, 2.0 * math.sin(a), 1.0) for a in angles]


_DB = 10.0 / math.log(10.0)  # nepers of power to dB
_TOP = 0.45  # of the rate: the search looks no higher, 19.8 kHz at 44.1 kHz
_FLOOR = 1e-9  # a coefficient smaller than this beside others near 1 is as good as none
_DEEP_DB = 20.0  # where a pass filter is further down than this, its errors weigh less


@lru_cache(maxsize=4096)
def match(analogue: Analogue, rate_hz: float) -> tuple[float, float, float, float, float]:
    """``b0 b1 b2 a1 a2`` of the digital section nearest in gain, in dB, to the analogue one."""
    f0 = analogue.frequency_hz
    frequencies_hz = _grid(f0, analogue.denominator, rate_hz)
    square = np.tan(np.pi * frequencies_hz / rate_hz) ** 2
    target_db = analogue.gain_db(frequencies_hz)
    weight = 1.0 / np.maximum(1.0, -target_db / _DEEP_DB)
    start = _start(analogue, 2.0 * math.pi * f0 / rate_hz)
    n0, n1, n2, d0, d1, d2 = _search(start, square, target_db, weight)
    a0 = d0 + d1 + d2
    b = (n0 + n1 + n2, 2.0 * (n0 - n2), n0 - n1 + n2)
    return b[0] / a0, b[1] / a0, b[2] / a0, 2.0 * (d0 - d2) / a0, (d0 - d1 + d2) / a0


def _power(c: Three | Floats, square: Floats) -> Floats:
    """|c0 + c1 s + c2 s^2|^2 at s = jw, where ``square`` is w^2."""
    return np.asarray((c[0] - c[2] * square) ** 2 + c[1] ** 2 * square)


def _grid(f0: float, denominator: Three, rate_hz: float) -> Floats:
    """Where to look: evenly by octave, evenly in Hz, and closely around a resonance."""
    top = _TOP * rate_hz
    near = f0 * (1.0 + min(denominator[1], 0.9) * np.linspace(-0.9, 0.9, 15))
    grid = np.concatenate(
        (np.geomspace(min(f0, top) / 30.0, top, 40), np.linspace(0.1 * top, top, 30), near)
    )
    return np.asarray(grid[grid <= top])


def _start(analogue: Analogue, radians: float) -> Floats:
    """n0 n1 n2 d0 d1 d2 in the bilinear domain, from the analogue roots; d0 is 1."""
    n = _placed(analogue.numerator, radians)
    d = _placed(analogue.denominator, radians)
    d = np.maximum(d / d[0], _FLOOR)
    if analogue.numerator[0]:
        n *= analogue.numerator[0] / analogue.denominator[0] / n[0]
        n = np.maximum(n, (n[0], _FLOOR, _FLOOR))
    elif analogue.numerator[1]:
        slope = 2.0 * analogue.numerator[1] / radians  # of the gain near 0 Hz
        n = np.array((0.0, slope, 0.3 * slope))
    else:
        n = np.array((0.0, 0.0, d[2]))
    return np.concatenate((n, d))


def _placed(c: Three, radians: float) -> Floats:
    """The polynomial with its roots at z = exp(s T), in the bilinear domain."""
    c0, c1, c2 = c
    if c2 and c0:
        root = np.sqrt(complex(c1 * c1 - 4.0 * c0 * c2))
        roots = [(-c1 + root) / (2.0 * c2), (-c1 - root) / (2.0 * c2)]
    else:
        roots = [complex(-c0 / c1)] if c0 and c1 else []
    z = [np.exp(r.real * radians + 1j * np.clip(r.imag * radians, -3.0, 3.0)) for r in roots]
    z += [-0.4] * (2 - len(z))  # a root at infinity: near, but not at, half the rate
    a1, a2 = -(z[0] + z[1]).real, (z[0] * z[1]).real
    return np.array((1.0 + a1 + a2, 2.0 * (1.0 - a2), 1.0 - a1 + a2))


def _search(start: Floats, square: Floats, target_db: Floats, weight: Floats) -> Floats:
    """Move the logarithms of n1 n2 d1 d2 to the least weighted square error in dB."""
    free = np.flatnonzero((start > 0.0) & np.array((False, True, True, False, True, True)))
    c, damping = start.copy(), 1e-2
    error, slope = _error(c, free, square, target_db, weight)
    cost = float(error @ error)
    for _ in range(60):
        normal = slope @ slope.T
        diagonal = np.diag(normal)
        ridge = np.diag(diagonal + 1e-9 * diagonal.max() + 1e-30)
        step = np.linalg.solve(normal + damping * ridge, -(slope @ error))
        trial = c.copy()
        trial[free] = np.maximum(c[free] * np.exp(np.clip(step, -2.0, 2.0)), 1e-11)
        trial_error, trial_slope = _error(trial, free, square, target_db, weight)
        trial_cost = float(trial_error @ trial_error)
        if trial_cost > cost:
            damping *= 10.0
            if damping > 1e8:
                break
            continue
        settled = cost - trial_cost < 1e-4 * trial_cost or trial_cost < 1e-6
        c, error, slope, cost = trial, trial_error, trial_slope, trial_cost
        damping = max(damping / 10.0, 1e-9)
        if settled:
            break
    return c


def _error(
    c: Floats, free: NDArray[np.intp], square: Floats, target_db: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """Weighted error in dB, and its slope by the logarithm of each free coefficient."""
    over, under = _power(c[:3], square), _power(c[3:], square)
    error = weight * (_DB * np.log(over / under) - target_db)
    scale = 2.0 * _DB * weight * square
    slopes = (
        scale * c[1] ** 2 / over,
        scale * c[2] * (c[2] * square - c[0]) / over,
        -scale * c[4] ** 2 / under,
        -scale * c[5] * (c[5] * square - c[3]) / under,
    )
    at = (1, 2, 4, 5)
    return error, np.stack([slopes[at.index(k)] for k in free.tolist()])
