"""Overlap: pieces that see some of what was before them and some of what comes after."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Overlap:
    """Hands on each piece between ``before`` samples of its past and ``after`` of its future.

    So the end of a piece is told with the next one. ``position`` is where the told piece begins.
    Before the sound and behind it lies silence.
    """

    def __init__(self, channels: int, before: int, after: int) -> None:
        self.before, self.after = before, after
        self.position = 0
        self._next = 0
        self._held = np.zeros((channels, before))

    def feed(self, piece: Floats) -> Floats | None:
        """Past, piece and future ``(channels, before + n + after)``; None while it has to wait."""
        held = np.concatenate((self._held, piece), axis=1)
        n = held.shape[1] - self.before - self.after
        self._held = held[:, max(n, 0) :]
        if n <= 0:
            return None
        self.position = self._next
        self._next += n
        return held

    def finish(self) -> Floats | None:
        """The rest, with silence behind it; None where there is none."""
        return self.feed(np.zeros((len(self._held), self.after)))
