"""Dial-in: a plan as settings that a person sets on any gear, in the words printed on it.

``dial_in_sheet.py`` writes them on screen and paper.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from burnish.chain import Plan, Step
from burnish.processors.equalizer import Equalizer
from burnish.processors.hardware import Hardware
from burnish.processors.hosted.plugin import Plugin
from burnish.processors.match_eq import MatchEq
from burnish.processors.width import Width
from burnish.qc.places import clock
from burnish.report.words import called, label, with_unit
from burnish.settings import Settings

OCTAVES_HZ = (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000)

_NAMES = {
    "equalizer": "Equalizer", "match_eq": "Graphic equalizer", "dynamic_eq": "Dynamic equalizer",
    "passive_equalizer": "Passive equalizer", "bus_compressor": "Bus compressor",
    "opto": "Optical compressor", "vari_mu": "Variable-mu compressor",
    "multiband": "Multiband compressor", "upward_compressor": "Upward compressor",
    "deesser": "De-esser", "transient": "Transient shaper", "width": "Width (mid/side)",
    "hardware": "Outside", "plugin": "Plug-in",
}  # fmt: skip
_LABELS = {
    "input_gain_db": "input gain", "makeup_db": "make-up gain", "link": "stereo link",
    "detector_high_pass_hz": "sidechain high-pass", "auto_release": "auto release",
    "ceiling_dbtp": "ceiling, true peak", "ceiling_dbfs": "ceiling", "mix": "mix, wet",
    "range_db": "range, at most", "gain_db": "gain",
}  # fmt: skip
_SHARES = {"mix", "link", "auto_release", "depth", "amount"}
_ALWAYS = {
    "threshold_db", "ratio", "knee_db", "attack_ms", "release_ms", "release_s", "makeup_db",
    "input_gain_db", "ceiling_dbtp", "ceiling_dbfs", "range_db", "crossover_hz", "mode",
    "detector_high_pass_hz", "mix",
}  # fmt: skip
"""Controls that gear has: told even where they stand at their defaults."""
_OWN = {"low_first_db", "low_lasting_db", "low_hz", "hold_ms", "link_transients", "link_release"}
"""Of the limiter: burnish's own, which no other has."""
_HINTS = {
    "compressor": "Detectors differ: set the threshold by the reduction, {reduction}.",
    "bus_compressor": "Detectors differ: set the threshold by the reduction, {reduction}.",
    "opto": "It has one knob on most units: turn it to the reduction, {reduction}.",
    "vari_mu": "Detectors differ: set the threshold by the reduction, {reduction}.",
    "multiband": "Crossovers of 24 dB/octave; set each threshold by its reduction.",
    "match_eq": "Ten octaves of the curve; the sheet holds all its points.",
    "limiter": "{drive}Oversampled, true peak on.",
    "clipper": "Before the limiter; oversampled.",
    "tape": "Drive is over the operating level.",
}


@dataclass(frozen=True)
class Dial:
    """One step: its controls, or a table of its bands, and why it is there."""

    number: int
    name: str
    on: str
    reason: str
    hint: str
    controls: tuple[tuple[str, str], ...] = ()
    heads: tuple[str, ...] = ()
    bands: tuple[tuple[str, ...], ...] = ()

    @property
    def title(self) -> str:
        """The name, and the part it works on where that is not the whole."""
        return self.name if self.on == "stereo" else f"{self.name}, {self.on} only"


@dataclass(frozen=True)
class DialIn:
    """All that stands on the sheet."""

    title: str
    head: tuple[tuple[str, str], ...]
    dials: tuple[Dial, ...]
    burnish: str


def dial_in(plan: Plan, title: str) -> DialIn:
    """The steps of a plan that act, in their order, in common terms."""
    target, note = plan.target, plan.input
    head = [
        ("Mix", f"{title}, {clock(note.n_samples / note.rate_hz)}, {note.rate_hz} Hz"),
        ("Style", str(target.get("style") or "")),
        ("Loudness", _figure(target.get("loudness_lufs"), "LUFS")),
        ("Ceiling", _figure(target.get("ceiling_dbtp"), "dBTP")),
        ("Fingerprint", note.sha256[:16]),
    ]
    acting = [step for step in plan.steps if step.acts]
    dials = tuple(_dial(number, step, plan) for number, step in enumerate(acting, 1))
    kept = tuple((name, value) for name, value in head if value)
    return DialIn(title, kept, dials, plan.burnish)


def _figure(value: Any, unit: str) -> str:
    return "" if value is None else f"{value:.1f} {unit}"


def _dial(number: int, step: Step, plan: Plan) -> Dial:
    settings = step.settings
    heads, bands = _table(settings)
    name = _NAMES.get(step.processor, step.processor.replace("_", " ").capitalize())
    return Dial(
        number=number,
        name=name,
        on=step.on,
        reason=step.reason,
        hint=_hint(step, plan),
        controls=tuple(_controls(settings)),
        heads=heads,
        bands=bands,
    )


