"""The rules of de-esser, dynamic equalizer, multiband, density and punch, each alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mixes import RATE_HZ, middle_of, outside, shaped_noise, with_figures
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.chain import Step
from burnish.engineer import Wishes, aim
from burnish.engineer.rules import (
    RULES,
    Advice,
    density,
    harshness,
    punch,
    sibilance,
    uneven_bass,
)
from burnish.measure import Measurement, measure
from burnish.processors.deesser import Deesser
from burnish.processors.dynamic_eq import DynamicEq
from burnish.processors.expander import Expander
from burnish.processors.multiband import Multiband
from burnish.processors.show import play
from burnish.processors.transient import Transient
from burnish.processors.upward_compressor import UpwardCompressor
from burnish.targets import style, styles

Floats = NDArray[np.float64]

OURS = (sibilance, harshness, uneven_bass, density, punch)


def asked(rule, mix: Measurement, **wishes: object) -> Advice:  # type: ignore[no-untyped-def]
    wanted = Wishes(**{"style": "pop", **wishes})
    return rule.advise(mix, aim(mix, wanted), wanted)  # type: ignore[no-any-return]


def only_step(advice: Advice) -> Step:
    assert len(advice.steps) == 1
    step = advice.steps[0]
    assert step.reason.endswith(".")
    assert step.evidence
    return step


def swelling(measured: Measurement, band: int) -> Measurement:
    """The same, but one wide band comes and goes: 9 dB up in every tenth window."""
    bands = measured.timeline.bands
    wide = np.array(bands.wide_mid)
    wide[::10, band] *= 8.0
    return replace(
        measured, timeline=replace(measured.timeline, bands=replace(bands, wide_mid=wide))
    )


@pytest.mark.parametrize("name", styles())
def test_a_mix_in_the_middle_of_its_style_is_left_alone(name: str) -> None:
    for rule in OURS:
        assert asked(rule, middle_of(name), style=name).steps == ()


def test_all_are_among_the_rules() -> None:
    assert {rule.advise for rule in OURS} <= set(RULES)


@pytest.mark.corpus
def test_no_release_of_the_corpus_is_touched_unasked(corpus: Path) -> None:
    """Real masters with voice, hats and cymbals have no fault that these rules would mend."""
    for name in ("01_karissa_lets_go_fishin.ogg", "14_lmms_saber_final_step.flac"):
        mix = measure(corpus / "tracks" / name)
        wishes = Wishes()
        target = aim(mix, wishes)
        for rule in OURS:
            assert rule.advise(mix, target, wishes).steps == (), (name, rule.__name__)


# Sibilance


def spoken(s_db: float) -> Floats:
    """A voice of noise with an s of 0.2 s in every 2 s, that much louder than its usual treble."""
    body = shaped_noise(style("pop").tone.median_db, duration_s=20.0)
    n = body.shape[1]
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(6).standard_normal(n))
    spectrum[(hz < 5000) | (hz > 8500)] = 0
    air = np.fft.irfft(spectrum, n)
    air *= 10 ** (-42 / 20) / np.std(air)
    is_s = (np.arange(n) / RATE_HZ) % 2.0 < 0.2
    return np.ascontiguousarray(body + np.where(is_s, 10 ** (s_db / 20), 0.0) * air)


def test_a_sharp_s_is_held_and_a_plain_one_is_not() -> None:
    plain, sharp = (measure(Audio(spoken(db), RATE_HZ)) for db in (6.0, 28.0))
    left = asked(sibilance, plain)
    assert left.steps == ()
    assert "no s stands out" in left.notes[0]
    settings = only_step(asked(sibilance, sharp)).settings
    assert isinstance(settings, Deesser)
    assert settings.range_db == pytest.approx(2.4)
    assert settings.floor_db == pytest.approx(sharp.dynamics.rms_dbfs - 35, abs=0.06)


def test_the_deesser_makes_the_fault_smaller() -> None:
    samples = spoken(28.0)
    before = measure(Audio(samples, RATE_HZ))
    settings = only_step(asked(sibilance, before, deess=1)).settings
    after = measure(Audio(play(settings, samples, RATE_HZ), RATE_HZ))
    assert sibilance.stands_out(after)[0] < sibilance.stands_out(before)[0] - 1.5


def test_deess_as_it_was_asked() -> None:
    mix = middle_of("pop")
    for wish in (0.25, 1.0):
        settings = only_step(asked(sibilance, mix, deess=wish)).settings
        assert isinstance(settings, Deesser)
        assert settings.range_db == pytest.approx(4 * wish)
    sharp = measure(Audio(spoken(28.0), RATE_HZ))
    assert asked(sibilance, sharp, deess=0).steps == ()
    assert asked(sibilance, sharp, intensity=0).steps == ()
    assert asked(sibilance, sharp, intensity=0, deess=0.5).steps


def test_silence_has_no_s() -> None:
    mix = measure(Audio(np.zeros((2, RATE_HZ)), RATE_HZ))
    assert sibilance.stands_out(mix) == (-np.inf, -np.inf)
    assert asked(sibilance, mix).steps == ()


# Harshness


@pytest.mark.parametrize("band", [4, 5, 6])
def test_strong_presence_that_comes_and_goes_is_held(band: int) -> None:
    mix = swelling(outside("pop", band, 7.0), band)
    settings = only_step(asked(harshness, mix)).settings
    assert isinstance(settings, DynamicEq)
    (one,) = settings.bands
    assert one.range_db == pytest.approx(-1.6)
    assert asked(harshness, mix, intensity=0).steps == ()


def test_presence_that_is_steady_or_not_strong_is_for_the_equalizer() -> None:
    assert asked(harshness, outside("pop", 5, 9.0)).steps == ()
    assert asked(harshness, swelling(outside("pop", 5, 4.0), 5)).steps == ()
    assert asked(harshness, swelling(outside("pop", 1, 9.0), 1)).steps == ()


def test_what_is_only_opinion_is_not_held_against_a_mix() -> None:
    name = next(n for n in styles() if style(n).tone.confidence == "low")
    assert asked(harshness, swelling(outside(name, 5, 9.0), 5), style=name).steps == ()


def test_the_dynamic_band_is_bounded() -> None:
    (one,) = only_step(asked(harshness, swelling(outside("pop", 5, 30.0), 5))).settings.bands
    assert one.range_db == -harshness.MOST_DB


# Uneven bass


def with_bass(range_lu: float) -> Measurement:
    mix = middle_of("pop")
    ranges = (range_lu, *mix.dynamics.bands_range_lu[1:])
    return with_figures(mix, dynamics={"bands_range_lu": ranges})


def test_bass_that_moves_too_much_is_held_alone() -> None:
    settings = only_step(asked(uneven_bass, with_bass(22.0))).settings
    assert isinstance(settings, Multiband)
    low, *rest = settings.bands
    assert (low.ratio, low.range_db) == (1.5, 2.0)
    assert all(band.is_neutral for band in rest)


def test_bass_within_nine_in_ten_is_left_alone() -> None:
    assert asked(uneven_bass, with_bass(18.0)).steps == ()
    assert asked(uneven_bass, with_bass(22.0), intensity=0).steps == ()


def test_where_the_whole_moves_or_there_is_no_bass_it_is_left_alone() -> None:
    mix = with_bass(22.0)
    assert asked(uneven_bass, with_figures(mix, loudness={"range_lu": 14.0})).steps == ()
    bands_db = (-30.0, *mix.spectrum.bands_db[1:])
    assert asked(uneven_bass, with_figures(mix, spectrum={"bands_db": bands_db})).steps == ()


# Density


def test_density_as_it_was_asked() -> None:
    mix = middle_of("pop")
    lifted = only_step(asked(density, mix, density=0.6)).settings
    assert isinstance(lifted, UpwardCompressor)
    assert (lifted.range_db, lifted.ratio) == (3.0, 1.9)
    assert lifted.threshold_db == pytest.approx(mix.dynamics.rms_dbfs + 3, abs=0.06)
    swung = only_step(asked(density, mix, density=-0.6)).settings
    assert isinstance(swung, Expander)
    assert swung.range_db == 3.0


def test_the_lift_stays_above_the_noise() -> None:
    mix = with_figures(middle_of("pop"), noise={"noise_floor_dbfs": -60.0})
    settings = only_step(asked(density, mix, density=1)).settings
    assert settings.floor_db == pytest.approx(-52.0)
    loud = with_figures(mix, noise={"noise_floor_dbfs": -20.0})  # no pause: soft music, no noise
    floor_db = only_step(asked(density, loud, density=1)).settings.floor_db
    assert floor_db == pytest.approx(mix.dynamics.rms_dbfs - 30, abs=0.06)


@pytest.mark.parametrize(("wish", "bar_s"), [(1.0, 3.0), (-1.0, 0.5)])
def test_density_takes_movement_and_swing_gives_it(wish: float, bar_s: float) -> None:
    """Loud for a fifth of each bar; 10 dB softer otherwise."""
    t = np.arange(24 * RATE_HZ) / RATE_HZ
    gain = np.where(t % bar_s < 0.2 * bar_s, 1.0, 0.3)
    bars = shaped_noise(style("pop").tone.median_db, duration_s=24.0) * gain
    before = measure(Audio(bars, RATE_HZ))
    settings = only_step(asked(density, before, density=wish)).settings
    after = measure(Audio(play(settings, bars, RATE_HZ), RATE_HZ))
    assert before.dynamics.dynamics_db is not None
    assert after.dynamics.dynamics_db is not None
    moved_db = after.dynamics.dynamics_db - before.dynamics.dynamics_db
    assert -wish * moved_db > 0.3


def pressed(plr_db: float, sharpness_db: float) -> Measurement:
    return with_figures(
        middle_of("jazz"), dynamics={"plr_db": plr_db, "sharpness_db": sharpness_db}
    )


def test_a_pressed_mix_gets_swing_where_the_target_has_room() -> None:
    mix = pressed(6.0, 1.2)
    settings = only_step(asked(density, mix, style="jazz")).settings
    assert isinstance(settings, Expander)
    assert settings.range_db == 3.0
    assert asked(density, mix, style="jazz", loudness_lufs=-7).steps == ()  # no room
    assert asked(density, mix, style="jazz", intensity=0).steps == ()
    assert asked(density, pressed(9.0, 1.2), style="jazz").steps == ()
    assert asked(density, pressed(6.0, 2.6), style="jazz").steps == ()


# Punch


@pytest.mark.parametrize("wish", [-1.0, 0.5])
def test_punch_as_it_was_asked(wish: float) -> None:
    settings = only_step(asked(punch, middle_of("pop"), punch=wish)).settings
    assert isinstance(settings, Transient)
    assert settings.attack_db == pytest.approx(4 * wish)
    assert settings.sustain_db == pytest.approx(-wish)


@pytest.mark.parametrize("rule", OURS)
def test_silence_and_short_sound_pass_every_rule(rule) -> None:  # type: ignore[no-untyped-def]
    for samples in (np.zeros((2, RATE_HZ)), 0.1 * np.ones((1, 2)), np.zeros((1, 0))):
        mix = measure(Audio(samples, RATE_HZ))
        for wishes in ({}, {"deess": 1.0, "punch": 1.0, "density": 1.0}, {"density": -1.0}):
            asked(rule, mix, **wishes)
