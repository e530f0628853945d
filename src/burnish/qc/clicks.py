"""Clicks and pops: how many a minute, and where."""

import math
from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.clicks import Clicks
from burnish.measure.examine import Examination
from burnish.measure.ranges import merged_s
from burnish.qc.grade import severity_of
from burnish.qc.places import when
from burnish.targets import Style

PER_MIN = 1.0  # noted; ten times as many are strong
CLEAR_DB, CLEAR_LEAST = 33.0, 3  # over the usual innovation: three of these are no accident
SOFT_PER_MIN, SOFT_LEAST = 4.0, 6  # softer ones: clean music has up to three a minute
CRACKLE_PER_MIN = 60.0
MOST_PLACES = 20
_SHOWN_S = 0.02


def are_damage(found: Clicks) -> bool:
    """Whether there are more clicks than undamaged music has."""
    soft = found.count >= SOFT_LEAST and found.per_min >= SOFT_PER_MIN
    return (_clear(found) >= CLEAR_LEAST or soft) and found.per_min >= PER_MIN


def _clear(found: Clicks) -> int:
    return sum(db >= CLEAR_DB for db in found.prominence_db)


def clicks(examined: Examination, style: Style) -> Iterator[Finding]:
    """Clicks, if there are more than undamaged music has."""
    found = examined.clicks
    if not are_damage(found):
        return
    clear = _clear(found)
    size = 1.0 + math.log10(found.per_min / PER_MIN)
    places = [(t - _SHOWN_S / 2, t + _SHOWN_S / 2) for t in found.times_s]
    times_s = merged_s(((max(0.0, a), b) for a, b in places), most=MOST_PLACES)
    lengths = sorted(found.lengths_ms)
    is_crackle = found.per_min >= CRACKLE_PER_MIN
    where = when(times_s, examined.measured.source.duration_s)
    yield Finding(
        code="clicks",
        severity=severity_of(size),
        title="Crackle" if is_crackle else "Clicks",
        detail=(
            f"{found.count} click{'s' * (found.count != 1)}, {found.per_min:.1f} a minute, "
            f"typically {lengths[len(lengths) // 2]:.2f} ms long: {where}."
        ),
        advice=(
            "`burnish restore` takes the crackle out before anything else is done."
            if is_crackle
            else f"Look {where} for an edit without a crossfade or a buffer that ran dry; if the "
            "recording itself clicks, `burnish restore` mends it."
        ),
        confidence=min(0.97, 0.6 + 0.05 * clear + 0.01 * found.count),
        times_s=times_s,
        evidence={
            "clicks": found.count,
            "per_min": round(found.per_min, 2),
            "clear": clear,
            "largest_db": round(max(found.prominence_db), 1),
        },
        size=round(size, 2),
    )
