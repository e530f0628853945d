"""Tone and width: one curve for the middle and one for the side, in one equalizer.

The side's curve is the middle's plus what makes it as wide; so each can be matched alone.
"""

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step
from burnish.engineer.match.curve import both_errors, bounded, less, smooth
from burnish.engineer.match.references import Wanted
from burnish.engineer.rules.advice import Advice
from burnish.processors.match_eq import MatchEq
from burnish.targets import THIRDS_HZ, Portrait

Floats = NDArray[np.float64]

# As asked up to the first; beyond it half, never over the second. A boost lifts what nobody has
# heard yet and costs headroom; a cut takes what the reference has not. A side is soft: lifting it
# costs little.
BOOST_DB, SIDE_BOOST_DB = (6.0, 9.0), (9.0, 12.0)
CUT_DB, END_CUT_DB = (10.0, 14.0), (14.0, 18.0)
END_HZ = (40.0, 16_500.0)  # beyond them half of it: little is heard there, and less is known
END_CUT_HZ = (
    51.0,
    12_000.0,
)  # beyond them a cut that is sure goes further: a reference's high-pass
SURE_DB = 2.0  # a standard error
WORTH_A_WORD_DB = 1.0
SMALLEST_DB = 0.15  # a curve that is nowhere larger is not drawn
LOWEST_HZ, LOWEST_BOOST_DB = 35.0, 2.0  # below any bass: a boost costs headroom and is not heard
NOISE_DB, NOISE_UNDER_DB = 8.0, -50.0
# A third octave is noise where it stands no further over its softest moments, and this far under
# the loudness: dense music stands as little over them, but far higher.
EMPTY_DB = -75.0  # under the loudness: nothing to hear, and what is there is a codec's or dither

_HZ = np.array(THIRDS_HZ)


def advise(mix: Portrait, wanted: Wanted, pull: float) -> Advice:
    """A match equalizer toward the wanted tone and width, or a note why there is none."""
    aim, asked = wanted.portrait, wanted.aspects
    if asked.tone == 0 and asked.width == 0:
        return Advice(notes=("Tone and width: not to be matched; left alone.",))
    mid = _difference(mix, aim, "mid")
    stereo = not (mix.near_mono or aim.near_mono)
    side = _difference(mix, aim, "side") if stereo else mid
    notes = _mono_notes(mix, aim, wanted)
    mid_asked_db = pull * asked.tone * mid
    side_asked_db = mid_asked_db + pull * asked.width * (side - mid)
    ceilings = most_boost(mix, aim)
    mid_db = _held(mid_asked_db, BOOST_DB, _sure(mix, aim, "mid"), ceilings)
    apart = stereo and asked.width != 0
    side_db = (
        _held(side_asked_db, SIDE_BOOST_DB, _sure(mix, aim, "side"), ceilings) if apart else mid_db
    )
    for part, wished, given in (("middle", mid_asked_db, mid_db), ("side", side_asked_db, side_db)):
        notes = (*notes, *_held_notes(part, wished, given, wanted))
    if max(np.abs(mid_db).max(), np.abs(side_db).max()) < SMALLEST_DB:
        return Advice(notes=(*notes, f"Tone: as {wanted.name} has it; left alone."))
    mid_points = tuple(round(float(v), 2) for v in mid_db)
    side_points = tuple(round(float(v), 2) for v in side_db)
    same = not stereo or mid_points == side_points
    return Advice(
        steps=(
            Step(
                processor="match_eq",
                settings=MatchEq(
                    frequencies_hz=tuple(round(hz, 2) for hz in THIRDS_HZ),
                    gains_db=mid_points,
                    side_gains_db=() if same else side_points,
                ),
                reason=f"Toward the tone of {wanted.name}, broadly: {words(mid_db)}.",
                evidence={
                    "mid_away_db": _mean_size(less(aim.loud.mid_db, mix.loud.mid_db)),
                    "side_away_db": _mean_size(less(aim.loud.side_db, mix.loud.side_db)),
                    "mid_error_db": _mean_size(
                        both_errors(aim.loud.mid_error_db, mix.loud.mid_error_db)
                    ),
                    "mid_moved_db": round(float(np.abs(mid_db).mean()), 2),
                    "side_moved_db": round(float(np.abs(side_db).mean()), 2),
                    "strength": round(pull * asked.tone, 2),
                    "width_strength": round(pull * asked.width, 2),
                    "share_heard_of_the_mix": round(mix.loud.share, 2),
                    "share_heard_of_the_reference": round(aim.loud.share, 2),
                },
            ),
        ),
        notes=notes,
    )


