"""Hum: the mains in the sound, a row of steady lines at the multiples of 50 or of 60 Hz.

Short windows see each multiple's complex amplitude. Over 8 s their spectrum is taken, each window
weighed by one over its power: what is heard between the notes counts, loud notes do not, and a line
of 0.25 Hz is told from a note beside it (49.0 Hz is a G, 61.7 a B; 50 and 60 Hz are none). Every
frequency within half a hertz of 50 and of 60 Hz gets a score: how far its multiples stand over what
lies beside them. The path of the best scores through the file is the mains, drift and all. A line
counts if it stands there, as strong as ever, where there is the least music around it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.decimate import Decimator
from burnish.dsp.window import hann
from burnish.measure.model import Measurement

Floats = NDArray[np.float64]
Kept = NDArray[np.float32]
Complexes = NDArray[np.complex128]

FAMILIES_HZ = (50, 60)
REACH_HZ = 0.5
_INNER_HZ = 2300.0  # least rate of the inner work
_HARMONICS = 16
_WINDOW_S, _WINDOW_HOP_S = 0.3, 0.06
_STRETCH, _STRETCH_HOP = 133, 67  # windows, 8 s and 4 s
_SHORTEST = 83  # windows, 5 s
_FFT = 1024
_STEP_HZ = 0.02
_MOVE = 2  # steps of frequency from stretch to stretch: 0.6 Hz a minute
_SOFT = 0.2  # part of the windows in a stretch, the softest, that count alike
_LEAST_DB, _MOST_DB = 6.0, 25.0  # a line that stands out less says nothing, one more no more
_QUIET = 0.3  # part of the stretches that a line is judged in: the quietest around it
_FEWEST, _LOW_FEWEST, _MANY = 3, 2, 5  # lines: in all, of the first three, or so many anywhere
_BOTH = 0.5  # of one family's lines in the other too: it is not the mains
_OVER_DB = 10.0  # knowledge of the trade: three lines 10 dB out of their surroundings
_STEADY_STRETCHES = 3  # 16 s: in fewer, the notes of a bar stand as still as the mains
_STEADY_DB = 3.0  # half of the quiet stretches lie within as much of each other
_WEAKEST_DB = -110.0
_BLACK = 1e-16  # -160 dBFS
_SURE_LINES = 4.0


@dataclass(frozen=True)
class HumLine:
    """One line: which multiple of the mains, its RMS in dBFS, and how far it stands out.

    ``over_db`` is its power over what lies in as wide a band beside it, in stretches of 8 s.
    """

    harmonic: int
    rms_dbfs: float
    over_db: float


@dataclass(frozen=True)
class Hum:
    """The mains found in a sound; all defaults: there is none.

    ``mains_hz`` is its frequency, the mean over the file, to 0.01 Hz; None where there is no hum.
    ``drift_hz`` is how far it moved, highest less lowest. ``family_hz`` is 50 or 60. ``rms_dbfs``
    is all lines together, of the louder channel; ``lines`` are in the order of frequency.
    """

    mains_hz: float | None = None
    family_hz: int | None = None
    drift_hz: float = 0.0
    lines: tuple[HumLine, ...] = ()
    rms_dbfs: float = -math.inf
    confidence: float = 0.0

    def strengths_dbfs(self) -> tuple[float, ...]:
        """RMS of every harmonic from the first to the last found; -140 where there is no line.

        It is what ``Dehum.strengths_dbfs`` asks for.
        """
        found = {line.harmonic: line.rms_dbfs for line in self.lines}
        return tuple(found.get(n, -140.0) for n in range(1, max(found, default=0) + 1))


class HumDetector:
    """Looks for hum. It keeps 7 kB for every 4 s."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        factor = max(1, int(rate_hz / _INNER_HZ))
        self._decimator = Decimator(factor, channels, half=4)
        inner_hz = rate_hz / factor
        self._window = hann(round(_WINDOW_S * inner_hz)) ** 2  # blind to notes 15 Hz away
        self._hop = round(_WINDOW_HOP_S * inner_hz)
        self._hop_s = self._hop / inner_hz
        self._held = np.zeros((channels, 0))
        hz = np.array(FAMILIES_HZ)[:, None] * np.arange(1, _HARMONICS + 1)
        bins = np.round(hz * len(self._window) / inner_hz).astype(np.int64)
        self._bins = np.minimum(bins, len(self._window) // 2)
        self._line_hz = hz
        self._rate_hz = rate_hz
        self._seen = np.zeros((channels, *hz.shape, 0), dtype=np.complex128)
        self._n_seen = 0
        self._grid = _Grid(self._hop_s)
        self._peaks: list[Kept] = []
        self._floors: list[Kept] = []
        self._fine_hz: list[Floats] = []

    def feed(self, piece: Floats) -> None:
        """Take the next piece."""
        self._held = np.concatenate((self._held, self._decimator.process(piece)), axis=1)
        size = len(self._window)
        if self._held.shape[1] < size:
            return
        views = np.lib.stride_tricks.sliding_window_view(self._held, size, axis=1)
        spectra = np.fft.rfft(views[:, :: self._hop] * self._window, axis=2)
        count = spectra.shape[1]
        self._held = self._held[:, count * self._hop :].copy()
        time_s = self._hop_s * np.arange(self._n_seen, self._n_seen + count)
        self._n_seen += count
        turns = np.exp(-2j * np.pi * ((self._line_hz[:, :, None] * time_s) % 1.0))
        seen = np.moveaxis(spectra[:, :, self._bins], 1, 3) * turns
        self._seen = np.concatenate((self._seen, seen), axis=3)
        while self._seen.shape[3] >= _STRETCH:
            self._look(self._seen[:, :, :, :_STRETCH])
            self._seen = self._seen[:, :, :, _STRETCH_HOP:].copy()

    def finish(self, measured: Measurement) -> Hum:
        """The hum, or none."""
        if not self._peaks and self._seen.shape[3] >= _SHORTEST:
            self._look(self._seen)
        if not self._peaks:
            return Hum()
        peaks, floors = np.array(self._peaks), np.array(self._floors)
        found = [
            _judged(hz, peaks[:, k], floors[:, k], np.array(self._fine_hz)[:, k])
            for k, hz in enumerate(FAMILIES_HZ)
        ]
        found.sort(key=lambda one: one.confidence * len(one.lines))
        # A sequencer's bars repeat to the sample: lines at every multiple of the beat, so at both.
        both = len(found[0].lines) >= _BOTH * len(found[1].lines) > 0
        return Hum() if both else found[1]

    def _look(self, seen: Complexes) -> None:
        """One stretch, ``(channels, families, harmonics, windows)``."""
        power = (seen.real**2 + seen.imag**2) * (2.0 / self._window.sum() ** 2)
        nth = int(_SOFT * power.shape[3])
        soft = np.partition(power, nth, axis=3)[..., nth : nth + 1]
        weights = hann(seen.shape[3] + 1)[1:] / (power + soft + _BLACK)
        scale = 2.0 / (self._window.sum() * weights.sum(axis=3)) ** 2
        spectra = np.fft.fft(seen * weights, _FFT, axis=3)
        lines = ((spectra.real**2 + spectra.imag**2) * scale[..., None]).max(axis=0)
        lines = np.fft.fftshift(lines, axes=2)
        peaks, floors = self._grid.of(lines)
        self._peaks.append(peaks.astype(np.float32))
        self._floors.append(floors.astype(np.float32))
        self._fine_hz.append(self._grid.fine_hz(lines, peaks, floors))


class _Grid:
    """Where every frequency around 50 and 60 Hz lies in the spectra of their multiples."""

    def __init__(self, hop_s: float) -> None:
        self._bin_hz = 1.0 / (hop_s * _FFT)
        count = round(REACH_HZ / _STEP_HZ)
        steps_hz = _STEP_HZ * np.arange(-count, count + 1)
        self._n = np.arange(1, _HARMONICS + 1)
        edges = np.append(steps_hz, steps_hz[-1] + _STEP_HZ) - 0.5 * _STEP_HZ
        # Rows of the first bins of every step; 0 Hz lies in the middle.
        self._first = [np.round(edges * n / self._bin_hz).astype(np.int64) for n in self._n]

    def of(self, lines: Floats) -> tuple[Floats, Floats]:
        """Power of the lines ``(families, harmonics, steps)``, and of a like width beside them."""
        middle = lines.shape[2] // 2
        found = [
            np.maximum.reduceat(lines[:, row], middle + first, axis=1)[:, :-1]
            for row, first in enumerate(self._first)
        ]
        return np.stack(found, axis=1), np.median(lines[:, :, ::4], axis=2)

    def fine_hz(self, lines: Floats, peaks: Floats, floors: Floats) -> Floats:
        """For every family the likeliest frequency in this stretch, between the steps."""
        scores = scores_db(peaks, floors)
        found = np.empty(len(FAMILIES_HZ))
        for k, step in enumerate(scores.sum(axis=1).argmax(axis=1)):
            rows = np.arange(_HARMONICS)
            bins = np.empty(_HARMONICS, dtype=np.int64)
            for row, first in enumerate(self._first):
                middle = lines.shape[2] // 2 + first[step]
                width = max(1, first[step + 1] - first[step])
                bins[row] = middle + lines[k, row, middle : middle + width].argmax()
            a, b, c = (np.log(lines[k][rows, bins + i] + 1e-300) for i in (-1, 0, 1))
            bend = a - 2.0 * b + c
            between = np.where(bend < 0.0, 0.5 * (a - c) / np.minimum(bend, -1e-12), 0.0)
            off = bins - lines.shape[2] // 2 + np.clip(between, -0.5, 0.5)
            off_hz = off * self._bin_hz / self._n
            weights = scores[k, :, step] * self._n**2 + 1e-9
            found[k] = FAMILIES_HZ[k] + (weights * off_hz).sum() / weights.sum()
        return found


def scores_db(peaks: Floats | Kept, floors: Floats | Kept) -> Floats:
    """How far lines stand out, 0 to 25 dB, at every step."""
    over = 10.0 * np.log10((peaks + _BLACK) / (floors[..., None] + _BLACK))
    return np.asarray(np.clip(over - _LEAST_DB, 0.0, _MOST_DB))


def _judged(family_hz: int, peaks: Kept, floors: Kept, fine_hz: Floats) -> Hum:
    """One family, ``(stretches, harmonics, steps)``: the path of the mains, and its lines."""
    path = _path(scores_db(peaks, floors).sum(axis=1))
    power = peaks[np.arange(len(path)), :, path].astype(np.float64)
    n_quiet = max(1, round(_QUIET * len(path)), min(3, len(path)))
    lines: list[HumLine] = []  # that show that there is hum
    others: list[HumLine] = []  # that are part of it then
    steady: list[float] = []
    for n, line, beside in zip(range(1, _HARMONICS + 1), power.T, floors.T, strict=True):
        order = np.argsort(np.where(beside > 0.0, beside, np.inf), kind="stable")[:n_quiet]
        over_db = 10.0 * np.log10((line[order] + _BLACK) / (beside[order] + _BLACK))
        line_db = 10.0 * np.log10(line[order] + _BLACK)
        spread = float(np.subtract(*np.percentile(line_db, (75, 25))))
        found = HumLine(n, float(np.median(line_db)), float(np.median(over_db)))
        if found.rms_dbfs < _WEAKEST_DB:
            continue
        if np.percentile(over_db, 20) > _OVER_DB and spread < _STEADY_DB:
            lines.append(found)
            steady.append(1.0 - 0.5 * spread / _STEADY_DB)
        elif np.percentile(over_db, 20) > _LEAST_DB and spread < 2.0 * _STEADY_DB:
            others.append(found)
    low = sum(line.harmonic <= 3 for line in lines)
    if len(lines) < _FEWEST or (low < _LOW_FEWEST and len(lines) < _MANY):
        return Hum()
    confidence = min(1.0, len(lines) / _SURE_LINES) * float(np.mean(steady))
    confidence *= min(1.0, len(path) / _STEADY_STRETCHES)
    lines = sorted(lines + others, key=lambda line: line.harmonic)
    hz = family_hz + _STEP_HZ * (path - peaks.shape[2] // 2)
    near = np.abs(fine_hz - hz) < 1.5 * _STEP_HZ
    best = fine_hz[near] if near.any() else hz
    return Hum(
        mains_hz=round(float(np.median(best)), 3),
        family_hz=family_hz,
        drift_hz=float(hz.max() - hz.min()),
        lines=tuple(lines),
        rms_dbfs=10.0 * math.log10(sum(10.0 ** (line.rms_dbfs / 10.0) for line in lines)),
        confidence=confidence,
    )


def _path(score: Floats) -> NDArray[np.int64]:
    """The way through ``(stretches, steps)`` with the largest sum that moves two steps at most."""
    stretches, steps = score.shape
    total = score[0].copy()
    came = np.zeros((stretches, steps), dtype=np.int64)
    moves = np.arange(-_MOVE, _MOVE + 1)
    for k in range(1, stretches):
        padded = np.pad(total, _MOVE, constant_values=-np.inf)
        options = np.stack([padded[_MOVE + m : _MOVE + m + steps] - 1.0 * abs(m) for m in moves])
        best = options.argmax(axis=0)
        came[k] = np.arange(steps) + moves[best]
        total = options[best, np.arange(steps)] + score[k]
    path = np.empty(stretches, dtype=np.int64)
    path[-1] = int(total.argmax())
    for k in range(stretches - 1, 0, -1):
        path[k - 1] = came[k, path[k]]
    return path
