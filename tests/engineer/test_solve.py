"""Solve: the drive that reaches a loudness, or the most that every stop rule lets pass."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from mixes import RATE_HZ, Floats, base, shaped_noise

from burnish.audio import Audio
from burnish.engineer import Wishes, aim
from burnish.engineer.loudness import LEAST_DRIVE_DB, MOST_DRIVE_DB, Before, Solution, solve
from burnish.engineer.path import Path
from burnish.engineer.stop import verdict
from burnish.engineer.track import limiter_for
from burnish.engineer.trial import Excerpts
from burnish.measure import measure
from burnish.processors.limiter import Limiter
from burnish.processors.show import play
from burnish.targets import style

NAMES = ("noise", "dense", "hits")


@cache
def mix(name: str) -> Floats:
    noise = shaped_noise(style("pop").tone.median_db)
    if name == "noise":
        return noise
    if name == "dense":  # clipped at 2.5 times its RMS
        return np.clip(2.0 * noise, -0.5, 0.5)
    t = np.arange(noise.shape[1]) / RATE_HZ
    hits = np.exp(-(t % 0.5) / 0.1) * np.sin(2 * np.pi * 70 * (t % 0.5))
    return np.asarray(noise * 0.7 + 0.5 * hits)


@cache
def before(name: str) -> Before:
    measured = measure(Audio(mix(name), RATE_HZ))
    assert measured.loudness.integrated_lufs is not None
    return Before(
        measured.loudness.integrated_lufs,
        measured.peaks.sample_peak_dbfs,
        Excerpts(mix(name), RATE_HZ),
    )


def solved(name: str, loudness_lufs: float, intensity: float = 0.5, **wishes: object) -> Solution:
    target = aim(base(), Wishes(style="pop", loudness_lufs=loudness_lufs, **wishes))  # type: ignore[arg-type]
    return solve(before(name), limiter_for(target), target, intensity)


def idle_lufs(name: str) -> float:
    """The loudness at which the first sample meets the ceiling."""
    return before(name).loudness_lufs - 1.02 - before(name).sample_peak_dbfs


def rendered_lufs(name: str, solution: Solution) -> float:
    out = mix(name)
    for settings in (*(step.settings for step in solution.steps), solution.limiter):
        out = play(settings, out, RATE_HZ)
    found = measure(Audio(out, RATE_HZ)).loudness.integrated_lufs
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("over_db", [-20.0, -6.0, -0.1])
def test_what_needs_no_limiting_is_gain_alone(name: str, over_db: float) -> None:
    """Down, or up to where the first peak meets the ceiling: exact, nothing stopped, no trial."""
    wanted = idle_lufs(name) + over_db
    solution = solved(name, wanted)
    assert solution.trial is None
    assert solution.stopped_by is None
    drive_db = wanted - before(name).loudness_lufs
    assert solution.limiter.input_gain_db == pytest.approx(drive_db, abs=1e-4)
    # The wave of a clipped mix overshoots its samples a little, and that is held.
    between = 0.05 if name == "dense" else 1e-4
    assert solution.loudness_lufs == pytest.approx(wanted, abs=between)
    assert solution.slope == 1.0


@pytest.mark.parametrize(("name", "up_lu"), [("noise", 1.0), ("noise", 2.5), ("hits", 1.5)])
def test_a_modest_loudness_is_reached(name: str, up_lu: float) -> None:
    """So much louder than where the limiter begins to work."""
    wanted = idle_lufs(name) + up_lu
    solution = solved(name, wanted)
    assert solution.stopped_by is None
    assert solution.trial is not None
    assert solution.loudness_lufs == pytest.approx(wanted, abs=0.05)
    assert rendered_lufs(name, solution) == pytest.approx(wanted, abs=0.05)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("intensity", [0.0, 0.5, 1.0])
def test_an_impossible_loudness_is_stopped_by_a_rule_and_the_result_passes_all(
    name: str, intensity: float
) -> None:
    solution = solved(name, -4.0, intensity)
    assert solution.stopped_by is not None
    assert solution.loudness_lufs < -4.0
    target = aim(base(), Wishes(style="pop", loudness_lufs=-4.0))
    drive_db, limiter = solution.limiter.input_gain_db, solution.limiter
    excerpts = Excerpts(mix(name), RATE_HZ)
    plain = limiter.with_(input_gain_db=0.0)
    path = solution.path or Path(plain)

    def loudness(drive_db: float) -> float:
        return before(name).loudness_lufs + drive_db - excerpts.loss_lu(path, drive_db)

    def judged(drive_db: float) -> object:
        return verdict(
            excerpts.trial(path, drive_db),
            lambda: loudness(drive_db) - loudness(drive_db - 1.0),
            plain.ceiling_dbtp - loudness(drive_db),
            target,
            intensity,
        )

    if solution.trial is None:  # dense as it came: raised until it meets the ceiling, no more
        assert drive_db == pytest.approx(plain.ceiling_dbtp - before(name).sample_peak_dbfs)
    else:
        assert judged(drive_db) is None
    assert judged(drive_db + 0.3) is not None
    assert loudness(drive_db) == pytest.approx(solution.loudness_lufs, abs=0.01)
    assert rendered_lufs(name, solution) == pytest.approx(solution.loudness_lufs, abs=0.05)


@pytest.mark.parametrize("name", ["noise", "hits"])
def test_more_intensity_is_never_quieter(name: str) -> None:
    found = [solved(name, -4.0, k / 4).loudness_lufs for k in range(5)]
    for quieter, louder in pairwise(found):
        assert louder >= quieter - 0.05  # the stop is searched in steps of drive
    assert found[-1] > found[0] + 0.3


@pytest.mark.parametrize("name", ["noise", "hits"])
def test_asking_for_more_is_never_quieter(name: str) -> None:
    found = [solved(name, loudness_lufs).loudness_lufs for loudness_lufs in range(-16, -3, 2)]
    for quieter, louder in pairwise(found):
        assert louder >= quieter - 0.15
    assert found[0] == pytest.approx(-16.0, abs=1e-3)


def test_a_dense_mix_is_raised_until_its_peaks_meet_the_ceiling() -> None:
    """It is under every floor as it came; no rule may take away what the limiter does not."""
    it = before("dense")
    assert it.sample_peak_dbfs - it.loudness_lufs < 7.5
    solution = solved("dense", -4.0)
    assert solution.stopped_by is not None
    assert solution.limiter.input_gain_db >= -1.02 - it.sample_peak_dbfs - 0.01


def test_the_figures_told_are_those_of_the_drive_that_is_taken() -> None:
    """Once a stop right above the idle drive was told with the figures of the drive refused."""
    for name in NAMES:
        solution = solved(name, -4.0)
        if solution.trial is not None:
            assert solution.trial.drive_db == pytest.approx(
                solution.limiter.input_gain_db, abs=1e-4
            )


@pytest.mark.parametrize("ceiling_dbtp", [-20.0, -6.0, 0.0])
def test_any_ceiling(ceiling_dbtp: float) -> None:
    """Also the lowest that may be asked for, where the limiter keeps a little under it."""
    solution = solved("noise", -14.0, ceiling_dbtp=ceiling_dbtp)
    limiter = solution.limiter
    assert limiter.ceiling_dbtp == pytest.approx(ceiling_dbtp, abs=0.03)
    assert limiter.ceiling_dbtp <= ceiling_dbtp
    out = play(limiter, mix("noise"), RATE_HZ)
    assert measure(Audio(out, RATE_HZ)).peaks.true_peak_dbtp <= ceiling_dbtp


@pytest.mark.parametrize("gain_db", [-45.0, 30.0, 48.0])
def test_the_gain_of_the_mix_does_not_matter(gain_db: float) -> None:
    """A float file may be far under or over full scale: once -24 to 36 dB were all there was."""
    samples = mix("noise") * 10 ** (gain_db / 20)
    it = before("noise")
    moved = Before(
        it.loudness_lufs + gain_db,
        it.sample_peak_dbfs + gain_db,
        Excerpts(samples, RATE_HZ),
    )
    for loudness_lufs in (-23.0, -11.0):
        target = aim(base(), Wishes(style="pop", loudness_lufs=loudness_lufs))
        found = solve(moved, limiter_for(target), target, 0.5)
        same = solve(it, limiter_for(target), target, 0.5)
        drive_db = found.limiter.input_gain_db + gain_db
        assert drive_db == pytest.approx(same.limiter.input_gain_db, abs=1e-3)
        assert found.loudness_lufs == pytest.approx(same.loudness_lufs, abs=1e-3)


@pytest.mark.parametrize("gain_db", [-50.0, 80.0])
def test_the_drive_stays_within_what_the_limiter_takes(gain_db: float) -> None:
    samples = mix("noise") * 10 ** (gain_db / 20)
    it = before("noise")
    moved = Before(
        it.loudness_lufs + gain_db,
        it.sample_peak_dbfs + gain_db,
        Excerpts(samples, RATE_HZ),
    )
    wanted = -40.0 if gain_db > 0 else -4.0
    target = aim(base(), Wishes(style="pop", loudness_lufs=wanted))
    drive_db = solve(moved, limiter_for(target), target, 0.5).limiter.input_gain_db
    assert LEAST_DRIVE_DB <= drive_db <= MOST_DRIVE_DB
    declared = {one.name: one for one in Limiter.declared()}["input_gain_db"]
    assert (declared.low, declared.high) == (LEAST_DRIVE_DB, MOST_DRIVE_DB)


def test_two_solutions_of_one_mix_are_the_same() -> None:
    one, two = (
        solve(
            Before(-20.0, -6.0, Excerpts(mix("hits"), RATE_HZ)),
            limiter_for(target := aim(base(), Wishes(style="pop", loudness_lufs=-13.0))),
            target,
            0.5,
        )
        for _ in range(2)
    )
    assert one == two
