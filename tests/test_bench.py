"""The judges of bench/ are judged: against theory, and against the slow way."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import (
    aliases,
    damage,
    kept,
    limiters,
    loud,
    metrics,
    other_song,
    page,
    recover,
    restore,
)

RATE_HZ = 48000


def sine(frequency_hz, gain=1.0, seconds=3.0, phase=0.0, rate_hz=RATE_HZ):
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return gain * np.sin(2 * np.pi * frequency_hz * t + phase)


def music(seconds=4.0, seed=7):
    """Noise that falls like music, with swells and hits: peaks, quiet parts, both channels."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    swell = 0.3 + 0.2 * np.sin(2 * np.pi * 0.7 * t) + 0.5 * np.exp(-(t % 0.5) / 0.03)
    noise = signal.lfilter([1.0], [1.0, -0.9], rng.standard_normal((2, n)))
    return 0.1 * swell * noise


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
def test_a_full_scale_sine_in_one_channel_reads_minus_3_01_lufs(rate_hz):
    tone = sine(997, seconds=4, rate_hz=rate_hz)[None]
    assert metrics.integrated_lufs(tone, rate_hz) == pytest.approx(-3.01, abs=0.03)


def test_k_weighting_is_that_of_the_standard_at_48_khz():
    shelf, high_pass = metrics.k_weighting(48000)
    assert shelf[:3] == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285])
    assert shelf[4:] == pytest.approx([-1.69065929318241, 0.73248077421585])
    assert high_pass[4:] == pytest.approx([-1.99004745483398, 0.99007225036621])


def test_silence_and_short_input_have_no_loudness():
    assert metrics.integrated_lufs(np.zeros((2, RATE_HZ)), RATE_HZ) == -math.inf
    assert metrics.integrated_lufs(np.ones((2, 100)), RATE_HZ) == -math.inf
    assert metrics.true_peak_dbtp(np.zeros((2, 100)), RATE_HZ) == -math.inf


@pytest.mark.parametrize(("divisor", "degrees"), [(4, 45.0), (6, 60.0), (8, 67.5)])
def test_true_peak_between_the_samples(divisor, degrees):
    tone = sine(RATE_HZ / divisor, 0.5, 0.5, np.radians(degrees))
    faded = tone * signal.windows.tukey(tone.size, 0.2)
    assert metrics.true_peak_dbtp(faded[None], RATE_HZ) == pytest.approx(-6.02, abs=0.005)


def test_true_peak_in_two_steps_is_that_of_interpolating_everything():
    x = np.clip(8 * music(), -0.7, 0.7)
    taps = metrics.interpolator(16)
    everything = max(np.abs(signal.resample_poly(c, 16, 1, window=taps / 16)).max() for c in x)
    slow_dbtp = 20 * math.log10(everything)
    assert slow_dbtp > 20 * math.log10(0.7) + 1.0
    assert metrics.true_peak_dbtp(x, RATE_HZ) == pytest.approx(slow_dbtp, abs=1e-9)


def test_distances_are_nothing_for_a_gain_and_something_for_a_clip():
    x = music()
    assert metrics.log_spectral_distance_db(x, 0.3 * x, RATE_HZ) == pytest.approx(0, abs=1e-9)
    assert metrics.crest_loss_db(x, 0.3 * x, RATE_HZ) == pytest.approx(0, abs=1e-9)
    assert metrics.third_octave_error_db(x, 0.3 * x, RATE_HZ) == pytest.approx(0, abs=1e-9)
    clipped = np.clip(x, -0.1, 0.1)
    assert metrics.log_spectral_distance_db(x, clipped, RATE_HZ) > 0.5
    assert metrics.crest_loss_db(x, clipped, RATE_HZ) > 0.5


def test_third_octaves_of_a_shelf():
    x = music()
    bright = x + signal.sosfilt(signal.butter(1, 1000, "high", fs=RATE_HZ, output="sos"), x)
    assert 1.0 < metrics.third_octave_error_db(x, bright, RATE_HZ) < 4.0


