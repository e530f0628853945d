"""The header of a WAV file, read with patience: RIFF, RF64 and BW64.

Headers lie. A recorder that lost power leaves sizes of 0; a pipe leaves 0xFFFFFFFF or 0x7FFFF000;
a download that broke off promises what is not there; some programs forget the pad byte after a
chunk of odd size. What there is of the samples is found all the same.

Sources: Microsoft "Multimedia Data Standards Update" rev. 3.0 (WAVE_FORMAT_EXTENSIBLE), EBU Tech
3306 (RF64), ITU-R BS.2088 (BW64).
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from burnish.audio.raw import WIDTHS, Coding, Region

_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_CODINGS: dict[tuple[int, int], Coding] = {
    (_PCM, 1): "u8", (_PCM, 2): "i16", (_PCM, 3): "i24", (_PCM, 4): "i32",
    (_FLOAT, 4): "f32", (_FLOAT, 8): "f64",
}  # fmt: skip
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")  # of KSDATAFORMAT_SUBTYPE_*
_KNOWN = frozenset((
    b"fmt ", b"data", b"fact", b"LIST", b"bext", b"JUNK", b"junk", b"PAD ", b"FLLR", b"iXML",
    b"axml", b"chna", b"cue ", b"plst", b"smpl", b"inst", b"acid", b"PEAK", b"id3 ", b"ID3 ",
    b"DISP", b"cart", b"_PMX", b"ds64", b"umid", b"minf", b"elm1", b"levl", b"strc", b"bext",
))  # fmt: skip


@dataclass(frozen=True)
class WavHeader:
    """What a WAV header says, and what of it is true."""

    format: str
    region: Region
    bits: int
    rate_hz: int
    channels: int
    n_samples: int
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Format:
    coding: Coding
    bits: int
    rate_hz: int
    channels: int


def read_wav_header(file: BinaryIO, n_bytes: int) -> WavHeader | None:
    """Read the header of an open file of ``n_bytes``; None: not a WAV of plain samples.

    Then it is another reader's: a codec inside, big-endian, no samples' chunk, or no WAV at all.
    """
    file.seek(0)
    start = file.read(12)
    if start[:4] not in (b"RIFF", b"RF64", b"BW64") or start[8:] != b"WAVE":
        return None
    form: _Format | None = None
    long_size = 0  # of the data, from ds64
    data: tuple[int, int] | None = None
    remarks: tuple[str, ...] = ()
    place = 12
    while place + 8 <= n_bytes and (form is None or data is None):
        file.seek(place)
        name, size = struct.unpack("<4sI", file.read(8))
        body = place + 8
        if name == b"ds64":
            long_size = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        elif name == b"fmt ":
            form = _format(file.read(min(size, 40)))
            if form is None:
                return None
        elif name == b"data":
            if size == 0xFFFFFFFF and long_size:
                size = long_size
            data = (body, size)
        place = _next_chunk(file, body + size, size % 2 == 1, n_bytes)
    if form is None or data is None:
        return None
    group = WIDTHS[form.coding] * form.channels
    first, promised = data
    there = _size_there(file, first, promised, n_bytes, start[4:8])
    if there < promised and not _is_stream_size(promised):
        remarks = (
            f"the header promises {promised // group} samples, "
            f"but the file ends after {there // group}",
        )
    return WavHeader(
        format="wav" if start[:4] == b"RIFF" else start[:4].decode().lower(),
        region=Region(first, form.coding),
        bits=form.bits,
        rate_hz=form.rate_hz,
        channels=form.channels,
        n_samples=there // group,
        remarks=remarks,
    )


def _format(body: bytes) -> _Format | None:
    """Read a fmt chunk; None where the samples are not plain ones."""
    if len(body) < 16:
        return None
    tag, channels, rate_hz, _, group, bits = struct.unpack("<HHIIHH", body[:16])
    valid_bits = bits
    if tag == _EXTENSIBLE:
        if len(body) < 40 or body[26:40] != _GUID_TAIL:
            return None
        valid_bits = struct.unpack("<H", body[18:20])[0] or bits
        tag = struct.unpack("<H", body[24:26])[0]
    if tag not in (_PCM, _FLOAT) or channels == 0 or rate_hz == 0:
        return None
    width = group // channels if group and group % channels == 0 else (bits + 7) // 8
    if not 0 < valid_bits <= 8 * width:
        valid_bits = 8 * width
    coding = _CODINGS.get((tag, width))
    return _Format(coding, valid_bits, rate_hz, channels) if coding else None


def _is_stream_size(size: int) -> bool:
    """Whether a size only means "until the end": SoX writes 0x7FFFF000 and on, others all ones."""
    return size == 0 or 0x7FFFF000 <= size <= 0x7FFFFFFF or 0xFFFFF000 <= size <= 0xFFFFFFFF


def _size_there(file: BinaryIO, first: int, promised: int, n_bytes: int, riff_size: bytes) -> int:
    """How many bytes of samples there are."""
    room = n_bytes - first
    if promised > room:
        return room
    if promised == 0 and room:
        # an empty chunk with others behind it, or a header that was never finished?
        finished = struct.unpack("<I", riff_size)[0] == n_bytes - 8
        return 0 if finished or _chunk_at(file, first, n_bytes) in _KNOWN else room
    return promised


def _next_chunk(file: BinaryIO, end: int, odd: bool, n_bytes: int) -> int:
    """Where the next chunk begins after one that ends here; an odd one should have a pad byte."""
    if not odd:
        return end
    unpadded = _chunk_at(file, end, n_bytes)
    padded = _chunk_at(file, end + 1, n_bytes)
    return end if unpadded in _KNOWN and padded not in _KNOWN else end + 1


def _chunk_at(file: BinaryIO, place: int, n_bytes: int) -> bytes:
    """The name of the chunk that begins there."""
    if place + 8 > n_bytes:
        return b""
    file.seek(place)
    return file.read(4)
