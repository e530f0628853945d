"""A portrait is a record: it keeps what it is given, and several merge into one."""

import json
import math
from typing import Any

import pytest

from burnish.errors import SettingError
from burnish.targets import PERCENTILES, THIRDS_HZ, Portrait, Section, merged


def section(mid_db: float = -20.0, error_db: float = 0.5, **more: Any) -> Section:
    n = len(THIRDS_HZ)
    values: dict[str, Any] = {
        "share": 1.0,
        "loudness_db": 0.0,
        "mid_db": (mid_db,) * n,
        "mid_error_db": (error_db,) * n,
        "side_db": (mid_db - 8.0,) * n,
        "side_error_db": (error_db,) * n,
    }
    return Section(**{**values, **more})


def one(name: str, mid_db: float = -20.0, **more: Any) -> Portrait:
    values: dict[str, Any] = {
        "names": (name,),
        "rate_hz": 44_100,
        "duration_s": 200.0,
        "loud": section(mid_db),
        "loudness_lufs": -12.0,
        "loud_lufs": -11.0,
        "range_lu": 6.0,
        "momentary_db": (0.0,) * len(PERCENTILES),
        "bands_range_lu": (6.0,) * 9,
        "bands_movement_db": (4.0,) * 9,
        "bands_side_to_mid_db": (-10.0,) * 9,
        "floor_db": (-40.0,) * len(THIRDS_HZ),
    }
    return Portrait(**{**values, **more})


def test_bands_are_those_of_iec_61260() -> None:
    assert len(THIRDS_HZ) == 30
    assert THIRDS_HZ[16] == pytest.approx(1000.0)
    assert THIRDS_HZ[0] == pytest.approx(25.12, abs=0.01)
    assert THIRDS_HZ[-1] == pytest.approx(19952.6, abs=0.1)


def test_it_survives_json() -> None:
    quiet = section(-25.0, side_db=(None,) * 30, side_error_db=(None,) * 30)
    given = one("a", quiet=quiet, cutoff_hz=16_000.0, spread={"range_lu": 1.0})
    assert Portrait(**json.loads(json.dumps(given.model_dump()))) == given


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(SettingError, match="must have 9 values"):
        one("a", bands_range_lu=(1.0,) * 8)
    with pytest.raises(SettingError, match="must have 30 values"):
        section(mid_db=-20.0, side_db=(0.0,) * 29)


def test_one_alone_stays_as_it_is() -> None:
    assert merged([one("a")]) == one("a")
    assert merged([one("a")], [3.0]) == one("a")


def test_the_mean_is_weighted_and_the_spread_is_kept() -> None:
    both = merged([one("a", -20.0, range_lu=4.0), one("b", -26.0, range_lu=8.0)], [3.0, 1.0])
    assert both.loud.mid_db[5] == pytest.approx(-21.5)
    # Weighted: sqrt(3/4 * 1.5^2 + 1/4 * 4.5^2).
    assert both.loud.mid_spread_db[5] == pytest.approx(math.sqrt(0.75 * 2.25 + 0.25 * 20.25))
    assert both.loud.mid_error_db[5] == pytest.approx(0.5 * math.hypot(0.75, 0.25))
    assert both.range_lu == pytest.approx(5.0)
    assert both.spread["range_lu"] == pytest.approx(math.sqrt(3.0))
    assert both.sounds == pytest.approx(1.6)
    assert both.names == ("a", "b")
    assert both.duration_s == 400.0


def test_the_order_does_not_matter() -> None:
    three = [one("a", -20.0), one("b", -26.0), one("c", -21.0)]
    assert merged(three, [1, 2, 3]) == merged(three[::-1], [3, 2, 1])


def test_what_one_lacks_the_others_tell() -> None:
    mono = section(-20.0, side_db=(None,) * 30, side_error_db=(None,) * 30)
    both = merged([one("mono", loud=mono, near_mono=True, range_lu=None), one("stereo")], [1, 3])
    assert both.loud.side_db[3] == -28.0
    assert both.range_lu == 6.0
    assert not both.near_mono


def test_a_cutoff_stands_only_where_all_have_one() -> None:
    assert merged([one("a", cutoff_hz=16_000.0), one("b")]).cutoff_hz is None
    cut = merged([one("a", cutoff_hz=16_000.0), one("b", cutoff_hz=18_000.0)])
    assert cut.cutoff_hz == 18_000.0


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -1.0]])
def test_weights_must_be_as_many_and_positive(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        merged([one("a"), one("b")], weights)
    with pytest.raises(ValueError, match="at least one"):
        merged([])
