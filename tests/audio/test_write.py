"""What is written, as other software reads it."""

import hashlib
import json
import struct
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from burnish.audio import OutputFormat, Writer, open_source, read
from burnish.audio.headers import aiff_header, wav_header
from burnish.dsp.noise_shape import SHAPES
from burnish.errors import SettingError
from needed import need_tool
from pieces import made_once

RATE_HZ = 44_100
FORMATS = [
    OutputFormat(format="wav", bits="16"),
    OutputFormat(format="wav", bits="24"),
    OutputFormat(format="wav", bits="32f"),
    OutputFormat(format="flac", bits="16"),
    OutputFormat(format="flac", bits="24"),
    OutputFormat(format="aiff", bits="16"),
    OutputFormat(format="aiff", bits="24"),
    OutputFormat(format="aiff", bits="32f"),
]
each_format = pytest.mark.parametrize("form", FORMATS, ids=lambda f: f"{f.format}-{f.bits}")


@made_once
def music(n, channels=2, seed=0):
    return 0.2 * np.random.default_rng(seed).standard_normal((channels, n))


def write(path, form, samples, rate_hz=RATE_HZ, split=4096, **more):
    channels, n_samples = samples.shape
    with Writer(path, form, rate_hz, channels, n_samples, **more) as writer:
        for i in range(0, n_samples, split):
            writer.write(samples[:, i : i + split])
    return Path(path)


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout


def by_ffmpeg(path, channels):
    """The samples as FFmpeg reads them, in double precision."""
    raw = run(
        need_tool("ffmpeg"), "-v", "error", "-i", path, "-f", "f64le", "-c:a", "pcm_f64le", "-"
    )
    return np.frombuffer(raw, "<f8").reshape(-1, channels).T


def probe(path):
    told = run(need_tool("ffprobe"), "-v", "error", "-of", "json", "-show_streams", path)
    (stream,) = json.loads(told)["streams"]
    return stream


def chunks_of(content):
    """Name and size of each chunk of a RIFF or RF64 file, walked by the letter of the law."""
    place, found = 12, []
    while place < len(content):
        name, size = struct.unpack("<4sI", content[place : place + 8])
        found.append((name.decode(), size))
        place += 8 + size + size % 2
    assert place == len(content)
    return found


@each_format
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_other_software_reads_what_was_meant(tmp_path, form, channels, rate_hz):
    samples = music(5001, channels)
    path = write(tmp_path / f"out{form.suffix}", form, samples, rate_hz)
    stream = probe(path)
    assert (int(stream["sample_rate"]), stream["channels"]) == (rate_hz, channels)
    codec = {"16": "s16", "24": "s24", "32f": "f32"}[form.bits]
    ending = {"wav": "le", "aiff": "be"}.get(form.format)
    assert stream["codec_name"] == (f"pcm_{codec}{ending}" if ending else "flac")
    found = by_ffmpeg(path, channels)
    assert found.shape == samples.shape
    if form.is_float:
        np.testing.assert_array_equal(found, samples.astype(np.float32))
    else:
        error = (found - samples) * 2 ** (int(form.bits) - 1)
        assert np.abs(error).max() <= 1.5  # half a step of rounding, one of dither
        assert error.std() == pytest.approx(0.5, rel=0.05)
    np.testing.assert_array_equal(read(path).samples, found)
    with open_source(path) as source:
        assert source.info.bits == int(form.bits.removesuffix("f"))
        assert source.info.is_float == form.is_float


def test_flac_passes_its_own_test_and_has_its_md5(tmp_path):
    for bits in ("16", "24"):
        form = OutputFormat(format="flac", bits=bits, dither="none")
        samples = np.round(music(5001) * 2**15) / 2**15
        path = write(tmp_path / f"{bits}.flac", form, samples)
        run(need_tool("flac"), "-s", "-t", path)
        told = run(
            need_tool("metaflac"), "--show-md5sum", "--show-bps", "--show-total-samples", path
        )
        raw = run(need_tool("flac"), "-s", "-d", "-c", "--force-raw-format", "--endian=little",
                  "--sign=signed", path)  # fmt: skip
        assert told.split() == [hashlib.md5(raw).hexdigest().encode(), bits.encode(), b"5001"]


