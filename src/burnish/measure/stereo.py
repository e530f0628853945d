"""Stereo: how wide, how balanced, and what is lost in mono."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.bands import BandPowers
from burnish.measure.interchannel import Interchannel
from burnish.measure.loudness import MOMENTARY_SEGMENTS, gate_power, sliding_sum
from burnish.measure.segments import Segments
from burnish.measure.spectrum import mean_over

Floats = NDArray[np.float64]

_NEAR_MONO_DB = -40.0  # side to mid: what lossy joint stereo may leave of a mono recording
_CANCELLED = 1e-14  # of the power: what rounding leaves when the channels cancel


@dataclass(frozen=True)
class Stereo:
    """The stereo image, over all and in the nine wide bands.

    ``correlation`` is 1 for mono, 0 for unrelated channels, -1 for opposite ones, without DC.
    ``side_to_mid_db`` is the power of side over mid: -inf for mono, 0 for unrelated channels.
    ``balance_db`` is the K-weighted power of right over left: positive leans right.
    ``mono_loss_lu`` is how much quieter (L + R) / 2 is in both speakers: 0 for mono, 3 for
    unrelated channels, infinity where all cancels. None is silence, and a correlation with
    silence. A mono file is taken as the same in both channels.

    ``delay_ms`` is how late the right channel is, 200 Hz to 4 kHz; ``inverted`` whether one channel
    is turned over; ``delay_sure`` the share of the file that has this delay and polarity; and
    ``aligned_gain_db`` what the mono sum would gain by mending them, in nine of ten parts of 12 s,
    and ``aligned_correlation`` how alike the channels would be then, 200 Hz to 4 kHz.
    None (and False) is silence in either, and less than 6 s.
    """

    correlation: float | None
    side_to_mid_db: float | None
    balance_db: float | None
    mono_loss_lu: float | None
    near_mono: bool
    bands_correlation: tuple[float | None, ...]
    bands_side_to_mid_db: tuple[float | None, ...]
    delay_ms: float | None
    inverted: bool
    delay_sure: float | None
    aligned_gain_db: float | None
    aligned_correlation: float | None


def summarise(
    segments: Segments,
    powers: BandPowers,
    passing: NDArray[np.bool_],
    between: Interchannel | None,
) -> Stereo:
    """The image from the sums of the segments, and from the windows that pass."""
    square = segments.square.sum(axis=1)
    mean = segments.total / max(1, segments.n_samples)
    square = np.maximum(square - segments.n_samples * mean**2, 0.0)
    left, right = float(square[0]), float(square[-1])
    cross = float(segments.cross.sum()) - segments.n_samples * float(mean[0] * mean[-1])
    mid, side = (left + right + 2.0 * cross) / 4.0, (left + right - 2.0 * cross) / 4.0
    side_to_mid_db = _ratio_db(side, mid)
    weighted = segments.weighted.sum(axis=1)
    wide_mid = mean_over(powers.wide_mid, passing)
    wide_side = mean_over(powers.wide_side, passing)
    wide_cross = mean_over(powers.wide_cross, passing)
    return Stereo(
        correlation=_correlation(left, right, cross),
        side_to_mid_db=side_to_mid_db,
        balance_db=_ratio_db(float(weighted[-1]), float(weighted[0])),
        mono_loss_lu=_mono_loss_lu(segments),
        near_mono=side_to_mid_db is not None and side_to_mid_db < _NEAR_MONO_DB,
        bands_correlation=_bands_correlation(wide_mid, wide_side, wide_cross),
        bands_side_to_mid_db=_bands_side_to_mid_db(wide_mid, wide_side),
        delay_ms=None if between is None else between.delay_ms,
        inverted=between is not None and between.inverted,
        delay_sure=None if between is None else between.delay_sure,
        aligned_gain_db=None if between is None else between.aligned_gain_db,
        aligned_correlation=None if between is None else between.aligned_correlation,
    )


def _ratio_db(above: float, below: float) -> float | None:
    """Decibels of a ratio of two powers; what is only rounding counts as nothing."""
    above, below = (
        power if power > _CANCELLED * (above + below) else 0.0 for power in (above, below)
    )
    if above == below == 0.0:
        return None
    if below == 0.0:
        return math.inf
    return 10.0 * math.log10(above / below) if above > 0.0 else -math.inf


def _correlation(left: float, right: float, cross: float) -> float | None:
    if left <= 0.0 or right <= 0.0:
        return None
    return min(1.0, max(-1.0, cross / math.sqrt(left * right)))


def _mono_loss_lu(segments: Segments) -> float | None:
    """Over the gating blocks that count in stereo, or over all there is of a short file."""
    stereo = segments.weighted[[0, -1]].sum(axis=0)
    mono = (stereo + 2.0 * segments.weighted_cross) / 2.0
    blocks = sliding_sum(stereo[:-1], MOMENTARY_SEGMENTS)
    if len(blocks):
        scale = MOMENTARY_SEGMENTS / 10 * segments.rate_hz
        passing = blocks / scale > gate_power(blocks / scale)
        mono = sliding_sum(mono[:-1], MOMENTARY_SEGMENTS)[passing]
        stereo = blocks[passing]
    return _ratio_db(float(stereo.sum()), float(mono.sum()))


def _bands_correlation(mid: Floats, side: Floats, cross: Floats) -> tuple[float | None, ...]:
    left, right = mid + side + 2.0 * cross, mid + side - 2.0 * cross
    # The windows are kept in 32 bits: 60 dB below the other channel is only rounding.
    alone = np.minimum(left, right) <= 1e-6 * np.maximum(left, right)
    return tuple(
        None if one else _correlation(float(a), float(b), float(c))
        for one, a, b, c in zip(alone, left, right, mid - side, strict=True)
    )


def _bands_side_to_mid_db(mid: Floats, side: Floats) -> tuple[float | None, ...]:
    return tuple(_ratio_db(float(s), float(m)) for s, m in zip(side, mid, strict=True))
