"""Notes to the mixer: which findings the plan mends, and which belong back in the mix."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from burnish.audio import Source
from burnish.chain import Plan, Step
from burnish.engineer.aim import aim
from burnish.engineer.intake import Taken
from burnish.engineer.normal import recognised
from burnish.engineer.repair import Repairs, extent_of, mend
from burnish.engineer.track import advise
from burnish.engineer.wishes import Wishes
from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.processors import Processor
from burnish.processors.equalizer import Equalizer, response_db
from burnish.processors.match_eq import MatchEq
from burnish.qc import findings_of_mix
from burnish.targets import style

LEAST_DB = 0.5  # a move smaller than this mends nothing that was worth a finding
_RATE_HZ = 96_000  # the shapes of the bands are analogue

MENDS: dict[str, tuple[str, ...]] = {
    "clicks": ("declick", "decrackle"),
    "dropouts": ("dropout",),
    "clipped": ("declip",),
    "clipped-earlier": ("declip",),
    "hum": ("dehum",),
    "hiss": ("denoise",),
    "rumble": ("equalizer",),
    "dc": ("equalizer",),
    "imbalance": ("balance",),
    "polarity": ("align",),
    "channel-delay": ("align",),
    "sibilance": ("deesser",),
    "uneven-bass": ("dynamic_eq",),
    "wandering-bass": ("width",),
    "bass-phase": ("width",),
    "wide": ("width",),
    "narrow": ("width",),
}
"""Code -> the processors that mend it wherever they are in a plan."""

TOO_MUCH = ("boom", "one-note-bass", "mud", "boxiness", "harshness", "bright", "resonance")
TOO_LITTLE = ("thin", "dull")
_HELD = ("dynamic_eq", "resonance", "deesser")
"""What holds a band back only while it is too loud."""


def with_mends(findings: Sequence[Finding], steps: Sequence[Step]) -> tuple[Finding, ...]:
    """The findings, each with the processor of these steps that mends or eases it."""
    acting = [step for step in steps if step.acts]
    return tuple(replace(one, mended_by=_mended_by(one, acting)) for one in findings)


MOST = 7
"""Notes that are told of a mix: more are not read."""


def notes_of(taken: Taken, wishes: Wishes, plan: Plan) -> tuple[Finding, ...]:
    """What a person should hear of the mix beside its master, the worst first.

    Held against the style that was asked for, or the nearest. Where references decide the tone,
    nothing is said of it here: the plan tells what it moved.
    """
    if taken.examined is None:
        return ()
    measured = taken.measured
    named = wishes.profile or wishes.style
    normal = recognised(measured).style if named == "auto" else style(named)
    found = [one for one in findings_of_mix(taken.examined, normal) if one.severity != "info"]
    if wishes.reference:
        found = [one for one in found if one.code not in (*TOO_MUCH, *TOO_LITTLE)]
    return with_mends(found[:MOST], plan.steps)


def would_do(examined: Examination, source: Source, wishes: Wishes) -> tuple[Step, ...]:
    """The steps that ``burnish master`` would take before loudness, as the rules have them."""
    target = aim(examined.measured, wishes)
    mended = mend(examined, Repairs(), source, extent_of(target, wishes))
    return (*mended.steps, *advise(examined.measured, target, wishes).steps)


def _mended_by(finding: Finding, steps: Sequence[Step]) -> str | None:
    names = {step.processor for step in steps}
    for name in MENDS.get(finding.code, ()):
        if name in names and (name != "equalizer" or _high_passed(steps)):
            return name
    frequency_hz = finding.frequency_hz
    wanted = -1 if finding.code in TOO_MUCH else 1 if finding.code in TOO_LITTLE else 0
    if frequency_hz is None or not wanted:
        return None
    moved = [(step.processor, wanted * _gain_db(step.settings, frequency_hz)) for step in steps]
    if sum(gain_db for _, gain_db in moved) >= LEAST_DB:
        return max(moved, key=lambda pair: pair[1])[0]
    if wanted < 0:
        return next((s.processor for s in steps if _holds(s.settings, frequency_hz)), None)
    return None


def _high_passed(steps: Sequence[Step]) -> bool:
    bands = [b for s in steps if isinstance(s.settings, Equalizer) for b in s.settings.bands]
    return any(band.kind == "high_pass" for band in bands)


def _gain_db(settings: Processor, frequency_hz: float) -> float:
    """What a still filter does there; 0 for everything else."""
    if isinstance(settings, Equalizer):
        return float(response_db(settings, np.array([frequency_hz]), _RATE_HZ)[0])
    if isinstance(settings, MatchEq) and settings.frequencies_hz:
        octaves = np.log2(settings.frequencies_hz)
        return float(np.interp(np.log2(frequency_hz), octaves, settings.gains_db))
    return 0.0


def _holds(settings: Processor, frequency_hz: float) -> bool:
    """Whether a processor that works by the moment has a band within half an octave of it."""
    if settings.name not in _HELD:
        return False
    bands = getattr(settings, "bands", None)
    if not bands:
        return settings.name != "deesser" or 4_000.0 <= frequency_hz <= 12_000.0
    return any(abs(np.log2(band.frequency_hz / frequency_hz)) <= 0.5 for band in bands)
