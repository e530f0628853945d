"""Reading WAV: every kind of sample, and every lie that a header tells."""

import struct
from pathlib import Path

import numpy as np
import pytest
from by_hand import chunk, extensible, floats, fmt, riff, simple, whole

from burnish.audio import open_source, read
from burnish.errors import InputError

# interleaved stereo: both ends of the range, both sides of zero, and something uneven
FRACTIONS = (-1.0, 0.5, 0.0, -0.25, 0.125, -0.8125, 0.734375, -0.0078125)
EXPECTED = np.array(FRACTIONS).reshape(-1, 2).T
PCM_16 = whole([round(f * 2**15) for f in FRACTIONS], 2)
FMT_16 = chunk(b"fmt ", fmt(1, 2, 44_100, 16))


@pytest.fixture
def file(tmp_path):
    def make(content: bytes, name: str = "mix.wav") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


def info_of(path):
    with open_source(path) as source:
        return source.info


def assert_reads(path, expected=EXPECTED, rate_hz=44_100):
    audio = read(path)
    assert audio.rate_hz == rate_hz
    assert audio.samples.dtype == np.float64
    assert audio.samples.flags.c_contiguous
    np.testing.assert_array_equal(audio.samples, expected)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("is_extensible", [False, True])
def test_whole_numbers(file, bits, is_extensible):
    width = bits // 8
    data = whole([round(f * 2 ** (bits - 1)) for f in FRACTIONS], width)
    form = extensible(1, 2, 44_100, bits, bits) if is_extensible else fmt(1, 2, 44_100, bits)
    path = file(riff(chunk(b"fmt ", form), chunk(b"data", data)))
    assert_reads(path)
    info = info_of(path)
    assert (info.format, info.codec, info.bits, info.is_float) == ("wav", "pcm", bits, False)
    assert (info.channels, info.n_samples, info.remarks) == (2, 4, ())
    assert info.duration_s == 4 / 44_100


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_each_step_of_the_range_is_kept(file, bits):
    most = 2 ** (bits - 1)
    values = [-most, -most + 1, -257, -256, -255, -1, 0, 1, 255, 256, 257, most - 2, most - 1]
    path = file(simple(values, channels=1, bits=bits))
    assert_reads(path, np.array([values]) / most)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("is_extensible", [False, True])
