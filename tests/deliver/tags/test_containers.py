"""Every container: what burnish tags, other programs read."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tagged import (
    CONTAINERS,
    FIELDS,
    GAINS,
    bare,
    by_exiftool,
    by_ffprobe,
    by_mediainfo,
    by_metaflac,
    by_ogg_tool,
    decoded,
    run,
    tagged,
)

from burnish.deliver.artwork import Cover
from burnish.deliver.tags import Fields, ReplayGains, differences, write_tags
from burnish.deliver.tags.homes import HOMES
from burnish.errors import OutputError

each_container = pytest.mark.parametrize("name", CONTAINERS)


@pytest.fixture(scope="session")
def cover() -> Cover:
    from io import BytesIO

    from PIL import Image

    held = BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(held, "JPEG", quality=95)
    return Cover(held.getvalue(), 200, 200)


@pytest.fixture(scope="session")
def full(tmp_path_factory, cover):
    """All of it in every container, written once."""
    folder = tmp_path_factory.mktemp("full")
    return {name: tagged(tmp_path_factory, folder, name, FIELDS, cover, GAINS)
            for name in CONTAINERS}  # fmt: skip


@each_container
def test_the_sound_keeps_its_bits(tmp_path_factory, full, name):
    assert decoded(full[name]) == decoded(bare(tmp_path_factory, name))


@each_container
def test_what_is_read_back_is_what_was_asked(full, name):
    assert differences(full[name], FIELDS, GAINS, cover=True) == ()


@each_container
def test_each_difference_is_told(full, name):
    other = FIELDS.__class__(
        **{**FIELDS.__dict__, "isrc": "USRC17607840", "genre": "", "producer": "P", "title": "T"}
    )
    said = differences(full[name], other, ReplayGains(-15.0), cover=False)
    text = "\n".join(said)
    assert 'isrc: says "USRC17607839", must say "USRC17607840"' in text
    assert 'genre: says "Städtische Musik", must say nothing' in text
    assert 'must say "T"' in text
    assert "Sigur Rós" in text
    assert "cover: is there" in text
    gain = "r128_track_gain" if name == "opus.opus" else "replaygain_track_gain"
    assert gain in text
    assert len(said) == 6


@each_container
def test_who_mastered_it_may_stand_in_the_file(full, name):
    unsaid = FIELDS.__class__(**{**FIELDS.__dict__, "mastered_by": "", "encoder": ""})
    assert differences(full[name], unsaid) == ()
    other = FIELDS.__class__(**{**FIELDS.__dict__, "mastered_by": "Somebody"})
    assert len(differences(full[name], other)) == 1


@each_container
def test_ffprobe_agrees(full, name):
    told, pictures = by_ffprobe(full[name])
    assert told["title"] == FIELDS.title
    assert told["artist"] == FIELDS.artist
    assert told["album"] == FIELDS.album
    assert told["date"] == FIELDS.date
    assert told["track"].split("/")[0] == "3"
    if name == "wav.wav" and "tsrc" not in told:
        return  # FFmpeg before 6 reads no id3 chunk of a WAV
    assert told["album_artist"] == FIELDS.album_artist
    assert told["composer"] == FIELDS.composer
    assert told.get("isrc", told.get("tsrc")) == FIELDS.isrc
    assert told["barcode"] == FIELDS.upc
    assert told["catalognumber"] == FIELDS.catalogue_number
    assert [(one["codec_name"], one["width"]) for one in pictures] == [("mjpeg", 200)]


@each_container
def test_mediainfo_agrees(full, name):
    told = by_mediainfo(full[name])
    assert told["Track"] == FIELDS.title
    assert told["Performer"] == FIELDS.artist
    assert told["Album"] == FIELDS.album
    assert told["Album_Performer"] == FIELDS.album_artist
    assert told["ISRC"] == FIELDS.isrc
    assert FIELDS.upc in (told.get("BarCode"), told.get("BARCODE"), told.get("UPC"))
    assert "Yes" in told["Cover"]
    assert FIELDS.catalogue_number in told.values()
    if name.endswith(".m4a"):
        assert told["PRODUCER"] == FIELDS.producer
        assert told["Rating"] == "Explicit"


@each_container
def test_exiftool_agrees(full, name):
    told = by_exiftool(full[name])
    assert told["Title"] == FIELDS.title
    assert told["Artist"] == FIELDS.artist
    assert told["Album"] == FIELDS.album
    texts = [str(value) for value in told.values()]
    assert FIELDS.isrc in texts
    assert any(FIELDS.upc.lstrip("0") in text for text in texts)
    if not name.endswith(".m4a"):  # there it shows free atoms only where they are ASCII
        assert any("Sigur Rós" in text for text in texts)
    assert "Warning" not in {key.split(":")[-1] for key in told}


def test_metaflac_agrees(full):
    told = by_metaflac(full["flac.flac"])
    texts = FIELDS.texts() | {"track": "3"}
    for home in HOMES:
        assert told[home.vorbis] == texts[home.field]
    assert told["TRACKTOTAL"] == "12"
    assert told["REPLAYGAIN_TRACK_GAIN"] == "-4.00 dB"
    assert told["REPLAYGAIN_ALBUM_PEAK"] == "0.901571"
    listed = run("metaflac", "--list", "--block-type=PICTURE", full["flac.flac"])
    for line in ("type: 3 (Cover (front))", "MIME type: image/jpeg", "width: 200", "depth: 24"):
        assert line in listed
    run("flac", "--test", "--silent", full["flac.flac"])


@pytest.mark.parametrize(("name", "tool"), [("vorbis.ogg", "ogginfo"), ("opus.opus", "opusinfo")])
def test_the_tools_of_xiph_agree(full, name, tool):
    told = by_ogg_tool(tool, full[name])
    for home in HOMES:
        if home.field != "track":
            assert told[home.vorbis] == FIELDS.texts()[home.field]
    if name == "opus.opus":
        assert told["R128_TRACK_GAIN"] == "-2304"
        assert told["R128_ALBUM_GAIN"] == "-2432"
        assert not any(key.startswith("REPLAYGAIN") for key in told)
    else:
        assert told["REPLAYGAIN_REFERENCE_LOUDNESS"] == "-18.00 LUFS"


def test_mp3_is_id3v2_4_in_utf8_and_keeps_the_encoders_note(tmp_path_factory, full):
    content = full["mp3.mp3"].read_bytes()
    assert content[:5] == b"ID3\x04\x00"
    assert b"TIT2" in content
    place = content.index(b"TIT2")
    assert content[place + 10] == 3
    assert content.count(b"Info") + content.count(b"Xing") == 1
    sound = bare(tmp_path_factory, "mp3.mp3").read_bytes()
    note = sound.index(b"Info")
    assert content.endswith(sound[note - 36 :])
    assert b"TPE3\x00" in content
    assert b"TLAN\x00\x00\x00\x05\x00\x00\x03por\x00" in content
    assert b"arranger\0" + FIELDS.arranger.encode() + b"\0producer\0" in content


def test_m4a_keeps_the_encoders_note_of_its_delay(tmp_path_factory, tmp_path):
    from mutagen.mp4 import MP4, MP4FreeForm

    path = tagged(tmp_path_factory, tmp_path, "aac.m4a")
    key = "----:com.apple.iTunes:iTunSMPB"
    file = MP4(path)
    file[key] = [MP4FreeForm(b" 00000000 00000840")]
    file["----:com.apple.iTunes:OLD"] = [MP4FreeForm(b"x")]
    file.save()
    write_tags(path, FIELDS)
    again = MP4(path)
    assert bytes(again[key][0]) == b" 00000000 00000840"
    assert "----:com.apple.iTunes:OLD" not in again
    assert differences(path, FIELDS, cover=False) == ()


@pytest.mark.parametrize("name", [name for name in CONTAINERS if name != "wav.wav"])
def test_to_tag_twice_is_to_tag_once(tmp_path_factory, tmp_path, cover, name):
    first = tagged(tmp_path_factory, tmp_path, name, FIELDS, cover, GAINS)
    bare_fields = Fields(title="Only this")
    write_tags(first, bare_fields)
    assert differences(first, bare_fields, cover=False) == ()
    assert decoded(first) == decoded(bare(tmp_path_factory, name))


@pytest.mark.parametrize("name", ["flac.flac", "mp3.mp3", "alac.m4a", "wav.wav"])
@pytest.mark.parametrize(
    "title",
    [
        "x" * 1000,
        "日本語のタイトル　全角",
        "می‌خواهم",
        "N" * 255 + "é",
        "“quotes” 'and' \"others\" & <tags>; a=b / c\\d",
        "e\u0301 decomposed",
        "🎵🏳️‍🌈",
        "\ttwo\nlines\x00end\x7f",
    ],
)
def test_titles_of_every_kind(tmp_path_factory, tmp_path, name, title):
    fields = Fields(title=title, artist=title[:100], album=title)
    path = tagged(tmp_path_factory, tmp_path, name, fields)
    assert differences(path, fields) == ()


_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
_NAMES = [
    *("title", "artist", "album", "album_artist", "composer", "songwriter", "lyricist"),
    *("conductor", "producer", "label", "publisher", "catalogue_number", "mastered_by"),
    *("copyright", "phonographic_copyright", "arranger"),  # a genre of digits is one of ID3's list
]


@pytest.mark.parametrize("name", ["flac.flac", "mp3.mp3", "alac.m4a", "wav.wav"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.fixed_dictionaries({}, optional=dict.fromkeys(_NAMES, _TEXT)),
    credits=st.lists(st.tuples(_TEXT, _TEXT), max_size=3),
    place=st.tuples(st.integers(1, 99), st.integers(0, 99)),
    year=st.integers(1000, 9999),
)
def test_any_fields_come_back(tmp_path_factory, name, texts, credits, place, year):
    fields = Fields(
        **texts,
        track=place[0],
        n_tracks=sum(place),
        date=str(year),
        credits=tuple(credits),
    )
    folder = tmp_path_factory.getbasetemp()
    path = tagged(tmp_path_factory, folder, name, fields)
    assert differences(path, fields) == ()


def test_what_cannot_be_tagged_is_said(tmp_path):
    path = tmp_path / "x.flac"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(OutputError, match=r"x\.flac: "):
        write_tags(path, FIELDS)
    with pytest.raises(OutputError):
        write_tags(tmp_path / "absent.mp3", FIELDS)


def test_a_full_disk_is_said(tmp_path_factory, tmp_path, monkeypatch):
    import errno

    import mutagen
    from mutagen.flac import FLAC

    path = tagged(tmp_path_factory, tmp_path, "flac.flac")

    def full(*_, **__):
        raise mutagen.MutagenError(OSError(errno.ENOSPC, "no room"))

    monkeypatch.setattr(FLAC, "save", full)
    with pytest.raises(OutputError, match="no room") as caught:
        write_tags(path, FIELDS)
    assert caught.value.code == "output-no-room"
