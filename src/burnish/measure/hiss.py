"""Hiss: the steady noise under the music, from the moments that hold nothing else.

Noise alone is told by how little it changes: in a third octave of width B, over T seconds, its
power scatters by 4.3 / sqrt(B T) dB, a few tenths at the top, while soft music wanders by many dB.
Either there are pauses, windows in which all upper bands stand still together; or the high bands
alone come down to a floor again and again, up to the last one that holds anything.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from burnish.errors import InputError
from burnish.measure.bands import (
    BAND_HZ,
    BandPowers,
    BandSeries,
    a_weighting,
    third_octave_edges_hz,
)
from burnish.measure.model import Measurement
from burnish.measure.ranges import merged_s, ranges_s

if TYPE_CHECKING:
    from burnish.audio import Source

Floats = NDArray[np.float64]

NOTHING_DBFS = -140.0
_HEARD_DBFS = -105.0  # under it a band holds a codec's or a dither's leavings
_STEP_S, _WINDOW_S = 0.2, 0.4
_EFFECTIVE_S = 0.2  # of a Hann window of 0.37 s: the time its scatter goes by
_UPPER = 13  # 500 Hz: from this band on noise is told from music
_HIGH = 16  # 1 kHz, where there are no pauses
_LOWEST, _LEAST = 0.03, 5  # part of the windows that a pause must have, and how many
_SPREAD_DB, _SCATTERS = 0.5, 4.0  # how far apart windows of noise are, and in scatters more
_STILL = 0.85  # of the upper bands in a pause
_UNDER_DB = 6.0  # how far under the middle of the music a pause is, at least
_PAUSE_SCATTERS = 3.0
_TIGHT_DB, _TIGHT_SCATTERS = 0.5, 2.0
_FEWEST, _SURE = 4, 10.0  # high bands that must stand still, and that are sure
_MOST_TIMES = 8


@dataclass(frozen=True)
class Hiss:
    """The noise floor as a profile; all defaults: none can be told from the music.

    ``mid_dbfs`` and ``side_dbfs`` are mean squares of (L + R) / 2 and (L - R) / 2 in the 30 third
    octaves of ``BAND_HZ``, in dBFS (a mono file is all mid; -140 is nothing): what
    ``Denoise.noise_dbfs`` and ``Denoise.side_noise_dbfs`` ask for. ``a_weighted_dbfs`` is all of
    it, the mean square of the channels, A-weighted. ``confidence``: 1 where pauses hold the noise
    alone; less where only high bands lie bare between the notes, a tenth for each; 0 where all may
    be soft music. ``times_s`` are stretches it was heard in, the longest first.
    """

    mid_dbfs: tuple[float, ...] = ()
    side_dbfs: tuple[float, ...] = ()
    a_weighted_dbfs: float = -math.inf
    confidence: float = 0.0
    times_s: tuple[tuple[float, float], ...] = ()


class HissDetector:
    """Needs no samples: ``measure`` has taken the sound apart into bands already."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        pass

    def feed(self, piece: Floats) -> None:
        """Nothing to do."""

    def finish(self, measured: Measurement) -> Hiss:
        """The hiss, or none."""
        return hiss_of(measured.timeline.bands)


def hiss_of(powers: BandPowers) -> Hiss:
    """The hiss in the powers of a whole sound."""
    heard = np.flatnonzero(powers.a_weighted > 10.0 ** (_HEARD_DBFS / 10.0))
    if len(heard) < _LEAST:
        return Hiss()
    mid_db, side_db = (_db(rows[heard]) for rows in (powers.mid, powers.side))
    pause = _pause(powers.a_weighted[heard].astype(np.float64), mid_db)
    if pause is not None:
        mid, side = (_alone(rows[pause]) for rows in (mid_db, side_db))
        confidence = 1.0
    else:
        tight = _tight(mid_db)
        if len(tight) < _FEWEST:
            return Hiss()
        mid, side = _floor(mid_db, tight), _floor(side_db, tight)
        confidence = min(1.0, len(tight) / _SURE)
        over = np.abs(mid_db[:, tight] - mid[tight]).mean(axis=1)
        pause = np.flatnonzero(over < _TIGHT_DB + _scatter_db()[tight].mean())
    shown = np.zeros(len(powers.a_weighted), dtype=np.bool_)
    shown[heard[pause]] = True
    times = merged_s(ranges_s(shown, _STEP_S, window_s=_WINDOW_S))
    return _hiss(mid, side, confidence, tuple(sorted(times, key=lambda t: t[0] - t[1])))


def noise_profile(source: "Source", start_s: float, end_s: float) -> Hiss:
    """The hiss of a stretch of a source that holds nothing else, as a person has found it.

    Raises ``InputError`` for a stretch outside the sound, or shorter than 0.1 s.
    """
    info = source.info
    if not 0.0 <= start_s < end_s or start_s >= info.duration_s:
        raise InputError(
            "input-noise-profile",
            f"{info.name}: has no sound from {start_s:g} to {end_s:g} s; it lasts "
            f"{info.duration_s:.1f} s",
        )
    end_s = min(end_s, info.duration_s)
    if end_s - start_s < 0.1:
        raise InputError(
            "input-noise-profile",
            f"{info.name}: {start_s:g} to {end_s:g} s is too short to know the noise by; "
            "must be 0.1 s or longer",
        )
    series = BandSeries(info.rate_hz, info.channels)
    start, stop = round(start_s * info.rate_hz), round(end_s * info.rate_hz)
    for block in source.blocks(start=start, stop=stop):
        series.feed(block)
    powers = series.finish()
    mid, side = (_db(rows.mean(axis=0)) for rows in (powers.mid, powers.side))
    return _hiss(mid, side, 1.0, ((start_s, end_s),))


