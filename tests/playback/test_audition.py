"""Audition files: equally loud, never clipped, in their place, and nothing is overwritten."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from burnish.audio import Audio, read
from burnish.errors import InputError, OutputError, SettingError
from burnish.measure import measure
from burnish.playback.named import CODECS, DEVICES, places
from burnish.playback.play import playback
from burnish.processors.show import piece
from burnish.report.playback_page import playback_page

RATE = 44_100


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of music that touch full scale."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    music = piece(RATE, 8.0)
    soundfile.write(path, (0.99 * music / np.abs(music).max()).T, RATE, subtype="PCM_24")
    return path


def loudness(path: Path) -> float:
    lufs = measure(path).loudness.integrated_lufs
    assert lufs is not None
    return lufs


def test_every_file_is_as_loud_as_the_original(song: Path, tmp_path: Path) -> None:
    names = ("phone", "car", "club", "mono", "kitchen-radio", "aac-256", "opus-128")
    result = playback(song, names, tmp_path, removed=True)
    assert result.audition == tmp_path / "song.original.wav"
    original = loudness(result.audition)
    assert original == pytest.approx(loudness(song) - result.lowered_db, abs=0.02)
    files = [*(one.audition for one in result.devices), *(one.audition for one in result.codecs)]
    for path in files:
        assert path is not None
        assert loudness(path) == pytest.approx(original, abs=0.1), path.name
        sound = read(path)
        assert np.abs(sound.samples).max() < 0.9999, path.name
        assert (sound.n_samples, sound.rate_hz) == (8 * RATE, RATE)
    assert [path.name for path in files if path][:2] == ["song.phone.wav", "song.car.wav"]
    # A car has more bass than its loudness tells: something had to be lowered, then all was.
    assert result.lowered_db > 0.0


def test_what_a_codec_removed_is_the_difference(song: Path, tmp_path: Path) -> None:
    result = playback(song, ("aac-128",), tmp_path, removed=True)
    one = result.codecs[0]
    assert one.removed is not None
    assert one.audition is not None
    gain = 10 ** ((one.gain_db - result.lowered_db) / 20)
    back = read(one.audition).samples / gain
    removed = read(one.removed).samples
    np.testing.assert_allclose(back + removed, read(song).samples, atol=1e-5)
    ratio = 10 * np.log10((removed**2).sum() / (read(song).samples ** 2).sum())
    assert one.removed_db == pytest.approx(ratio, abs=0.05)


def test_codecs_are_told_apart(song: Path) -> None:
    result = playback(song, ("mp3-128", "aac-256"))
    rough, fine = result.codecs
    assert rough.bandwidth_hz is not None
    assert 14_000 < rough.bandwidth_hz < 17_500  # LAME's low-pass at 128 kbit/s
    assert fine.bandwidth_hz is not None
    assert fine.bandwidth_hz > rough.bandwidth_hz
    assert fine.removed_db is not None
    assert rough.removed_db is not None
    assert fine.removed_db < rough.removed_db - 3.0
    assert fine.true_peak_dbtp > -1.0
    assert fine.loudness_lufs == pytest.approx(result.original.loudness.integrated_lufs, abs=0.3)
    assert fine.translation.score > 97.0


def test_a_limiting_service_is_played(song: Path) -> None:
    quiet = read(song)
    quiet = Audio(0.3 * quiet.samples, quiet.rate_hz)
    lufs = measure(quiet).loudness.integrated_lufs
    assert lufs is not None
    told = playback(quiet, ("spotify-loud",)).services[0]
    if told.limited_db:
        assert told.loudness_lufs is not None
        assert told.loudness_lufs < lufs + told.gain_db
        peak = measure(quiet).peaks.true_peak_dbtp
        assert told.true_peak_dbtp < peak + told.gain_db


def test_nothing_is_overwritten(song: Path, tmp_path: Path) -> None:
    there = tmp_path / "song.phone.wav"
    there.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        playback(song, ("phone",), tmp_path)
    assert there.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["song.phone.wav"]
    playback(song, ("phone",), tmp_path, overwrite=True)
    assert there.stat().st_size > 8 * RATE * 6


def test_the_sound_itself_is_never_overwritten(song: Path, tmp_path: Path) -> None:
    own = tmp_path / "song.phone.wav"
    own.write_bytes(song.read_bytes())
    link = tmp_path / "song.wav"
    link.symlink_to(own)
    with pytest.raises(OutputError, match="is the sound itself"):
        playback(link, ("phone",), tmp_path, overwrite=True)


def test_silence_and_a_moment_cannot_be_played() -> None:
    with pytest.raises(InputError, match="is silent"):
        playback(Audio(np.zeros((2, RATE)), RATE), ("phone",))
    with pytest.raises(InputError, match=r"lasts 0\.002 s; must be 0\.4 s or more"):
        playback(Audio(np.ones((2, 100)), RATE), ("phone",))


def test_names_are_sorted_into_their_kinds() -> None:
    usual = places(())
    assert tuple(one.name for one in usual.devices) == DEVICES
    assert tuple(one.name for one in usual.codecs) == CODECS
    assert len(usual.services) >= 10
    mixed = places(("aac-256", "phone", "spotify", "phone"))
    assert [one.name for one in mixed.devices] == ["phone"]
    assert [one.name for one in mixed.services] == ["spotify"]
    assert [one.name for one in mixed.codecs] == ["aac-256"]
    everything = places(("all",))
    assert len(everything.devices) == 13
    assert {"mp3-320", "opus-64"} <= {one.name for one in everything.codecs}
    assert not places(("codecs",)).devices
    with pytest.raises(SettingError, match=r"^on=toaster: must be one of bluetooth-speaker, "):
        places(("toaster",))
    with pytest.raises(SettingError, match=r"^codec=aac-7: "):
        places(("aac-7",))


def test_mono_music_at_every_rate() -> None:
    for rate_hz in (8_000, 96_000):
        music = piece(rate_hz, 3.0)[:1]
        result = playback(Audio(music, rate_hz), ("phone", "club", "car", "opus-64"))
        for one in result.devices:
            assert 0.0 <= one.translation.score <= 100.0
            assert one.translation.part("width").value is None


def test_the_page_needs_nothing_else(song: Path) -> None:
    page = playback_page(playback(song, ("phone", "car", "spotify", "mp3-320")))
    assert page.count("<article") == 2
    assert page.count("<svg") == 2
    assert "http" not in page
    assert "<script" not in page
    for word in ("Phone", "Car", "Spotify", "mp3-320"):
        assert word in page
    assert not re.search(r"[ >](nan|None|inf)[ <]", page)
