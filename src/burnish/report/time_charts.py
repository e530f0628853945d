"""Charts of a master over time, all on the same axis, so that they can be read one under the other.

The waveforms of mix and master, loudness, peaks over loudness, what the steps of dynamics took
away, and where the findings are.
"""

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from burnish.chain.work import Work
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.report import svg
from burnish.report.document import minus
from burnish.report.over_time import PER_S, psr, short_term
from burnish.report.result import MasterResult
from burnish.report.words import number
from burnish.targets import style, styles

Floats = NDArray[np.float64]

LOWEST_LUFS = -50.0
_LANE = 78  # height of a waveform
_ROW = 30  # of a finding
_WORKED_DB = 0.05  # less than this is no work
_MOST_ROWS = 12
_WIDE = svg.WIDTH - svg.LEFT - svg.RIGHT


def time_axis(duration_s: float, name: str = "") -> svg.Axis:
    """The axis under every chart."""
    return svg.Axis(0.0, max(duration_s, 0.1), svg.clock(duration_s), name)


def waveforms(result: MasterResult) -> str:
    """Mix and master as waveforms at one scale: true peaks outside, loudness inside."""
    before, after = result.before, result.after
    top = max(float(one.timeline.segment_true_peak.max(initial=0.0)) for one in (before, after))
    if top <= 0.0:
        return ""
    scale = max(1.0, top)
    body, foot = [], 8.0
    for kind, name, one in (("before", "mix", before), ("after", "master", after)):
        middle = foot + _LANE / 2
        body.append(_wave(kind, one, middle, _LANE / 2 / scale, result))
        body.append(f'<text x="{svg.LEFT - 6}" y="{middle:g}" class="ytick lane">{name}</text>')
        foot += _LANE + 12
    height = round(foot) - 12 + 6 + svg.BOTTOM
    body.append(svg.below(time_axis(before.source.duration_s), height))
    was, now = (number(one.peaks.true_peak_dbtp, 2) for one in (before, after))
    loud_was, loud_now = (number(one.loudness.integrated_lufs) for one in (before, after))
    desc = (
        f"Two waveforms at one scale. Mix: {loud_was} LUFS, true peak {was} dBTP. "
        f"Master: {loud_now} LUFS, true peak {now} dBTP."
    )
    drawn = svg.picture("Waveforms of mix and master", desc, height, "".join(body))
    return drawn + (
        '<p class="legend">Outside: true peak of each moment; inside: its loudness (K-weighted). '
        "Both at one scale; the lines are full scale.</p>"
    )


def _wave(kind: str, one: Measurement, middle: float, scale: float, result: MasterResult) -> str:
    line = one.timeline
    last = svg.LEFT + _WIDE * min(
        1.0, len(line.segment_power) / PER_S / max(result.before.source.duration_s, 0.1)
    )
    body = np.sqrt(line.segment_power / one.source.channels)
    name = f"wave-{kind}"
    both = f'<use href="#{name}" transform="matrix(1 0 0 -1 0 {2 * middle:g})"/>'
    edges = "".join(
        f'<path class="grid" d="M{svg.LEFT} {middle + sign * scale:.1f}H{svg.WIDTH - svg.RIGHT}"/>'
        for sign in (-1, 1)
    )
    peaks = _hill(line.segment_true_peak, middle, scale, last)
    dark = _hill(body, middle, scale, last)
    return (
        f'{edges}<g id="{name}"><path class="peaks {kind}" d="{peaks}"/>'
        f'<path class="body {kind}" d="{dark}"/></g>{both}'
    )


def _hill(values: Floats, foot: float, scale: float, last: float) -> str:
    """The upper half of a waveform, closed along its middle; its points relative, to be short."""
    heights = _most(values, 600) * scale
    if not len(heights):
        return ""
    step = (last - svg.LEFT) / len(heights)
    x = np.rint(10.0 * step * (np.arange(len(heights)) + 0.5)).astype(np.int64)
    y = np.rint(-10.0 * heights).astype(np.int64)
    right, down = np.diff(x, prepend=0).tolist(), np.diff(y, prepend=0).tolist()
    steps = " ".join(f"{a / 10:g} {b / 10:g}" for a, b in zip(right, down, strict=True))
    return f"M{svg.LEFT} {foot:g}l{steps}L{last:.1f} {foot:g}Z".replace(" -", "-")


