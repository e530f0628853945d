"""The page of an album: one HTML file that needs nothing else, for a browser or a printer."""

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from burnish import __version__
from burnish.deliver.manifest import said_in
from burnish.deliver.products import Outgoing
from burnish.qc.places import clock
from burnish.report import svg
from burnish.report.album_result import AlbumResult, AlbumTrack
from burnish.report.band_charts import LOWEST_TONE_DB, OCTAVES, relative_tone
from burnish.report.document import document, minus, section, write_document
from burnish.report.page import steps_of
from burnish.report.style import CSS
from burnish.report.words import number
from burnish.targets import delivery

LOWEST_LUFS = -45.0
SHORT_TERM = 30  # entries of the timeline, 100 ms each

ALBUM_CSS = """
.tracks{overflow-x:auto}
.tracks td,.tracks th{text-align:right}.tracks td.name,.tracks th.name{text-align:left}
.tracks th{color:var(--quiet)}
.line.each{stroke-width:1;stroke-dasharray:none;opacity:.75}
.key.each::before{border-top:1px solid var(--before)}.line.mark{stroke-dasharray:2 3}
.product+.product{margin-top:1.75rem}.product .finding{margin:.5rem 0}
.verdict{color:var(--quiet)}.verdict.fail{text-decoration:underline}
@media print{.folded{display:block}.folded::details-content{content-visibility:visible;
block-size:auto}.tracks{overflow:visible}}
"""


def write_album_page(result: AlbumResult, path: Path, overwrite: bool = False) -> None:
    """Write the page beside ``path`` and name it when it is whole."""
    write_document(album_page(result), path, overwrite)


def album_page(result: AlbumResult) -> str:
    """The page: tracks and why they stand as they do, the whole over time, tone, deliveries."""
    release, whole = result.release, result.measured
    title = f"{release.title or 'Untitled'}, {release.artist}".rstrip(", ")
    about = [f"{len(release.tracks)} tracks", clock(result.duration_s)]
    if whole.integrated_lufs is not None:
        about.append(f"{whole.integrated_lufs:.1f} LUFS as a whole")
    about.append(f"true peak {whole.true_peak_dbtp:.2f} dBTP")
    if release.upc:
        about.append(f"UPC/EAN {release.upc}")
    parts = (
        "<header><p class=kind>Album report</p>"
        f"<h1>{escape(title)}</h1><p>{escape(minus(' · '.join(about)))}</p></header>",
        f"<p>{escape(minus(result.plan.reason))}</p>",
        section("Tracks", _tracks(result)),
        section("The album over time", _over_time(result)),
        section("Tone of the masters", _tone(result)),
        section("How the tracks fit together", _coherence(result)),
        section("What was decided", _list(result.plan.notes)),
        section("What went out", "".join(_product(one) for one in result.outgoing)),
        section("What was done, track by track", "".join(map(_steps, result.tracks))),
    )
    footer = f"<footer>burnish {escape(__version__)}</footer>"
    return document(title, CSS + ALBUM_CSS, "".join(parts) + footer)


def _tracks(result: AlbumResult) -> str:
    heads = ["", "title", "length", "mix", "master", "loudest 3 s", "range", "true peak"]
    heads += ["ISRC"] if any(one.isrc for one in result.release.tracks) else []
    rows = ["<tr>" + "".join(f"<th{_name(h)}>{h}</th>" for h in heads) + "</tr>"]
    for track in result.tracks:
        after, one = track.after, track.result
        mix = None if one is None else one.before.loudness.integrated_lufs
        isrc = result.release.tracks[track.number - 1].isrc if track.number else ""
        leads = result.leads(track.number)
        title = escape(track.name) + (" <b>(anchor)</b>" if leads else "")
        cells = (
            str(track.number or "–"),
            title + (" (kept as it is)" if one is None else ""),
            clock(after.source.duration_s),
            _told(mix),
            f"<b>{_told(after.loudness.integrated_lufs)}</b>",
            _told(after.loudness.max_short_term_lufs),
            _told(after.loudness.range_lu),
            _told(after.peaks.true_peak_dbtp),
            escape(isrc),
        )[: len(heads)]
        rows.append(
            "<tr>"
            + "".join(f"<td{_name(h)}>{cell}</td>" for h, cell in zip(heads, cells, strict=True))
            + "</tr>"
        )
    units = "Mix, master and loudest 3 s in LUFS, range in LU, true peak in dBTP."
    return (
        '<div class=tracks tabindex=0 role=region aria-label="The tracks in figures">'
        f"<table>{''.join(rows)}</table></div><p class=moves>{units}</p>"
    )


def _name(head: str) -> str:
    return " class=name" if head == "title" else ""


