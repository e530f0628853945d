"""Bad albums: one clear sentence and the contract's exit code, and nothing is written."""

import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.apps.cli import main
from pieces import made_once

RATE_HZ = 44_100
USAGE, UNUSABLE, NOT_WRITTEN = 2, 3, 5

SHEET = """\
title: Bad Album
artist: The Band
upc: 036000291452
tracks:
  - {file: 1.wav, title: One, isrc: USRC17607839}
  - {file: 2.wav, title: Two, isrc: USRC17607840}
  - {file: 3.wav, title: Three, isrc: USRC17607841}
"""


@made_once
def music(duration_s: float, seed: int = 1) -> NDArray[np.float64]:
    """A beat, a bass and some air."""
    random = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    beat = random.standard_normal((2, len(time_s))) * np.exp(-20 * (time_s % 0.5)) * 0.2
    return np.asarray(beat + 0.1 * np.sin(2 * np.pi * 65.4 * seed * time_s))


def write(path: Path, samples: NDArray[np.float64]) -> None:
    soundfile.write(path, samples.T, RATE_HZ, subtype="PCM_16")


def sparse(path: Path, duration_s: float, rate_hz: int = 8000) -> None:
    """A mono WAV of silence that takes no room on the disk."""
    n_bytes = round(duration_s * rate_hz) * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, 2 * rate_hz, 2, 16)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s", b"RIFF", n_bytes + 36, b"WAVE") + form)
        file.write(struct.pack("<4sI", b"data", n_bytes))
        file.truncate(n_bytes + 44)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mixes = tmp_path / "mixes"
    mixes.mkdir()
    for i in (1, 2, 3):
        write(mixes / f"{i}.wav", music(5.0, i))
    return mixes


# ---- what is said before any work ----------------------------------------------------------------

Harm = Callable[[Path, str], str]
"""Does something to the folder, and gives back the sheet's text."""


def text(old: str, new: str) -> Harm:
    def harm(folder: Path, sheet: str) -> str:
        assert old in sheet
        return sheet.replace(old, new)

    return harm


def without(name: str) -> Harm:
    def harm(folder: Path, sheet: str) -> str:
        (folder / name).unlink()
        return sheet

    return harm


def holding(name: str, data: bytes, line: str = "") -> Harm:
    def harm(folder: Path, sheet: str) -> str:
        (folder / name).write_bytes(data)
        return line + sheet

    return harm


def lasting(name: str, duration_s: float) -> Harm:
    def harm(folder: Path, sheet: str) -> str:
        sparse(folder / name, duration_s)
        return sheet

    return harm


def a_hundred(folder: Path, sheet: str) -> str:
    rows = []
    for i in range(1, 101):
        sparse(folder / f"t{i}.wav", 5.0)
        rows.append(f"  - {{file: t{i}.wav, title: T{i}}}\n")
    return "tracks:\n" + "".join(rows)


GIF = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"

