"""What programs say of it that burnish did not write: md5sum, cdrdao, cuetools, libburn."""

import ctypes
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from discs import in_blocks, noise, whole_disc
from libburn import decoded, opened_libburn  # noqa: F401

from burnish.deliver.cd import Disc, DiscTrack, Texts, write_ddp
from burnish.deliver.cd.cdtext import cd_text
from burnish.deliver.cd.cue import cue_sheet
from burnish.deliver.cd.extract_ddp import extract_ddp
from burnish.deliver.cd.read_cdtext import read_cd_text
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.cd.toc import toc
from needed import need_tool

KINDS = ("title", "performer", "songwriter", "composer", "arranger", "message")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    disc = whole_disc()
    write_ddp(tmp_path / "ddp", disc, in_blocks(noise(disc)))
    return tmp_path / "ddp"


def run(*words: str | Path, cwd: Path) -> bytes:
    return subprocess.run(words, cwd=cwd, check=True, capture_output=True).stdout


def test_md5sum_proves_the_checksums(folder: Path) -> None:
    said = run(need_tool("md5sum"), "--strict", "-c", "CHECKSUM.MD5", cwd=folder).decode()
    assert said.splitlines() == [
        f"{name}: OK" for name in ("DDPID", "DDPMS", "CDTEXT.BIN", "PQDESCR", "IMAGE.DAT")
    ]


def without_first_pregap(at: int) -> str:
    """A place as cdrdao counts, from the first track's beginning."""
    return f"({at - 150:6d})"


def test_cdrdao_reads_the_toc_as_it_was_meant(folder: Path) -> None:
    cdrdao, disc = need_tool("cdrdao"), whole_disc()
    (folder / "disc.toc").write_text(toc(disc, "IMAGE.DAT"), encoding="ascii")
    told = run(cdrdao, "show-toc", "disc.toc", cwd=folder).decode()
    assert "CATALOG NUMBER: 4006381333931" in told
    parts = re.split(r"TRACK +\d+ +Mode AUDIO:", told)[1:]
    assert len(parts) == 3
    for place, (part, track) in enumerate(zip(parts, disc.tracks, strict=True)):
        isrc = track.isrc
        assert f"ISRC {isrc[:2]} {isrc[2:5]} {isrc[5:7]} {isrc[7:]}" in part
        assert ("COPY PERMITTED" in part) == (track.digital_copy == "permitted")
        assert ("NO PRE-EMPHASIS" in part) == (not track.pre_emphasis)
        start = re.search(r"START +\S+( *\( *\d+\))", part)
        assert start
        assert start[1].strip() == without_first_pregap(track.start_cd_frame)
        marks = re.findall(r"INDEX +\d+ \S+(\( *\d+\))", part)
        assert marks == [without_first_pregap(at) for at in track.index_cd_frames]
        if place:
            pregap = track.start_cd_frame - track.first_cd_frame
            found = re.search(r"PREGAP +\S+\( *(\d+)\)", part)
            assert (int(found[1]) if found else 0) == pregap
    assert without_first_pregap(disc.lead_out_cd_frame) in parts[-1]


def test_cdrdao_reads_the_same_samples(tmp_path: Path) -> None:
    """From IMAGE.DAT, whose bytes lie the other way round than it expects, and from a WAV."""
    cdrdao = need_tool("cdrdao")
    disc = Disc((DiscTrack(150, 0, texts=Texts('Über "uns" \\')),), 450)
    samples = noise(disc)
    write_ddp(tmp_path / "ddp", disc, [samples])
    extract_ddp(read_ddp(tmp_path / "ddp"), tmp_path / "wav", one_file=True)
    for folder, image in ((tmp_path / "ddp", "IMAGE.DAT"), (tmp_path / "wav", "image.wav")):
        (folder / "disc.toc").write_text(toc(disc, image), encoding="ascii")
        run(cdrdao, "read-test", "disc.toc", cwd=folder)
        lines = run(cdrdao, "show-data", "disc.toc", cwd=folder).decode().replace(":", " ")
        heard = np.array(lines.split(), dtype=np.int64).reshape(-1, 3)
        assert np.array_equal(heard[:, 1:].T, samples[:, 150 * 588 :])


