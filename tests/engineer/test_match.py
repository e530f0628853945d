"""The match: like with like, smooth where evidence is thin, bounded; equal is left alone."""

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from mixes import RATE_HZ, shaped_noise
from numpy.typing import NDArray

from burnish.audio import Audio, OutputFormat, Writer
from burnish.chain import InputNote, Plan
from burnish.engineer.match import Aspects, Wanted, advise, aspects, expected_plr_db
from burnish.engineer.match import dynamics as of_dynamics
from burnish.engineer.match import sections as of_sections
from burnish.engineer.match import tone as of_tone
from burnish.engineer.match.curve import bounded, smooth
from burnish.engineer.match.likeness import likeness
from burnish.engineer.match.references import asked
from burnish.engineer.portrait import portrait
from burnish.errors import InputError, SettingError
from burnish.master import master, plan
from burnish.measure import measure
from burnish.processors.compressor import Compressor
from burnish.processors.dynamic_eq import DynamicEq
from burnish.processors.limiter import Limiter
from burnish.processors.match_eq import MatchEq, design
from burnish.targets import THIRDS_HZ, Portrait, merged, style
from pieces import made_once

Floats = NDArray[np.float64]

N = len(THIRDS_HZ)
PLACES = np.arange(N)


@made_once
def music(duration_s: float = 24.0, seed: int = 3) -> Floats:
    """Noise in the middle of pop that moves: beats of 0.5 s, louder and softer bars."""
    x = shaped_noise(style("pop").tone.median_db, duration_s=duration_s, seed=seed)
    t = np.arange(x.shape[1]) / RATE_HZ
    rng = np.random.default_rng(seed)
    bars = np.repeat(rng.uniform(-3, 1, math.ceil(duration_s / 2)), 2 * RATE_HZ)[: x.shape[1]]
    beats = 6.0 * np.exp(-((t % 0.5) / 0.12))
    return np.asarray(0.6 * x * 10 ** ((bars + beats - 3.0) / 20))


def tilted(x: Floats, db_per_octave: float) -> Floats:
    spectrum = np.fft.rfft(x)
    hz = np.fft.rfftfreq(x.shape[1], 1 / RATE_HZ)
    octaves = np.log2(np.clip(hz, 30, 16_000) / 1000)
    return np.asarray(np.fft.irfft(spectrum * 10 ** (db_per_octave * octaves / 20), x.shape[1]))


def low_passed(x: Floats, cutoff_hz: float) -> Floats:
    spectrum = np.fft.rfft(x)
    spectrum[:, np.fft.rfftfreq(x.shape[1], 1 / RATE_HZ) > cutoff_hz] = 0
    return np.asarray(np.fft.irfft(spectrum, x.shape[1]))


def drawn(x: Floats, rate_hz: int = RATE_HZ) -> Portrait:
    return portrait(measure(Audio(np.ascontiguousarray(x), rate_hz)))


@cache
def plain() -> Portrait:
    return drawn(music())


def wanted(aim: Portrait, **more: float) -> Wanted:
    return Wanted(aim, Aspects(**more))


def curve(mix: Portrait, aim: Portrait, **more: float) -> tuple[Floats, Floats]:
    """Gains of mid and side; zero where nothing is advised."""
    steps = of_tone.advise(mix, wanted(aim, **more), 1.0).steps
    if not steps:
        return np.zeros(N), np.zeros(N)
    eq = steps[0].settings
    assert isinstance(eq, MatchEq)
    return np.array(eq.gains_db), np.array(eq.side_gains_db or eq.gains_db)


def save(path: Path, x: Floats, rate_hz: int = RATE_HZ) -> str:
    with Writer(path, OutputFormat(bits="32f"), rate_hz, x.shape[0], x.shape[1]) as writer:
        writer.write(np.ascontiguousarray(x))
    return str(path)


# ---- what is asked -----------------------------------------------------------------------------


def test_aspects_are_read_and_scaled() -> None:
    assert aspects("", 0.5) == Aspects()
    assert aspects(" tone=0.8, width=0 ", 0.5) == Aspects(tone=0.8, width=0.0)
    # Full at the default intensity, half at half of it; the loudness is as asked.
    assert aspects("tone=0.8", 0.25) == Aspects(tone=0.4, width=0.5, dynamics=0.5, loudness=1.0)
    assert aspects("tone=0.8", 1.0).tone == 0.8
    for wrong in ("tones=1", "tone", "tone=much", "tone=2"):
        with pytest.raises(SettingError, match="tone"):
            aspects(wrong, 0.5)


