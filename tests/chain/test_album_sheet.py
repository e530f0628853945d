"""album.yaml: what is written is read back; a fault names file, line, setting and range."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.chain.album_sheet import album_schema, beside, dump, load_album, save_album
from burnish.chain.sheet import load_written
from burnish.errors import InputError, OutputError, SettingError
from burnish.release import Credit, Fade, Release, Track

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("1.wav", "2.wav", "drums.wav", "secret.wav", "cover.png"):
        (tmp_path / name).write_bytes(b"sound")
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "album.yaml"
    path.write_text(text, encoding="utf-8")
    return path


WHOLE = """\
title: 1999
artist: Ünï ☂
upc: 036000291452
date: 2026
gap_s: 1.5
artwork: cover.png
credits:
  - {role: Photo, name: 007}
tracks:
  - file: 1.wav
    title: 007
    isrc: us-rc1-76-07839
    hidden_file: secret.wav
    gap_s: 10
    fade_in: {length_s: 0.5, curve: linear}
    index_s: [10, 20.5]
    explicit: true
  - stems: [drums=drums.wav, 2.wav]
    title:
    composer: No
    crossfade_s: 4
    crossfade_curve: s-curve
    digital_copy: once
    versions: {instrumental: 2.wav}
"""


def test_what_a_person_writes_is_what_is_read(folder: Path) -> None:
    album = load_album(written(folder, WHOLE))
    assert (album.title, album.artist, album.upc) == ("1999", "Ünï ☂", "0036000291452")
    assert album.date == "2026"
    assert album.credits == (Credit(role="Photo", name="007"),)
    one, two = album.tracks
    assert one.title == "007"  # letters, not a number
    assert one.isrc == "USRC17607839"
    assert one.fade_in == Fade(length_s=0.5, curve="linear")
    assert one.index_s == (10.0, 20.5)
    assert one.explicit == "yes"
    assert two.composer == "No"
    assert two.versions == {"instrumental": "2.wav"}
    assert (two.title, two.crossfade_s, two.digital_copy) == ("", 4.0, "once")
    assert beside(folder / "album.yaml", "1.wav") == folder / "1.wav"


def test_what_is_written_is_read_back(folder: Path) -> None:
    album = load_album(written(folder, WHOLE))
    path = folder / "again.yaml"
    save_album(album, path, ["3:42, stereo"])
    assert load_album(path) == album
    assert "  # 1: 3:42, stereo\n" in path.read_text(encoding="utf-8")
    with pytest.raises(OutputError, match="exists already"):
        save_album(album, path)


def test_other_readers_of_yaml_read_it_too() -> None:
    """Every setting that is there as a comment can be taken out of it."""
    album = Release(title="Nö: yes", tracks=(Track(file="a.wav", title="#1", gap_s=0),))
    text = dump(album)
    assert yaml.safe_load(text)["tracks"] == [
        {"file": "a.wav", "title": "#1", "isrc": None, "gap_s": 0.0}
    ]
    of_the_release = text.split("\n# What a track")[0].split("in the names.")[1]
    opened = yaml.safe_load(of_the_release.replace("\n#", "\n"))
    assert set(opened) == set(Release.model_fields) - {"tracks"}
    for name in Track.model_fields:
        assert f"#   {name} " in text


def test_emptied_settings_are_as_by_default(folder: Path) -> None:
    """A '#' taken away and nothing written behind it."""
    text = dump(Release(tracks=(Track(file="1.wav"),))).replace("\n#gap_s:", "\ngap_s:")
    text = text.replace("\n#credits:", "\ncredits:").replace("\n#label:", "\nlabel:")
    assert load_album(written(folder, text)) == Release(tracks=(Track(file="1.wav"),))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    words = ("title", "artist", "message", "genre", "label", "copyright")
    track_words = ("title", "version", "artist", "composer", "message", "style")
    tracks = [
        Track(
            file=draw(texts),
            stems=tuple(draw(st.lists(texts, max_size=2))),
            fade_out=Fade(length_s=draw(st.floats(0, 600))),
            gap_s=draw(st.none() | st.floats(0, 600)),
            index_s=tuple(draw(st.lists(st.floats(0, 1e6), max_size=3))),
            keep_as_is=draw(st.booleans()),
            versions={"live": draw(texts)} if draw(st.booleans()) else {},
            **{name: draw(texts) for name in track_words},
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    credits = [Credit(role=draw(texts), name=draw(texts)) for _ in range(draw(st.integers(0, 2)))]
    return Release(
        tracks=tuple(tracks),
        credits=tuple(credits),
        gap_s=draw(st.floats(0, 600)),
        **{name: draw(texts) for name in words},
    )


@settings(max_examples=60, deadline=None)
@given(releases())
def test_whatever_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, release: Release
) -> None:
    path = tmp_path_factory.mktemp("album") / "album.yaml"
    path.write_bytes(dump(release).encode("utf-8"))
    assert load_written(path, Release, "album").record == release


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("gap_s: 1.5", "gap_s: 601", 5, "gap_s=601: must be 0 to 600 s"),
        ("gap_s: 1.5", "gap: 1", 5, "gap: no such setting; there are title, artist"),
        ("upc: 036000291452", "upc: 036000291453", 3, "upc=036000291453: must end in 2"),
        ("date: 2026", "date: Friday", 4, "date=Friday: must be a day"),
        ("us-rc1-76-07839", "us-rc1-76", 12, "isrc=us-rc1-76: must be 2 letters"),
        ("curve: linear", "curve: log", 15, "curve=log: must be one of linear, equal-power"),
        ("length_s: 0.5", "length_s: x", 15, "length_s=x: must be 0 to 600 s"),
        ("digital_copy: once", "digital_copy: no", 23, "must be one of prohibited, permitted"),
        ("gap_s: 10\n", "crossfade_s: 10\n", 14, "track 1: crossfade_s=10: no track is before it"),
        ("    crossfade_s: 4\n", "    isrc: USRC17607839\n", 21, "is that of track 1"),
        ("  - file: 1.wav", "  - file: 9.wav", 10, "file=9.wav: there is no such file"),
        ("drums.wav", "nix.wav", 18, "stems=nix.wav: there is no such file"),
        ("{instrumental: 2.wav}", "{tv: 9.wav}", 24, "tv=9.wav: there is no such file"),
        ("{instrumental: 2.wav}", "{tv: 2.wav, tv: 1.wav}", 24, "tv: is there twice"),
        ("{instrumental: 2.wav}", "{TV: 2.wav}", 24, "versions=TV: must be small letters"),
        ("cover.png", "cover.jpg", 6, "artwork=cover.jpg: there is no such file"),
        ("title: 1999", "title: [1]", 1, "title"),
        ("title: 1999", "artist: x", 2, "artist: is there twice"),
        ("title: 1999", "album: 9", 1, "album=9: comes from a newer burnish"),
    ],
)  # fmt: skip
def test_faults_name_the_line(folder: Path, old: str, new: str, line: int, sentence: str) -> None:
    assert old in WHOLE
    path = written(folder, WHOLE.replace(old, new, 1))
    with pytest.raises((SettingError, InputError)) as told:
        load_album(path)
    assert told.value.sentence.startswith(f"{path}:{line}: ")
    assert sentence in told.value.sentence
    assert "\n" not in told.value.sentence


@pytest.mark.parametrize("text", ["", "[]", "a: b: c", "tracks: [*x]", "\0", "title: x"])
def test_what_is_no_album_is_one_sentence(folder: Path, text: str) -> None:
    with pytest.raises((SettingError, InputError)) as told:
        load_album(written(folder, text))
    assert str(folder / "album.yaml") in told.value.sentence


def test_the_published_schema_is_current() -> None:
    path = ROOT / "docs" / "album.schema.json"
    text = json.dumps(album_schema(), indent=2, ensure_ascii=False) + "\n"
    told = "run: python tools/make_album_schema.py docs/album.schema.json"
    assert path.read_text(encoding="utf-8") == text, told


def test_the_schema_knows_every_setting_and_its_range() -> None:
    schema: dict[str, Any] = album_schema()
    assert set(schema["properties"]) == set(Release.model_fields)
    track = schema["$defs"]["Track"]
    assert set(track["properties"]) == set(Track.model_fields)
    assert track["additionalProperties"] is False
    assert track["properties"]["crossfade_s"]["maximum"] == 600
    for one in (*schema["properties"].values(), *track["properties"].values()):
        assert one["description"]
