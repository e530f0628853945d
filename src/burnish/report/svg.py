"""Charts as inline SVG, by hand: no script, no fonts, colours from the page around them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 40, 20, 24, 22
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
        """Where a value lies between the ends, 0 to 1, held inside."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, 1e-9))
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True)
class Line:
    """One row of points; ``None`` is a gap. ``kind`` is the class that colours it."""

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
    title: str, x: Axis, y: Axis, lines: Sequence[Line], corridor: Corridor | None = None
) -> str:
    """A chart of some lines, with a corridor behind them where there is one."""
    out = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    for value, label in y.ticks:
        at = _up(y, value)
        out.append(f'<path class="grid" d="M{LEFT} {at}H{WIDTH - RIGHT}"/>')
        out.append(f'<text x="{LEFT - 6}" y="{at}" class="ytick">{escape(label)}</text>')
    for value, label in x.ticks:
        at = _along(x, value)
        out.append(f'<path class="tick" d="M{at} {HEIGHT - BOTTOM}v4"/>')
        out.append(
            f'<text x="{at}" y="{HEIGHT - BOTTOM + 16}" class="xtick">{escape(label)}</text>'
        )
    out.append(f'<text x="{LEFT - 6}" y="11" class="name">{escape(y.name)}</text>')
    if corridor is not None:
        out.append(f'<path class="corridor" d="{_steps(x, y, corridor)}"/>')
    out += [f'<path class="line {line.kind}" d="{_path(x, y, line)}"/>' for line in lines]
    out.append("</svg>")
    legend = [f'<span class="key {line.kind}">{escape(line.name)}</span>' for line in lines]
    if corridor is not None:
        legend.append(f'<span class="key corridor">{escape(corridor.name)}</span>')
    return "".join(out) + f'<p class="legend">{"".join(legend)}</p>'


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


def _along(x: Axis, value: float) -> str:
    return f"{LEFT + x.part(value) * (WIDTH - LEFT - RIGHT):.1f}"


def _up(y: Axis, value: float) -> str:
    return f"{HEIGHT - BOTTOM - y.part(value) * (HEIGHT - TOP - BOTTOM):.1f}"


def _path(x: Axis, y: Axis, line: Line) -> str:
    words: list[str] = []
    pen = "M"
    for at, value in zip(line.x, line.y, strict=True):
        if value is None or math.isnan(value):
            pen = "M"
        else:
            words.append(f"{pen}{_along(x, at)} {_up(y, value)}")
            pen = "L"
    return "".join(words)


def _steps(x: Axis, y: Axis, corridor: Corridor) -> str:
    spans = list(zip(corridor.edges, corridor.edges[1:], corridor.low, corridor.high, strict=False))
    words = []
    for left, right, _, high in spans:
        words += [f"{_along(x, left)} {_up(y, high)}", f"{_along(x, right)} {_up(y, high)}"]
    for left, right, low, _ in reversed(spans):
        words += [f"{_along(x, right)} {_up(y, low)}", f"{_along(x, left)} {_up(y, low)}"]
    return "M" + "L".join(words) + "Z"