@pytest.mark.parametrize("one_file", [True, False])
def test_cueprint_reads_the_cue_sheet(one_file: bool, folder: Path, tmp_path: Path) -> None:
    cueprint, disc = need_tool("cueprint"), whole_disc()
    extract_ddp(read_ddp(folder), tmp_path / "out", one_file=one_file)
    form = r"%n|%t|%p|%i|%m\n"
    told = run(cueprint, "-t", form, "disc.cue", cwd=tmp_path / "out").decode("latin-1")
    wanted = [
        f"{number}|{track.texts.title}|{track.texts.performer}|{track.isrc}|".replace('"', "'")
        for number, track in enumerate(disc.tracks, 1)
    ]
    assert [line.rsplit("|", 1)[0] + "|" for line in told.splitlines()] == wanted
    told = run(cueprint, "-d", r"%N|%T|%P\n", "disc.cue", cwd=tmp_path / "out").decode("latin-1")
    assert told.splitlines()[0] == "3|Ångström|Ünï"


def test_cuebreakpoints_finds_the_tracks(folder: Path) -> None:
    (folder / "disc.cue").write_bytes(cue_sheet(whole_disc(), [("IMAGE.DAT", 0)]).encode("latin-1"))
    told = run(need_tool("cuebreakpoints"), "--split-gaps", "disc.cue", cwd=folder).decode()
    # It splits at index 00 and 01; where there is no pause, at 01 alone.
    assert told.split() == ["0:02.00", "0:07.00", "0:08.00", "0:13.25"]


def test_libburn_decodes_our_cd_text(libburn: ctypes.CDLL) -> None:
    disc = replace(whole_disc(), genre_code=23, genre="Post rock", disc_id="CAT-001")
    packs = cd_text(disc, with_codes=True).packs
    told = decoded(libburn, packs)
    assert told["Language Code"] == "English"
    assert told["Album Title"] == "Ångström"
    assert told["Artist Name"] == "Ünï"
    assert told["UPC / EAN"] == "4006381333931"
    assert told["Genre Code"] == "Rock Music"
    assert told["Genre Information"] == "Post rock"
    assert told["Catalog Number"] == "CAT-001"
    assert (told["First Track Number"], told["Last Track Number"]) == ("1", "3")
    for number, track in enumerate(disc.tracks, 1):
        assert told[f"Track {number:02d} Title"] == track.texts.title
        assert told[f"Track {number:02d} Artist"] == "Ünï"
        assert told[f"ISRC {number:02d}"] == track.isrc
        assert told.get(f"Track {number:02d} Composer", "") == track.texts.composer
        assert told.get(f"Track {number:02d} Message", "") == track.texts.message
        assert told.get(f"Track {number:02d} Songwriter", "") == track.texts.songwriter


def packs_of_libburn(libburn: ctypes.CDLL, disc: Disc) -> bytes:
    """The disc's texts through its own encoder."""
    every = (disc.texts, *(track.texts for track in disc.tracks))
    used = [name for name in KINDS if any(getattr(texts, name) for texts in every)]
    session = ctypes.c_void_p(libburn.burn_session_create())
    eight, none = ctypes.c_int * 8, [-1] * 7
    codes = (eight(0, *none), eight(0, *none), eight(9, *none))  # letters, copyright, English
    assert libburn.burn_session_set_cdtext_par(session, *codes, 0) > 0
    told = [(libburn.burn_session_set_cdtext, session, disc.texts)]
    for one in disc.tracks:
        track = ctypes.c_void_p(libburn.burn_track_create())
        assert libburn.burn_session_add_track(session, track, 100) > 0  # 100: at the end
        told.append((libburn.burn_track_set_cdtext, track, one.texts))
    for put, whose, texts in told:
        for name in used:
            data = getattr(texts, name).encode("latin-1") + b"\0"
            kind = 0x80 + KINDS.index(name)
            assert put(whose, 0, kind, None, data, len(data), 0) > 0
    packs, count = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_int()
    done = libburn.burn_cdtext_from_session(session, ctypes.byref(packs), ctypes.byref(count), 0)
    assert done > 0
    return bytes(packs[: count.value * 18])


def test_libburn_encodes_the_same_packs(libburn: ctypes.CDLL) -> None:
    disc = whole_disc()
    tracks = tuple(
        replace(track, texts=replace(track.texts, performer=f"Ünï {number}"))
        for number, track in enumerate(disc.tracks)
    )
    disc = replace(disc, tracks=tracks)
    assert packs_of_libburn(libburn, disc) == cd_text(disc).packs


def test_we_read_what_libburn_writes(libburn: ctypes.CDLL) -> None:
    """It writes a performer who repeats as a TAB."""
    disc = whole_disc()
    packs = packs_of_libburn(libburn, disc)
    assert b"\t\0" in packs
    read = read_cd_text(packs)
    assert (read.bad_crcs, read.out_of_sequence, read.counts_agree) == ((), (), True)
    for number, texts in enumerate((disc.texts, *(track.texts for track in disc.tracks))):
        assert [read.text(kind, number) for kind in KINDS] == [getattr(texts, k) for k in KINDS]
