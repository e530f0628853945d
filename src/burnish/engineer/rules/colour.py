"""Colour: only when it is asked for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors import Processor, processor_type
from burnish.processors.saturation import NOMINAL_DBFS, Saturation
from burnish.targets import Target

UNSAID = 0.5  # of warmth, where only a colour is named
_DRIVE_RANGE_DB = (-12.0, 24.0)  # what all of them take

COLOURS: dict[str, tuple[float, str]] = {
    "none": (9.0, "Warmth was asked for: second harmonics, as a tube gives them."),
    "tape": (4.0, "Tape was asked for: rounded peaks, soft treble, a lift in the bass."),
    "tube": (6.0, "A tube was asked for: second and third harmonics that follow the loudness."),
    "transformer": (9.0, "A transformer was asked for: harmonics of the bass."),
}
"""Drive in dB at full warmth for a mix at the nominal level, and the reason. Named no colour, it is
the memoryless tube of ``saturation``: 0.56 % of the second harmonic."""


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """The colour that was asked for, as strong as the warmth, set by the mix's own level.

    The drive brings the loudest 3 s to the same place on the curve whatever the mix's gain.
    """
    kind, warmth = wishes.colour, wishes.warmth
    if kind == "none" and warmth == 0:
        return Advice(notes=("Colour: not asked for; none added.",))
    loudness = measured.loudness
    short_lufs, moment_lufs = loudness.max_short_term_lufs, loudness.max_momentary_lufs
    loud_lufs = moment_lufs if short_lufs is None else short_lufs
    if loud_lufs is None:
        return Advice(notes=("Colour: too short to be measured; none added.",))
    warmth = warmth or UNSAID
    most_db, reason = COLOURS[kind]
    low_db, high_db = _DRIVE_RANGE_DB
    drive_db = round(min(high_db, max(low_db, most_db * warmth + NOMINAL_DBFS - loud_lufs)), 2)
    found = _processor(kind, drive_db, round(warmth, 3))
    evidence: dict[str, float | str | None] = {"warmth": warmth}
    if kind != "none":
        evidence["colour"] = kind
    evidence["loudest_3_s_lufs"] = round(loud_lufs, 1)
    return Advice((Step(processor=found.name, settings=found, reason=reason, evidence=evidence),))


def _processor(kind: str, drive_db: float, amount: float) -> Processor:
    if kind == "none":
        return Saturation(character="tube", drive_db=drive_db, amount=amount)
    return processor_type(kind).model_validate({"drive_db": drive_db, "amount": amount})