def test_thd_of_a_known_harmonic():
    def second_harmonic(x, rate_hz, ceiling_dbtp, input_gain_db):
        return x + 1e-3 * signal.hilbert(x).imag * x / np.abs(x).max() * 2

    assert metrics.thd_n_db(second_harmonic, 1000.0) == pytest.approx(-60.0, abs=0.1)
    assert metrics.thd_n_db(lambda x, *_: x, 60.0) < -200


def test_pumping_of_a_known_gain():
    def tremolo(x, rate_hz, ceiling_dbtp, input_gain_db):
        t = np.arange(x.shape[1]) / rate_hz
        return x * 10 ** (np.sin(2 * np.pi * 2 * t) / 20)

    assert metrics.pumping_db(tremolo) == pytest.approx(2.0, abs=0.1)
    assert metrics.pumping_db(lambda x, *_: x) == pytest.approx(0.0, abs=1e-6)


def steady(seconds=8.0):
    """Kicks at 2 Hz over a hiss that never moves, both channels alike."""
    n = round(seconds * RATE_HZ)
    t = np.arange(n) / RATE_HZ % 0.5
    kicks = np.sin(2 * np.pi * 55 * t) * np.exp(-t / 0.04)
    return np.stack([kicks + 0.01 * np.random.default_rng(3).standard_normal(n)] * 2)


def test_pumping_of_music_of_known_gains():
    x = steady()
    t = np.arange(x.shape[1]) / RATE_HZ

    def pumping(gain_db):
        return metrics.music_pumping_db(x, x * 10 ** (gain_db / 20), RATE_HZ)

    assert pumping(-7.0) == pytest.approx(0.0, abs=1e-6)
    assert pumping(np.sin(2 * np.pi * 2 * t)) == pytest.approx(2.0, abs=0.1)  # 2 dB p-p
    assert pumping(3 * np.sin(2 * np.pi * 0.1 * t)) < 0.2  # a ride is not pumping
    shelf = signal.butter(1, 3000, "high", fs=RATE_HZ, output="sos")
    assert metrics.music_pumping_db(x, x + signal.sosfilt(shelf, x), RATE_HZ) < 0.15
    assert metrics.music_pumping_db(0 * x, 0 * x, RATE_HZ) == 0.0


def test_what_a_hit_loses_itself_is_not_pumping():
    """Clipping bursts of noise leaves the hiss between them alone; ducking by them does not."""
    x = steady()
    hits = np.arange(x.shape[1]) / RATE_HZ % 0.5 < 0.05
    x[:, hits] += 0.2 * np.random.default_rng(4).standard_normal((2, hits.sum()))
    lower = np.where(hits, 10 ** (-6 / 20), 1.0)
    assert metrics.music_pumping_db(x, x * lower, RATE_HZ) < 0.2
    after = np.maximum(0.0, 1 - (np.arange(x.shape[1]) / RATE_HZ % 0.5) / 0.4)
    assert metrics.music_pumping_db(x, x * 10 ** (-6 * after / 20), RATE_HZ) > 2.0


@pytest.mark.parametrize("frequency_hz", [1245, 4987])
def test_aliases_of_a_known_kind(frequency_hz):
    def added(y):
        return metrics.added_to_tone_db(y, frequency_hz, 44100)

    tone = sine(frequency_hz, 0.5, 1.0, rate_hz=44100)
    assert max(added(tone)) < -220
    more = tone + sine(3 * frequency_hz, 0.05, 1.0, rate_hz=44100) + 0.01
    assert added(more)[0] == pytest.approx(-20.0, abs=0.01)
    assert added(more)[1] < -220
    folded = more + sine(44100 - 33 * 1245, 0.0005, 1.0, rate_hz=44100)
    assert added(folded)[1] == pytest.approx(-60.0, abs=0.01)
    clipped = np.clip(tone, -0.3, 0.3)  # at 44.1 kHz, without care
    assert added(clipped)[1] > -50
    assert metrics.added_to_tone_db(0 * tone, frequency_hz, 44100)[1] == -math.inf


