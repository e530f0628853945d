"""Cutting: what a groove or a tape has to carry, in windows of 50 ms. It says, it never judges.

A groove moves sideways with the middle and up and down with the side. Bass in the side, treble that
is loud for a moment, and what lies under 20 Hz are what a cutting head cannot follow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade
from burnish.dsp.mid_side import to_mid_side

if TYPE_CHECKING:
    from burnish.audio import Source

Floats = NDArray[np.float64]
Kept = NDArray[np.float32]

WINDOWS_PER_S = 20
LOUD_WINDOWS = 8
"""400 ms: what counts as loud, and as a correlation that lasts."""

BASS_HZ, UPPER_BASS_HZ = (20.0, 150.0), (150.0, 300.0)
SIBILANCE_HZ, TREBLE_HZ = (6000.0, 12_000.0), (8000.0, 16_000.0)
INFRASONIC_HZ = 20.0
_HIGHEST, _HIGHEST_LOW = 0.45, 0.3  # of the rate: a band that begins above has nothing in it

EXCURSION = matched.Analogue(100.0, (1.0, 2.0, 0.0), (1.0, 5.2, 1.0))
"""From a signal to how far its groove swings, but for a constant.

The recording curve (IEC 60098: 3180 and 318 us) over the integral of velocity: level between 50 and
500 Hz, falling 6 dB/octave above, and rising below 50 Hz as far as 20 Hz, where a high-pass stands.
"""

_COLUMNS = (
    *("bass_mid", "bass_side", "upper_mid", "upper_side"),
    *("left", "right", "cross", "sibilance", "sibilance_peak", "treble", "infrasonic"),
    *("lateral", "vertical"),
)


@dataclass(frozen=True, eq=False)
class Cutting:
    """One entry a window. Powers are mean squares; ``mid`` is (L + R) / 2, ``side`` (L - R) / 2.

    ``bass`` is 20 to 150 Hz, ``upper`` 150 to 300 Hz; ``sibilance`` 6 to 12 kHz with its largest
    sample, ``treble`` 8 to 16 kHz, both of the louder channel; ``infrasonic`` lies under 20 Hz.
    ``lateral`` and ``vertical`` are the largest excursions in each window, in one unit. ``dc`` is
    the mean of each channel over all of it.
    """

    table: Kept
    duration_s: float
    dc: tuple[float, ...]

    def __getattr__(self, name: str) -> Floats:
        if name in _COLUMNS:
            return np.asarray(self.table[:, _COLUMNS.index(name)], dtype=np.float64)
        raise AttributeError(name)

    def part(self, start_s: float, stop_s: float) -> "Cutting":
        """What lies between two moments, in whole windows."""
        a, b = round(start_s * WINDOWS_PER_S), round(stop_s * WINDOWS_PER_S)
        table = self.table[a:b]
        return Cutting(table, len(table) / WINDOWS_PER_S, self.dc)

    @cached_property
    def loud_power(self) -> float:
        """Power of the loud moments: the 95th percentile of every 400 ms, both channels' mean."""
        power = moving_mean((self.left + self.right) / 2.0, LOUD_WINDOWS)
        return float(np.percentile(power, 95)) if len(power) else 0.0

    def correlation(self) -> Floats:
        """Between the channels, over 400 ms that begin at each window; 1 for mono and silence."""
        left, right, cross = (
            moving_mean(column, LOUD_WINDOWS) for column in (self.left, self.right, self.cross)
        )
        both = np.sqrt(left * right)
        heard = both > 1e-9
        return np.where(heard, cross / np.where(heard, both, 1.0), 1.0)


def moving_mean(values: Floats, size: int) -> Floats:
    """The mean of every ``size`` neighbours; of all there is where there is less."""
    size = min(size, len(values))
    if not size:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, size)
    return np.asarray(windows.mean(axis=1))


