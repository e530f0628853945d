"""The report page: one HTML file that needs nothing else, for a browser or a printer."""

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

from burnish.chain import Step
from burnish.chain.work import Work
from burnish.playback.listening import MIME
from burnish.qc.places import clock
from burnish.report import band_charts, time_charts
from burnish.report.checked import THIS_MASTER, eased, place
from burnish.report.costs import loudness_costs
from burnish.report.document import document, minus, section, write_document
from burnish.report.elsewhere import elsewhere
from burnish.report.result import MasterResult
from burnish.report.stems import kept_words, stem_rows
from burnish.report.style import CSS
from burnish.report.words import evidence, figures, headline, manner, moves, number


def write_page(result: MasterResult, path: Path, overwrite: bool = False) -> None:
    """Write the page beside ``path`` and name it when it is whole."""
    write_document(page(result), path, overwrite)


def page(result: MasterResult) -> str:
    """The page of a master: what came of it, what was done and why, and how it can be seen."""
    title, tags = headline(result), result.plan.tags
    named = tags.title or title.partition(":")[0]
    parts = (
        f"<header><p class=kind>Mastering report</p><h1>{escape(named)}</h1>"
        f"<p>{escape(_subtitle(result))}</p></header>",
        _key_figures(result),
        _remarks(result),
        _listening(result),
        section("What was done, and why", steps_of(result)),
        section("Stems", _stems(result)),
        section("Over time", _over_time(result)),
        section("Tone", band_charts.tone(result)),
        section("Stereo", band_charts.stereo(result)),
        section("What loudness costs", _costs(result)),
        section("In figures", _table(result)),
        section("Notes on the mix", _mix_notes(result)),
        section("Elsewhere", elsewhere(result)),
        section("Left alone", _notes(result.plan.notes)),
        section("Files", _files(result)),
    )
    footer = f"<footer>burnish {escape(result.plan.burnish)}</footer>"
    return document(title, CSS, "".join(parts) + footer)


def _key_figures(result: MasterResult) -> str:
    """What is looked for first, in large figures: loudness, true peak, dynamics."""
    before, after = result.before, result.after
    shown = (
        ("loudness", "LUFS", before.loudness.integrated_lufs, after.loudness.integrated_lufs, 1),
        ("true peak", "dBTP", before.peaks.true_peak_dbtp, after.peaks.true_peak_dbtp, 1),
        ("peak to loudness", "dB", before.dynamics.plr_db, after.dynamics.plr_db, 1),
        ("loudness range", "LU", before.loudness.range_lu, after.loudness.range_lu, 1),
    )
    cards = "".join(
        f"<div><dt>{name}</dt><dd><b>{minus(number(now, digits))}</b> {unit}</dd>"
        f"<dd class=was>from {minus(number(was, digits))}</dd></div>"
        for name, unit, was, now, digits in shown
    )
    return f"<dl class=keys>{cards}</dl>"


def _listening(result: MasterResult) -> str:
    """A pair to be heard against each other; nothing where there is none."""
    pair = result.listening
    if pair is None:
        return ""
    start, end = (clock(at) for at in (pair.start_s, pair.start_s + pair.duration_s))
    players = "".join(
        f"<figure><figcaption>{name}</figcaption><audio controls preload=metadata "
        f'aria-label="{name}, {start} to {end}" '
        f'src="data:{MIME};base64,{b64encode(sound).decode("ascii")}"></audio></figure>'
        for name, sound in (("mix", pair.mix), ("master", pair.master))
    )
    whole = pair.duration_s >= result.before.source.duration_s - 0.5
    part = "All of it" if whole else f"The loudest part, {start} to {end}"
    words = (
        f"{part}, both at {number(pair.loudness_lufs)} LUFS: what is louder always sounds better "
        "at first. Packed small: good to compare, too coarse to judge the last detail."
    )
    heard = f"<div class=players>{players}</div><p class=moves>{escape(minus(words))}</p>"
    return f"<div class=hear>{section('To hear', heard)}</div>"