def test_figures_are_kept_until_what_they_depend_on_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    assert kept.Kept("table", 1).of("a", lambda: {"figure": 2}) == {"figure": 2}
    assert kept.Kept("table", 1).of("a", lambda: {"figure": 3}) == {"figure": 2}
    assert kept.Kept("table", 2).of("a", lambda: {"figure": 3}) == {"figure": 3}


def test_loudness_is_searched_to_a_fiftieth_and_given_up_where_it_cannot_be():
    def clipper(x, rate_hz, ceiling_dbtp, input_gain_db):
        ceiling = 10 ** (ceiling_dbtp / 20)
        return np.clip(x * 10 ** (input_gain_db / 20), -ceiling, ceiling)

    x = music()
    made, gain_db = limiters.made_loud(clipper, x, RATE_HZ, -10.0, -1.0)
    assert metrics.integrated_lufs(made, RATE_HZ) == pytest.approx(-10.0, abs=0.02)
    assert gain_db > -10.0 - metrics.integrated_lufs(x, RATE_HZ)
    assert limiters.made_loud(clipper, x, RATE_HZ, 10.0, -1.0) is None


def test_best_peer_leaves_out_ours_and_what_breaks_the_ceiling():
    def row(over_db, lsd_db):
        return {"r": {"over_db": over_db, "lsd_db": lsd_db}}

    table = {"burnish": row(0, 1), "a": row(0, 3), "b": row(2, 2), "c": {"r": None}}
    assert limiters.best_peer(table, "r", "lsd_db") == 2
    assert limiters.best_peer(table, "r", "lsd_db", most_over_db=0.3) == 3
    assert limiters.best_peer({"c": {"r": None}}, "r", "lsd_db") is None


def test_a_section_is_replaced_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE", tmp_path / "docs" / "benchmarks.md")
    page.write_section("speed", "fast")
    page.write_section("quality", "good")
    page.write_section("speed", "faster")
    text = page.PAGE.read_text()
    assert "faster" in text
    assert "good" in text
    assert text.count("<!-- speed: begin -->") == 1
    assert "fast\n" not in text
    assert page.exit_code([page.Goal("a", "1", "2", True)]) == 0
    assert page.exit_code([page.Goal("a", "1", "2", None)]) == 1


def song(seconds=30.0):
    """Music whose side is not its mid, at its own loudness in each second."""
    return music(seconds) + 0.3 * music(seconds, seed=8)[::-1]


def test_the_recover_test_finds_nothing_in_the_same_sound():
    wanted = recover.figures(song(), RATE_HZ)
    assert recover.errors(wanted, wanted) == dict.fromkeys(recover.MEASURES, 0.0)
    louder = recover.errors(recover.figures(1.5 * song(), RATE_HZ), wanted)
    assert louder.pop("loudness_lu") == pytest.approx(20 * math.log10(1.5), abs=1e-6)
    assert max(louder.values()) < 1e-6


def test_the_recover_test_tells_mid_from_side():
    x = song()
    wanted = recover.figures(x, RATE_HZ)
    mid, side = (x[0] + x[1]) / 2, (x[0] - x[1]) / 2
    narrow = np.stack((mid + side / 2, mid - side / 2))
    got = recover.errors(recover.figures(narrow, RATE_HZ), wanted)
    turned_up_db = wanted["loudness"] - metrics.integrated_lufs(narrow, RATE_HZ)
    assert got["side_db"] == pytest.approx(6.02 - turned_up_db, abs=0.01)
    assert got["mid_db"] == pytest.approx(turned_up_db, abs=0.01)


def test_a_draw_is_its_seed_and_widens_the_dynamics():
    x = song()
    once, again = (recover.degraded(x, RATE_HZ, 3) for _ in range(2))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, recover.degraded(x, RATE_HZ, 4))
    spread = [recover.figures(one, RATE_HZ)["spread"] for one in (x, once)]
    assert spread[1] > 1.1 * spread[0]


