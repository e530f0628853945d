"""What cannot be read ends with one clear sentence, a stable code and exit code 3."""

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from by_hand import chunk, fmt, riff, simple
from users import as_a_plain_user, open_folder

from burnish.audio import (
    Audio,
    AudioSource,
    OutputFormat,
    Writer,
    file_sha256,
    open_source,
    read,
    same_file,
)
from burnish.errors import InputError, OutputError
from needed import need_tool


@contextmanager
def refusal(code, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        yield
    assert caught.value.code == code
    assert caught.value.exit_code == 3
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize("use", [open_source, read, file_sha256])
def test_missing_folder_empty(tmp_path, use):
    with refusal("input-missing", r"none\.wav: there is no such file"):
        use(tmp_path / "none.wav")
    with refusal("input-missing", "there is no such file"):
        use(tmp_path / "none" / "mix.wav")
    with refusal("input-folder", "is a folder; name a sound file"):
        use(tmp_path)
    empty = tmp_path / "mix.wav"
    empty.touch()
    with refusal("input-empty", r"mix\.wav: is empty, it has 0 bytes"):
        use(empty)
    with refusal("input-missing", "there is no such file"):
        use(empty / "mix.wav")
    with refusal("input-missing", "there can be no file of that name"):
        use(tmp_path / ("x" * 300))
    with refusal("input-unreadable", "cannot be read: embedded null byte"):
        use(f"{tmp_path}/a\0b.wav")


def test_a_link_that_leads_nowhere(tmp_path):
    (tmp_path / "mix.wav").symlink_to(tmp_path / "gone.wav")
    with refusal("input-missing", "there is no such file"):
        open_source(tmp_path / "mix.wav")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "mix.wav")
    with refusal("input-unreadable", "is not a file"):
        open_source(tmp_path / "mix.wav")


def test_no_permission():
    with open_folder() as folder:
        path = folder / "mix.wav"
        path.write_bytes(simple([1, 2]))
        path.chmod(0)
        with as_a_plain_user(), refusal("input-permission", "may not be read by this user"):
            open_source(path)


