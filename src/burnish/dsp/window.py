"""Windows for spectra."""

import numpy as np
from numpy.typing import NDArray


def hann(size: int) -> NDArray[np.float64]:
    """The periodic Hann window, shape ``(size,)``: a constant leaks into one bin on each side."""
    return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size))
