"""Second-order sections in a row, for each channel its own, over any split of the stream.

A section is five numbers, ``b0 b1 b2 a1 a2``: y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2]
- a1 y[n-1] - a2 y[n-2]. Sections stand in an array of shape ``(sections, 5)``.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_THROUGH = (1.0, 0.0, 0.0, 0.0, 0.0)  # a section that changes nothing, to make an odd number even

_PIECE = 8192  # samples between two looks at the state, counted from the start of the stream
_NOTHING = 1e-30  # -600 dBFS. Smaller states are set to 0: silence becomes black, and stays fast


def response(sections: Floats, frequencies_hz: Floats, rate_hz: float) -> NDArray[np.complex128]:
    """The complex gain of all sections in a row at these frequencies; no section is 1."""
    z = np.exp(-2j * np.pi * np.asarray(frequencies_hz, dtype=np.float64) / rate_hz)
    total: NDArray[np.complex128] = np.ones_like(z)
    for b0, b1, b2, a1, a2 in sections:
        total *= (b0 + z * (b1 + z * b2)) / (1.0 + z * (a1 + z * a2))
    return total


class Cascade:
    """Filters at work on one stream: an array of sections for each channel, empty where none."""

    def __init__(self, sections: Sequence[Floats]) -> None:
        self._sections = [_even(rows) for rows in sections]
        self._states = [np.zeros((len(rows) + 1, 2)) for rows in self._sections]
        self._position = 0  # in the present piece

    def process(self, block: Floats) -> Floats:
        """Filter the next ``(channels, n)`` samples into a new array."""
        out = np.empty_like(block)
        start, n_samples = 0, block.shape[1]
        while start < n_samples:
            stop = min(n_samples, start + _PIECE - self._position)
            for x, y, sections, state in zip(block, out, self._sections, self._states, strict=True):
                if len(sections):
                    _run(x[start:stop], y[start:stop], sections, state)
                else:
                    y[start:stop] = x[start:stop]
            self._position = (self._position + stop - start) % _PIECE
            if self._position == 0:
                for state in self._states:
                    state[np.abs(state) < _NOTHING] = 0.0
            start = stop
        return out


def _even(sections: Floats) -> Floats:
    rows = np.asarray(sections, dtype=np.float64).reshape(-1, 5)
    return np.vstack((rows, _THROUGH)) if len(rows) % 2 else np.ascontiguousarray(rows)


@njit(cache=True, nogil=True, fastmath=False)
def _run(x, y, sections, state):  # type: ignore[no-untyped-def]
    """Filter x into y. ``state[k]`` holds the last two inputs of section k, outputs of k - 1.

    Direct form 1, two sections a pass: a second one costs almost no time, because the first waits
    for its own feedback, and the feedback is brought in last to make that wait short.
    """
    for k in range(0, len(sections), 2):
        first = sections[k]
        b0, b1, b2, a1, a2 = first[0], first[1], first[2], first[3], first[4]
        second = sections[k + 1]
        d0, d1, d2, c1, c2 = second[0], second[1], second[2], second[3], second[4]
        x1, x2 = state[k, 0], state[k, 1]
        y1, y2 = state[k + 1, 0], state[k + 1, 1]
        z1, z2 = state[k + 2, 0], state[k + 2, 1]
        source = x if k == 0 else y
        for i in range(len(x)):
            x0 = source[i]
            y0 = ((b0 * x0 + b1 * x1) + (b2 * x2 - a2 * y2)) - a1 * y1
            z0 = ((d1 * y1 + d2 * y2) + (d0 * y0 - c2 * z2)) - c1 * z1
            x2 = x1
            x1 = x0
            y2 = y1
            y1 = y0
            z2 = z1
            z1 = z0
            y[i] = z0
        # The outputs of this pair are the inputs of the next, which still needs the old ones.
        state[k, 0], state[k, 1] = x1, x2
        state[k + 1, 0], state[k + 1, 1] = y1, y2
        if k + 2 == len(sections):
            state[k + 2, 0], state[k + 2, 1] = z1, z2
