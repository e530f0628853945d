"""Audio: samples and their rate, the one array rule of the house."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST_RATE_HZ = 8_000
HIGHEST_RATE_HZ = 768_000
"""Sample rates that are read and written: from telephone speech to the fastest converters."""


@dataclass(frozen=True, eq=False)
class Audio:
    """Samples as float64, always 2-D, shape ``(channels, samples)``, C-contiguous, and their rate.

    Full scale is +-1.0; floats beyond it are kept as they are.
    """

    samples: NDArray[np.float64]
    rate_hz: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 2:
            raise ValueError(f"samples.ndim={self.samples.ndim}: must be 2, (channels, samples)")
        object.__setattr__(self, "samples", np.ascontiguousarray(self.samples, dtype=np.float64))

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return int(self.samples.shape[0])

    @property
    def n_samples(self) -> int:
        """How many samples each channel has."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return self.n_samples / self.rate_hz