def test_a_path_may_hold_a_colon(tmp_path: Path) -> None:
    assert asked("a/song.wav") == (Path("a/song.wav"), 1.0)
    assert asked("a/song.wav:2.5") == (Path("a/song.wav"), 2.5)
    assert asked("take: two.wav") == (Path("take: two.wav"), 1.0)
    there = tmp_path / "song:2"
    there.touch()
    assert asked(str(there)) == (there, 1.0)
    assert asked(f"{there}:3") == (there, 3.0)
    with pytest.raises(SettingError, match="weight"):
        asked("song.wav:0")


# ---- the curve ---------------------------------------------------------------------------------


def bells(rng: np.random.Generator) -> Floats:
    """Five broad bells, an octave or more wide, on third octaves."""
    return sum(
        rng.choice((-1, 1))
        * rng.uniform(1.5, 4.5)
        * np.exp(-0.5 * ((PLACES - rng.uniform(2, 27)) / rng.uniform(1.5, 3.5)) ** 2)
        for _ in range(5)
    )


def test_it_beats_the_difference_that_it_is_made_of() -> None:
    rng = np.random.default_rng(5)
    smoothed, copied = [], []
    for _ in range(40):
        errors = rng.uniform(0.2, 1.2, N)
        right = bells(rng)
        seen = right + 1.5 * errors * rng.standard_normal(N)
        smoothed.append(np.abs(smooth(tuple(seen), tuple(errors)) - right).mean())
        copied.append(np.abs(seen - right).mean())
    assert np.mean(smoothed) < 0.75 * np.mean(copied)
    assert np.mean(np.array(smoothed) < copied) > 0.9


def test_it_follows_what_is_certain_and_smooths_what_is_not() -> None:
    spike = np.zeros(N)
    spike[15] = 6.0
    sure = smooth(tuple(spike), (0.05,) * N)[15]
    unsure = smooth(tuple(spike), (2.0,) * N)[15]
    assert sure > 4.0
    assert unsure < 1.6


def test_no_evidence_is_no_curve_and_a_gap_is_bridged() -> None:
    assert not smooth((None,) * N, (None,) * N).any()
    rise = np.linspace(-3, 3, N)
    gap = tuple(None if 12 <= k < 15 else float(v) for k, v in enumerate(rise))
    bridged = smooth(gap, tuple(None if v is None else 0.2 for v in gap))
    assert bridged == pytest.approx(rise, abs=0.5)


def test_equal_is_exactly_nothing() -> None:
    assert not smooth((0.0,) * N, (0.3,) * N).any()
    said = advise(measure(Audio(music(), RATE_HZ)), wanted(plain()))
    assert said.steps == ()
    assert len(said.notes) == 2


def test_moves_are_bounded() -> None:
    got = bounded(np.array([-30.0, -9.0, 4.0, 11.0, 30.0]), 9.0, 12.0)
    assert list(got) == [-12.0, -9.0, 4.0, 10.0, 12.0]
    hz = np.array(THIRDS_HZ)
    inside = (hz > 51) & (hz < 12_000)
    for tilt in (6.0, -6.0):
        mid, side = curve(plain(), drawn(tilted(music(seed=4), tilt)))
        assert 6.0 < mid.max() <= 9.0
        assert 6.0 < side.max() <= 12.0
        for part in (mid, side):
            assert part[inside].min() == pytest.approx(-14.0)
            assert -18.0 <= part.min() < -14.0


def high_passed(x: Floats, cutoff_hz: float, db: float) -> Floats:
    spectrum = np.fft.rfft(x)
    hz = np.fft.rfftfreq(x.shape[1], 1 / RATE_HZ)
    gain = 10 ** (np.interp(np.log2(hz + 1.0), np.log2((cutoff_hz / 1.6, cutoff_hz)), (db, 0)) / 20)
    return np.asarray(np.fft.irfft(spectrum * gain, x.shape[1]))