def _over_time(result: MasterResult) -> str:
    """Charts on one axis, one under the other."""
    parts = (
        ("Waveform", time_charts.waveforms(result)),
        ("Loudness", time_charts.loudness(result)),
        ("Dynamics", time_charts.dynamics(result)),
        ("Work of the dynamics", time_charts.work(result)),
        (
            "Notes on the mix",
            time_charts.places(result.of_the_mix, result.before.source.duration_s),
        ),
    )
    return "".join(
        f"<div class=part><h3>{name}</h3>{drawn}</div>" for name, drawn in parts if drawn
    )


def _subtitle(result: MasterResult) -> str:
    source, target = result.before.source, result.target
    tags = result.plan.tags
    words = [word for word in (tags.artist, tags.album) if word]
    words += [
        f"{source.rate_hz / 1000:g} kHz",
        "mono" if source.channels == 1 else "stereo",
        clock(source.duration_s),
    ]
    if how := manner(target):
        words.append(how)
    words += [f"for {place}" for place in target.get("for") or ()]
    return " · ".join(words)


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
    """Words for the page; what stands in backticks is to be typed, and an option stays whole."""
    whole = re.sub(r"(?<![\w-])--[a-z][a-z-]*", r"<span class=option>\g<0></span>", escape(words))
    return re.sub("`([^`]+)`", r"<code>\1</code>", minus(whole))


def _remarks(result: MasterResult) -> str:
    said = "".join(
        f"<p class='finding {escape(one.severity)}'><b>{_typed(one.title)}.</b> "
        f"{_typed(one.detail)} {_typed(one.advice)}</p>"
        for one in result.of_the_master
    )
    return f"<section>{said}</section>" if said else ""


def _mix_notes(result: MasterResult) -> str:
    """What is to be said of the mix: where and how sure, the figures, what to do."""
    duration_s = result.before.source.duration_s
    return "".join(
        f"<div class='finding {escape(one.severity)}'><h3>{k} {escape(minus(one.title))}</h3>"
        f"<p class=moves>{escape(place(one, duration_s))}</p>"
        f"<p>{_typed(one.detail)} {_typed(one.advice)}"
        f"{' ' + _typed(eased(one, THIS_MASTER)) if one.mended_by else ''}</p></div>"
        for k, one in enumerate(result.of_the_mix, 1)
    )


def _costs(result: MasterResult) -> str:
    return loudness_costs(result.target, result.after.loudness.integrated_lufs)


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
    """Every step of a master in order, with its reason, its evidence, and what it took away."""
    worked = {one.place: one for one in result.work}
    steps = (_step(step, worked.get(k)) for k, step in enumerate(result.steps))
    return f"<ol>{''.join(steps)}</ol>"


def _step(step: Step, work: Work | None = None) -> str:
    facts = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in evidence(step)
    )
    shown = f"<details><summary>evidence</summary><table>{facts}</table></details>" if facts else ""
    left_out = " class=out" if step.bypass else ""
    took = "" if work is None else f"<p class=moves>{escape(_took(work))}</p>"
    return (
        f"<li{left_out}><h3>{escape(step.processor.replace('_', ' '))}</h3>"
        f"<p>{escape(minus(step.reason))}</p><p class=moves>{escape(minus(moves(step)))}</p>"
        f"{took}{shown}</li>"
    )


def _took(work: Work) -> str:
    words = time_charts.taken(work)
    return f"{words[:1].upper()}{words[1:]}."


def _notes(notes: Sequence[str]) -> str:
    said = "".join(f"<li>{_typed(note)}</li>" for note in notes)
    return f"<ul>{said}</ul>" if said else ""


def _files(result: MasterResult) -> str:
    rows = [("mix", result.plan.input.file), ("SHA-256 of the mix", result.plan.input.sha256)]
    rows += [("master", str(result.output)), ("SHA-256 of the master", result.master_sha256)]
    rows += [("recall sheet", str(result.recall))] if result.recall is not None else []
    rows += [(f"SHA-256 of {Path(one.file).name}", one.sha256) for one in result.plan.stems]
    if result.stems is not None and result.stems.kept:
        words = f"{result.stems.kept[0].parent}: {kept_words(result)}"
        rows += [("mastered stems", words)]
    return f"<table class=files>{_rows([(name, value) for name, value in rows if value])}</table>"


def _rows(pairs: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in pairs
    )
