"""Charts as inline SVG, by hand: no script, no fonts, colours from the page around them.

Every chart is one picture with a name and a description for who cannot see it. What lines are is
told by dash and weight as well as by colour: the mix is thin and dashed, the master heavy, what is
asked for dotted.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from burnish.report.document import minus

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 20, 24, 22
MOST_POINTS = 700
"""About one point for each pixel of the plot; a longer row is thinned to this."""


@dataclass(frozen=True)
class Axis:
    """One axis: its ends, its ticks (value, label), its name, and whether it is logarithmic."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    name: str = ""
    log: bool = False

    def part(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1, held inside; in the middle of no room."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, 1e-9))
        if high <= low:
            return 0.5
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True)
class Line:
    """One row of points; ``None`` and NaN are gaps. ``kind`` is the class that draws it."""

    kind: str
    name: str
    x: Sequence[float]
    y: Sequence[float | None]


@dataclass(frozen=True)
class Corridor:
    """An area between two rows over the same x, in steps: value i holds from edge i to i + 1."""

    name: str
    edges: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def chart(
    title: str,
    x: Axis,
    y: Axis,
    lines: Sequence[Line],
    corridor: Corridor | None = None,
    *,
    desc: str = "",
    height: int = HEIGHT,
) -> str:
    """A chart of some lines, with a corridor behind them where there is one, and its legend.

    ``desc`` says what is to be seen, for who cannot see it.
    """
    out = []
    for value, label in y.ticks:
        at = _up(y, value, height)
        out.append(f'<path class="grid" d="M{LEFT} {at}H{WIDTH - RIGHT}"/>')
        out.append(f'<text x="{LEFT - 6}" y="{at}" class="ytick">{escape(minus(label))}</text>')
    out.append(below(x, height))
    out.append(f'<text x="0" y="11" class="name">{escape(y.name)}</text>')
    if corridor is not None:
        out.append(f'<path class="corridor" d="{_steps(x, y, corridor, height)}"/>')
    out += [f'<path class="line {line.kind}" d="{_path(x, y, line, height)}"/>' for line in lines]
    named = {line.name: line.kind for line in reversed(lines)}
    legend = [
        f'<span class="key {kind}">{escape(minus(name))}</span>'
        for name, kind in reversed(named.items())
    ]
    if corridor is not None:
        legend.append(f'<span class="key corridor">{escape(corridor.name)}</span>')
    told = desc or f"{y.name}: {', '.join(line.name for line in lines)}."
    return picture(title, told, height, "".join(out)) + f'<p class="legend">{"".join(legend)}</p>'


def picture(title: str, desc: str, height: int, body: str) -> str:
    """One picture with its name and its description."""
    name = "".join(re.findall("[a-z0-9]+", title.lower()))[:40]
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name} {name}-d">'
        f'<title id="{name}">{escape(title)}</title><desc id="{name}-d">{escape(desc)}</desc>'
        f"{body}</svg>"
    )


def below(x: Axis, height: int) -> str:
    """The ticks of the axis under a chart."""
    out = []
    for value, label in x.ticks:
        at, foot = along(x, value), height - BOTTOM
        out.append(f'<path class="tick" d="M{at:.1f} {foot}v4"/>')
        at = min(at, WIDTH - 3.2 * len(label))  # half a letter each: the last one is not cut
        words = escape(minus(label))
        out.append(f'<text x="{at:.1f}" y="{foot + 16}" class="xtick">{words}</text>')
    return "".join(out)


def every(low: float, high: float, step: float, unit: str = "") -> tuple[tuple[float, str], ...]:
    """Ticks at the multiples of ``step`` from ``low`` to ``high``."""
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple((i * step, f"{i * step:g}{unit}") for i in range(first, last + 1))


def clock(duration_s: float) -> tuple[tuple[float, str], ...]:
    """Ticks for a length of time, about eight of them, at round minutes or seconds."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((s for s in steps if duration_s / s <= 9), steps[-1])
    count = int(duration_s // step)
    return tuple((i * step, f"{i * step // 60}:{i * step % 60:02d}") for i in range(count + 1))


def thinned(values: Sequence[float | None], most: int = MOST_POINTS) -> list[float | None]:
    """The row with at most ``most`` points, each the greatest of those it stands for."""
    size = -(-len(values) // most)
    if size <= 1:
        return list(values)
    pieces = (values[i : i + size] for i in range(0, len(values), size))
    return [max((v for v in piece if v is not None), default=None) for piece in pieces]


def along(x: Axis, value: float) -> float:
    """Where a value of the axis stands from the left."""
    return LEFT + x.part(value) * (WIDTH - LEFT - RIGHT)


def _along(x: Axis, value: float) -> str:
    return f"{along(x, value):.1f}"


def _up(y: Axis, value: float, height: int) -> str:
    return f"{height - BOTTOM - y.part(value) * (height - TOP - BOTTOM):.1f}"


def _path(x: Axis, y: Axis, line: Line, height: int) -> str:
    words: list[str] = []
    pen = "M"
    for at, value in zip(line.x, line.y, strict=True):
        if value is None or math.isnan(value):
            pen = "M"
        else:
            words.append(f"{pen}{_along(x, at)} {_up(y, value, height)}")
            pen = "L"
    return "".join(words)


def _steps(x: Axis, y: Axis, corridor: Corridor, height: int) -> str:
    spans = list(zip(corridor.edges, corridor.edges[1:], corridor.low, corridor.high, strict=False))
    words = []
    for left, right, _, high in spans:
        words += [f"{_along(x, at)} {_up(y, high, height)}" for at in (left, right)]
    for left, right, low, _ in reversed(spans):
        words += [f"{_along(x, at)} {_up(y, low, height)}" for at in (right, left)]
    return "M" + "L".join(words) + "Z"
