"""A DDP that came to harm, and folders that are none: one sentence each, and the right end."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from discs import in_blocks, noise, whole_disc
from numpy.typing import NDArray

from burnish.apps.cli import main
from burnish.deliver.cd import write_ddp
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.cd.verify_ddp import verify_ddp
from burnish.errors import OutputError

Harm = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    disc = whole_disc()
    write_ddp(tmp_path / "ddp", disc, in_blocks(noise(disc)))
    return tmp_path / "ddp"


def change(name: str, at: int, data: bytes) -> Harm:
    def harm(folder: Path) -> None:
        whole = bytearray((folder / name).read_bytes())
        whole[at : at + len(data)] = data
        (folder / name).write_bytes(whole)

    return harm


def cut(name: str, size: int) -> Harm:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def without(*names: str) -> Harm:
    return lambda folder: [(folder / name).unlink() for name in names]


def both(*harms: Harm) -> Harm:
    return lambda folder: [harm(folder) for harm in harms]


NO_SUMS = without("CHECKSUM.MD5", "CHECKSUM.TXT")

# what happens -> (codes of what fails, words of the first)
FAILS: dict[str, tuple[Harm, set[str], str]] = {
    "image cut off": (
        both(NO_SUMS, cut("IMAGE.DAT", 2352 * 1000 + 7)),
        {"ddp-image-length"},
        "IMAGE.DAT: 2352007 bytes, 940793 shorter than the 1400 sectors of the map",
    ),
    "one bit of sound": (
        change("IMAGE.DAT", 2_000_000, b"\x55"),
        {"ddp-checksum"},
        "IMAGE.DAT: its MD5 is",
    ),
    "image missing": (without("IMAGE.DAT"), {"ddp-file-missing"}, "IMAGE.DAT"),
    "DDPID missing": (both(NO_SUMS, without("DDPID")), {"ddp-file-missing"}, "DDPID is missing"),
    "CD-Text damaged": (
        both(NO_SUMS, change("CDTEXT.BIN", 25, b"?")),
        {"cd-text-crc"},
        "packs is wrong: 1",
    ),
    "CD-Text cut off": (
        both(NO_SUMS, cut("CDTEXT.BIN", 100)),
        {"cd-text-length", "cd-text-sizes", "ddp-stream-length"},
        "CDTEXT.BIN: 100 bytes",
    ),
    "lead-out moved": (
        both(NO_SUMS, *(change("PQDESCR", 64 * n + 10, b"001874") for n in (7, 8))),
        {"ddp-lead-out"},
        "the lead-out stands at cd_frame 1424, the image ends at 1400",
    ),
    "marks backwards": (
        both(NO_SUMS, change("PQDESCR", 64 * 4 + 10, b"000600")),
        {"cd-order"},
        "track 2 index 01 at cd_frame 450: must come after track 2 index 00 at 525",
    ),
    "index missing": (
        both(NO_SUMS, change("PQDESCR", 64 * 5 + 6, b"03")),
        {"ddp-indexes"},
        "track 2 has the indexes 0, 1, 3",
    ),
    "flags change": (
        both(NO_SUMS, change("PQDESCR", 64 * 4 + 16, b"01")),
        {"ddp-flags"},
        "track 2: its packets tell different flags",
    ),
    "two lead-outs": (
        both(NO_SUMS, change("PQDESCR", 64 * 8 + 10, b"001851")),
        {"ddp-lead-outs"},
        "2 different lead-outs",
    ),
    "wrong check digit": (
        both(NO_SUMS, change("DDPID", 8, b"4006381333932")),
        {"cd-ean"},
        "its last digit must be 1",
    ),
}


@pytest.mark.parametrize("name", FAILS)
def test_verify_tells_what_came_to_harm(name: str, folder: Path) -> None:
    harm, codes, words = FAILS[name]
    assert verify_ddp(read_ddp(folder)) == ()
    harm(folder)
    found = [one for one in verify_ddp(read_ddp(folder)) if one.severity == "fail"]
    assert {one.code for one in found} == codes
    assert words in found[0].detail


# what happens -> words of the one sentence; it cannot be read at all
UNUSABLE: dict[str, tuple[Harm, str]] = {
    "no DDP": (without("DDPMS"), "is no DDP: it holds no DDPMS"),
    "map cut off": (cut("DDPMS", 200), "DDPMS: 200 bytes: must be whole packets of 128"),
    "map of zeros": (change("DDPMS", 0, bytes(128)), "packet 0 begins with"),
    "map that leaves the folder": (change("DDPMS", 74, b"../../etc/passwd "), "names no file"),
    "map without numbers": (change("DDPMS", 14, b"many    "), "length 'many' is no number"),
    "PQ missing": (without("PQDESCR"), "PQDESCR, which its map names, is missing"),
    "PQ cut off": (cut("PQDESCR", 130), "PQDESCR: 130 bytes: must be whole packets of 64"),
    "PQ of another kind": (change("PQDESCR", 64, b"TEXT"), "packet 1 begins with 'TEXT'"),
    "a time that is none": (change("PQDESCR", 64 + 10, b"009900"), "the time 009900 is none"),
    "no lead-out": (cut("PQDESCR", 64 * 7), "has no lead-out"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_read(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harm, words = UNUSABLE[name]
    harm(folder)
    for what in ("info", "verify", "extract"):
        assert main(["ddp", what, str(folder)]) == 3
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("burnish: ddp-")
        assert words in err
        assert len(err.splitlines()) == 1
    assert [one.name for one in folder.parent.iterdir()] == ["ddp"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path, "there is no such folder"),
        (lambda path: path.write_bytes(b"x"), "is a file; name the folder of a DDP"),
        (lambda path: path.mkdir(), "is no DDP: it holds no DDPMS"),
    ],
)
def test_no_folder_of_a_ddp(
    make: Harm, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "it")
    assert main(["ddp", "info", str(tmp_path / "it")]) == 3
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("harm", [without("IMAGE.DAT"), cut("IMAGE.DAT", 5000)])
def test_no_sound_to_extract(harm: Harm, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harm(folder)
    assert main(["ddp", "extract", str(folder)]) == 3
    assert "IMAGE.DAT: is" in capsys.readouterr().err
    assert [one.name for one in folder.parent.iterdir()] == ["ddp"]


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ddp", "info", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["texts"] == {"title": "Ångström", "performer": "Ünï"}
    assert told["tracks"][1]["index"] == {"00": "00:07:00", "01": "00:08:00", "02": "00:09:25"}
    assert told["tracks"][1]["digital_copy"] == "permitted"
    assert main(["ddp", "info", str(folder)]) == 0
    assert "DEAB12600003" in capsys.readouterr().out
    assert main(["ddp", "verify", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["findings"]) == ("pass", [])
    assert main(["ddp", "extract", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == ["01 Grusse.wav", "02 The _second_.wav", "03 Third.wav", "disc.cue"]
    assert main(["ddp", "extract", str(folder)]) == 5
    assert "exists already" in capsys.readouterr().err
    assert main(["ddp", "extract", str(folder), "--overwrite", "--one-file"]) == 0
    names = sorted(one.name for one in Path(f"{folder}.extracted").iterdir())
    assert names == ["disc.cue", "image.wav"]
    (folder / "IMAGE.DAT").write_bytes(bytes(1400 * 2352))
    capsys.readouterr()
    assert main(["ddp", "verify", str(folder)]) == 4
    assert "IMAGE.DAT: its MD5 is" in capsys.readouterr().out
    assert main(["ddp", "play", str(folder)]) == 2
    assert "what=play: must be one of info, verify, extract" in capsys.readouterr().err
    assert main(["ddp", "info", str(folder), "-o", "x"]) == 2
    assert "-o: only with extract" in capsys.readouterr().err


def test_disk_full(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A disk with room for one DDP: told before, and, when others fill it, on the way."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small disk that this test fills")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3500k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small disk to fill here: {mounted.stderr.strip()}")
    disc = whole_disc()
    samples = noise(disc)
    try:
        blocks = in_blocks(samples, 200_000)

        def filled() -> Iterator[NDArray[np.int16]]:
            yield next(blocks)
            (disk / "other").write_bytes(bytes(2_000_000))
            yield from blocks

        with pytest.raises(OutputError, match="no room"):
            write_ddp(disk / "ddp", disc, filled())
        assert [one.name for one in disk.iterdir()] == ["other"]
        with pytest.raises(OutputError, match="no room: needs"):
            write_ddp(disk / "ddp", disc, [samples])
        write_ddp(tmp_path / "ddp", disc, [samples])
        assert main(["ddp", "extract", str(tmp_path / "ddp"), "-o", str(disk / "out")]) == 5
        assert "no room" in capsys.readouterr().err
        assert [one.name for one in disk.iterdir()] == ["other"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
