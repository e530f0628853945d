"""The broadcast chunks, byte by byte and by other programs' eyes; and the reader apart."""

import math
import struct
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.audio import OutputFormat, Writer, read
from burnish.audio.chunks import (
    BextLoudness,
    axml_isrc,
    bext,
    copy_with_chunks,
    history_line,
    info,
    ixml,
    list_chunks,
    read_bext,
    read_chunk,
)
from burnish.audio.headers import wav_header
from burnish.audio.tags import read_tags
from burnish.errors import InputError, OutputError

LOUDNESS = BextLoudness(-22.644, 9.5, -1.007, -18.996, None)


def test_bext_byte_by_byte():
    """EBU Tech 3285 v2, its table, with the numbers written out by hand."""
    body = bext(
        description="Ana - Home",
        originator="burnish",
        originator_reference="USRC17607839",
        made="2026-11-21T18:30:05Z",
        time_reference=0x1_2345_6789,
        loudness=LOUDNESS,
        coding_history=("A=PCM,F=48000,W=24,M=stereo,T=mix", "A=PCM,F=44100,W=16,M=stereo,T=x"),
    )
    expected = bytearray(602)
    expected[0:10] = b"Ana - Home"
    expected[256:263] = b"burnish"
    expected[288:300] = b"USRC17607839"
    expected[320:330] = b"2026-11-21"
    expected[330:338] = b"18:30:05"
    expected[338:346] = bytes.fromhex("8967452301000000")
    expected[346:348] = b"\x02\x00"
    # -22.64 LUFS is -2264, 9.5 LU 950, -1.007 dBTP -101, -19.00 -1900, unused
    expected[412:422] = bytes.fromhex("28f7 b603 9bff 94f8 ff7f")
    history = b"A=PCM,F=48000,W=24,M=stereo,T=mix\r\nA=PCM,F=44100,W=16,M=stereo,T=x\r\n"
    assert body == bytes(expected) + history


def test_bext_without_anything_is_602_bytes():
    body = bext()
    assert len(body) == 602
    assert body[412:422] == b"\xff\x7f" * 5
    assert body[348:412] == bytes(64)
    with pytest.raises(ValueError, match="must begin as"):
        bext(made="yesterday")


@pytest.mark.parametrize("value", [None, -math.inf, math.inf, math.nan, -120.0, 327.67])
def test_what_a_loudness_field_cannot_say_it_does_not(value):
    assert bext(loudness=BextLoudness(value))[412:414] == b"\xff\x7f"


def test_texts_are_ascii_and_cut():
    body = bext(description="é" * 300, originator="x" * 40)
    assert body[:256] == b"?" * 256
    assert body[256:288] == b"x" * 32
    assert body[288:320] == bytes(32)


_ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=32)
_DB = st.one_of(st.none(), st.floats(-99, 99).map(lambda value: round(value, 2)))


@settings(max_examples=60, deadline=None)
@given(
    texts=st.tuples(_ASCII, _ASCII, _ASCII),
    loudness=st.tuples(_DB, _DB, _DB, _DB, _DB),
    place=st.integers(0, 2**63),
    lines=st.lists(_ASCII.filter(bool), max_size=3),
)
def test_any_bext_comes_back(texts, loudness, place, lines):
    found = read_bext(bext(*texts, "2026-11-21T01:02:03", place, BextLoudness(*loudness), lines))
    assert (found.description, found.originator, found.originator_reference) == texts
    assert (found.date, found.time) == ("2026-11-21", "01:02:03")
    assert (found.time_reference, found.version, found.umid) == (place, 2, bytes(64))
    assert (
        found.integrated_lufs, found.range_lu, found.true_peak_dbtp,
        found.max_momentary_lufs, found.max_short_term_lufs,
    ) == loudness  # fmt: skip
    assert found.coding_history == tuple(lines)


def test_a_bext_that_is_too_short():
    with pytest.raises(ValueError, match="602 or more"):
        read_bext(bytes(601))


def test_history_lines():
    assert history_line(44100, 16, 1, "burnish, tpdf\r\n") == (
        "A=PCM,F=44100,W=16,M=mono,T=burnish; tpdf "
    )


def test_info_is_a_list_of_texts():
    body = info({"INAM": "Öl", "IART": "", "ISFT": "burnish"})
    assert body == b"INFOINAM\x04\0\0\0\xc3\x96l\0ISFT\x08\0\0\0burnish\0"
    assert info({"INAM": "ab"}) == b"INFOINAM\x03\0\0\0ab\0\0"
    for name in ("ISRC", "TOOLONG", "é123"):
        with pytest.raises(ValueError, match="and not ISRC"):
            info({name: "x"})


