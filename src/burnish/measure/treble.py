"""Treble: narrow places of 3.5 to 11 kHz that stand out, and when: cymbals, whistles, filters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.ranges import Range, merged_s, ranges_s
from burnish.measure.spectrogram import Grid, Windows

Floats = NDArray[np.float64]

_LOWEST_HZ, _PER_OCTAVE, _N_BANDS = 2000.0, 12, 36  # to 16 kHz
_LOOKED_HZ = (3500.0, 11500.0)  # below, notes stand out, as they should
_VOICE_HZ = (1000.0, 4000.0)
_STEP_S, _STEPS = 0.5, 4  # two seconds, so that a note is not a resonance
_WIDTH, _REACH = 1, 9  # a quarter of an octave against what lies up to 3/4 octave beside it
_STANDS_DB = 5.5
_AUDIBLE_DB = -14.0  # against 1 to 4 kHz
_LOUD = 0.01
_MOST = 3
_GAP_S, _LEAST_S = 2.0, 2.0


@dataclass(frozen=True)
class Resonance:
    """A place that stands out: how far (mean of its times), when, and how much of all that is."""

    frequency_hz: float
    over_db: float
    share: float
    times_s: tuple[Range, ...]


class TrebleSeries:
    """Keeps the bands of every half second, mid and side together."""

    def __init__(self, grid: Grid) -> None:
        edges = _LOWEST_HZ * 2.0 ** (np.arange(_N_BANDS + 1) / _PER_OCTAVE)
        edges = edges[edges < 0.49 * grid.rate_hz]
        self._bins = [grid.bins(edge, edge).start for edge in edges]
        self._hz = np.sqrt(edges[:-1] * edges[1:])
        self._voice = grid.bins(*_VOICE_HZ)
        self._per = max(1, round(_STEP_S / grid.hop_s))
        self._step_s = self._per * grid.hop_s
        self._open = np.zeros((0, len(self._hz) + 1))
        self._rows: list[NDArray[np.float32]] = []

    def feed(self, windows: Windows) -> None:
        """Take the next windows."""
        if len(self._hz) < 2 * _REACH:
            return
        first, end = self._bins[0], self._bins[-1]
        power = windows.mid_power[:, first:end] + windows.side_power[:, first:end]
        starts = np.array(self._bins[:-1]) - first
        bands = np.add.reduceat(power, starts, axis=1)
        voice = windows.mid_power[:, self._voice].sum(axis=1, keepdims=True)
        held = np.concatenate((self._open, np.concatenate((voice, bands), axis=1)))
        n = len(held) // self._per
        cut = held[: n * self._per].reshape(n, self._per, held.shape[1])
        self._rows.append(cut.mean(axis=1).astype(np.float32))
        self._open = held[n * self._per :].copy()

    def finish(self) -> tuple[Resonance, ...]:
        """The strongest three, at least half an octave apart; by how far and how long."""
        rows = np.concatenate(self._rows).astype(np.float64) if self._rows else np.zeros((0, 0))
        if len(rows) < 2 * _STEPS or not rows.any():
            return ()
        sums = np.cumsum(np.pad(rows, ((1, 0), (0, 0))), axis=0)
        smooth = (sums[_STEPS:] - sums[:-_STEPS]) / _STEPS
        voice, bands = smooth[:, 0], smooth[:, 1:]
        loud = voice > _LOUD * np.percentile(voice, 95.0)
        over_db, level_db = self._over_db(bands)
        audible = level_db > 10.0 * np.log10(voice + 1e-20)[:, None] + _AUDIBLE_DB
        looked = (self._hz > _LOOKED_HZ[0]) & (self._hz < _LOOKED_HZ[1])
        stands = (over_db > _STANDS_DB) & audible & loud[:, None] & looked
        weight = np.where(stands, over_db - _STANDS_DB + 1.0, 0.0).sum(axis=0)
        found: list[Resonance] = []
        while len(found) < _MOST and weight.max() > 0.0:
            band = int(np.argmax(weight))
            near = np.abs(np.arange(len(weight)) - band) <= _PER_OCTAVE // 2
            here = np.asarray(stands[:, near].any(axis=1))
            length_s = _STEPS * self._step_s
            # What is smoothed over two seconds is counted from the middle of them.
            times = ranges_s(here, self._step_s, first_s=0.5 * (length_s - self._step_s))
            times = merged_s(times, gap_s=_GAP_S, least_s=_LEAST_S)
            if times:
                hz = np.average(self._hz[near], weights=weight[near])
                over = over_db[:, near].max(axis=1)[here]
                share = float(here.sum() / max(1, loud.sum()))
                found.append(Resonance(float(hz), float(over.mean()), share, times))
            weight = np.where(near, 0.0, weight)
        return tuple(found)

    def _over_db(self, bands: Floats) -> tuple[Floats, Floats]:
        """How far each quarter octave stands over what is beside it, and its power in decibels."""
        sums = np.cumsum(np.pad(bands, ((0, 0), (2, 1))), axis=1)
        level_db = 10.0 * np.log10(sums[:, 3:] - sums[:, :-3] + 1e-20)
        level_db = level_db[:, : bands.shape[1]]
        over_db = np.full(level_db.shape, -np.inf)
        for band in range(_REACH, level_db.shape[1] - _REACH):
            below = level_db[:, band - _REACH : band - _WIDTH - 1].mean(axis=1)
            above = level_db[:, band + _WIDTH + 2 : band + _REACH + 1].mean(axis=1)
            over_db[:, band] = level_db[:, band] - 0.5 * (below + above)
        return over_db, level_db