@pytest.mark.parametrize("bits", ["16", "24"])
def test_the_standard_library_reads_our_wav(tmp_path, bits):
    form = OutputFormat(bits=bits, dither="none")
    values = np.array([[0, 1, -1, 32767, -32768], [5, -5, 100, -100, 7]])
    path = write(tmp_path / "out.wav", form, values / 2**15)
    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (2, int(bits) // 8, RATE_HZ, 5)
        raw = file.readframes(5)
    expected = (values.T.ravel() << (int(bits) - 16)).tolist()
    width = int(bits) // 8
    found = [
        int.from_bytes(raw[i : i + width], "little", signed=True) for i in range(0, len(raw), width)
    ]
    assert found == expected


@pytest.mark.parametrize(("bits", "tag"), [("16", 1), ("24", 1), ("32f", 3)])
@pytest.mark.parametrize("n", [1000, 1001])
def test_a_wav_has_the_plain_tag_and_nothing_after_its_samples(tmp_path, bits, tag, n):
    path = write(tmp_path / "out.wav", OutputFormat(bits=bits), music(n, channels=1))
    content = path.read_bytes()
    assert content[:4] == b"RIFF"
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    found = chunks_of(content)
    fact = [("fact", 4)] if tag == 3 else []
    n_data = n * {"16": 2, "24": 3, "32f": 4}[bits]
    assert found == [("fmt ", 18 if tag == 3 else 16), *fact, ("data", n_data)]
    assert struct.unpack("<H", content[20:22])[0] == tag
    if n_data % 2:
        assert content[-1] == 0


def test_further_chunks_come_before_the_samples(tmp_path):
    chunks = {"bext": b"x" * 603, "axml": b"<ebuCoreMain/>"}
    samples = music(100)
    for form in (OutputFormat(dither="none"), OutputFormat(format="aiff", dither="none")):
        path = write(tmp_path / f"out{form.suffix}", form, samples, chunks=chunks)
        np.testing.assert_array_equal(by_ffmpeg(path, 2), read(path).samples)
        assert path.read_bytes().index(b"<ebuCoreMain/>") < 800
    found = chunks_of((tmp_path / "out.wav").read_bytes())
    assert found == [("bext", 603), ("fmt ", 16), ("axml", 14), ("data", 600)]
    with pytest.raises(ValueError, match="must be 4 letters"):
        Writer(tmp_path / "x.wav", OutputFormat(), RATE_HZ, 2, 1, chunks={"toolong": b""})
    with pytest.raises(ValueError, match="FLAC has none"):
        Writer(tmp_path / "x.flac", OutputFormat(format="flac"), RATE_HZ, 2, 1, chunks=chunks)


@pytest.mark.parametrize(("width", "is_float"), [(2, False), (3, False), (4, True)])
@pytest.mark.parametrize("chunks", [{}, {"bext": bytes(602)}])
def test_rf64_begins_where_32_bits_end(width, is_float, chunks):
    group = 2 * width
    around = len(wav_header(RATE_HZ, 2, width, is_float, 0, chunks)) - 8
    most = (0xFFFFFFFE - around) // group
    header = wav_header(RATE_HZ, 2, width, is_float, most, chunks)
    assert header[:4] == b"RIFF"
    assert struct.unpack("<I", header[4:8])[0] == len(header) - 8 + most * group
    long = wav_header(RATE_HZ, 2, width, is_float, most + 1, chunks)
    assert long[:16] == b"RF64\xff\xff\xff\xffWAVEds64"
    assert long[-4:] == b"\xff\xff\xff\xff"
    riff_size, data_size, n_samples = struct.unpack("<QQQ", long[20:44])
    assert riff_size == len(long) - 8 + data_size
    assert (data_size, n_samples) == ((most + 1) * group, most + 1)


def test_others_read_our_rf64(tmp_path):
    n_samples = 2**30 + 4321
    header = wav_header(RATE_HZ, 2, 3, False, n_samples, {})
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + 6 * n_samples)  # a hole: takes no room
    assert probe(path)["duration_ts"] == n_samples
    with open_source(path) as source:
        assert source.info.n_samples == n_samples
        assert source.info.format == "rf64"


