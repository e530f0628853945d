"""Which parts of a song the trials hear: all of a short one, a fair sample of a long one."""

import numpy as np
from numpy.typing import NDArray

from burnish.measure.loudness import gate_power, sliding_sum

Floats = NDArray[np.float64]

WHOLE_S = 45.0  # up to this length everything is heard
_PIECE_SEGMENTS = 30  # 3 s: the short-term window
_N_PIECES = 12


def choose(segment_power: Floats, duration_s: float) -> list[tuple[float, float]]:
    """Start and end, in seconds, of the pieces to hear, in order of time.

    ``segment_power`` is the K-weighted power of each 100 ms. Of the 3 s pieces that pass the
    loudness gate, the loudest and others at even steps of rank: so that what a limiter does to the
    sample, it does to the whole.
    """
    if duration_s <= WHOLE_S or len(segment_power) < _PIECE_SEGMENTS:
        return [(0.0, duration_s)]
    pieces = sliding_sum(segment_power, _PIECE_SEGMENTS)[::_PIECE_SEGMENTS] / _PIECE_SEGMENTS
    blocks = sliding_sum(segment_power, 4) / 4
    sounding = np.flatnonzero(pieces > gate_power(blocks))
    if not len(sounding):
        sounding = np.arange(len(pieces))
    ranked = sounding[np.argsort(-pieces[sounding], kind="stable")]
    steps = np.linspace(0, len(ranked) - 1, min(_N_PIECES, len(ranked))).round().astype(int)
    length_s = _PIECE_SEGMENTS / 10
    return [(float(k) * length_s, (float(k) + 1) * length_s) for k in sorted(ranked[steps])]
