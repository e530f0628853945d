"""Tone and width of a track toward the album's signature: broad, bounded, within its style.

The difference is drawn as for a reference (``match/curve.py``). What is within a tolerance stays: a
song may sound like itself. Of what is beyond, a share is moved, by 3 dB at most, and never so that
a band leaves its own style's corridor, or goes further out of it.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step
from burnish.engineer.album.signature import Signature
from burnish.engineer.match.curve import both_errors, less, smooth
from burnish.engineer.match.tone import most_boost, words
from burnish.engineer.portrait import portrait
from burnish.engineer.rules.advice import Advice
from burnish.engineer.rules.tone import UNSURE_DB
from burnish.engineer.rules.width import NEAR_MONO_DB
from burnish.measure import Measurement
from burnish.processors.equalizer import Equalizer, response_db
from burnish.processors.match_eq import MatchEq
from burnish.targets import BAND_EDGES_HZ, THIRDS_HZ, Portrait, Target
from burnish.targets.portrait import Curve

Floats = NDArray[np.float64]

TOLERANCE_DB, WIDTH_TOLERANCE_DB = 1.0, 1.5
MOST_DB, BUDGET_DB = 3.0, 2.0  # of a band, and RMS of them all: as for a style
MOST_WIDER_DB, MOST_NARROWER_DB = 2.0, 3.0  # of the side: as for a style
SMALLEST_DB = 0.25  # a curve that is nowhere larger is not drawn

_HZ = np.array(THIRDS_HZ)
_CENTRES = np.log([math.sqrt(low * high) for low, high in pairwise(BAND_EDGES_HZ)])
_MIDDLE = slice(3, 5)  # of the wide bands: 0.8 to 2.5 kHz, which corridors call 0 dB
_INSIDE = np.clip(_HZ, BAND_EDGES_HZ[3], BAND_EDGES_HZ[5]) == _HZ


def advise(
    measured: Measurement,
    target: Target,
    signature: Signature,
    share: float,
    style_steps: Sequence[Step] = (),
) -> Advice:
    """A match equalizer toward the signature's tone and width, or a note why there is none.

    ``style_steps`` are what the style's own rule moves before it.
    """
    if share == 0:
        return Advice(notes=("Album: tone and width are each track's own; left alone.",))
    mix, aim = portrait(measured), signature.portrait
    moved_db = _moved(style_steps, measured.source.rate_hz)
    mid_away = _away(aim.loud.mid_db, mix.loud.mid_db, aim, mix, "mid", moved_db)
    mid_away -= mid_away[_INSIDE].mean()  # the rest is gain, which is the limiter's
    mid_db = _tone(mid_away, share, _rooms(measured, target, moved_db))
    boost = most_boost(mix, aim)
    mid_db = np.minimum(mid_db, boost)
    wider_db, notes = _wider(measured, target, mix, aim, share)
    wider_db = np.minimum(wider_db, np.maximum(boost - mid_db, 0.0))
    if max(np.abs(mid_db).max(), np.abs(wider_db).max()) < SMALLEST_DB:
        return Advice(notes=(*notes, "Album: its tone is near that of the anchor; left alone."))
    mid_points, side_points = (
        tuple(round(float(v), 2) for v in curve) for curve in (mid_db, mid_db + wider_db)
    )
    beyond = f"{100 * share:.0f} % of what lies over {TOLERANCE_DB:g} dB apart"
    return Advice(
        (
            Step(
                processor="match_eq",
                settings=MatchEq(
                    frequencies_hz=tuple(round(hz, 2) for hz in THIRDS_HZ),
                    gains_db=mid_points,
                    side_gains_db=() if mid_points == side_points else side_points,
                ),
                reason=f"Toward the album's sound, {beyond}: {words(mid_db)}{_width(wider_db)}.",
                evidence={
                    "anchor": signature.anchor,
                    "share": round(share, 2),
                    "away_db": round(_rms(mid_away), 2),
                    "moved_db": round(_rms(mid_db), 2),
                    "wider_db": round(float(wider_db.mean()), 2),
                    "width_away_db": _mean_away(measured, aim),
                    "corridor": target.style,
                },
            ),
        ),
        notes,
    )


def _away(
    aim_db: Curve, mix_db: Curve, aim: Portrait, mix: Portrait, part: str, moved_db: Floats
) -> Floats:
    """What the loud part lacks of the signature after the style's moves, as a smooth curve."""
    styled = tuple(
        None if v is None else v + float(m) for v, m in zip(mix_db, moved_db, strict=True)
    )
    errors = (getattr(one.loud, f"{part}_error_db") for one in (aim, mix))
    return smooth(less(aim_db, styled), both_errors(*errors))


