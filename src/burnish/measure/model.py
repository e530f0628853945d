"""Measurement: the frozen record of all that was measured, and its JSON."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish import __version__
from burnish.measure.bands import BandPowers
from burnish.measure.defects import Defects
from burnish.measure.dynamics import Dynamics
from burnish.measure.loudness import (
    MOMENTARY_SEGMENTS,
    SHORT_TERM_SEGMENTS,
    Loudness,
    lufs_of,
    sliding_sum,
)
from burnish.measure.noise import Noise
from burnish.measure.peaks import Peaks
from burnish.measure.segments import SEGMENTS_PER_S
from burnish.measure.spectrum import Spectrum
from burnish.measure.stereo import Stereo

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SourceNote:
    """What was measured: kind of file, stored bits (None: lossy), rate, channels, length."""

    format: str
    bits: int | None
    rate_hz: int
    channels: int
    n_samples: int
    duration_s: float


@dataclass(frozen=True, eq=False)
class Timeline:
    """What every 100 ms holds, for plots: entry k is the moment (k + 1) * 0.1 s.

    ``segment_power`` is the K-weighted power of each whole 100 ms, summed over the channels;
    ``segment_true_peak`` the linear true peak of each, of all channels, at 16x. The meters start
    from silence, as a running meter does. ``bands`` holds the powers of windows around every second
    gating block, for those who compare two sounds; it is not in the JSON.
    """

    segment_power: Floats
    segment_true_peak: Floats
    bands: BandPowers

    @property
    def time_s(self) -> Floats:
        """The end of each segment."""
        return np.arange(1, len(self.segment_power) + 1) / SEGMENTS_PER_S

    @property
    def momentary_lufs(self) -> Floats:
        """Loudness of the 400 ms before each moment."""
        return self._loudness(MOMENTARY_SEGMENTS)

    @property
    def short_term_lufs(self) -> Floats:
        """Loudness of the 3 s before each moment."""
        return self._loudness(SHORT_TERM_SEGMENTS)

    @property
    def true_peak_dbtp(self) -> Floats:
        """True peak of the 100 ms before each moment."""
        with np.errstate(divide="ignore"):
            return np.asarray(20.0 * np.log10(self.segment_true_peak))

    def _loudness(self, n_segments: int) -> Floats:
        padded = np.concatenate((np.zeros(n_segments - 1), self.segment_power))
        return lufs_of(sliding_sum(padded, n_segments) / n_segments)


@dataclass(frozen=True)
class Measurement:
    """All that was measured of one sound. -inf is silence, None what cannot be measured."""

    file: str | None
    source: SourceNote
    loudness: Loudness
    peaks: Peaks
    dynamics: Dynamics
    spectrum: Spectrum
    stereo: Stereo
    noise: Noise
    defects: Defects
    timeline: Timeline = dataclasses.field(compare=False, repr=False)

    def to_json(self, timeline: bool = False) -> dict[str, Any]:
        """The contract's ``measure`` document, of plain numbers, strings, lists and None.

        Silence is None with ``..._is_silence`` true beside it; the infinity of a ratio to silence
        is None with ``..._is_infinite``; in lists both are None. ``timeline`` adds the loudness and
        true peak of every 100 ms.
        """
        document: dict[str, Any] = {"burnish": __version__, "file": self.file}
        for field in dataclasses.fields(self)[1:-1]:
            document[field.name] = _plain(getattr(self, field.name))
        if timeline:
            names = ("time_s", "momentary_lufs", "short_term_lufs", "true_peak_dbtp")
            document["timeline"] = {
                name: [_number(round(float(v), 3)) for v in getattr(self.timeline, name)]
                for name in names
            }
        return document


def _number(value: Any) -> Any:
    """The value, or None where JSON has no word for it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(record: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, tuple):
            plain[field.name] = [_number(entry) for entry in value]
            continue
        plain[field.name] = _number(value)
        if value == -math.inf:
            plain[f"{field.name}_is_silence"] = True
        elif value == math.inf:
            plain[f"{field.name}_is_infinite"] = True
    return plain
