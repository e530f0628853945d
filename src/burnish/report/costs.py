"""What loudness costs: the curve of a plan, drawn."""

import math
from collections.abc import Mapping
from typing import Any

from burnish.report import svg


def loudness_costs(target: Mapping[str, Any]) -> str:
    """The harm at every half LU; where a rule forbids it, dashed. Empty where there is no curve."""
    points = target.get("tradeoff") or []
    if len(points) < 2:
        return ""
    at = [float(point["loudness_lufs"]) for point in points]
    cost = [float(point["cost"]) for point in points]
    x = svg.Axis(at[0], at[-1], svg.every(at[0], at[-1], 1.0), "LUFS")
    top = max(0.2, 0.2 * math.ceil(max(cost) / 0.2))
    y = svg.Axis(0.0, top, svg.every(0.0, top, 0.2 if top <= 1.2 else 0.5), "harm")
    allowed = sum(not point["stopped_by"] for point in points)
    lines = [svg.Line("after", "what loudness costs", at[:allowed], cost[:allowed])]
    if allowed < len(points):
        first = max(0, allowed - 1)
        rule = str(points[allowed]["stopped_by"])
        name = f"forbidden: {rule}"
        lines.append(svg.Line("aim", name, at[first:], cost[first:]))
    drawn = svg.chart("Harm at each loudness", x, y, lines)
    return drawn + (
        "<p class=moves>Crest lost in dB, and changes of tone, pumping, punch and residue by what "
        "weighs as much, all at equal loudness. A louder or gentler master: --loudness-lufs.</p>"
    )
