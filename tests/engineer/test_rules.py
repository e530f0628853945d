"""The rules, each alone: what lies outside moves, bounded; what lies inside is left alone."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixes import RATE_HZ, middle_of, outside, shaped_noise, with_figures

from burnish.audio import Audio
from burnish.chain import Step, play
from burnish.engineer import Wishes, aim
from burnish.engineer.rules import (
    RULES,
    Advice,
    colour,
    dynamics,
    low_end,
    rumble,
    tone,
    wanted_tone,
    width,
)
from burnish.engineer.track import advise
from burnish.measure import Measurement, measure
from burnish.processors.compressor import Compressor
from burnish.processors.equalizer import Band, Equalizer, response_db
from burnish.processors.saturation import Saturation
from burnish.processors.width import Width
from burnish.targets import BAND_EDGES_HZ, N_BANDS, style, styles

CENTRES_HZ = np.array([math.sqrt(a * b) for a, b in pairwise(BAND_EDGES_HZ)])
POINTS_HZ = np.concatenate(
    [np.geomspace(a, b, 8, endpoint=False) for a, b in pairwise(BAND_EDGES_HZ)]
)


def asked(rule, mix: Measurement, **wishes: object) -> Advice:  # type: ignore[no-untyped-def]
    wanted = Wishes(**{"style": "pop", **wishes})
    return rule.advise(mix, aim(mix, wanted), wanted)  # type: ignore[no-any-return]


def only_step(advice: Advice) -> Step:
    assert len(advice.steps) == 1
    return advice.steps[0]


def by_band_db(equalizer: Equalizer) -> np.ndarray:
    """Mean gain of each of the nine bands."""
    return response_db(equalizer, POINTS_HZ, 96_000).reshape(N_BANDS, -1).mean(axis=1)


# Inside everything


@pytest.mark.parametrize("name", styles())
def test_a_mix_inside_all_corridors_is_left_alone_and_told_so(name: str) -> None:
    mix = middle_of(name)
    wishes = Wishes(style=name)
    advice = advise(mix, aim(mix, wishes), wishes)
    assert advice.steps == ()
    text = "\n".join(advice.notes)
    for word in ("No DC and no rumble", "Tone: within", "Dynamics:", "Width: ", "Colour: not"):
        assert word in text


@pytest.mark.parametrize("rule", RULES)
def test_at_intensity_0_nothing_is_done_for_taste(rule) -> None:  # type: ignore[no-untyped-def]
    """A mix that is wrong in every way that taste knows, without a fault."""
    mix = with_figures(
        outside("pop", 7, 9.0),
        stereo={"side_to_mid_db": 1.0, "bands_side_to_mid_db": (-1.0,) * N_BANDS},
        loudness={"range_lu": 25.0},
        dynamics={"plr_db": 25.0},
    )
    wishes = Wishes(style="pop", intensity=0.0)
    assert rule(mix, aim(mix, wishes), wishes).steps == ()
    fully = Wishes(style="pop", intensity=0.5)
    assert advise(mix, aim(mix, fully), fully).steps


def test_every_step_has_a_reason_and_evidence() -> None:
    mix = with_figures(
        outside("pop", 1, 9.0),
        stereo={"side_to_mid_db": 1.0, "bands_side_to_mid_db": (-1.0,) * N_BANDS},
        loudness={"range_lu": 25.0},
        noise={"rumble_db": 0.0},
    )
    wishes = Wishes(style="pop", low_db=1, warmth=0.5)
    advice = advise(mix, aim(mix, wishes), wishes)
    names = [step.processor for step in advice.steps]
    assert names == [*["equalizer"] * 3, "compressor", "width", "saturation"]  # mend, then sweeten
    for step in advice.steps:
        assert step.reason.endswith(".")
        assert step.evidence


# DC and rumble


@pytest.mark.parametrize(
    ("dc_db", "rumble_db", "corner_hz"),
    [
        (-math.inf, None, None),
        (-61.0, -10.5, None),
        (-59.0, -30.0, 10.0),
        (-120.0, -9.5, 20.0),
        (-20.0, 5.0, 20.0),  # the higher corner takes the DC too
    ],
)
@pytest.mark.parametrize("intensity", [0.0, 0.5])
@pytest.mark.parametrize("sample_peak_dbfs", [0.0, -40.0, 36.0])
def test_dc_and_rumble(
    dc_db: float,
    rumble_db: float | None,
    corner_hz: float | None,
    intensity: float,
    sample_peak_dbfs: float,
) -> None:
    """A fault, so it is mended at intensity 0 too. DC counts against the peak, at any gain."""
    mix = with_figures(
        middle_of("pop"),
        noise={"dc_dbfs": dc_db + sample_peak_dbfs, "rumble_db": rumble_db},
        peaks={"sample_peak_dbfs": sample_peak_dbfs},
    )
    advice = asked(rumble, mix, intensity=intensity)
    if corner_hz is None:
        assert advice.steps == ()
        assert advice.notes
        return
    equalizer = only_step(advice).settings
    assert isinstance(equalizer, Equalizer)
    gain_db = response_db(equalizer, np.array([1.0, corner_hz, 41.0, 1000.0]), 44_100)
    assert gain_db[0] < -38
    assert gain_db[1] == pytest.approx(-3.01, abs=0.05)
    assert gain_db[2] > -0.1  # the lowest note of a bass guitar stays
    assert abs(gain_db[3]) < 0.01


def test_dc_and_rumble_are_found_in_sound() -> None:
    noise = shaped_noise(style("pop").tone.median_db)
    assert asked(rumble, measure(Audio(noise, RATE_HZ))).steps == ()
    shifted = measure(Audio(noise + 0.01, RATE_HZ))
    dc_db = -40.0 - shifted.peaks.sample_peak_dbfs
    assert only_step(asked(rumble, shifted)).evidence["dc_to_peak_db"] == pytest.approx(
        dc_db, abs=0.1
    )
    t = np.arange(noise.shape[1]) / RATE_HZ
    shaky = measure(Audio(noise + 0.2 * np.sin(2 * np.pi * 15 * t), RATE_HZ))
    assert "Rumble" in only_step(asked(rumble, shaky)).reason


# Tone


@pytest.mark.parametrize("band", range(N_BANDS))
@pytest.mark.parametrize("sign", [1, -1])
def test_tone_goes_towards_the_edge_times_the_strength(band: int, sign: int) -> None:
    """4 dB outside a corridor that is sure to 1 dB, at intensity 0.5: 1.8 dB are to be taken back.

    One broad band by itself does three quarters of it, as it would touch its neighbours.
    """
    step = only_step(asked(tone, outside("pop", band, 4.0 * sign)))
    assert isinstance(step.settings, Equalizer)
    moved = by_band_db(step.settings)
    assert 0.65 <= moved[band] / (-1.8 * sign) <= 1.0
    others = np.delete(moved, [k for k in (band - 1, band, band + 1) if 0 <= k < N_BANDS])
    assert np.abs(others).max() < 0.3
    assert np.abs(moved).argmax() == band
    told = step.evidence[f"outside_at_{CENTRES_HZ[band]:.0f}_hz_db"]
    assert told == pytest.approx(4.0 * sign, abs=1.05)
    assert step.evidence["strength"] == 0.6
    assert ("less at" if sign > 0 else "more at") in step.reason


@pytest.mark.parametrize("band", range(N_BANDS))
def test_tone_within_the_corridor_does_not_move(band: int) -> None:
    for by_db in (-0.01, 0.01, 0.5, -0.5):
        advice = asked(tone, outside("pop", band, by_db))
        assert advice.steps == ()
        assert "within the pop corridor" in advice.notes[0]


@pytest.mark.parametrize("by_db", [4.0, 8.0, 20.0, 60.0, -8.0, -20.0])
@pytest.mark.parametrize("intensity", [0.5, 1.0])
def test_tone_never_moves_a_band_by_more_than_3_db(by_db: float, intensity: float) -> None:
    for band in (0, 4, 8):
        advice = asked(tone, outside("pop", band, by_db), intensity=intensity)
        for step in advice.steps:
            assert isinstance(step.settings, Equalizer)
            assert np.abs(response_db(step.settings, POINTS_HZ, 96_000)).max() < 3.1


@pytest.mark.parametrize("pattern", ["all up", "all down", "zigzag", "dark", "bright"])
def test_tone_keeps_its_budget(pattern: str) -> None:
    """However wrong, the bands move by 2 dB RMS at most: the rest belongs back in the mix."""
    shape = {
        "all up": np.ones(9),
        "all down": -np.ones(9),
        "zigzag": np.resize((1.0, -1.0), 9),
        "dark": np.linspace(1, -1, 9),
        "bright": np.linspace(-1, 1, 9),
    }[pattern]
    mix = with_figures(
        middle_of("rock"),
        spectrum={"bands_db": tuple(np.array(style("rock").tone.median_db) + 20 * shape)},
    )
    advice = asked(tone, mix, style="rock", intensity=1.0)
    equalizer = only_step(advice).settings
    assert isinstance(equalizer, Equalizer)
    moved = by_band_db(equalizer)
    assert np.sqrt(np.mean(moved**2)) < 2.1
    assert np.sum(moved * shape) < 0  # towards the corridor


def test_tone_moves_more_with_intensity_and_less_where_the_style_was_guessed() -> None:
    mix = outside("pop", 2, 4.0)

    def moved(**wishes: object) -> float:
        advice = asked(tone, mix, **wishes)
        return float(advice.steps[0].evidence["rms_db"]) if advice.steps else 0.0  # type: ignore[arg-type]

    by_intensity = [moved(intensity=k / 4) for k in range(5)]
    assert by_intensity[0] == 0.0
    assert by_intensity == sorted(by_intensity)
    assert by_intensity[2] < by_intensity[4]
    target = aim(mix, Wishes(style="pop"))
    unsure = target.with_(style_confidence=0.2)
    wishes = Wishes(style="pop")
    sure_db, unsure_db = (
        tone.advise(mix, each, wishes).steps[0].evidence["strength"] for each in (target, unsure)
    )
    assert unsure_db == pytest.approx(0.5 * float(sure_db), abs=0.01)  # type: ignore[arg-type]


def test_an_empty_band_is_never_boosted() -> None:
    """A codec's cut or a dull recording: what would be raised is noise."""
    bands = (*style("pop").tone.median_db[:8], -46.0)
    mix = with_figures(middle_of("pop"), spectrum={"bands_db": bands})
    assert asked(tone, mix, intensity=1.0).steps == ()


