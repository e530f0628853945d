"""Colour, glue and sweetening: off unless asked, as asked, and bounded by the mix's own level."""

import math
from typing import Any

import numpy as np
import pytest
from mixes import RATE_HZ, middle_of, shaped_noise, with_figures

from burnish.audio import Audio
from burnish.chain import Step, play
from burnish.engineer import Wishes, aim
from burnish.engineer.rules import Advice, colour, dynamics, glue, sweeten
from burnish.engineer.track import advise
from burnish.errors import SettingError
from burnish.measure import Measurement, measure
from burnish.processors.glue import Glue
from burnish.processors.passive_equalizer import PassiveEqualizer, response_db
from burnish.processors.saturation import Saturation
from burnish.processors.tape import Tape
from burnish.processors.transformer import Transformer
from burnish.processors.tube import Tube
from burnish.targets import style

COLOURS = {"tape": Tape, "tube": Tube, "transformer": Transformer}
GLUES = ("vca", "opto", "vari_mu")


def asked(rule: Any, mix: Measurement, **wishes: object) -> Advice:
    wanted = Wishes(**{"style": "pop", **wishes})
    found: Advice = rule.advise(mix, aim(mix, wanted), wanted)
    return found


def only_step(advice: Advice) -> Step:
    assert len(advice.steps) == 1
    return advice.steps[0]


def loud(loud_lufs: float) -> Measurement:
    return with_figures(middle_of("pop"), loudness={"max_short_term_lufs": loud_lufs})


def test_off_unless_asked() -> None:
    for rule in (colour, glue, sweeten):
        assert asked(rule, middle_of("pop"), intensity=1.0).steps == ()


# Colour


def test_warmth_alone_is_the_saturation_as_ever() -> None:
    found = only_step(asked(colour, loud(-18), warmth=0.4))
    assert found.settings == Saturation(character="tube", drive_db=3.6, amount=0.4)
    assert found.evidence == {"warmth": 0.4, "loudest_3_s_lufs": -18.0}


@pytest.mark.parametrize("kind", COLOURS)
@pytest.mark.parametrize("warmth", [0.1, 0.5, 1.0])
def test_colour_is_the_kind_and_warmth_the_amount(kind: str, warmth: float) -> None:
    """As strong as asked whatever the mix's gain."""
    drives = []
    for loud_lufs in (-26.0, -18.0, -10.0):
        step = only_step(asked(colour, loud(loud_lufs), colour=kind, warmth=warmth))
        found = step.settings
        assert isinstance(found, COLOURS[kind])
        assert found.amount == warmth
        assert step.evidence["colour"] == kind
        drives.append(found.drive_db + loud_lufs)
    assert drives == pytest.approx([drives[0]] * 3)


@pytest.mark.parametrize("kind", COLOURS)
def test_colour_without_warmth_is_half(kind: str) -> None:
    step = only_step(asked(colour, loud(-18), colour=kind))
    assert step.evidence["warmth"] == 0.5
    assert step == only_step(asked(colour, loud(-18), colour=kind, warmth=0.5))


@pytest.mark.parametrize("kind", COLOURS)
@pytest.mark.parametrize("loud_lufs", [-60.0, 5.0])
def test_colour_stays_within_what_the_stage_takes(kind: str, loud_lufs: float) -> None:
    assert only_step(asked(colour, loud(loud_lufs), colour=kind, warmth=1.0)).acts


def test_an_unknown_colour_is_told() -> None:
    with pytest.raises(SettingError, match="colour=iron: must be one of none, tape, tube"):
        Wishes(colour="iron")  # type: ignore[arg-type]


# Glue


@pytest.mark.parametrize("kind", GLUES)
def test_glue_takes_the_place_of_the_rule(kind: str) -> None:
    """A lively mix gets the compressor that was asked for, and only that one."""
    lively = with_figures(
        middle_of("pop"), dynamics={"plr_db": 17.0}, loudness={"max_short_term_lufs": -14.0}
    )
    assert asked(dynamics, lively).steps
    assert asked(dynamics, lively, glue=kind).steps == ()
    step = only_step(asked(glue, lively, glue=kind))
    assert isinstance(step.settings, Glue)
    assert step.acts
    assert -14 < step.settings.threshold_db <= -8