CASES: dict[str, tuple[Harm, int, str]] = {
    "a track is missing": (without("2.wav"), UNUSABLE, "file=2.wav: there is no such file"),
    "a track is no sound": (holding("2.wav", b"words " * 99), UNUSABLE, "2.wav"),
    "a track is empty": (holding("2.wav", b""), UNUSABLE, "2.wav"),
    "an isrc twice": (text("07840", "07839"), USAGE, "is that of track 1"),
    "an isrc that is none": (text("USRC17607840", "USRC1760784"), USAGE, "isrc=USRC1760784"),
    "a wrong check digit": (text("291452", "291453"), USAGE, "must end in 2, its check digit"),
    "100 tracks": (a_hundred, USAGE, "100 tracks: a CD has 1 to 99"),
    "81 minutes": (lasting("3.wav", 81 * 60), USAGE, "must be 79:57:00 at most"),
    "a track of 3 s": (
        lambda folder, sheet: lasting("2.wav", 3.0)(folder, sheet).replace(
            "title: Three", "title: Three, gap_s: 0"
        ),
        USAGE,
        "track 2 is 3.13 s long: must be 4 s or more",
    ),
    "a crossfade longer than a track": (
        text("title: Two", "title: Two, crossfade_s: 7"), USAGE, "is longer than track 1"
    ),
    "crossfades that meet": (
        lambda folder, sheet: sheet.replace("title: Two", "title: Two, crossfade_s: 3").replace(
            "title: Three", "title: Three, crossfade_s: 3"
        ),
        USAGE,
        "together they are longer than track 2",
    ),
    "trims that overlap": (
        lambda folder, sheet: sheet.replace("2.wav", "1.wav, start_s: 1, end_s: 4"),
        USAGE,
        "track 1 plays some of the same samples",
    ),
    "a trim past the end": (
        text("title: Two", "title: Two, end_s: 60"), USAGE, "its file plays only 5.000 s"
    ),
    "fades longer than the track": (
        text("title: Two", "title: Two, fade_out: {length_s: 9}"), USAGE, "its fades take 9 s"
    ),
    "an unknown setting": (text("title: Two", "gap: 2"), USAGE, "gap: no such setting"),
    "bad YAML": (text("title: Two", "title: {Two"), USAGE, "YAML"),
    "artwork that is missing": (text("artist:", "artwork: no.jpg\nartist:"), UNUSABLE, "no.jpg"),
    "artwork of another kind": (
        holding("cover.jpg", GIF, "artwork: cover.jpg\n"), UNUSABLE, "cover.jpg"
    ),
    "artwork that is text": (
        holding("cover.png", b"a fine cover", "artwork: cover.png\n"), UNUSABLE, "cover.png"
    ),
    "an alternate that is no sound": (
        lambda folder, sheet: holding("i.wav", b"no")(folder, sheet).replace(
            "title: Two", "title: Two, versions: {tv: i.wav}"
        ),
        UNUSABLE,
        "i.wav",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_and_nothing_written(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harm, code, words = CASES[name]
    sheet, out = folder / "album.yaml", folder.parent / "out"
    sheet.write_text(harm(folder, SHEET), "utf-8")
    before = sorted(path.name for path in folder.iterdir())
    assert main(["album", str(sheet), "-o", str(out), "--to", "cd", "--quiet"]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("burnish: ")
    assert told.err.count("\n") == 1
    assert words in told.err
    assert not out.exists() or not list(out.iterdir())
    assert sorted(path.name for path in folder.iterdir()) == before


def test_text_outside_cd_text_is_written_as_near_as_can_be_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, out = folder / "album.yaml", folder.parent / "out"
    tracks = SHEET.replace("One", "Дом").replace("Two", "日本").replace("Bad Album", "Łódź")
    sheet.write_text(tracks.replace("{file", "{keep_as_is: true, file"), "utf-8")
    words = ["album", str(sheet), "-o", str(out), "--to", "cd", "--style", "pop", "--json"]
    assert main([*words, "--quiet"]) == 0
    (made,) = json.loads(capsys.readouterr().out)["deliveries"]
    told = " ".join(f["detail"] for f in made["manifest"]["findings"] if f["severity"] == "warn")
    for letters in ("Дом", "日本"):
        assert letters in told
    assert b"Dom" in (out / "cd" / "DDP" / "CDTEXT.BIN").read_bytes()
    assert "Дом" in (out / "album.json").read_text("utf-8")  # elsewhere the letters stay


# ---- no room, and stopped on the way -------------------------------------------------------------


def started(words: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "burnish", *words]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def half_written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".*"))


def contents(folder: Path) -> dict[str, bytes]:
    """All that is in it, but for what tells when it was made."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in (".wav", ".DAT", ".BIN", ".cue", ".toc")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def album_words(folder: Path, out: Path, kept: bool) -> list[str]:
    """The command; where the songs are ``kept`` as they are it is soon at the CD."""
    sheet = SHEET.replace("{file", "{keep_as_is: true, file") if kept else SHEET
    (folder / "album.yaml").write_text(sheet, "utf-8")
    words = ["album", str(folder / "album.yaml"), "-o", str(out), "--style", "pop", "--to", "cd"]
    return [*words, "--preview-joins", "--no-report"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, dict[str, bytes]]:
    """What an album is that nobody has stopped, mastered and kept as it is."""
    found = {}
    for kept in (False, True):
        base = tmp_path_factory.mktemp("whole")
        for i in (1, 2, 3):
            write(base / f"{i}.wav", music(5.0, i))
        assert main([*album_words(base, base / "out", kept), "--quiet"]) == 0
        found[kept] = contents(base / "out")
    return found


STOPS = [  # behind a stage; where songs are kept as they are, the CD comes behind "measure"
    ("measure", False, signal.SIGINT),
    ("master", False, signal.SIGINT),
    ("master", False, signal.SIGKILL),
    ("measure", True, signal.SIGINT),
    ("measure", True, signal.SIGKILL),
    ("cd", True, signal.SIGINT),
    ("cd", True, signal.SIGKILL),
]


@pytest.mark.parametrize(("stage", "kept", "how"), STOPS)
def test_stopped_at_any_stage_it_goes_on(
    stage: str,
    kept: bool,
    how: signal.Signals,
    folder: Path,
    whole: dict[bool, dict[str, bytes]],
) -> None:
    """Stopped behind a stage, with the next under way; called again it ends as if never stopped."""
    out = folder.parent / "out"
    words = album_words(folder, out, kept)
    process = started(words)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(stage):
            break
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted: stopped" in said
        assert half_written(folder.parent) == []
    there = contents(out) if out.exists() else {}
    assert there.items() <= whole[kept].items()  # whatever has its name is whole
    assert main([*words, "--quiet"]) == 0
    assert contents(out) == whole[kept]
    assert half_written(folder.parent) == []  # also what the killed one could not take away


@pytest.mark.parametrize("kept", [False, True], ids=["masters", "image"])
def test_disk_full(
    kept: bool,
    folder: Path,
    whole: dict[bool, dict[str, bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In the middle of the masters, and of the image: nothing half-written, and on with room."""
    kibibytes = 2000
    disk = folder.parent / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can make a disk that is full")
    try:
        out = disk / "out"
        words = [*album_words(folder, out, kept), "--quiet"]
        words.remove("--preview-joins")
        wanted = {name: data for name, data in whole[kept].items() if not name.startswith("joins")}
        assert main(words) == NOT_WRITTEN
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert "room" in told
        assert half_written(disk) == []
        there = contents(out) if out.exists() else {}
        assert there.items() <= wanted.items()
        larger = ["mount", "-o", "remount,size=100m", str(disk)]
        subprocess.run(larger, check=True, capture_output=True)
        assert main(words) == 0
        assert contents(out) == wanted
    finally:
        subprocess.run(["umount", str(disk)], check=False, capture_output=True)
