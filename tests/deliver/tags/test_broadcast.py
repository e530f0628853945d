"""A broadcast WAV of a release full of texts, as others read it."""

import re
import xml.etree.ElementTree as ET

import pytest
from tagged import FIELDS, bare, by_exiftool, by_mediainfo, decoded, run

from burnish.audio.chunks import copy_with_chunks, history_line, list_chunks, read_bext, read_chunk
from burnish.audio.tags import read_tags
from burnish.deliver.tags import Broadcast, Fields, differences, loudness_of, wav_chunks
from burnish.measure import measure


@pytest.fixture(scope="session")
def measured(tmp_path_factory):
    from burnish.audio import open_source

    with open_source(bare(tmp_path_factory, "wav.wav")) as source:
        return measure(source)


@pytest.fixture(scope="session")
def broadcast(tmp_path_factory, measured):
    told = Broadcast(
        rate_hz=48_000,
        bits=24,
        channels=2,
        made="2026-11-21T18:30:05Z",
        loudness=loudness_of(measured),
        history=(history_line(44_100, 24, 2, "mix"), history_line(48_000, 24, 2, "burnish, tpdf")),
        time_reference=48_000 * 3600,
    )
    path = tmp_path_factory.mktemp("bwf") / "b.wav"
    chunks = wav_chunks(FIELDS, told, id3=False)
    copy_with_chunks(bare(tmp_path_factory, "wav.wav"), path, chunks)
    return path


def test_the_order_of_its_chunks(broadcast):
    names = [place.name for place in list_chunks(broadcast)]
    assert names == ["bext", "fmt ", "iXML", "axml", "LIST", "data"]


def test_the_sound_keeps_its_bits(tmp_path_factory, broadcast):
    assert decoded(broadcast) == decoded(bare(tmp_path_factory, "wav.wav"))


def test_what_is_read_back_is_what_was_asked(broadcast):
    assert differences(broadcast, FIELDS) == ()
    assert read_tags(broadcast).text("upc") == FIELDS.upc
    other = Fields(**{**FIELDS.__dict__, "upc": "4006381333931", "isrc": "USRC17607840"})
    assert [one.split(":")[0] for one in differences(broadcast, other)] == ["isrc", "upc"]


def test_with_everything_in_it(tmp_path_factory, tmp_path):
    path = tmp_path / "all.wav"
    chunks = wav_chunks(FIELDS, Broadcast(48_000, 24, 2))
    copy_with_chunks(bare(tmp_path_factory, "wav.wav"), path, chunks)
    assert [place.name for place in list_chunks(path)][-3:] == ["LIST", "id3 ", "data"]
    assert differences(path, FIELDS, cover=False) == ()


def test_wavinfo_agrees(broadcast, measured):
    import wavinfo

    found = wavinfo.WavInfoReader(str(broadcast))
    told = found.bext.to_dict()
    assert told["originator_ref"] == FIELDS.isrc
    assert told["originator"] == "Leybl"
    assert told["description"].startswith('Ana & die Gezeiten - Arger "unter uns"')
    assert (told["originator_date"], told["originator_time"]) == ("2026-11-21", "18:30:05")
    assert told["time_reference"] == 172_800_000
    assert told["umid"] == bytes(64)
    assert told["max_true_peak"] == pytest.approx(measured.peaks.true_peak_dbtp, abs=0.0051)
    assert told["coding_history"] == (
        "A=PCM,F=44100,W=24,M=stereo,T=mix\r\nA=PCM,F=48000,W=24,M=stereo,T=burnish; tpdf\r\n"
    )
    assert found.ixml.project == FIELDS.album
    assert [one.name for one in found.ixml.track_list] == ["Left", "Right"]


def test_mediainfo_and_exiftool_agree(broadcast, measured):
    told = by_mediainfo(broadcast)
    assert told["bext_Version"] == "2"
    assert told["Producer_Reference"] == FIELDS.isrc
    inform = run("mediainfo", "--Full", broadcast)
    peak = float(re.search(r"MaxTruePeakLevel +: (\S+)", inform)[1])
    assert peak == pytest.approx(measured.peaks.true_peak_dbtp, abs=0.0051)
    told = by_exiftool(broadcast)
    assert told["BWFVersion"] == 2
    assert told["OriginatorReference"] == FIELDS.isrc
    assert told["BwfxmlNote"] == f"{FIELDS.artist} - {FIELDS.title}"
    assert f"BARCODE: {FIELDS.upc}" in told["BwfxmlUser"]


def test_a_file_too_short_for_a_loudness_says_none(broadcast, measured):
    assert measured.loudness.integrated_lufs is None  # 0.2 s
    assert read_bext(read_chunk(broadcast, "bext")).integrated_lufs is None


def test_axml_is_ebucore_with_the_isrc(broadcast):
    root = ET.fromstring(read_chunk(broadcast, "axml"))
    core = "{urn:ebu:metadata-schema:ebuCore_2012}"
    (identifier,) = root.iter(f"{core}identifier")
    assert identifier.get("formatLabel") == "ISRC"
    assert identifier.findtext("{http://purl.org/dc/elements/1.1/}identifier") == (
        f"ISRC:{FIELDS.isrc}"
    )


def test_without_an_isrc_the_reference_is_the_catalogue_number_and_the_track():
    fields = Fields(**{**FIELDS.__dict__, "isrc": ""})
    chunks = wav_chunks(fields, Broadcast(48_000, 24, 2))
    assert "axml" not in chunks
    assert read_bext(chunks["bext"]).originator_reference == "CAT-001-03"
    assert read_bext(chunks["bext"]).date == ""
