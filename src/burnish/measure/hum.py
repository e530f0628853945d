"""Hum: the mains in the sound, a row of steady lines at the multiples of 50 or of 60 Hz."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class HumLine:
    """One line: which multiple of the mains, its RMS in dBFS, and how far it stands out.

    ``over_db`` is its power over what a window of 8 s holds beside it, within a few Hz, in decibels.
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
