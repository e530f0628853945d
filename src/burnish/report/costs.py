"""What loudness costs: the curve of a plan, drawn."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from burnish.report import svg

_STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)  # of the grid; the finest that needs no more than:
_MOST_LINES = 6


def loudness_costs(target: Mapping[str, Any], loudness_lufs: float | None = None) -> str:
    """The harm at every half LU, and where the master stands; what a rule forbids is dashed.

    Empty where the plan has no curve.
    """
    points = target.get("tradeoff") or []
    if len(points) < 2:
        return ""
    at = [float(point["loudness_lufs"]) for point in points]
    cost = [float(point["cost"]) for point in points]
    step = next((s for s in _STEPS if max(cost) <= _MOST_LINES * s), 5.0)
    top = step * max(1, math.ceil(max(cost) / step))
    x = svg.Axis(at[0], at[-1], _loudnesses(at[0], at[-1]))
    y = svg.Axis(0.0, top, svg.every(0.0, top, step), "harm")
    mark = loudness_lufs if loudness_lufs and at[0] <= loudness_lufs <= at[-1] else None
    lines = _curve(points, at, cost, mark)
    if mark is not None:
        harm = float(np.interp(mark, at, cost))
        name = f"this master, {mark:.1f} LUFS"
        lines.append(svg.Line("before", name, (mark, mark), (0.0, top)))
        lines.append(svg.Line("dot", name, (mark, mark), (harm, harm)))
    desc = f"From {cost[0]:.2f} at {at[0]:.1f} LUFS to {cost[-1]:.2f} at {at[-1]:.1f} LUFS" + (
        "." if mark is None else f"; this master is at {mark:.1f} LUFS, {harm:.2f}."
    )
    return svg.chart("Harm at each loudness", x, y, lines, desc=desc) + (
        "<p class=moves>Harm is the crest lost, in dB, and what changes of tone, pumping, lost "
        "punch and distortion add to it, all at equal loudness: about 0.3 is a good master, 1 and "
        "more a crushed one. For a louder or gentler one: "
        "<span class=option>--loudness-lufs</span>.</p>"
    )


def _loudnesses(low: float, high: float) -> tuple[tuple[float, str], ...]:
    ticks = svg.every(low, high, 1.0)
    return (*ticks[:-1], *((value, f"{label} LUFS") for value, label in ticks[-1:]))


def _curve(
    points: list[Mapping[str, Any]], at: list[float], cost: list[float], mark: float | None
) -> list[svg.Line]:
    allowed = next((i for i, point in enumerate(points) if point["stopped_by"]), len(points))
    if allowed == len(points):
        return [svg.Line("after", "what loudness costs", at, cost)]
    # Between the last point that is allowed and the first that is not, the master itself tells.
    end = at[max(0, allowed - 1)]
    if mark is not None and end < mark <= at[allowed]:
        end = mark
    meets = float(np.interp(end, at, cost))
    before = [(x, y) for x, y in zip(at, cost, strict=True) if x < end] + [(end, meets)]
    after = [(end, meets)] + [(x, y) for x, y in zip(at, cost, strict=True) if x > end]
    rule = str(points[allowed]["stopped_by"])
    parts = (("after", "what loudness costs", before), ("aim", f"forbidden by {rule}", after))
    return [svg.Line(kind, name, [x for x, _ in p], [y for _, y in p]) for kind, name, p in parts]
