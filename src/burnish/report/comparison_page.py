"""The page of a comparison: one HTML file that needs nothing else, with its plots in it."""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path

from burnish.measure import Measurement
from burnish.measure.comparison import Comparison
from burnish.report import svg
from burnish.report.band_charts import OCTAVES
from burnish.report.comparison import headline, names, relation, rows, signed
from burnish.report.document import document, minus, section, write_document
from burnish.report.over_time import SHORT_TERM
from burnish.report.style import CSS
from burnish.report.words import number

_MOST_DB, _LEAST_DB = 18.0, 3.0
_LOWEST_LUFS = -50.0
_CSS = CSS + (
    ".figures{margin-top:1.25rem}"
    ".figures td:nth-child(4),.figures th:nth-child(4){text-align:right}"
)


def write_comparison_page(c: Comparison, path: Path, overwrite: bool = False) -> None:
    """Write the page beside ``path`` and name it when it is whole."""
    write_document(comparison_page(c), path, overwrite)


def comparison_page(c: Comparison) -> str:
    """The page: how they lie in time, every figure, and plots of tone, width and loudness."""
    a, b = names(c)
    said = "".join(f"<p>{escape(minus(words))}</p>" for words in relation(c))
    matched = minus(f"B turned by {signed(c.gain_db, 2)} dB")
    parts = (
        f"<header><p class=kind>Comparison</p><h1>{escape(b)}</h1>"
        f"<p>B here, against A, {escape(a)} · {escape(_louder(c))}</p></header>",
        f"<section>{said}</section>",
        _table(c),
        section(f"Tone of B over A, {matched}", _tone(c)),
        section("Tone of both, equally loud", _tones(c)),
        section("Width of B over A", _bands(c, c.width.bands_side_to_mid_db, "side to mid, dB")),
        section("Loudness range of B over A", _bands(c, c.dynamics.bands_range_lu, "LU")),
        section("Loudness over time", _loudness(c)),
        section(f"Louder than A, moment by moment, {matched}", _over_time(c)),
        section("Files", _files(c)),
    )
    footer = f"<footer>burnish {escape(_version())}</footer>"
    return document(headline(c), _CSS, "".join(parts) + footer)


def _version() -> str:
    from burnish import __version__

    return __version__


def _louder(c: Comparison) -> str:
    return headline(c).rpartition(": ")[2]


def _table(c: Comparison) -> str:
    heads = "<tr><th></th><th>A</th><th>B</th><th>B − A</th><th></th></tr>"
    lines = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(a)}</td><td>{escape(b)}</td>"
        f"<td><b>{escape(d)}</b></td><td class=unit>{escape(unit)}</td></tr>"
        for name, a, b, d, unit in rows(c)
    )
    return f"<table class=figures>{heads}{minus(lines)}</table>"


def _tone(c: Comparison) -> str:
    lines = [
        svg.Line("after", "middle", c.tone.band_hz, c.tone.mid_db),
        svg.Line("aim", "side", c.tone.band_hz, c.tone.side_db),
    ]
    y = _differences([*c.tone.mid_db, *c.tone.side_db], "dB")
    return "" if y is None else svg.chart("Tone of B over A in third octaves", _octaves(), y, lines)


def _tones(c: Comparison) -> str:
    """The middle of both, B at the loudness of A."""
    shown = [
        ("before", "A, middle", _shifted(c.a.spectrum.mid_db, 0.0)),
        ("after", "B, middle", _shifted(c.b.spectrum.mid_db, c.gain_db)),
    ]
    known = [value for _, _, row in shown for value in row if value is not None]
    if not known:
        return ""
    top = 10.0 * math.ceil(max(known) / 10.0)
    low = max(top - 80.0, 10.0 * math.floor(min(known) / 10.0) - 10.0)
    y = svg.Axis(low, top, svg.every(low, top, 10), "dB in third octaves")
    lines = [svg.Line(kind, name, c.tone.band_hz, row) for kind, name, row in shown]
    return svg.chart("Tone of A and B in third octaves, equally loud", _octaves(), y, lines)