def test_song_and_reference_share_no_sample(tmp_path, monkeypatch):
    """Piece k of the track is a constant k: A holds the even ones, B the odd ones."""
    n = recover.PIECE_S * 8000
    track = np.repeat(np.arange(1, 8), n)[None] * np.full((2, 1), 0.1)
    path = tmp_path / "77_x.wav"
    limiters.soundfile.write(path, track.T, 8000, "DOUBLE")
    monkeypatch.setattr(recover, "track_path", lambda number: path)
    a, b, rate_hz = recover.halves("77")
    fade = round(recover.FADE_S * rate_hz)
    for half, of in ((a, (1, 3, 5, 7)), (b, (2, 4, 6))):
        assert half.shape[1] == len(of) * n - (len(of) - 1) * fade
        for k, value in enumerate(of):
            middle = k * (n - fade) + n // 2
            assert half[0, middle] == pytest.approx(0.1 * value)


def errors_of(value):
    return dict.fromkeys(recover.MEASURES, value)


def test_recover_counts_what_came_out_worse():
    told = {"before": errors_of(0.5), "reference": errors_of(1), "matchering": errors_of(1)}
    rows = {
        ("01", 1): told | {"burnish": errors_of(0.55)},
        ("02", 1): told | {"burnish": errors_of(3)},
    }
    everything, over = recover.worse(rows, "burnish")
    assert len(everything) == 10
    assert over == [f"02/1 {word}" for word in recover.WORDS.values()]
    verdicts = [goal.passed for goal in recover.goals(rows)]
    assert verdicts == [False] * 6
    assert all(
        goal.passed for goal in recover.goals({("01", 1): told | {"burnish": errors_of(0.5)}})
    )


def loud_row(ours, **peers):
    keys = ("lsd_db", "crest_loss_db", "pumping_db", "over_db", "visqol_mos", "zimtohrli")
    row = {"burnish": ours, **peers}
    return {
        who: None
        if figures is None
        else dict(zip(keys, figures, strict=True)) | {"loudness_lufs": -9}
        for who, figures in row.items()
    }


def test_the_loud_table_counts_rows_won():
    won = loud_row((1, 0.5, 1, 0, 4.7, 0.001), a=(2, 0.504, 2, 1.5, 4.6, 0.002), b=None)
    lost = loud_row((3, 0.5, 1, 0, 4.5, 0.003), a=(2, 0.4, 0.5, 1.5, 4.6, 0.002))
    assert loud.is_best(won, "lsd_db")
    assert loud.is_best(won, "crest_loss_db")  # 0.50 as printed
    assert not loud.is_best(lost, "lsd_db")
    assert loud.is_best(lost, "lsd_db", most_over_db=0.3)
    assert loud.directions(won) == (1, 1, 1)
    assert loud.directions(lost) == (-1, -1, -1)
    goals = loud.goals({"x @ -9": won, "y @ -9": lost})
    by_name = {goal.figure: goal for goal in goals}
    assert by_name["-9 LUFS: best or equal-best LSD"].measured.startswith("1 of 2 rows (2 ")
    assert by_name["-9 LUFS: ViSQOL agrees with LSD"].passed


def test_a_loud_row_that_was_not_reached_is_not_won():
    short = loud_row((1, 0.5, 1, 0, 4.7, 0.001), a=(2, 1, 2, 0, 4.6, 0.002))
    short["burnish"]["loudness_lufs"] = -9.2
    goals = {goal.figure: goal for goal in loud.goals({"x @ -9": short})}
    assert not any(goal.passed for goal in goals.values())


def pair(alike, ours, theirs, guards=(), before=5.0):
    def figures(value):
        return {"mid_db": value, "side_db": value, "loudness_lu": 0.01}

    burnish = figures(ours) | {"stopped_by": "", "guards": list(guards)}
    return {
        "alike": alike,
        "before": figures(before),
        "matchering": figures(theirs),
        "burnish": burnish,
    }


