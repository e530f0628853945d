"""Sounds that are made once: hundreds of tests play the same few seconds."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec

import numpy as np
from numpy.typing import NDArray

from burnish.processors import show

Asked = ParamSpec("Asked")
Floats = NDArray[np.float64]


def made_once(make: Callable[Asked, Floats]) -> Callable[Asked, Floats]:
    """A maker of sound, called once for the same wishes; what it gives may be written into."""
    kept = lru_cache(4)(make)

    @wraps(make)
    def copied(*args: Asked.args, **kwargs: Asked.kwargs) -> Floats:
        return kept(*args, **kwargs).copy()

    return copied


piece = made_once(show.piece)