@pytest.mark.parametrize(
    "content",
    [
        b"This is not sound but a letter.\n" * 100,
        b"\0" * 5000,
        bytes(range(256)) * 40,
        b"<!DOCTYPE html><title>404</title>",
        b"RIFF\x24\0\0\0WAVE",
        b"RIFF\x24\0\0\0AVI LIST",
        b"fLaC" + bytes(100),
        b"FORM\0\0\0\x10AIFF",
        b"OggS" + bytes(100),
        b"x",
    ],
    ids=["text", "zeros", "bytes", "html", "riff", "avi", "flac", "aiff", "ogg", "x"],
)
@pytest.mark.parametrize("name", ["mix.wav", "mix.mp3", "mix.flac", "mix.m4a", "mix"])
def test_what_is_no_sound(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with refusal("input-unreadable", f"{name}: is not a sound file that burnish can read"):
        open_source(path)


def test_a_picture_and_a_film_without_sound(tmp_path):
    for name in ("mix.png", "mix.mp4"):
        path = tmp_path / name
        source = ("-f", "lavfi", "-i", "color=red:s=16x16:d=0.1", "-frames:v", "1")
        subprocess.run([need_tool("ffmpeg"), "-v", "error", *source, path], check=True)
        with refusal("input-unreadable", "has no sound in it"):
            open_source(path)


def test_a_playlist_is_not_followed(tmp_path):
    (tmp_path / "mix.wav").write_bytes(simple([1, 2]))
    path = tmp_path / "list.m3u8"
    path.write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/mix.wav\n")
    with pytest.raises(InputError):
        open_source(path)


@pytest.mark.parametrize("kind", ["mix.wav", "mix.flac", "mix.aiff", "mix.mp3", "mix.m4a"])
def test_no_samples(tmp_path, kind):
    empty = tmp_path / "empty.wav"
    empty.write_bytes(simple([]))
    path = tmp_path / kind
    if kind == "mix.wav":
        empty.rename(path)
    else:
        command = [need_tool("ffmpeg"), "-v", "quiet", "-i", empty, path]
        subprocess.run(command, check=False)
    if path.exists() and path.stat().st_size:
        with pytest.raises(InputError) as caught:
            open_source(path)
        assert caught.value.code in ("input-empty", "input-unreadable")


def test_no_samples_but_chunks_behind(tmp_path):
    path = tmp_path / "mix.wav"
    form = chunk(b"fmt ", fmt(1, 2, 44_100, 16))
    for size in (None, 0, 0xFFFFFFFF):
        path.write_bytes(riff(form, chunk(b"data", b""), chunk(b"LIST", b"INFO" * 9), size=size))
        with refusal("input-empty", "holds no samples"):
            open_source(path)


def test_one_sample_is_enough(tmp_path):
    path = tmp_path / "mix.wav"
    path.write_bytes(simple([1, 2]))
    assert read(path).samples.shape == (2, 1)


def full_disk():
    return Path("/dev/full").open("w+b")


def test_no_room_to_decode_into(tmp_path, monkeypatch):
    mp3 = tmp_path / "mix.mp3"
    source = ("-f", "lavfi", "-i", "sine=440:d=0.2")
    subprocess.run([need_tool("ffmpeg"), "-v", "error", *source, mp3], check=True)
    monkeypatch.setattr("burnish.audio.decode._new_spool", full_disk)
    with pytest.raises(OutputError, match="set TMPDIR to a folder with room") as caught:
        open_source(mp3)
    assert caught.value.code == "output-no-room"


def test_nothing_is_left_of_a_decoded_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mp3 = tmp_path / "mix.mp3"
    source = ("-f", "lavfi", "-i", "sine=440:d=0.2")
    subprocess.run([need_tool("ffmpeg"), "-v", "error", *source, mp3], check=True)
    with open_source(mp3) as opened:
        assert list(tmp_path.iterdir()) == [mp3]  # not even while it is used
        assert opened.info.n_samples == 8820


def test_audio_in_memory_is_a_source_too():
    samples = np.random.default_rng(0).standard_normal((2, 1000))
    with AudioSource(Audio(samples, 48_000)) as source:
        assert source.info.n_samples == 1000
        assert source.info.duration_s == 1000 / 48_000
        assert source.info.path is None
        assert source.read().samples is source.audio.samples
        for block_samples in (1, 17, 4096):
            blocks = list(source.blocks(block_samples))
            np.testing.assert_array_equal(np.concatenate(blocks, axis=1), samples)
            assert all(block.flags.c_contiguous for block in blocks)
    assert not list(AudioSource(Audio(np.zeros((1, 0)), 48_000)).blocks())
    with refusal("input-channels", "the audio: has 6 channels"):
        AudioSource(Audio(np.zeros((6, 10)), 48_000))
    samples[1, 500] = np.nan
    with refusal("input-not-finite", "the audio: sample 500 of channel 2"):
        AudioSource(Audio(samples, 48_000)).read()


def test_the_hash_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "mix.wav"
    path.write_bytes(simple(list(range(1000))))
    told = subprocess.run([need_tool("sha256sum"), path], capture_output=True, check=True).stdout
    assert file_sha256(path) == told.split()[0].decode()


def test_same_file_sees_through_links_and_dots(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mix.wav"
    path.touch()
    (tmp_path / "link.wav").symlink_to(path)
    os.link(path, tmp_path / "hard.wav")
    for other in ("mix.wav", "./mix.wav", "link.wav", "hard.wav", f"../{tmp_path.name}/mix.wav"):
        assert same_file(path, other)
    assert same_file("new.wav", tmp_path / "new.wav")  # neither exists
    assert not same_file(path, "new.wav")
    (tmp_path / "copy.wav").touch()
    assert not same_file(path, "copy.wav")


def test_a_written_file_is_readable_by_others(tmp_path):
    """The umask rules what others may do, as with any file."""
    path = tmp_path / "out.wav"
    with Writer(path, OutputFormat(bits="32f"), 44_100, 1, 1) as writer:
        writer.write(np.zeros((1, 1)))
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_coding_of_nobody(tmp_path):
    from burnish.audio.tags import read_tags

    path = tmp_path / "mix.wav"
    header = chunk(b"fmt ", fmt(0xBEEF, 2, 44_100, 16))
    path.write_bytes(riff(header, chunk(b"data", b"\1\2" * 2000)))
    for use in (open_source, read_tags):
        with refusal("input-unreadable", "not a sound file that burnish can read"):
            use(path)