def _bands(c: Comparison, values: Sequence[float | None], unit: str) -> str:
    y = _differences(values, unit)
    if y is None:
        return ""
    edges = c.tone.band_edges_hz
    middles = [math.sqrt(low * high) for low, high in pairwise(edges)]
    lines = [svg.Line("after", "B over A, by band", middles, list(values))]
    return svg.chart(f"By band: {unit}", _octaves(), y, lines)


def _octaves() -> svg.Axis:
    return svg.Axis(25.0, 20000.0, OCTAVES, log=True)


def _differences(values: Sequence[float | None], unit: str) -> svg.Axis | None:
    """An axis with zero in its middle, wide enough for the values; None where there is none."""
    known = [abs(value) for value in values if value is not None]
    if not known:
        return None
    most = min(_MOST_DB, max(_LEAST_DB, 3.0 * math.ceil(max(known) / 3.0)))
    step = next((s for s in (1, 3) if most <= 4 * s), 6)  # labels have room on a phone too
    return svg.Axis(-most, most, svg.every(-most, most, step), unit)


def _loudness(c: Comparison) -> str:
    """Short-term loudness of both; B where its music lies in A, if it is the same."""
    how = c.alignment
    offset_s, drift = how.offset_s or 0.0, 1.0 + 1e-6 * (how.drift_ppm or 0.0)
    lines = [_line("before", "A", c.a, 0.0, 1.0), _line("after", "B", c.b, offset_s, drift)]
    known = [value for line in lines for value in line.y if value is not None]
    if not known:
        return ""
    top = min(6.0, 3.0 * math.ceil(max(known) / 3.0) + 3.0)
    low = max(_LOWEST_LUFS, 3.0 * math.floor(min(known) / 3.0) - 3.0)
    longest_s = max(max(line.x) for line in lines if line.x)
    x = svg.Axis(0.0, max(longest_s, 0.1), svg.clock(longest_s), "minutes")
    y = svg.Axis(low, top, svg.every(low, top, 6 if top - low > 20 else 3), "short-term LUFS")
    return svg.chart("Short-term loudness of A and B over time", x, y, lines)


def _line(kind: str, name: str, one: Measurement, offset_s: float, drift: float) -> svg.Line:
    # The first whole 3 s end at 3 s; a shorter sound is shown as far as it goes.
    start = SHORT_TERM - 1 if len(one.timeline.time_s) > SHORT_TERM else 0
    values = [
        float(v) if math.isfinite(v) and v > _LOWEST_LUFS else None
        for v in one.timeline.short_term_lufs[start:]
    ]
    size = max(1, -(-len(values) // svg.MOST_POINTS))
    at = (one.timeline.time_s[start::size] - offset_s) / drift
    thin = svg.thinned(values)
    shown = [(float(t), v) for t, v in zip(at, thin, strict=True) if t >= 0.0]
    return svg.Line(kind, name, [t for t, _ in shown], [v for _, v in shown])


def _over_time(c: Comparison) -> str:
    if c.over_time is None:
        return ""
    y = _differences(c.over_time.difference_lu, "LU")
    if y is None:
        return ""
    time_s = c.over_time.time_s
    x = svg.Axis(0.0, max(time_s[-1], 0.1), svg.clock(time_s[-1]), "minutes")
    size = max(1, -(-len(time_s) // svg.MOST_POINTS))
    line = svg.Line("after", "B over A", time_s[::size], c.over_time.difference_lu[::size])
    return svg.chart("How much louder B is than A over time", x, y, [line])


def _shifted(row: Sequence[float | None], gain_db: float) -> list[float | None]:
    return [None if v is None or not math.isfinite(v) else v + gain_db for v in row]


def _files(c: Comparison) -> str:
    told = "".join(
        f"<tr><th>{name}</th><td>{escape(one.file or 'in memory')}</td>"
        f"<td>{one.source.rate_hz} Hz, {'mono' if one.source.channels == 1 else 'stereo'}, "
        f"{number(one.source.duration_s, 2)} s</td></tr>"
        for name, one in (("A", c.a), ("B", c.b))
    )
    return f"<table class=files>{told}</table>"
