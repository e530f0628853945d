"""Knowing when to stop: the verdict names the first rule that binds, with its figures."""

from dataclasses import replace

import pytest
from mixes import base, with_figures

from burnish.engineer import Wishes, aim
from burnish.engineer.stop import (
    DUTY,
    EFFICIENCY,
    PLR,
    PSR,
    PUMPING,
    REDUCTION_MEAN,
    REDUCTION_P95,
    RESIDUAL,
    SHARPNESS,
    TONE,
    StoppedBy,
    floor_of,
    verdict,
)
from burnish.engineer.trial import Trial
from burnish.targets import Target, style, styles

FINE = Trial(
    drive_db=6.0,
    loss_lu=0.5,
    psr_p5_db=12.0,
    reduction_mean_db=0.5,
    reduction_p95_db=1.5,
    duty_percent=30.0,
    sharpness_loss_percent=4.0,
    pumping_db=0.5,
    residual_lu=-22.0,
    tone_shift_db=0.2,
)
LIMITS = {
    EFFICIENCY: None,
    REDUCTION_P95: "reduction_p95_db",
    REDUCTION_MEAN: "reduction_mean_db",
    DUTY: "duty_percent",
    RESIDUAL: "residual_lu",
    SHARPNESS: "sharpness_loss_percent",
    PUMPING: "pumping_db",
    TONE: "tone_shift_db",
}


def target(name: str = "pop") -> Target:
    lively = with_figures(base(), dynamics={"plr_db": 30.0, "psr_p5_db": 30.0})
    return aim(lively, Wishes(style=name))


def judged(
    trial: Trial = FINE,
    efficiency: float = 0.9,
    plr_db: float = 14.0,
    intensity: float = 0.5,
    name: str = "pop",
) -> StoppedBy | None:
    return verdict(trial, lambda: efficiency, plr_db, target(name), intensity)


def test_what_is_fine_passes() -> None:
    for intensity in (0.0, 0.5, 1.0):
        assert judged(intensity=intensity) is None


@pytest.mark.parametrize("limit", [each for each in LIMITS if LIMITS[each]], ids=lambda e: e.rule)
@pytest.mark.parametrize("intensity", [0.0, 0.25, 0.5, 1.0])
def test_each_limit_binds_just_beyond_its_figure(limit, intensity: float) -> None:  # type: ignore[no-untyped-def]
    field, most = LIMITS[limit], limit.at(intensity)
    assert field is not None
    fine = replace(FINE, reduction_p95_db=0.2) if limit is RESIDUAL else FINE
    assert judged(replace(fine, **{field: most}), intensity=intensity) is None
    stop = judged(replace(fine, **{field: most + 0.01}), intensity=intensity)
    assert stop is not None
    assert (stop.rule, stop.unit, stop.sentence) == (limit.rule, limit.unit, limit.sentence)
    assert stop.value == pytest.approx(most + 0.01, abs=0.001)
    assert stop.limit == pytest.approx(most, abs=0.001)


@pytest.mark.parametrize("intensity", [0.0, 0.5, 1.0])
def test_efficiency_binds_below_its_figure(intensity: float) -> None:
    least = EFFICIENCY.at(intensity)
    assert judged(efficiency=least, intensity=intensity) is None
    stop = judged(efficiency=least - 0.01, intensity=intensity)
    assert stop is not None
    assert (stop.rule, stop.limit) == ("efficiency", least)


def test_efficiency_is_asked_only_where_all_else_passes() -> None:
    """It costs another render."""

    def dear() -> float:
        raise AssertionError("asked")

    stopped = verdict(replace(FINE, pumping_db=9.0), dear, 14.0, target(), 0.5)
    assert stopped is not None
    assert stopped.rule == "pumping"


