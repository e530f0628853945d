"""A side of a record or a cassette as read back, and how something is told of it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.clipping import Clipping
from burnish.measure.cutting import LOUD_WINDOWS, WINDOWS_PER_S, Cutting
from burnish.measure.ranges import Range, merged_s, ranges_s, total_s
from burnish.qc.grade import severity_of
from burnish.targets.record import Record

Floats = NDArray[np.float64]

_MOST_TIMES = 12


@dataclass(frozen=True)
class Song:
    """Where a song lies in the file of its side."""

    number: str
    """As it stands on the label: A1, A2 ..."""
    title: str
    start_s: float
    end_s: float
    kept: bool = True
    """As it was mastered; else it came without its limiter."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A side as read back, and what it is for. Without a ``record`` it is a tape.

    ``sibilance_db`` and ``treble_db`` are the limits at the fastest groove, 51 cm/s, or the tape's.
    """

    name: str
    medium: str
    """"vinyl" or "cassette": the codes of its findings begin with it."""
    measured: Measurement
    cutting: Cutting
    clipping: Clipping
    songs: tuple[Song, ...]
    ceiling_dbtp: float
    sibilance_db: float
    treble_db: float
    outer_cm_s: float = 51.0
    record: Record | None = field(default=None)

    @property
    def duration_s(self) -> float:
        """How long its file plays."""
        return self.measured.source.duration_s

    def groove_cm_s(self) -> Floats:
        """Speed of the groove in each window; the outer one's where there is no record."""
        n = len(self.cutting.table)
        if self.record is None or not self.songs:
            return np.full(n, self.outer_cm_s)
        start, end = self.songs[0].start_s, self.songs[-1].end_s
        speeds = [self.record.groove_cm_s(at, end - start) for at in (0.0, end - start)]
        return np.interp(np.arange(n) / WINDOWS_PER_S, (start, end), speeds)


def finding(
    side: Carried,
    code: str,
    size: float,
    title: str,
    detail: str,
    advice: str,
    times_s: tuple[Range, ...] = (),
    frequency_hz: float | None = None,
    **evidence: float | int | str | None,
) -> Finding:
    """A finding of that side; its severity follows its size."""
    whole = total_s(times_s) >= 0.8 * side.duration_s
    return Finding(
        code=f"{side.medium}-{code}",
        severity=severity_of(size),
        title=f"Side {side.name}: {title}",
        detail=detail,
        advice=advice,
        confidence=0.8,
        times_s=() if whole else times_s,
        frequency_hz=frequency_hz,
        evidence={"side": side.name, **evidence},
        size=round(size, 2),
        about="master",
    )


def power_db(power: Floats, of: float) -> Floats:
    """Powers in dB against another; silence is -120 dB of full scale."""
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12) / of))


def times_of(
    shown: NDArray[np.bool_], *, gap_s: float = 0.0, least_s: float = 0.0
) -> tuple[Range, ...]:
    """Where windows of 50 ms show something."""
    return merged_s(
        ranges_s(shown, 1.0 / WINDOWS_PER_S), gap_s=gap_s, least_s=least_s, most=_MOST_TIMES
    )


def lasting(shown: NDArray[np.bool_], least_s: float) -> tuple[Range, ...]:
    """Of windows of 400 ms, 50 ms apart: where they show something for as long as ``least_s``."""
    window_s = LOUD_WINDOWS / WINDOWS_PER_S
    found = ranges_s(shown, 1.0 / WINDOWS_PER_S, window_s=window_s)
    return merged_s(found, gap_s=0.3, least_s=least_s + window_s, most=_MOST_TIMES)
