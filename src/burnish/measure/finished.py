"""Finished: a finished master looked at closely, and what is looked at in nothing but a master.

The detectors of ``examine`` without the music's, and one more: runs at full scale, the offset of
every second, the first and last samples, and how the sound begins and ends.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from burnish.measure.examine import DETECTORS, Detector, Examination, Examiner
from burnish.measure.low_end import LowEnd
from burnish.measure.meter import Meter
from burnish.measure.model import Measurement
from burnish.measure.music import Music
from burnish.units import db_from_gain, db_from_power

if TYPE_CHECKING:
    from burnish.audio import Source

Floats = NDArray[np.float64]

_FULL_SCALE = 0.99426  # -0.05 dBFS
_RUN = 3
_SAME = 4e-5  # of full scale: one step of 16 bits, for what was dithered since
_STEEP = 2.5e-4  # the step to or from a run: 8 LSB of 16 bits; the crest of a slow wave has none
_MOST_RUNS = 100_000
_WINDOWS_PER_S = 100
_LAST_S = 0.05

_NO_MUSIC = Music(None, None, LowEnd(None, None, (), None, None), None, ())


@dataclass(frozen=True)
class Run:
    """Equal samples in a row at full scale, of one channel."""

    start_s: float
    samples: int


@dataclass(frozen=True, eq=False)
class Ends:
    """What only a finished master is asked. Decibels are of full scale; silence is -inf.

    ``runs`` are three or more equal samples in a row at -0.05 dBFS or over, into or out of which
    the wave jumps. ``offset`` is the mean of every whole second, ``(seconds, channels)``, linear.
    ``first_dbfs`` and ``last_dbfs`` are the heights of the first and the last sample, of the louder
    channel, and ``last_50_ms_dbfs`` the RMS of the last 50 ms. ``power`` is the mean square of
    every 10 ms, of the louder channel.
    """

    runs: tuple[Run, ...]
    offset: Floats
    first_dbfs: float
    last_dbfs: float
    last_50_ms_dbfs: float
    power: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Finished:
    """A finished master, examined: ``examined.music`` is empty, nobody listened to it."""

    examined: Examination
    ends: Ends

    @property
    def measured(self) -> Measurement:
        """What was measured of it."""
        return self.examined.measured


class EndsDetector:
    """Gathers what ``Ends`` tells, by whole seconds. It keeps 0.4 kB of each."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._n_samples = 0
        self._runs: list[Run] = []
        self._open: list[tuple[float, int, float] | None] = [None] * channels
        self._before = np.zeros(channels)
        self._offset: list[Floats] = []
        self._first: float | None = None
        self._last = np.zeros((channels, 0))
        self._power = bytearray()

    def feed(self, piece: Floats) -> None:
        """Take the next piece."""
        n = piece.shape[1]
        if not n:
            return
        if self._first is None:
            self._first = float(np.abs(piece[:, 0]).max())
        for channel, wave in enumerate(piece):
            self._at_top(channel, wave)
        if n == self._rate_hz:
            self._offset.append(piece.mean(axis=1))
        edges = np.arange(0, n * _WINDOWS_PER_S, self._rate_hz) // _WINDOWS_PER_S
        edges = np.unique(edges[edges < n])
        sums = np.add.reduceat(np.square(piece), edges, axis=1).max(axis=0)
        self._power += (sums / np.diff(edges, append=n)).astype(np.float32).tobytes()
        keep = max(1, round(_LAST_S * self._rate_hz))
        self._last = np.concatenate((self._last, piece[:, -keep:]), axis=1)[:, -keep:]
        self._before = piece[:, -1].copy()
        self._n_samples += n

    def finish(self, measured: Measurement) -> Ends:
        """What was found."""
        for channel in range(len(self._open)):
            self._close(channel, 0.0)
        last = self._last
        some = last.shape[1] > 0
        return Ends(
            runs=tuple(sorted(self._runs, key=lambda run: run.start_s)),
            offset=np.array(self._offset).reshape(-1, len(self._open)),
            first_dbfs=db_from_gain(self._first or 0.0),
            last_dbfs=db_from_gain(float(np.abs(last[:, -1]).max())) if some else -math.inf,
            last_50_ms_dbfs=(
                db_from_power(float(np.mean(last**2, axis=1).max())) if some else -math.inf
            ),
            power=np.frombuffer(bytes(self._power), dtype=np.float32),
        )

    def _at_top(self, channel: int, wave: Floats) -> None:
        """Follow the runs of one channel; one that reaches the piece's end stays open."""
        top = np.flatnonzero(np.abs(wave) >= _FULL_SCALE)
        held = self._open[channel]
        if held is not None and not (len(top) and top[0] == 0 and _equal(wave[0], held[0])):
            self._close(channel, float(wave[0]))
        if not len(top):
            return
        apart = (np.diff(top) > 1) | (np.abs(np.diff(wave[top])) > _SAME)
        cuts = np.flatnonzero(apart) + 1
        for group in np.split(top, cuts):
            first, last = int(group[0]), int(group[-1])
            open_run = self._open[channel]
            before = float(wave[first - 1]) if first else float(self._before[channel])
            start, length = self._n_samples + first, last - first + 1
            if open_run is not None and first == 0:
                start, length, before = (
                    open_run[1],
                    length + self._n_samples - open_run[1],
                    open_run[2],
                )
            self._open[channel] = (float(wave[last]), start, before)
            if last + 1 < len(wave):
                self._close(channel, float(wave[last + 1]), length)

    def _close(self, channel: int, after: float, length: int | None = None) -> None:
        held = self._open[channel]
        self._open[channel] = None
        if held is None:
            return
        value, start, before = held
        samples = self._n_samples - start if length is None else length
        jumps = max(abs(value - before), abs(value - after)) > _STEEP
        if samples >= _RUN and jumps and len(self._runs) < _MOST_RUNS:
            self._runs.append(Run(start / self._rate_hz, samples))


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME


_OF_A_MASTER: dict[str, Callable[[int, int], Detector]] = {
    **{name: make for name, make in DETECTORS.items() if name != "music"},
    "ends": EndsDetector,
}


def examine_finished(
    source: "Source",
    progress: Callable[[float], None] | None = None,
    measured: Measurement | None = None,
    threads: bool = True,
) -> Finished:
    """Measure and examine a finished master in one pass.

    With ``measured``, what was measured of the same samples before, only the detectors run.
    ``threads``: in threads of its own; without, in the caller's.
    """
    info = source.info
    done = 0
    with (
        Meter(info.rate_hz, info.channels, threads=threads and measured is None) as meter,
        Examiner(info.rate_hz, info.channels, threads=threads, detectors=_OF_A_MASTER) as examiner,
    ):
        for block in source.blocks():
            if measured is None:
                meter.feed(block)
            examiner.feed(block)
            done += block.shape[1]
            if progress is not None:
                progress(done / info.n_samples)
        if measured is None:
            file = None if info.path is None else str(info.path)
            measured = meter.finish(file, info.format, info.bits)
        found = examiner.found(measured)
    ends = found.pop("ends")
    return Finished(Examination(measured=measured, info=info, music=_NO_MUSIC, **found), ends)
