"""Figures and steps in words: what the screen and the page both say."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.chain import Step
from burnish.measure import Measurement
from burnish.processors.hardware import Hardware
from burnish.processors.hosted.plugin import Plugin
from burnish.report.result import MasterResult
from burnish.settings import Declared, Settings
from burnish.targets import Style, style, styles


def headline(result: MasterResult) -> str:
    """The master in one line: 'mix.wav: from -19.5 to -9.5 LUFS, true peak -1.01 dBTP'."""
    before, after = result.before, result.after
    name = Path(before.file or result.output).name
    return (
        f"{name}: from {number(before.loudness.integrated_lufs)} to "
        f"{number(after.loudness.integrated_lufs)} LUFS, "
        f"true peak {number(after.peaks.true_peak_dbtp, 2)} dBTP"
    )


@dataclass(frozen=True)
class Figure:
    """One row of the table: a measured figure before and after, and what was aimed at."""

    name: str
    unit: str
    before: str
    after: str
    aim: str = ""


def figures(
    before: Measurement, after: Measurement | None, target: Mapping[str, Any]
) -> tuple[Figure, ...]:
    """The rows that tell what a master did to a mix; without ``after``, what a mix is.

    ``target`` is the plan's. A style that this burnish does not know has no corridors to show.
    """
    name = target.get("style")
    # Where references decide, the style's corridors do not.
    aims = _aims(style(name)) if name in styles() and not target.get("match") else {}
    if (loudness_lufs := target.get("loudness_lufs")) is not None:
        aims["integrated_lufs"] = f"{loudness_lufs:.1f}"
    if (ceiling_dbtp := target.get("ceiling_dbtp")) is not None:
        aims["true_peak_dbtp"] = f"under {ceiling_dbtp:.1f}"
    rows = []
    for room, key, words, unit, digits in FIGURES:
        was, is_now = (
            "" if one is None else number(getattr(getattr(one, room), key), digits)
            for one in (before, after)
        )
        rows.append(Figure(words, unit, was, is_now, aims.get(key, "")))
    return tuple(rows)


FIGURES = (
    ("loudness", "integrated_lufs", "loudness", "LUFS", 2),
    ("loudness", "max_short_term_lufs", "loudest 3 s", "LUFS", 1),
    ("loudness", "range_lu", "loudness range", "LU", 1),
    ("peaks", "true_peak_dbtp", "true peak", "dBTP", 2),
    ("dynamics", "plr_db", "peak to loudness", "dB", 1),
    ("dynamics", "psr_p5_db", "peak to short-term", "dB", 1),
    ("dynamics", "crest_db", "crest", "dB", 1),
    ("dynamics", "sharpness_db", "punch", "dB", 1),
    ("stereo", "side_to_mid_db", "side to mid", "dB", 1),
    ("stereo", "correlation", "correlation", "", 2),
    ("stereo", "mono_loss_lu", "lost in mono", "LU", 1),
)
"""Part of the measurement, key in it, words for people, unit, digits."""


def manner(target: Mapping[str, Any]) -> str:
    """In what manner the master was made: 'style pop, 22 % sure', or 'like one.wav and two.wav'."""
    if references := target.get("references"):
        names = [Path(one["file"]).name for one in references]
        weights = [one["weight"] for one in references]
        told = [
            f"{name} ({weight:g})" if len(set(weights)) > 1 else name
            for name, weight in zip(names, weights, strict=True)
        ]
        return "like " + (", ".join(told[:-1]) + " and " if told[1:] else "") + told[-1]
    if not (name := target.get("style")):
        return ""
    sure = target.get("style_confidence")
    return f"style {name}" + ("" if sure is None else f", {100 * sure:.0f} % sure")


def _aims(chosen: Style) -> dict[str, str]:
    d, s, f = chosen.dynamics, chosen.stereo, chosen.floors
    return {
        "range_lu": f"{chosen.name} has {d.range_low_lu:.1f} to {d.range_high_lu:.1f}",
        "plr_db": f"{chosen.name} keeps {f.plr_db:.1f}",
        "psr_p5_db": f"{chosen.name} keeps {f.psr_db:.1f}",
        "side_to_mid_db": f"{chosen.name} has {s.q10_db:.1f} to {s.q90_db:.1f}",
    }


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


UNITS = ("lufs", "dbtp", "dbfs", "lu", "db", "hz", "ms", "s", "ips", "percent")
_PRINTED = {
    "lufs": "LUFS", "dbtp": "dBTP", "dbfs": "dBFS", "lu": "LU", "db": "dB", "hz": "Hz",
    "ips": "in/s", "percent": "%",
}  # fmt: skip


def label(name: str) -> str:
    """A name without its unit: ``attack_ms`` is 'attack'."""
    head, _, unit = name.rpartition("_")
    return (head if unit in UNITS and head else name).replace("_", " ").strip()


def with_unit(name: str, value: Any) -> str:
    """A value with the unit that its name ends with."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    unit = name.rpartition("_")[2]
    text = f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{text} {_PRINTED.get(unit, unit)}" if unit in UNITS else text


