"""Between the channels: is one late or turned over, is that sure, and what would mending gain.

A window every 2.4 s is looked at by generalised cross-correlation with phase transform (Knapp
and Carter, "The generalized correlation method for estimation of time delay", IEEE ASSP 24, 1976),
from 200 Hz to 4 kHz: below, waves are too long to tell a delay, above, rooms and panning rule.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BAND_HZ = (200.0, 4000.0)
_MOST_S = 0.010  # a delay longer than this is an echo
_EVERY = 12  # windows of the band series: 2.4 s
_PER_PART = 5  # windows of one part of the file: 12 s
_PEAK = 0.4  # of 1: with less the channels have too little in common to tell their delay
_NEAR_S = 50e-6  # windows that agree: two samples at 44.1 kHz
_QUIET = 1e-5  # of the loudest window's power: what is quieter is not asked
_LEAST_WINDOWS = 3
_IN_NINE_OF_TEN = 10.0  # percentile of the parts


@dataclass(frozen=True)
class Interchannel:
    """How late the right channel is, 200 Hz to 4 kHz, and what mending that would give.

    ``delay_sure`` is the share of the windows that have this delay and polarity.
    ``aligned_gain_db`` is what the mono sum gains when delay and polarity are mended: nine in ten
    parts of 12 s gain as much or more. ``aligned_correlation`` is how alike the channels are then.
    """

    delay_ms: float
    inverted: bool
    delay_sure: float
    aligned_gain_db: float
    aligned_correlation: float


class InterchannelSeries:
    """Takes the spectra of windows in a row; every twelfth is looked at."""

    def __init__(self, rate_hz: int, size: int) -> None:
        bin_hz = rate_hz / size
        self._first = max(1, int(np.ceil(_BAND_HZ[0] / bin_hz)))
        self._last = int(min(_BAND_HZ[1], 0.45 * rate_hz) / bin_hz)
        # A transform just long enough for the band: lags come in steps of 0.12 ms or less, and a
        # parabola finds the peak between them.
        self._n_fft = 1 << (2 * self._last).bit_length()
        self._lag_s = 1.0 / (self._n_fft * bin_hz)
        self._reach = int(_MOST_S / self._lag_s)
        self._omega = 2.0 * np.pi * bin_hz * np.arange(self._first, self._last)
        self._padded = np.zeros(self._n_fft // 2 + 1, dtype=np.complex128)
        self._n_windows = 0
        self._found: list[tuple[float, float, float]] = []  # lag in s, peak, power
        self._parts: list[tuple[NDArray[np.complex64], float]] = []
        self._cross = np.zeros(len(self._omega), dtype=np.complex128)
        self._power = 0.0

    def feed(self, spectrum: NDArray[np.complex128]) -> None:
        """The next window's spectra, left and right, or mono."""
        wanted = self._n_windows % _EVERY == 0
        self._n_windows += 1
        if not wanted or len(self._omega) < 2:
            return
        left, right = (row[self._first : self._last] for row in (spectrum[0], spectrum[-1]))
        cross = np.conj(left) * right
        size = np.sqrt(cross.real**2 + cross.imag**2)
        power = float(np.vdot(left, left).real + np.vdot(right, right).real)
        if not size.all():
            return  # silence, or one channel is
        self._padded[self._first : self._last] = cross / size
        wave = np.fft.irfft(self._padded) * (self._n_fft / (2.0 * len(size)))
        near = np.concatenate((wave[-self._reach - 1 :], wave[: self._reach + 2]))
        k = int(np.abs(near[1:-1]).argmax()) + 1
        before, here, after = (float(value) for value in near[k - 1 : k + 2])
        bend = before - 2.0 * here + after
        off = 0.5 * (before - after) / bend if bend * here < 0.0 else 0.0
        peak = here - 0.25 * (before - after) * off
        lag_s = (k - self._reach - 1 + min(1.0, max(-1.0, off))) * self._lag_s
        self._found.append((lag_s, peak, power))
        self._cross += cross
        self._power += power
        if len(self._found) % _PER_PART == 0:
            self._end_part()

    def finish(self) -> Interchannel | None:
        """What was found; None for less than three windows that can be asked."""
        if self._power > 0.0:
            self._end_part()
        lag_s, peak, power = np.array(self._found).reshape(-1, 3).T
        heard = power > _QUIET * power.max(initial=0.0)
        if np.count_nonzero(heard) < _LEAST_WINDOWS:
            return None
        lag_s, peak = lag_s[heard], peak[heard]
        delay_s = float(np.sort(lag_s)[len(lag_s) // 2])
        inverted = bool(np.median(peak[np.abs(lag_s - delay_s) < _NEAR_S]) < 0.0)
        sign = -1.0 if inverted else 1.0
        agree = (np.abs(lag_s - delay_s) < _NEAR_S) & (sign * peak > _PEAK)
        delay_s = self._refined(delay_s, sign)
        gain_db, correlation = self._mended(delay_s, sign)
        return Interchannel(
            delay_ms=1e3 * delay_s,
            inverted=inverted,
            delay_sure=float(agree.mean()),
            aligned_gain_db=gain_db,
            aligned_correlation=correlation,
        )

    def _end_part(self) -> None:
        self._parts.append((self._cross.astype(np.complex64), self._power))
        self._cross = np.zeros_like(self._cross)
        self._power = 0.0

    def _refined(self, delay_s: float, sign: float) -> float:
        """From the slope of the phase that is left, over all the file."""
        cross = np.sum([part for part, _ in self._parts], axis=0, dtype=np.complex128)
        left_over = sign * cross * np.exp(1j * self._omega * delay_s)
        weight = np.abs(left_over) * self._omega
        slope = float(weight @ np.angle(left_over)) / float(weight @ self._omega)
        return delay_s - slope if abs(slope) < self._lag_s else delay_s

    def _mended(self, delay_s: float, sign: float) -> tuple[float, float]:
        """Gain of the mono sum in nine of ten parts, and correlation of the whole, once mended."""
        turned = sign * np.exp(1j * self._omega * delay_s)
        gains = []
        shared = total = 0.0
        for cross, power in self._parts:
            both = 2.0 * float((cross * turned).real.sum())
            now = power + 2.0 * float(cross.real.sum())
            least = 1e-6 * power  # of a sum that cancels altogether: 60 dB are gain enough
            gains.append(10.0 * np.log10(max(power + both, least) / max(now, least)))
            shared += both
            total += power
        return float(np.percentile(gains, _IN_NINE_OF_TEN)), min(1.0, shared / total)