def _hiss(
    mid: Floats, side: Floats, confidence: float, times_s: tuple[tuple[float, float], ...]
) -> Hiss:
    weights = a_weighting(np.array(BAND_HZ))
    total = float((weights * (10.0 ** (mid / 10.0) + 10.0 ** (side / 10.0))).sum())
    return Hiss(
        mid_dbfs=tuple(round(float(v), 2) for v in mid),
        side_dbfs=tuple(round(float(v), 2) for v in side),
        a_weighted_dbfs=10.0 * math.log10(total) if total > 1e-14 else -math.inf,
        confidence=confidence if total > 1e-14 else 0.0,
        times_s=times_s[:_MOST_TIMES],
    )


def _db(power: NDArray[np.float32] | Floats) -> Floats:
    floor = 10.0 ** (NOTHING_DBFS / 10.0)
    return np.asarray(10.0 * np.log10(np.maximum(power.astype(np.float64), floor)))


def _scatter_db() -> Floats:
    """How far the power of noise scatters in each band from window to window."""
    widths_hz = np.array([high - low for low, high in third_octave_edges_hz()])
    return np.asarray(4.34 / np.sqrt(widths_hz * _EFFECTIVE_S))


def _pause(a_weighted: Floats, mid_db: Floats) -> NDArray[np.int64] | None:
    """The softest windows, where they are noise and nothing else: all upper bands stand still."""
    count = max(_LEAST, round(_LOWEST * len(a_weighted)))
    if count >= len(a_weighted):
        return None
    order = np.argsort(a_weighted, kind="stable")
    softest = order[:count]
    bands = _UPPER + np.flatnonzero(np.median(mid_db[softest, _UPPER:], axis=0) > _HEARD_DBFS)
    if len(bands) < _SURE:
        return None
    among = mid_db[np.ix_(softest, bands)]
    spread = among.max(axis=0) - among.min(axis=0)
    still = spread < _SPREAD_DB + _SCATTERS * _scatter_db()[bands]
    under = np.median(mid_db[:, bands], axis=0) - np.median(among, axis=0)
    if still.mean() < _STILL or not (np.median(under) > _UNDER_DB or still.all()):
        return None
    middle = np.median(among, axis=0)
    near = np.abs(mid_db[:, bands] - middle) < _SPREAD_DB + _PAUSE_SCATTERS * _scatter_db()[bands]
    return np.flatnonzero(near.mean(axis=1) > _STILL)


def _alone(level_db: Floats) -> Floats:
    """The noise of a pause: as it is where it stands still, elsewhere no more than is foretold."""
    quarter, middle, three = np.percentile(level_db, (25, 50, 75), axis=0)
    still = three - quarter < 0.5 * _SPREAD_DB + 1.5 * _scatter_db()
    known = np.flatnonzero(still & (middle > _HEARD_DBFS))
    if not len(known):
        return np.asarray(np.where(middle > _HEARD_DBFS, middle, NOTHING_DBFS))
    return _foretold(middle, known, level_db.min(axis=0), middle)


def _tight(mid_db: Floats) -> NDArray[np.int64]:
    """The high bands whose lowest tenth lies close together: they come down to a floor.

    None where the highest band that holds anything does not: a noise without an end is music.
    """
    low, lower, lowest = np.percentile(mid_db, (10, 5, 2), axis=0)
    holds = lower > _HEARD_DBFS
    tight = holds & (low - lowest < _TIGHT_DB + _TIGHT_SCATTERS * _scatter_db())
    tight[:_HIGH] = False
    found = np.flatnonzero(tight)
    if not len(found) or found[-1] < np.flatnonzero(holds)[-1]:
        return found[:0]
    parts = np.flatnonzero(np.diff(found) > 2) + 1  # one band between may have a note in it
    return np.split(found, parts)[-1]


def _floor(level_db: Floats, tight: NDArray[np.int64]) -> Floats:
    """The floor of every band: seen in the tight ones; elsewhere no more than they foretell.

    Below them as much power per hertz is expected as in the lowest three, and never more than the
    softest moments hold.
    """
    lower, lowest = np.percentile(level_db, (5, 2), axis=0)
    return _foretold(lower + _scatter_db(), tight, lowest, lower)


def _foretold(
    seen_db: Floats, known: NDArray[np.int64], lowest_db: Floats, heard_db: Floats
) -> Floats:
    widths_db = 10.0 * np.log10([high - low for low, high in third_octave_edges_hz()])
    density = seen_db - widths_db
    foretold = np.interp(np.arange(len(density)), known, density[known])
    foretold[: known[0]] = min(density[known[0]], float(np.mean(density[known[:3]])))
    floor = np.minimum(foretold + widths_db, lowest_db)
    floor[known] = seen_db[known]
    floor[heard_db < _HEARD_DBFS] = NOTHING_DBFS
    return np.asarray(np.maximum(floor, NOTHING_DBFS))
