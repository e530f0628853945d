"""Dial-in: a plan as settings that a person sets on any gear, in the words printed on it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from burnish.audio import write_whole
from burnish.chain import Plan, Step
from burnish.deliver.pdf import Column, Paragraph, Sheet, Table, write_pdf
from burnish.errors import SettingError
from burnish.processors.equalizer import Equalizer
from burnish.processors.hardware import Hardware
from burnish.processors.hosted.plugin import Plugin
from burnish.processors.match_eq import MatchEq
from burnish.processors.width import Width
from burnish.qc.places import clock
from burnish.report.document import document, minus
from burnish.report.style import CSS
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
    "limiter": "Drive it until the loudness is there: {loudness}. Oversampled, true peak on.",
    "clipper": "Before the limiter; oversampled.",
    "tape": "Drive is over the operating level.",
}
_SHORT, _ABREAST = 24, 5  # letters of a value; controls in a row on paper


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
    loudness = _figure(plan.target.get("loudness_lufs"), "LUFS") or "as written"
    return words.format(reduction=reduction, loudness=loudness)


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


def as_text(sheet: DialIn) -> str:
    """The sheet for a terminal or a printer that knows only letters."""
    width = max((len(name) for name, _ in sheet.head), default=0) + 2
    lines = [f"DIAL-IN SHEET  {sheet.title}", ""]
    lines += [f"{name:<{width}}{value}" for name, value in sheet.head]
    for dial in sheet.dials:
        lines += ["", f"{dial.number}. {dial.title}"]
        lines += [f"   {dial.reason}"] if dial.reason else []
        space = max((len(name) for name, _ in dial.controls), default=0) + 2
        lines += [f"   {name:<{space}}{value}" for name, value in dial.controls]
        if dial.bands:
            rows = (dial.heads, *dial.bands)
            widths = [max(len(row[i]) for row in rows) for i in range(len(dial.heads))]
            lines += [
                "   " + "  ".join(f"{cell:<{n}}" for cell, n in zip(row, widths, strict=True))
                for row in rows
            ]
        lines += [f"   ({dial.hint})"] if dial.hint else []
    lines += ["", f"burnish {sheet.burnish}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def as_page(sheet: DialIn) -> str:
    """The sheet as an HTML file that needs nothing else; it prints on one page or two."""

    def cells(kind: str, row: tuple[str, ...]) -> str:
        return "<tr>" + "".join(f"<{kind}>{escape(minus(c))}</{kind}>" for c in row) + "</tr>"

    parts = []
    for dial in sheet.dials:
        table = "".join(cells("td", row) for row in dial.controls)
        bands = "".join(cells("td", row) for row in dial.bands)
        parts.append(
            f"<section><h2>{dial.number}. {escape(dial.title)}</h2>"
            + (f"<p>{escape(minus(dial.reason))}</p>" if dial.reason else "")
            + (f"<table class=dial>{table}</table>" if table else "")
            + (f"<table class=dial>{cells('th', dial.heads)}{bands}</table>" if bands else "")
            + (f"<p class=hint>{escape(minus(dial.hint))}</p>" if dial.hint else "")
            + "</section>"
        )
    head = "".join(cells("td", row) for row in sheet.head)
    body = (
        f"<header><p class=kind>Dial-in sheet</p><h1>{escape(sheet.title)}</h1></header>"
        f"<table class=dial>{head}</table>{''.join(parts)}"
        f"<footer>burnish {escape(sheet.burnish)}</footer>"
    )
    return document(f"{sheet.title}: dial-in sheet", CSS + _CSS, body)


_CSS = """
table.dial{width:auto;margin:.3rem 0}table.dial td,table.dial th{padding:.1rem 1.4rem .1rem 0;
text-align:left;font-variant-numeric:tabular-nums}table.dial td:first-child{color:var(--quiet)}
p.hint{color:var(--quiet);font-size:.9em;margin:.2rem 0}
section{break-inside:avoid;margin:1rem 0}section h2{margin:.2rem 0}
@media print{section{margin:.5rem 0}body{font-size:9pt}}
"""


def write_sheet(sheet: DialIn, path: str | Path, overwrite: bool = False) -> None:
    """Write the sheet as HTML, PDF or text, as the ending of ``path`` says."""
    ending = Path(path).suffix.lower()
    if ending == ".pdf":
        write_pdf(path, _paper(sheet), overwrite)
    elif ending in (".html", ".htm", ".txt"):
        text = as_text(sheet) if ending == ".txt" else as_page(sheet)
        write_whole(text.encode("utf-8", errors="replace"), Path(path), overwrite)
    else:
        raise SettingError("output-ending", f"{path}: must end in .html, .pdf or .txt")


def _paper(sheet: DialIn) -> Sheet:
    parts: list[Table | Paragraph] = []
    for dial in sheet.dials:
        title = f"{dial.number}. {dial.title}"
        lines = tuple(line for line in (dial.reason, dial.hint) if line)
        if dial.controls:
            parts += _controls_on_paper(dial.controls, title)
        if dial.bands:
            heads = tuple(Column(head, wraps=i == 0) for i, head in enumerate(dial.heads))
            parts.append(Table(heads, dial.bands, "" if dial.controls else title))
        if lines:
            parts.append(Paragraph(lines, "" if dial.controls or dial.bands else title))
    return Sheet(
        kind="Dial-in sheet",
        title=sheet.title,
        head=sheet.head,
        parts=tuple(parts),
        footer=f"burnish {sheet.burnish}",
    )


def _controls_on_paper(controls: tuple[tuple[str, str], ...], title: str) -> Iterator[Table]:
    """Controls side by side, as on a panel, so that a chain fits on a page."""
    if any(len(value) > _SHORT for _, value in controls):
        yield Table((Column("control"), Column("setting", wraps=True)), controls, title)
        return
    for start in range(0, len(controls), _ABREAST):
        row = controls[start : start + _ABREAST]
        columns = tuple(Column(name, wraps=i == len(row) - 1) for i, (name, _) in enumerate(row))
        yield Table(columns, (tuple(value for _, value in row),), "" if start else title)
