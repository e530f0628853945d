"""A smooth curve through uncertain differences: broad where evidence is thin, never far.

The difference between a mix and its reference, band by band, is what an equalizer should undo plus
what differs because the music does. Equalizers of mixing and mastering are broad; notes are not. So
the difference is read as a smooth random function (a Gaussian process over the logarithm of the
frequency) seen through noise of known size: the standard errors of the two portraits. Its expected
value is the curve. How large the function is, the difference itself tells: two mixes of one song
differ by a few decibels, two songs by ten. See Rasmussen and Williams, "Gaussian Processes for
Machine Learning", 2006, chapters 2 and 5.
"""

import math

import numpy as np
from numpy.typing import NDArray

from burnish.targets.portrait import THIRDS_HZ, Curve

Floats = NDArray[np.float64]

TURN_BANDS = 2.0  # the length of the prior: a curve of it turns once in one to two octaves
SIZE_DB = 3.0  # how large corrections of tone are at least, standard deviation
OFFSET_DB = 3.0  # and of the whole by its gain, as the side's
DETAIL_DB = 0.5  # what no smooth curve explains: notes, instruments
CAUTION = 2.0
# Chunks of one song are more alike than two parts of it, or two songs: a portrait's errors, which
# come from chunks, are taken this much larger.

_PLACES = np.arange(len(THIRDS_HZ), dtype=np.float64)


def smooth(difference_db: Curve, error_db: Curve, size_db: float = SIZE_DB) -> Floats:
    """The expected curve in dB at the third octaves. None: no evidence; all None: flat at 0."""
    known = np.array(
        [d is not None and e is not None for d, e in zip(difference_db, error_db, strict=True)]
    )
    if not known.any():
        return np.zeros(len(_PLACES))
    seen = np.array([d for d, k in zip(difference_db, known, strict=True) if k], dtype=np.float64)
    errors = np.array([e for e, k in zip(error_db, known, strict=True) if k], dtype=np.float64)
    larger = max(1.0, _spread_db(seen, errors) / size_db)
    prior = (larger * size_db) ** 2 * _matern(np.abs(_PLACES[:, None] - _PLACES) / TURN_BANDS)
    prior += OFFSET_DB**2
    noise = np.diag((larger * DETAIL_DB) ** 2 + (CAUTION * errors) ** 2)
    return np.asarray(prior[:, known] @ np.linalg.solve(prior[np.ix_(known, known)] + noise, seen))


def _spread_db(seen: Floats, errors: Floats) -> float:
    """Standard deviation of the difference over frequency, less what its noise makes of it."""
    noise = DETAIL_DB**2 + (CAUTION * errors) ** 2
    weight = 1.0 / noise / (1.0 / noise).sum()
    mean = (weight * seen).sum()
    return math.sqrt(max(0.0, (weight * (seen - mean) ** 2).sum() - (weight * noise).sum()))


def _matern(distance: Floats) -> Floats:
    """Covariance of a function that is smooth like a sum of bells: Matern 5/2."""
    d = np.sqrt(5.0) * distance
    return np.asarray((1.0 + d + d * d / 3.0) * np.exp(-d))


def less(one: Curve, other: Curve) -> Curve:
    """``one`` minus ``other``, where both are known."""
    return tuple(None if a is None or b is None else a - b for a, b in zip(one, other, strict=True))


def both_errors(one: Curve, other: Curve) -> Curve:
    """The standard error of a difference."""
    return tuple(
        None if a is None or b is None else float(np.hypot(a, b))
        for a, b in zip(one, other, strict=True)
    )


def bounded(curve_db: Floats, free_db: float | Floats, most_db: float | Floats) -> Floats:
    """As it is up to ``free_db``; what is beyond counts half; never over ``most_db``."""
    size = np.abs(curve_db)
    held = np.minimum(np.minimum(size, free_db) + 0.5 * np.maximum(size - free_db, 0.0), most_db)
    return np.asarray(np.sign(curve_db) * held)