def test_the_ends_are_cut_as_the_reference_and_not_lifted() -> None:
    whole, cut = drawn(music(seed=4)), drawn(high_passed(music(), 55.0, -16.0))
    low = np.array(THIRDS_HZ) < 36
    mid, _ = curve(whole, cut)
    assert (mid[low] >= -18.0).all()
    assert (mid[low] < -10.0).all()
    assert np.abs(mid[5:27]).max() < 1.5  # and nothing else is touched
    back, _ = curve(cut, whole)
    assert back[low].max() <= 2.0
    unsure = cut.with_(loud=cut.loud.with_(mid_error_db=(5.0,) * N))
    assert curve(whole, unsure)[0][low].min() >= -7.0


def test_the_equalizer_makes_a_steep_end() -> None:
    said = of_tone.advise(drawn(music(seed=4)), wanted(drawn(high_passed(music(), 55.0, -16.0))), 1)
    eq = said.steps[0].settings
    assert isinstance(eq, MatchEq)
    taps = design(eq, RATE_HZ, "mid")
    hz = np.array(THIRDS_HZ)
    got = np.exp(-2j * np.pi * np.outer(hz, np.arange(len(taps))) / RATE_HZ) @ taps
    made = 20 * np.log10(np.abs(got))
    assert made == pytest.approx(np.array(eq.gains_db), abs=1.0)


def test_songs_that_differ_more_are_followed_further() -> None:
    shape = np.sin(PLACES / 2.0)
    errors = (0.4,) * N
    left = [
        np.abs(smooth(tuple(size * shape), errors) / size - shape).mean() for size in (2.0, 12.0)
    ]
    assert left[1] < 0.5 * left[0]


# ---- tone and width of sound ---------------------------------------------------------------------


def test_it_undoes_a_tilt() -> None:
    mid, side = curve(drawn(tilted(music(seed=4), 1.0)), plain())
    inside = slice(5, 27)  # 80 Hz to 10 kHz
    right = -np.log2(np.array(THIRDS_HZ) / 1000)
    for got in (mid, side):
        error = (got - right)[inside]
        assert np.abs(error - error.mean()).max() < 0.8


def test_the_gain_of_the_mix_is_nothing() -> None:
    quiet = drawn(0.1 * tilted(music(seed=4), 1.0))
    loud = drawn(tilted(music(seed=4), 1.0))
    assert curve(quiet, plain())[0] == pytest.approx(curve(loud, plain())[0], abs=0.02)


def under(x: Floats, y: Floats, lu: float) -> Floats:
    """``x`` this far under the loudness of ``y``."""
    lufs = [measure(Audio(one, RATE_HZ)).loudness.integrated_lufs or 0.0 for one in (x, y)]
    return np.asarray(x * 10 ** ((lufs[1] - lu - lufs[0]) / 20))


@pytest.mark.parametrize("where", ["mix", "reference"])
@pytest.mark.parametrize("what", ["silence", "fade", "quiet intro"])
def test_what_is_no_music_does_not_bend_the_curve(where: str, what: str) -> None:
    x, y = tilted(music(seed=4), 1.0), music()
    n = 20 * RATE_HZ
    more = {
        "silence": np.zeros((2, n)),
        "fade": tilted(music(20.0, seed=8), float(where == "mix")) * np.linspace(1, 0, n) ** 2,
        "quiet intro": under(tilted(music(20.0, seed=9), -4.0), y, 9.0),  # of quite another tone
    }[what]
    x_more, y_more = (
        (np.concatenate((more, x), axis=1), y)
        if where == "mix"
        else (x, np.concatenate((y, more), axis=1))
    )
    before, after = curve(drawn(x), drawn(y)), curve(drawn(x_more), drawn(y_more))
    for one, other in zip(before, after, strict=True):
        assert np.abs(one - other)[5:27].max() < 0.3


def test_each_aspect_alone() -> None:
    x = tilted(music(seed=4), 1.0)
    middle, side = (x[0] + x[1]) / 2, (x[0] - x[1]) / 4
    mix = drawn(np.stack((middle + side, middle - side)))
    assert not any(part.any() for part in curve(mix, plain(), tone=0, width=0))
    mid, both = curve(mix, plain(), width=0)
    assert mid.any()
    assert np.array_equal(mid, both)  # side over middle stays
    mid, side_db = curve(mix, plain(), tone=0)
    assert not mid.any()
    assert side_db[5:27] == pytest.approx(6.0, abs=1.5)  # the side was halved
    half = curve(mix, plain(), tone=0.5, width=0.5)
    full = curve(mix, plain())
    for part in range(2):
        assert half[part][5:27] == pytest.approx(0.5 * full[part][5:27], abs=0.011)


