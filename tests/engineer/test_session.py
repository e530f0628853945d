"""A session: the whole plan of one track, and its last corrections on the whole render."""

from dataclasses import replace
from functools import cache

import pytest
from mixes import RATE_HZ, base, shaped_noise, with_figures

from burnish.audio import Audio, AudioSource, OutputFormat
from burnish.chain import InputNote
from burnish.engineer import Draft, Taken, Wishes, corrected, draft, proved
from burnish.engineer.stop import PLR, PSR, floor_of
from burnish.measure import Measurement, measure
from burnish.processors.limiter import Limiter
from burnish.targets import style

NOTE = InputNote(file="mix.wav", sha256="00", rate_hz=RATE_HZ, channels=2, n_samples=4 * RATE_HZ)


@cache
def source() -> AudioSource:
    return AudioSource(Audio(shaped_noise(style("pop").tone.median_db), RATE_HZ))


@cache
def measured() -> Measurement:
    return measure(source())


@cache
def drafted(loudness_lufs: float = -11.5, rate_hz: int | None = None) -> Draft:
    """At -11.5 LUFS the limiter works on the noise; at -4 a rule stops it; at -20 it is idle."""
    wishes = Wishes(style="pop", loudness_lufs=loudness_lufs)
    return draft(source(), Taken(measured(), NOTE), wishes, OutputFormat(rate_hz=rate_hz))


def drive_db(one: Draft) -> float:
    step = one.plan.steps[-1]
    assert isinstance(step.settings, Limiter)
    assert step.settings == one.solution.limiter
    return step.settings.input_gain_db


def written(true_peak_dbtp: float = -1.02, psr_p5_db: float | None = 12.0) -> Measurement:
    return with_figures(
        base(), peaks={"true_peak_dbtp": true_peak_dbtp}, dynamics={"psr_p5_db": psr_p5_db}
    )


def test_a_draft_is_a_whole_plan() -> None:
    one = drafted()
    plan = one.plan
    assert plan.input == NOTE
    assert plan.output == OutputFormat()
    assert [step.processor for step in plan.steps].count("limiter") == 1
    assert plan.steps[-1].processor == "limiter"
    assert plan.target["loudness_lufs"] == -11.5
    assert plan.target["sources"]["loudness"] == "asked for"
    assert plan.target["stopped_by"] is None
    assert plan.notes
    evidence = plan.steps[-1].evidence
    assert one.solution.trial is not None
    assert evidence["reduction_p95_db"] == round(one.solution.trial.reduction_p95_db, 2)
    assert "-11.5 LUFS (asked for)" in plan.steps[-1].reason


def test_what_stopped_it_is_told_in_the_plan() -> None:
    plan = drafted(-4.0).plan
    stop = plan.target["stopped_by"]
    assert stop["rule"] == plan.steps[-1].evidence["stopped_by"]
    assert stop["sentence"]


