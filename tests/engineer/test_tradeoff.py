"""The trade-off: a curve that agrees with the master, and its knee."""

from dataclasses import replace

import pytest
from test_shares import before, made, target
from test_stop import FINE

from burnish.engineer.harm import harm
from burnish.engineer.loudness import solve
from burnish.engineer.track import limiter_for
from burnish.engineer.tradeoff import KNEE_HARM, STEP_LU, Knot, Point, curve, knee


def knots(costs: dict[float, float]) -> list[Knot]:
    return [
        Knot(lufs, replace(FINE, drive_db=20.0 + lufs, crest_loss_db=cost, residual_lu=-120.0))
        for lufs, cost in costs.items()
    ]


def test_a_point_every_half_lu_from_idle_to_two_beyond_the_end() -> None:
    row = curve(knots({-16.2: 0.0, -12.0: 0.4, -6.0: 3.0}), -1.0, -10.1, lambda *_: "")
    assert [point.loudness_lufs for point in row] == [-16.0 + STEP_LU * k for k in range(14)]
    assert row[-1].loudness_lufs == -9.5
    assert [point.cost for point in row] == sorted(point.cost for point in row)
    for point in row:
        assert point.plr_db == pytest.approx(-1.0 - point.loudness_lufs)


def test_points_between_two_trials_lie_between_them() -> None:
    row = knots({-14.0: 0.0, -12.0: 1.0})
    middle = next(p for p in curve(row, -1.0, -12.0, lambda *_: "") if p.loudness_lufs == -13.0)
    ends = [harm(knot.trial) for knot in row]
    assert middle.cost == pytest.approx(sum(ends) / 2, abs=0.01)
    assert middle.drive_db == pytest.approx(7.0)


def test_the_knee_is_the_last_point_before_the_cost_jumps() -> None:
    def point(lufs: float, cost: float) -> Point:
        return Point(lufs, cost, 8.0, 8.0, 0.0)

    step = KNEE_HARM
    row = [point(-12.0, 0.0), point(-11.5, 0.9 * step), point(-11.0, 1.8 * step)]
    assert knee([*row, point(-10.5, 2.9 * step), point(-10.0, 3.0 * step)]) == row[-1]
    assert knee(row) == row[-1]
    assert knee([]) is None


def test_one_knot_or_none_is_no_curve() -> None:
    assert curve([], -1.0, -9.0, lambda *_: "") == ()
    assert curve(knots({-9.0: 1.0}), -1.0, -9.0, lambda *_: "") == ()


def test_the_curve_of_a_master_agrees_with_it() -> None:
    """Nothing is forbidden below the master, all is above where a rule stopped it."""
    solution = made(stop=True)
    assert solution.stopped_by is not None
    assert len(solution.tradeoff) > 3
    for point in solution.tradeoff:
        if point.loudness_lufs <= solution.loudness_lufs:
            assert point.stopped_by == ""
        if point.loudness_lufs > solution.loudness_lufs + 0.15:
            assert point.stopped_by
    beyond = [p for p in solution.tradeoff if p.loudness_lufs > solution.loudness_lufs]
    assert 1 <= len(beyond) <= 2


def test_max_takes_the_knee_and_no_more_than_the_rules_let_pass() -> None:
    aimed = target(loudness_lufs=-4.0)
    most = solve(before(), limiter_for(aimed), aimed, 0.5, most=True)
    rules = solve(before(), limiter_for(aimed), aimed, 0.5)
    assert most.target is not None
    assert most.loudness_lufs <= rules.loudness_lufs + 0.3
    free = solve(before(), limiter_for(aimed), aimed, 0.5, most=True, stop=False)
    assert free.target is not None
    assert free.loudness_lufs == pytest.approx(free.target.loudness_lufs, abs=0.1)
    assert free.target.loudness_lufs < -4.0
    costs = {point.loudness_lufs: point.cost for point in free.tradeoff}
    turn = free.target.loudness_lufs
    assert turn in costs
    assert costs[turn + STEP_LU] - costs[turn] > KNEE_HARM
