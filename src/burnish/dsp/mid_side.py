"""Left and right to middle and side, and back."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def to_mid_side(block: Floats) -> Floats:
    """``(left, right)`` to ``(mid, side)``, halves of their sum and difference, in a new array."""
    parts = to_left_right(block)
    parts *= 0.5
    return parts


def to_left_right(parts: Floats) -> Floats:
    """``(mid, side)`` to ``(left, right)``, their sum and difference, in a new array."""
    out = np.empty_like(parts)
    np.add(parts[0], parts[1], out=out[0])
    np.subtract(parts[0], parts[1], out=out[1])
    return out