def _hint(step: Step, plan: Plan) -> str:
    words = _HINTS.get(step.processor, "")
    told = {name: value for name, value in step.evidence.items() if "reduction" in name}
    figure = next((with_unit(name, value) for name, value in told.items() if value), "")
    reduction = f"{figure} here" if figure else "1 to 2 dB on a whole mix"
    loudness = _figure(plan.target.get("loudness_lufs"), "LUFS")
    drive = f"Drive it until the loudness is there: {loudness}. " if loudness else ""
    return words.format(reduction=reduction, drive=drive)


def _controls(settings: Settings) -> Iterator[tuple[str, str]]:
    if isinstance(settings, Hardware):
        yield "device", settings.device or "–"
        if settings.note:
            yield "set to", settings.note
        return
    if isinstance(settings, Plugin):
        yield "plug-in", called(settings)
        for name, value in settings.parameters.items():
            yield label(name), with_unit(name, value)
        return
    if isinstance(settings, Width):
        yield from _widths(settings)
        return
    if isinstance(settings, Equalizer | MatchEq):
        return
    for one in settings.declared():
        value = getattr(settings, one.name)
        if isinstance(value, tuple) or one.name in _OWN:
            continue
        if value != one.default or one.name in _ALWAYS:
            yield _LABELS.get(one.name, label(one.name)), _value(one.name, value, one.unit)


def _value(name: str, value: Any, unit: str) -> str:
    if name == "ratio":
        return f"{float(value):g} : 1"
    if name in _SHARES and isinstance(value, float):
        return f"{100.0 * value:.0f} %"
    if name.endswith("_db") and ("gain" in name or name == "makeup_db"):
        return f"{value:+.1f} dB"
    if isinstance(value, str):
        return f"{value} {unit}".strip() if value[:1].isdigit() else value.replace("_", "/")
    return with_unit(name, value)


def _widths(width: Width) -> Iterator[tuple[str, str]]:
    """Width as the gain of the side, which is what a mid/side matrix has."""
    parts = (
        (f"side below {with_unit('_hz', width.low_crossover_hz)}", width.low_width),
        ("side between", width.mid_width),
        (f"side above {with_unit('_hz', width.high_crossover_hz)}", width.high_width),
    )
    values = {value for _, value in parts}
    for name, value in parts[:1] if len(values) == 1 else parts:
        gain = f"{20.0 * math.log10(value):+.1f} dB" if value else "off"
        yield "side" if len(values) == 1 else name, f"{gain} (width {100.0 * value:.0f} %)"
    if width.mono_below_hz:
        yield "mono below", with_unit("_hz", width.mono_below_hz)


def _table(settings: Settings) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    if isinstance(settings, Equalizer):
        return _equalizer(settings)
    if isinstance(settings, MatchEq):
        return _graphic(settings)
    bands: tuple[Settings, ...] = getattr(settings, "bands", ())
    if not bands:
        return (), ()
    names = [one.name for one in bands[0].declared()]
    crossovers = getattr(settings, "crossovers_hz", ())
    edges = [with_unit("_hz", one) for one in crossovers]
    limits = [
        f"{low} to {high}" for low, high in zip(["low", *edges], [*edges, "top"], strict=False)
    ]
    rows = [
        tuple(
            _value(name, value, "") if not isinstance(value := getattr(band, name), bool) else
            with_unit(name, value)
            for name in names
        )
        for band in bands
    ]  # fmt: skip
    heads = tuple(_LABELS.get(name, label(name)) for name in names)
    if crossovers and len(limits) == len(rows):
        return ("band", *heads), tuple(
            (limit, *row) for limit, row in zip(limits, rows, strict=True)
        )
    return heads, tuple(rows)


def _equalizer(settings: Equalizer) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = []
    for band in settings.bands:
        passes = band.kind.endswith("pass")
        if not passes and band.gain_db == 0.0:
            continue
        rows.append(
            (
                band.kind.replace("_", " "),
                with_unit("_hz", band.frequency_hz),
                f"{band.slope_db_per_octave} dB/oct" if passes else f"{band.gain_db:+.1f} dB",
                "" if passes else f"{band.q:.2f}",
                "" if band.on == "stereo" else band.on,
            )
        )
    heads = ("shape", "frequency", "gain", "Q", "on")
    if not any(row[-1] for row in rows):
        return heads[:-1], tuple(row[:-1] for row in rows)
    return heads, tuple(rows)


def _graphic(settings: MatchEq) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = []
    for name, gains in (("all", settings.gains_db), ("side", settings.side_gains_db)):
        if gains:
            at = _curve(settings.frequencies_hz, gains)
            rows.append((name, *(f"{at(hz):+.1f}" for hz in OCTAVES_HZ)))
    if len(rows) == 2:
        rows[0] = ("mid", *rows[0][1:])
    return ("dB at", *(f"{hz / 1000:g}k" if hz >= 1000 else f"{hz:g}" for hz in OCTAVES_HZ)), tuple(
        rows
    )


def _curve(hz: tuple[float, ...], gains_db: tuple[float, ...]) -> Callable[[float], float]:
    import numpy as np

    at = np.log(hz)
    return lambda one: float(np.interp(math.log(one), at, gains_db))
