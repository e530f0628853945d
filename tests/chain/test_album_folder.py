"""A first album.yaml from a folder: order, names, tags, and nothing harmed."""

import json
import os
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from burnish.apps.cli import main
from burnish.audio.tags import read_tags
from burnish.chain.album_folder import NewAlbum, new_album
from burnish.chain.album_sheet import load_album
from burnish.errors import InputError, OutputError

CODECS = {".mp3": "libmp3lame", ".m4a": "aac", ".flac": "flac", ".opus": "libopus"}


def sound(path: Path, channels: int = 2, **tags: str) -> Path:
    """A tenth of a second; tags as libsndfile writes them."""
    ending = path.suffix.lstrip(".").upper()
    with soundfile.SoundFile(path, "w", 44_100, channels, format=ending) as file:
        for name, value in tags.items():
            setattr(file, name, value)
        file.write(np.zeros((4410, channels)))
    return path


def tagged(path: Path, **tags: str) -> Path:
    """A fifth of a second, by FFmpeg, with whatever tags."""
    with av.open(str(path), "w") as box:
        stream = box.add_stream(CODECS[path.suffix], rate=48_000, layout="stereo")
        box.metadata.update(tags)
        piece = av.AudioFrame.from_ndarray(np.zeros((1, 19_200), np.int16), "s16", "stereo")
        piece.rate = 48_000
        for part in av.AudioResampler(stream.format, "stereo", 48_000).resample(piece):
            box.mux(stream.encode(part))
        box.mux(stream.encode(None))
    return path


def files_of(album: NewAlbum) -> list[str]:
    return [track.file for track in album.release.tracks]


def titles_of(album: NewAlbum) -> list[str]:
    return [track.title for track in album.release.tracks]


def made(folder: Path, *names: str) -> NewAlbum:
    for name in names:
        sound(folder / name)
    album = new_album(folder)
    assert load_album(album.path) == album.release
    return album


def test_names_give_order_and_titles(tmp_path: Path) -> None:
    album = made(tmp_path, "10. Ende.wav", "2 - 日本 🎵.flac", "01_Erstes_Lied.aiff", "3 Café.wav")
    assert files_of(album) == [
        "01_Erstes_Lied.aiff", "2 - 日本 🎵.flac", "3 Café.wav", "10. Ende.wav",
    ]  # fmt: skip
    assert titles_of(album) == ["Erstes Lied", "日本 🎵", "Café", "Ende"]
    assert album.release.title == tmp_path.name
    assert album.remarks == ()


@pytest.mark.parametrize(
    ("names", "titles"),
    [
        (["B1 c.wav", "A2 b.wav", "A1 a.wav"], ["a", "b", "c"]),
        (["2-01 c.wav", "1-02 b.wav", "1-01 a.wav"], ["a", "b", "c"]),
        (["track 10.wav", "track 9.wav", "Track 8.wav"], ["Track 8", "track 9", "track 10"]),
        (["99 Luftballons.wav", "7 Seconds.wav"], ["7 Seconds", "99 Luftballons"]),
        (["1979.wav"], ["1979"]),
        (["1999 - live.wav", "1 Thing.wav"], ["1 Thing", "1999 - live"]),
        (["01 a.wav", "b.wav"], ["01 a", "b"]),  # not all are numbered
        (["1 x.wav", "1 y.wav"], ["1 x", "1 y"]),  # the same number twice
        (["01.wav", "02.wav"], ["01", "02"]),
        (["02 - Band - b.wav", "01 - Band - a.wav"], ["a", "b"]),
        (["Band - b.wav", "Other - a.wav"], ["Band - b", "Other - a"]),
    ],
)
def test_numbers_are_numbers_where_all_have_one(
    tmp_path: Path, names: list[str], titles: list[str]
) -> None:
    assert titles_of(made(tmp_path, *names)) == titles


def test_an_artist_that_all_names_begin_with(tmp_path: Path) -> None:
    album = made(tmp_path, "01 - Die Band - a.wav", "02 - Die Band - b.wav")
    assert album.release.artist == "Die Band"
    assert [track.artist for track in album.release.tracks] == ["", ""]


def test_names_are_kept_as_the_disk_has_them(tmp_path: Path) -> None:
    """Decomposed letters, as old Macs write them: the file's name stays, the title is composed."""
    decomposed = "01 Cafe\u0301.wav"
    album = made(tmp_path, decomposed)
    assert files_of(album) == [decomposed]
    assert titles_of(album) == ["Caf\u00e9"]


@pytest.mark.parametrize("ending", sorted(CODECS))
def test_tags_of_every_container(tmp_path: Path, ending: str) -> None:
    path = tagged(tmp_path / f"x{ending}", title="Ärger 日本", artist="A", album="B", track="2/9",
                  composer="C", date="2021-05-06", ISRC="USRC17607839", BARCODE="4006381333931",
                  album_artist="AA", disc="1/2", genre="Jazz")  # fmt: skip
    tags = read_tags(path)
    told = {"title": "Ärger 日本", "artist": "A", "album": "B", "track": "2/9", "composer": "C",
            "date": "2021-05-06", "album_artist": "AA", "disc": "1/2", "genre": "Jazz"}  # fmt: skip
    if ending != ".m4a":  # FFmpeg does not write these there
        told |= {"isrc": "USRC17607839", "upc": "4006381333931"}
    assert {name: text for name, text in tags.texts.items() if name != "encoder"} == told
    assert (tags.rate_hz, tags.channels) == (48_000, 2)
    assert tags.duration_s == pytest.approx(0.2, abs=0.03)
    assert tags.text("label") == ""


