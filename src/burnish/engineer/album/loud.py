"""How loud an album is: where its songs are loud, and as one body."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from burnish.measure import Measurement
from burnish.measure.loudness import (
    MOMENTARY_SEGMENTS,
    SHORT_TERM_SEGMENTS,
    gated_power,
    lufs,
    lufs_of,
    power_of,
    sliding_sum,
)

Floats = NDArray[np.float64]

LOUD_PERCENTILE = 95.0


def loud_lufs(measured: Measurement) -> float:
    """How loud the loud sections are: the 95th percentile of the short-term loudness.

    Of every whole 3 s within 20 LU of their mean, as for the loudness range. What is shorter than
    3 s is as loud as its integrated loudness says; silence is minus infinity.
    """
    shorts = sliding_sum(measured.timeline.segment_power, SHORT_TERM_SEGMENTS)
    shorts /= SHORT_TERM_SEGMENTS
    sounding = shorts[shorts > power_of(-70.0)]
    if not len(sounding):
        own = measured.loudness.integrated_lufs
        return -math.inf if own is None else own
    heard = sounding[sounding > 0.01 * sounding.mean()]
    return float(np.percentile(lufs_of(heard), LOUD_PERCENTILE))


def blocks_of(measured: Measurement) -> Floats:
    """The powers of the gating blocks of BS.1770-5."""
    powers = measured.timeline.segment_power
    return sliding_sum(powers, MOMENTARY_SEGMENTS) / MOMENTARY_SEGMENTS


def together_lufs(blocks: Sequence[Floats], gains_lu: Sequence[float] | None = None) -> float:
    """Loudness of several tracks as one: both gates over the blocks of them all.

    Each is heard with its gain. No block lies across a join. Silence is minus infinity.
    """
    gains = [0.0] * len(blocks) if gains_lu is None else gains_lu
    raised = [one * 10.0 ** (gain / 10.0) for one, gain in zip(blocks, gains, strict=True)]
    return lufs(gated_power(np.concatenate(raised))) if raised else -math.inf


def album_lufs(tracks: Sequence[Measurement]) -> float:
    """Integrated loudness of an album: gated over all its tracks as one body."""
    return together_lufs([blocks_of(one) for one in tracks])
