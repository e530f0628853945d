"""Two changes to a finished Ogg file: its serial number, and the gain in the head of an Opus file.

Sources: RFC 3533 (pages and their CRC), RFC 7845 5.1 (the head of an Opus stream).
"""

import zlib
from pathlib import Path
from typing import IO

from burnish.audio.staged import output_errors

SERIAL = 1651863150
"""Of every stream: any number but 0, and always the same."""

_SERIAL_AT, _CRC_AT, _SEGMENTS_AT = 14, 22, 26
_GAIN_AT = 16  # in the head of an Opus stream
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def number_stream(file: IO[bytes]) -> None:
    """Give all pages the serial number; libsndfile takes one by the clock."""
    place = 0
    while page := _page(file, place):
        page[_SERIAL_AT : _SERIAL_AT + 4] = SERIAL.to_bytes(4, "little")
        _put(file, place, page)
        place += len(page)


def turn_opus(path: Path, gain_db: float) -> float:
    """Set the gain that players apply to an Opus file; the packed sound stays. Returns the gain.

    It is stored in 1/256 dB, and rounded down. The tags of R 128 count from behind it.
    """
    steps = max(-32768, min(32767, int(gain_db * 256 // 1)))
    with output_errors(path, 0), path.open("r+b") as file:
        page = _page(file, 0)
        head = 27 + (page[_SEGMENTS_AT] if page else 0)
        if page is None or page[head : head + 8] != b"OpusHead":
            raise ValueError(f"{path}: is no Opus file")
        page[head + _GAIN_AT : head + _GAIN_AT + 2] = steps.to_bytes(2, "little", signed=True)
        _put(file, 0, page)
    return steps / 256


def _page(file: IO[bytes], place: int) -> bytearray | None:
    """The page that begins there; None at the end."""
    file.seek(place)
    head = bytearray(file.read(27))
    if len(head) < 27 or head[:4] != b"OggS":
        return None
    sizes = file.read(head[_SEGMENTS_AT])
    return head + sizes + file.read(sum(sizes))


def _put(file: IO[bytes], place: int, page: bytearray) -> None:
    page[_CRC_AT : _CRC_AT + 4] = bytes(4)
    page[_CRC_AT : _CRC_AT + 4] = _crc(bytes(page)).to_bytes(4, "little")
    file.seek(place)
    file.write(page)


def _crc(page: bytes) -> int:
    """Ogg's CRC-32: zlib's polynomial with no bit turned around, from 0 and not inverted."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
