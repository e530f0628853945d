"""Low end: bass that wanders costs headroom, skips on vinyl and vanishes in mono."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.width import Width
from burnish.targets import Target

ENOUGH_DB = -30.0  # side below this against the middle is mono to every ear
OPPOSITE_DB = 0.0  # with more side than middle, mono would take more than half of the bass away


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Mono below the style's corner where the bass is wider than three in four of its records."""
    corner_hz = target.stereo.mono_below_hz
    bass_db = measured.stereo.bands_side_to_mid_db[0]
    if corner_hz == 0 or wishes.intensity == 0 or bass_db is None:
        return Advice()
    edge_db = target.stereo.band_q75_db[0] if target.stereo.band_q75_db else ENOUGH_DB
    if bass_db <= edge_db:
        return Advice(notes=(f"Bass: as narrow as {target.style} has it; left alone.",))
    if bass_db > OPPOSITE_DB:
        return Advice(
            notes=("Bass: mostly opposite in the channels; mono would take it away, left alone.",)
        )
    return Advice(
        (
            Step(
                processor="width",
                settings=Width(mono_below_hz=corner_hz),
                reason=f"The bass is wider than {target.style} has it; it goes to the middle.",
                evidence={
                    "side_to_mid_below_148_hz_db": round(bass_db, 1),
                    "three_in_four_are_below_db": edge_db,
                    "source": target.stereo.source,
                },
            ),
        )
    )
