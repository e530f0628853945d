"""The rules for phase, balance, bass contrast, ringing and room: evidence and restraint."""

from pathlib import Path

import numpy as np
import pytest
from mixes import RATE_HZ, middle_of, shaped_noise, with_figures
from numpy.typing import NDArray

from burnish.audio import Audio, read
from burnish.chain import Step, play
from burnish.engineer import Wishes, aim
from burnish.engineer.rules import (
    Advice,
    align,
    balance,
    bass_harmonics,
    low_focus,
    reverb,
    smooth,
)
from burnish.engineer.track import advise
from burnish.measure import Measurement, measure
from burnish.processors import show
from burnish.processors.align import Align
from burnish.processors.balance import Balance
from burnish.targets import style
from pieces import made_once

Floats = NDArray[np.float64]


def asked(rule, mix: Measurement, **wishes: object) -> Advice:  # type: ignore[no-untyped-def]
    wanted = Wishes(**{"style": "pop", **wishes})
    return rule.advise(mix, aim(mix, wanted), wanted)  # type: ignore[no-any-return]


def only_step(advice: Advice) -> Step:
    assert len(advice.steps) == 1
    return advice.steps[0]


@made_once
def mix(side_to_mid_db: float = -9.0, seed: int = 3) -> Floats:
    return shaped_noise(style("pop").tone.median_db, side_to_mid_db, duration_s=20.0, seed=seed)


def heard(samples: Floats) -> Measurement:
    return measure(Audio(samples, RATE_HZ))


def late(samples: Floats, delay_ms: float) -> Floats:
    """One channel, turned in phase around its ends."""
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    turned = np.fft.rfft(samples) * np.exp(-2j * np.pi * hz * delay_ms * 1e-3)
    return np.asarray(np.fft.irfft(turned, len(samples)))


def mended(samples: Floats, step: Step) -> Floats:
    return np.concatenate(list(play((step,), [samples], RATE_HZ, 2)), axis=1)


# Align


@pytest.mark.parametrize("delay_ms", [0.35, -0.8, 3.3])
def test_a_late_channel_is_brought_back(delay_ms: float) -> None:
    """Within 5 us; the mono sum, a few dB quieter before, is again what it was."""
    whole = mix()
    broken = np.stack((whole[0], late(whole[1], delay_ms)))
    step = only_step(asked(align, heard(broken)))
    assert isinstance(step.settings, Align)
    assert step.settings.delay_ms == pytest.approx(-delay_ms, abs=0.005)
    assert step.settings.invert == "none"
    after = heard(mended(broken, step)).stereo
    before = heard(whole).stereo
    assert after.mono_loss_lu == pytest.approx(before.mono_loss_lu, abs=0.1)
    assert f"{'right' if delay_ms > 0 else 'left'} channel is" in step.reason


def test_an_inverted_channel_is_turned_back() -> None:
    whole = mix()
    step = only_step(asked(align, heard(whole * np.array([[-1.0], [1.0]]))))
    assert step.settings == Align(invert="right")
    assert "turned over" in step.reason


def test_a_good_mix_is_not_aligned() -> None:
    for side_to_mid_db in (-25.0, -9.0, -3.0):
        assert asked(align, heard(mix(side_to_mid_db))) == Advice()
    assert asked(align, heard(mix()[:1])) == Advice()
    assert asked(align, middle_of("pop")) == Advice()


def test_a_wide_mix_with_a_negative_correlation_is_not_turned_over() -> None:
    """More side than middle is an effect; only where all is opposite it is a fault."""
    assert asked(align, heard(mix(side_to_mid_db=2.0))).steps == ()


@pytest.mark.parametrize("others", [1.0, 0.4])
def test_a_spaced_pair_is_not_aligned(others: float) -> None:
    """Four players around two microphones 60 cm apart, all as loud or one above all, and a hall."""
    left, right = 0.3 * mix(seed=20)[0], 0.3 * mix(seed=21)[0]
    for k, delay_ms in enumerate((-1.5, -0.5, 0.6, 1.4)):
        player = (others if k else 1.0) * mix(seed=30 + k)[0]
        left, right = left + player, right + late(player, delay_ms)
    assert asked(align, heard(np.stack((left, right)))).steps == ()


