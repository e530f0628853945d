"""Records: the sourced table, what lies between its lines, and how fast a groove runs."""

import pytest

from burnish.errors import SettingError
from burnish.targets.record import record_of


@pytest.mark.parametrize(
    ("inches", "rpm", "minutes", "level_db"),
    [
        *((12, 33, m, db) for m, db in ((14, 4), (18, 2), (20, 1), (22, 0), (24, -1))),
        *((12, 45, m, db) for m, db in ((10, 4), (12, 4), (14, 2), (16, 0))),
        *((7, 33, m, db) for m, db in ((5, 2), (6, 0), (7, -1), (8, -2))),
        *((7, 45, m, db) for m, db in ((3, 3), (4, 1), (5, 0), (6, -1))),
        (12, 33, 16, 3.0),  # half-way
        (12, 33, 5, 4.0),  # no more than the first line
        (12, 33, 26, -2.0),  # the last slope goes on
        (10, 33, 22 * 13.5 / 19.5, 0.0),
    ],
)
def test_levels_against_side_length(inches: int, rpm: int, minutes: float, level_db: float) -> None:
    assert record_of(inches, rpm).level_db(60 * minutes) == pytest.approx(level_db, abs=0.01)


def test_longer_sides_are_never_louder() -> None:
    for inches in (7, 10, 12):
        for rpm in (33, 45):
            record = record_of(inches, rpm)
            levels = [record.level_db(10.0 * k) for k in range(1, 200)]
            assert levels == sorted(levels, reverse=True)
            assert record.recommended_min < record.hard_min


def test_ten_inches_are_marked_as_not_sourced() -> None:
    assert record_of(10, 33).confidence == "low"
    assert record_of(12, 33).confidence == "medium"


def test_groove_speed_is_that_of_the_books() -> None:
    record = record_of(12, 33)
    assert record.groove_cm_s(0, 24 * 60) == pytest.approx(51.0, abs=0.1)
    assert record.groove_cm_s(24 * 60, 24 * 60) == pytest.approx(21.0, abs=0.1)
    assert record.groove_cm_s(12 * 60, 12 * 60) == pytest.approx(36.0, abs=0.1)  # half the band
    assert record_of(12, 45).groove_cm_s(0, 60) == pytest.approx(51.0 * 1.35, abs=0.2)


def test_another_size_is_refused() -> None:
    with pytest.raises(SettingError, match="7, 10 or 12 at 33 or 45"):
        record_of(9, 33)