@pytest.mark.parametrize("nothing", [None, -math.inf])
def test_a_band_that_cannot_be_measured_is_left_alone(nothing: float | None) -> None:
    bands = (*style("pop").tone.median_db[:7], nothing, nothing)
    mix = with_figures(middle_of("pop"), spectrum={"bands_db": bands})
    assert asked(tone, mix).steps == ()


def test_tone_brings_a_real_sound_nearer_to_its_corridor() -> None:
    """Measured, moved and measured again: 4 dB too much at 200 to 800 Hz become about 2.5."""
    pop = style("pop").tone
    bands = np.array(pop.median_db)
    bands[1:3] = np.array(pop.q75_db)[1:3] + 4.0
    samples = shaped_noise(bands)
    before = measure(Audio(samples, RATE_HZ))
    step = only_step(asked(tone, before))
    after = np.concatenate(list(play((step,), [samples], RATE_HZ, 2)), axis=1)
    high = np.array(pop.q75_db)[1:3]
    was = np.array(before.spectrum.bands_db[1:3]) - high
    now = np.array(measure(Audio(after, RATE_HZ)).spectrum.bands_db[1:3]) - high
    assert (now < was - 1.2).all()
    assert (now > 1.0).all()  # not past the edge, which is sure to 1 dB


@given(st.lists(st.floats(-3, 3), min_size=N_BANDS, max_size=N_BANDS))
@settings(max_examples=40, deadline=None)
def test_the_fitted_bands_are_near_the_wanted_curve(wanted: list[float]) -> None:
    """Nine broad bands cannot follow a zigzag, but miss less than half of any curve, RMS."""
    curve = np.array(wanted)
    bands = tone.fit(curve)
    got = by_band_db(Equalizer(bands=bands)) if bands else np.zeros(N_BANDS)
    size = np.sqrt(np.mean(curve**2))
    assert np.sqrt(np.mean((got - curve) ** 2)) <= 0.5 * size + 0.25
    assert all(abs(band.gain_db) <= 3.0 for band in bands)