def test_progress_goes_to_1() -> None:
    told: list[float] = []
    wishes = Wishes(style="pop", loudness_lufs=-14.0)
    draft(source(), Taken(measured(), NOTE), wishes, OutputFormat(), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_limiter_is_judged_at_the_rate_that_is_delivered() -> None:
    one = drafted(rate_hz=48_000)
    assert one.plan.output.rate_hz == 48_000
    assert drive_db(one) == pytest.approx(drive_db(drafted()), abs=0.1)


@pytest.mark.parametrize("loudness_lufs", [-20.0, -11.5])
def test_what_is_right_is_left(loudness_lufs: float) -> None:
    one = drafted(loudness_lufs)
    for heard in (loudness_lufs, loudness_lufs + 0.02, loudness_lufs - 0.02):
        assert corrected(one, heard) is None


@pytest.mark.parametrize("missing_lu", [-1.0, -0.05, 0.05, 0.3])
@pytest.mark.parametrize("loudness_lufs", [-20.0, -11.5])
def test_what_is_missing_is_driven(missing_lu: float, loudness_lufs: float) -> None:
    one = drafted(loudness_lufs)
    better = corrected(one, loudness_lufs - missing_lu)
    assert better is not None
    moved = drive_db(better) - drive_db(one)
    assert moved == pytest.approx(missing_lu / one.solution.slope, abs=1e-3)
    assert better.solution.stopped_by is None
    assert better.plan.steps[:-1] == one.plan.steps[:-1]


def test_a_stopped_master_is_not_driven_further() -> None:
    one = drafted(-4.0)
    stopped_lufs = one.solution.loudness_lufs
    assert corrected(one, stopped_lufs) is None
    assert corrected(one, stopped_lufs - 0.5) is None


def test_what_is_under_the_floor_of_the_whole_is_taken_back() -> None:
    """The excerpts let it pass, the whole does not: its PLR tells."""
    one = drafted()
    floor_db = floor_of(one.target, PLR, 0.5)
    low = replace(one, target=one.target.with_(loudness_lufs=-7.0))
    heard = one.solution.limiter.ceiling_dbtp - floor_db + 0.5
    better = corrected(low, heard)
    assert better is not None
    moved = drive_db(better) - drive_db(one)
    assert moved == pytest.approx(-0.5 / one.solution.slope, abs=1e-3)
    assert better.solution.stopped_by is not None
    assert better.solution.stopped_by.rule == PLR
    assert corrected(better, heard - 0.5) is None


def test_below_where_the_limiter_is_idle_nothing_is_taken_back() -> None:
    """What a dense mix had lost before, less drive does not bring back."""
    one = drafted()
    idle = replace(one.solution, idle_db=one.solution.limiter.input_gain_db - 0.2)
    low = replace(one, target=one.target.with_(loudness_lufs=-4.0), solution=idle)
    better = corrected(low, -4.5)
    assert better is not None
    assert drive_db(better) == pytest.approx(idle.idle_db, abs=1e-3)
    under = proved(replace(one, solution=idle), written(psr_p5_db=2.0))
    assert under is not None
    assert drive_db(under) == pytest.approx(idle.idle_db, abs=1e-3)


@pytest.mark.parametrize("loudness_lufs", [-20.0, -11.5, -4.0])
def test_a_file_that_holds_is_proved(loudness_lufs: float) -> None:
    one = drafted(loudness_lufs)
    assert proved(one, written()) is None
    assert proved(one, written(true_peak_dbtp=-1.0)) is None
    assert proved(one, written(psr_p5_db=None)) is None


@pytest.mark.parametrize("over_db", [0.001, 0.2])
def test_a_file_over_its_ceiling_gets_a_lower_one(over_db: float) -> None:
    one = drafted()
    better = proved(one, written(true_peak_dbtp=-1.0 + over_db))
    assert better is not None
    ceiling = better.solution.limiter.ceiling_dbtp
    assert ceiling <= one.solution.limiter.ceiling_dbtp - over_db
    assert ceiling >= one.solution.limiter.ceiling_dbtp - over_db - 0.05
    assert better.target.ceiling_dbtp == -1.0
    assert drive_db(better) == drive_db(one)


def test_a_file_under_the_floor_of_psr_is_driven_less() -> None:
    one = drafted()
    floor_db = floor_of(one.target, PSR, 0.5)
    assert proved(one, written(psr_p5_db=floor_db - 0.05)) is None
    better = proved(one, written(psr_p5_db=floor_db - 0.5))
    assert better is not None
    assert drive_db(better) < drive_db(one)
    assert better.solution.stopped_by is not None
    assert better.solution.stopped_by.rule == PSR
    # Nor is it then driven up again.
    assert corrected(better, -12.5) is None


def test_an_idle_limiter_owes_no_floor() -> None:
    assert proved(drafted(-20.0), written(psr_p5_db=1.0)) is None