def _difference(mix: Portrait, aim: Portrait, part: str) -> Floats:
    """What the loud part lacks, as a smooth curve."""
    return smooth(
        less(getattr(aim.loud, f"{part}_db"), getattr(mix.loud, f"{part}_db")),
        both_errors(getattr(aim.loud, f"{part}_error_db"), getattr(mix.loud, f"{part}_error_db")),
    )


def _sure(mix: Portrait, aim: Portrait, part: str) -> NDArray[np.bool_]:
    """Where both are known well enough to cut by them."""
    errors = both_errors(
        getattr(aim.loud, f"{part}_error_db"), getattr(mix.loud, f"{part}_error_db")
    )
    return np.array([e is not None and e <= SURE_DB for e in errors])


def _held(
    asked_db: Floats, boost_db: tuple[float, float], sure: NDArray[np.bool_], ceilings_db: Floats
) -> Floats:
    """The curve within what may be boosted and cut: at the ends less, but of sure cuts more."""
    room = np.where(np.clip(_HZ, *END_HZ) == _HZ, 1.0, 0.5)
    further = sure & (np.clip(_HZ, *END_CUT_HZ) != _HZ)
    boost = bounded(asked_db, boost_db[0] * room, boost_db[1] * room)
    cut = bounded(
        asked_db,
        np.where(further, END_CUT_DB[0], CUT_DB[0] * room),
        np.where(further, END_CUT_DB[1], CUT_DB[1] * room),
    )
    return np.minimum(np.where(asked_db > 0, boost, cut), ceilings_db)


def most_boost(mix: Portrait, aim: Portrait) -> Floats:
    """The most that each third octave may be lifted: no noise, nothing that a codec took."""
    most = np.full(len(_HZ), np.inf)
    most[_HZ < LOWEST_HZ] = LOWEST_BOOST_DB
    for one in (mix, aim):
        if one.cutoff_hz is not None:
            most[one.cutoff_hz * 0.999 < _HZ] = 0.0
        for k, (level, floor) in enumerate(zip(one.loud.mid_db, one.floor_db, strict=True)):
            if level is None:
                continue
            low = level < NOISE_UNDER_DB
            noise = low and floor is not None and level - floor < NOISE_DB
            if noise or level < EMPTY_DB:
                most[k] = 0.0
    return most


def _mono_notes(mix: Portrait, aim: Portrait, wanted: Wanted) -> tuple[str, ...]:
    if wanted.aspects.width == 0:
        return ("Width: not to be matched; left alone.",)
    if mix.near_mono:
        return ("Width: the mix is mono or nearly; left alone.",)
    if aim.near_mono:
        return (f"Width: {wanted.name} is mono or nearly, and says nothing of width; left alone.",)
    return ()


def _held_notes(part: str, asked_db: Floats, given_db: Floats, wanted: Wanted) -> tuple[str, ...]:
    """Where bounds and guards held the most back, if it is worth a word."""
    held = np.abs(asked_db - given_db)
    k = int(np.argmax(held))
    if held[k] < WORTH_A_WORD_DB:
        return ()
    return (
        f"Tone: as {wanted.name}, the {part} would get {asked_db[k]:+.1f} dB at {_HZ[k]:,.0f} Hz; "
        f"not followed beyond {given_db[k]:+.1f} dB.",
    )


def _mean_size(values: tuple[float | None, ...]) -> float | None:
    known = [abs(v) for v in values if v is not None]
    return round(sum(known) / len(known), 2) if known else None


def words(curve_db: Floats) -> str:
    """The largest of a curve's moves in four broad regions: 'more at 80 Hz, less at 3,150 Hz'."""
    said = []
    for low, high in ((20, 200), (200, 1000), (1000, 5000), (5000, 25000)):
        inside = np.flatnonzero((low <= _HZ) & (high > _HZ))
        k = inside[np.argmax(np.abs(curve_db[inside]))]
        if abs(curve_db[k]) >= 0.5:
            word = "more" if curve_db[k] > 0 else "less"
            said.append(f"{curve_db[k]:+.1f} dB ({word}) at {_HZ[k]:,.0f} Hz")
    return ", ".join(said) or "by less than half a decibel"