@pytest.mark.parametrize("gain_db", [2.0, -2.0])
def test_a_smooth_curve_is_fitted_closely(gain_db: float) -> None:
    smooth = gain_db * np.cos(np.linspace(0, np.pi, N_BANDS))
    got = by_band_db(Equalizer(bands=tone.fit(smooth)))
    assert np.abs(got - smooth).max() < 0.45
    assert np.sqrt(np.mean((got - smooth) ** 2)) < 0.3


def test_no_curve_needs_no_bands() -> None:
    assert tone.fit(np.zeros(N_BANDS)) == ()


# Width


def sides(side_db: float | None, bass_db: float | None = -20.0) -> Measurement:
    return with_figures(
        middle_of("pop"),
        stereo={"side_to_mid_db": side_db, "bands_side_to_mid_db": (bass_db,) + (-8.0,) * 8},
    )


def factor(advice: Advice) -> float:
    found = only_step(advice).settings
    assert isinstance(found, Width)
    assert found.low_width == found.mid_width == found.high_width
    return found.mid_width


@pytest.mark.parametrize("side_db", [-14.7, -9.0, -6.5])
def test_width_inside_is_left_alone(side_db: float) -> None:
    advice = asked(width, sides(side_db))
    assert advice.steps == ()
    assert "within what pop has" in advice.notes[0]


