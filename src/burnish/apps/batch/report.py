"""The page of a run: what was done to a catalogue, what it is like, what failed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from burnish import __version__
from burnish.apps.batch.places import Place
from burnish.apps.batch.records import Head
from burnish.apps.batch.summary import BIN_LU, Spread, Summary
from burnish.report.document import document, minus, section
from burnish.report.style import CSS
from burnish.report.svg import Axis, Corridor, Line, chart, every

REPORT = "report.html"
MOST_FINDINGS = 20

_CSS = CSS + (
    ".bar{width:40%}.bar i{display:block;height:.7em;background:var(--aim);min-width:1px}"
    "td.name{overflow-wrap:anywhere;font-size:.9rem}"
)


def write_report(folder: Place, summary: Summary, head: Head) -> None:
    """Put the page into the folder of the run."""
    folder.join(REPORT).write(report_page(summary, head).encode("utf-8", errors="replace"))


def report_page(summary: Summary, head: Head) -> str:
    """The page: figures, loudness of the catalogue, findings by kind, failures by reason."""
    body = (
        _top(summary, head)
        + section("Loudness", _loudness(summary))
        + section("Found", _findings(summary))
        + section("Failed", _failures(summary))
        + section("Slowest", _slowest(summary))
        + section("How it ran", _ran(summary, head))
    )
    footer = f"<footer>burnish {escape(__version__)}</footer>"
    return document(f"Batch: {head.manifest}", _CSS, body + footer)


def _top(summary: Summary, head: Head) -> str:
    done = summary.made + summary.stood
    figures = (
        ("Rows", f"{head.rows:,}", f"{done:,} done"),
        ("Failed", f"{summary.failed:,}", _share(summary.failed, head.rows)),
        ("Not passed", f"{summary.not_passed:,}", _share(summary.not_passed, head.rows)),
        ("Sound", _hours(summary.audio_s), "gone through"),
    )
    cells = "".join(
        f'<div><dt>{name}</dt><dd><b>{value}</b></dd><dd class="was">{under}</dd></div>'
        for name, value, under in figures
    )
    left = head.rows - summary.rows
    unfinished = (
        f'<div class="finding warn"><h3>{left:,} rows are left</h3>'
        "<p>The run was stopped; <code>--resume</code> goes on with it.</p></div>"
        if left > 0
        else ""
    )
    return (
        f'<header><p class="kind">Batch: {escape(head.do)}</p><h1>{escape(head.manifest)}</h1>'
        f"<p>{escape(head.began_at[:16].replace('T', ' '))} UTC</p></header>"
        f'<dl class="keys">{cells}</dl>{unfinished}'
    )


def _loudness(summary: Summary) -> str:
    """Both histograms over one axis: as the files came dashed, as they went filled."""
    spreads = [one for one in (summary.before, summary.after) if one.n]
    if not spreads:
        return ""
    steps = [step for one in spreads for step in one.counts]
    low, high = min(steps) - 1, max(steps) + 2
    most = max(max(one.counts.values()) for one in spreads)
    scale = next(k for k in _ROUND if most <= 5 * k)
    x = Axis(low * BIN_LU, high * BIN_LU, every(low, high, _lu_step(high - low), " LUFS"))
    y = Axis(0, most, every(0, most, scale), "rows")
    after = summary.after
    filled = None
    if after.n:
        edges = [step * BIN_LU for step in range(low, high + 1)]
        counts = [float(after.counts[step]) for step in range(low, high)]
        filled = Corridor("as they went out", edges, [0.0] * len(counts), counts)
    came = "as they came in" if after.n else "as they are"
    lines = [_outline(came, summary.before, low, high)] if summary.before.n else []
    said = [
        f"{words}: {one.n:,} rows, the middle at {one.middle:.1f} LUFS"
        for words, one in ((came, summary.before), ("as they went out", after))
        if one.middle is not None
    ]
    drawn = chart("Loudness of the catalogue", x, y, lines, filled, desc=". ".join(said) + ".")
    over = ""
    if summary.over_full_scale:
        n = summary.over_full_scale
        over = f"<p>{n:,} {'row has' if n == 1 else 'rows have'} a true peak above 0 dBTP.</p>"
    words = minus("; ".join(said))
    return f'{drawn}<p class="moves">{escape(words[:1].upper() + words[1:])}.</p>{over}'


_ROUND = [f * 10**e for e in range(10) for f in (1, 2, 5)]


def _lu_step(span: int) -> int:
    return next(k for k in (1, 2, 5, 10, 20, 50, 100) if span <= 9 * k or k == 100)


def _outline(name: str, spread: Spread, low: int, high: int) -> Line:
    """The histogram as a line of steps."""
    x: list[float] = []
    y: list[float | None] = []
    for step in range(low, high):
        x += [step * BIN_LU, (step + 1) * BIN_LU]
        y += [float(spread.counts[step])] * 2
    return Line("before", name, x, y)


def _findings(summary: Summary) -> str:
    words = ""
    if summary.verdicts:
        said = ", ".join(f"{count:,} {name}" for name, count in summary.verdicts.most_common())
        words = f"<p>Verdicts: {escape(said)}.</p>"
    common = summary.findings.most_common(MOST_FINDINGS)
    if not common:
        return words
    rest = len(summary.findings) - len(common)
    more = f'<p class="moves">And {rest} rarer kinds.</p>' if rest else ""
    return words + _bars(("Finding", "rows"), common, summary.made + summary.stood) + more


def _bars(heads: tuple[str, str], counts: Sequence[tuple[str, int]], of: int) -> str:
    most = max(count for _, count in counts)
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{count:,}</td><td>{_share(count, of)}</td>"
        f'<td class="bar"><i style="width:{100 * count / most:.1f}%"></i></td></tr>'
        for name, count in counts
    )
    top = f"<tr><th>{heads[0]}</th><th>{heads[1]}</th><th></th><th></th></tr>"
    return f'<table class="figures">{top}{rows}</table>'


def _failures(summary: Summary) -> str:
    parts = []
    for one in summary.failures_by_count():
        named = "".join(
            f'<tr><td>{number}</td><td class="name">{escape(file)}<br>'
            f'<span class="unit">{escape(minus(sentence))}</span></td></tr>'
            for number, file, sentence in one.examples
        )
        more = one.count - len(one.examples)
        rest = f'<p class="moves">And {more:,} more: results.parquet has all.</p>' if more else ""
        parts.append(
            f'<div class="part finding fail"><h3>{escape(one.code)}: {one.count:,}</h3>'
            f"<table>{named}</table>{rest}</div>"
        )
    return "".join(parts)


def _slowest(summary: Summary) -> str:
    if not summary.slowest or summary.slowest[0][0] <= 0:
        return ""
    rows = "".join(
        f'<tr><td class="name">{escape(file)}</td><td>{number}</td><td>{seconds:.1f} s</td></tr>'
        for seconds, number, file in summary.slowest
    )
    return f'<table class="figures"><tr><th>File</th><th>Row</th><th>Took</th></tr>{rows}</table>'


def _ran(summary: Summary, head: Head) -> str:
    took_s = _between_s(head.began_at, head.ended_at)
    memory = summary.most_memory_mib
    rows = [
        ("Began", head.began_at[:19].replace("T", " ") + " UTC"),
        ("Took", _hours(took_s) if took_s is not None else "not ended"),
        ("Made", f"{summary.made:,}"),
        ("Stood already", f"{summary.stood:,}"),
        ("Took several attempts", f"{summary.again:,}"),
        ("Processor time", _hours(summary.cpu_s)),
        ("Most memory of one row", "not told" if memory is None else f"{memory:.0f} MiB"),
        ("Read", _size(summary.input_bytes)),
        ("Written", _size(summary.output_bytes)),
    ]
    cells = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f'<table class="files">{cells}</table>'


def _between_s(begin: str, end: str | None) -> float | None:
    if end is None:
        return None
    a, b = (datetime.fromisoformat(one).astimezone(UTC) for one in (begin, end))
    return (b - a).total_seconds()


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else "-"


def _hours(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h"


def _size(n_bytes: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if n_bytes < 1000 or unit == "TB":
            break
        n_bytes /= 1000
    return f"{n_bytes:.1f} {unit}"
