"""ID3's list of people, which FFmpeg cuts after its first word.

Source: ID3v2.4.0 structure and native elements, 4.2.2 (TIPL, TMCL); ID3v2.3.0, 4.4 (IPLS).
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from burnish.audio.chunks.read import read_chunk

_MOST_BYTES = 64 << 20
_CODECS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_LISTS = (b"TIPL", b"TMCL", b"IPLS")


def id3_people(path: str | Path) -> tuple[tuple[str, str], ...]:
    """(role, name) pairs of the ID3v2 tag at a file's start, or in its ``ID3 `` chunk.

    None where there is no such tag, or where it is damaged: then others will say so.
    """
    try:
        tag = _tag(Path(path))
        return tuple(pair for body in _lists(tag) for pair in _pairs(body)) if tag else ()
    except (struct.error, UnicodeError, IndexError):
        return ()


def _tag(path: Path) -> bytes:
    with path.open("rb") as file:
        start = file.read(10)
        if start[:3] == b"ID3" and len(start) == 10:
            return start + file.read(min(_whole(start[6:10]), _MOST_BYTES))
    return read_chunk(path, "ID3 ") or read_chunk(path, "id3 ") or b""


def _whole(four: bytes) -> int:
    """A size in four bytes of seven bits each."""
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))


def _lists(tag: bytes) -> Iterator[bytes]:
    version, flags = tag[3], tag[5]
    if tag[:3] != b"ID3" or version not in (3, 4) or flags & 0x80:  # 0x80: unsynchronised
        return
    place = 10
    if flags & 0x40:  # an extended header
        place += _whole(tag[10:14]) if version == 4 else 4 + int.from_bytes(tag[10:14], "big")
    end = min(len(tag), 10 + _whole(tag[6:10]))
    while place + 10 <= end and tag[place] != 0:
        name, four = tag[place : place + 4], tag[place + 4 : place + 8]
        size = _whole(four) if version == 4 else int.from_bytes(four, "big")
        if name in _LISTS and not tag[place + 9] & 0x0F:  # neither packed nor encrypted
            yield tag[place + 10 : place + 10 + size]
        place += 10 + size


def _pairs(body: bytes) -> Iterator[tuple[str, str]]:
    words = body[1:].decode(_CODECS[body[0]]).split("\0")
    yield from zip(words[0::2], words[1::2], strict=False)