@pytest.mark.parametrize(
    ("side_db", "change_db"),
    [(-16.0, 1.2 * 0.7), (-17.0, 2.2 * 0.7), (-20.0, 2.0), (-4.4, -2.0 * 0.7), (3.0, -3.0)],
)
def test_width_outside_moves_to_the_edge_bounded(side_db: float, change_db: float) -> None:
    """At intensity 0.5 seven tenths of the way; 2 dB wider or 3 dB narrower at most."""
    wider = factor(asked(width, sides(side_db)))
    assert 20 * math.log10(wider) == pytest.approx(change_db, abs=0.01)


def test_a_hair_outside_is_left_alone() -> None:
    assert asked(width, sides(-15.1)).steps == ()


@pytest.mark.parametrize("side_db", [-25.1, -40.0, -90.0])
def test_near_mono_is_left_alone(side_db: float) -> None:
    advice = asked(width, sides(side_db), intensity=1.0)
    assert advice.steps == ()
    assert "nearly mono" in advice.notes[0]


@pytest.mark.parametrize(
    ("side_db", "words"), [(None, "mono"), (-math.inf, "mono"), (math.inf, "opposite")]
)
@pytest.mark.parametrize("asked_width", [0.0, 1.0, 2.0])
def test_where_there_is_no_middle_or_no_side_nothing_is_done(
    side_db: float | None, words: str, asked_width: float
) -> None:
    advice = asked(width, sides(side_db), width=asked_width)
    assert advice.steps == ()
    assert words in advice.notes[0]


@pytest.mark.parametrize("asked_width", [0.0, 0.5, 1.5, 2.0])
@pytest.mark.parametrize("side_db", [-30.0, -9.0])
def test_a_width_that_was_asked_for_is_made(asked_width: float, side_db: float) -> None:
    """Also on a mix that is nearly mono; and no note says that it was left alone."""
    for intensity in (0.0, 0.5, 1.0):
        advice = asked(width, sides(side_db), width=asked_width, intensity=intensity)
        assert factor(advice) == asked_width
        assert advice.notes == ()
        assert "asked for" in advice.steps[0].reason


def test_asked_and_own_width_multiply() -> None:
    own = factor(asked(width, sides(-4.4)))
    both = asked(width, sides(-4.4), width=1.2)
    assert factor(both) == pytest.approx(1.2 * own, abs=0.001)
    assert "wider than nine in ten" in both.steps[0].reason
    assert factor(asked(width, sides(-20.0), width=2.0)) == 2.0  # what the processor takes


# Low end


@pytest.mark.parametrize(("bass_db", "moves"), [(-14.5, False), (-14.3, True), (-1.0, True)])
def test_bass_goes_to_the_middle_where_it_is_wider_than_the_style(
    bass_db: float, moves: bool
) -> None:
    advice = asked(low_end, sides(-9.0, bass_db))
    if moves:
        found = only_step(advice).settings
        assert isinstance(found, Width)
        assert found.mono_below_hz == style("pop").stereo.mono_below_hz == 120.0
        assert (found.low_width, found.mid_width, found.high_width) == (1.0, 1.0, 1.0)
    else:
        assert advice.steps == ()
        assert "as narrow as pop" in advice.notes[0]


