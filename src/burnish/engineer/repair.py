"""Repair: from what was found damaged to the steps that mend it, before any other move."""

import math
from statistics import median
from typing import Annotated, Literal

from pydantic import Field

from burnish.audio import Source
from burnish.chain import Step
from burnish.chain.plan import Evidence
from burnish.engineer.noise_profile import noise_of
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure.clicks import Clicks
from burnish.measure.clipping import Clipping
from burnish.measure.continuity import Gap
from burnish.measure.examine import Examination
from burnish.measure.hiss import Hiss
from burnish.measure.hum import Hum
from burnish.processors import Processor
from burnish.processors.repair.declick import Declick
from burnish.processors.repair.declip import Declip
from burnish.processors.repair.decrackle import Decrackle
from burnish.processors.repair.dehum import Dehum
from burnish.processors.repair.denoise import Denoise
from burnish.processors.repair.dropout import Dropout
from burnish.qc.clicks import are_damage
from burnish.settings import Settings, setting
from burnish.targets import Target

Extent = Literal["none", "sure", "all"]
"""What is mended unasked: nothing, sure faults of the samples and the mains, or noise as well."""

Part = Annotated[float, Field(ge=0, le=1)] | Literal["auto"]
Reduction = Annotated[float, Field(ge=0, le=20)] | Literal["auto"]
Switch = Literal["auto", "on", "off"]

SENSITIVITY, WORN_SENSITIVITY = 0.65, 0.8  # of Declick: for single clicks, for a worn surface
CRACKLE_AMOUNT = 0.5
CRACKLE_PER_MIN = 60.0  # clicks: a worn surface rather than single clicks (opinion)
WORN_DB, PLAIN_DB = 35.0, 48.0
# Over the usual innovation: a surface ticks at 26 to 30 dB, a plain click stands over anything that
# fifteen undamaged tracks have (44 dB).
GAP_MS = 20.0
SURE = 0.7  # of hum and of hiss, to be mended unasked
HEARD_DBFS = -70.0  # A-weighted: hiss under this is not heard beside any music (opinion)
HISS_DB, MOST_HISS_DB = 9.0, 15.0
# Of reduction: 6 to 10 dB are safe in the quietest hiss; what is louder may go down further, as it
# is the louder fault: 0.3 dB for each over -62 dBFS (by SNR, on fifteen hissing excerpts).
CLIPPED_SHARE = 0.2  # of the samples: past this there is nothing left to restore from
ACCIDENT_SHARE = 0.001  # more than this was clipped on purpose: a master does not undo it unasked


class Repairs(Settings):
    """How much of each repair. ``auto`` is as much as was found; 0 or off is none."""

    declick: Part = setting("auto", help="Clicks and pops: 0 none, 0.5 careful, 1 all and more.")
    decrackle: Part = setting("auto", help="The ticking of a worn record: 0 none, 1 most.")
    dropouts: Switch = setting("auto", help="Short gaps, filled as the music around them goes on.")
    declip: Switch = setting("auto", help="Cut tops, brought back from what is left of the wave.")
    dehum: Switch = setting("auto", help="The hum of the mains and its harmonics.")
    denoise: Reduction = setting(
        "auto", unit="dB", help="Hiss: how far the noise goes down; 0 none, 10 is safe."
    )
    noise_profile: str = setting(
        "",
        scale="text",
        help="Where the noise is alone: START-END in this recording, as 0:02-0:05; or a FILE.",
    )


def extent_of(target: Target, wishes: Wishes) -> Extent:
    """How far is mended: what was wished, else what the style asks for."""
    return target.repair if wishes.repair == "auto" else wishes.repair


def mend(examined: Examination, repairs: Repairs, source: Source, extent: Extent = "all") -> Advice:
    """The repairs, in the order of work, each with what was found; and what was left, and why.

    What ``repairs`` leaves at auto goes as far as ``extent``; what it asks for is done.
    """
    clicks, gaps = _beside_clipping(examined)
    advice = [
        _declip(examined.clipping, repairs, extent),
        _declick(clicks, repairs, extent),
        _decrackle(clicks, repairs, extent),
        _dropouts(gaps, repairs, extent),
        _dehum(examined.hum, repairs, extent),
        _denoise(examined.hiss, repairs, extent, source),
    ]
    return Advice(
        tuple(step for one in advice for step in one.steps),
        tuple(note for one in advice for note in one.notes),
    )