class CuttingDetector:
    """Fed whole seconds, the last piece perhaps shorter; 4 MB an hour."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._channels = channels
        edges = [round(k * rate_hz / WINDOWS_PER_S) for k in range(WINDOWS_PER_S)]
        self._edges = np.array(edges)
        self._rows: list[Kept] = []
        self._n_samples = 0
        self._total = np.zeros(channels)

        def band(low_hz: float, high_hz: float, order: int) -> Cascade | None:
            if low_hz > _HIGHEST_LOW * rate_hz:
                return None
            shapes = matched.high_pass(low_hz, 4)
            if high_hz < _HIGHEST * rate_hz:
                shapes = (*shapes, *matched.low_pass(high_hz, order))
            return cascade(shapes)

        def cascade(shapes: tuple[matched.Analogue, ...]) -> Cascade:
            return Cascade([matched.sections(shapes, rate_hz)] * channels)

        self._bass = cascade((*matched.high_pass(BASS_HZ[0], 2), *matched.low_pass(BASS_HZ[1], 4)))
        self._upper = band(*UPPER_BASS_HZ, 4)
        self._sibilance = band(*SIBILANCE_HZ, 2)
        self._treble = band(*TREBLE_HZ, 2)
        self._infrasonic = cascade(matched.low_pass(INFRASONIC_HZ, 8))
        self._excursion = cascade((EXCURSION,))

    def feed(self, piece: Floats) -> None:
        """Take the next piece; it is not changed."""
        n_samples = piece.shape[1]
        if not n_samples:
            return
        self._n_samples += n_samples
        self._total += piece.sum(axis=1)
        edges = self._edges[self._edges < n_samples]
        lengths = np.diff(np.append(edges, n_samples)).astype(np.float64)

        def powers(samples: Floats) -> Floats:
            return np.add.reduceat(samples * samples, edges, axis=1) / lengths

        def largest(samples: Floats) -> Floats:
            return np.asarray(np.maximum.reduceat(np.abs(samples), edges, axis=1))

        stereo = self._channels == 2
        parts = to_mid_side(piece) if stereo else piece

        def within(band: Cascade | None, samples: Floats) -> Floats:
            return np.zeros_like(samples) if band is None else band.process(samples)

        bass, upper = powers(self._bass.process(parts)), powers(within(self._upper, parts))
        swing = largest(self._excursion.process(parts))
        sibilant = within(self._sibilance, piece)
        square = powers(piece)
        cross = square[0]
        if stereo:
            cross = np.add.reduceat(piece[0] * piece[1], edges) / lengths
        nothing = np.zeros(len(edges))
        columns = (
            *(bass[0], bass[1] if stereo else nothing),
            *(upper[0], upper[1] if stereo else nothing),
            *(square[0], square[-1], cross),
            *(powers(sibilant).max(axis=0), largest(sibilant).max(axis=0)),
            powers(within(self._treble, piece)).max(axis=0),
            powers(self._infrasonic.process(piece)).mean(axis=0),
            *(swing[0], swing[1] if stereo else nothing),
        )
        self._rows.append(np.stack(columns, axis=1).astype(np.float32))

    def finish(self) -> Cutting:
        """All windows. What is left of the last one counts as one."""
        table = np.concatenate(self._rows) if self._rows else np.zeros((0, len(_COLUMNS)))
        dc = tuple(float(total) / max(1, self._n_samples) for total in self._total)
        return Cutting(table.astype(np.float32), self._n_samples / self._rate_hz, dc)


def cutting(
    source: "Source",
    progress: Callable[[float], None] | None = None,
    start: int = 0,
    stop: int | None = None,
) -> Cutting:
    """Look at an open source, or at its samples from ``start`` to ``stop``, in one pass."""
    info = source.info
    detector = CuttingDetector(info.rate_hz, info.channels)
    stop = info.n_samples if stop is None else stop
    done = 0
    for piece in source.blocks(info.rate_hz, start, stop):
        detector.feed(piece)
        done += piece.shape[1]
        if progress is not None:
            progress(done / max(1, stop - start))
    return detector.finish()