def test_a_style_that_leaves_its_bass_where_it_stands() -> None:
    assert asked(low_end, sides(-9.0, -3.0), style="jazz").steps == ()


@pytest.mark.parametrize("bass_db", [None, -math.inf])
def test_no_bass_or_mono_bass_is_left_alone(bass_db: float | None) -> None:
    assert asked(low_end, sides(-9.0, bass_db)).steps == ()


@pytest.mark.parametrize("bass_db", [0.1, 6.0, math.inf])
def test_bass_that_is_opposite_in_the_channels_is_not_taken_away(bass_db: float) -> None:
    """Once such a bass was made mono, and gone."""
    advice = asked(low_end, sides(-9.0, bass_db))
    assert advice.steps == ()
    assert "opposite" in advice.notes[0]


def test_mono_bass_keeps_the_bass_and_takes_its_side() -> None:
    rng_db = style("pop").tone.median_db
    samples = shaped_noise(rng_db, side_to_mid_db=-3.0)
    mix = measure(Audio(samples, RATE_HZ))
    step = only_step(asked(low_end, mix))
    out = np.concatenate(list(play((step,), [samples], RATE_HZ, 2)), axis=1)
    after = measure(Audio(out, RATE_HZ))
    assert after.stereo.bands_side_to_mid_db[0] < mix.stereo.bands_side_to_mid_db[0] - 6
    assert after.spectrum.mid_db == pytest.approx(mix.spectrum.mid_db, abs=0.05)


# Dynamics


def moves(plr_db: float | None, range_lu: float | None) -> Measurement:
    return with_figures(
        middle_of("pop"), dynamics={"plr_db": plr_db}, loudness={"range_lu": range_lu}
    )


@pytest.mark.parametrize(
    ("plr_db", "range_lu", "needed"),
    [
        (11.0, 6.0, False),
        (13.0, 8.6, False),  # pop's PLR ends at 11.1; 2 dB more are left to the limiter
        (13.2, 6.0, True),
        (11.0, 8.8, True),
        (18.0, 14.0, True),
        (4.0, 1.0, False),
    ],
)
def test_compression_only_where_the_mix_moves_more_than_the_style(
    plr_db: float, range_lu: float, needed: bool
) -> None:
    advice = asked(dynamics, moves(plr_db, range_lu))
    assert bool(advice.steps) is needed
    if not needed:
        assert "need no compression" in advice.notes[0]


@pytest.mark.parametrize("intensity", [0.1, 0.5, 1.0])
def test_compression_is_gentle_and_grows_with_need_and_intensity(intensity: float) -> None:
    ratios = []
    for plr_db in (13.5, 15.0, 17.0, 30.0):
        found = only_step(asked(dynamics, moves(plr_db, 6.0), intensity=intensity)).settings
        assert isinstance(found, Compressor)
        ratios.append(found.ratio)
        assert 1.0 < found.ratio <= 2.0
        assert -60.0 <= found.threshold_db <= 0.0
    assert ratios == sorted(ratios)
    assert ratios[-1] == pytest.approx(1.0 + min(1.0, 2 * intensity), abs=0.01)


def test_a_dynamic_target_needs_no_compression() -> None:
    """Asked to be -23 LUFS, even a lively mix has room for its peaks."""
    mix = moves(17.0, 6.0)
    assert asked(dynamics, mix).steps
    assert asked(dynamics, mix, loudness_lufs=-23.0).steps == ()


@pytest.mark.parametrize("figures", [(None, 6.0), (20.0, None)])
def test_what_is_too_short_to_be_measured_is_not_compressed(
    figures: tuple[float | None, float | None],
) -> None:
    assert asked(dynamics, moves(*figures)).steps == ()


# Colour


def test_no_colour_unless_asked() -> None:
    advice = asked(colour, middle_of("pop"), intensity=1.0)
    assert advice.steps == ()
    assert "none added" in advice.notes[0]


