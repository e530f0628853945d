"""A codec's round trip: in place, as long, unclipped, and as an independent encoder has it."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.audio import open_source
from burnish.dsp.truepeak import PAD, true_peak_steps
from burnish.errors import SettingError
from burnish.playback import codec, decoded_true_peak_dbtp, round_trip
from burnish.processors.show import piece
from needed import need_tool
from pieces import made_once

Floats = NDArray[np.float64]

CODECS = ("aac-256", "aac-128", "mp3-320", "mp3-128", "opus-128", "vorbis-q6")
every = pytest.mark.parametrize("name", CODECS)


@made_once
def music(rate_hz: int, duration_s: float, channels: int = 2) -> Floats:
    both = piece(rate_hz, duration_s)
    return np.ascontiguousarray(0.9 / np.abs(both).max() * both[:channels])


def there_and_back(samples: Floats, rate_hz: int, name: str, block: int = 65_536) -> Floats:
    pieces = (samples[:, i : i + block] for i in range(0, samples.shape[1], block))
    decoded = [*round_trip(pieces, rate_hz, len(samples), name), np.zeros((len(samples), 0))]
    return np.concatenate(decoded, axis=1)


def true_peak_dbtp(samples: Floats) -> float:
    padded = np.pad(samples, ((0, 0), (PAD, PAD)))
    return float(20.0 * np.log10(true_peak_steps(padded, 4096, 16).max()))


@every
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000, 96_000])
def test_what_comes_back_is_as_long_and_in_its_place(
    name: str, channels: int, rate_hz: int
) -> None:
    samples = music(rate_hz, 1.5, channels)[:, :-17]
    back = there_and_back(samples, rate_hz, name)
    assert back.shape == samples.shape
    size = 2 * samples.shape[1]
    product = np.fft.rfft(back[0], size) * np.conj(np.fft.rfft(samples[0], size))
    assert np.fft.irfft(product).argmax() == 0
    left_db = 20.0 * np.log10(np.std(back - samples) / np.std(samples))
    assert left_db < -12.0  # a codec keeps the sound, not the wave; 128 kbit/s loses most


@every
def test_any_split_gives_the_same_sound(name: str) -> None:
    samples = music(44_100, 1.0)
    whole = there_and_back(samples, 44_100, name)
    for block in (1000, 4096):
        assert np.array_equal(there_and_back(samples, 44_100, name, block), whole)


@every
@pytest.mark.parametrize("n_samples", [0, 1, 2, 959, 960, 961, 1023, 1024, 1025, 1152])
def test_short_sounds_keep_their_length(name: str, n_samples: int) -> None:
    samples = music(44_100, 1.0)[:, :n_samples]
    back = there_and_back(samples, 44_100, name)
    assert back.shape == samples.shape
    assert np.isfinite(back).all()


@pytest.mark.parametrize("name", ["aac-256", "mp3-320", "mp3-128", "opus-128", "vorbis-q6"])
def test_overs_are_not_clipped(name: str) -> None:
    """Not by the decoders; FFmpeg's AAC encoder itself holds back what is far over."""
    samples = 2.0 * music(44_100, 1.0)
    assert np.abs(there_and_back(samples, 44_100, name)).max() > 1.1
    assert decoded_true_peak_dbtp([samples], 44_100, 2, name) > 1.0


@every
def test_silence_comes_back_silent(name: str) -> None:
    back = there_and_back(np.zeros((2, 44_100)), 44_100, name)
    assert np.abs(back).max() < 1e-4  # LAME and Opus give a faint nothing instead of zeros
    assert decoded_true_peak_dbtp([np.zeros((2, 44_100))], 44_100, 2, name) < -80.0


@every
def test_the_peak_is_that_of_what_comes_back(name: str) -> None:
    rate_hz = codec(name).rate_hz(48_000)  # no conversion between
    samples = music(rate_hz, 2.0)
    peak_dbtp = decoded_true_peak_dbtp([samples], rate_hz, 2, name)
    assert peak_dbtp == pytest.approx(
        true_peak_dbtp(there_and_back(samples, rate_hz, name)), abs=1e-9
    )


