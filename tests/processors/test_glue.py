"""Bus, opto and variable-mu: the curve and the times that each is known for, on tones."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp.envelope import Smoother
from burnish.errors import SettingError
from burnish.processors.bus_compressor import BusCompressor
from burnish.processors.compressor import Compressor
from burnish.processors.glue import Glue
from burnish.processors.opto import Cell, Opto
from burnish.processors.show import play
from burnish.processors.vari_mu import VariMu

Floats = NDArray[np.float64]

RATE_HZ = 48_000
COVERED = 1 - np.exp(-1)


def tone(level_dbfs: float, duration_s: float = 2.0) -> Floats:
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * 1000 * t)[None]


def settled_db(processor: Glue, level_dbfs: float) -> float:
    out = play(processor, tone(level_dbfs), RATE_HZ)
    return float(20 * np.log10(np.abs(out[0, -RATE_HZ // 10 :]).max()))


def local_ratio(processor: Glue, level_dbfs: float) -> float:
    """Input dB for each output dB around this level."""
    return 2.0 / (settled_db(processor, level_dbfs + 1) - settled_db(processor, level_dbfs - 1))


def step(*pieces: tuple[float, float]) -> Floats:
    """Pieces of (reduction in dB, seconds)."""
    return np.concatenate([np.full(round(s * RATE_HZ), db) for db, s in pieces])[None]


def attack_ms(processor: Glue) -> float:
    """Time to 63 % of a reduction."""
    out = processor.smoother(RATE_HZ, 1).process(step((-6.0, 2.0)))[0]
    return 1000 * int(np.argmax(out <= -6 * COVERED)) / RATE_HZ


def release_s(processor: Glue, held_s: float = 2.0, share: float = COVERED) -> float:
    """Time until a share of the reduction is gone, after it was held for so long."""
    n_held = round(held_s * RATE_HZ)
    smoothed = processor.smoother(RATE_HZ, 1).process(step((-6.0, held_s), (0.0, 20.0)))[0]
    return int(np.argmax(smoothed[n_held:] >= smoothed[n_held - 1] * (1 - share))) / RATE_HZ


LOUD = {"detector_high_pass_hz": 0, "threshold_db": -30}
KINDS = (BusCompressor, Opto, VariMu)


# All three


@pytest.mark.parametrize("kind", KINDS)
def test_ratio_1_is_out(kind: type[Glue]) -> None:
    assert kind(threshold_db=-40).is_neutral
    assert not kind(threshold_db=-40, makeup_db=1).is_neutral


@pytest.mark.parametrize(
    "processor", [BusCompressor(ratio="4"), Opto(ratio=3), VariMu(ratio=4)], ids=lambda p: p.name
)
def test_mix_makeup_and_link_are_the_compressors(processor: Glue) -> None:
    samples = np.concatenate((tone(-4), tone(-30)))
    out = play(processor, samples, RATE_HZ)
    half = play(processor.with_(mix=0.3, makeup_db=2), samples, RATE_HZ)
    assert np.abs(half - (0.7 * samples + 0.3 * 10**0.1 * out)).max() < 1e-15
    alone = play(processor.with_(link=0), samples, RATE_HZ)
    assert np.array_equal(alone[0], out[0])
    assert np.abs(alone[1]).max() > np.abs(out[1]).max()


# Bus


@pytest.mark.parametrize("ratio", ["2", "4", "10"])
def test_bus_ratios(ratio: str) -> None:
    bus = BusCompressor(ratio=ratio, release_s="0.3", **LOUD)  # type: ignore[arg-type]
    assert local_ratio(bus, -8) == pytest.approx(float(ratio), rel=0.01)


@pytest.mark.parametrize("step_ms", ["0.1", "0.3", "1", "3", "10", "30"])
@pytest.mark.parametrize("release", ["0.3", "auto"])
def test_bus_attacks(step_ms: str, release: str) -> None:
    bus = BusCompressor(attack_ms=step_ms, release_s=release)  # type: ignore[arg-type]
    assert attack_ms(bus) == pytest.approx(float(step_ms), rel=0.01, abs=0.03)


@pytest.mark.parametrize("step_s", ["0.1", "0.3", "0.6", "1.2"])
def test_bus_releases(step_s: str) -> None:
    """The same after a short peak and after a long loud part."""
    bus = BusCompressor(attack_ms="1", release_s=step_s)  # type: ignore[arg-type]
    for held_s in (0.05, 3.0):
        assert release_s(bus, held_s) == pytest.approx(float(step_s), rel=0.01)


def test_bus_auto_is_short_after_a_peak_and_long_after_a_loud_part() -> None:
    """0.1 s after 50 ms; half a second after 2 s; more than the longest step after 10 s."""
    bus = BusCompressor(attack_ms="1", release_s="auto")
    times = [release_s(bus, held_s) for held_s in (0.05, 0.5, 2.0, 5.0, 10.0, 30.0)]
    assert times == sorted(times)
    assert times[0] == pytest.approx(0.1, rel=0.03)
    assert times[2] < 0.6
    assert times[4] > 1.2
    assert times[5] == pytest.approx(5.0, rel=0.05)


def test_bus_auto_has_two_time_constants() -> None:
    """After 5 s of 6 dB the slow network holds 63 % of it: that much is left after 0.5 s."""
    out = BusCompressor(attack_ms="1").smoother(RATE_HZ, 1).process(step((-6.0, 5.0), (0.0, 2.0)))
    left_db = out[0, round(5.5 * RATE_HZ)]
    assert left_db == pytest.approx(-6 * COVERED * np.exp(-0.1), rel=0.04)


def test_bus_side_chain_high_pass() -> None:
    """A bass of 40 Hz, 12 dB louder than the rest, is not heard by the detector at 120 Hz."""
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    bass = 0.5 * np.sin(2 * np.pi * 40 * t)[None]
    deaf = BusCompressor(ratio="4", threshold_db=-20, detector_high_pass_hz=120)
    out = play(deaf, bass, RATE_HZ)[0, RATE_HZ:]
    assert 20 * np.log10(out.std() / bass[0, RATE_HZ:].std()) > -0.5
    out = play(deaf.with_(detector_high_pass_hz=0), bass, RATE_HZ)[0, RATE_HZ:]
    assert 20 * np.log10(out.std() / bass[0, RATE_HZ:].std()) < -8


def test_bus_steps_may_be_numbers() -> None:
    found = BusCompressor.model_validate({"ratio": 4, "attack_ms": 0.3, "release_s": 1.2})
    assert (found.ratio, found.attack_ms, found.release_s) == ("4", "0.3", "1.2")
    with pytest.raises(SettingError, match=r"attack_ms=5: must be one of 0.1, 0.3, 1, 3, 10, 30"):
        BusCompressor(attack_ms="5")  # type: ignore[arg-type]


# Variable mu


def test_vari_mu_ratio_rises_with_the_level() -> None:
    """From 1:1 through 1.2:1 to 4:1 over the knee, and no corner in it."""
    mu = VariMu(ratio=4, knee_db=18, detector_high_pass_hz=0, threshold_db=-20)
    assert local_ratio(mu, -31) == pytest.approx(1.0, abs=0.001)
    assert local_ratio(mu, -25) == pytest.approx(1.2, abs=0.01)
    assert local_ratio(mu, -20) == pytest.approx(1.6, abs=0.01)
    assert local_ratio(mu, -9) == pytest.approx(4.0, abs=0.05)
    ratios = [local_ratio(mu, level) for level in range(-30, -10, 2)]
    assert ratios == sorted(ratios)


@pytest.mark.parametrize("step_ms", ["2", "4", "8", "15", "25"])
def test_vari_mu_attacks(step_ms: str) -> None:
    assert attack_ms(VariMu(attack_ms=step_ms)) == pytest.approx(float(step_ms), rel=0.015)  # type: ignore[arg-type]


@pytest.mark.parametrize("step_s", ["0.3", "0.6", "1.2", "2.5", "5", "8"])
def test_vari_mu_releases(step_s: str) -> None:
    assert release_s(VariMu(release_s=step_s)) == pytest.approx(float(step_s), rel=0.01)  # type: ignore[arg-type]


# Opto


def test_opto_ratio_is_soft() -> None:
    """Half its effect at the threshold, all of it 10 dB above."""
    opto = Opto(ratio=3, threshold_db=-20, detector_high_pass_hz=0)
    assert local_ratio(opto, -31) == pytest.approx(1.0, abs=0.001)
    assert local_ratio(opto, -20) == pytest.approx(1.5, abs=0.02)
    assert local_ratio(opto, -8) == pytest.approx(3.0, abs=0.03)


def test_opto_takes_10_ms() -> None:
    assert attack_ms(Opto()) == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize("held_s", [0.1, 1.0, 5.0, 30.0])
def test_opto_half_is_gone_after_60_ms(held_s: float) -> None:
    """Whatever came before, as the cell is specified; within a quarter of it."""
    assert release_s(Opto(), held_s, share=0.5) == pytest.approx(0.060, rel=0.25)


@pytest.mark.parametrize("slowest_s", [2.0, 5.0])
def test_opto_rest_takes_half_a_second_to_the_slowest(slowest_s: float) -> None:
    """Time from one eighth to one eighth / e left, by how long the cell was lit."""

    def tail_s(held_s: float) -> float:
        opto = Opto(slowest_s=slowest_s)
        return release_s(opto, held_s, 1 - 0.4 / np.e) - release_s(opto, held_s, 0.6)

    times = [tail_s(held_s) for held_s in (0.05, 0.5, 2.0, 5.0, 60.0)]
    assert times == sorted(times)
    assert times[0] == pytest.approx(0.5, rel=0.2)
    assert 0.5 * slowest_s < times[-1] < slowest_s  # it forgets while it lets go


def test_opto_forgets() -> None:
    """After a long loud part and 10 s of rest, a moment is let go like the first moment."""

    def left_db(*before: tuple[float, float]) -> float:
        x = step(*before, (-6.0, 0.05), (0.0, 1.0))
        return float(Cell(5.0, RATE_HZ, 1).process(x)[0, -RATE_HZ // 2])

    fresh = left_db((0.0, 0.1))
    assert left_db((-6.0, 10.0), (0.0, 10.0)) == pytest.approx(fresh, rel=0.2)
    assert left_db((-6.0, 10.0), (0.0, 0.5)) < 1.8 * fresh


def test_opto_is_neither_of_the_plain_smoothers() -> None:
    """No single release fits: 50 % is gone 20 times sooner than the next 30 %."""
    opto = Opto()
    half, most = (release_s(opto, 10.0, share) for share in (0.5, 0.8))
    assert most - half > 20 * half
    plain = Smoother(10, 1000 * half / np.log(2), 0, RATE_HZ, 1)
    out = plain.process(step((-6.0, 10.0), (0.0, 2.0)))[0]
    assert out[-1] > -0.01


# Together


def test_the_three_and_the_plain_one_differ() -> None:
    """At the same threshold and ratio they make four sounds."""
    rng = np.random.default_rng(1)
    bursts = np.repeat(np.where(rng.random(40) > 0.5, 0.3, 0.03), RATE_HZ // 20)
    samples = (bursts * rng.standard_normal(len(bursts)))[None]
    sounds = [
        play(processor, samples, RATE_HZ)
        for processor in (
            Compressor(ratio=4),
            BusCompressor(ratio="4"),
            Opto(ratio=4),
            VariMu(ratio=4),
        )
    ]
    for one, other in pairwise([*sounds, sounds[0]]):
        assert 20 * np.log10(np.std(one - other) / np.std(one)) > -40