def _beside_clipping(examined: Examination) -> tuple[Clicks, tuple[Gap, ...]]:
    """Clicks and gaps, but for what clipping looks like: corners are no clicks, tops no gaps."""
    clicks, gaps, clipping = examined.clicks, examined.continuity.gaps, examined.clipping
    if clipping.threshold_dbfs is None:
        return clicks, gaps

    def whole(time_s: float) -> bool:
        return not any(start <= time_s <= end for start, end in clipping.times_s)

    kept = [k for k, time_s in enumerate(clicks.times_s) if whole(time_s)]
    per_click = clicks.per_min / clicks.count if clicks.count else 0.0
    beside = Clicks(
        count=len(kept),
        per_min=per_click * len(kept),
        times_s=tuple(clicks.times_s[k] for k in kept),
        lengths_ms=tuple(clicks.lengths_ms[k] for k in kept),
        prominence_db=tuple(clicks.prominence_db[k] for k in kept),
    )
    return beside, tuple(gap for gap in gaps if gap.kind == "silence" or whole(gap.start_s))


def _declick(found: Clicks, repairs: Repairs, extent: Extent) -> Advice:
    sensitivity = repairs.declick
    if sensitivity == "auto":
        if extent == "none":
            return Advice()
        if not found.count:
            return Advice(notes=("Clicks: none found.",))
        if not are_damage(found) and max(found.prominence_db) < PLAIN_DB:
            return Advice(notes=(f"Clicks: {found.count} at most, as music has; left alone.",))
        worn = extent == "all" and _is_worn(found)
        sensitivity = WORN_SENSITIVITY if worn else SENSITIVITY
    if not sensitivity:
        return Advice()
    clicks = f"{found.count} click{'' if found.count == 1 else 's'}"
    return _mended(
        Declick(sensitivity=sensitivity),
        f"{clicks.capitalize()} found; each is replaced by what the music around it foretells.",
        {"clicks": found.count, "per_min": round(found.per_min, 1)},
    )


def _is_worn(found: Clicks) -> bool:
    """Whether it is a surface, soft and everywhere, rather than clicks."""
    return found.per_min >= CRACKLE_PER_MIN and median(found.prominence_db) < WORN_DB


def _decrackle(found: Clicks, repairs: Repairs, extent: Extent) -> Advice:
    amount = repairs.decrackle
    if amount == "auto":
        if extent != "all" or not _is_worn(found):
            return Advice()
        amount = CRACKLE_AMOUNT
    if not amount:
        return Advice()
    return _mended(
        Decrackle(amount=amount),
        "The surface is worn: the small ticks between the clicks are lowered.",
        {"clicks_per_min": round(found.per_min, 1), "limit_per_min": CRACKLE_PER_MIN},
    )


def _dropouts(gaps: tuple[Gap, ...], repairs: Repairs, extent: Extent) -> Advice:
    if repairs.dropouts == "off" or (repairs.dropouts == "auto" and extent == "none"):
        return Advice()
    short = [gap for gap in gaps if 1000.0 * gap.length_s <= GAP_MS]
    if not short and repairs.dropouts == "auto":
        return Advice()
    said = f"{len(short)} gap{'' if len(short) == 1 else 's'}"
    return _mended(
        Dropout(longest_ms=GAP_MS),
        f"{said.capitalize()} in the sound; filled as the music around goes on.",
        {"gaps": len(short), "longer_gaps_left": len(gaps) - len(short)},
    )


