"""Every kind of file, read by software that burnish did not write: lengths, samples, joins."""

import hashlib
import json
import os
import resource
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource, OutputFormat, Source, Writer, open_source, read
from burnish.deliver.encode import by_lame, encode, kind, prove_decoded, prove_samples
from burnish.deliver.tags.gapless import crc16
from burnish.errors import OutputError, SettingError
from needed import need_tool

Floats = NDArray[np.float64]

LOSSLESS = ("wav-24", "wav-16", "wav-32f", "flac-24", "flac-16", "aiff-24", "alac-24", "alac-16")
LOSSY = ("mp3-320", "mp3-v0", "aac-256", "opus-160", "vorbis-q6")
LENGTH = 66_789  # no whole number of any codec's frames


def tone(rate_hz: int, n_samples: int, channels: int = 2, start: int = 0) -> Floats:
    """A tone of 440 Hz with another in its second channel, on the grid of 16 bits."""
    t = (start + np.arange(n_samples)) / rate_hz
    rows = [0.5 * np.sin(2 * np.pi * f * t) for f in (440.0, 554.37)[:channels]]
    return np.asarray(np.rint(np.array(rows) * 2**15) / 2**15)


def noise(n_samples: int, bits: int, gain: float = 0.3) -> Floats:
    made = gain * np.random.default_rng(7).uniform(-1, 1, (2, n_samples))
    return np.asarray(np.rint(made * 2 ** (bits - 1)) / 2 ** (bits - 1))


def in_wav(path: Path, samples: Floats, rate_hz: int, bits: str = "24") -> Source:
    form = OutputFormat(bits=bits, dither="none")
    with Writer(path, form, rate_hz, len(samples), samples.shape[1], overwrite=True) as writer:
        writer.write(samples)
    return open_source(path)


