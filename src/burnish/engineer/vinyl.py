"""Premasters for a groove or a tape: plans of their own, not the loud master turned down.

A premaster is the plan of the master without what made it loud, and behind it the chain that makes
it fit to be cut. What that chain does is decided from the sound as it comes without its limiter.
The limits for treble follow the speed of the groove: the slower it runs, the shorter is a wave in
it, and the sooner the stylus cannot follow. Where a number has no source beside it, it is opinion.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import burnish
from burnish.audio import OutputFormat
from burnish.chain import Plan, Step
from burnish.engineer.rules.advice import Advice
from burnish.measure.cutting import Cutting
from burnish.measure.loudness import SHORT_TERM_SEGMENTS, gated_power, lufs, lufs_of, sliding_sum
from burnish.processors.clipper import Clipper
from burnish.processors.deesser import Deesser
from burnish.processors.dynamic_eq import DynamicBand, DynamicEq
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.gain import Gain
from burnish.processors.limiter import Limiter
from burnish.targets.record import Record

Floats = NDArray[np.float64]

OUTER_CM_S, INNER_CM_S = 51.0, 21.0
"""Groove speed of 12 inches at 33 rpm, outside and inside."""

SIBILANCE_DB = -10.0  # of 6 to 12 kHz against the loud moments, at OUTER_CM_S; opinion
TREBLE_DB = -14.0  # of 8 to 16 kHz
TAPE_TREBLE_DB = {"I": -12.0, "II": -8.0}  # type I holds 10 dB less at 10 kHz than at 315 Hz
TAPE_SIBILANCE_DB = 2.0  # over it: sibilance begins lower, where tape holds more
TAPE_TOP_HZ = {"I": 15_000.0, "II": 16_000.0}
SUBSONIC_HZ = 20.0
TOP_HZ = (18_000.0, 16_000.0)  # of the low-pass, outside and inside
_RARE = 99.5  # percentile: a few moments a minute may pass
_MOST_DEESS_DB, _MOST_SHELF_DB = 8.0, 6.0
_SHARED = "harm_of_the_limiter_alone"  # evidence of what stands in a plan for loudness only
_GATE_LUFS, _GATE_LU = -70.0, -20.0
_LOUD_PERCENTILE = 95.0


@dataclass(frozen=True)
class Groove:
    """Where a track lies on its side, in seconds from the side's first groove."""

    record: Record
    start_s: float
    stop_s: float
    side_s: float

    @property
    def slowest_cm_s(self) -> float:
        """How fast its last groove runs."""
        return self.record.groove_cm_s(self.stop_s, self.side_s)


@dataclass(frozen=True)
class Ellipse:
    """The elliptical equaliser: a high-pass on the side, which is the groove's depth."""

    corner_hz: float = 150.0
    slope_db_per_octave: int = 12


def limit_db(outer_db: float, groove_cm_s: float) -> float:
    """What treble may reach, against the loud moments: less by as much as the groove is slower."""
    return outer_db + 20.0 * math.log10(groove_cm_s / OUTER_CM_S)


def unlimited(plan: Plan) -> tuple[Step, ...]:
    """The steps of a master without those that make it loud.

    Limiters and clippers go; so do the compressors that only stood there to spare the limiter. A
    gain stays where a later step works by level.
    """
    kept: list[Step] = []
    for i, step in enumerate(plan.steps):
        if isinstance(step.settings, Limiter | Clipper):
            rest = [one for one in plan.steps[i + 1 :] if one.acts and not _is_for_peaks(one)]
            gain_db = step.settings.input_gain_db
            if rest and gain_db and not step.bypass:
                reason = f"What the {step.processor} here was driven by, which is taken off."
                kept.append(_step(Gain(gain_db=max(-60.0, min(40.0, gain_db))), reason))
        elif _SHARED not in step.evidence:
            kept.append(step)
    return tuple(kept)


def _is_for_peaks(step: Step) -> bool:
    return isinstance(step.settings, Limiter | Clipper) or _SHARED in step.evidence


