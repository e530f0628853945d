"""Byte for byte what cue2ddp 1.1 wrote: the sums recorded by ddp-reverse-eng (MIT), and a CD-Text.

Experiment 003: 1500 cd_frames of a pattern that tells the place of every sample (left the low 16
bits, right the high), two tracks, the second with a pause; 005: one track of 10 s, EAN and ISRC.
"""

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from burnish.deliver.cd import Disc, DiscTrack, Texts, write_ddp
from burnish.deliver.cd.cdtext import cd_text
from burnish.deliver.cd.pq import pq_descriptor
from burnish.deliver.cd.profile import PROFILES


def pattern(n_cd_frames: int, pregap: int = 150) -> Iterator[NDArray[np.int16]]:
    yield np.zeros((2, pregap * 588), np.int16)
    place = np.arange(n_cd_frames * 588)
    samples = np.stack([place & 0xFFFF, place >> 16]).astype(np.uint16).view(np.int16)
    for start in range(0, samples.shape[1], 100_003):
        yield samples[:, start : start + 100_003]


def test_experiment_003(tmp_path: Path) -> None:
    disc = Disc((DiscTrack(150, 0), DiscTrack(150 + 750, 150 + 600)), 1650)
    made = write_ddp(tmp_path / "ddp", disc, pattern(1500), profile="cue2ddp")
    assert [(one.name, one.crc32, one.md5) for one in made.files] == [
        ("DDPID", "730DC92D", "187970110683c92c25bdb82256354780"),
        ("DDPMS", "2FA79A23", "786f12e522c55f9d6c81e24871d4d79f"),
        ("SD", "BC6CA96C", "b48acb2e5a9748fce02ec99a161bb687"),
        ("IMAGE.DAT", "38107698", "7b4dad7a5114569b4e25550ca6278dda"),
    ]
    sums = (tmp_path / "ddp" / "CHECKSUM.TXT").read_bytes()
    assert sums == (
        b"[CRC32 Checksum]\nDDPID=730DC92D\nDDPMS=2FA79A23\nSD=BC6CA96C\nIMAGE.DAT=38107698\n"
    )
    sums = (tmp_path / "ddp" / "CHECKSUM.MD5").read_bytes()
    assert sums == (
        b"187970110683c92c25bdb82256354780 *DDPID\n786f12e522c55f9d6c81e24871d4d79f *DDPMS\n"
        b"b48acb2e5a9748fce02ec99a161bb687 *SD\n7b4dad7a5114569b4e25550ca6278dda *IMAGE.DAT\n"
    )


def test_experiment_005(tmp_path: Path) -> None:
    """Its EAN, 0123456789012, has the right check digit."""
    disc = Disc((DiscTrack(150, 0, isrc="USABC1234567"),), 900, ean="0123456789012")
    made = write_ddp(tmp_path / "ddp", disc, pattern(750), profile="cue2ddp")
    assert {one.name: one.crc32 for one in made.files} == {
        "DDPID": "7C7CF497",
        "DDPMS": "EA0D5627",
        "SD": "F08A87A6",
        "IMAGE.DAT": "5D3DE4A4",
    }


def test_experiment_006_flags() -> None:
    track = DiscTrack(150, 0, pre_emphasis=True, digital_copy="permitted", four_channel=True)
    packets = pq_descriptor(Disc((track,), 900), PROFILES["cue2ddp"])
    assert packets[64:82] == b"VVVS0100  000000B1"
    assert packets[128:146] == b"VVVS0101  000200B1"
    assert packets[192:210] == packets[256:274] == b"VVVSAA01  00120001"


def test_experiment_009_longer_first_pregap(tmp_path: Path) -> None:
    made = write_ddp(
        tmp_path / "ddp", Disc((DiscTrack(225, 0),), 750), pattern(600), profile="cue2ddp"
    )
    packet = (made.folder / "DDPMS").read_bytes()[128:]
    assert packet[14:22] == b"     750"
    assert packet[46:50] == b" 225"


def test_cd_text_of_ten_packs() -> None:
    golden = (
        "gAAAAERpc2MAVHJhY2sgT0gEgAEBB25lAFRyYWNrIFR3b1XJgAICCQBUcmFjayBUaHJlZeZvgAMDCwAAAAAAAAAA"
        "AAAAAF33gQAEAEFydGlzdABBcnRpc/0igQEFBXQAQXJ0aXN0AEFydIwlgQMGA2lzdAAAAAAAAAAAAGKsjwAHAAAB"
        "AwAEAwAAAAAAAED7jwEIAAAAAAAAAAADCQAAANamjwIJAAAAAAAJAAAAAAAAAApO"
    )
    tracks = tuple(
        DiscTrack(150 + 900 * place, 0 if place == 0 else None, texts=Texts(title, "Artist"))
        for place, title in enumerate(["Track One", "Track Two", "Track Three"])
    )
    assert cd_text(Disc(tracks, 3000, texts=Texts("Disc", "Artist"))).packs == base64.b64decode(
        golden
    )


def test_experiment_011_cd_text() -> None:
    """Head and CRC of its eleven packs, as ddpinfo tells them."""
    golden = (
        "80000000A714 800101018C65 80020203E6B6 81000300E318 8100040C33B1 810205001B61 "
        "8200060022B0 820107002244 8F000800F88B 8F010900361B 8F020A0087ED"
    )
    texts = [Texts("Track One", "Perf One", "Writer One"), Texts("Track Two", "Perf Two")]
    tracks = tuple(
        DiscTrack(150 + 750 * place, None if place else 0, texts=one)
        for place, one in enumerate(texts)
    )
    disc = Disc(tracks, 1650, texts=Texts("Disc Title", "Disc Performer", "Disc Writer"))
    packs = cd_text(disc).packs
    told = [packs[at : at + 4] + packs[at + 16 : at + 18] for at in range(0, len(packs), 18)]
    assert " ".join(one.hex().upper() for one in told) == golden