def played_by_others(path: Path, channels: int = 2) -> Floats:
    """The file as the system's ffmpeg plays it; Vorbis as libvorbis does.

    Of a Vorbis file with one Ogg page of sound, as short ones are, ffmpeg loses 128 samples.
    """
    if path.suffix == ".ogg":
        return np.asarray(soundfile.read(path, always_2d=True)[0].T)
    command = [need_tool("ffmpeg"), "-v", "error", "-i", path, "-f", "f64le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw).reshape(-1, channels).T


def probed(path: Path) -> dict[str, str]:
    command = [need_tool("ffprobe"), "-v", "error", "-of", "json", "-show_streams", path]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    stream: dict[str, str] = told["streams"][0]
    return stream


# ---- every sample --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSLESS)
def test_another_decoder_gives_every_sample_of_a_lossless_file(name: str, tmp_path: Path) -> None:
    one = kind(name)
    bits = 16 if one.bits == "16" else 24
    samples = noise(LENGTH, bits)
    with in_wav(tmp_path / "piece.wav", samples, 44_100, str(bits)) as source:
        out = tmp_path / f"out{one.suffix}"
        encoded = encode(source, out, one)
        prove_samples(encoded, source)
    assert np.array_equal(played_by_others(out), samples)
    told = probed(out)
    assert (told["sample_rate"], told["channels"]) == ("44100", 2)
    stored = told.get("bits_per_raw_sample") or told["bits_per_sample"]
    assert int(stored) == {"16": 16, "24": 24, "32f": 32}[str(one.bits)]
    assert int(told["duration_ts"]) == LENGTH


@pytest.mark.parametrize("name", ["flac-24", "flac-16"])
def test_a_flac_passes_its_own_test_and_tells_the_md5_of_our_samples(
    name: str, tmp_path: Path
) -> None:
    bits = int(name[-2:])
    samples = noise(LENGTH, bits)
    with in_wav(tmp_path / "piece.wav", samples, 96_000, str(bits)) as source:
        encode(source, tmp_path / "out.flac", kind(name))
    flac, metaflac = need_tool("flac"), need_tool("metaflac")
    subprocess.run([flac, "-t", "-s", tmp_path / "out.flac"], check=True)
    shown = subprocess.run(
        [metaflac, "--show-md5sum", tmp_path / "out.flac"], capture_output=True, check=True
    ).stdout
    raw = np.rint(samples.T * 2 ** (bits - 1)).astype("<i4").tobytes()
    words = np.frombuffer(raw, np.uint8).reshape(-1, 4)[:, : bits // 8]
    assert shown.decode().strip() == hashlib.md5(words.tobytes()).hexdigest()


def test_floats_are_dithered_where_they_become_whole_numbers_and_zeros_stay(
    tmp_path: Path,
) -> None:
    samples = np.zeros((2, 30_000))
    samples[:, 10_000:20_000] = 1e-6 * np.sin(np.arange(10_000))  # below the steps of 16 bits
    for name in ("alac-16", "flac-16"):
        out = tmp_path / f"{name}{kind(name).suffix}"
        encode(AudioSource(Audio(samples, 44_100)), out, kind(name))
        back = read(out).samples
        assert back[:, :10_000].any() == back[:, 20_000:].any() == False  # noqa: E712
        assert 0.2 < np.std(back[:, 10_000:20_000]) * 2**15 < 0.8


@pytest.fixture(params=["the system's LAME", "PyAV's"])
def lame(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """MP3 on both roads."""
    if request.param == "PyAV's":
        monkeypatch.setattr(by_lame, "system_lame", lambda: None)
    elif by_lame.system_lame() is None:
        pytest.skip("the system has no LAME 3.100")
    return str(request.param)


# ---- gapless -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_a_song_cut_in_three_plays_without_a_gap(name: str, rate_hz: int, tmp_path: Path) -> None:
    one = kind(name)
    own_hz = one.rate_hz(rate_hz)
    if own_hz != rate_hz:
        pytest.skip("made from pieces that were cut at 48 kHz, as the next one is")
    cuts = [0, 30_001, 75_213, 120_000]
    whole = tone(rate_hz, cuts[-1])
    heard = []
    for i, (a, b) in enumerate(pairwise(cuts)):
        with in_wav(tmp_path / f"{i}.wav", whole[:, a:b], rate_hz) as source:
            out = tmp_path / f"{i}{one.suffix}"
            encoded = encode(source, out, one)
            assert prove_decoded(encoded).n_samples == b - a
        played = played_by_others(out)
        if one.family == "aac":  # ffmpeg plays an M4A's last frame to its end; its length is told
            assert b - a <= played.shape[1] < b - a + 1024
            assert int(probed(out)["duration_ts"]) == b - a
            played = played[:, : b - a]
        assert played.shape[1] == b - a
        with open_source(out) as ours:
            assert ours.info.n_samples == b - a
        heard.append(played)
    back = np.concatenate(heard, axis=1)
    error = np.abs(back - whole)
    off = {k: np.mean((np.roll(back, k, axis=1) - whole) ** 2) for k in (-1, 0, 1)}
    assert min(off, key=lambda k: off[k]) == 0  # to the sample in its place
    for cut in cuts[1:-1]:  # a gap would be as large as the tone
        assert error[:, cut - 50 : cut + 50].max() < 0.2


def test_an_mp3_tells_its_delay_and_padding_as_lame_does(lame: str, tmp_path: Path) -> None:
    with in_wav(tmp_path / "piece.wav", tone(44_100, LENGTH), 44_100) as source:
        for name, tag in (("mp3-320", b"Info"), ("mp3-v0", b"Xing")):
            out = tmp_path / f"{name}.mp3"
            encode(source, out, kind(name))
            head = out.read_bytes()[:1500]
            place = head.index(tag)
            lame = head.index(b"LAME3.100", place)
            delay_padding = int.from_bytes(head[lame + 21 : lame + 24], "big")
            delay, padding = delay_padding >> 12, delay_padding & 0xFFF
            n_frames = int.from_bytes(head[place + 8 : place + 12], "big")
            assert delay == 576
            assert 1152 * n_frames - delay - padding == LENGTH


@pytest.mark.parametrize("channels", [1, 2])
def test_an_mp3_is_as_long_as_its_sound_however_long_that_is(
    channels: int, lame: str, tmp_path: Path
) -> None:
    """Some lengths leave more than a frame and the decoder's delay behind the sound."""
    frame, delay = 1152, 576
    lengths = [39 * frame + k for k in (-1, 0, 1, 15, 16, 30, 46, 47, 576, 1140)]
    for n_samples in (5000, *lengths):
        source = in_wav(tmp_path / "in.wav", tone(44_100, n_samples, channels), 44_100)
        with source:
            made = encode(source, tmp_path / "a.mp3", kind("mp3-320"), overwrite=True)
        with open_source(made.path) as back:
            assert back.info.n_samples == n_samples
        assert played_by_others(made.path, channels).shape == (channels, n_samples)
        head = made.path.read_bytes()[:400]
        at = head.index(b"Info")
        n_frames = int.from_bytes(head[at + 8 : at + 12], "big")
        told = int.from_bytes(head[at + 141 : at + 144], "big")
        assert told >> 12 == delay
        assert n_frames * frame - delay - (told & 0xFFF) == n_samples
        assert int.from_bytes(head[at + 154 : at + 156], "big") == crc16(head[: at + 154])


def test_libsndfile_hears_mp3_opus_and_vorbis_as_long_as_they_are(
    lame: str, tmp_path: Path
) -> None:
    with in_wav(tmp_path / "piece.wav", tone(48_000, LENGTH), 48_000) as source:
        for name in ("mp3-320", "mp3-v0", "opus-160", "vorbis-q6"):
            out = tmp_path / f"{name}{kind(name).suffix}"
            encode(source, out, kind(name))
            assert len(soundfile.read(out)[0]) == LENGTH


def test_opus_and_vorbis_please_the_tools_of_xiph(tmp_path: Path) -> None:
    with in_wav(tmp_path / "piece.wav", tone(48_000, 96_000), 48_000) as source:
        for name, tool in (("opus-160", "opusinfo"), ("vorbis-q6", "ogginfo")):
            out = tmp_path / f"{name}{kind(name).suffix}"
            encode(source, out, kind(name))
            command = [need_tool(tool), out]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            assert "0m:02.000s" in said
            assert "WARNING" not in said.upper()
            assert "serial number 0" not in said


def test_an_m4a_tells_itunes_where_the_sound_is(tmp_path: Path) -> None:
    mutagen = pytest.importorskip("mutagen.mp4")
    with in_wav(tmp_path / "piece.wav", tone(44_100, LENGTH), 44_100) as source:
        encode(source, tmp_path / "out.m4a", kind("aac-256"))
    told = bytes(mutagen.MP4(tmp_path / "out.m4a")["----:com.apple.iTunes:iTunSMPB"][0]).split()
    priming, padding, length = (int(word, 16) for word in told[1:4])
    assert (priming, length) == (1024, LENGTH)
    assert (priming + padding + length) % 1024 == 0
    assert probed(tmp_path / "out.m4a")["codec_name"] == "aac"


def test_both_roads_to_an_mp3_give_the_same_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_lame.system_lame() is None:
        pytest.skip("the system has no LAME 3.100")
    heard = []
    for channels in (1, 2):
        whole = tone(44_100, LENGTH, channels) + 0.01 * noise(LENGTH, 24)[:channels]
        with in_wav(tmp_path / "piece.wav", whole, 44_100) as source:
            for name in ("mp3-320", "mp3-v0"):
                for road in ("system", "PyAV"):
                    with monkeypatch.context() as patch:
                        if road == "PyAV":
                            patch.setattr(by_lame, "system_lame", lambda: None)
                        out = tmp_path / f"{name}-{channels}-{road}.mp3"
                        assert prove_decoded(encode(source, out, kind(name))).n_samples == LENGTH
                        heard.append(played_by_others(out, channels))
                errors = [20 * np.log10(np.std(back - whole)) for back in heard[-2:]]
                assert errors[0] == pytest.approx(errors[1], abs=0.5)
                assert np.std(heard[-1] - heard[-2]) < np.std(heard[-1] - whole)


# ---- codecs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_lossy_file_of_a_higher_rate_is_at_48_khz(
    name: str, channels: int, tmp_path: Path
) -> None:
    one = kind(name)
    samples = tone(96_000, 96_000, channels)
    with in_wav(tmp_path / "piece.wav", samples, 96_000) as source:
        encoded = encode(source, tmp_path / f"out{one.suffix}", one)
        decoded = prove_decoded(encoded)
    assert (encoded.rate_hz, encoded.n_samples) == (48_000, 48_000)
    told = probed(encoded.path)
    assert (told["sample_rate"], told["channels"]) == ("48000", channels)
    assert decoded.true_peak_dbtp == pytest.approx(-6.0, abs=0.5)


def test_a_gain_turns_what_comes_back(tmp_path: Path) -> None:
    peaks = []
    with in_wav(tmp_path / "piece.wav", tone(44_100, LENGTH), 44_100) as source:
        for gain_db in (0.0, -6.0):
            out = tmp_path / "out.m4a"
            encoded = encode(source, out, kind("aac-256"), gain_db=gain_db, overwrite=True)
            peaks.append(prove_decoded(encoded).true_peak_dbtp)
    assert peaks[1] - peaks[0] == pytest.approx(-6.0, abs=0.1)
    with pytest.raises(ValueError, match="lossless"):
        encode(source, tmp_path / "x.flac", kind("flac-24"), gain_db=-1.0)


def test_320_kbit_s_are_constant_and_v0_is_not(lame: str, tmp_path: Path) -> None:
    with in_wav(tmp_path / "piece.wav", tone(44_100, LENGTH), 44_100) as source:
        for name in ("mp3-320", "mp3-v0"):
            encode(source, tmp_path / f"{name}.mp3", kind(name))
    command = [need_tool("mediainfo"), "--Inform=Audio;%BitRate_Mode% %BitRate%"]
    for name, said in (("mp3-320", "CBR 320000"), ("mp3-v0", "VBR")):
        told = subprocess.run([*command, tmp_path / f"{name}.mp3"], capture_output=True, text=True)
        assert told.stdout.startswith(said)


@pytest.mark.parametrize("name", [*LOSSLESS, *LOSSY])
def test_the_same_samples_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    one = kind(name)
    with in_wav(tmp_path / "piece.wav", noise(30_000, 16), 44_100) as source:
        made = []
        for k in range(2):
            out = tmp_path / f"{k}{one.suffix}"
            encode(source, out, one)
            made.append(out.read_bytes())
    assert made[0] == made[1]


# ---- what can go wrong ---------------------------------------------------------------------------


class Enough(Exception):
    pass


@pytest.mark.parametrize("name", ["flac-24", "alac-24", *LOSSY])
def test_nothing_is_left_of_an_interrupted_file(name: str, tmp_path: Path) -> None:
    samples = noise(200_000, 24)
    with in_wav(tmp_path / "piece.wav", samples, 44_100) as source:

        def told(done: float) -> None:
            if done > 0.5:
                raise Enough

        with pytest.raises(Enough):
            encode(source, tmp_path / f"out{kind(name).suffix}", kind(name), told=told)
    assert [path.name for path in tmp_path.iterdir()] == ["piece.wav"]


@pytest.mark.parametrize("name", ["flac-24", "alac-24", *LOSSY])
def test_a_full_disk_is_told_and_nothing_is_left(name: str, tmp_path: Path) -> None:
    with in_wav(tmp_path / "piece.wav", noise(200_000, 24), 44_100) as source:
        low, high = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, high))
            with pytest.raises(OutputError, match="no room"):
                encode(source, tmp_path / f"out{kind(name).suffix}", kind(name))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (low, high))
    assert [path.name for path in tmp_path.iterdir()] == ["piece.wav"]