@pytest.mark.parametrize("intensity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("name", styles())
def test_floors_bind_below_the_styles_figure(name: str, intensity: float) -> None:
    for rule in (PLR, PSR):
        floor = floor_of(target(name), rule, intensity)
        trial = replace(FINE, psr_p5_db=40.0)

        def at(value: float, rule: str = rule, trial: Trial = trial) -> StoppedBy | None:
            if rule == PLR:
                return judged(trial, plr_db=value, intensity=intensity, name=name)
            low = replace(trial, psr_p5_db=value)
            return judged(low, plr_db=40.0, intensity=intensity, name=name)

        assert at(floor) is None
        stop = at(floor - 0.1)
        assert stop is not None
        assert stop.rule == rule
        assert stop.limit == pytest.approx(floor, abs=0.005)


@pytest.mark.parametrize("name", styles())
def test_floors_from_careful_to_loud(name: str) -> None:
    floors = style(name).floors
    for rule, usual, loud in (
        (PLR, floors.plr_db, floors.loud_plr_db),
        (PSR, floors.psr_db, floors.loud_psr_db),
    ):
        at = [floor_of(target(name), rule, k) for k in (0.0, 0.5, 0.75, 1.0)]
        assert at == pytest.approx([usual + 1.0, usual, (usual + loud) / 2, loud])
        assert at == sorted(at, reverse=True)


def test_a_mix_that_is_dense_already_may_lose_one_decibel_more() -> None:
    """Its style's floor, which it never had, would only turn it down."""
    dense = with_figures(base(), dynamics={"plr_db": 6.5, "psr_p5_db": 5.0})
    floors = aim(dense, Wishes(style="jazz")).floors
    assert (floors.plr_db, floors.psr_db) == (5.5, 4.0)
    unknown = with_figures(base(), dynamics={"plr_db": None, "psr_p5_db": None})
    assert aim(unknown, Wishes(style="jazz")).floors == style("jazz").floors


def test_the_first_rule_that_binds_is_named() -> None:
    """Floors before all: how far peaks stand out at the end matters most."""
    bad = replace(
        FINE,
        psr_p5_db=1.0,
        reduction_p95_db=20.0,
        reduction_mean_db=9.0,
        duty_percent=100.0,
        residual_lu=-5.0,
        sharpness_loss_percent=60.0,
        pumping_db=9.0,
        tone_shift_db=5.0,
    )
    order = []
    healthy = {
        "psr-floor": {"psr_p5_db": 12.0},
        **{limit.rule: {f: getattr(FINE, f)} for limit, f in LIMITS.items() if f},
    }
    plr_db, efficiency = 2.0, 0.0
    for _ in range(10):
        stop = judged(bad, efficiency, plr_db)
        assert stop is not None
        order.append(stop.rule)
        if stop.rule == "plr-floor":
            plr_db = 14.0
        elif stop.rule == "efficiency":
            efficiency = 0.9
        else:
            bad = replace(bad, **healthy[stop.rule])
    assert order[:2] == ["plr-floor", "psr-floor"]
    assert order[-1] == "efficiency"
    assert sorted(order) == sorted(["plr-floor", "psr-floor", *(each.rule for each in LIMITS)])
    assert judged(bad, efficiency, plr_db) is None


def test_an_idle_limiter_stops_nothing() -> None:
    """What a dense mix has lost before burnish is not given back by stopping."""
    idle = replace(FINE, reduction_p95_db=0.05, residual_lu=-30.0, psr_p5_db=2.0)
    assert judged(idle, efficiency=0.0, plr_db=3.0) is None
    for works in (replace(idle, reduction_p95_db=0.2), replace(idle, residual_lu=-20.0)):
        assert judged(works, plr_db=3.0) is not None


@pytest.mark.parametrize("limit", LIMITS, ids=lambda e: e.rule)
def test_limits_widen_with_intensity(limit) -> None:  # type: ignore[no-untyped-def]
    at = [limit.at(k / 10) for k in range(11)]
    assert (at[0], at[5], at[10]) == (limit.careful, limit.usual, limit.loud)
    assert at == sorted(at, reverse=limit is EFFICIENCY)
    assert limit.sentence
    assert not limit.sentence.endswith(".")
