"""The report page: one HTML file that needs nothing else, for a browser or a printer."""

import math
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from burnish.chain import Step
from burnish.measure import Measurement
from burnish.report import svg
from burnish.report.checked import THIS_MASTER, eased, place
from burnish.report.costs import loudness_costs
from burnish.report.document import document, minus, section, write_document
from burnish.report.result import MasterResult
from burnish.report.stems import kept_words, stem_rows
from burnish.report.style import CSS
from burnish.report.words import evidence, figures, headline, manner, moves, number
from burnish.targets import BAND_EDGES_HZ, style, styles

SHORT_TERM = 30
"""Entries of the timeline, 100 ms each, that a short-term loudness stands for."""

LOWEST_LUFS, LOWEST_TONE_DB = -50.0, -40.0
OCTAVES = tuple(
    zip(
        (31.5, 63.0, 125.0, 250.0, 500.0, 1e3, 2e3, 4e3, 8e3, 16e3),
        ("31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k Hz"),
        strict=True,
    )
)
REFERENCE_HZ = (795.0, 2550.0)
"""Between these the tone's zero lies, for the styles' corridors as for the spectrum."""


def write_page(result: MasterResult, path: Path, overwrite: bool = False) -> None:
    """Write the page beside ``path`` and name it when it is whole."""
    write_document(page(result), path, overwrite)


def page(result: MasterResult) -> str:
    """The page of a master: figures, loudness over time, tone, every step with its reason."""
    title = headline(result)
    parts = (
        f"<header><h1>{escape(title.partition(':')[0])}</h1><p>{escape(_subtitle(result))}</p>"
        "</header>",
        _table(result),
        _remarks(result),
        section("Loudness over time", _loudness(result)),
        section("What loudness costs", _costs(result)),
        section("Tone", _tone(result)),
        section("Stems", _stems(result)),
        section("What was done, and why", steps_of(result)),
        section("Notes on the mix", _mix_notes(result)),
        section("Left alone", _notes(result.plan.notes)),
        section("Files", _files(result)),
    )
    footer = f"<footer>burnish {escape(result.plan.burnish)}</footer>"
    return document(title, CSS, "".join(parts) + footer)


def _subtitle(result: MasterResult) -> str:
    source, target = result.before.source, result.target
    words = [
        f"{source.rate_hz / 1000:g} kHz",
        "mono" if source.channels == 1 else "stereo",
        _clock(source.duration_s),
    ]
    if how := manner(target):
        words.append(how)
    words += [f"for {place}" for place in target.get("for") or ()]
    return " · ".join(words)


def _clock(duration_s: float) -> str:
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes}:{seconds:02d}"


def _table(result: MasterResult) -> str:
    rows = "".join(
        f"<tr><th>{escape(one.name)}</th><td>{minus(one.before)}</td>"
        f"<td><b>{minus(one.after)}</b></td>"
        f"<td class=unit>{escape(one.unit)}</td><td class=aim>{escape(minus(one.aim))}</td></tr>"
        for one in figures(result.before, result.after, result.target)
    )
    heads = "<tr><th></th><th>mix</th><th>master</th><th></th><th class=aim>target</th></tr>"
    return f"<table class=figures>{heads}{rows}</table>"


