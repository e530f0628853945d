"""The whole from its parts: what a path takes of the loudness of a song, told from excerpts of it.

An excerpt is limited more or less than the rest, by chance. Of every 5 ms of the whole its energy
and its largest sample are known, so a plain limiter, which turns down each 5 ms to its ceiling and
nothing else, can be thought through at no cost, on the whole as on the excerpts. What the real path
takes on the excerpts tells how much of that plain limiter's work it does; the same part of it is
taken of the whole. (A control variate: the chance of the choice falls out of the difference.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.loudness import gated_power, lufs, sliding_sum
from burnish.measure.walk import HOPS_PER_S
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

USUAL_PART = 0.7  # of the plain limiter's decibels, where the excerpts cannot tell
_LEAST_PART, _MOST_PART = 0.02, 4.0
_ROUNDS = 8
_HOPS_PER_SEGMENT = HOPS_PER_S // 10


@dataclass(frozen=True, eq=False)
class Whole:
    """Every 5 ms of a song before its path: K-weighted energy and largest sample.

    ``parts`` are start and end of the excerpts in seconds, in order of time.
    """

    energy: Floats
    largest: Floats
    parts: Sequence[tuple[float, float]]

    def loss_lu(self, heard_lu: float, drive_db: float, ceiling_dbtp: float) -> float:
        """The loss of the whole where the excerpts lose ``heard_lu`` at this drive."""
        places = [np.arange(int(a * HOPS_PER_S), int(b * HOPS_PER_S)) for a, b in self.parts]
        at = np.concatenate(places) if places else np.zeros(0, dtype=np.int64)
        at = at[at < len(self.energy)]
        if heard_lu <= 0.0 or not len(at):
            return heard_lu
        plain_db = self.largest * gain_from_db(drive_db - ceiling_dbtp)
        np.log10(np.maximum(plain_db, 1.0, out=plain_db), out=plain_db)
        plain_db *= 20.0
        part, told = USUAL_PART, 0.0
        for _ in range(_ROUNDS):
            told = _loss(self.energy[at], part * plain_db[at])
            if told <= 0.0:
                return heard_lu + _loss(self.energy, USUAL_PART * plain_db)
            if abs(told - heard_lu) < 1e-4:
                break
            part = min(_MOST_PART, max(_LEAST_PART, part * heard_lu / told))
        # What the curve cannot tell of the excerpts is left as it was heard.
        return _loss(self.energy, part * plain_db) + heard_lu - told


def _loss(energy: Floats, taken_db: Floats) -> float:
    """What is lost where this is taken; ``taken_db`` is used up, as of an hour it is 6 MB."""
    taken_db /= -10.0
    left = np.power(10.0, taken_db, out=taken_db)
    left *= energy
    before, after = _gated(energy), _gated(left)
    return lufs(before) - lufs(after) if before > 0.0 and after > 0.0 else 0.0


def _gated(energy: Floats) -> float:
    """Gated mean power; the gates are those of loudness, the scale is the caller's."""
    n = len(energy) // _HOPS_PER_SEGMENT * _HOPS_PER_SEGMENT
    segments = energy[:n].reshape(-1, _HOPS_PER_SEGMENT).mean(axis=1)
    return gated_power(sliding_sum(segments, 4) / 4)