def for_cutting(found: Cutting, groove: Groove, ellipse: Ellipse, channels: int) -> Advice:
    """The cutting chain of one track, for where it lies on the side."""
    speed = groove.slowest_cm_s
    where = {"groove_cm_s": round(speed, 1)}
    inner = max(0.0, min(1.0, (OUTER_CM_S - speed) / (OUTER_CM_S - INNER_CM_S)))
    steps, notes = [_subsonic(found)], []
    if channels == 2:
        steps.append(_elliptical(found, ellipse))
    else:
        notes.append("One channel: nothing in it moves the groove up and down.")
    treble, said = _treble(
        found, limit_db(SIBILANCE_DB, speed), limit_db(TREBLE_DB, speed), where, "the groove"
    )
    top_hz = TOP_HZ[0] + (TOP_HZ[1] - TOP_HZ[0]) * inner
    top = _top(top_hz, "What is above only heats the cutting head.", where)
    return Advice((*steps, *treble, top), (*notes, *said))


def for_tape(found: Cutting, kind: Literal["I", "II"]) -> Advice:
    """The chain of one track for a cassette of that type: no rumble, treble that it can hold."""
    limit = TAPE_TREBLE_DB[kind]
    where = {"type": kind}
    treble, said = _treble(found, limit + TAPE_SIBILANCE_DB, limit, where, "the tape")
    top = _top(TAPE_TOP_HZ[kind], "Tape is full there before anywhere else.", where)
    return Advice((_subsonic(found), *treble, top), said)


def _subsonic(found: Cutting) -> Step:
    loud = found.loud_power
    infrasonic = float(found.infrasonic.mean()) if len(found.infrasonic) else 0.0
    return _step(
        Equalizer(
            bands=(Band(kind="high_pass", frequency_hz=SUBSONIC_HZ, slope_db_per_octave=12),)
        ),
        "Rumble and DC take room and are not heard.",
        {
            "infrasonic_db": _ratio_db(infrasonic, loud),
            "dc_dbfs": _ratio_db(max(abs(dc) for dc in found.dc) ** 2, 1.0),
        },
    )


def _elliptical(found: Cutting, ellipse: Ellipse) -> Step:
    bass = [
        float(column.mean()) if len(column) else 0.0 for column in (found.bass_side, found.bass_mid)
    ]
    return _step(
        Equalizer(
            bands=(
                Band(
                    kind="high_pass",
                    frequency_hz=ellipse.corner_hz,
                    slope_db_per_octave=ellipse.slope_db_per_octave,
                    on="side",
                ),
            )
        ),
        "Elliptical equaliser: bass in the side moves the groove up and down.",
        {"bass_side_to_mid_db": _ratio_db(*bass)},
    )