def _typed(words: str) -> str:
    """Words for the page; what stands in backticks is to be typed."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(words))


def _remarks(result: MasterResult) -> str:
    said = "".join(
        f"<p class='finding {escape(one.severity)}'><b>{escape(one.title)}.</b> "
        f"{_typed(one.detail)} {_typed(one.advice)}</p>"
        for one in result.of_the_master
    )
    return f"<section>{said}</section>" if said else ""


def _mix_notes(result: MasterResult) -> str:
    """What is to be said of the mix: where and how sure, the figures, what to do."""
    duration_s = result.before.source.duration_s
    return "".join(
        f"<div class='finding {escape(one.severity)}'><h3>{escape(one.title)}</h3>"
        f"<p class=moves>{escape(place(one, duration_s))}</p>"
        f"<p>{_typed(one.detail)} {_typed(one.advice)}"
        f"{' ' + _typed(eased(one, THIS_MASTER)) if one.mended_by else ''}</p></div>"
        for one in result.of_the_mix
    )


def _loudness(result: MasterResult) -> str:
    before, after = (one.timeline.short_term_lufs for one in (result.before, result.after))
    heard = np.concatenate((before, after))
    heard = heard[np.isfinite(heard) & (heard > LOWEST_LUFS)]
    if not len(heard):
        return ""
    top = min(0.0, 3.0 * math.ceil(float(heard.max()) / 3.0) + 3.0)
    low = max(LOWEST_LUFS, 3.0 * math.floor(float(np.percentile(heard, 2)) / 3.0) - 3.0)
    duration_s = result.before.source.duration_s
    x = svg.Axis(0.0, max(duration_s, 0.1), svg.clock(duration_s), "minutes")
    y = svg.Axis(low, top, svg.every(low, top, 6 if top - low > 20 else 3), "short-term LUFS")
    lines = [
        _over_time("before", "mix", result.before),
        _over_time("after", "master", result.after),
    ]
    wanted = result.target.get("loudness_lufs")
    if wanted is not None:
        lines.append(svg.Line("aim", "target", (0.0, duration_s), (wanted, wanted)))
    return svg.chart("Short-term loudness of mix and master over time", x, y, lines)


def _over_time(kind: str, name: str, one: Measurement) -> svg.Line:
    line = one.timeline
    # The first whole 3 s end at 3 s; a shorter sound is shown as far as it goes.
    start = SHORT_TERM - 1 if len(line.time_s) > SHORT_TERM else 0
    values = [float(v) if math.isfinite(v) else None for v in line.short_term_lufs[start:]]
    size = -(-len(values) // svg.MOST_POINTS)
    return svg.Line(kind, name, line.time_s[start::size].tolist(), svg.thinned(values))


def _costs(result: MasterResult) -> str:
    return loudness_costs(result.target, result.after.loudness.integrated_lufs)


def _tone(result: MasterResult) -> str:
    before, after = (relative_tone(one) for one in (result.before, result.after))
    known = [value for _, value in (*before, *after) if value is not None]
    if not known:
        return ""
    corridor, name = None, result.target.get("style")
    if name in styles() and not result.target.get("match"):
        tone = style(name).tone
        label = f"half of all {name} records"
        corridor = svg.Corridor(label, BAND_EDGES_HZ, tone.q25_db, tone.q75_db)
        known += [*tone.q75_db]
    top = 5.0 * math.ceil(max(known) / 5.0)
    low = max(LOWEST_TONE_DB, 5.0 * math.floor(min(known) / 5.0))
    x = svg.Axis(25.0, 20000.0, OCTAVES, log=True)
    y = svg.Axis(
        low,
        top,
        svg.every(low, top, 5 if top - low <= 35 else 10),
        "dB per octave, 0 is the mean of 0.8 to 2.5 kHz",
    )
    lines = [
        svg.Line(kind, word, [hz for hz, _ in row], [value for _, value in row])
        for kind, word, row in (("before", "mix", before), ("after", "master", after))
    ]
    return svg.chart("Tone of mix and master in third octaves", x, y, lines, corridor)


def relative_tone(one: Measurement) -> list[tuple[float, float | None]]:
    """Mid and side together in third octaves, relative to the mean of 0.8 to 2.5 kHz."""
    row: list[tuple[float, float | None]] = []
    for hz, mid, side in zip(
        one.spectrum.band_hz, one.spectrum.mid_db, one.spectrum.side_db, strict=True
    ):
        power = sum(10.0 ** (value / 10.0) for value in (mid, side) if value is not None)
        row.append((hz, 10.0 * math.log10(power) if power > 0.0 else None))
    low, high = REFERENCE_HZ
    middle = [value for hz, value in row if value is not None and low <= hz <= high]
    if not middle:
        return [(hz, None) for hz, _ in row]
    zero = sum(middle) / len(middle)
    return [(hz, None if v is None else max(v - zero, LOWEST_TONE_DB)) for hz, v in row]


def _stems(result: MasterResult) -> str:
    shown = []
    for row in stem_rows(result):
        lufs = "" if row.loudness_lufs is None else f"{number(row.loudness_lufs)} LUFS"
        facts = " · ".join(word for word in (row.role, lufs, row.place) if word)
        notes = "".join(f"<p>{escape(note)}</p>" for note in row.notes)
        moved = "".join(_step(step) for step in row.steps)
        shown.append(
            f"<h3>{escape(row.name)}</h3><p class=moves>{escape(minus(facts))}</p>{notes}"
            + (f"<ol>{moved}</ol>" if moved else "")
        )
    return "".join(shown)


def steps_of(result: MasterResult) -> str:
    """Every step of a master in order, with its reason and its evidence."""
    return "<ol>" + "".join(_step(step) for step in result.steps) + "</ol>"


def _step(step: Step) -> str:
    facts = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in evidence(step)
    )
    shown = f"<details><summary>evidence</summary><table>{facts}</table></details>" if facts else ""
    left_out = " class=out" if step.bypass else ""
    return (
        f"<li{left_out}><h3>{escape(step.processor.replace('_', ' '))}</h3>"
        f"<p>{escape(step.reason)}</p><p class=moves>{escape(moves(step))}</p>{shown}</li>"
    )


def _notes(notes: Sequence[str]) -> str:
    said = "".join(f"<li>{_typed(note)}</li>" for note in notes)
    return f"<ul>{said}</ul>" if said else ""


def _files(result: MasterResult) -> str:
    rows = [("mix", result.plan.input.file), ("SHA-256 of the mix", result.plan.input.sha256)]
    rows += [("master", str(result.output))]
    rows += [("recall sheet", str(result.recall))] if result.recall is not None else []
    if result.stems is not None and result.stems.kept:
        words = f"{result.stems.kept[0].parent}: {kept_words(result)}"
        rows += [("mastered stems", words)]
    return f"<table class=files>{_rows([(name, value) for name, value in rows if value])}</table>"


def _rows(pairs: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in pairs
    )
