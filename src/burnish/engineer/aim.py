"""Aim: from style, deliveries and wishes to the Target of one master."""

import math
from collections.abc import Sequence

import numpy as np

from burnish.engineer.codec_safe import FULL_SCALE_DBTP, codecs_of, decoded_ceiling
from burnish.engineer.match import Wanted, expected_plr_db
from burnish.engineer.recognise import MIDDLE, recognise
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.targets import Delivery, Floors, Style, Target, delivery, style

GIVE_DB = (
    1.0  # what may still be taken from the peaks of a mix that has too little of them: opinion
)
TARGET_RANGE_LUFS = (-60.0, 0.0)
LEAST_CEILING_DBTP = -20.0
LOUDEST_LUFS = -4.0  # what may be asked for; how much of it is good, the trials tell
PEAK_ROOM_DB = 0.3  # what the highest peak of one song may stand over another's
CEILING_DBTP = -1.0  # AES TD1008 and what most services ask for: room for a lossy codec's overshoot


def aim(measured: Measurement, wishes: Wishes, wanted: Wanted | None = None) -> Target:
    """What this master shall be.

    What was asked wins over what a delivery demands, that over the references, those over where a
    delivery plays, and that over the style.
    """
    confidence = None
    if wishes.style == "auto":
        found = recognise(measured)
        chosen, confidence = found.style, found.confidence
    else:
        chosen = style(wishes.style)
    places = tuple(delivery(name) for name in wishes.for_)
    loudness_lufs, loudness_from = _loudness(measured, chosen, places, wishes)
    if wanted is not None and not _is_fixed(places, wishes):
        loudness_lufs, loudness_from = _as_wanted(loudness_lufs, loudness_from, wanted)
    ceiling_dbtp, ceiling_from = ceiling_for(loudness_lufs, wishes)
    if wanted is not None:
        ceiling_dbtp, ceiling_from = _peaks_as_wanted(
            ceiling_dbtp, ceiling_from, loudness_lufs, measured, wanted
        )
    codecs = codecs_of(wishes, places)
    return Target(
        style=chosen.name,
        style_confidence=confidence,
        deliveries=wishes.for_,
        loudness_lufs=loudness_lufs,
        ceiling_dbtp=ceiling_dbtp,
        tone=chosen.tone,
        dynamics=chosen.dynamics,
        stereo=chosen.stereo,
        floors=_floors(measured, chosen, confidence, wanted),
        repair=chosen.repair,
        codecs=codecs,
        decoded_ceiling_dbtp=decoded_ceiling(places) if codecs else FULL_SCALE_DBTP,
        sources={"loudness": loudness_from, "ceiling": ceiling_from},
        references=() if wanted is None else tuple(one.note() for one in wanted.references),
        match={} if wanted is None else wanted.aspects.model_dump(),
    )


def _loudness(
    measured: Measurement, chosen: Style, places: Sequence[Delivery], wishes: Wishes
) -> tuple[float, str]:
    if wishes.loudness_lufs == "max":
        return LOUDEST_LUFS, "as loud as costs little"
    if wishes.loudness_lufs is not None:
        return wishes.loudness_lufs, "asked for"
    known = [(place.loudness_lufs, place) for place in places if place.loudness_lufs is not None]
    if demands := [pair for pair in known if pair[1].loudness_is == "demand"]:
        loudness_lufs, place = min(demands, key=lambda pair: pair[0])
        return loudness_lufs, f"{place.title} demands it"
    if known:
        loudness_lufs, place = max(known, key=lambda pair: pair[0])
        return loudness_lufs, f"{place.title} plays at it"
    # The style's own. A mix that is within its quartiles stays; a louder one goes to the loud edge.
    own, loudness = measured.loudness.integrated_lufs, chosen.loudness
    aim_lufs = float(
        np.interp(
            wishes.intensity,
            (0.0, 0.5, 1.0),
            (loudness.low_lufs, loudness.aim_lufs, loudness.high_lufs),
        )
    )
    if own is not None and own > aim_lufs:
        if own <= loudness.high_lufs:
            return own, f"the mix is already as loud as {chosen.name} is"
        return max(aim_lufs, loudness.high_lufs), f"the loud edge of {chosen.name}"
    return aim_lufs, f"where {chosen.name} is"


