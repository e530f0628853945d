"""Figures and steps in words: what the screen and the page both say."""

import math
from dataclasses import dataclass
from typing import Any

from burnish.chain import Step
from burnish.measure import Measurement
from burnish.settings import Declared, Settings
from burnish.targets import Target


@dataclass(frozen=True)
class Figure:
    """One row of the table: a measured figure before and after, and what was aimed at."""

    name: str
    unit: str
    before: str
    after: str
    aim: str = ""


def figures(before: Measurement, after: Measurement, target: Target) -> tuple[Figure, ...]:
    """The rows that tell what a master did to a mix."""
    d, s, f = target.dynamics, target.stereo, target.floors

    def row(name: str, unit: str, room: str, key: str, aim: str = "", digits: int = 1) -> Figure:
        values = (getattr(getattr(one, room), key) for one in (before, after))
        return Figure(name, unit, *(number(value, digits) for value in values), aim)

    return (
        row("loudness", "LUFS", "loudness", "integrated_lufs", f"{target.loudness_lufs:.1f}", 2),
        row("loudest 3 s", "LUFS", "loudness", "max_short_term_lufs"),
        row("loudness range", "LU", "loudness", "range_lu", _span(d.range_low_lu, d.range_high_lu)),
        row("true peak", "dBTP", "peaks", "true_peak_dbtp", f"under {target.ceiling_dbtp:.1f}", 2),
        row("peak to loudness", "dB", "dynamics", "plr_db", f"over {f.plr_db:.1f}"),
        row("peak to short-term", "dB", "dynamics", "psr_p5_db", f"over {f.psr_db:.1f}"),
        row("crest", "dB", "dynamics", "crest_db"),
        row("punch", "dB", "dynamics", "sharpness_db"),
        row("side to mid", "dB", "stereo", "side_to_mid_db", _span(s.q10_db, s.q90_db)),
        row("correlation", "", "stereo", "correlation", digits=2),
        row("lost in mono", "LU", "stereo", "mono_loss_lu"),
    )


def number(value: float | None, digits: int = 1) -> str:
    """A figure for people: '-9.5'; 'silent' for minus infinity, a dash where nothing is known."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "silent" if value < 0 else "all"
    return f"{value:.{digits}f}".replace("-0." + "0" * digits, "0." + "0" * digits)


def moves(step: Step) -> str:
    """What a step does, by its settings that are not neutral: 'threshold -18 dB, ratio 1.6'."""
    words = _settings(step.settings)
    if step.on != "stereo":
        words = f"{step.on} only: {words}"
    return f"left out: {words}" if step.bypass else words


def evidence(step: Step) -> tuple[tuple[str, str], ...]:
    """The figures behind a step, as name and value with its unit."""
    return tuple((label(name), with_unit(name, value)) for name, value in step.evidence.items())


UNITS = ("lufs", "dbtp", "dbfs", "lu", "db", "hz", "ms", "s", "percent")
_PRINTED = {
    "lufs": "LUFS", "dbtp": "dBTP", "dbfs": "dBFS", "lu": "LU", "db": "dB", "hz": "Hz",
    "percent": "%",
}  # fmt: skip


def label(name: str) -> str:
    """A name without its unit: ``attack_ms`` is 'attack'."""
    head, _, unit = name.rpartition("_")
    return (head if unit in UNITS and head else name).replace("_", " ").strip()


def with_unit(name: str, value: Any) -> str:
    """A value with the unit that its name ends with."""
    if value is None or isinstance(value, str | bool):
        return {None: "–", True: "yes", False: "no"}.get(value, str(value))
    unit = name.rpartition("_")[2]
    text = f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{text} {_PRINTED.get(unit, unit)}" if unit in UNITS else text


def _settings(settings: Settings) -> str:
    words = [
        _one(one, getattr(settings, one.name))
        for one in settings.declared()
        if getattr(settings, one.name) != one.default
    ]
    return ", ".join(words) if words else "neutral"


def _one(one: Declared, value: Any) -> str:
    if isinstance(value, tuple):
        return _row(one, value)
    if isinstance(value, Settings):
        return _settings(value)
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{label(one.name)} {with_unit(one.name, value)}"


def _row(one: Declared, values: tuple[Any, ...]) -> str:
    if values and isinstance(values[0], Settings):
        return "; ".join(_band(value) for value in values)
    if len(values) > 4:
        low, high = with_unit(one.name, min(values)), with_unit(one.name, max(values))
        return f"{len(values)} {label(one.name)} from {low} to {high}"
    return f"{label(one.name)} " + ", ".join(with_unit(one.name, value) for value in values)


def _band(band: Settings) -> str:
    """'bell +1.2 dB at 320 Hz', as an engineer says it, where the record is such a band."""
    values = band.model_dump()
    if not {"kind", "frequency_hz"} <= set(values):
        return _settings(band)
    kind, at = str(values["kind"]).replace("_", " "), with_unit("_hz", values["frequency_hz"])
    if kind.endswith("pass"):
        slope = values.get("slope_db_per_octave")
        words = f"{kind} {at}" + (f", {slope} dB/oct" if slope else "")
    else:
        words = f"{kind} {values.get('gain_db', 0.0):+.1f} dB at {at}"
    on = values.get("on", "stereo")
    return words if on == "stereo" else f"{words} ({on})"


def _span(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}"
