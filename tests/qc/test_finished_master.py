"""The checks of a finished master's sound: each planted fault is found, a clean master has none."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import soxr
from finished_sounds import RATE_HZ, checks, finished, found, master, on_grid

from burnish.measure.finished import Finished
from burnish.playback.codec import round_trip
from burnish.qc.master import CHECKS, Asked, judged
from burnish.targets import delivery

SPOTIFY = Asked(delivery("spotify"))


def peaking(dbtp: float) -> np.ndarray:
    """The master with its true peak there."""
    return master() * 10.0 ** ((dbtp - finished(master()).measured.peaks.true_peak_dbtp) / 20.0)


@pytest.fixture(scope="module")
def clean() -> Finished:
    return finished(master())


@pytest.mark.parametrize("place", [None, "spotify", "apple-music", "cd", "bandcamp"])
def test_a_clean_master_passes_everywhere(clean: Finished, place: str | None) -> None:
    said = judged(clean, Asked(None if place is None else delivery(place), ceiling_dbtp=-1.0))
    assert set(said) == set(CHECKS)
    assert {n: one.findings for n, one in said.items() if one.findings} == {}


# 1: true peak


@pytest.mark.parametrize(
    ("dbtp", "asked", "severity"),
    [
        (-0.5, SPOTIFY, "warn"),
        (0.4, SPOTIFY, "fail"),
        (0.4, Asked(), "warn"),
        (-0.5, Asked(delivery("broadcast-r128")), "fail"),
        (-0.5, Asked(ceiling_dbtp=-1.0), "fail"),
        (0.4, Asked(delivery("spotify"), kept=True), "warn"),
        (-0.5, Asked(delivery("broadcast-r128"), kept=True), "fail"),
    ],
)
def test_a_true_peak_is_judged_by_whose_ceiling_it_passes(dbtp, asked, severity) -> None:
    one = found(checks(peaking(dbtp), asked), 1)["true-peak"]
    assert one.severity == severity
    assert one.evidence["true_peak_dbtp"] == pytest.approx(dbtp, abs=0.03)
    assert one.times_s


def test_a_ceiling_that_is_just_met_is_kept() -> None:
    assert not found(checks(peaking(-1.0), Asked(delivery("spotify"), ceiling_dbtp=-1.0)), 1)


# 2: clipped runs


def test_a_run_of_six_at_full_scale_fails_and_one_of_four_warns() -> None:
    for n, severity in ((8, "fail"), (4, "warn")):
        samples = peaking(-3.0)
        samples[0, 100_000 : 100_000 + n] = 1.0
        one = found(checks(samples), 2)["clipped"]
        assert one.severity == severity
        assert one.evidence["longest_samples"] == n
        assert one.times_s[0][0] == pytest.approx(100_000 / RATE_HZ, abs=1e-3)


def test_a_run_is_whole_over_the_edge_of_a_second() -> None:
    samples = peaking(-3.0)
    samples[1, RATE_HZ - 3 : RATE_HZ + 4] = -1.0
    assert found(checks(samples), 2)["clipped"].evidence["longest_samples"] == 7


def test_the_crest_of_a_slow_wave_is_not_clipped() -> None:
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    wave = on_grid(np.sin(2 * np.pi * 25.0 * t), 16)
    assert np.abs(wave).max() > 0.9999
    assert not found(checks(np.stack((wave, wave))), 2)


def test_what_was_clipped_and_turned_down_warns() -> None:
    said = found(checks(0.7 * np.clip(6.0 * master(), -1.0, 1.0)), 2)
    assert said["clipped-earlier"].severity in ("warn", "fail")


# 3: DC


@pytest.mark.parametrize(("offset", "severity"), [(0.003, "warn"), (0.03, "fail")])
def test_an_offset_of_the_whole(offset: float, severity: str) -> None:
    assert found(checks(master() + offset), 3)["dc"].severity == severity


def test_an_offset_of_some_seconds_has_its_place() -> None:
    samples = master(20.0).copy()
    samples[0, 6 * RATE_HZ : 11 * RATE_HZ] += 0.01
    samples[0, 13 * RATE_HZ : 18 * RATE_HZ] -= 0.01
    one = found(checks(samples), 3)["dc"]
    assert one.severity == "warn"
    assert one.times_s[0][0] == pytest.approx(6.0, abs=2.1)


# 4: clicks, hard cuts


def test_clicks_are_listed_with_their_times() -> None:
    samples, at = master().copy(), np.array([1.13, 2.37, 3.11, 4.61, 5.87])
    samples[0, (at * RATE_HZ).astype(int)] += 0.6
    one = found(checks(samples), 4)["clicks"]
    assert one.severity == "warn"
    assert np.allclose([0.5 * (a + b) for a, b in one.times_s], at, atol=0.02)


def test_a_hard_cut_is_told_unless_the_next_song_follows() -> None:
    samples = master()[:, : 4 * RATE_HZ + 100].copy()
    samples[:, -1] = 0.2
    one = found(checks(samples), 4)["hard-cut"]
    assert (one.severity, one.evidence["which"]) == ("warn", "last")
    assert not found(checks(samples, Asked(ends=False)), 4)


# 5: dropouts, repeats, a channel off


def test_a_dropout_fails() -> None:
    samples = master().copy()
    at = int(2.05 * RATE_HZ)
    samples[:, at : at + 900] = 0.0
    one = found(checks(samples), 5)["dropouts"]
    assert one.severity == "fail"
    assert one.times_s[0][0] == pytest.approx(2.05, abs=0.01)


def test_the_gaps_of_a_side_are_no_dropouts_and_one_elsewhere_is() -> None:
    samples = master(12.0).copy()
    samples[:, 4 * RATE_HZ : 6 * RATE_HZ] = 0.0
    assert found(checks(samples), 5)["dropouts"].evidence["gaps"] == 1
    meant = Asked(gaps_s=((4.0, 6.0),))
    assert not found(checks(samples, meant), 5)
    at = int(8.05 * RATE_HZ)
    samples[:, at : at + 900] = 0.0
    one = found(checks(samples, meant), 5)["dropouts"]
    assert one.severity == "fail"
    assert one.evidence["gaps"] == 1
    assert one.times_s[0][0] == pytest.approx(8.05, abs=0.01)


def test_a_block_that_is_played_twice_fails() -> None:
    samples, at = master().copy(), 2 * RATE_HZ + 700
    samples[:, at + 512 : at + 1024] = samples[:, at : at + 512]
    assert found(checks(samples), 5)["repeated-blocks"].severity == "fail"


def test_a_channel_that_goes_off_fails() -> None:
    samples = master(20.0).copy()
    fade = np.ones(20 * RATE_HZ)
    edge = RATE_HZ // 20
    fade[8 * RATE_HZ : 9 * RATE_HZ] = 0.0
    fade[8 * RATE_HZ - edge : 8 * RATE_HZ] = np.linspace(1.0, 0.0, edge)
    fade[9 * RATE_HZ : 9 * RATE_HZ + edge] = np.linspace(0.0, 1.0, edge)
    samples[0] *= fade
    one = found(checks(samples), 5)["channel-off"]
    assert one.severity == "fail"
    assert one.evidence["channel"] == "left"
    assert one.times_s[0][0] == pytest.approx(8.0, abs=0.5)


# 6 and 7: the ends


def padded(before_s: float, after_s: float) -> np.ndarray:
    """The master with silence around it."""
    return np.pad(master(), ((0, 0), (round(before_s * RATE_HZ), round(after_s * RATE_HZ))))


def test_long_silence_warns_and_a_gap_is_meant() -> None:
    said = checks(padded(3.0, 12.0))
    assert found(said, 6)["silence-head"].severity == "warn"
    assert found(said, 6)["silence-tail"].severity == "warn"
    assert not found(checks(padded(0.0, 12.0), Asked(gap_s=11.0)), 6)


def test_silence_alone_fails() -> None:
    assert found(checks(np.zeros((2, 3 * RATE_HZ))), 6)["silent"].severity == "fail"


def test_an_end_that_is_cut_is_told() -> None:
    cut = master()[:, : 5 * RATE_HZ]
    assert found(checks(cut), 7)["truncated"].severity == "warn"
    assert checks(cut, Asked(ends=False))[7].applies is False
    behind = np.pad(cut, ((0, 0), (0, RATE_HZ)))
    assert found(checks(behind), 7)["truncated"].times_s[0][1] == pytest.approx(5.0, abs=0.05)


def faded(bump_db: float) -> np.ndarray:
    """Eighteen seconds that fade over twelve, 8 dB a second, with a bump on the way."""
    n = 18 * RATE_HZ
    t = np.arange(n) / RATE_HZ
    gain_db = np.where(t < 6.0, 0.0, -8.0 * (t - 6.0))
    gain_db += np.where((t > 11.0) & (t < 12.5), bump_db, 0.0)
    tones = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 331.0, 495.0))
    return np.stack((tones, 0.9 * tones)) * 0.2 * 10.0 ** (gain_db / 20.0)


def test_a_fade_that_goes_up_again_is_told() -> None:
    assert not found(checks(faded(0.0)), 7)
    assert found(checks(faded(20.0)), 7)["fade-rises"].times_s[0][0] == pytest.approx(11.0, abs=1.1)


# 8: image


def test_a_channel_that_is_turned_over_fails() -> None:
    samples = master().copy()
    samples[1] *= -1.0
    assert found(checks(samples), 8)["polarity"].severity == "fail"


def test_balance_mono_and_a_silent_channel() -> None:
    samples = master().copy()
    samples[0] *= 0.5
    assert found(checks(samples), 8)["imbalance"].severity == "warn"
    both = np.stack((master()[0], master()[0]))
    assert found(checks(both), 8)["mono"].severity == "info"
    samples[0] = 0.0
    assert found(checks(samples), 8)["silent-channel"].severity == "fail"
    assert checks(master()[:1])[8].applies is False


def test_a_channel_that_comes_late_is_told() -> None:
    samples = np.stack((master()[0], np.roll(master()[0], 40)))
    one = found(checks(samples), 8)["channel-delay"]
    assert one.severity == "warn"
    assert one.evidence["delay_ms"] == pytest.approx(1e3 * 40 / RATE_HZ, abs=0.05)


# 9: loudness


def test_a_demand_fails_and_a_playback_reference_only_tells(clean: Finished) -> None:
    said = judged(clean, Asked(delivery("broadcast-r128")))
    assert found(said, 9)["loudness-missed"].severity == "fail"
    assert not judged(clean, SPOTIFY)[9].findings
    assert "Spotify" in judged(clean, SPOTIFY)[9].told
    measured = clean.measured
    at_23 = master() * 10.0 ** ((-23.0 - (measured.loudness.integrated_lufs or 0.0)) / 20.0)
    assert not found(checks(at_23, Asked(delivery("broadcast-r128"))), 9)


def test_a_master_without_peaks_is_flat() -> None:
    random = np.random.default_rng(3).standard_normal((2, 9 * RATE_HZ))
    assert found(checks(0.5 * np.clip(random, -0.7, 0.7)), 9)["flat"].severity == "warn"


# 11 to 13: where it comes from


def with_info(one: Finished, **info: object) -> Finished:
    """As if it had been read from such a file."""
    given = {"bits": 24, "is_float": False, "codec": "pcm", "format": "wav", "rate_hz": RATE_HZ}
    told = SimpleNamespace(**{**given, **info})
    return replace(one, examined=replace(one.examined, info=told))


def test_sixteen_bits_in_twenty_four() -> None:
    padded_bits = with_info(finished(on_grid(master(), 16)))
    assert found(judged(padded_bits, SPOTIFY), 11)["padded-bits"].severity == "warn"
    assert not judged(with_info(finished(master())), SPOTIFY)[11].findings


def test_what_was_sampled_up() -> None:
    up = np.ascontiguousarray(soxr.resample(master().T, RATE_HZ, 96_000, "VHQ").T)
    raised = with_info(finished(on_grid(up, 24), 96_000), rate_hz=96_000)
    assert found(judged(raised, SPOTIFY), 12)["upsampled"].severity == "warn"
    assert not judged(with_info(finished(master())), SPOTIFY)[12].findings


def test_what_was_lossy_before() -> None:
    back = np.concatenate(list(round_trip(iter([master()]), RATE_HZ, 2, "aac-128")), axis=1)
    lossy = with_info(finished(on_grid(back, 24)))
    one = found(judged(lossy, SPOTIFY), 13)["lossy-source"]
    assert one.severity == "warn"
    assert 0.5 < one.confidence <= 1.0
    assert (
        judged(with_info(finished(master()), bits=None, codec="mp3"), SPOTIFY)[13].applies is False
    )


# 14: noise


def test_hum_and_a_noise_floor_that_is_too_high() -> None:
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    hum = sum(
        10.0 ** (-(38.0 + 3.0 * k) / 20.0) * np.sin(2 * np.pi * 50.0 * k * t) for k in range(1, 7)
    )
    assert found(checks(padded(0.0, 11.0) + hum), 14)["hum"].severity == "warn"
    noise = 10.0 ** (-45.0 / 20.0) * np.random.default_rng(1).standard_normal((2, len(t)))
    said = found(checks(master(20.0) + noise, Asked(delivery("audiobook"))), 14)
    assert said["noise-floor"].severity == "fail"