def test_the_other_song_has_to_be_near_or_told():
    def missed(**row):
        return [
            goal.figure for goal in other_song.goals({("a", "b"): pair(**row)}) if not goal.passed
        ]

    assert missed(alike=True, ours=1.0, theirs=1.0)[-1:] == []
    assert len(missed(alike=True, ours=1.5, theirs=1.0)) == 4
    assert len(missed(alike=True, ours=1.5, theirs=1.0, guards=["held"])) == 2  # the means
    assert "unlike pairs: the plan says so" in missed(alike=False, ours=4.0, theirs=1.0)
    assert "tone further from the reference than before" in missed(alike=True, ours=6.0, theirs=7.0)


def test_every_processor_is_judged_for_aliases():
    from burnish.processors import RACK

    mending = {name for name, (module, _) in RACK.items() if module.startswith("repair.")}
    assert {case.processor for case in aliases.cases()} == set(RACK) - mending
    harmonics, folded = aliases.judge(aliases.CASES[0], 1245, -6.0)
    assert harmonics > -70
    assert folded < -200


def test_damage_is_what_it_says():
    x = 0.3 * music()
    noise = damage.hissing(x, RATE_HZ, -50.0, np.random.default_rng(1))
    clean, damaged, lead = noise
    assert metrics_rms_db((damaged - clean)[:, :lead]) == pytest.approx(-50.0, abs=0.1)
    assert not clean[:, :lead].any()
    hum = damage.humming(x, RATE_HZ, 59.9, np.random.default_rng(2)) - x
    assert metrics_rms_db(hum) == pytest.approx(-35.0, abs=0.01)
    power = np.abs(np.fft.rfft(hum[0] * np.hanning(hum.shape[1]))) ** 2
    assert np.fft.rfftfreq(hum.shape[1], 1 / RATE_HZ)[power.argmax()] == pytest.approx(
        59.9, abs=0.2
    )
    once, again = (damage.clicked(x, RATE_HZ, 1.0, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(once, again)
    changed = (once != x).mean()
    assert 0.0015 < changed <= 0.003  # three a second, 1 ms long, but for what overlaps
    cut = damage.clipped(x, 6.0)
    assert 20 * math.log10(np.abs(x).max() / np.abs(cut).max()) == pytest.approx(6.0)


def metrics_rms_db(x):
    return 10 * math.log10(np.square(x).mean())


def test_a_mended_twin_is_held_against_the_clean_one():
    x = music()
    noise = 0.01 * np.random.default_rng(4).standard_normal(x.shape)
    sounds = damage.Sounds(x, x + noise, RATE_HZ)
    assert sounds.gain_db(x + 0.1 * noise) == pytest.approx(20.0)
    assert sounds.gain_db(x + 2 * noise) == pytest.approx(-20 * math.log10(2))
    late = np.pad(x + 0.1 * noise, ((0, 0), (700, 0)))
    assert sounds.gain_db(restore.aligned(sounds, late)) > 19.0
    assert np.array_equal(restore.aligned(sounds, x), x)


def test_repair_has_to_be_better_harmless_and_fast():
    rows = {
        (group, "a"): {"burnish": 3.0, "before": 20.0} | dict.fromkeys(peers, 2.0)
        for group, peers in restore.PEERS.items()
    }
    factors = dict.fromkeys(restore.FASTEST, 30.0)
    assert all(goal.passed for goal in restore.goals(rows, {"t": ("", -math.inf)}, factors))
    rows["hiss", "a"]["noisereduce"] = 3.5
    nulls = {"t": ("declick", -60.0)}
    found = restore.goals(rows, nulls, factors | {"declip": 1.0, "dehum": None})
    missed = [goal.figure for goal in found if not goal.passed]
    assert len(missed) == 4
    assert "hiss: mean gain of SDR against noisereduce" in missed
