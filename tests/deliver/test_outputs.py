"""Outputs: what a master's files are called, and what is never harmed."""

import os
from pathlib import Path

import pytest

from burnish.audio import OutputFormat
from burnish.deliver import Outputs
from burnish.errors import OutputError, SettingError

WAV = OutputFormat()
FLAC = OutputFormat(format="flac")
AIFF = OutputFormat(format="aiff")


def named(mix: str | None, output: str | None, form: OutputFormat = WAV) -> tuple[str, str, str]:
    found = Outputs.beside(
        None if mix is None else Path(mix), None if output is None else Path(output), form, True
    )
    assert found.recall is not None
    assert found.report is not None
    return str(found.master), str(found.recall), str(found.report)


@pytest.mark.parametrize(
    ("mix", "output", "form", "stem", "ending"),
    [
        ("a/song.wav", None, WAV, "a/song.master", ".wav"),
        ("a/song.mp3", None, FLAC, "a/song.master", ".flac"),
        ("song v1.2.flac", None, AIFF, "song v1.2.master", ".aiff"),
        ("a/song", None, WAV, "a/song.master", ".wav"),
        ("a/Søng ☂.wav", None, WAV, "a/Søng ☂.master", ".wav"),
        ("a/song.wav", "b/out.wav", WAV, "b/out", ".wav"),
        ("a/song.wav", "b/OUT.WAV", WAV, "b/OUT", ".WAV"),
        ("a/song.wav", "b/out.wave", WAV, "b/out", ".wave"),
        ("a/song.wav", "b/out.aif", AIFF, "b/out", ".aif"),
        ("a/song.wav", "b/out", WAV, "b/out", ""),
        ("a/song.wav", "b/out v1.2", WAV, "b/out v1.2", ""),
        (None, "out.flac", FLAC, "out", ".flac"),
    ],
)
def test_names(mix: str, output: str, form: OutputFormat, stem: str, ending: str) -> None:
    assert named(mix, output, form) == (
        f"{stem}{ending}",
        f"{stem}.recall.yaml",
        f"{stem}.report.html",
    )


def test_only_what_is_wanted() -> None:
    alone = Outputs.beside(Path("song.wav"), None, WAV, report=False, recall=False)
    assert (alone.recall, alone.report) == (None, None)


def test_audio_in_memory_needs_a_name() -> None:
    with pytest.raises(SettingError, match="output: must be given for audio in memory"):
        Outputs.beside(None, None, WAV, True)


@pytest.mark.parametrize(
    ("output", "form"),
    [
        ("x.flac", WAV),
        ("x.wav", FLAC),
        ("x.aiff", WAV),
        ("x.mp3", WAV),
        ("x.M4A", FLAC),
        ("x.ogg", WAV),
    ],
)
def test_no_file_says_that_it_is_what_it_is_not(output: str, form: OutputFormat) -> None:
    """Once ``-o x.flac`` was a WAV."""
    with pytest.raises(SettingError, match=rf"{output}: must end in {form.suffix}, as format="):
        Outputs.beside(Path("song.wav"), Path(output), form, True)


LONG = ["x" * 251, "ü" * 125 + "x", "☂" * 83, "𝄞" * 62]


@pytest.mark.parametrize("stem", LONG, ids=["ascii", "2 bytes", "3 bytes", "4 bytes"])
def test_the_longest_names_are_cut_between_characters(stem: str, tmp_path: Path) -> None:
    """The longest that a mix can have; the master's names can be made on this disk."""
    mix = tmp_path / f"{stem}.wav"
    mix.touch()
    for output in (None, tmp_path / f"{stem[:-1]}.wav"):
        found = Outputs.beside(mix, output, WAV, True)
        found.refuse_to_harm(mix, overwrite=False)
        for path in (found.master, found.recall, found.report):
            assert path is not None
            assert len(os.fsencode(path.name)) <= 255
            path.touch()
        assert found.master.name.startswith(stem[:50])


def test_a_name_that_is_too_long_is_refused_before_any_work(tmp_path: Path) -> None:
    """Once it was found out when the master was rendered."""
    output = tmp_path / f"{'x' * 252}.wav"
    found = Outputs.beside(tmp_path / "song.wav", output, WAV, True)
    with pytest.raises(OutputError, match="too long") as raised:
        found.refuse_to_harm(None, overwrite=True)
    assert raised.value.code == "output-name"


def test_a_name_that_is_no_text_is_kept(tmp_path: Path) -> None:
    mix = Path(os.fsdecode(os.fsencode(tmp_path) + b"/s\xffng.wav"))
    found = Outputs.beside(mix, None, WAV, True)
    assert os.fsencode(found.master.name) == b"s\xffng.master.wav"


@pytest.mark.parametrize("which", ["master", "recall", "report"])
def test_what_exists_is_refused_without_overwrite(which: str, tmp_path: Path) -> None:
    mix = tmp_path / "song.wav"
    found = Outputs.beside(mix, None, WAV, True)
    path: Path = getattr(found, which)
    path.write_text("mine")
    with pytest.raises(OutputError, match="exists already") as raised:
        found.refuse_to_harm(mix, overwrite=False)
    assert raised.value.code == "output-exists"
    assert str(path) in raised.value.sentence
    found.refuse_to_harm(mix, overwrite=True)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("road", ["same", "link", "hard link", "dots"])
def test_the_mix_itself_is_never_written(road: str, tmp_path: Path) -> None:
    mix = tmp_path / "song.wav"
    mix.write_bytes(b"music")
    output = tmp_path / "other.wav"
    if road == "same":
        output = mix
    elif road == "link":
        output.symlink_to(mix)
    elif road == "hard link":
        output.hardlink_to(mix)
    else:
        (tmp_path / "sub").mkdir()
        output = tmp_path / "sub" / ".." / "song.wav"
    found = Outputs.beside(mix, output, WAV, False)
    with pytest.raises(OutputError, match="never overwritten") as raised:
        found.refuse_to_harm(mix, overwrite=True)
    assert raised.value.code == "output-is-input"
    assert mix.read_bytes() == b"music"


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    found = Outputs.beside(None, tmp_path / "no" / "out.wav", WAV, True)
    with pytest.raises(OutputError, match="there is no folder") as raised:
        found.refuse_to_harm(None, overwrite=True)
    assert raised.value.code == "output-folder-missing"
    assert not (tmp_path / "no").exists()


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "out.recall.yaml").mkdir()
    found = Outputs.beside(None, tmp_path / "out.wav", WAV, True)
    with pytest.raises(OutputError, match="is a folder"):
        found.refuse_to_harm(None, overwrite=True)
