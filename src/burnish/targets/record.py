"""Records: what fits on a side, how loud it may be cut, and how fast its groove runs. Facts.

The relative level against the length of a side is Zenith Records' table for 12 and 7 inches
(zenithrecords.org/51-2). For 10 inches no table was found: 12 inches' own is taken with its minutes
shortened by the ratio of the longest sides that 100vinyl.com gives for the two sizes, which is that
of their radial bands, too (0.69 to 0.70). What is longer than ``hard_min`` is not taken without a
waiver (practice; opinion). Radii are those of IEC 60098, as practice has them.
"""

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from burnish.errors import SettingError
from burnish.targets.model import Confidence

_TEN_OF_TWELVE = 13.5 / 19.5

_LEVELS: dict[tuple[int, int], tuple[tuple[float, float], ...]] = {
    (12, 33): ((14, 4), (18, 2), (20, 1), (22, 0), (24, -1)),
    (12, 45): ((10, 4), (12, 4), (14, 2), (16, 0)),
    (7, 33): ((5, 2), (6, 0), (7, -1), (8, -2)),
    (7, 45): ((3, 3), (4, 1), (5, 0), (6, -1)),
}
_LONGEST_MIN: dict[tuple[int, int], tuple[float, float]] = {  # recommended, hard
    (12, 33): (24.0, 27.0),
    (12, 45): (14.0, 16.0),
    (10, 33): (13.5, 15.5),
    (10, 45): (10.0, 11.5),
    (7, 33): (7.0, 8.0),
    (7, 45): (5.0, 6.0),
}
_RADII_MM = {12: (146.05, 60.3), 10: (120.65, 60.3), 7: (84.1, 53.2)}
TURNS_PER_MIN = {33: 100.0 / 3.0, 45: 45.0}


@dataclass(frozen=True)
class Record:
    """One size at one speed. ``levels`` are (minutes of a side, dB re the table's reference)."""

    inches: int
    rpm: int
    levels: tuple[tuple[float, float], ...]
    recommended_min: float
    hard_min: float
    outer_mm: float
    inner_mm: float
    confidence: Confidence

    @property
    def title(self) -> str:
        """As it is called: 12", 33 rpm."""
        return f'{self.inches}", {self.rpm} rpm'

    def level_db(self, length_s: float) -> float:
        """Level that a side of this length may be cut at, straight between the table's lines.

        What is shorter than the shortest gets no more; beyond the longest the last slope goes on.
        """
        minutes = length_s / 60.0
        if minutes <= self.levels[0][0]:
            return self.levels[0][1]
        for (a, a_db), (b, b_db) in pairwise(self.levels):
            if minutes <= b or b == self.levels[-1][0]:
                return a_db + (b_db - a_db) * (minutes - a) / (b - a)
        raise ValueError("levels: must hold two or more")

    def radius_mm(self, at_s: float, length_s: float) -> float:
        """Where the groove is at a moment of a side, at an even pitch.

        A side as long as is recommended fills the whole band; a shorter one as much less.
        """
        filled = min(1.0, length_s / (60.0 * self.recommended_min))
        part = 0.0 if length_s <= 0.0 else min(1.0, max(0.0, at_s / length_s))
        return self.outer_mm - (self.outer_mm - self.inner_mm) * filled * part

    def groove_cm_s(self, at_s: float, length_s: float) -> float:
        """How fast the groove runs there: 51 cm/s outside and 21 inside, for 12 inches at 33."""
        turns_per_s = TURNS_PER_MIN[self.rpm] / 60.0
        return 0.1 * 2.0 * math.pi * self.radius_mm(at_s, length_s) * turns_per_s


@cache
def record_of(inches: int, rpm: int) -> Record:
    """The record of that size and speed; others are a ``SettingError``."""
    if (inches, rpm) not in _LONGEST_MIN:
        raise SettingError(
            "setting-range", f"inches={inches}, rpm={rpm}: must be 7, 10 or 12 at 33 or 45"
        )
    sourced = (inches, rpm) in _LEVELS
    levels = _LEVELS[inches if sourced else 12, rpm]
    if not sourced:
        levels = tuple((round(_TEN_OF_TWELVE * minutes, 2), db) for minutes, db in levels)
    return Record(
        inches,
        rpm,
        tuple((float(minutes), float(db)) for minutes, db in levels),
        *_LONGEST_MIN[inches, rpm],
        *_RADII_MM[inches],
        "medium" if sourced else "low",
    )
