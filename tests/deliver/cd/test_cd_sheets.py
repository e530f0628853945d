"""Cue sheet, toc and PQ sheet, to the letter."""

from dataclasses import replace

import pytest
from discs import whole_disc

from burnish.deliver.cd import Disc, DiscTrack, Texts, WrittenFile
from burnish.deliver.cd.cue import cue_sheet
from burnish.deliver.cd.msf import msf
from burnish.deliver.cd.sheet import pq_sheet
from burnish.deliver.cd.toc import toc

HIDDEN = Disc((DiscTrack(600, 0), DiscTrack(1000)), 1400)


def test_the_cue_sheet_that_cue2ddp_writes_beside_an_image() -> None:
    """Experiment 012 of ddp-reverse-eng, but for the ends of its lines."""
    sheet = cue_sheet(Disc((DiscTrack(150, 0),), 900), [("IMAGE.DAT", 0)])
    assert sheet.replace("\r\n", "\n") == (
        'FILE "IMAGE.DAT" BINARY\n  TRACK 01 AUDIO\n    INDEX 00 00:00:00\n    INDEX 01 00:02:00\n'
    )


def test_the_cue_sheet_of_a_whole_disc() -> None:
    lines = cue_sheet(whole_disc(), [("disc.wav", 0)]).split("\r\n")
    assert lines[:4] == [
        "CATALOG 4006381333931",
        'TITLE "Ångström"',
        'PERFORMER "Ünï"',
        'FILE "disc.wav" WAVE',
    ]
    second = lines.index("  TRACK 02 AUDIO")
    assert lines[second + 1 : second + 9] == [
        "    TITLE \"The 'second'\"",
        '    PERFORMER "Ünï"',
        '    REM COMPOSER "J. S. Bach"',
        "    FLAGS DCP PRE",
        "    ISRC DEAB12600002",
        "    INDEX 00 00:07:00",
        "    INDEX 01 00:08:00",
        "    INDEX 02 00:09:25",
    ]
    assert lines[-1] == ""


def test_the_cue_sheet_of_files_by_track() -> None:
    files = [("00.wav", 0), ("01.wav", 600), ("02.wav", 1000)]
    assert cue_sheet(HIDDEN, files).split("\r\n") == [
        'FILE "00.wav" WAVE',
        "  TRACK 01 AUDIO",
        "    INDEX 00 00:00:00",
        'FILE "01.wav" WAVE',
        "    INDEX 01 00:00:00",
        'FILE "02.wav" WAVE',
        "  TRACK 02 AUDIO",
        "    INDEX 01 00:00:00",
        "",
    ]


def test_the_toc_of_a_longer_first_pregap() -> None:
    """Two seconds of it are the burner's; the rest is in the file."""
    text = toc(HIDDEN, "disc.wav")
    assert 'FILE "disc.wav" 00:02:00 00:11:25\nSTART 00:06:00\n' in text
    assert 'FILE "disc.wav" 00:13:25 00:05:25\n' in text
    assert "CD_TEXT" not in text
    assert "SWAP" not in text


def test_the_pq_sheet() -> None:
    disc = replace(HIDDEN, ean="4006381333931", texts=Texts("Album", "Band"))
    files = [WrittenFile("DDPID", 128, "00000000", "0" * 32)]
    assert pq_sheet(disc, files, {"Client": "Label"}) == (
        "PQ SHEET\n"
        "\n"
        "Title      Album\n"
        "Artist     Band\n"
        "UPC/EAN    4006381333931\n"
        "Client     Label\n"
        "Tracks     2\n"
        "Total time 00:18:50\n"
        "CD-Text    yes\n"
        "\n"
        "Tr Ix Start     Length    ISRC          Copy  Emph  Title\n"
        "01 00 00:00:00  00:08:00                            (pause)\n"
        "01 01 00:08:00  00:05:25                no    no\n"
        "02 01 00:13:25  00:05:25                no    no\n"
        "AA 01 00:18:50  lead-out\n"
        "\n"
        "MD5\n"
        f"{'0' * 32}  DDPID (128 bytes)\n"
        "\n"
        "Times are minutes, seconds and cd_frames (75 in a second); 00:00:00 is where the pause\n"
        "before track 1 begins. A track lasts from its index 01 to the next one's.\n"
    )


def test_msf() -> None:
    assert [msf(n) for n in (0, 74, 75, 4500, 449_999)] == [
        "00:00:00",
        "00:00:74",
        "00:01:00",
        "01:00:00",
        "99:59:74",
    ]
    for n in (-1, 450_000):
        with pytest.raises(ValueError, match="must be 00:00:00 to 99:59:74"):
            msf(n)
