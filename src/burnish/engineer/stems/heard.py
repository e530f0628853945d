"""A stem as the engineer hears it, and what may be done to it: small, alone, with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Evidence, Role, Stem, Step
from burnish.measure.stem import StemFigures

Floats = NDArray[np.float64]

MOST_DB = 1.5
"""No move on a single stem goes further: what needs more belongs back in the mix."""


@dataclass(frozen=True, eq=False)
class HeardStem:
    """One stem, and what was heard of it."""

    stem: Stem
    figures: StemFigures

    @property
    def sounds(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.figures.integrated_lufs > -70.0)


@dataclass(frozen=True)
class Move:
    """What is done to the stem of that place in the list: a step, or a shift in time."""

    place: int
    step: Step | None = None
    shift_samples: int = 0
    note: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Moves:
    """Moves, and what was looked at and left alone."""

    moves: tuple[Move, ...] = ()
    notes: tuple[str, ...] = ()


def of_role(heard: Sequence[HeardStem], *roles: Role) -> list[int]:
    """Places of the stems of these roles that sound."""
    return [k for k, one in enumerate(heard) if one.stem.role in roles and one.sounds]


def summed(rows: Iterable[Floats | NDArray[np.float32]]) -> Floats:
    """Powers of several stems together: what is not alike adds up as power."""
    total: Floats | None = None
    for row in rows:
        total = row.astype(np.float64) if total is None else total + row
    return np.zeros(0) if total is None else total


def db(power: Floats, floor: float = 1e-20) -> Floats:
    """Decibels of powers, silence as -200."""
    return np.asarray(10.0 * np.log10(np.maximum(power, floor)))
