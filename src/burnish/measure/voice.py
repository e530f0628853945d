"""Voice: is somebody singing, when, how far in front, and how sharp are the sibilants.

A voice glides: its partials go on rising or falling for several windows, while keys, strings that
are plucked and drums stay where they are or jump. Bowed strings and slides glide too, less.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.measure.ranges import Range, merged_s, ranges_s
from burnish.measure.spectrogram import Grid, Windows

Floats = NDArray[np.float64]

_PARTIALS_HZ = (400.0, 4000.0)
_PEAK = 1e-3  # of the window's strongest
_STEP_CENTS = (8.0, 150.0)  # from window to window: less is still, more is another note
_EVEN = 0.7  # of the larger of two steps, that a glide's steps may differ
_MOST_PARTIALS = 128

_VOICE_HZ, _SIBILANT_HZ = (1000.0, 4000.0), (5000.0, 9000.0)
_STRETCH_S = 0.5
_SINGS = 0.18  # of the partials' power glides
_UNLIKELY, _SURE = 0.17, 0.29  # the 90th percentile of that: strings and noise, voices
_ALONE = 0.43  # the same of a voice alone (read speech)
_QUIET = 0.01  # of the loud stretches: what is quieter is not asked
_SIBILANT_OVER_DB = 6.0
_MOMENT = 4  # windows: 0.1 s
_LEAST_STRETCHES = 16


@dataclass(frozen=True)
class Voice:
    """A voice, where one is likely.

    ``likelihood`` 0 to 1; ``times_s`` where it sings, and ``share`` how much of the time that is.
    ``front_db`` is a rough guess of the voice against the rest: 0 is usual, -10 is buried.
    ``sibilant_db`` is how far the sharp sibilants (98th percentile of 5 to 9 kHz) stand over the
    voice's own middle (median of 1 to 4 kHz); ``sibilants_s`` where those within 6 dB of it are.
    ``floor_db`` is what is left in the quietest moments (5th percentile of 0.1 s, 400 Hz to 4 kHz)
    against the loudest: some -15 in dense music, -25 under a loud voice, -40 where there is none.
    """

    likelihood: float
    share: float
    times_s: tuple[Range, ...]
    front_db: float
    sibilant_db: float | None
    sibilants_s: tuple[Range, ...]
    floor_db: float


class VoiceSeries:
    """Follows the partials from window to window."""

    def __init__(self, grid: Grid) -> None:
        self._hop_s = grid.hop_s
        self._bin_hz = grid.bin_hz
        partials = grid.bins(*_PARTIALS_HZ)
        self._first, self._last = max(2, partials.start), min(partials.stop, grid.hop - 2)
        self._bands = [grid.bins(*band) for band in (_VOICE_HZ, _SIBILANT_HZ)]
        self._has_sibilants = grid.rate_hz >= 2.0 * _SIBILANT_HZ[1]
        self._before = np.zeros((3, _MOST_PARTIALS))  # Hz, last step in cents; how many in [2, 0]
        self._rows: list[NDArray[np.float32]] = []

    def feed(self, windows: Windows) -> None:
        """Take the next windows."""
        rows = np.zeros((len(windows.mid_power), 5))
        _glides(
            windows.mid_power,
            self._bin_hz,
            self._first,
            self._last,
            self._before,
            rows,
            _PEAK,
            *_STEP_CENTS,
            _EVEN,
        )
        for k, band in enumerate(self._bands):
            rows[:, 3 + k] = windows.mid_power[:, band].sum(axis=1)
        self._rows.append(rows.astype(np.float32))

    def finish(self) -> Voice | None:
        """The voice; None where none is likely, and for less than 8 s."""
        rows = np.concatenate(self._rows).astype(np.float64)
        per = max(1, round(_STRETCH_S / self._hop_s))
        n = len(rows) // per
        if n < _LEAST_STRETCHES:
            return None
        rows = rows[: n * per]
        glides, peaks, total = rows[:, :3].reshape(n, per, 3).sum(axis=1).T
        asked = total > _QUIET * np.percentile(total, 95.0)
        if not asked.any() or total.max() <= 0.0:
            return None
        gliding = glides / np.maximum(peaks, 1e-30)
        upper = float(np.percentile(gliding[asked], 90.0))
        likelihood = float(np.clip((upper - _UNLIKELY) / (_SURE - _UNLIKELY), 0.0, 1.0))
        sings = asked & (gliding > _SINGS)
        if likelihood <= 0.0 or sings.sum() < 4:
            return None
        part = min(upper / _ALONE, 0.98)
        # Measured with speech laid over four pieces from -12 to +12 dB: within some 6 dB.
        front_db = 2.0 * (10.0 * np.log10(part / (1.0 - part)) - 6.0)
        # A consonant beside a vowel may be in a stretch of its own.
        near = np.convolve(sings, np.ones(3), mode="same") > 0
        moments = np.convolve(rows[np.repeat(asked, per), 2], np.ones(_MOMENT), mode="valid")
        quietest, loudest = np.percentile(moments, (5.0, 95.0))
        step_s = per * self._hop_s
        sibilant_db, sibilants_s = self._sibilants(rows, np.repeat(sings, per), near, per)
        return Voice(
            likelihood=likelihood,
            share=float(sings.sum() / asked.sum()),
            times_s=merged_s(ranges_s(near, step_s), gap_s=3.0, most=8),
            front_db=float(front_db),
            sibilant_db=sibilant_db,
            sibilants_s=sibilants_s,
            floor_db=float(10.0 * np.log10(max(quietest / loudest, 1e-12))),
        )

    def _sibilants(
        self, rows: Floats, sings: NDArray[np.bool_], near: NDArray[np.bool_], per: int
    ) -> tuple[float | None, tuple[Range, ...]]:
        if not self._has_sibilants:
            return None, ()
        voice_db, high_db = 10.0 * np.log10(rows[:, 3:].T + 1e-20)
        over_db = high_db - float(np.median(voice_db[sings]))
        ratio_db = high_db - voice_db
        heard = voice_db > float(np.percentile(voice_db, 95.0)) - 30.0
        usual_db = float(np.median(ratio_db[heard & sings]))
        active = np.repeat(near, per)
        sibilant_db = float(np.percentile(over_db[active], 98.0))
        sharp = active & (ratio_db > usual_db + _SIBILANT_OVER_DB) & (over_db > sibilant_db - 6.0)
        return sibilant_db, merged_s(ranges_s(sharp, self._hop_s), gap_s=0.1, least_s=0.04)


@njit(cache=True, nogil=True, fastmath=False)
def _glides(power, bin_hz, first, last, before, rows, least, low_cents, high_cents, even):  # type: ignore[no-untyped-def]
    """Fills gliding power, power of all partials and of all bins; ``before`` is the last window."""
    hz_now = np.zeros(before.shape[1])
    step_now = np.zeros(before.shape[1])
    n_before = int(before[2, 0])
    for w in range(power.shape[0]):
        largest = total = 0.0
        for k in range(first, last):
            p = power[w, k]
            total += p
            largest = max(largest, p)
        n = j = 0
        gliding = partials = 0.0
        if largest > 1e-14:
            for k in range(first, last):
                p = power[w, k]
                low, high = power[w, k - 1], power[w, k + 1]
                if p <= least * largest or p <= low or p < high:
                    continue
                if p <= 2.0 * power[w, k - 2] or p <= 2.0 * power[w, k + 2] or n == len(hz_now):
                    continue
                a, b, c = np.log(low + 1e-300), np.log(p), np.log(high + 1e-300)
                hz = (k + 0.5 * (a - c) / (a - 2.0 * b + c)) * bin_hz
                energy = p + low + high
                partials += energy
                while j < n_before - 1 and abs(before[0, j + 1] - hz) <= abs(before[0, j] - hz):
                    j += 1
                hz_now[n] = hz
                step_now[n] = 0.0
                if n_before > 0:
                    cents = 1200.0 * np.log2(hz / before[0, j])
                    if low_cents < abs(cents) < high_cents:
                        step_now[n] = cents
                        last_cents = before[1, j]
                        larger = max(abs(cents), abs(last_cents))
                        if cents * last_cents > 0.0 and abs(cents - last_cents) < even * larger:
                            gliding += energy
                n += 1
        for i in range(n):
            before[0, i] = hz_now[i]
            before[1, i] = step_now[i]
        n_before = n
        rows[w, 0] = gliding
        rows[w, 1] = partials
        rows[w, 2] = total
    before[2, 0] = n_before
