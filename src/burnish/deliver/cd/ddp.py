"""A DDP 2.00 of an audio CD: the folder that a CD plant takes, written whole or not at all.

    DDPID         what it is: level, EAN, master ID           128 bytes
    DDPMS         the map: one packet of 128 bytes a stream
    PQDESCR       where tracks and indexes are (pq.py)
    CDTEXT.BIN    the texts, where there are any (cdtext.py)
    IMAGE.DAT     the sound: 16-bit stereo, little-endian, no header
    CHECKSUM.MD5, CHECKSUM.TXT    MD5 for ``md5sum -c``, and CRC-32

Source: the public clean-room description ddp-reverse-eng; proven byte for byte against what
cue2ddp 1.1 writes. DDP is a trademark of DCA, Inc.; this is no certified implementation.
"""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from burnish.audio.staged import output_errors
from burnish.deliver.cd.cdtext import cd_text
from burnish.deliver.cd.disc import Disc
from burnish.deliver.cd.latin import ascii_only
from burnish.deliver.cd.msf import BYTES_PER_CD_FRAME, SAMPLES_PER_CD_FRAME
from burnish.deliver.cd.pq import pq_descriptor
from burnish.deliver.cd.profile import PROFILES, Profile, profile_named
from burnish.deliver.cd.red_book import check_disc
from burnish.deliver.folder import new_folder
from burnish.finding import Finding

IMAGE, CDTEXT = "IMAGE.DAT", "CDTEXT.BIN"
SUMS = ("CHECKSUM.MD5", "CHECKSUM.TXT")
_PACKET_BYTES = 128
_MASTER_ID_LETTERS = 48


@dataclass(frozen=True)
class WrittenFile:
    """One file of a DDP, as written."""

    name: str
    n_bytes: int
    crc32: str
    md5: str


@dataclass(frozen=True)
class WrittenDdp:
    """A DDP as written: its folder, its files (without the checksums'), and what to tell of it."""

    folder: Path
    files: tuple[WrittenFile, ...]
    findings: tuple[Finding, ...]


def write_ddp(
    folder: str | Path,
    disc: Disc,
    blocks: Iterable[NDArray[np.int16]],
    *,
    profile: str = "recommended",
    codes_in_cd_text: bool = False,
    overwrite: bool = False,
) -> WrittenDdp:
    """Write a DDP of the disc to ``folder``, which appears only when it is whole.

    ``blocks`` are the image from 00:00:00 to the lead-out, the first pregap among it: int16,
    shape (2, n), of any lengths. The last cd_frame is filled up with silence; any other length
    than the disc's is a ``ValueError``. ``overwrite`` replaces an older DDP, nothing else.

    Raises ``SettingError`` where the disc passes a limit of the Red Book, ``OutputError`` where
    the folder cannot be written.
    """
    form = profile_named(profile)
    warnings = check_disc(disc)
    texts = cd_text(disc, codes_in_cd_text)
    pq = pq_descriptor(disc, form)
    small = {
        "DDPID": _identifier(disc),
        "DDPMS": _map(disc, form, len(texts.packs), len(pq)),
        CDTEXT: texts.packs,
        form.pq_name: pq,
    }
    path = Path(folder)
    n_bytes = disc.lead_out_cd_frame * BYTES_PER_CD_FRAME + 4 * 4096
    with new_folder(path, is_ours if overwrite else None, n_bytes) as staged:
        files = []
        for name, data in small.items():
            if data:
                with output_errors(path / name, n_bytes):
                    (staged / name).write_bytes(data)
                files.append(_told(name, data))
        with output_errors(path / IMAGE, n_bytes):
            files.append(_write_image(staged / IMAGE, disc, blocks))
            sums = "".join(f"{one.md5} *{one.name}\n" for one in files)
            (staged / SUMS[0]).write_text(sums, encoding="ascii", newline="\n")
            sums = "".join(f"{one.name}={one.crc32}\n" for one in files)
            text = f"[CRC32 Checksum]\n{sums}"
            (staged / SUMS[1]).write_text(text, encoding="ascii", newline="\n")
    return WrittenDdp(path, tuple(files), (*warnings, *texts.findings))