@pytest.mark.parametrize("hall", [0.7, 1.0, 1.5])
def test_a_soloist_off_the_middle_of_a_pair_is_not_aligned(hall: float) -> None:
    """What the hall adds is not alike even when the soloist is; a note says what was seen."""
    player = mix(seed=40)[0]
    left, right = (hall * mix(seed=seed)[0] for seed in (41, 42))
    spaced = heard(np.stack((player + left, late(player, 0.9) + right)))
    advice = asked(align, spaced)
    assert advice.steps == ()
    if hall < 1.2:
        assert "0.90 ms" in advice.notes[0]
        step = only_step(asked(align, spaced, phase="mend"))
        assert step.settings.delay_ms == pytest.approx(-0.9, abs=0.005)  # type: ignore[attr-defined]


def test_phase_can_be_left() -> None:
    broken = heard(mix() * np.array([[-1.0], [1.0]]))
    assert asked(align, broken).steps
    assert asked(align, broken, phase="leave") == Advice()
    assert asked(align, heard(mix()), phase="mend").steps == ()


def test_other_rules_see_the_mended_image() -> None:
    """A mix that is fine but for its polarity is turned back, and nothing else."""
    whole = mix(style("pop").stereo.median_db)
    wishes = Wishes(style="pop")

    def steps(samples: Floats) -> list[Step]:
        found = heard(samples)
        return list(advise(found, aim(found, wishes), wishes).steps)

    plain = [step.processor for step in steps(whole)]
    turned = [step.processor for step in steps(whole * np.array([[1.0], [-1.0]]))]
    assert turned == ["align", *plain]


# Balance


@pytest.mark.parametrize("lean_db", [-4.0, -2.0, 2.0, 8.0])
def test_a_mix_that_leans_as_a_whole_comes_part_of_the_way_back(lean_db: float) -> None:
    gain = 10 ** (lean_db / 40)
    leaning = mix(-15.0) * np.array([[1 / gain], [gain]])
    step = only_step(asked(balance, heard(leaning)))
    assert isinstance(step.settings, Balance)
    wanted_db = -np.sign(lean_db) * min(3.0, 0.7 * abs(lean_db))
    assert step.settings.balance_db == pytest.approx(wanted_db, abs=0.1)
    left_over = heard(mended(leaning, step)).stereo.balance_db
    assert left_over == pytest.approx(lean_db + wanted_db, abs=0.15)
    assert "part" in step.reason or "%" in step.reason


def test_an_arrangement_that_leans_is_left_alone() -> None:
    """A centred bass and voice, and a loud guitar on the right only."""
    centre = mix(-40.0)
    spectrum = np.fft.rfft(mix(seed=9)[0])
    hz = np.fft.rfftfreq(len(centre[0]), 1 / RATE_HZ)
    guitar = np.fft.irfft(np.where((hz > 300) & (hz < 5000), spectrum, 0.0), len(centre[0]))
    leaning = heard(np.stack((centre[0], centre[1] + guitar)))
    assert leaning.stereo.balance_db is not None
    assert leaning.stereo.balance_db > 1.5
    advice = asked(balance, leaning)
    assert advice.steps == ()
    assert "taken as arranged" in advice.notes[0]


def test_a_balanced_mix_is_left_alone() -> None:
    for samples in (mix(), mix()[:1], mix(-15.0) * np.array([[1.0], [1.05]])):
        assert asked(balance, heard(samples)) == Advice()


def test_one_silent_channel_is_no_lean() -> None:
    alone = mix() * np.array([[1.0], [0.0]])
    assert asked(balance, heard(alone)).steps == ()
    almost = mix() * np.array([[1.0], [1e-9]])
    assert asked(balance, heard(almost)).steps == ()


