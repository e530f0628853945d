"""The noise floor is found where it is bare, as strong as it is; music is not hiss."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource, read
from burnish.errors import InputError
from burnish.measure.examine import examine
from burnish.measure.hiss import Hiss, noise_profile
from pieces import made_once

Floats = NDArray[np.float64]

RATE_HZ = 44_100
WHITE_A_DB = -2.4  # what the A curve makes of white noise to 20 kHz


def hiss(rms_dbfs: float, duration_s: float, channels: int = 2) -> Floats:
    rng = np.random.default_rng(1)
    return np.asarray(
        10 ** (rms_dbfs / 20) * rng.standard_normal((channels, round(duration_s * RATE_HZ)))
    )


@made_once
def music(duration_s: float, pause_s: float = 0.0) -> Floats:
    """Chords with bright overtones, each as loud as it likes, that die away into the next."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    rng = np.random.default_rng(5)
    starts = np.cumsum(rng.uniform(0.2, 1.0, round(4 * duration_s)))
    chord = np.searchsorted(starts, t)
    age = t - np.concatenate(((0.0,), starts))[chord]
    loud = 10 ** (rng.uniform(-14, 0, len(starts) + 1)[chord] / 20)
    tones = [220 * 1.26**k for k in range(19)]
    out = [sum(np.sin(2 * np.pi * f * t + c * f) for f in tones) for c in (0.0, 1.0)]
    bright = np.random.default_rng(2).standard_normal((2, len(t)))
    sound = np.asarray(np.stack(out) + bright) * (0.02 * loud * np.exp(-age / 0.3))
    sound[:, : round(pause_s * RATE_HZ)] = 0.0
    return sound


def found_in(samples: Floats) -> Hiss:
    return examine(Audio(samples, RATE_HZ)).hiss


@pytest.mark.parametrize("rms_dbfs", [-70.0, -60.0, -50.0, -40.0])
def test_hiss_in_a_pause(rms_dbfs: float) -> None:
    """1.5 s of it before the music: strength within 0.3 dB, each third octave within 3."""
    found = found_in(music(24.0, 1.5) + hiss(rms_dbfs, 24.0))
    assert found.confidence == 1.0
    assert found.a_weighted_dbfs == pytest.approx(rms_dbfs + WHITE_A_DB, abs=0.3)
    start, end = found.times_s[0]
    assert start < 0.3
    assert 1.0 < end < 1.7
    widths_db = 10 * np.log10(1000.0 * 10 ** (np.arange(-16, 14) / 10) * 0.2307 / (RATE_HZ / 2))
    assert np.array(found.mid_dbfs)[10:29] == pytest.approx(rms_dbfs - 3 + widths_db[10:29], abs=3)
    assert np.array(found.side_dbfs)[10:29] == pytest.approx(rms_dbfs - 3 + widths_db[10:29], abs=3)


def test_music_alone_and_silence_have_none() -> None:
    for samples in (music(24.0), music(24.0, 2.0), np.zeros((2, 10 * RATE_HZ))):
        assert found_in(samples).confidence == 0.0


def test_a_mono_file_is_all_middle() -> None:
    found = found_in(music(24.0, 2.0)[:1] + hiss(-50, 24.0, channels=1))
    assert found.a_weighted_dbfs == pytest.approx(-50 + WHITE_A_DB, abs=0.3)
    assert set(found.side_dbfs) == {-140.0}


def test_a_profile_from_a_stretch() -> None:
    source = AudioSource(Audio(music(10.0, 2.0) + hiss(-50, 10.0), RATE_HZ))
    found = noise_profile(source, 0.2, 1.8)
    assert found.a_weighted_dbfs == pytest.approx(-50 + WHITE_A_DB, abs=0.2)
    assert found.times_s == ((0.2, 1.8),)
    short = noise_profile(source, 0.2, 0.4)
    assert short.a_weighted_dbfs == pytest.approx(found.a_weighted_dbfs, abs=0.5)
    assert noise_profile(source, 9.0, 99.0).times_s == ((9.0, 10.0),)


@pytest.mark.parametrize(("start_s", "end_s"), [(10.0, 11.0), (3.0, 3.0), (-1.0, 2.0), (2.0, 2.05)])
def test_a_stretch_that_is_none(start_s: float, end_s: float) -> None:
    source = AudioSource(Audio(hiss(-50, 10.0), RATE_HZ))
    with pytest.raises(InputError, match=r"has no sound|too short"):
        noise_profile(source, start_s, end_s)


@pytest.mark.corpus
@pytest.mark.parametrize("track", ["02", "03", "05", "06", "09", "11", "15"])
def test_clean_music_is_no_hiss(corpus: Path, track: str) -> None:
    path = next((corpus / "tracks").glob(f"{track}_*"))
    assert found_in(read(path).samples[:, : 60 * RATE_HZ]).confidence == 0.0


@pytest.mark.corpus
def test_a_piano_in_a_room_has_a_floor_nobody_hears(corpus: Path) -> None:
    path = next((corpus / "tracks").glob("04_*"))
    assert found_in(read(path).samples[:, : 60 * RATE_HZ]).a_weighted_dbfs < -80