def test_floats_keep_what_lies_beyond_full_scale(file, bits, is_extensible):
    values = (*FRACTIONS[:-2], 10.0, -3.5)
    form = extensible(3, 2, 44_100, bits, bits) if is_extensible else fmt(3, 2, 44_100, bits)
    path = file(riff(chunk(b"fmt ", form), chunk(b"data", floats(values, bits // 8))))
    assert_reads(path, np.array(values).reshape(-1, 2).T)
    info = info_of(path)
    assert (info.codec, info.bits, info.is_float) == ("float", bits, True)


def test_20_valid_bits_in_24(file):
    data = whole([round(f * 2**23) for f in FRACTIONS], 3)
    path = file(riff(chunk(b"fmt ", extensible(1, 2, 44_100, 24, 20)), chunk(b"data", data)))
    assert_reads(path)
    assert info_of(path).bits == 20


def test_24_bits_in_a_container_of_32(file):
    data = whole([round(f * 2**31) for f in FRACTIONS], 4)
    path = file(riff(chunk(b"fmt ", fmt(1, 2, 44_100, 24, group=8)), chunk(b"data", data)))
    assert_reads(path)
    assert info_of(path).bits == 24


def test_a_group_size_of_nothing_is_mended(file):
    assert_reads(file(riff(chunk(b"fmt ", fmt(1, 2, 44_100, 16, group=0)), chunk(b"data", PCM_16))))


def test_mono_stays_mono(file):
    path = file(simple([1, -2, 3], channels=1))
    assert_reads(path, np.array([[1, -2, 3]]) / 2**15)


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 22_050, 96_000, 384_000, 768_000])
def test_rates(file, rate_hz):
    path = file(simple([1, 2, 3, 4], rate_hz=rate_hz))
    assert_reads(path, np.array([[1, 3], [2, 4]]) / 2**15, rate_hz)


@pytest.mark.parametrize("rate_hz", [4000, 7999, 768_001, 2_822_400])
def test_a_rate_out_of_range_is_told(file, rate_hz):
    with pytest.raises(InputError, match=f"has {rate_hz} Hz; must be 8000 to 768000 Hz") as caught:
        open_source(file(simple([1, 2], rate_hz=rate_hz)))
    assert caught.value.code == "input-rate"


@pytest.mark.parametrize("channels", [3, 6, 24])
def test_surround_ends_with_what_to_do(file, channels):
    with pytest.raises(InputError, match=r"has \d+ channels; .* Mix it down to stereo") as caught:
        open_source(file(simple([1] * channels, channels=channels)))
    assert caught.value.code == "input-channels"
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("pad", [True, False])
@pytest.mark.parametrize("name", [b"LIST", b"bext", b"junk", b"xyz1"])
def test_odd_chunks_with_and_without_their_pad_byte(file, name, pad):
    odd = chunk(name, b"odd content 1", pad=pad)
    assert_reads(file(riff(odd, FMT_16, odd, chunk(b"data", PCM_16))))
    assert_reads(file(riff(FMT_16, chunk(b"data", PCM_16), odd)))


def test_chunks_after_the_samples_are_not_heard(file):
    assert_reads(file(riff(FMT_16, chunk(b"data", PCM_16), chunk(b"id3 ", b"\x7f" * 1001))))


def test_an_odd_count_of_bytes(file):
    data = whole([1, -2, 3], 3)
    content = riff(
        chunk(b"fmt ", fmt(1, 1, 44_100, 24)), chunk(b"data", data), chunk(b"LIST", b"1")
    )
    assert_reads(file(content), np.array([[1, -2, 3]]) / 2**23)


def test_samples_before_the_format(file):
    assert_reads(file(riff(chunk(b"data", PCM_16), FMT_16)))


@pytest.mark.parametrize("riff_size", [0, 0xFFFFFFFF, 36, 7])
def test_a_wrong_size_of_the_whole(file, riff_size):
    assert_reads(file(riff(FMT_16, chunk(b"data", PCM_16), size=riff_size)))


@pytest.mark.parametrize("data_size", [0, 0xFFFFFFFF, 0xFFFFFFFE, 0x7FFFF024, 0x7FFFFFFF])
@pytest.mark.parametrize("riff_size", [0, 0xFFFFFFFF])
def test_a_header_written_before_its_end_was_known(file, data_size, riff_size):
    path = file(riff(FMT_16, chunk(b"data", PCM_16, size=data_size), size=riff_size))
    assert_reads(path)
    assert info_of(path).remarks == ()


def test_a_header_that_promises_more_than_there_is(file):
    path = file(riff(FMT_16, chunk(b"data", PCM_16, size=4000)))
    assert_reads(path)
    remark = "the header promises 1000 samples, but the file ends after 4"
    assert info_of(path).remarks == (remark,)


def test_a_file_cut_within_a_sample(file):
    assert_reads(file(riff(FMT_16, chunk(b"data", PCM_16 + b"\1\2\3", pad=False))))


@pytest.mark.parametrize("name", [b"RF64", b"BW64"])
@pytest.mark.parametrize("data_size", [0xFFFFFFFF, None])
def test_rf64(file, name, data_size):
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, len(PCM_16), 4, 0))
    after = chunk(b"LIST", b"12")
    body = (ds64, FMT_16, chunk(b"data", PCM_16, size=data_size), after)
    path = file(riff(*body, name=name, size=0xFFFFFFFF))
    assert_reads(path)
    assert info_of(path).format == name.decode().lower()


def test_rf64_past_4_gib_reads_its_end(tmp_path):
    n_samples = 2**30 + 1000  # of four bytes each
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 4 * n_samples + 100, 4 * n_samples, n_samples, 0))
    data = chunk(b"data", b"", size=0xFFFFFFFF)
    path = tmp_path / "long.wav"
    with path.open("wb") as file:  # a hole as long as that takes no room
        header = riff(ds64, FMT_16, data, name=b"RF64", size=0xFFFFFFFF)
        file.write(header)
        file.seek(len(header) + 4 * (n_samples - 4))
        file.write(PCM_16)
    with open_source(path) as source:
        assert source.info.n_samples == n_samples
        assert source.info.remarks == ()
        (last,) = source.blocks(start=n_samples - 4)
        np.testing.assert_array_equal(last, EXPECTED)