# Only asked for


@pytest.mark.parametrize(
    ("rule", "wish", "processor"),
    [
        (low_focus, "low_focus", "low_end_focus"),
        (bass_harmonics, "bass_harmonics", "bass_harmonics"),
        (smooth, "smooth", "resonance"),
        (reverb, "reverb", "reverb"),
    ],
)
def test_only_when_asked_for(rule, wish: str, processor: str) -> None:  # type: ignore[no-untyped-def]
    good = middle_of("pop")
    assert asked(rule, good) == Advice()
    for amount in (0.05, 0.5, 1.0):
        step = only_step(asked(rule, good, **{wish: amount}))
        assert step.processor == processor
        assert step.acts
        assert step.evidence[wish] == amount


def test_more_is_more() -> None:
    good = middle_of("pop")
    wet = [only_step(asked(reverb, good, reverb=r)).settings.wet_db for r in (0.1, 0.5, 1.0)]  # type: ignore[attr-defined]
    depth = [only_step(asked(smooth, good, smooth=s)).settings.depth for s in (0.1, 0.5, 1.0)]  # type: ignore[attr-defined]
    assert wet == sorted(wet)
    assert depth == sorted(depth)
    assert wet[1] == pytest.approx(-27.0)
    assert only_step(asked(low_focus, good, low_focus=-0.5)).settings.contrast == -0.5  # type: ignore[attr-defined]
    assert only_step(asked(bass_harmonics, good, bass_harmonics=0.5)).settings.amount == 0.5  # type: ignore[attr-defined]


def test_order_of_work() -> None:
    """Mend first, the room last."""
    broken = with_figures(
        middle_of("pop"),
        stereo={
            "delay_ms": 1.0,
            "delay_sure": 1.0,
            "aligned_gain_db": 3.0,
            "aligned_correlation": 0.9,
        },
    )
    extras = dict.fromkeys(("low_focus", "bass_harmonics", "smooth", "reverb", "warmth"), 0.5)
    wishes = Wishes(style="pop", **extras)
    steps = advise(broken, aim(broken, wishes), wishes).steps
    names = [step.processor for step in steps]
    assert names[0] == "align"
    assert names[-1] == "reverb"
    assert names.index("resonance") < names.index("low_end_focus") < names.index("bass_harmonics")


@pytest.mark.corpus
def test_no_fault_is_found_in_good_music(corpus: Path) -> None:
    """Nothing is delayed, turned over or balanced in the corpus's tracks."""
    found = []
    for path in sorted((corpus / "tracks").iterdir()):
        music = measure(path)
        found += [
            (path.name, step.settings)
            for rule in (align, balance)
            for step in asked(rule, music).steps
        ]
    assert found == []


@pytest.mark.corpus
@pytest.mark.parametrize("delay_ms", [0.0, 2.1])
def test_a_fault_is_found_in_good_music(corpus: Path, delay_ms: float) -> None:
    """A song with a channel turned over, or late, or 2.5 dB louder on the right."""
    song = read(corpus / "tracks" / "06_helland_surreptitious.mp3")
    samples = np.ascontiguousarray(song.samples[:, : 40 * song.rate_hz])
    broken = Align(delay_ms=delay_ms, invert="none" if delay_ms else "left")
    for fault, rule in ((broken, align), (Balance(balance_db=2.5), balance)):
        sound = measure(Audio(show.play(fault, samples, song.rate_hz), song.rate_hz))
        step = only_step(asked(rule, sound))
        if rule is balance:
            assert -1.9 < step.settings.balance_db < -1.5  # type: ignore[attr-defined]
        else:
            assert step.settings.delay_ms == pytest.approx(-delay_ms, abs=0.01)  # type: ignore[attr-defined]
            assert step.settings.invert == ("none" if delay_ms else "right")  # type: ignore[attr-defined]