@pytest.mark.parametrize("warmth", [0.1, 0.5, 1.0])
def test_colour_is_as_strong_as_asked_whatever_the_mixs_gain(warmth: float) -> None:
    """The drive makes up for the level: once a quiet mix got hardly any warmth."""
    drives = []
    for gain_db in (-12.0, 0.0, 6.0):
        loud_lufs = -18.0 + gain_db
        mix = with_figures(middle_of("pop"), loudness={"max_short_term_lufs": loud_lufs})
        found = only_step(asked(colour, mix, warmth=warmth)).settings
        assert isinstance(found, Saturation)
        assert found.amount == warmth
        drives.append(found.drive_db + gain_db)
    assert drives == pytest.approx([9.0 * warmth] * 3)


@pytest.mark.parametrize("loud_lufs", [-60.0, 5.0])
def test_colour_stays_within_what_the_saturation_takes(loud_lufs: float) -> None:
    mix = with_figures(middle_of("pop"), loudness={"max_short_term_lufs": loud_lufs})
    assert only_step(asked(colour, mix, warmth=1.0)).acts


def test_colour_of_something_short_is_set_by_its_loudest_moment() -> None:
    short = {"max_short_term_lufs": None, "max_momentary_lufs": -20.0}
    mix = with_figures(middle_of("pop"), loudness=short)
    found = only_step(asked(colour, mix, warmth=1.0)).settings
    assert isinstance(found, Saturation)
    assert found.drive_db == pytest.approx(11.0)


# What was asked for


@pytest.mark.parametrize(
    ("wish", "touched_hz", "left_hz"),
    [
        ("low_db", (30, 60), (2000, 15_000)),
        ("mid_db", (700, 900, 1200), (25, 18_000)),
        ("high_db", (14_000, 18_000), (50, 500)),
    ],
)
@pytest.mark.parametrize("gain_db", [-6.0, -2.0, 3.0])
def test_a_tone_that_was_asked_for_is_made_in_its_place(
    wish: str, touched_hz: tuple[float, ...], left_hz: tuple[float, ...], gain_db: float
) -> None:
    for intensity in (0.0, 0.5):
        step = only_step(
            asked(wanted_tone, middle_of("pop"), intensity=intensity, **{wish: gain_db})
        )
        assert isinstance(step.settings, Equalizer)
        touched = response_db(step.settings, np.array(touched_hz, float), 44_100)
        left = response_db(step.settings, np.array(left_hz, float), 44_100)
        assert touched == pytest.approx([gain_db] * len(touched_hz), abs=0.15 * abs(gain_db))
        assert np.abs(left).max() < 0.1 * abs(gain_db)
        assert step.evidence[wish] == gain_db


def test_nothing_asked_is_nothing_done() -> None:
    assert asked(wanted_tone, middle_of("pop")) == Advice()


WISHES = [
    {"low_db": 0.5},
    {"mid_db": -0.5},
    {"high_db": 0.5},
    {"width": 0.9},
    {"width": 1.1},
    {"warmth": 0.4},
]


@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_every_wish_shows_in_the_plan_and_is_heard(wish: dict[str, float]) -> None:
    """A small wish moves the sound by more than -60 dB of it."""
    samples = shaped_noise(style("pop").tone.median_db)
    mix = measure(Audio(samples, RATE_HZ))
    plain, bent = Wishes(style="pop"), Wishes(style="pop", **wish)  # type: ignore[arg-type]
    without = advise(mix, aim(mix, plain), plain).steps
    steps = advise(mix, aim(mix, bent), bent).steps
    assert steps != without
    name, value = next(iter(wish.items()))
    assert any(value in step.evidence.values() for step in steps), name

    def heard(chain: tuple[Step, ...]) -> np.ndarray:
        return np.concatenate(list(play(chain, [samples], RATE_HZ, 2)), axis=1)

    change = heard(steps) - heard(without)
    assert 20 * math.log10(float(np.std(change) / np.std(samples))) > -60


def test_shapes_are_broad() -> None:
    """A mastering move is no notch: every band of a fit is at least 0.7 octaves wide."""
    for band in tone.fit(np.full(N_BANDS, 2.0)):
        assert isinstance(band, Band)
        # A bell of width w octaves has Q = sqrt(2^w) / (2^w - 1).
        assert band.q <= math.sqrt(2**0.7) / (2**0.7 - 1)
