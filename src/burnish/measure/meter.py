"""The meter: takes a stream in any blocks, and gives one ``Measurement`` at the end."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.truepeak import PAD
from burnish.errors import InputError
from burnish.measure import dynamics, loudness, noise, peaks, spectrum, stereo
from burnish.measure.bands import BandPowers, BandSeries
from burnish.measure.defects import DefectSearch
from burnish.measure.loudness import MOMENTARY_SEGMENTS, FineMaxima, gate_power, sliding_sum
from burnish.measure.model import Measurement, SourceNote, Timeline
from burnish.measure.segments import SegmentSeries
from burnish.measure.walk import Walk

if TYPE_CHECKING:
    from burnish.audio import Audio, Source

Floats = NDArray[np.float64]

_PIECE_SAMPLES = 65_536  # at least: pieces are whole seconds, so that all grids start afresh
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 8_000, 768_000
_WAITING = 3  # pieces that may wait for each worker: more costs memory and gains nothing


class Meter:
    """Measures a stream of mono or stereo blocks; any split of it gives the same bits.

    Memory is constant but for some 10 MB an hour. With ``threads`` the work is done beside the
    caller's, in two threads; use it as a context manager then, so that they end with it.
    """

    def __init__(self, rate_hz: int, channels: int, *, threads: bool = False) -> None:
        if not _LOWEST_RATE_HZ <= rate_hz <= _HIGHEST_RATE_HZ:
            raise InputError(
                "input-rate",
                f"rate_hz={rate_hz}: must be {_LOWEST_RATE_HZ} to {_HIGHEST_RATE_HZ} Hz",
            )
        if channels not in (1, 2):
            raise InputError("input-channels", f"channels={channels}: must be 1 or 2")
        self._rate_hz = rate_hz
        self._channels = channels
        self._n_samples = 0
        self._size = rate_hz * -(-_PIECE_SAMPLES // rate_hz)
        # A piece lies between PAD samples of what is before it and PAD of what comes after.
        self._piece = np.zeros((channels, self._size + 2 * PAD))
        self._filled = PAD
        self._walk = Walk(rate_hz, channels)
        self._segments = SegmentSeries(rate_hz, channels)
        self._maxima = FineMaxima(rate_hz)
        self._fine = dynamics.FineLevels()
        self._defects = DefectSearch(rate_hz, channels)
        self._bands = BandSeries(rate_hz, channels)
        self._peaks = peaks.TruePeakSeries(rate_hz, channels)
        # In time, and in frequency: each is about half of the work.
        self._lanes = [Lane(self._in_time, threads), Lane(self._in_frequency, threads)]

    def feed(self, block: Floats) -> None:
        """Take the next ``(channels, n)`` samples, n >= 0; NaN and infinity: ``InputError``."""
        taken = 0
        while taken < block.shape[1]:
            n = min(block.shape[1] - taken, self._piece.shape[1] - self._filled)
            self._piece[:, self._filled : self._filled + n] = block[:, taken : taken + n]
            self._filled += n
            taken += n
            if self._filled == self._piece.shape[1]:
                self._send(self._size)
        self._n_samples += block.shape[1]

    def finish(
        self, file: str | None = None, format: str = "memory", bits: int | None = 64
    ) -> Measurement:
        """End the stream and say what was measured; the arguments are what is known of its file."""
        left = self._filled - PAD
        self._piece[:, self._filled :] = 0.0
        while left > 0:
            n = min(left, self._size)
            self._send(n)
            left -= n
        for lane in self._lanes:
            lane.finish()
        segments = self._segments.finish(self._n_samples)
        true_peak = self._peaks.finish()
        powers = self._bands.finish()
        power = segments.weighted_power
        passing = passing_windows(power, powers)
        loud = loudness.summarise(power, *self._maxima.powers())
        peak = peaks.summarise(true_peak, self._peaks.largest_4x, segments.largest)
        image = stereo.summarise(segments, powers, passing, self._bands.interchannel)
        fine = self._fine.finish(self._rate_hz)
        return Measurement(
            file=file,
            source=SourceNote(
                format=format,
                bits=bits,
                rate_hz=self._rate_hz,
                channels=self._channels,
                n_samples=self._n_samples,
                duration_s=self._n_samples / self._rate_hz,
            ),
            loudness=loud,
            peaks=peak,
            dynamics=dynamics.summarise(loud, peak, segments, true_peak, fine, powers),
            spectrum=spectrum.summarise(powers, passing, self._rate_hz),
            stereo=image,
            noise=noise.summarise(segments, powers, passing),
            defects=self._defects.finish(segments, image),
            timeline=Timeline(power, true_peak.max(axis=0)[: len(power)], powers),
        )

    def close(self) -> None:
        """End the threads, without finishing what waits."""
        for lane in self._lanes:
            lane.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, n: int) -> None:
        """Hand on n samples of the piece, with what is around them, and begin the next."""
        piece = self._piece[:, : n + 2 * PAD]
        self._piece = np.zeros_like(self._piece)
        rest = piece[:, n:]
        self._piece[:, : rest.shape[1]] = rest
        self._filled -= n
        for lane in self._lanes:
            lane.send(piece)

    def _in_time(self, piece: Floats) -> None:
        inner = piece[:, PAD:-PAD]
        hops = self._walk.feed(inner)
        self._segments.feed(hops)
        energy = hops.weighted[:, : hops.n_whole].sum(axis=0)
        self._maxima.feed(energy)
        self._fine.feed(energy)
        self._defects.feed(inner)
        self._peaks.feed(piece)

    def _in_frequency(self, piece: Floats) -> None:
        self._bands.feed(piece[:, PAD:-PAD])


class Lane:
    """Work that is done in order, here or in a thread of its own."""

    def __init__(self, work: Callable[[Floats], None], threads: bool) -> None:
        self._work = work
        self._pool = ThreadPoolExecutor(1) if threads else None
        self._waiting: deque[Future[None]] = deque()

    def send(self, piece: Floats) -> None:
        """Work on this piece, after those before it. It is not to be changed from now on."""
        if self._pool is None:
            self._work(piece)
            return
        self._waiting.append(self._pool.submit(self._work, piece))
        if len(self._waiting) > _WAITING:
            self._waiting.popleft().result()

    def finish(self) -> None:
        """Wait until all is done; what went wrong is raised here."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """End the thread, without doing what waits."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def passing_windows(segment_power: Floats, powers: BandPowers) -> NDArray[np.bool_]:
    """Which windows pass the gate: each lies in every second block. All do where none passes."""
    blocks = sliding_sum(segment_power, MOMENTARY_SEGMENTS) / MOMENTARY_SEGMENTS
    passing = np.asarray(blocks > gate_power(blocks))[::2]
    n_windows = len(powers.a_weighted)
    return passing if passing.any() else np.ones(n_windows, dtype=np.bool_)


def measure(
    sound: "str | Path | Source | Audio",
    progress: Callable[[float], None] | None = None,
    threads: bool = True,
) -> Measurement:
    """Measure a file, an open source or audio in memory, in one pass.

    ``progress`` is called with the part that is done, 0 to 1. ``threads``: in two of its own;
    without, in the caller's. Any length: with no samples peaks are
    -inf and the rest is None. Raises ``InputError`` for what cannot be read.
    """
    from burnish.audio import Audio, AudioSource, open_source

    if isinstance(sound, str | Path):
        with open_source(sound) as source:
            return measure(source, progress, threads)
    if isinstance(sound, Audio):
        sound = AudioSource(sound)
    info = sound.info
    done = 0
    with Meter(info.rate_hz, info.channels, threads=threads) as meter:
        for block in sound.blocks():
            meter.feed(block)
            done += block.shape[1]
            if progress is not None:
                progress(done / info.n_samples)
        file = None if info.path is None else str(info.path)
        return meter.finish(file, info.format, info.bits)
