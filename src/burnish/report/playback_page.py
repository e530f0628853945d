"""The page of a playback: one HTML file that needs nothing else, a card for every device."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from burnish import __version__
from burnish.measure.bands import BAND_HZ
from burnish.playback.result import OnDevice, Playback
from burnish.playback.said import words
from burnish.report import svg
from burnish.report.document import document, minus, section, write_document
from burnish.report.playback import (
    CODEC_HEADS,
    SERVICE_HEADS,
    advised,
    best_first,
    codec_row,
    device_row,
    headline,
    sentence_of,
    service_row,
)
from burnish.report.style import CSS

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 30, 6, 8, 18
_X = svg.Axis(
    22.0,
    22000.0,
    ((50.0, "50"), (200.0, "200"), (1000.0, "1k"), (4000.0, "4k"), (16000.0, "16k")),
    log=True,
)
_Y = svg.Axis(-30.0, 12.0, ((0.0, "0"), (-12.0, "−12"), (-24.0, "−24")), "dB")

_CSS = CSS + (
    "main{max-width:60rem}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(17.5rem,1fr));"
    "gap:2rem 2.25rem;margin-top:1.75rem}"
    ".card{break-inside:avoid}.card h3{display:flex;justify-content:space-between;"
    "align-items:baseline;font-size:1.05rem}"
    ".card h3 b{font-weight:600;font-size:1.35rem;font-variant-numeric:tabular-nums lining-nums}"
    ".card p{font-size:.92rem;min-height:3em;margin:.45rem 0 .2rem}"
    ".bar{display:flex;height:.4rem;background:var(--rule);margin:.25rem 0 0;border-radius:.2rem;"
    "overflow:hidden}.bar i{display:block;background:var(--aim)}.bar i.low{background:var(--after)}"
    ".zero{stroke:var(--before);fill:none}.gone{fill:var(--corridor)}"
    ".line.noise{stroke:var(--aim);stroke-dasharray:3 3;stroke-width:1.2}"
    ".key.noise::before{border-top:2px dashed var(--aim)}"
    ".key.gone::before{border-top:.7em solid var(--corridor);vertical-align:0}"
    ".card details{margin-top:.35rem}.card details table{width:100%}"
    ".card details td{text-align:right;padding-right:0;white-space:nowrap;vertical-align:top}"
    ".rows{width:100%;font-size:.95rem}.rows tr+tr{border-top:1px solid var(--rule)}"
    ".rows td{text-align:right;white-space:nowrap}.rows td.said{text-align:left;white-space:normal;"
    "padding-left:.6rem;color:var(--quiet)}.rows tr:first-child th{color:var(--quiet);"
    "text-align:right;white-space:nowrap}"
    ".rows tr:first-child th:first-child{text-align:left}"
    "@media print{.card details{display:none}}"
    "@media (max-width:600px){.card svg{font-size:12px}}"
)


def write_playback_page(result: Playback, path: Path, overwrite: bool = False) -> None:
    """Write the page beside ``path`` and name it when it is whole."""
    write_document(playback_page(result), path, overwrite)


def playback_page(result: Playback) -> str:
    """Every device with its score and what it does to the tone; services; codecs; what to do."""
    title = headline(result)
    name, _, figures = title.partition(": ")
    devices = "".join(_card(one) for one in best_first(result.devices))
    parts = (
        f"<header><h1>{escape(name)} elsewhere</h1><p>{escape(minus(figures))}</p></header>",
        f"<section>{_legend(result)}<div class=cards>{devices}</div></section>" if devices else "",
        section("What could be done", _advice(result)),
        section("On the services", _services(result)),
        section("Behind the codecs", _codecs(result)),
        section("How sure this is", _sure(result)),
    )
    footer = f"<footer>burnish {escape(__version__)}</footer>"
    return document(f"{title}, elsewhere", _CSS, "".join(parts) + footer)


def _legend(result: Playback) -> str:
    noise = any(value is not None for one in result.devices for value in one.translation.noise_db)
    said = "<span class='key after'>change of tone at equal loudness, dB in third octaves</span>"
    said += "<span class='key gone'>lost: 6 dB less than it was, or under the noise</span>"
    said += "<span class='key noise'>noise, over the music</span>" if noise else ""
    return f"<p class=legend>{said}</p>"


def _card(one: OnDevice) -> str:
    title, score, _, said = device_row(one)
    t = one.translation
    low = " class=low" if t.score < 60.0 else ""
    rows = "".join(
        f"<tr><th>{escape(sentence_of(words(part, t, one.device.place)))}</th>"
        f"<td>{_cost(part.points)}</td></tr>"
        for part in sorted(t.parts, key=lambda part: -part.points)
    )
    return (
        f"<article class=card><h3>{escape(title)}<b>{score}</b></h3>"
        f"<div class=bar><i{low} style='width:{t.score:.1f}%'></i></div>"
        f"<p>{escape(minus(said))}</p>{_plot(one)}"
        f"<details><summary>{escape(_costs(one))}</summary><table>{minus(rows)}</table></details>"
        "</article>"
    )


def _costs(one: OnDevice) -> str:
    """The parts that cost something, in a line: 'tone −18.8 · kick −4.0'."""
    dear = sorted(one.translation.parts, key=lambda part: -part.points)
    told = [f"{part.name}\u00a0−{part.points:.1f}" for part in dear if part.points >= 0.05]
    return " · ".join(told) if told else "nothing is taken off"


def _cost(points: float) -> str:
    return f"-{points:.1f}" if points >= 0.05 else "0"


def _plot(one: OnDevice) -> str:
    t = one.translation
    title = f"{one.device.title}: change of tone in third octaves"
    out = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>"
    ]
    floor = HEIGHT - BOTTOM
    for low, high in t.lost_bands_hz:
        left, right = _along(low / 1.122), _along(high * 1.122)
        width = f"{right - left:.1f}"
        out.append(
            f'<rect class="gone" x="{left:.1f}" y="{TOP}" width="{width}" height="{floor - TOP}"/>'
        )
    for value, label in _Y.ticks:
        kind = "zero" if value == 0.0 else "grid"
        out.append(f'<path class="{kind}" d="M{LEFT} {_up(value):.1f}H{WIDTH - RIGHT}"/>')
        out.append(f'<text x="{LEFT - 5}" y="{_up(value):.1f}" class="ytick">{label}</text>')
    for value, label in _X.ticks:
        out.append(f'<text x="{_along(value):.1f}" y="{HEIGHT - 4}" class="xtick">{label}</text>')
    if any(value is not None for value in t.noise_db):
        out.append(f'<path class="line noise" d="{_line(t.noise_db)}"/>')
    out.append(f'<path class="line after" d="{_line(t.change_db)}"/></svg>')
    return "".join(out)


def _line(values: Sequence[float | None]) -> str:
    """A path through the values that are there and above the floor of the plot, or once below."""
    drawn, pen, under = [], "M", False
    for hz, value in zip(BAND_HZ, values, strict=True):
        if value is None or (under and value < _Y.low):
            pen = "M"
            continue
        under = value < _Y.low
        drawn.append(f"{pen}{_along(hz):.1f} {_up(value):.1f}")
        pen = "L"
    return "".join(drawn)


def _along(hz: float) -> float:
    return LEFT + _X.part(hz) * (WIDTH - LEFT - RIGHT)


def _up(value: float) -> float:
    return HEIGHT - BOTTOM - _Y.part(value) * (HEIGHT - TOP - BOTTOM)


def _advice(result: Playback) -> str:
    return "".join(
        f"<p class='finding {escape(one.severity)}'><b>{escape(one.title)}.</b> "
        f"{escape(minus(one.detail))} {escape(minus(one.advice))}</p>"
        for one in advised(result)
    )


def _services(result: Playback) -> str:
    return _table(SERVICE_HEADS, [service_row(one) for one in result.services])


def _codecs(result: Playback) -> str:
    return _table(CODEC_HEADS, [codec_row(one) for one in result.codecs])


def _table(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    said = "" if heads[-1] else " class=said"
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    lines = "".join(
        f"<tr><th>{escape(row[0])}</th>"
        + "".join(f"<td>{escape(minus(value))}</td>" for value in row[1:-1])
        + f"<td{said}>{escape(minus(row[-1]))}</td></tr>"
        for row in rows
    )
    return f"<table class=rows><tr>{top}</tr>{lines}</table>"


def _sure(result: Playback) -> str:
    """Where the figures of devices and services come from."""
    rows = [
        (one.device.title, one.device.confidence, one.device.source)
        for one in best_first(result.devices)
    ]
    rows += [
        (one.service.title, one.service.confidence, f"{one.service.source}, {one.service.date}")
        for one in result.services
    ]
    told = "".join(
        f"<tr><th>{escape(title)}</th><td>{sure}</td><td>{escape(source)}</td></tr>"
        for title, sure, source in rows
    )
    return (
        "<p>A device stands for its kind, not for a make: compare scores of two masters on one "
        "device rather than of one master on two.</p>"
        f"<details><summary>sources</summary><table class=files>{told}</table></details>"
    )