def test_the_name_does_not_matter(file):
    content = simple([1, 2, 3, 4])
    for name in ("mix", "mix.mp3", "mix.flac", "ünï ço∂é 音.wav", "a:b.wav", "-mix.wav", "%d.wav"):
        assert_reads(file(content, name), np.array([[1, 3], [2, 4]]) / 2**15)


def test_a_very_long_name(file):
    assert_reads(file(simple([1, 2]), "x" * 251 + ".wav"), np.array([[1], [2]]) / 2**15)


@pytest.mark.parametrize("n", [1, 2, 16, 17, 18, 33, 34])
@pytest.mark.parametrize("block_samples", [1, 17, 65_536])
def test_blocks_are_the_whole(file, n, block_samples):
    values = np.random.default_rng(n).integers(-(2**15), 2**15, 2 * n).tolist()
    with open_source(file(simple(values))) as source:
        blocks = list(source.blocks(block_samples))
        assert [b.shape[1] for b in blocks[:-1]] == [block_samples] * (len(blocks) - 1)
        assert all(b.flags.c_contiguous for b in blocks)
        np.testing.assert_array_equal(np.concatenate(blocks, axis=1), source.read().samples)
        np.testing.assert_array_equal(source.read().samples * 2**15, np.reshape(values, (-1, 2)).T)


def test_a_part_of_it(file):
    with open_source(file(simple(list(range(200))))) as source:
        everything = source.read().samples
        for start, stop in [(0, 100), (3, 97), (99, 100), (50, None), (50, 1000)]:
            part = np.concatenate(list(source.blocks(7, start, stop)), axis=1)
            np.testing.assert_array_equal(part, everything[:, start:stop])
        for start, stop in [(100, None), (5, 5), (7, 3), (200, 300)]:
            assert not list(source.blocks(7, start, stop))
        with pytest.raises(ValueError, match="must be >= 1"):
            source.blocks(0)


def test_two_passes_at_once_do_not_disturb_each_other(file):
    with open_source(file(simple(list(range(200))))) as source:
        one, other = source.blocks(10), source.blocks(10)
        for first, second in zip(one, other, strict=True):
            np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("width", [4, 8])
def test_a_sample_that_is_no_number_is_named(file, bad, width):
    values = [0.1] * 400
    values[2 * 123 + 1] = bad
    values[2 * 150] = bad
    form = fmt(3, 2, 44_100, 8 * width)
    path = file(riff(chunk(b"fmt ", form), chunk(b"data", floats(values, width))))
    with open_source(path) as source:
        for block_samples in (1, 17, 65_536):
            with pytest.raises(InputError, match="sample 123 of channel 2") as caught:
                list(source.blocks(block_samples))
            assert caught.value.code == "input-not-finite"
        assert len(list(source.blocks(17, 0, 123))) == 8  # what lies before it can be read
    with pytest.raises(InputError, match=r"mix.wav: sample 123 of channel 2 \(at 0.003 s\) is"):
        read(path)


def test_floats_whose_sum_is_beyond_all_bounds_are_numbers(file):
    values = [1e308, 1e308, -1e308, 1e308]
    path = file(riff(chunk(b"fmt ", fmt(3, 2, 44_100, 64)), chunk(b"data", floats(values, 8))))
    assert_reads(path, np.array(values).reshape(-1, 2).T)


def test_a_file_that_shrinks_while_it_is_read(file):
    path = file(simple(list(range(20_000))))
    with open_source(path) as source:
        path.write_bytes(path.read_bytes()[:1000])
        with pytest.raises(InputError, match="got shorter while it was read"):
            list(source.blocks())


@pytest.mark.parametrize("keep", range(0, 60, 4))
def test_a_header_cut_anywhere_gives_one_clear_error(file, keep):
    with pytest.raises(InputError) as caught:
        open_source(file(simple([1, 2, 3, 4])[:keep][:44]))
    assert caught.value.code in ("input-unreadable", "input-empty")