def test_fewer_bits_lose_more() -> None:
    samples = music(48_000, 2.0)

    def lost_db(name: str) -> float:
        return float(20.0 * np.log10(np.std(there_and_back(samples, 48_000, name) - samples)))

    for more, less in (
        ("aac-256", "aac-96"),
        ("mp3-320", "mp3-96"),
        ("opus-256", "opus-64"),
        ("vorbis-q9", "vorbis-q2"),
    ):
        assert lost_db(more) < lost_db(less) - 3.0


@pytest.mark.parametrize(
    "name", ["", "aac", "aac-5", "mp3-300", "vorbis-11", "vorbis-q11", "flac-1", "AAC-256"]
)
def test_unknown_codecs_are_told(name: str) -> None:
    with pytest.raises(SettingError, match="must be one of aac-32 to aac-320; mp3-32, ") as caught:
        codec(name)
    assert caught.value.code == "codec-unknown"


def test_a_missing_encoder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("burnish.playback.codec", fromlist=["_FFMPEG"])._FFMPEG,
        "mp3",
        ("libnothing", "mp3float", "fltp"),
    )
    with pytest.raises(SettingError, match="codec=mp3-320: PyAV was built without libnothing"):
        there_and_back(music(44_100, 0.1), 44_100, "mp3-320")


FFMPEG = {
    "aac-128": (
        *("-c:a", "aac", "-b:a", "128k"),
        *("-aac_coder", "fast", "-aac_pns", "0", "-aac_is", "0"),  # see codec._OPTIONS
        ".m4a",
    ),
    "mp3-128": ("-c:a", "libmp3lame", "-b:a", "128k", ".mp3"),
    "opus-128": ("-c:a", "libopus", "-b:a", "128k", ".opus"),
    "vorbis-q6": ("-c:a", "libvorbis", "-q:a", "6", ".ogg"),
}


@pytest.mark.tool("ffmpeg")
@pytest.mark.parametrize("name", FFMPEG)
def test_ffmpeg_alone_finds_the_same_peak(name: str, tmp_path: Path) -> None:
    """Encoded and decoded by the ffmpeg program, which is another version with other libraries."""
    ffmpeg = need_tool("ffmpeg")
    samples = music(48_000, 4.0)
    mix, back = tmp_path / "mix.wav", tmp_path / "back.wav"
    soundfile.write(mix, samples.T, 48_000, "FLOAT")
    *how, ending = FFMPEG[name]
    packed = tmp_path / f"packed{ending}"
    for words in (("-i", mix, *how, packed), ("-i", packed, "-c:a", "pcm_f32le", back)):
        subprocess.run([ffmpeg, "-v", "error", "-nostdin", *words], check=True)
    decoded, _ = soundfile.read(back, always_2d=True)
    theirs_dbtp = true_peak_dbtp(np.ascontiguousarray(decoded.T))
    ours_dbtp = decoded_true_peak_dbtp([samples], 48_000, 2, name)
    assert ours_dbtp == pytest.approx(theirs_dbtp, abs=0.5)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["aac-128", "mp3-128", "opus-128", "vorbis-q6"])
def test_dense_music_comes_back_higher(corpus: Path, name: str) -> None:
    """The reason for all this: a master that is held at 0 dBTP is not, behind a codec."""
    with open_source(corpus / "tracks" / "11_reeves_david05.ogg") as source:
        n = source.info.rate_hz * 10
        samples = np.concatenate(list(source.blocks(start=3 * n, stop=4 * n)), axis=1)
    samples = np.clip(samples, -0.5, 0.5)
    peak_dbtp = true_peak_dbtp(samples)
    over_db = decoded_true_peak_dbtp([samples], 44_100, 2, name) - peak_dbtp
    assert 0.0 < over_db < 4.0
