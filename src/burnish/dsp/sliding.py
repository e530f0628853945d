"""Sliding maximum, closing, opening, box average: parts of a gain envelope, at control rate.

All work along the last axis, without state: the caller brings the context.
"""

import numpy as np
from numpy.typing import NDArray

FIXED_POINT = 2.0**40
"""One, in the integers that ``box`` sums: sums of integers are exact, so that nothing drifts and
an envelope that is back at zero is exactly zero."""


def sliding_max(values: NDArray[np.float64], ahead: int) -> NDArray[np.float64]:
    """``out[k] = max(values[k : k + ahead + 1])``; the result is ``ahead`` shorter.

    Doubling: the maximum over 2w values is the larger of two maxima over w, so the work grows with
    the logarithm of the window.
    """
    window, width = values, 1
    while 2 * width <= ahead + 1:
        window = np.maximum(window[..., :-width], window[..., width:])
        width *= 2
    rest = ahead + 1 - width
    return np.maximum(window[..., :-rest], window[..., rest:]) if rest else window


def closing(values: NDArray[np.float64], gap: int) -> NDArray[np.float64]:
    """Fill the valleys that are narrower than ``gap`` steps; the result is ``2 gap`` shorter.

    The morphological closing, a maximum over ``[k, k + gap]`` and then a minimum over
    ``[k - gap, k]`` (Serra 1982): it is never below the values, leaves a single bump as it is, and
    joins bumps that follow each other within ``gap`` at the height of the lower one.
    """
    return -sliding_max(-sliding_max(values, gap), gap)


def opening(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Flatten the bumps that are shorter than ``length`` steps; the result is ``2 length`` shorter.

    The morphological opening, a minimum and then a maximum over as many steps: it is never above
    the values, leaves what is longer, and takes a single bump away.
    """
    return -closing(-values, length)


def box(values: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """``out[k] = sum(values[k : k + width])``, exact; the result is ``width - 1`` shorter."""
    total = np.cumsum(values, axis=-1)
    out = total[..., width - 1 :].copy()
    out[..., 1:] -= total[..., :-width]
    return out
