"""The reader of chunks, apart from their writer: what a quality control looks at."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_FIXED = 602
_UNUSED = 0x7FFF
_MOST_BYTES = 64 << 20  # of one chunk that is read whole: a cover is a hundredth of it


@dataclass(frozen=True)
class ChunkPlace:
    """One chunk: its name, where its content begins, and how many bytes that has."""

    name: str
    start: int
    size: int


@dataclass(frozen=True)
class Bext:
    """A broadcast chunk as read. Loudness in LUFS, LU and dBTP; None: the field says nothing."""

    description: str
    originator: str
    originator_reference: str
    date: str
    time: str
    time_reference: int
    version: int
    umid: bytes
    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    coding_history: tuple[str, ...]


def list_chunks(path: str | Path) -> tuple[ChunkPlace, ...]:
    """The chunks of a RIFF, RF64, BW64 or FORM file in their order; none: it is no such file.

    By the letter: sizes as they stand, a pad byte after each odd one. What lies past the end of
    the file is not told.
    """
    with Path(path).open("rb") as file:
        return tuple(_walk(file))


def read_chunk(path: str | Path, name: str) -> bytes | None:
    """The content of the first chunk of that name; None: there is none (or it is unlikely big)."""
    with Path(path).open("rb") as file:
        for place in _walk(file):
            if place.name == name and place.size <= _MOST_BYTES:
                file.seek(place.start)
                return file.read(place.size)
    return None


def read_bext(body: bytes) -> Bext:
    """A ``bext`` chunk's content; what is too short for the table is a ``ValueError``."""
    if len(body) < _FIXED:
        raise ValueError(f"bext: has {len(body)} bytes; must have {_FIXED} or more")
    version = int.from_bytes(body[346:348], "little")
    numbers = struct.unpack_from("<5h", body, 412) if version >= 2 else (_UNUSED,) * 5
    values = [None if number == _UNUSED else number / 100 for number in numbers]
    history = _text(body[_FIXED:])
    return Bext(
        description=_text(body[0:256]),
        originator=_text(body[256:288]),
        originator_reference=_text(body[288:320]),
        date=_text(body[320:330]),
        time=_text(body[330:338]),
        time_reference=int.from_bytes(body[338:346], "little"),
        version=version,
        umid=body[348:412],
        integrated_lufs=values[0],
        range_lu=values[1],
        true_peak_dbtp=values[2],
        max_momentary_lufs=values[3],
        max_short_term_lufs=values[4],
        coding_history=tuple(line for line in history.split("\r\n") if line),
    )


def _walk(file: BinaryIO) -> Iterator[ChunkPlace]:
    n_bytes = file.seek(0, 2)
    file.seek(0)
    form = file.read(12)[:4]
    if form not in (b"RIFF", b"RF64", b"BW64", b"FORM"):
        return
    order = ">I" if form == b"FORM" else "<I"
    long_data = 0
    place = 12
    while place + 8 <= n_bytes:
        file.seek(place)
        name = file.read(4)
        (size,) = struct.unpack(order, file.read(4))
        if name == b"ds64":
            long_data = int.from_bytes(file.read(16)[8:], "little")
        elif name == b"data" and size == 0xFFFFFFFF and long_data:
            size = long_data
        yield ChunkPlace(name.decode("latin-1"), place + 8, size)
        place += 8 + size + size % 2


def _text(body: bytes) -> str:
    return body.split(b"\0", 1)[0].decode("latin-1")