def _settings(settings: Settings) -> str:
    if isinstance(settings, Hardware):
        return _outside(settings)
    if isinstance(settings, Plugin):
        return _plugin(settings)
    declared = {one.name: one for one in settings.declared()}
    families: dict[str, list[str]] = {}
    for name in declared:
        families.setdefault(name.partition("_")[2], []).append(name)
    words, told = [], set()
    for name, one in declared.items():
        value = getattr(settings, name)
        if value == one.default or name in told:
            continue
        family = name.partition("_")[2]
        alike = families[family]
        if family and len(alike) > 2 and all(getattr(settings, n) == value for n in alike):
            told |= set(alike)  # low, mid and high width the same: it is the width
            words.append(f"{label(family)} {with_unit(family, value)}")
        else:
            words.append(_one(one, value))
    return ", ".join(words) if words else "neutral"


def _outside(settings: Hardware) -> str:
    """What a person wants to know of a device outside; the figures of its loop are in the sheet."""
    words = [word for word in (settings.device, settings.note) if word]
    if not settings.returned:
        return ", ".join((*words, "nothing has come back yet"))
    gain = f"raised by {number(settings.gain_db - settings.trim_db, 2)} dB"
    return ", ".join((*words, f"as recorded in {Path(settings.returned).name}", gain))


def called(plugin: Plugin) -> str:
    """A plug-in's name and version."""
    return " ".join(filter(None, (plugin.plugin or Path(plugin.path).stem, plugin.version)))


def _plugin(settings: Plugin) -> str:
    """Which plug-in, and its parameters; its state is for machines."""
    if settings.is_neutral:
        return "neutral"
    words = [called(settings)]
    words += [f"{label(name)} {with_unit(name, v)}" for name, v in settings.parameters.items()]
    return ", ".join((*words, "with its saved state") if settings.state else words)


def _one(one: Declared, value: Any) -> str:
    if isinstance(value, tuple):
        return _row(one, value)
    if isinstance(value, Settings):
        return _settings(value)
    if isinstance(value, str) and (one.unit or value.isdigit()):  # a step of a stepped setting
        unit = "" if value.isalpha() else one.unit
        return f"{label(one.name)} {value} {unit}".rstrip()
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
    if getattr(band, "is_neutral", False):
        return "untouched"
    if not {"kind", "frequency_hz"} <= set(values):
        return _settings(band)
    kind, at = str(values["kind"]).replace("_", " "), with_unit("_hz", values["frequency_hz"])
    if kind.endswith("pass"):
        slope = values.get("slope_db_per_octave")
        words = f"{kind} {at}" + (f", {slope} dB/oct" if slope else "")
    else:
        words = f"{kind} {values.get('gain_db', 0.0):+.1f} dB at {at}"
    if "range_db" in values:
        moved, acts = f"{values['range_db']:+.1f} dB at", f"{values['mode']} "
        acts += with_unit("threshold_db", values["threshold_db"])
        words = f"{kind} up to {moved} {at} while {acts}"
    on = values.get("on", "stereo")
    return words if on == "stereo" else f"{words} ({on})"
