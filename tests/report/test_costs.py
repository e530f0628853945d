"""What loudness costs, drawn: where the master stands, and where a rule forbids more."""

import re

from burnish.report.costs import loudness_costs


def curve(stopped_from: int, most: float = 1.0, count: int = 9) -> dict[str, object]:
    """Points from -12 LUFS on, half an LU apart, the harm rising as a square."""
    points = [
        {
            "loudness_lufs": -12.0 + 0.5 * i,
            "cost": most * (i / (count - 1)) ** 2,
            "stopped_by": "psr-floor" if i >= stopped_from else "",
        }
        for i in range(count)
    ]
    return {"tradeoff": points}


def path(drawn: str, kind: str) -> list[tuple[float, float]]:
    """The points of a line, in the units of the picture."""
    (words,) = re.findall(rf'<path class="line {kind}" d="([^"]+)"', drawn)
    pairs = (pair.split() for pair in re.split("[ML]", words)[1:])
    return [(float(x), float(y)) for x, y in pairs]


def ticks(drawn: str, axis: str) -> list[str]:
    return re.findall(rf'class="{axis}tick">([^<]+)<', drawn)


def test_nothing_is_drawn_where_there_is_no_curve() -> None:
    assert loudness_costs({}) == ""
    assert loudness_costs({"tradeoff": curve(9)["tradeoff"][:1]}, -12.0) == ""  # type: ignore[index]


def test_the_master_between_two_points_parts_the_line() -> None:
    """-9.75 was reached, -9.5 is forbidden: the line is whole to the master, dashed from there."""
    drawn = loudness_costs(curve(stopped_from=5), -9.75)
    (mark, _), (still, _) = path(drawn, "before")
    assert mark == still
    allowed, forbidden = path(drawn, "after"), path(drawn, "aim")
    assert allowed[-1] == forbidden[0]
    assert allowed[-1][0] == mark
    assert "forbidden by psr-floor" in drawn
    assert len(allowed) == 6
    assert len(forbidden) == 5


def test_without_a_rule_the_line_is_whole() -> None:
    drawn = loudness_costs(curve(stopped_from=9), -10.0)
    assert len(path(drawn, "after")) == 9
    assert "forbidden" not in drawn


def test_a_master_outside_the_curve_is_not_marked() -> None:
    for loudness_lufs in (None, -20.0, -2.0, float("-inf")):
        assert "this master" not in loudness_costs(curve(9), loudness_lufs)


def test_the_grid_fits_the_harm() -> None:
    """Three to seven lines, whatever the harm, and a unit on the last loudness."""
    for most in (0.13, 0.3, 0.9, 2.2, 7.0):
        drawn = loudness_costs(curve(9, most), -10.0)
        assert 3 <= len(ticks(drawn, "y")) <= 7, most
        assert float(ticks(drawn, "y")[-1]) >= most
        assert ticks(drawn, "x") == ["−12", "−11", "−10", "−9", "−8 LUFS"]