def is_ours(folder: Path) -> bool:
    """Whether the folder holds a DDP with the names that are written here, and nothing else."""
    names = {one.name for one in folder.iterdir()}
    pq_names = {one.pq_name for one in PROFILES.values()}
    return {"DDPMS", "DDPID"} <= names <= {"DDPMS", "DDPID", IMAGE, CDTEXT, *SUMS, *pq_names}


def _identifier(disc: Disc) -> bytes:
    level, medium = "DDP 2.00", "CD"
    master_id = ascii_only(disc.master_id)[:_MASTER_ID_LETTERS]
    sequential = " " * 17  # where the map stands on a tape, and the number of the medium
    text = f"{level}{disc.ean:13}{sequential}{master_id:48} {medium}"
    return f"{text:{_PACKET_BYTES}}".encode("ascii")


def _map(disc: Disc, form: Profile, text_bytes: int, pq_bytes: int) -> bytes:
    pregap = disc.tracks[0].start_cd_frame
    packets = [
        _packet(form, "S0", text_bytes, CDTEXT, subcode="CDTEXT", track="00"),
        _packet(form, "S0", pq_bytes, form.pq_name, subcode="PQ DESCR"),
        _packet(
            form,
            "D0",
            disc.lead_out_cd_frame,
            IMAGE,
            start=form.stream_start,
            mode=f"DA7{form.scrambled}",  # audio, whole sectors of 2352 bytes
            pregap=f"{pregap:4d}",
        ),
    ]
    return "".join(packets if text_bytes else packets[1:]).encode("ascii")


def _packet(
    form: Profile,
    stream: str,
    length: int,
    file: str,
    *,
    start: str = "",
    subcode: str = "",
    mode: str = "",
    pregap: str = "",
    track: str = "",
) -> str:
    """One packet of the map. ``length`` is in sectors for D streams, in bytes for S streams."""
    zero = "0" if form.zero_padded else ""
    pointer, postgap, medium, index, isrc = " " * 8, " " * 4, " ", " " * 2, " " * 12
    packet = (
        f"VVVM{stream}{pointer}{length:{zero}8d}{start:8}{subcode:8}{mode:4}    {pregap:4}"
        f"{postgap}{medium}{track:2}{index}{isrc}{17:{zero}3d}{file:17}"
    )
    return f"{packet:{_PACKET_BYTES}}"


def _write_image(path: Path, disc: Disc, blocks: Iterable[NDArray[np.int16]]) -> WrittenFile:
    md5, crc32, n_samples = hashlib.md5(usedforsecurity=False), 0, 0
    with path.open("wb", buffering=1 << 20) as file:

        def put(data: bytes) -> None:
            nonlocal crc32
            file.write(data)
            md5.update(data)
            crc32 = zlib.crc32(data, crc32)

        for block in blocks:
            if block.ndim != 2 or block.shape[0] != 2 or block.dtype != np.int16:
                raise ValueError(f"block {block.dtype}{block.shape}: must be int16, (2, n)")
            n_samples += block.shape[1]
            if n_samples > disc.n_samples:
                break
            put(np.ascontiguousarray(block.T, dtype="<i2").tobytes())
        missing = disc.n_samples - n_samples
        if not 0 <= missing < SAMPLES_PER_CD_FRAME:
            raise ValueError(f"{n_samples} samples given: the disc has {disc.n_samples}")
        put(bytes(4 * missing))
    n_bytes = 4 * disc.n_samples
    return WrittenFile(path.name, n_bytes, f"{crc32:08X}", md5.hexdigest())


def _told(name: str, data: bytes) -> WrittenFile:
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return WrittenFile(name, len(data), f"{zlib.crc32(data):08X}", md5)