def test_ixml_is_xml_whatever_the_title():
    body = ixml("A<&>\x00\x0b\ufffe", "日本 👩‍👩‍👧", 48000, 24, 2, LOUDNESS, {"ISRC": "X", "E": ""})
    root = ET.fromstring(body)
    assert root.tag == "BWFXML"
    assert root.findtext("PROJECT") == "A<&>   "
    assert root.findtext("NOTE") == "日本 👩‍👩‍👧"
    assert root.findtext("LOUDNESS/LOUDNESS_VALUE") == "-22.64"
    assert root.find("LOUDNESS/MAX_SHORT_TERM_LOUDNESS") is None
    assert [one.text for one in root.findall("TRACK_LIST/TRACK/NAME")] == ["Left", "Right"]
    assert root.findtext("SPEED/AUDIO_BIT_DEPTH") == "24"
    assert root.findtext("USER") == "ISRC: X"


def written(path, chunks, bits="24", n=1001, channels=1):
    sound = 0.1 * np.random.default_rng(0).standard_normal((channels, n))
    with Writer(path, OutputFormat(bits=bits), 44_100, channels, n, chunks=chunks) as writer:
        writer.write(sound)
    return path


CHUNKS = {
    "bext": bext("d", "o", "r", "2026-11-21T00:00:00", 0, LOUDNESS, ["A=PCM,T=odd"]),
    "iXML": ixml("P", "N", 44_100, 24, 1, LOUDNESS),
    "axml": axml_isrc("USRC17607839"),
    "LIST": info({"INAM": "Title", "ISFT": "burnish"}),
}


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_the_order_of_chunks_and_their_pad_bytes(tmp_path, bits):
    path = written(tmp_path / "x.wav", CHUNKS, bits)
    places = list_chunks(path)
    fact = ["fact"] if bits == "32f" else []
    assert [place.name for place in places] == [
        "bext", "fmt ", *fact, "iXML", "axml", "LIST", "data",
    ]  # fmt: skip
    assert any(len(body) % 2 for body in CHUNKS.values())
    for name, body in CHUNKS.items():
        assert read_chunk(path, name) == body
    last = places[-1]
    assert last.start + last.size + last.size % 2 == path.stat().st_size
    assert read_chunk(path, "none") is None
    assert read_tags(path).text("isrc") == "USRC17607839"
    assert read_tags(path).text("title") == "Title"


def test_wavinfo_reads_them(tmp_path):
    wavinfo = pytest.importorskip("wavinfo")
    path = written(tmp_path / "x.wav", CHUNKS, channels=2)
    found = wavinfo.WavInfoReader(str(path))
    told = found.bext.to_dict()
    assert (told["description"], told["originator"], told["version"]) == ("d", "o", 2)
    assert told["loudness_value"] == pytest.approx(-22.64)
    assert told["loudness_range"] == pytest.approx(9.5)
    assert told["max_true_peak"] == pytest.approx(-1.01)
    assert told["coding_history"] == "A=PCM,T=odd\r\n"
    assert found.ixml.project == "P"
    assert found.info.title == "Title"
    assert found.fmt.audio_format == 1


def test_samples_are_copied_under_other_chunks(tmp_path):
    for bits in ("16", "24", "32f"):
        source = written(tmp_path / f"{bits}.wav", {"LIST": info({"INAM": "old"})}, bits)
        target = tmp_path / f"{bits}-new.wav"
        copy_with_chunks(source, target, CHUNKS)
        np.testing.assert_array_equal(read(target).samples, read(source).samples)
        assert target.read_bytes() == written(tmp_path / "w.wav", CHUNKS, bits).read_bytes()
        (tmp_path / "w.wav").unlink()
        with pytest.raises(OutputError, match="exists already"):
            copy_with_chunks(source, target, {})
    (tmp_path / "x.txt").write_bytes(b"no sound")
    with pytest.raises(InputError, match="no WAV"):
        copy_with_chunks(tmp_path / "x.txt", tmp_path / "y.wav", {})


def test_chunks_of_a_file_past_4_gib(tmp_path):
    """As a file with a hole: the header is what counts."""
    n = 900_000_000
    header = wav_header(44_100, 2, 3, False, n, CHUNKS)
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + 6 * n)
    places = list_chunks(path)
    assert [place.name for place in places] == [
        "ds64", "bext", "fmt ", "iXML", "axml", "LIST", "data",
    ]  # fmt: skip
    assert places[-1].size == 6 * n
    assert read_bext(read_chunk(path, "bext")).integrated_lufs == -22.64
    assert header[:4] == b"RF64"
    assert struct.unpack("<Q", header[20:28])[0] == path.stat().st_size - 8


def test_what_is_no_chunk_file_has_none(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"RIFX" + bytes(100))
    assert list_chunks(path) == ()
    path.write_bytes(b"")
    assert list_chunks(path) == ()
    path.write_bytes(b"RIFF\0\0\0\0WAVEabcd\xff\xff\xff\xff")
    assert [place.name for place in list_chunks(path)] == ["abcd"]
    assert read_chunk(path, "abcd") is None
