"""Repair: from what was found damaged to the steps that mend it, before any other move."""

from typing import Annotated, Literal

from pydantic import Field

from burnish.audio import Source
from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure.examine import Examination
from burnish.processors.repair.declip import Declip
from burnish.settings import Settings, setting
from burnish.targets import Target

Extent = Literal["none", "sure", "all"]
"""What is mended unasked: nothing, sure faults of the samples and the mains, or noise as well."""

Part = Annotated[float, Field(ge=0, le=1)] | Literal["auto"]
Reduction = Annotated[float, Field(ge=0, le=20)] | Literal["auto"]
Switch = Literal["auto", "on", "off"]

SAFE_SENSITIVITY = 0.5  # of Declick: leaves undamaged music alone
CRACKLE_AMOUNT = 0.5
CRACKLE_PER_MIN = 60.0  # ticks: a worn surface rather than single clicks (opinion)
GAP_MS = 20.0
SURE = 0.7  # of hum and of hiss, to be mended unasked
HISS_DB = 9.0  # of reduction: 6 to 10 dB are safe, 12 is heard
CLIPPED_SHARE = 0.2  # of the samples: past this there is nothing left to restore from


class Repairs(Settings):
    """How much of each repair. ``auto`` is as much as was found; 0 or off is none."""

    declick: Part = setting("auto", help="Clicks and pops: 0 none, 0.5 safe, 1 all and more.")
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
    advice = [
        _declip(examined, repairs, extent),
    ]
    return Advice(
        tuple(step for one in advice for step in one.steps),
        tuple(note for one in advice for note in one.notes),
    )


def _declip(examined: Examination, repairs: Repairs, extent: Extent) -> Advice:
    found = examined.clipping
    if repairs.declip == "off" or (repairs.declip == "auto" and extent == "none"):
        return Advice()
    thresholds = found.thresholds_dbfs
    if not thresholds:
        return Advice(notes=("Clipping: no plateau found; nothing to restore.",))
    if repairs.declip == "auto" and found.share > CLIPPED_SHARE:
        return Advice(
            notes=(
                f"Clipping: {100 * found.share:.0f} % of the samples are cut; too much is gone to "
                "be restored. A mix without it is what helps.",
            )
        )
    where = "at full scale" if not found.earlier else f"at {found.threshold_dbfs:.1f} dBFS"
    return Advice(
        (
            Step(
                processor="declip",
                settings=Declip(thresholds_dbfs=tuple(round(t, 4) for t in thresholds)),
                reason=f"The tops are cut {where}; what is left of the wave brings them back.",
                evidence={
                    "runs": found.runs,
                    "share_percent": round(100 * found.share, 4),
                    "overdrive_db": round(found.overdrive_db, 1),
                },
            ),
        )
    )
