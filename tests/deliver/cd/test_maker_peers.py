"""The product as programs read it that burnish did not write."""

import ctypes
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from cd_albums import Made, album, image, made
from libburn import decoded, opened_libburn  # noqa: F401

from burnish.deliver.cd.read_ddp import read_ddp
from needed import need_tool


@pytest.fixture(scope="module")
def cd(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("cd")
    return made(album(folder / "masters"), folder / "out", cd_wav=True, codes_in_cd_text=True)


def run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, check=True, capture_output=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def test_md5sum(cd: Made) -> None:
    said = run(need_tool("md5sum"), "--strict", "-c", "CHECKSUM.MD5", cwd=cd.ddp)
    assert said.count(": OK\n") == 5
    sheet = (cd.folder / "PQ sheet.txt").read_text(encoding="utf-8")
    for line in (cd.ddp / "CHECKSUM.MD5").read_text().splitlines():
        md5, name = line.split(" *")
        assert f"{md5}  {name} (" in sheet


def test_cdrdao_reads_toc_and_samples(cd: Made) -> None:
    cdrdao, toc = need_tool("cdrdao"), "Blue- Hour.toc"
    told = run(cdrdao, "show-toc", toc, cwd=cd.folder)
    assert "CATALOG NUMBER: 0036000291452" in told
    disc = read_ddp(cd.ddp).disc
    starts = [int(at) for at in re.findall(r"START +\S+ *\( *(\d+)\)", told)]
    assert starts == [track.start_cd_frame - 150 for track in disc.tracks]
    assert told.count("ISRC ") == 4
    assert told.count("COPY PERMITTED") == 1
    run(cdrdao, "read-test", toc, cwd=cd.folder)
    lines = run(cdrdao, "show-data", toc, cwd=cd.folder).replace(":", " ")
    heard = np.array(lines.split(), dtype=np.int64).reshape(-1, 3)
    np.testing.assert_array_equal(heard[:, 1:].T, image(cd.folder)[:, 150 * 588 :])


@pytest.mark.parametrize("cue", ["Blue- Hour.cue", "WAV/disc.cue"])
def test_cueprint_reads_the_cue_sheets(cue: str, cd: Made) -> None:
    sheet = cd.folder / cue
    tool, form = need_tool("cueprint"), r"%n|%t|%p|%i\n"
    told = subprocess.run(
        [tool, "-t", form, sheet.name], cwd=sheet.parent, check=True, capture_output=True
    ).stdout.decode("latin-1")
    assert told.splitlines() == [
        "1|Zólw|Ünï|DEAB12600001",
        "2|Two|Ünï|DEAB12600002",
        "3|Privet|Ünï|DEAB12600003",
        "4|Four (Live)|Guest|",
        "5|??|Ünï|DEAB12600005",
    ]


def test_libburn_decodes_its_cd_text(cd: Made, libburn: ctypes.CDLL) -> None:
    told = decoded(libburn, (cd.ddp / "CDTEXT.BIN").read_bytes())
    assert told["Album Title"] == "Blue: Hour"
    assert told["Artist Name"] == "Ünï"
    assert (told["Genre Code"], told["Genre Information"]) == ("Rock Music", "Rock")
    assert (told["Catalog Number"], told["UPC / EAN"]) == ("CAT-001", "0036000291452")
    titles = [told[f"Track {n:02d} Title"] for n in range(1, 6)]
    assert titles == ["Zólw", "Two", "Privet", "Four (Live)", "??"]
    assert told["ISRC 05"] == "DEAB12600005"


def test_the_pq_sheet_on_paper_says_what_the_text_says(cd: Made) -> None:
    paper = run(need_tool("pdftotext"), "-layout", "PQ sheet.pdf", "-", cwd=cd.folder)
    text = (cd.folder / "PQ sheet.txt").read_text(encoding="utf-8")
    rows = re.findall(r"^(?:\d\d|AA) \d\d \d\d:\d\d:\d\d.*$", text, re.MULTILINE)
    assert len(rows) == 11
    on_paper = [" ".join(line.split()) for line in paper.splitlines()]
    for row in rows:
        wanted = " ".join(row.split())
        assert wanted in on_paper or "日本" in wanted  # where no font here has these
    sums = re.findall("^[0-9a-f]{32}", text, re.MULTILINE)
    assert len(sums) == 5
    assert all(one in paper for one in sums)
