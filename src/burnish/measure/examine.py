"""Examine: a closer look than ``measure``, for those who look for faults and mend them.

The samples are decoded once. Each detector is fed whole seconds (the last piece is shorter), so any
split of the stream gives the same bits, and ends with a frozen record of what it found. It says
what is there, never whether that is good: ``qc`` judges, ``engineer`` decides.
"""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from burnish.measure.clicks import ClickDetector, Clicks
from burnish.measure.clipping import Clipping, ClippingDetector
from burnish.measure.continuity import Continuity, ContinuityDetector
from burnish.measure.hiss import Hiss, HissDetector
from burnish.measure.hum import Hum, HumDetector
from burnish.measure.meter import Lane, Meter
from burnish.measure.model import Measurement
from burnish.measure.music import Music, MusicDetector
from burnish.measure.resolution import Resolution, ResolutionDetector

if TYPE_CHECKING:
    from burnish.audio import Audio, Source, SourceInfo

Floats = NDArray[np.float64]


class Detector(Protocol):
    """Looks for one kind of thing in a stream of pieces ``(channels, n)``."""

    def feed(self, piece: Floats) -> None:
        """Take the next piece: a whole second, but for the last. It is not to be changed."""

    def finish(self, measured: Measurement) -> Any:
        """What was found: a frozen record."""


@dataclass(frozen=True, eq=False)
class Examination:
    """All that was found in one sound. ``info`` tells what kind of file it is."""

    measured: Measurement
    info: "SourceInfo"
    clicks: Clicks
    clipping: Clipping
    continuity: Continuity
    music: Music
    resolution: Resolution
    hum: Hum
    hiss: Hiss


DETECTORS: dict[str, Callable[[int, int], Detector]] = {
    "clicks": ClickDetector,
    "clipping": ClippingDetector,
    "continuity": ContinuityDetector,
    "music": MusicDetector,
    "resolution": ResolutionDetector,
    "hum": HumDetector,
    "hiss": HissDetector,
}
"""Field of ``Examination`` -> detector of (rate_hz, channels)."""


_ALONE = "music"
"""The detector that costs as much as half of the others: it works in a lane of its own."""


class Examiner:
    """Feeds every detector, in two lanes: threads of their own where ``threads`` asks for them.

    Use it as a context manager then, so that they end with it.
    """

    def __init__(
        self,
        rate_hz: int,
        channels: int,
        *,
        threads: bool = False,
        detectors: Mapping[str, Callable[[int, int], Detector]] = DETECTORS,
    ) -> None:
        self._detectors = {name: make(rate_hz, channels) for name, make in detectors.items()}
        self._piece = np.zeros((channels, rate_hz))
        self._filled = 0
        alone = [one for name, one in self._detectors.items() if name == _ALONE]
        others = [one for name, one in self._detectors.items() if name != _ALONE]
        self._lanes = [Lane(_feeding(some), threads) for some in (alone, others) if some]

    def feed(self, block: Floats) -> None:
        """Take the next ``(channels, n)`` samples, n >= 0."""
        taken = 0
        while taken < block.shape[1]:
            n = min(block.shape[1] - taken, self._piece.shape[1] - self._filled)
            self._piece[:, self._filled : self._filled + n] = block[:, taken : taken + n]
            self._filled += n
            taken += n
            if self._filled == self._piece.shape[1]:
                self._send()

    def finish(self, measured: Measurement, info: "SourceInfo") -> Examination:
        """End the stream."""
        return Examination(measured=measured, info=info, **self.found(measured))

    def found(self, measured: Measurement) -> dict[str, Any]:
        """End the stream: the record of each detector, by its name."""
        if self._filled:
            self._send()
        for lane in self._lanes:
            lane.finish()
        return {name: one.finish(measured) for name, one in self._detectors.items()}

    def close(self) -> None:
        """End the threads, without finishing what waits."""
        for lane in self._lanes:
            lane.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self) -> None:
        piece = self._piece[:, : self._filled].copy()
        for lane in self._lanes:
            lane.send(piece)
        self._filled = 0


def _feeding(detectors: Sequence[Detector]) -> Callable[[Floats], None]:
    def feed(piece: Floats) -> None:
        for detector in detectors:
            detector.feed(piece)

    return feed


def examine(
    sound: "str | Path | Source | Audio", progress: Callable[[float], None] | None = None
) -> Examination:
    """Measure and examine a file, an open source or audio in memory, in one pass.

    ``progress`` is called with the part that is done, 0 to 1. Raises ``InputError`` for what cannot
    be read.
    """
    from burnish.audio import Audio, AudioSource, open_source

    if isinstance(sound, str | Path):
        with open_source(sound) as source:
            return examine(source, progress)
    if isinstance(sound, Audio):
        sound = AudioSource(sound)
    info = sound.info
    done = 0
    with (
        Meter(info.rate_hz, info.channels, threads=True) as meter,
        Examiner(info.rate_hz, info.channels, threads=True) as examiner,
    ):
        for block in sound.blocks():
            meter.feed(block)
            examiner.feed(block)
            done += block.shape[1]
            if progress is not None:
                progress(done / info.n_samples)
        file = None if info.path is None else str(info.path)
        examined = examiner.finish(meter.finish(file, info.format, info.bits), info)
    _give_back()
    return examined


def _give_back() -> None:
    """Give memory that is free back to the system, where its C library has a call for that.

    glibc keeps what threads that have ended left behind: 70 MB of an hour, which is no use to who
    comes next.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
