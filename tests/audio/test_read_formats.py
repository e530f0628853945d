"""Reading what other software wrote: every format, told apart by content; exact lengths."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from by_hand import simple

from burnish.audio import open_source, read
from burnish.errors import InputError
from needed import need_tool

RATE_HZ = 44_100
N_SAMPLES = 50_003  # ends inside every codec's packet


def run(*command: str | Path) -> bytes:
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, stdin=subprocess.DEVNULL
    ).stdout


def ffmpeg(*arguments: str | Path) -> bytes:
    return run(need_tool("ffmpeg"), "-v", "error", "-y", "-nostdin", *arguments)


@pytest.fixture(scope="module")
def steps():
    """Stereo, as whole numbers of 16 bits: a falling chirp left, a beating tone right."""
    t = np.arange(N_SAMPLES) / RATE_HZ
    left = np.sin(2 * np.pi * (2000 * t - 700 * t**2))
    right = np.sin(2 * np.pi * 500 * t) * np.cos(2 * np.pi * 3 * t)
    return np.round(np.stack((left, right)) * 0.6 * 2**15).astype(np.int64)


@pytest.fixture(scope="module")
def mix(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("mix") / "mix.wav"
    path.write_bytes(simple(steps.T.ravel().tolist()))
    return path


@pytest.fixture(scope="module")
def long_mix(mix):
    """The mix eight times in a row: enough for several pages of Ogg."""
    path = mix.with_name("long.wav")
    ffmpeg("-stream_loop", "7", "-i", mix, path)
    return path


def encoded(mix, tmp_path, *arguments, to):
    path = tmp_path / to
    ffmpeg("-i", mix, *arguments, path)
    return path


def decoded_by_ffmpeg(path, channels=2):
    raw = ffmpeg("-i", path, "-f", "f64le", "-c:a", "pcm_f64le", "-")
    return np.frombuffer(raw, "<f8").reshape(-1, channels).T


LOSSLESS = {
    "wav16": (("-c:a", "pcm_s16le"), "m.wav", "wav", "pcm", 16),
    "wav24": (("-c:a", "pcm_s24le"), "m.wav", "wav", "pcm", 24),
    "wav32": (("-c:a", "pcm_s32le"), "m.wav", "wav", "pcm", 32),
    "wav float": (("-c:a", "pcm_f32le"), "m.wav", "wav", "float", 32),
    "wav double": (("-c:a", "pcm_f64le"), "m.wav", "wav", "float", 64),
    "rf64": (("-rf64", "always"), "m.wav", "rf64", "pcm", 16),
    "w64": (("-c:a", "pcm_s24le"), "m.w64", "w64", "pcm", 24),
    "flac16": ((), "m.flac", "flac", "flac", 16),
    "flac24": (("-c:a", "flac", "-sample_fmt", "s32"), "m.flac", "flac", "flac", 24),
    "ogg flac": (("-c:a", "flac"), "m.oga", "ogg", "flac", 16),
    "aiff16": ((), "m.aiff", "aiff", "pcm", 16),
    "aiff24": (("-c:a", "pcm_s24be"), "m.aiff", "aiff", "pcm", 24),
    "aifc float": (("-c:a", "pcm_f32be"), "m.aiff", "aiff", "float", 32),
    "caf16": (("-c:a", "pcm_s16be"), "m.caf", "caf", "pcm", 16),
    "caf float": (("-c:a", "pcm_f32le"), "m.caf", "caf", "float", 32),
    "caf alac": (("-c:a", "alac"), "m.caf", "caf", "alac", 16),
    "alac16": (("-c:a", "alac"), "m.m4a", "m4a", "alac", 16),
    "alac24": (("-c:a", "alac", "-sample_fmt", "s32p"), "m.m4a", "m4a", "alac", 24),
    "au": ((), "m.au", "au", "pcm", 16),
    "wavpack": ((), "m.wv", "wavpack", "wavpack", 16),
    "tta": ((), "m.tta", "tta", "tta", 16),
    "matroska": (("-c:a", "pcm_s24le"), "m.mka", "mkv", "pcm", 24),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_formats_give_every_bit(mix, steps, tmp_path, name):
    arguments, to, form, codec, bits = LOSSLESS[name]
    path = encoded(mix, tmp_path, *arguments, to=to)
    audio = read(path)
    assert audio.rate_hz == RATE_HZ
    found = audio.samples * 2**15
    if name == "w64":  # FFmpeg counts the padding to 8 bytes among the samples
        assert not found[:, N_SAMPLES:].any()
        found = found[:, :N_SAMPLES]
    np.testing.assert_array_equal(found, steps)
    with open_source(path) as source:
        info = source.info
        assert (info.format, info.codec, info.bits) == (form, codec, bits)
        assert info.is_float == (codec == "float")
        assert info.remarks == ()
        blocks = [block for _ in range(2) for block in source.blocks(4099)]  # two passes
    np.testing.assert_array_equal(np.hstack(blocks), np.hstack((audio.samples, audio.samples)))


def test_24_bits_are_all_kept_by_alac_and_flac(tmp_path):
    values = np.random.default_rng(1).integers(-(2**23), 2**23, 2 * 5000)
    mix = tmp_path / "mix.wav"
    mix.write_bytes(simple(values.tolist(), bits=24))
    for codec, sample_format, to in (("alac", "s32p", "m.m4a"), ("flac", "s32", "m.flac")):
        path = encoded(mix, tmp_path, "-c:a", codec, "-sample_fmt", sample_format, to=to)
        np.testing.assert_array_equal(read(path).samples * 2**23, values.reshape(-1, 2).T)


@pytest.mark.parametrize("options", [("-B",), ("-e", "a-law"), ("-e", "ms-adpcm")])
def test_kinds_of_wav_that_are_not_plain_samples(mix, steps, tmp_path, options):
    """Big-endian RIFX, A-law, ADPCM: other readers take over."""
    path = tmp_path / "m.wav"
    run(need_tool("sox"), mix, *options, path)
    with open_source(path) as source:
        found = source.read().samples * 2**15
        assert source.info.format == "wav"
    error = found[:, :N_SAMPLES] - steps
    limit_db = -400 if "-B" in options else -25
    assert 10 * np.log10(np.mean(error**2) / np.mean(steps**2.0) + 1e-40) <= limit_db
    assert 0 <= found.shape[1] - N_SAMPLES < 1100  # ADPCM fills its last packet


LOSSY = {
    # encoder, file, format, codec, rate, length (None: the file does not tell)
    "mp3": (("-c:a", "libmp3lame", "-b:a", "256k"), "m.mp3", "mp3", "mp3", RATE_HZ, N_SAMPLES),
    "mp3 bare": (("-c:a", "libmp3lame", "-write_xing", "0"), "m.mp3", "mp3", "mp3", RATE_HZ, None),
    "aac": (("-c:a", "aac", "-b:a", "256k"), "m.m4a", "m4a", "aac", RATE_HZ, N_SAMPLES),
    "adts": (("-c:a", "aac", "-b:a", "256k"), "m.aac", "aac", "aac", RATE_HZ, None),
    "vorbis": (("-c:a", "libvorbis", "-q:a", "8"), "m.ogg", "ogg", "vorbis", RATE_HZ, N_SAMPLES),
    "opus": (("-c:a", "libopus", "-b:a", "256k"), "m.opus", "ogg", "opus", 48_000, 54_426),
    "opus mp4": (("-c:a", "libopus", "-b:a", "256k"), "m.mp4", "m4a", "opus", 48_000, 54_426),
    "opus webm": (("-c:a", "libopus", "-b:a", "256k"), "m.webm", "mkv", "opus", 48_000, 54_426),
    "wma": (("-c:a", "wmav2", "-b:a", "256k"), "m.wma", "wma", "wmav2", RATE_HZ, None),
    "ac3": (("-c:a", "ac3", "-b:a", "448k"), "m.ac3", "ac3", "ac3", RATE_HZ, None),
    "mp2": (("-c:a", "mp2", "-b:a", "384k"), "m.mp2", "mp3", "mp2", RATE_HZ, None),
}


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_formats(mix, steps, tmp_path, name):
    arguments, to, form, codec, rate_hz, length = LOSSY[name]
    path = encoded(mix, tmp_path, *arguments, to=to)
    with open_source(path) as source:
        info, found = source.info, source.read().samples
    assert (info.format, info.codec, info.bits) == (form, codec, None)
    assert (info.rate_hz, info.channels, info.is_float) == (rate_hz, 2, False)
    other = decoded_by_ffmpeg(path)  # one more 16-bit rounding in it, where its decoder has one
    assert info.n_samples == found.shape[1] == (length or other.shape[1])
    shared = min(found.shape[1], other.shape[1])
    np.testing.assert_allclose(found[:, :shared], other[:, :shared], atol=2e-5)
    if length and rate_hz == RATE_HZ:  # the encoder's delay is taken off: it lies on the mix
        error = found - steps / 2**15
        assert 10 * np.log10(np.mean(error**2) / np.mean(found**2)) < -25


def test_itunes_tells_the_length_of_an_m4a_in_a_tag(mix, tmp_path):
    told = N_SAMPLES - 1234
    smpb = f" 00000000 00000400 000004D2 {told:016X}" + " 00000000" * 8
    path = encoded(mix, tmp_path, "-c:a", "aac", "-metadata", f"iTunSMPB={smpb}",
                   "-movflags", "use_metadata_tags", to="m.m4a")  # fmt: skip
    with open_source(path) as source:
        assert source.info.n_samples == told


@pytest.mark.parametrize("to", ["m.mp3", "m.ogg", "m.m4a", "m.flac", "m.aiff", "m.opus"])
def test_mono_stays_mono(mix, tmp_path, to):
    path = encoded(mix, tmp_path, "-ac", "1", to=to)
    with open_source(path) as source:
        assert source.info.channels == 1
        assert source.read().samples.shape == (1, source.info.n_samples)


@pytest.mark.parametrize("to", ["m.flac", "m.m4a", "m.aiff", "m.ac3", "m.ogg"])
def test_surround_ends_with_what_to_do(mix, tmp_path, to):
    path = encoded(mix, tmp_path, "-ac", "6", to=to)
    with pytest.raises(InputError, match=r"has 6 channels; .* Mix it down to stereo") as caught:
        open_source(path)
    assert caught.value.code == "input-channels"


@pytest.mark.parametrize("kind", ["m.mp3", "m.flac", "m.m4a", "m.ogg", "m.aiff", "m.opus"])
@pytest.mark.parametrize("name", ["mix", "mix.wav", "mix.txt", "ünï: 音.mp3", "a:b", "%05d.jpg"])
def test_the_name_does_not_matter(mix, tmp_path, kind, name):
    path = encoded(mix, tmp_path, to=kind)
    expected = read(path).samples
    renamed = path.rename(tmp_path / name)
    np.testing.assert_array_equal(read(renamed).samples, expected)


def test_a_relative_name_with_a_colon(mix, tmp_path, monkeypatch):
    encoded(mix, tmp_path, to="m.mp3").rename(tmp_path / "http:mix")
    monkeypatch.chdir(tmp_path)
    assert read("http:mix").n_samples == N_SAMPLES


def test_a_flac_from_a_pipe_does_not_know_its_length(mix, steps, tmp_path):
    path = tmp_path / "m.flac"
    path.write_bytes(ffmpeg("-i", mix, "-f", "flac", "-"))
    np.testing.assert_array_equal(read(path).samples * 2**15, steps)


def test_a_wav_from_a_pipe(mix, steps, tmp_path):
    path = tmp_path / "m.wav"
    path.write_bytes(ffmpeg("-i", mix, "-f", "wav", "-"))
    np.testing.assert_array_equal(read(path).samples * 2**15, steps)
    path.write_bytes(run(need_tool("sox"), mix, "-t", "wav", "-"))
    np.testing.assert_array_equal(read(path).samples * 2**15, steps)


@pytest.mark.parametrize("kind", ["aiff", "w64", "caf", "au"])
def test_others_from_a_pipe(mix, steps, tmp_path, kind):
    path = tmp_path / "m"
    path.write_bytes(ffmpeg("-i", mix, "-f", kind, "-"))
    with open_source(path) as source:
        np.testing.assert_array_equal(source.read().samples[:, :N_SAMPLES] * 2**15, steps)
        assert source.info.remarks == ()


def test_a_flac_behind_an_id3_tag(mix, steps, tmp_path):
    path = encoded(mix, tmp_path, to="m.flac")
    tag = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    path.write_bytes(tag + path.read_bytes())
    np.testing.assert_array_equal(read(path).samples * 2**15, steps)


def test_overs_of_a_lossy_codec_are_kept(tmp_path):
    mix = tmp_path / "loud.wav"
    wave = np.sign(np.sin(2 * np.pi * 300 * np.arange(RATE_HZ) / RATE_HZ)) * 32_767
    mix.write_bytes(simple(wave.astype(int).tolist(), channels=1))
    for to in ("m.mp3", "m.m4a", "m.ogg"):
        assert np.abs(read(encoded(mix, tmp_path, to=to)).samples).max() > 1.05


def test_a_truncated_flac_says_where_it_ends(mix, tmp_path):
    path = encoded(mix, tmp_path, to="m.flac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_source(path) as source:
        with pytest.raises(InputError, match=r"is damaged or cut off at 0\.\d+ s of 1\.134 s"):
            list(source.blocks(1000))
        with pytest.raises(InputError) as caught:
            source.read()
    assert caught.value.code == "input-unreadable"


@pytest.mark.parametrize("to", ["m.aiff", "m.w64"])
def test_a_truncated_aiff_or_w64_gives_what_there_is_and_says_so(mix, steps, tmp_path, to):
    path = encoded(mix, tmp_path, to=to)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_source(path) as source:
        found = source.read().samples * 2**15
        (remark,) = source.info.remarks
    np.testing.assert_array_equal(found, steps[:, : found.shape[1]])
    assert found.shape[1] > 0.49 * N_SAMPLES
    assert remark.startswith("the header promises ")


@pytest.mark.parametrize("to", ["m.mp3", "m.ogg", "m.opus"])
def test_a_truncated_lossy_file_gives_what_there_is(long_mix, tmp_path, to):
    path = encoded(long_mix, tmp_path, to=to)
    whole = read(path).n_samples
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert 0.3 * whole < read(path).n_samples < whole


def test_a_truncated_m4a_cannot_be_read(mix, tmp_path):
    """Its index comes last, so without the end there is nothing."""
    path = encoded(mix, tmp_path, "-c:a", "aac", to="m.m4a")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="is not a sound file that burnish can read"):
        open_source(path)


def test_damage_in_the_middle_of_an_mp3_is_passed_over(long_mix, tmp_path):
    path = encoded(long_mix, tmp_path, "-b:a", "256k", to="m.mp3")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(3000)
    path.write_bytes(content)
    assert read(path).n_samples > 0.9 * 8 * N_SAMPLES


@pytest.mark.corpus
def test_real_songs_are_as_long_as_ffmpeg_finds_them(corpus):
    for path in sorted((corpus / "tracks").iterdir())[:6]:
        with open_source(path) as source:
            channels, n_samples = source.info.channels, source.info.n_samples
        raw = ffmpeg("-i", path, "-f", "s16le", "-")
        assert n_samples == len(raw) // 2 // channels, path.name


@pytest.mark.parametrize("n_samples", [1, 100, 128, 576, 1000, 1152, 2000, 5003, 9000])
@pytest.mark.parametrize("channels", [1, 2])
def test_vorbis_that_fits_on_one_page_keeps_its_length(tmp_path, n_samples, channels):
    soundfile = pytest.importorskip("soundfile")
    t = np.arange(n_samples) / RATE_HZ
    sound = np.repeat(0.4 * np.sin(2 * np.pi * 440 * t)[None], channels, axis=0)
    path = tmp_path / "short.ogg"
    soundfile.write(path, sound.T, RATE_HZ, format="OGG", subtype="VORBIS")
    with open_source(path) as source:
        info = source.info
        heard = source.read().samples
    assert (info.format, info.codec, info.bits) == ("ogg", "vorbis", None)
    assert (info.rate_hz, info.channels, info.n_samples) == (RATE_HZ, channels, n_samples)
    assert heard.shape == sound.shape
    if n_samples > 500:
        assert np.sqrt(np.mean((heard - sound) ** 2)) < 0.02


def test_one_page_is_told_from_several(tmp_path, mix, long_mix):
    from burnish.audio.one_page import is_on_one_page

    oggenc = need_tool("oggenc")
    ffmpeg("-i", mix, "-t", "0.2", tmp_path / "short.wav")
    for wav, wanted in ((tmp_path / "short.wav", True), (long_mix, False)):
        run(oggenc, "-Q", "-o", tmp_path / "a.ogg", wav)
        with (tmp_path / "a.ogg").open("rb") as file:
            assert is_on_one_page(file) is wanted
    ffmpeg("-i", tmp_path / "short.wav", "-c:a", "libopus", tmp_path / "b.ogg")
    for other in (tmp_path / "b.ogg", mix):
        with other.open("rb") as file:
            assert not is_on_one_page(file)