@pytest.mark.parametrize("name", ["wav-24", "flac-24", "alac-24"])
def test_a_file_that_the_disk_has_changed_is_not_proven(name: str, tmp_path: Path) -> None:
    one = kind(name)
    with in_wav(tmp_path / "piece.wav", noise(LENGTH, 24), 44_100) as source:
        out = tmp_path / f"out{one.suffix}"
        encoded = encode(source, out, one)
        bytes_ = bytearray(out.read_bytes())
        bytes_[len(bytes_) // 2] ^= 4
        out.write_bytes(bytes_)
        with pytest.raises(OutputError) as caught:
            prove_samples(encoded, source)
    assert caught.value.code == "output-unproven"


def test_a_file_cut_short_is_not_proven(tmp_path: Path) -> None:
    with in_wav(tmp_path / "piece.wav", tone(44_100, LENGTH), 44_100) as source:
        for name in ("mp3-320", "opus-160", "vorbis-q6"):
            out = tmp_path / f"out{kind(name).suffix}"
            encoded = encode(source, out, kind(name))
            os.truncate(out, out.stat().st_size * 3 // 4)
            with pytest.raises(OutputError):
                prove_decoded(encoded)


def test_a_kind_that_is_none() -> None:
    for name in ("wma", "flac-20", "wav", "mp3-321", "vorbis-q11", "mp3-v10", ""):
        with pytest.raises(SettingError):
            kind(name)
    assert kind("mp3-v0").title == "MP3, V0"
    assert kind("wav-32f").title == "WAV, 32 bits, floating"


def test_there_already(tmp_path: Path) -> None:
    (tmp_path / "out.mp3").write_text("mine")
    with (
        in_wav(tmp_path / "piece.wav", tone(44_100, 5000), 44_100) as source,
        pytest.raises(OutputError, match="exists"),
    ):
        encode(source, tmp_path / "out.mp3", kind("mp3-320"))
    assert (tmp_path / "out.mp3").read_text() == "mine"