def _most(values: Floats, count: int) -> Floats:
    """The row as at most ``count`` entries, each the greatest of those it stands for."""
    size = max(1, -(-len(values) // count))
    edges = np.arange(0, len(values), size)
    return np.maximum.reduceat(values, edges) if len(values) else values


def loudness(result: MasterResult) -> str:
    """Short-term loudness of both, and what was asked."""
    before, after = (short_term(one) for one in (result.before, result.after))
    heard = np.concatenate((before[1], after[1]))
    heard = heard[np.isfinite(heard) & (heard > LOWEST_LUFS)]
    if not len(heard):
        return ""
    wanted = result.target.get("loudness_lufs")
    ends = [float(np.percentile(heard, 2)), float(heard.max())]
    ends += [] if wanted is None else [wanted]
    top = min(0.0, 3.0 * math.ceil(max(ends) / 3.0) + 3.0)
    low = max(LOWEST_LUFS, 3.0 * math.floor(min(ends) / 3.0) - 3.0)
    duration_s = result.before.source.duration_s
    y = svg.Axis(low, top, svg.every(low, top, 6 if top - low > 20 else 3), "short-term LUFS")
    lines = [_line("before", "mix", *before), _line("after", "master", *after)]
    if wanted is not None:
        words = f"target {wanted:.1f}, integrated"
        lines.append(svg.Line("aim", words, (0.0, duration_s), (wanted, wanted)))
    desc = _ranges("Loudness of 3 s", "LUFS", before[1], after[1])
    return svg.chart(
        "Short-term loudness of mix and master over time", time_axis(duration_s), y, lines,
        desc=desc, height=210,
    )  # fmt: skip


def dynamics(result: MasterResult) -> str:
    """How far the peaks stand over the loudness, and the floor that the style keeps."""
    before, after = (psr(one) for one in (result.before, result.after))
    known = np.concatenate((before[1], after[1]))
    known = known[np.isfinite(known)]
    if not len(known):
        return ""
    name = str(result.target.get("style"))
    kept = name in styles() and not result.target.get("match")
    floor = style(name).floors.psr_db if kept else float(known.min())
    top = 5.0 * math.ceil(max(floor, float(np.percentile(known, 99.5))) / 5.0)
    low = max(0.0, 5.0 * math.floor(min(floor, float(known.min())) / 5.0))
    duration_s = result.before.source.duration_s
    y = svg.Axis(low, max(top, low + 5.0), svg.every(low, top, 5), "PSR, dB")
    lines = [_line("before", "mix", *before), _line("after", "master", *after)]
    if kept:
        words = f"{name} keeps {floor:.1f} (5th percentile)"
        lines.append(svg.Line("aim", words, (0.0, duration_s), (floor, floor)))
    desc = _ranges("True peak over short-term loudness", "dB", before[1], after[1])
    return svg.chart(
        "Peaks over loudness of mix and master over time", time_axis(duration_s), y, lines,
        desc=desc, height=170,
    )  # fmt: skip


def _line(kind: str, name: str, time_s: Floats, values: Floats) -> svg.Line:
    size = max(1, -(-len(values) // svg.MOST_POINTS))
    shown = np.where(np.isfinite(values), values, np.nan)
    if len(shown):
        shown = np.fmax.reduceat(shown, np.arange(0, len(shown), size))
    return svg.Line(kind, name, time_s[::size].tolist(), shown.tolist())


def _ranges(what: str, unit: str, before: Floats, after: Floats) -> str:
    """'... mix from -24 to -14 LUFS, master from ...': its tenth to its ninetieth percentile."""
    said = []
    for name, row in (("mix", before), ("master", after)):
        known = row[np.isfinite(row)]
        if len(known):
            low, high = (number(float(v)) for v in np.percentile(known, (10, 90)))
            said.append(f"{name} mostly from {low} to {high} {unit}")
    return f"{what}: {', '.join(said)}."


def work(result: MasterResult) -> str:
    """What each step of dynamics took away, hanging from a line as on a meter."""
    shown = [one for one in result.work if one.most_db > _WORKED_DB]
    if not shown:
        return ""
    most = max(one.most_db for one in shown)
    step = next(s for s in (1, 2, 3, 5, 10, 20, 100) if most <= 3 * s)
    deep = step * max(1, math.ceil(most / step))
    lane = 24.0 + max(52.0, 22.0 * deep / step)
    duration_s = result.before.source.duration_s
    body, top = [], 2.0
    for one in shown:
        body.append(_lane(one, duration_s, top, (lane - 30.0) / deep, step, deep))
        top += lane
    height = round(top) + svg.BOTTOM
    body.append(svg.below(time_axis(duration_s), height))
    desc = " ".join(f"{_named(one)} {taken(one)}." for one in shown)
    return svg.picture(
        "What the steps of dynamics took away over time", desc, height, "".join(body)
    ) + (
        '<p class="legend">By how much the peaks came down (clipper, limiter), or the whole '
        "(compressors), in every tenth of a second; gauged in the render. Gain that was added does "
        "not count.</p>"
    )


def taken(one: Work) -> str:
    """'up to 4.2 dB, more than 1 dB in 34 % of the time'."""
    if one.most_db <= _WORKED_DB:
        return "took nothing: no peak came up to it" if one.kind == "peaks" else "took nothing"
    what = " of the peaks" if one.kind == "peaks" else ""
    words = f"took up to {one.most_db:.1f} dB{what}"
    over = next((db for db in (3, 2, 1) if one.share_over(db) >= 0.1), 1)
    share = one.share_over(over)
    if share >= 0.005:
        words += f", more than {over} dB in {100 * share:.0f} % of the time"
    return words


def _named(one: Work) -> str:
    return one.processor.replace("_", " ")


def _lane(one: Work, duration_s: float, top: float, scale: float, step: int, deep: float) -> str:
    zero = top + 16.0
    name = f"{_named(one)}, up to {one.most_db:.1f} dB"
    out = [f'<text x="{svg.LEFT + 4}" y="{top + 11:.0f}" class="lane">{escape(name)}</text>']
    for db in range(0, round(deep) + 1, step):
        at = zero + db * scale
        out.append(f'<path class="grid" d="M{svg.LEFT} {at:.1f}H{svg.WIDTH - svg.RIGHT}"/>')
        if db:
            label = f"−{db}"
            out.append(f'<text x="{svg.LEFT - 6}" y="{at:.1f}" class="ytick">{label}</text>')
    n_whole = duration_s * PER_S
    last = svg.LEFT + _WIDE * min(1.0, len(one.taken_db) / max(1.0, n_whole))
    out.append(f'<path class="took {one.kind}" d="{_hill(one.taken_db, zero, -scale, last)}"/>')
    return "".join(out)


def places(findings: Sequence[Finding], duration_s: float) -> str:
    """Where the findings are: a row for each that has times, under its number and its title."""
    rows = [(k, one) for k, one in enumerate(findings, 1) if one.times_s][:_MOST_ROWS]
    if not rows:
        return ""
    x = time_axis(duration_s)
    body, top = [], 2.0
    for k, one in rows:
        name = escape(minus(one.title))
        body.append(
            f'<text x="{svg.LEFT - 8}" y="{top + 8:.0f}" class="ytick">{k}</text>'
            f'<text x="{svg.LEFT}" y="{top + 12:.0f}" class="lane">{name}</text>'
            f'<path class="grid" d="M{svg.LEFT} {top + 20:.1f}H{svg.WIDTH - svg.RIGHT}"/>'
        )
        marks = []
        for start_s, end_s in one.times_s[:200]:
            left = svg.along(x, start_s)
            wide = max(3.0, svg.along(x, end_s) - left)
            marks.append(f"M{left:.1f} {top + 17:.1f}h{wide:.1f}v6h{-wide:.1f}z")
        body.append(f'<path class="place {escape(one.severity)}" d="{"".join(marks)}"/>')
        top += _ROW
    height = round(top) + svg.BOTTOM
    body.append(svg.below(x, height))
    said = "; ".join(f"{k}: {one.title}" for k, one in rows)
    return svg.picture("Where the notes on the mix are", f"{said}.", height, "".join(body))