def _tone(away_db: Floats, share: float, rooms: tuple[Floats, Floats]) -> Floats:
    """The share of what is beyond the tolerance, held by bounds, corridor and budget."""
    low, high = rooms
    asked = share * _beyond(away_db, TOLERANCE_DB)
    asked = np.clip(np.clip(asked, -MOST_DB, MOST_DB), low, high)
    return np.asarray(asked * min(1.0, BUDGET_DB / max(_rms(asked), 1e-9)))


def _rooms(measured: Measurement, target: Target, moved_db: Floats) -> tuple[Floats, Floats]:
    """How far each third octave may go down and up before its band leaves the style's corridor.

    A corridor is as sure as ``UNSURE_DB``. What is outside already may only come back.
    """
    bands = np.array(
        [math.nan if v is None else v for v in measured.spectrum.bands_db], dtype=np.float64
    )
    change = np.interp(_CENTRES, np.log(_HZ), moved_db)
    bands += change - change[_MIDDLE].mean()
    low = np.array(target.tone.q25_db) - UNSURE_DB - bands
    high = np.array(target.tone.q75_db) + UNSURE_DB - bands
    known = np.isfinite(bands)
    low, high = (
        np.where(known, np.minimum(low, 0.0), 0.0),
        np.where(known, np.maximum(high, 0.0), 0),
    )
    at = np.log(_HZ)
    return np.interp(at, _CENTRES, low), np.interp(at, _CENTRES, high)


def _wider(
    measured: Measurement, target: Target, mix: Portrait, aim: Portrait, share: float
) -> tuple[Floats, tuple[str, ...]]:
    """What the side gets more than the middle. Nothing on mono, nor where the style moves it."""
    none = np.zeros(len(_HZ))
    side_db = measured.stereo.side_to_mid_db
    if side_db is None or not math.isfinite(side_db) or side_db < NEAR_MONO_DB or mix.near_mono:
        return none, ("Album: the track is mono or nearly; its width is left alone.",)
    if aim.near_mono:
        return none, ("Album: the anchor is mono and says nothing of width; left alone.",)
    low, high = target.stereo.q10_db - side_db, target.stereo.q90_db - side_db
    if low > 0.0 or high < 0.0:
        return none, ()
    away = _away(aim.loud.side_db, mix.loud.side_db, aim, mix, "side", none)
    away -= _away(aim.loud.mid_db, mix.loud.mid_db, aim, mix, "mid", none)
    asked = share * _beyond(away, WIDTH_TOLERANCE_DB)
    asked = np.clip(asked, max(-MOST_NARROWER_DB, low), min(MOST_WIDER_DB, high))
    asked[(target.stereo.mono_below_hz > _HZ) & (asked > 0.0)] = 0.0
    return asked, ()


def _beyond(away_db: Floats, tolerance_db: float) -> Floats:
    return np.asarray(np.sign(away_db) * np.maximum(np.abs(away_db) - tolerance_db, 0.0))


def _moved(steps: Sequence[Step], rate_hz: int) -> Floats:
    """What the style's equalizers do, in dB at the third octaves."""
    at = np.minimum(_HZ, 0.499 * rate_hz)
    moved = np.zeros(len(_HZ))
    for step in steps:
        if isinstance(step.settings, Equalizer) and step.acts and step.on == "stereo":
            moved += response_db(step.settings, at, rate_hz)
    return moved


def _mean_away(measured: Measurement, aim: Portrait) -> float | None:
    own = measured.stereo.bands_side_to_mid_db
    away = [
        a - b
        for a, b in zip(aim.bands_side_to_mid_db, own, strict=True)
        if a is not None and b is not None and math.isfinite(b)
    ]
    return round(sum(away) / len(away), 1) if away else None


def _width(wider_db: Floats) -> str:
    k = int(np.argmax(np.abs(wider_db)))
    if abs(wider_db[k]) < SMALLEST_DB:
        return ""
    word = "wider" if wider_db[k] > 0 else "narrower"
    return f"; {word}, most at {_HZ[k]:,.0f} Hz by {abs(wider_db[k]):.1f} dB"


def _rms(curve_db: Floats) -> float:
    return float(np.sqrt(np.mean(curve_db**2)))