def _over_time(result: AlbumResult) -> str:
    tracks = [track for track in result.tracks if track.number]
    total_s = sum(track.after.source.duration_s for track in tracks)
    lines, at = [], 0.0
    for track in tracks:
        timeline = track.after.timeline
        values = [
            float(v) if math.isfinite(v) and v > LOWEST_LUFS else None
            for v in timeline.short_term_lufs[SHORT_TERM - 1 :]
        ]
        size = max(1, -(-len(values) * len(tracks) // svg.MOST_POINTS))
        times = (at + timeline.time_s[SHORT_TERM - 1 :])[::size]
        heard = svg.thinned(values, max(1, len(times)))
        if len(heard) == len(times):
            lines.append(svg.Line("after", track.name, times.tolist(), heard))
        at += track.after.source.duration_s
    known = [v for line in lines for v in line.y if v is not None]
    if not known:
        return ""
    top = min(0.0, 3.0 * math.ceil(max(known) / 3.0) + 3.0)
    low = max(LOWEST_LUFS, 3.0 * math.floor(float(np.percentile(known, 2)) / 3.0) - 3.0)
    x = svg.Axis(0.0, total_s, svg.clock(total_s), "minutes")
    y = svg.Axis(low, top, svg.every(low, top, 6 if top - low > 20 else 3), "short-term LUFS")
    drawn = svg.chart("Short-term loudness of the masters, one after the other", x, y, lines)
    return drawn[: drawn.index("<p class=")] + (
        "<p class=moves>Masters one after the other, without gaps; each break is a new track.</p>"
    )


def _tone(result: AlbumResult) -> str:
    rows = [relative_tone(track.after) for track in result.tracks]
    known = [value for row in rows for _, value in row if value is not None]
    if not known:
        return ""
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
        svg.Line("before each", track.name, [hz for hz, _ in row], [value for _, value in row])
        for track, row in zip(result.tracks, rows, strict=True)
    ]
    hz = [place for place, _ in rows[0]]
    middle = []
    for k in range(len(hz)):
        values = [row[k][1] for row in rows if k < len(row)]
        heard = [value for value in values if value is not None]
        middle.append(float(np.median(heard)) if heard else None)
    lines.append(svg.Line("after", "middle of the album", hz, middle))
    drawn = svg.chart("Tone of each master in third octaves", x, y, lines)
    return drawn[: drawn.index("<p class=")] + (
        '<p class="legend"><span class="key before each">each master</span>'
        '<span class="key after">middle of the album</span></p>'
    )


def _coherence(result: AlbumResult) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{minus(escape(before))}</td>"
        f"<td><b>{minus(escape(after))}</b></td><td class=unit>{escape(unit)}</td></tr>"
        for name, before, after, unit in result.coherence.rows()
    )
    if len(result.tracks) < 2:
        return ""
    heads = "<tr><th>spread of</th><th>mixes</th><th>masters</th><th></th></tr>"
    said = "".join(f"<p>{escape(minus(one.sentence))}</p>" for one in result.coherence.outliers)
    return f"<table class=figures>{heads}{rows}</table>{said}"


def _product(one: Outgoing) -> str:
    """What went out, as its manifest tells it: what is wrong, the files, what is left to do."""
    title, document = delivery(one.target).title, one.document
    there = "" if one.manifest is not None else "; was there already, unchanged"
    if document is None:
        return f"<h3>{escape(title)}</h3><p>Was there already; its manifest was changed.</p>"
    verdict = document["verdict"]
    words = {"pass": "passed", "warn": "passed, with warnings", "fail": "failed"}[verdict]
    out = [
        f"<h3>{escape(title)}</h3><p class='verdict {verdict}'>{words}{there}</p>",
        _list(document["notes"]),
    ]
    out += [
        f"<p class='finding {said.severity}'><b>{escape(minus(said.title))}.</b> "
        f"{escape(minus(said.detail))}"
        f"{f' <span class=unit>{escape(said.places)}</span>' if said.where else ''}</p>"
        for said in said_in(document)
    ]
    files = document["files"]
    rows = "".join(
        f"<tr><th>{escape(file['path'])}</th><td>{file['sha256']}</td></tr>" for file in files
    )
    out.append(
        f"<details class=folded><summary>{len(files)} files, with their SHA-256</summary>"
        f"<table class=files>{rows}</table></details>"
    )
    out.append(_list([f"To do: {todo}" for todo in document["checklist"]]))
    return f"<div class=product>{''.join(out)}</div>"


def _steps(track: AlbumTrack) -> str:
    if track.result is None:
        return ""
    return (
        f"<details class=folded><summary>{track.number} {escape(track.name)}</summary>"
        f"{steps_of(track.result)}</details>"
    )


def _list(said: Sequence[str]) -> str:
    rows = "".join(f"<li>{escape(minus(one))}</li>" for one in said)
    return f"<ul>{rows}</ul>" if rows else ""


def _told(value: float | None) -> str:
    return "–" if value is None else minus(number(value))
