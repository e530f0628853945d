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

    ``segment_power`` is the K-weighted power of each 100 ms. The 3 s pieces that pass the loudness
    gate are parted into spans of time, and each span gives one: the spans take turns in giving a
    loud, a middling or a quiet one of theirs, and the loudest of all is there. So every part of a
    song speaks, and all together are as loud and as quiet as the whole.
    """
    if duration_s <= WHOLE_S or len(segment_power) < _PIECE_SEGMENTS:
        return [(0.0, duration_s)]
    pieces = sliding_sum(segment_power, _PIECE_SEGMENTS)[::_PIECE_SEGMENTS] / _PIECE_SEGMENTS
    blocks = sliding_sum(segment_power, 4) / 4
    sounding = np.flatnonzero(pieces > gate_power(blocks))
    if not len(sounding):
        sounding = np.arange(len(pieces))
    spans = np.array_split(sounding, min(_N_PIECES, len(sounding)))
    ranks = _turns(len(spans), _span_of(sounding[np.argmax(pieces[sounding])], spans))
    chosen = []
    for span, rank in zip(spans, ranks, strict=True):
        rising = span[np.argsort(pieces[span], kind="stable")]
        chosen.append(int(rising[min(len(span) - 1, int(rank * len(span)))]))
    length_s = _PIECE_SEGMENTS / 10
    return [(k * length_s, (k + 1) * length_s) for k in sorted(chosen)]


def _turns(n: int, loudest: int) -> Floats:
    """Ranks of 0 to 1 for the spans: even altogether, far apart in neighbours, the top one last.

    Steps of the golden ratio, the most even of all; the span ``loudest`` gives its loudest.
    """
    ranks = (np.argsort(np.argsort((np.arange(n) * 0.618034) % 1.0)) + 0.5) / n
    top = int(np.argmax(ranks))
    ranks[top], ranks[loudest] = ranks[loudest], 1.0
    return np.asarray(ranks)


def _span_of(place: int, spans: list[NDArray[np.int64]]) -> int:
    return next(k for k, span in enumerate(spans) if place in span)
