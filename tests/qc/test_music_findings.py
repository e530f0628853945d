"""Findings of low end, voice and treble: quiet on clean music, and true where a fault is."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.signal import butter, sosfilt, sosfiltfilt

from burnish.audio import open_source
from burnish.measure.music import MusicDetector
from burnish.qc.low_end import low_end
from burnish.qc.music import music
from burnish.qc.resonance import resonance
from burnish.qc.voice import voice
from burnish.targets import style

FAMILIES = (resonance, low_end, voice, music)
CLEAN = (
    *("01_karissa_lets_go_fishin.ogg", "02_macleod_vibe_ace.ogg"),
    *("03_usarmystrings_hungarian5.ogg", "04_helland_leaving_millie.mp3"),
    *("05_helland_faith_love_remix.mp3", "06_helland_surreptitious.mp3"),
    *("08_morin_on_the_run.ogg", "09_crystan_battlescape01.ogg", "10_vanethian_theme.ogg"),
    *("11_reeves_david05.ogg", "12_sectoid_war_of_freedom_backing.ogg"),
    *("14_lmms_saber_final_step.flac", "15_lmms_alf42red_mauiwowi.flac"),
)


def load(path, start_s=0.0, duration_s=1e9):
    with open_source(path) as source:
        rate_hz = source.info.rate_hz
        first = int(start_s * rate_hz)
        stop = first + int(min(duration_s, 1e6) * rate_hz)
        return np.concatenate(list(source.blocks(start=first, stop=stop)), axis=1), rate_hz


def findings(samples, rate_hz):
    detector = MusicDetector(rate_hz, len(samples))
    for start in range(0, samples.shape[1], rate_hz):
        detector.feed(samples[:, start : start + rate_hz])
    source = SimpleNamespace(duration_s=samples.shape[1] / rate_hz)
    examined = SimpleNamespace(music=detector.finish(None), measured=SimpleNamespace(source=source))
    return [one for family in FAMILIES for one in family(examined, style("pop"))]


def by_code(samples, rate_hz):
    return {one.code: one for one in findings(samples, rate_hz)}


@pytest.mark.corpus
def test_clean_music_gets_few_warnings(corpus):
    """A minute of each of 13 clean tracks: no more than 0.3 warnings a track.

    `make quality` asks the same of the whole tracks.
    """
    warned, noted = [], []
    for name in CLEAN:
        for one in findings(*load(corpus / "tracks" / name, 30.0, 60.0)):
            if one.code not in ("tempo", "key"):
                (noted if one.severity == "info" else warned).append((name, one.code))
    assert len(warned) <= 0.3 * len(CLEAN), warned
    assert len(noted) <= len(CLEAN), noted


@pytest.mark.corpus
def test_sharper_sibilants_are_a_warning_where_somebody_sings(corpus):
    samples, rate_hz = load(corpus / "tracks" / "01_karissa_lets_go_fishin.ogg", 40.0, 24.0)
    assert "sibilance" not in by_code(samples, rate_hz)
    high = sosfilt(butter(2, (6000, 9000), "bandpass", fs=rate_hz, output="sos"), samples)
    power = np.convolve(high.mean(axis=0) ** 2, np.ones(1000) / 1000, mode="same")
    sharp = samples + 2.5 * high * (power > np.percentile(power, 92.0))
    found = by_code(sharp, rate_hz)["sibilance"]
    assert found.severity == "warn"
    assert found.times_s
    assert "De-ess" in found.advice


@pytest.mark.corpus
def test_ringing_cymbals_are_told_with_place_and_times(corpus):
    samples, rate_hz = load(corpus / "stems" / "song1" / "mix_unmastered.flac", 15.0, 30.0)
    ring = sosfiltfilt(
        butter(1, (7300, 7700), "bandpass", fs=rate_hz, output="sos"), samples, axis=1
    )
    t = np.arange(samples.shape[1]) / rate_hz
    found = by_code(samples + 6.0 * ring * ((t > 10) & (t < 20)), rate_hz)["resonance"]
    assert found.frequency_hz == pytest.approx(7500, rel=0.05)
    assert found.times_s[0][0] == pytest.approx(10.0, abs=2.0)
    assert found.times_s[-1][1] == pytest.approx(20.0, abs=2.0)
    assert found.title == f"Harsh cymbals around {found.frequency_hz / 1000:.1f} kHz"
    assert f"dB less around {found.frequency_hz / 1000:.1f} kHz" in found.advice


def test_a_bass_that_moves_from_side_to_side_is_warned_of():
    rate_hz = 44100
    t = np.arange(30 * rate_hz) / rate_hz
    tone = 0.2 * np.sin(2 * np.pi * 70.0 * t)
    pan = 0.5 * np.sin(2 * np.pi * t / 15.0)
    found = by_code(np.stack((tone * (1 - pan), tone * (1 + pan))), rate_hz)["wandering-bass"]
    assert found.severity == "warn"
    assert found.frequency_hz < 150.0
    assert "wandering-bass" not in by_code(np.stack((tone, tone)), rate_hz)


def test_silence_and_a_moment_have_nothing_to_tell():
    for n in (0, 100, 44100 * 20):
        assert findings(np.zeros((2, n)), 44100) == []


def test_one_bass_note_that_booms_is_told_with_its_frequency():
    rate_hz, rng = 44100, np.random.default_rng(5)
    t = np.arange(int(0.9 * rate_hz)) / rate_hz
    fade = np.clip(np.minimum(t, 0.9 - t) / 0.02, 0.0, 1.0)
    hz = [82.4 if k % 2 else (55.0, 65.4, 73.4, 98.0)[rng.integers(4)] for k in range(90)]

    def played(gain):
        notes = [(gain if f == 82.4 else 1.0) * fade * np.sin(2 * np.pi * f * t) for f in hz]
        mono = 0.1 * np.concatenate(notes)
        return by_code(np.stack((mono, mono)), rate_hz)

    found = played(4.0)["one-note-bass"]
    assert found.severity == "warn"
    assert found.frequency_hz == pytest.approx(82.4, rel=0.03)
    assert found.evidence["over_db"] == pytest.approx(12.0, abs=1.5)
    assert "one-note-bass" not in played(1.0)