@pytest.mark.parametrize("kind", GLUES)
def test_glue_is_done_even_where_no_rule_asks_and_at_no_intensity(kind: str) -> None:
    assert asked(glue, middle_of("pop"), glue=kind, intensity=0.0).steps


@pytest.mark.parametrize("kind", GLUES)
def test_glue_is_gentle(kind: str) -> None:
    """On dense noise 0.2 to 3 dB of reduction, whatever the mix's gain."""
    reductions = []
    for gain in (0.25, 1.0):
        samples = gain * shaped_noise(style("pop").tone.median_db)
        mix = measure(Audio(samples, RATE_HZ))
        step = only_step(asked(glue, mix, glue=kind))
        assert isinstance(step.settings, Glue)
        out = np.concatenate(list(play((step,), [samples], RATE_HZ, 2)), axis=1)
        half = samples.shape[1] // 2
        reductions.append(20 * math.log10(np.std(samples[:, half:]) / np.std(out[:, half:])))
    assert reductions[0] == pytest.approx(reductions[1], abs=0.1)
    assert 0.2 < reductions[0] < 3.0


@pytest.mark.corpus
@pytest.mark.parametrize("kind", GLUES)
def test_glue_on_music(corpus: Any, kind: str) -> None:
    """Mean reduction of a song 0.3 to 2.2 dB, its loudest twentieth under 4 dB."""
    from burnish.audio import read

    for name in ("01_karissa_lets_go_fishin.ogg", "02_macleod_vibe_ace.ogg"):
        audio = read(corpus / "tracks" / name)
        samples = np.ascontiguousarray(audio.samples[:, : 30 * audio.rate_hz])
        mix = measure(Audio(samples, audio.rate_hz))
        step = only_step(asked(glue, mix, glue=kind))
        runner: Any = step.settings.start(audio.rate_hz, 2)
        reduction_db = -20 * np.log10(runner.gain(samples)[0])
        assert 0.3 < reduction_db.mean() < 2.2
        assert np.percentile(reduction_db, 95) < 4.0


# Sweetening


def sweetened_db(much: float) -> list[float]:
    """At 50 Hz, 500 Hz, 1.5 kHz and 12 kHz."""
    found = only_step(asked(sweeten, middle_of("pop"), sweeten=much)).settings
    assert isinstance(found, PassiveEqualizer)
    return list(response_db(found, np.array([50.0, 500, 1500, 12_000]), 44_100))


def test_sweetening_lifts_both_ends() -> None:
    """And thins what is between bass and voice, never by more than 1 dB."""
    assert sweetened_db(1.0) == pytest.approx([2.2, -0.7, -0.3, 2.7], abs=0.1)
    gains = np.array([sweetened_db(much) for much in (0.2, 0.5, 0.8, 1.0)])
    assert (np.diff(gains[:, [0, 3]], axis=0) > 0).all()
    assert (gains[0, [0, 3]] > 0.2).all()
    assert np.abs(gains[:, 1:3]).max() < 1.0


# All of them in a plan

WISHES: list[dict[str, Any]] = [
    *({"colour": kind} for kind in COLOURS),
    *({"glue": kind} for kind in GLUES),
    {"sweeten": 0.2},
]


@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_every_wish_shows_in_the_plan_and_is_heard(wish: dict[str, Any]) -> None:
    """A small wish moves the sound by more than -60 dB of it."""
    samples = shaped_noise(style("pop").tone.median_db)
    mix = measure(Audio(samples, RATE_HZ))
    plain, bent = Wishes(style="pop"), Wishes(style="pop", **wish)
    without = advise(mix, aim(mix, plain), plain).steps
    steps = advise(mix, aim(mix, bent), bent).steps
    name, value = next(iter(wish.items()))
    assert any(step.evidence.get(name) == value for step in steps)

    def heard(chain: tuple[Step, ...]) -> np.ndarray:
        return np.concatenate(list(play(chain, [samples], RATE_HZ, 2)), axis=1)

    change = heard(steps) - heard(without)
    assert 20 * math.log10(float(np.std(change) / np.std(samples))) > -60
