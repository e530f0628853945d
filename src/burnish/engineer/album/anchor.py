"""The anchor: the track that is mastered first, and that the others follow."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from burnish.engineer.match.likeness import RANGE_LU, SWING, TONE_DB
from burnish.targets import Portrait

LONG_S = 60.0
"""Long enough to speak for an album; where tracks are short, half of their median length."""
SOFTER_LU = 1.5
"""How far under the loudest the loud sections of an anchor may want to be: opinion."""
WIDTH_DB = 4.0
"""How far two songs of one style lie apart in width, standard deviation (their quartiles)."""


@dataclass(frozen=True)
class Candidate:
    """A track that may lead."""

    number: int
    name: str
    portrait: Portrait
    width_db: float | None
    """Side over middle; None: mono."""
    standing_lu: float
    kept: bool

    @property
    def called(self) -> str:
        """What to call it in a sentence."""
        return f"track {self.number}" + (f", {self.name}," if self.name else "")


def choose(tracks: Sequence[Candidate]) -> tuple[int, str]:
    """The place of the anchor among the tracks, and why it is the one.

    The most typical in tone, width and dynamics, of those that are full, loud and long enough; and
    of finished masters alone where there are some, as those cannot follow.
    """
    apart = _distances(tracks)
    led = _able(tracks)
    kept = [k for k in led if tracks[k].kept]
    best = min(kept or led, key=lambda k: (apart[k], tracks[k].number))
    one, others = tracks[best], [apart[k] for k in led if k != best]
    if len(tracks) == 1:
        return best, f"{_capital(one.called)} is alone."
    near = (
        f"nearest to the middle of the album in tone, width and dynamics ({apart[best]:.1f} "
        f"standard deviations of one style away"
    )
    if others:
        near += f"; the others that could lead, {min(others):.1f} to {max(others):.1f}"
    near += ")"
    why = f"{near}, full, loud and long enough to lead"
    if kept:
        why = "a finished master, kept as it is" + (f", and {near}" if len(kept) > 1 else "")
    return best, f"{_capital(one.called)} is the anchor: {why}."


def _able(tracks: Sequence[Candidate]) -> list[int]:
    """Places of those that could lead: long enough, and not far softer than the loudest."""
    seen = [k for k, one in enumerate(tracks) if one.number > 0] or list(range(len(tracks)))
    middle_s = statistics.median(tracks[k].portrait.duration_s for k in seen)
    long = [k for k in seen if tracks[k].portrait.duration_s >= min(LONG_S, 0.5 * middle_s)]
    loudest = max(tracks[k].standing_lu for k in long)
    full = [k for k in long if tracks[k].standing_lu >= loudest - SOFTER_LU]
    return [*full, *(k for k in long if tracks[k].kept and k not in full)]


def _distances(tracks: Sequence[Candidate]) -> list[float]:
    """How far each is from the album's median, in standard deviations of one style."""
    n_thirds = len(tracks[0].portrait.loud.mid_db)
    middle = [_median(one.portrait.loud.mid_db[k] for one in tracks) for k in range(n_thirds)]
    swing = _median(
        math.log(one.portrait.swing_db) if one.portrait.swing_db else None for one in tracks
    )
    range_lu = _median(one.portrait.range_lu for one in tracks)
    width_db = _median(one.width_db for one in tracks)
    found = []
    for one in tracks:
        tone = [
            a - b
            for a, b in zip(one.portrait.loud.mid_db, middle, strict=True)
            if a is not None and b is not None
        ]
        parts = [statistics.pstdev(tone) / TONE_DB] if len(tone) > 1 else []
        if swing is not None and one.portrait.swing_db:
            parts.append((math.log(one.portrait.swing_db) - swing) / SWING)
        if range_lu is not None and one.portrait.range_lu is not None:
            parts.append((one.portrait.range_lu - range_lu) / RANGE_LU)
        if width_db is not None and one.width_db is not None:
            parts.append((one.width_db - width_db) / WIDTH_DB)
        found.append(math.sqrt(sum(p * p for p in parts) / len(parts)) if parts else 0.0)
    return found


def _median(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return statistics.median(known) if known else None


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
