"""The test piece of the processors, summed once for each rate and length.

Hundreds of tests use it.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from burnish.processors import show


@lru_cache(16)
def _made(rate_hz: int, duration_s: float) -> NDArray[np.float64]:
    return show.piece(rate_hz, duration_s)


def piece(rate_hz: int, duration_s: float = 6.0) -> NDArray[np.float64]:
    """As ``burnish.processors.show.piece``; what a test writes into it is its own."""
    return _made(rate_hz, duration_s).copy()