def _is_fixed(places: Sequence[Delivery], wishes: Wishes) -> bool:
    """Whether the loudness was asked for, or a delivery refuses any other."""
    demanded = any(
        place.loudness_is == "demand" and place.loudness_lufs is not None for place in places
    )
    return wishes.loudness_lufs is not None or demanded


def _as_wanted(loudness_lufs: float, loudness_from: str, wanted: Wanted) -> tuple[float, str]:
    """The reference's loudness, or as far on the way to it as was asked for."""
    share = wanted.aspects.loudness
    if share == 0:
        return loudness_lufs, loudness_from
    low, high = TARGET_RANGE_LUFS
    aimed = loudness_lufs + share * (wanted.portrait.loudness_lufs - loudness_lufs)
    words = f"{wanted.name}'s" if len(wanted.references) < 2 else "the mean of the references"
    reason = words if share == 1 else f"{100 * share:.0f} % of the way to {wanted.name}"
    return min(high, max(low, aimed)), reason


def _peaks_as_wanted(
    ceiling_dbtp: float,
    ceiling_from: str,
    loudness_lufs: float,
    measured: Measurement,
    wanted: Wanted,
) -> tuple[float, str]:
    """A lower ceiling, where the reference's peaks stand less far over its loudness."""
    plr_db = expected_plr_db(measured, wanted.portrait)
    if wanted.aspects.dynamics == 0 or plr_db is None:
        return ceiling_dbtp, ceiling_from
    peak_dbtp = round(max(LEAST_CEILING_DBTP, loudness_lufs + plr_db + PEAK_ROOM_DB), 2)
    if peak_dbtp >= ceiling_dbtp:
        return ceiling_dbtp, ceiling_from
    return peak_dbtp, f"its peaks over its loudness as {wanted.name} has them"


def _floors(
    measured: Measurement, chosen: Style, confidence: float | None, wanted: Wanted | None = None
) -> Floors:
    """The style's floors, no stricter than they can be kept.

    Where the style is a guess they lie between its own and the lower ones of pop: a guess that a
    mix is jazz must not forbid what was asked of it. And a mix that is denser than its style
    already may lose ``GIVE_DB`` more: stopping does not give back what is gone. What a reference
    has less of may be lost, as far as its loudness is wanted.
    """
    trust = 1.0 if confidence is None else float(np.interp(confidence, (0.3, 0.7), (0.0, 1.0)))
    own, middle = chosen.floors.model_dump(), style(MIDDLE).floors.model_dump()
    has = {"plr_db": measured.dynamics.plr_db, "psr_db": measured.dynamics.psr_p5_db}
    floors = {}
    asked = (
        {}
        if wanted is None or not wanted.aspects.loudness
        else {"plr_db": wanted.portrait.plr_db, "psr_db": wanted.portrait.psr_p5_db}
    )
    for name in ("plr_db", "psr_db", "loud_plr_db", "loud_psr_db"):
        floor = min(own[name], middle[name] + trust * (own[name] - middle[name]))
        mix_db = has[name.removeprefix("loud_")]
        if mix_db is not None and math.isfinite(mix_db):
            floor = min(floor, max(0.0, mix_db - GIVE_DB))
        reference_db = asked.get(name.removeprefix("loud_"))
        if reference_db is not None:
            floor = min(floor, max(0.0, reference_db - GIVE_DB))
        floors[name] = round(floor, 2)
    return chosen.floors.with_(**floors)


def ceiling_for(loudness_lufs: float, wishes: Wishes) -> tuple[float, str]:
    """The ceiling of a master of this loudness, and why: as asked, or as its places ask."""
    places = tuple(delivery(name) for name in wishes.for_)
    if wishes.ceiling_dbtp is not None:
        return wishes.ceiling_dbtp, "asked for"
    lowest, reason = CEILING_DBTP, "room for a lossy codec"
    asked = [
        (
            place.ceiling_loud_dbtp
            if place.ceiling_loud_dbtp is not None
            and place.loudness_lufs is not None
            and loudness_lufs > place.loudness_lufs
            else place.ceiling_dbtp,
            place,
        )
        for place in places
    ]
    if asked:
        lowest, place = min(asked, key=lambda pair: pair[0])
        reason = f"{place.title} asks for it"
    return lowest, reason
