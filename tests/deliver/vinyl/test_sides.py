"""Side plans on paper: order kept, lengths balanced, joins whole."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.deliver.vinyl.maker import plan_findings
from burnish.deliver.vinyl.sides import SidePlan, divided, plan_sides
from burnish.errors import SettingError

MIN = 60.0


def spans(plan: SidePlan) -> list[tuple[int, int]]:
    return [(side.first, side.stop) for side in plan.sides]


def gaps(n: int) -> list[str]:
    return ["gap"] * n


def test_sides_are_balanced_in_order() -> None:
    # 4+5+3+6 = 18 against 18: the only even break.
    lengths = [4 * MIN, 5 * MIN, 3 * MIN, 6 * MIN, 8 * MIN, 10 * MIN]
    plan = plan_sides(lengths, gaps(6), 12, 33)
    assert spans(plan) == [(0, 4), (4, 6)]
    assert [side.name for side in plan.sides] == ["A", "B"]
    assert [side.length_s for side in plan.sides] == [18 * MIN, 18 * MIN]
    assert plan_findings(plan) == ()


def test_gaps_count_but_not_that_between_the_sides() -> None:
    plan = plan_sides([100.0] * 4, gaps(4), 7, 45, gaps_s=[0.0, 2.0, 5.0, 3.0])
    assert [side.length_s for side in plan.sides] == [202.0, 203.0]


def test_a_gapless_join_is_not_broken_for_balance() -> None:
    joins = ["gap", "gap", "gapless", "gap"]
    plan = plan_sides([300.0, 300.0, 300.0, 300.0], joins, 12, 33)
    assert spans(plan) in ([(0, 1), (1, 4)], [(0, 3), (3, 4)])
    assert not any(side.breaks_join for side in plan.sides)


def test_one_that_must_break_is_told() -> None:
    joins = ["gap", *["crossfade"] * 7]
    plan = plan_sides([5 * MIN] * 8, joins, 12, 33)
    assert spans(plan) == [(0, 4), (4, 8)]
    assert [side.breaks_join for side in plan.sides] == ["", "crossfade"]
    assert [one.code for one in plan_findings(plan)] == ["vinyl-join-torn"]


def test_two_records_where_one_does_not_hold_it() -> None:
    plan = plan_sides([4 * MIN] * 15, gaps(15), 12, 33)  # 60 minutes: 30 a side
    assert plan.n_discs == 2
    assert [side.stop - side.first for side in plan.sides] in (
        [4, 4, 4, 3],
        [3, 4, 4, 4],
        [4, 4, 3, 4],
        [4, 3, 4, 4],
    )
    assert "".join(side.name for side in plan.sides) == "ABCD"


def test_a_blank_last_side_rather_than_a_torn_join() -> None:
    joins = ["gap", "gap", "gap", "gapless"]
    plan = plan_sides([20 * MIN, 20 * MIN, 12 * MIN, 12 * MIN], joins, 12, 33)
    assert spans(plan) == [(0, 1), (1, 2), (2, 4)]
    assert plan.n_discs == 2


@pytest.mark.parametrize(
    ("length_min", "code", "severity"),
    [(23.9, None, None), (24.1, "vinyl-side-long", "warn"), (27.1, "vinyl-side-too-long", "fail")],
)
def test_long_sides(length_min: float, code: str | None, severity: str | None) -> None:
    plan = plan_sides([length_min * MIN, length_min * MIN], gaps(2), 12, 33)
    found = plan_findings(plan)
    assert {(one.code, one.severity) for one in found} == ({(code, severity)} if code else set())
    assert len(found) == (2 if code else 0)


def test_uneven_sides_are_noted() -> None:
    found = plan_findings(plan_sides([18 * MIN, 10 * MIN], gaps(2), 12, 33))
    assert [one.code for one in found] == ["vinyl-sides-uneven"]


def test_sides_as_asked() -> None:
    plan = plan_sides([60.0] * 10, gaps(10), 12, 33, "1-3, 4-10")
    assert spans(plan) == [(0, 3), (3, 10)]
    assert plan.asked
    assert spans(plan_sides([60.0] * 2, gaps(2), 7, 45, "1,2")) == [(0, 1), (1, 2)]


@pytest.mark.parametrize(
    "asked", ["1-5", "2-5,6-10", "1-5,5-10", "6-10,1-5", "1-5;6-10", "1-11", "a", "1-5,,6-10"]
)
def test_sides_that_are_not_the_album_are_refused(asked: str) -> None:
    with pytest.raises(SettingError, match="all 10 tracks once and in order, as in 1-5,6-10"):
        plan_sides([60.0] * 10, gaps(10), 12, 33, asked)


def test_one_song_is_one_side() -> None:
    assert spans(plan_sides([200.0], ["gap"], 7, 45)) == [(0, 1)]


def test_the_first_side_of_a_tape_is_the_longer_one() -> None:
    assert divided([10.0, 11.0, 10.0], gaps(3), (), 100.0, True) == ((0, 2), (2, 3))
    assert divided([10.0, 20.0, 10.0], gaps(3), (), 100.0, True) == ((0, 2), (2, 3))
    assert divided([10.0, 30.0], gaps(2), (), 100.0, True) == ((0, 1), (1, 2))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(20.0, 900.0),
            st.sampled_from(["gap", "gap", "gap", "gapless", "crossfade"]),
        ),
        min_size=1,
        max_size=14,
    ),
    st.sampled_from([(7, 45), (10, 33), (12, 33), (12, 45)]),
)
def test_order_and_joins_hold_whatever_the_lengths(
    songs: list[tuple[float, str]], size: tuple[int, int]
) -> None:
    lengths, joins = [length for length, _ in songs], [join for _, join in songs]
    plan = plan_sides(lengths, joins, *size)
    assert [k for a, b in spans(plan) for k in range(a, b)] == list(range(len(songs)))
    hard_s = 60.0 * plan.record.hard_min
    for side in plan.sides:  # only a song that is alone too long makes a side too long
        assert side.length_s <= hard_s + 1e-6 or side.stop - side.first == 1
        assert bool(side.breaks_join) == (side.first > 0 and joins[side.first] != "gap")
    torn = [side.first for side in plan.sides if side.breaks_join]
    if torn:  # no way on as few records, without a blank side, tears fewer
        assert len(torn) == _fewest(lengths, joins, hard_s, plan.n_discs)


def _fewest(lengths: list[float], joins: list[str], hard_s: float, n_discs: int) -> int:
    """By trying every way."""
    n, best = len(lengths), len(lengths)
    for k in {2 * n_discs - 1, 2 * n_discs} - {1}:
        for cuts in itertools.combinations(range(1, n), k - 1):
            edges = [0, *cuts, n]
            sides = list(itertools.pairwise(edges))
            if all(b - a == 1 or sum(lengths[a:b]) <= hard_s for a, b in sides):
                best = min(best, sum(joins[cut] != "gap" for cut in cuts))
    return best
