"""Shares: the way with the least harm is found, by guesses first and by trials in the end."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from mixes import RATE_HZ, Floats, base, shaped_noise

from burnish.audio import Audio
from burnish.engineer import Wishes, aim
from burnish.engineer.harm import MILD, harm, parts, spectral_part
from burnish.engineer.loudness import Before, Solution, solve
from burnish.engineer.path import Path, Shares
from burnish.engineer.shares import HELD_DB, UNCLIPPED, WORTH, path_of
from burnish.engineer.simulate import features, guessed, loud_db
from burnish.engineer.stop import beyond
from burnish.engineer.track import limiter_for
from burnish.engineer.trial import Excerpts
from burnish.measure import Measurement, measure
from burnish.processors.limiter import Limiter
from burnish.targets import Target, style

LIMITER = Limiter(ceiling_dbtp=-1.0)
LOUD_LUFS = -9.0


@cache
def groove() -> Floats:
    """Kicks of 60 Hz, noise bursts between them, and a bed: what a limiter has to choose in."""
    noise = shaped_noise(style("pop").tone.median_db, duration_s=8.0)
    t = np.arange(noise.shape[1]) / RATE_HZ
    kick = np.exp(-(t % 0.5) / 0.12) * np.sin(2 * np.pi * 60 * (t % 0.5))
    snare = np.exp(-((t + 0.25) % 0.5) / 0.03)
    return np.asarray(0.4 * noise + 0.35 * kick + 0.5 * noise * snare)


@cache
def measured() -> Measurement:
    return measure(Audio(groove(), RATE_HZ))


def before() -> Before:
    found = measured()
    assert found.loudness.integrated_lufs is not None
    return Before(
        found.loudness.integrated_lufs,
        found.peaks.sample_peak_dbfs,
        Excerpts(groove(), RATE_HZ),
    )


def target(name: str = "pop", loudness_lufs: float = LOUD_LUFS) -> Target:
    return aim(base(), Wishes(style=name, loudness_lufs=loudness_lufs))


@cache
def made(share: bool = True, stop: bool = False, name: str = "pop") -> Solution:
    aimed = target(name)
    return solve(before(), limiter_for(aimed), aimed, 0.5, stop=stop, share=share)


def test_sharing_does_less_harm_at_the_same_loudness() -> None:
    shared, alone = made(), made(share=False)
    assert shared.loudness_lufs == pytest.approx(alone.loudness_lufs, abs=0.05)
    assert shared.loudness_lufs == pytest.approx(LOUD_LUFS, abs=0.05)
    assert shared.trial is not None
    assert alone.trial is not None
    assert harm(alone.trial) > MILD
    assert harm(shared.trial) <= harm(alone.trial)
    assert alone.steps == ()


def test_with_rules_sharing_gets_at_least_as_loud() -> None:
    """Each rule is judged on the whole path; a clipper's cuts count as the limiter's do."""
    shared, alone = made(stop=True), made(share=False, stop=True)
    assert alone.stopped_by is not None
    assert shared.loudness_lufs >= alone.loudness_lufs - 0.1
    assert shared.trial is not None
    assert beyond(shared.trial, target(), 0.5) <= 1.0


def test_a_mild_target_is_left_to_the_limiter() -> None:
    """The plan is as without sharing, bit for bit."""
    found = before()
    aimed = target(loudness_lufs=found.loudness_lufs - 1.0 - found.sample_peak_dbfs + 0.5)
    one, other = (
        solve(before(), limiter_for(aimed), aimed, 0.5, share=share) for share in (True, False)
    )
    assert replace(one, tradeoff=()) == replace(other, tradeoff=())
    assert one.limiter == LIMITER.with_(input_gain_db=one.limiter.input_gain_db)


@pytest.mark.parametrize("name", UNCLIPPED)
def test_some_styles_are_not_clipped_while_rules_hold(name: str) -> None:
    solution = made(stop=True, name=name)
    assert all(step.processor != "clipper" for step in solution.steps)


def test_the_same_twice() -> None:
    aimed = target()
    one, two = (solve(before(), limiter_for(aimed), aimed, 0.5, stop=False) for _ in range(2))
    assert one == two


def test_without_stop_the_rule_that_was_passed_is_told() -> None:
    held, free = made(stop=True), made(stop=False)
    assert held.stopped_by is not None
    assert held.passed_by is None
    assert free.stopped_by is None
    assert free.passed_by is not None
    assert free.loudness_lufs > held.loudness_lufs


def test_guesses_rank_ways_as_trials_do() -> None:
    """What a guess calls better by far, is better. Rank correlation over twelve ways."""
    excerpts, louder_lu = Excerpts(groove(), RATE_HZ), LOUD_LUFS - before().loudness_lufs
    known = features(excerpts.halves, RATE_HZ)
    lows = ((0.0, 0.0), (1.5, 3.0), (3.0, 9.0), (9.0, 15.0))
    ways = [Shares(*low, clip_over_db=clip) for low in lows for clip in (None, 3.0, 0.0)]
    guesses = [guess.harm for guess in guessed(known, ways, -1.0, louder_lu)]
    heard = []
    for way in ways:
        path, drive_db = path_of(way, LIMITER, known), louder_lu
        for _ in range(12):
            moved_db = louder_lu - drive_db + excerpts.loss_lu(path, drive_db)
            drive_db += moved_db
            if abs(moved_db) < 0.02:
                break
        heard.append(harm(excerpts.trial(path, drive_db)))
    ranks = [np.argsort(np.argsort(row)) for row in (guesses, heard)]
    assert np.corrcoef(ranks)[0, 1] > 0.6


def test_features_add_up_to_the_mix() -> None:
    """The bands of a hop's largest sample are that sample; their power is nearly the mix's."""
    samples = groove()
    known = features([samples], RATE_HZ)
    hop = RATE_HZ // 200
    tops = np.abs(samples[:, : 200 * hop]).max(axis=0).reshape(200, hop).max(axis=1)
    assert np.median(np.abs(known.tops.sum(axis=0)[:200] - tops)) < 0.02 * tops.max()
    assert known.power.sum() > 0.5 * (samples**2).mean() * 2 * known.power.shape[1]
    assert len(loud_db(known)) == 4


def test_harm_is_the_sum_of_its_parts_and_grows_with_each() -> None:
    path = Path(LIMITER)
    excerpts = Excerpts(groove(), RATE_HZ)
    idle, gentle, hard = (excerpts.trial(path, drive_db) for drive_db in (-20.0, 6.0, 14.0))
    assert harm(idle) == pytest.approx(0.0, abs=1e-3)
    assert 0.0 < harm(gentle) < harm(hard)
    assert harm(hard) == pytest.approx(sum(part.weight for part in parts(hard)))
    assert all(part.weight >= 0.0 for part in parts(hard))
    assert [round(spectral_part(db), 2) for db in (0.0, 1.0, 2.0, 4.0)] == [0.0, 0.13, 0.35, 2.02]


def test_held_stages_take_no_more_than_they_may() -> None:
    known = features([groove()], RATE_HZ)
    multiband = path_of(Shares(multiband_db=HELD_DB), LIMITER, known).before[0]
    assert {band.range_db for band in multiband.bands} == {HELD_DB}  # type: ignore[attr-defined]
    compressor = path_of(Shares(compress_db=HELD_DB), LIMITER, known).before[0]
    assert compressor.name == "compressor"
    assert Shares(clip_over_db=0.0, compress_db=2.0).stages == 2
    assert 0.0 < WORTH < 0.5


def test_the_clipper_follows_the_drive() -> None:
    """Its ceiling stands in the mix as it comes, so far over the limiter's however it is driven."""
    path = Path(LIMITER, clip_over_db=2.0)
    for drive_db in (-3.0, 0.0, 9.0):
        clipper = path.clipper(drive_db)
        assert clipper is not None
        assert clipper.ceiling_dbfs + drive_db == pytest.approx(1.0)
    names = [step.processor for step in path.last(3.0)]
    assert names == ["clipper", "limiter"]
