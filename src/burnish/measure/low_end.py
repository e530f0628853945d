"""Low end: one note that stands out, bass that is uneven or wanders from side to side.

Everything below 240 Hz, kept as a slow copy of the mid at some 690 Hz.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.window import hann
from burnish.measure.kick_bass import KickBass, kick_bass
from burnish.measure.ranges import Range, merged_s, ranges_s
from burnish.measure.spectrogram import Grid, SlowCopy, Windows

Floats = NDArray[np.float64]
Kept = NDArray[np.float32]

_HIGHEST_HZ = 240.0
_CLICK_HZ = (1000.0, 4000.0)
_CLICK_STEP = 32  # samples of the slow copy of what clicks: 3 ms

_NOTE_WINDOW_S = 0.74
_NOTE_HZ = (41.203, 207.652)  # E1 to G#3 at A4 = 440 Hz, so that notes fall on the grid
_NOTES_PER_OCTAVE = 12
_AROUND_NOTES = 3  # on each side: half an octave
_STANDS_DB = 6.0
_LOUD_DB = 15.0  # under the loudest twentieth: below it no bass plays

_LEVEL_WINDOW_S = 0.19
_LEVEL_HZ = (35.0, 150.0)
_TREND_S = 4.0  # what changes more slowly is the arrangement

_PAN_HZ = 150.0
_PAN_SMOOTH_S = 4
_LEAST_S = 10.0
_TOGETHER = 512  # windows that are taken apart at once: of an hour all would be 100 MB


@dataclass(frozen=True)
class OneNote:
    """The bass note, in twelfths of an octave, that is the strongest for most of the time.

    ``share`` is the part of the time with bass in which it stands 6 dB over the half octave around
    it and is the strongest. ``over_db`` is how much louder it is then than the other notes are when
    they are the strongest (each at its 90th percentile, as notes die away); None where there is no
    other.
    """

    frequency_hz: float
    share: float
    over_db: float | None


@dataclass(frozen=True)
class BassPan:
    """Where the bass below 150 Hz stands: -1 is left, 0 the middle, 1 right.

    ``drift`` is how far it moves, 5 % to 95 % of the time, seconds weighted by their power.
    ``beside_s`` are the times in which it is more than half of that beside its middle.
    """

    middle: float
    drift: float
    beside_s: tuple[Range, ...]


@dataclass(frozen=True)
class LowEnd:
    """The low end. None: too short, or nothing of the kind is there (mono: no pan).

    ``uneven_db`` is how far the bass (35 to 150 Hz) is from its own running middle: the standard
    deviation of 0.2 s windows in which it plays; ``uneven_s`` where it is worst.
    """

    one_note: OneNote | None
    uneven_db: float | None
    uneven_s: tuple[Range, ...]
    pan: BassPan | None
    kick_bass: KickBass | None


class LowEndSeries:
    """Keeps what is needed of the low end, window by window."""

    def __init__(self, grid: Grid, channels: int) -> None:
        self._grid = grid
        self._stereo = channels == 2
        self._copy = SlowCopy(grid, 25.0, _HIGHEST_HZ)
        self._click = SlowCopy(grid, *_CLICK_HZ)
        self._pan_bins = grid.bins(1.5 * grid.bin_hz, _PAN_HZ)
        self._low, self._clicks = bytearray(), bytearray()  # they grow in place
        self._click_held = np.zeros(0)
        self._pan: list[Kept] = []

    def feed(self, windows: Windows) -> None:
        """Take the next windows."""
        self._low += self._copy.feed(windows.mid).astype(np.float32).tobytes()
        held = np.concatenate((self._click_held, self._click.feed(windows.mid)))
        n = len(held) // _CLICK_STEP
        cut = held[: n * _CLICK_STEP].reshape(n, _CLICK_STEP)
        self._clicks += np.einsum("ij,ij->i", cut, cut).astype(np.float32).tobytes()
        self._click_held = held[n * _CLICK_STEP :]
        if self._stereo:
            mid, side = windows.mid[:, self._pan_bins], windows.side[:, self._pan_bins]
            power = windows.mid_power[:, self._pan_bins] + windows.side_power[:, self._pan_bins]
            to_right = -2.0 * (mid.real * side.real + mid.imag * side.imag)
            row = np.stack((to_right.sum(axis=1), power.sum(axis=1)), axis=1)
            self._pan.append(row.astype(np.float32))

    def finish(self) -> LowEnd:
        """What was found."""
        low = np.frombuffer(self._low, dtype=np.float32)
        rate_hz = self._copy.rate_hz
        if len(low) < _LEAST_S * rate_hz or not low.any():
            return LowEnd(None, None, (), None, None)
        uneven_db, uneven_s = _unevenness(low, rate_hz)
        return LowEnd(
            one_note=_one_note(low, rate_hz),
            uneven_db=uneven_db,
            uneven_s=uneven_s,
            pan=_bass_pan(np.concatenate(self._pan), self._grid.hop_s) if self._pan else None,
            kick_bass=kick_bass(
                low,
                rate_hz,
                np.frombuffer(self._clicks, dtype=np.float32),
                self._click.rate_hz / _CLICK_STEP,
            ),
        )


def _levels(low: Kept, window: int, hop: int, read: Callable[[Floats], Floats]) -> Floats:
    """What ``read`` makes of the powers of Hann windows, (windows, bins), some at a time."""
    if len(low) < window:
        low = np.pad(low, (0, window - len(low)))
    cut = np.lib.stride_tricks.sliding_window_view(low, window)[::hop]
    shape = hann(window) * (4.0 / window)
    levels = []
    for k in range(0, len(cut), _TOGETHER):
        spectra = np.fft.rfft(cut[k : k + _TOGETHER] * shape, axis=1)
        levels.append(read(np.asarray(spectra.real**2 + spectra.imag**2)))
    return np.concatenate(levels)


def _one_note(low: Kept, rate_hz: float) -> OneNote | None:
    size = 1 << round(np.log2(_NOTE_WINDOW_S * rate_hz))
    n_notes = round(np.log2(_NOTE_HZ[1] / _NOTE_HZ[0]) * _NOTES_PER_OCTAVE) + 1
    notes = np.arange(-_AROUND_NOTES, n_notes + _AROUND_NOTES)
    hz = _NOTE_HZ[0] * 2.0 ** (notes / _NOTES_PER_OCTAVE)
    at = hz * size / rate_hz
    low_bin = np.floor(at).astype(int)
    part = at - low_bin
    inner = slice(_AROUND_NOTES, len(notes) - _AROUND_NOTES)
    beside = range(-_AROUND_NOTES, _AROUND_NOTES + 1)

    def read(power: Floats) -> Floats:
        """All notes together, the strongest, its own power and that around it."""
        level = power[:, low_bin] * (1.0 - part) + power[:, low_bin + 1] * part
        top = np.argmax(level[:, inner], axis=1) + _AROUND_NOTES
        rows = np.arange(len(level))
        around = np.mean([level[rows, top + k] for k in beside], axis=0)
        return np.stack((level[:, inner].sum(axis=1), top, level[rows, top], around), axis=1)

    total, top, own, around = _levels(low, size, size // 2, read).T
    loud = total > np.percentile(total, 95.0) * 10.0 ** (-_LOUD_DB / 10.0)
    heard = loud & (total > 0.0)
    if np.count_nonzero(heard) < 8:
        return None
    strongest, own, around = top[heard].astype(np.int64), own[heard], around[heard]
    stands = own > around * 10.0 ** (_STANDS_DB / 10.0)
    counts = np.bincount(strongest[stands], minlength=len(notes))
    together = np.convolve(counts, np.ones(3), mode="same")
    note = int(np.argmax(together))
    if not together[note]:
        return None
    is_it = stands & (np.abs(strongest - note) <= 1)
    others = ~is_it & (np.abs(strongest - note) > 2)
    over_db = None
    if others.sum() >= 8:
        it, other = (float(np.percentile(own[which], 90.0)) for which in (is_it, others))
        over_db = float(10.0 * np.log10(it / other))
    spread = np.average(notes[strongest[is_it]], weights=own[is_it])
    frequency_hz = float(_NOTE_HZ[0] * 2.0 ** (spread / _NOTES_PER_OCTAVE))
    return OneNote(round(frequency_hz, 1), float(is_it.mean()), over_db)


def _unevenness(low: Kept, rate_hz: float) -> tuple[float | None, tuple[Range, ...]]:
    size = 1 << round(np.log2(_LEVEL_WINDOW_S * rate_hz))
    first, last = (round(f * size / rate_hz) for f in _LEVEL_HZ)
    level = _levels(low, size, size, lambda power: power[:, first : last + 1].sum(axis=1))
    plays = level > np.percentile(level, 95.0) * 10.0 ** (-1.6 * _LOUD_DB / 10.0)
    if plays.sum() < 40:
        return None, ()
    step_s = size / rate_hz
    level_db = 10.0 * np.log10(np.maximum(level, 1e-30))
    n = round(_TREND_S / step_s)
    kernel = np.ones(n)
    weight = np.convolve(plays, kernel, mode="same")
    trend = np.convolve(np.where(plays, level_db, 0.0), kernel, mode="same") / np.maximum(weight, 1)
    off = np.where(plays, level_db - trend, 0.0)
    local = np.sqrt(np.convolve(off**2, kernel, mode="same") / np.maximum(weight, 1.0))
    uneven_db = float(np.sqrt(np.mean(off[plays] ** 2)))
    worst = (local > 1.2 * uneven_db) & (weight > n / 2)
    return uneven_db, merged_s(ranges_s(worst, step_s), gap_s=2.0, least_s=1.0, most=5)


def _bass_pan(rows: Floats, hop_s: float) -> BassPan | None:
    """Rows are (power to the right minus to the left, power of both) of each window."""
    per_s = max(1, round(1.0 / hop_s))
    n = len(rows) // per_s
    if n < 2 * _PAN_SMOOTH_S:
        return None
    seconds = rows[: n * per_s].astype(np.float64).reshape(n, per_s, 2).sum(axis=1)
    kernel = np.ones(_PAN_SMOOTH_S)
    smooth = np.stack([np.convolve(seconds[:, k], kernel, mode="valid") for k in (0, 1)], axis=1)
    weight = smooth[:, 1]
    if weight.max() <= 0.0:
        return None
    pan = smooth[:, 0] / np.maximum(weight, 1e-30)
    heard = weight > 1e-2 * np.percentile(weight, 95.0)
    order = np.argsort(pan[heard])
    spread = np.cumsum(weight[heard][order])
    spread /= spread[-1]
    low, middle, high = np.interp((0.05, 0.5, 0.95), spread, pan[heard][order])
    beside = heard & (np.abs(pan - middle) > 0.5 * (high - low))
    step_s = per_s * hop_s
    times = ranges_s(beside, step_s, window_s=_PAN_SMOOTH_S * step_s)
    return BassPan(float(middle), float(high - low), merged_s(times, gap_s=2.0, most=5))
