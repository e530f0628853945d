"""WAV files put together byte by byte, so that reader and writer are not proved by each other."""

import struct
from collections.abc import Iterable, Sequence

GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, body: bytes, size: int | None = None, pad: bool = True) -> bytes:
    told = len(body) if size is None else size
    return name + struct.pack("<I", told) + body + (b"\0" if pad and len(body) % 2 else b"")


def fmt(tag: int, channels: int, rate_hz: int, bits: int, group: int | None = None) -> bytes:
    group = channels * ((bits + 7) // 8) if group is None else group
    return struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * group, group, bits)


def extensible(
    tag: int, channels: int, rate_hz: int, bits: int, valid_bits: int, mask: int = 3
) -> bytes:
    rest = struct.pack("<HHIH", 22, valid_bits, mask, tag) + GUID_TAIL
    return fmt(0xFFFE, channels, rate_hz, bits) + rest


def whole(values: Iterable[int], width: int) -> bytes:
    """Signed little-endian numbers; 8 bits are unsigned in WAV."""
    if width == 1:
        return bytes(value + 128 for value in values)
    return b"".join(value.to_bytes(width, "little", signed=True) for value in values)


def floats(values: Sequence[float], width: int) -> bytes:
    return struct.pack(f"<{len(values)}{'f' if width == 4 else 'd'}", *values)


def riff(*chunks: bytes, size: int | None = None, name: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(body) if size is None else size) + body


def simple(
    values: Sequence[int], channels: int = 2, rate_hz: int = 44_100, bits: int = 16
) -> bytes:
    """The plainest WAV file there is, of interleaved whole numbers."""
    return riff(
        chunk(b"fmt ", fmt(1, channels, rate_hz, bits)), chunk(b"data", whole(values, bits // 8))
    )