def test_tags_in_another_set_of_characters(tmp_path: Path) -> None:
    path = sound(tmp_path / "x.wav", title="Aerger")
    path.write_bytes(path.read_bytes().replace(b"Aerger", b"\xc4rger\0"))
    assert read_tags(path).text("title") == "Ärger"


def test_what_all_files_agree_on_is_told_of_the_album(tmp_path: Path) -> None:
    common = {"album": "LP", "date": "2026", "BARCODE": "4006381333931", "genre": "Jazz"}
    tagged(tmp_path / "b.flac", title="First", track="1", artist="A", ISRC="USRC17607839", **common)
    tagged(tmp_path / "a.flac", title="Second", track="2", artist="A & B", composer="C", **common)
    album = new_album(tmp_path)
    release = album.release
    assert (release.title, release.artist, release.upc) == ("LP", "", "4006381333931")
    assert (release.date, release.genre) == ("2026", "Jazz")
    assert files_of(album) == ["b.flac", "a.flac"]  # by the tags: the names have no numbers
    assert [track.artist for track in release.tracks] == ["A", "A & B"]
    assert release.tracks[0].isrc == "USRC17607839"
    assert release.tracks[1].composer == "C"


def test_wrong_codes_in_tags_are_told_and_left_out(tmp_path: Path) -> None:
    same = {"ISRC": "USRC17607839", "BARCODE": "4006381333930"}
    tagged(tmp_path / "1 a.flac", **same)
    tagged(tmp_path / "2 b.flac", **same)
    tagged(tmp_path / "3 c.flac", ISRC="none", BARCODE="4006381333930")
    album = new_album(tmp_path)
    assert album.release.upc == ""
    assert album.release.tracks[2].isrc == ""
    assert len(album.remarks) == 3
    for words in ("its check digit", "3 c.flac: left out: isrc=none", "is that of track 1"):
        assert any(words in remark for remark in album.remarks)


def test_what_is_left_out(tmp_path: Path) -> None:
    for name in ("song.wav", "song.master.wav", "other.master.wav", "._song.wav", "notes.txt"):
        sound(tmp_path / name) if name.endswith("r.wav") else (tmp_path / name).touch()
    sound(tmp_path / "song.wav")
    (tmp_path / "stems.wav").mkdir()
    album = new_album(tmp_path)
    assert files_of(album) == ["other.master.wav", "song.wav"]
    assert titles_of(album) == ["other", "song"]
    assert album.remarks == ("song.master.wav: left out, its mix is there",)


def test_an_album_that_is_there_is_not_harmed(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    path = tmp_path / "album.yaml"
    path.write_text("title: mine\n")
    with pytest.raises(OutputError, match="exists already"):
        new_album(tmp_path)
    assert path.read_text() == "title: mine\n"
    assert new_album(tmp_path, overwrite=True).path == path
    assert "file: a.wav" in path.read_text()
    assert sorted(os.listdir(tmp_path)) == ["a.wav", "album.yaml"]


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        new_album(tmp_path / "nix")
    with pytest.raises(InputError, match="holds no sound files"):
        new_album(tmp_path)
    broken = tmp_path / "1 a.wav"
    broken.write_bytes(b"RIFF and nothing")
    with pytest.raises(InputError, match=r"1 a\.wav: is not a sound file"):
        new_album(tmp_path)
    with pytest.raises(InputError, match="name a folder"):
        new_album(broken)
    assert os.listdir(tmp_path) == ["1 a.wav"]


def test_a_name_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    named = os.fsencode(tmp_path) + b"/latin-\xe9.wav"
    try:
        Path(os.fsdecode(named)).write_bytes(sound(tmp_path / "a.wav").read_bytes())
    except OSError:
        pytest.skip("this file system takes no name that is not UTF-8")
    with pytest.raises(InputError, match="its name is not UTF-8"):
        new_album(tmp_path)


def test_on_the_command_line(tmp_path: Path, capsys: Any) -> None:
    sound(tmp_path / "1 é [b].wav", channels=1)
    assert main(["album", "new", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "   1  é [b]  (1 é [b].wav)" in printed
    assert printed.endswith(f"{tmp_path / 'album.yaml'}\n")
    assert "0:00, 44100 Hz, mono" in (tmp_path / "album.yaml").read_text(encoding="utf-8")
    assert main(["album", "new", str(tmp_path)]) == 5
    assert "output-exists" in capsys.readouterr().err
    assert main(["album", "new", str(tmp_path), "--overwrite", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["album"] == str(tmp_path / "album.yaml")
    assert document["release"]["tracks"][0]["title"] == "é [b]"
    assert document["remarks"] == []
    assert main(["album", "new", str(tmp_path), "--overwrite", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["album", "old", str(tmp_path)]) == 2
    assert main(["album", "new", str(tmp_path / "nix")]) == 3


def test_the_python_of_the_manual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    manual = (Path(__file__).resolve().parents[2] / "docs" / "album.md").read_text(encoding="utf-8")
    sheet, python = (manual.split(f"```{kind}\n")[1].split("```")[0] for kind in ("yaml", "python"))
    monkeypatch.chdir(tmp_path)
    rate_hz = 8000
    for name, length_s in (("01 - Low Water", 3), ("02 - Harbour", 8), ("03 - Home", 215)):
        soundfile.write(f"{name}.wav", np.full(length_s * rate_hz, 0.25), rate_hz)
    Path("album.yaml").write_text(sheet, encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(python, "album.md", "exec"), names)
    assert capsys.readouterr().out.splitlines() == [
        "Low Water 0 24000 first",
        "Harbour 24000 64000 gapless",
        "Home 64000 1756000 crossfade",
    ]
    assert names["whole"].n_samples == 1_756_000
    assert names["first"].n_samples == 24_000
    for source in names["sources"]:
        source.close()