def test_an_aiff_cannot_be_longer_than_4_gib():
    aiff_header(RATE_HZ, 2, 3, False, 700_000_000, {})
    with pytest.raises(SettingError, match=r"holds at most 4 GiB, and this needs 43.* take wav"):
        aiff_header(RATE_HZ, 2, 3, False, 720_000_000, {})


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 48_000, 192_000, 384_000, 768_000])
@each_format
def test_rates(tmp_path, form, rate_hz):
    path = tmp_path / f"out{form.suffix}"
    if form.format == "flac" and rate_hz > 655_350:
        with pytest.raises(SettingError, match="rate_hz=768000: in FLAC must be at most 655350 Hz"):
            write(path, form, music(100), rate_hz)
        return
    write(path, form, music(100), rate_hz)
    assert int(probe(path)["sample_rate"]) == rate_hz
    assert read(path).rate_hz == rate_hz


@each_format
def test_the_same_samples_give_the_same_bytes_however_split(tmp_path, form):
    samples = music(6000)
    samples[:, 1000:3000] = 0
    whole = write(tmp_path / "1", form, samples, split=6000).read_bytes()
    for split in (1, 17, 4096):
        path = write(tmp_path / "2", form, samples, split=split, overwrite=True)
        assert path.read_bytes() == whole


@each_format
@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_shortest_files(tmp_path, form, n):
    samples = music(n) + 0.1
    path = write(tmp_path / f"out{form.suffix}", form, samples)
    if n:
        np.testing.assert_allclose(read(path).samples, samples, atol=1e-4)


@each_format
def test_silence_stays_digital_black(tmp_path, form):
    samples = music(9000)
    samples[:, :2000] = 0
    samples[:, 4000:6000] = 0
    samples[:, 8000:] = 0
    found = by_ffmpeg(write(tmp_path / f"out{form.suffix}", form, samples), 2)
    for start, stop in ((0, 2000), (4000, 6000), (8000, 9000)):
        assert not found[:, start:stop].any()
    assert found[:, 2000:4000].any()


@each_format
def test_beyond_full_scale(tmp_path, form):
    samples = np.array([[1.0, 10.0, -10.0, -1.0, 0.5]])
    plain = form.with_(dither="none")
    found = read(write(tmp_path / f"out{form.suffix}", plain, samples)).samples
    if form.is_float:
        np.testing.assert_array_equal(found, samples)  # kept
    else:
        step = 2.0 ** -(int(form.bits) - 1)
        np.testing.assert_array_equal(found, [[1 - step, 1 - step, -1, -1, 0.5]])  # never wrapped


@pytest.mark.parametrize("container", ["wav", "flac", "aiff"])
def test_a_bit_exact_pass(tmp_path, container):
    values = np.random.default_rng(1).integers(-(2**23), 2**23, (2, 5000))
    values[:, 1000:3000] = 0
    form = OutputFormat(format=container, dither="none")
    path = write(tmp_path / "out", form, values / 2**23)
    np.testing.assert_array_equal(by_ffmpeg(path, 2) * 2**23, values)


def test_the_seed_makes_the_noise(tmp_path):
    def written(seed):
        form = OutputFormat(bits="16", dither_seed=seed)
        return write(tmp_path / "out.wav", form, music(1000), overwrite=True).read_bytes()

    assert written(1) == written(1)
    assert written(1) != written(2)


@pytest.mark.parametrize("dither", SHAPES)
def test_each_shape_can_be_asked_for(tmp_path, dither):
    form = OutputFormat(bits="16", dither=dither)
    path = write(tmp_path / "out.wav", form, music(1000))
    error = read(path).samples - music(1000)
    assert 0 < np.abs(error * 2**15).max() <= 1.5 * SHAPES[dither].worst_gain


def test_a_shape_at_the_wrong_rate_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(SettingError, match="dither=lipshitz-5: is made for 41895 to 46305 Hz"):
        Writer(tmp_path / "out.wav", OutputFormat(bits="16", dither="lipshitz-5"), 96_000, 2, 10)


def test_the_samples_given_are_not_changed(tmp_path):
    samples = music(1000)
    before = samples.copy()
    for form in FORMATS:
        write(tmp_path / f"{form.bits}{form.suffix}", form, samples)
    np.testing.assert_array_equal(samples, before)