def test_nothing_is_lifted_above_a_lossy_cutoff() -> None:
    bright = drawn(tilted(music(seed=4), 1.5))
    dull = tilted(music(), -1.5)
    for mix, aim in (
        (drawn(low_passed(dull, 12_000)), bright),
        (drawn(dull), drawn(low_passed(tilted(music(seed=4), 1.5), 12_000))),
    ):
        cutoff_hz = mix.cutoff_hz or aim.cutoff_hz
        assert cutoff_hz is not None
        assert 11_000 <= cutoff_hz <= 14_200
        for part in curve(mix, aim):
            assert part[np.array(THIRDS_HZ) > cutoff_hz].max() <= 0.0
            assert part[np.array(THIRDS_HZ) < 8_000].max() > 1.0


def test_noise_is_not_lifted() -> None:
    x = low_passed(tilted(music(seed=4), -1.0), 5000)
    hiss = 1e-5 * np.random.default_rng(1).standard_normal(x.shape)
    above = np.array(THIRDS_HZ) > 6500
    mid, side = curve(drawn(x + hiss), drawn(tilted(music(), 2.0)))
    assert mid[above].max() <= 0.0
    assert side[above].max() <= 0.0


def test_a_mono_reference_says_nothing_of_width() -> None:
    mono = np.repeat(music().mean(axis=0, keepdims=True), 2, axis=0)
    said = of_tone.advise(drawn(tilted(music(seed=4), 1.0)), wanted(drawn(mono)), 1.0)
    assert any("mono or nearly" in note for note in said.notes)
    eq = said.steps[0].settings
    assert isinstance(eq, MatchEq)
    assert eq.side_gains_db == ()
    one_channel = drawn(mono[:1])
    assert one_channel.loud.mid_db == pytest.approx(drawn(mono).loud.mid_db, abs=0.02)