def _treble(
    found: Cutting,
    sibilance_db: float,
    treble_db: float,
    where: Mapping[str, float | str],
    medium: str,
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """A de-esser and a shelf that holds the treble, each only where it passes its limit."""
    loud_db = _ratio_db(found.loud_power, 1.0)
    if loud_db is None:
        return (), ()
    steps, notes = [], []
    s_db = _ratio_db(_percentile(found.sibilance), found.loud_power)
    if s_db is not None and s_db > sibilance_db:
        range_db = min(_MOST_DEESS_DB, s_db - sibilance_db + 1.0)
        steps.append(
            _step(
                Deesser(
                    crossover_hz=6000.0,
                    threshold_db=5.0,
                    ratio=4.0,
                    range_db=round(range_db, 2),
                    floor_db=round(max(-90.0, min(0.0, loud_db + sibilance_db - 6.0)), 1),
                ),
                f"An s is louder than {medium} holds here.",
                {"sibilance_db": s_db, "limit_db": round(sibilance_db, 1), **where},
            )
        )
    else:
        notes.append(f"Sibilance: {_told(s_db)} against the loud moments, {medium} holds it.")
    t_db = _ratio_db(_percentile(found.treble), found.loud_power)
    if t_db is not None and t_db > treble_db:
        range_db = min(_MOST_SHELF_DB, t_db - treble_db + 1.0)
        threshold_db = max(-90.0, min(0.0, loud_db + treble_db))
        band = DynamicBand(
            kind="high_shelf",
            frequency_hz=8000.0,
            threshold_db=round(threshold_db, 2),
            ratio=4.0,
            range_db=-round(range_db, 2),
            attack_ms=2.0,
            release_ms=60.0,
        )
        steps.append(
            _step(
                DynamicEq(bands=(band,)),
                f"Treble is held at its loudest moments: {medium} holds no more here.",
                {"treble_db": t_db, "limit_db": round(treble_db, 1), **where},
            )
        )
    else:
        notes.append(f"Treble: {_told(t_db)} against the loud moments, {medium} holds it.")
    return tuple(steps), tuple(notes)


def _top(frequency_hz: float, reason: str, where: Mapping[str, float | str]) -> Step:
    band = Band(kind="low_pass", frequency_hz=round(frequency_hz), slope_db_per_octave=12)
    return _step(Equalizer(bands=(band,)), reason, where)


def premaster_plan(
    master: Plan,
    advice: Advice,
    gain_db: float,
    ceiling_dbtp: float,
    medium: str,
    held_db: float = 0.0,
) -> Plan:
    """The recall sheet of one track as it lies on its side.

    ``gain_db`` brings it to its place among the tracks of the side. Where ``held_db`` is above 0, a
    limiter takes so much off the highest peak of the side.
    """
    steps = [*unlimited(master), *advice.steps]
    reason = "Loud sections stand to those of the other tracks as in the album's masters"
    gain = _step(Gain(gain_db=gain_db), f"{reason}; the side under its ceiling.")
    steps.append(gain)
    if held_db > 0.0:
        reason = f"At most {held_db:g} dB of the highest peaks: tape is quiet only if it is full."
        steps.append(_step(Limiter(ceiling_dbtp=ceiling_dbtp), reason))
    return Plan(
        burnish=burnish.__version__,
        input=master.input,
        output=OutputFormat(bits="24"),
        target={
            "style": master.target.get("style"),
            "for": [medium],
            "loudness_lufs": None,
            "ceiling_dbtp": ceiling_dbtp,
            "sources": {"ceiling": f"headroom for {medium}"},
        },
        steps=tuple(steps),
        notes=(f"A premaster for {medium}: the master's plan without its limiter.", *advice.notes),
        stems=master.stems,
    )


def loud_sections_lufs(segment_power: Floats) -> float:
    """How loud a track is where it is loud: the 95th percentile of its short-term loudness.

    What is 20 LU under the mean, and silence, do not count; of less than 3 s it is the integrated
    loudness. Silence is minus infinity.
    """
    powers = sliding_sum(segment_power, SHORT_TERM_SEGMENTS) / SHORT_TERM_SEGMENTS
    short = lufs_of(powers)
    short = short[short > _GATE_LUFS]
    if not len(short):
        return lufs(gated_power(sliding_sum(segment_power, 4) / 4))
    mean_lufs = lufs(float(powers[lufs_of(powers) > _GATE_LUFS].mean()))
    return float(np.percentile(short[short > mean_lufs + _GATE_LU], _LOUD_PERCENTILE))


def _step(
    settings: Gain | Limiter | Equalizer | Deesser | DynamicEq,
    reason: str,
    evidence: Mapping[str, float | int | str | bool | None] | None = None,
) -> Step:
    return Step(
        processor=settings.name, settings=settings, reason=reason, evidence=dict(evidence or {})
    )


def _percentile(powers: Floats) -> float:
    return float(np.percentile(powers, _RARE)) if len(powers) else 0.0


def _ratio_db(power: float, of: float) -> float | None:
    return round(10.0 * math.log10(power / of), 1) if power > 0.0 and of > 0.0 else None


def _told(ratio_db: float | None) -> str:
    return "none" if ratio_db is None else f"{ratio_db:.0f} dB"