def _declip(found: Clipping, repairs: Repairs, extent: Extent) -> Advice:
    if repairs.declip == "off" or (repairs.declip == "auto" and extent == "none"):
        return Advice()
    if found.threshold_dbfs is None:
        return Advice(notes=("Clipping: no plateau found; nothing to restore.",))
    if repairs.declip == "auto" and found.share > CLIPPED_SHARE:
        return Advice(
            notes=(
                f"Clipping: {100 * found.share:.0f} % of the samples are cut; too much is gone to "
                "be restored. A mix without it is what helps.",
            )
        )
    if repairs.declip == "auto" and extent == "sure" and found.share > ACCIDENT_SHARE:
        return Advice(
            notes=(
                f"Clipping: {100 * found.share:.2g} % of the samples are cut, more than by "
                "accident; left as mixed. --repair all brings the tops back.",
            )
        )
    where = f"at {found.threshold_dbfs:.1f} dBFS" if found.earlier else "at full scale"
    return _mended(
        Declip(thresholds_dbfs=tuple(round(t, 4) for t in found.thresholds_dbfs)),
        f"The tops are cut {where}; what is left of the wave brings them back.",
        {
            "runs": found.runs,
            "share_percent": round(100 * found.share, 4),
            "overdrive_db": round(found.overdrive_db, 1),
        },
    )


def _dehum(found: Hum, repairs: Repairs, extent: Extent) -> Advice:
    if repairs.dehum == "off" or (repairs.dehum == "auto" and extent == "none"):
        return Advice()
    if found.mains_hz is None:
        return Advice(notes=("Hum: no line of the mains found.",))
    if repairs.dehum == "auto" and found.confidence < SURE:
        return Advice(
            notes=(
                f"Hum: what stands at {found.mains_hz:.1f} Hz may be music "
                f"({100 * found.confidence:.0f} % sure); left alone.",
            )
        )
    strengths = found.strengths_dbfs()
    return _mended(
        Dehum(
            mains_hz=round(found.mains_hz, 3),
            harmonics=max(1, len(strengths)),
            strengths_dbfs=tuple(round(s, 1) for s in strengths),
        ),
        f"The mains hum at {found.mains_hz:.2f} Hz with {len(found.lines)} lines; they are "
        "followed and subtracted.",
        {
            "hum_rms_dbfs": round(found.rms_dbfs, 1),
            "drift_hz": round(found.drift_hz, 3),
            "confidence": round(found.confidence, 2),
        },
    )


def _denoise(found: Hiss, repairs: Repairs, extent: Extent, source: Source) -> Advice:
    reduction_db = repairs.denoise
    given = bool(repairs.noise_profile)
    if not reduction_db or (reduction_db == "auto" and extent != "all" and not given):
        return Advice()
    found = noise_of(repairs.noise_profile, source) if given else found
    if not found.mid_dbfs or not math.isfinite(found.a_weighted_dbfs):
        return Advice(notes=("Hiss: no noise can be told from the music.",))
    if repairs.denoise == "auto" and not given and found.a_weighted_dbfs < HEARD_DBFS:
        return Advice(notes=("Hiss: too soft to be heard; left alone.",))
    if repairs.denoise == "auto" and not given and found.confidence < SURE:
        return Advice(
            notes=(
                f"Hiss: what lies at {found.a_weighted_dbfs:.0f} dBFS may be soft music "
                f"({100 * found.confidence:.0f} % sure it is not); left alone. `burnish restore` "
                "--denoise 9 or --noise-profile takes it down.",
            )
        )
    if reduction_db == "auto":
        more_db = 0.3 * (found.a_weighted_dbfs + 62.0)
        reduction_db = round(min(MOST_HISS_DB, HISS_DB + max(0.0, more_db)), 1)
    return _mended(
        Denoise(
            reduction_db=reduction_db,
            noise_dbfs=found.mid_dbfs,
            side_noise_dbfs=found.side_dbfs if source.info.channels == 2 else (),
        ),
        f"Hiss at {found.a_weighted_dbfs:.0f} dBFS (A-weighted), lowered where no music covers it.",
        {
            "noise_a_weighted_dbfs": round(found.a_weighted_dbfs, 1),
            "confidence": round(found.confidence, 2),
        },
    )


def _mended(settings: Processor, reason: str, evidence: Evidence) -> Advice:
    step = Step(processor=settings.name, settings=settings, reason=reason, evidence=evidence)
    return Advice((step,))