def test_another_rate_is_the_same_music() -> None:
    x = low_passed(music(), 15_000)
    spectrum = np.fft.rfft(x)
    n = x.shape[1] * 48_000 // RATE_HZ
    again = np.fft.irfft(np.pad(spectrum, ((0, 0), (0, n // 2 + 1 - spectrum.shape[1]))), n)
    again *= n / x.shape[1]
    mid, side = curve(drawn(x), drawn(again, 48_000))
    assert np.abs(mid).max() < 0.25
    assert np.abs(side).max() < 0.25


# ---- dynamics ------------------------------------------------------------------------------------


def swung(x: Floats, ratio: float) -> Floats:
    """The 100 ms levels spread by the ratio about their mean."""
    hop = RATE_HZ // 10
    n = x.shape[1] // hop
    level = 10 * np.log10(np.square(x[:, : n * hop]).reshape(2, n, hop).mean(axis=(0, 2)))
    gain_db = (ratio - 1) * (level - level.mean())
    at = (np.arange(n) + 0.5) * hop
    return np.asarray(x * 10 ** (np.interp(np.arange(x.shape[1]), at, gain_db) / 20))


def test_a_mix_that_swings_more_is_evened() -> None:
    said = of_dynamics.advise(drawn(swung(music(seed=4), 1.4)), wanted(plain()), 1.0)
    settings = said.steps[0].settings
    assert isinstance(settings, Compressor)
    assert 1.2 < settings.ratio < 1.6
    none = of_dynamics.advise(drawn(music(seed=4)), wanted(plain(), dynamics=0), 1.0)
    assert none.steps == ()


def test_a_mix_that_swings_less_is_opened() -> None:
    said = of_dynamics.advise(drawn(swung(music(seed=4), 0.5)), wanted(plain()), 1.0)
    assert [step.processor for step in said.steps] == ["expander"]


def test_thin_evidence_moves_less() -> None:
    mix = drawn(swung(music(seed=4), 1.4))
    sure = of_dynamics.expected(mix, plain())
    unsure = of_dynamics.expected(mix, plain().with_(swing_error_db=plain().swing_db))
    assert sure is not None
    assert unsure is not None
    assert 0 < unsure < 0.2 * sure


def struck(x: Floats, gain: float) -> Floats:
    """One click, far over all else."""
    y = x.copy()
    y[:, y.shape[1] // 2] = gain * np.abs(x).max()
    return y


def test_one_stroke_is_no_evidence_of_peaks() -> None:
    even, one = drawn(music()), drawn(struck(music(), 3.0))
    assert even.plr_error_db is not None
    assert one.plr_error_db is not None
    assert even.plr_error_db < 1.0
    # Without its chunk the peak is 9.5 dB less: of n chunks the jackknife makes (n - 1) / n of it.
    assert one.plr_error_db == pytest.approx(9.5 * 4 / 5, abs=1.5)
    assert drawn(music(8.0)).plr_error_db is None


def test_peaks_are_the_references_where_they_are_sure() -> None:
    mix = measure(Audio(struck(music(), 1.5), RATE_HZ))
    own, aim = mix.dynamics.plr_db or 0.0, 8.0
    dense = plain().with_(plr_db=aim)

    def of(error_db: float | None) -> float:
        return expected_plr_db(mix, dense.with_(plr_error_db=error_db)) or 0.0

    assert aim < of(0.0) < of(2.0) < of(8.0) < own
    assert of(None) == of(3.0)
    levelled = measure(Audio(np.clip(music(), -0.1, 0.1), RATE_HZ))
    assert expected_plr_db(levelled, dense.with_(plr_error_db=0.0)) == pytest.approx(aim, abs=0.1)
    assert expected_plr_db(mix, dense.with_(plr_db=None)) is None
    assert plain().plr_error_db is not None
    twice = merged([plain(), plain()])
    assert twice.plr_error_db == pytest.approx((plain().plr_error_db or 0.0) / math.sqrt(2))


# ---- sections ------------------------------------------------------------------------------------


def with_quiet(one: Portrait, at: int, more_db: float) -> Portrait:
    """The portrait with a quiet part 10 LU down, of the same tone but for one octave."""
    bump = more_db * np.exp(-0.5 * ((PLACES - at) / 2.5) ** 2)
    mid = tuple(None if v is None else v + b for v, b in zip(one.loud.mid_db, bump, strict=True))
    quiet = one.loud.with_(mid_db=mid, loudness_db=one.loud.loudness_db - 10.0, share=0.4)
    return one.with_(quiet=quiet)


def test_a_quiet_part_of_another_tone_gets_a_dynamic_band() -> None:
    dull = with_quiet(plain(), 21, -7.0)  # at 3.15 kHz
    said = of_sections.advise(dull, wanted(with_quiet(plain(), 21, 0.0)), 1.0)
    settings = said.steps[0].settings
    assert isinstance(settings, DynamicEq)
    band = settings.bands[0]
    assert band.mode == "below"
    assert 2500 <= band.frequency_hz <= 4000
    assert 2.0 <= band.range_db <= 3.0
    loud, quiet = (
        of_sections._level_db(dull, part, 21) for part in (dull.loud, dull.quiet) if part
    )
    assert quiet < band.threshold_db < loud


def test_no_dynamic_band_where_both_songs_differ_so_or_nothing_is_known() -> None:
    dull, even = with_quiet(plain(), 21, -7.0), with_quiet(plain(), 21, 0.0)
    for mix, aim in ((dull, dull), (even, even), (even, dull), (plain(), even), (dull, plain())):
        assert of_sections.advise(mix, wanted(aim), 1.0).steps == ()
    assert of_sections.advise(dull, wanted(even, tone=0), 1.0).steps == ()


# ---- other music -------------------------------------------------------------------------------


def test_another_kind_of_music_pulls_less_and_is_told() -> None:
    near = likeness(drawn(tilted(music(seed=4), 1.0)), wanted(plain()))
    assert near.pull == 1.0
    assert near.notes == ()
    strange = plain().with_(range_lu=25.0, swing_db=4 * (plain().swing_db or 0.0))
    far = likeness(drawn(tilted(music(seed=4), 4.0)), wanted(strange))
    assert 0.5 <= far.pull < 0.8
    assert "another kind of music" in far.notes[0]


# ---- masters -----------------------------------------------------------------------------------


def test_a_master_comes_near_its_reference(tmp_path: Path) -> None:
    mix = save(tmp_path / "mix.wav", 0.3 * tilted(swung(music(seed=4), 1.3), -1.2))
    like = save(tmp_path / "like.wav", music())
    result = master(mix, tmp_path / "out.wav", reference=like, report=False)
    before, after, aim = (
        portrait(one) for one in (result.before, result.after, measure(tmp_path / "like.wav"))
    )
    assert after.loudness_lufs == pytest.approx(aim.loudness_lufs, abs=0.05)
    away = [
        np.abs(np.array(one.loud.mid_db[3:28]) - np.array(aim.loud.mid_db[3:28])).mean()
        for one in (before, after)
    ]
    assert away[0] > 1.5
    assert away[1] < 0.5
    assert abs(after.swing_db - aim.swing_db) < 0.5 * abs(before.swing_db - aim.swing_db)  # type: ignore[operator]
    told = result.to_json()["target"]
    assert told["references"][0]["file"] == like
    assert len(told["references"][0]["sha256"]) == 64
    assert told["match"]["tone"] == 1.0
    assert told["sources"]["loudness"] == "the reference's"
    assert "like.wav" in (tmp_path / "out.recall.yaml").read_text(encoding="utf-8")


def test_two_references_are_weighted(tmp_path: Path) -> None:
    mix = save(tmp_path / "mix.wav", 0.2 * music(seed=4))
    one = save(tmp_path / "one.wav", 0.5 * music())
    two = save(tmp_path / "two.wav", 0.25 * music())
    made = plan(mix, reference=(f"{one}:3", two))
    lufs = [measure(path).loudness.integrated_lufs or 0.0 for path in (one, two)]
    assert made.target["loudness_lufs"] == pytest.approx(0.75 * lufs[0] + 0.25 * lufs[1], abs=0.01)
    assert [r["weight"] for r in made.target["references"]] == [3.0, 1.0]


def test_the_mix_as_its_own_reference_is_left_alone(tmp_path: Path) -> None:
    path = save(tmp_path / "mix.wav", 0.5 * music())
    made = plan(path, reference=path)
    assert [step.processor for step in made.steps] == ["limiter"]
    limiter = made.steps[0].settings
    assert isinstance(limiter, Limiter)
    assert limiter.input_gain_db == 0.0
    assert limiter.ceiling_dbtp > (measure(path).peaks.true_peak_dbtp)


def test_what_was_asked_wins_over_the_reference(tmp_path: Path) -> None:
    mix = save(tmp_path / "mix.wav", 0.2 * music(seed=4))
    like = save(tmp_path / "like.wav", 0.5 * music())
    asked_for = plan(mix, reference=like, loudness_lufs=-16.0)
    assert asked_for.target["loudness_lufs"] == -16.0
    kept = plan(mix, reference=like, match="loudness=0", style="pop")
    assert kept.target["loudness_lufs"] == style("pop").loudness.aim_lufs


def test_a_reference_that_is_not_there_is_named(tmp_path: Path) -> None:
    mix = save(tmp_path / "mix.wav", 0.2 * music(2.0))
    with pytest.raises(InputError, match=r"nowhere\.wav") as error:
        plan(mix, reference=tmp_path / "nowhere.wav")
    assert error.value.exit_code == 3
    silent = save(tmp_path / "silent.wav", np.zeros((2, RATE_HZ)))
    with pytest.raises(InputError, match=r"reference .*silent\.wav: is silent"):
        plan(mix, reference=silent)
    short = save(tmp_path / "short.wav", np.ones((2, 100)))
    with pytest.raises(InputError, match=r"reference .*short\.wav: lasts"):
        plan(mix, reference=short)


def test_a_sheet_with_a_broken_reference_is_refused() -> None:
    note = InputNote(rate_hz=44_100, channels=2, n_samples=1)
    for broken in (["a.wav"], [{"file": "a.wav", "weight": "much"}], [{"weight": 1.0}]):
        with pytest.raises(SettingError, match=r"references\.0"):
            Plan(input=note, output=OutputFormat(), target={"references": broken})
