"""Where the sound of an M4A or an MP3 begins and ends, where FFmpeg tells it not, or wrong."""

from typing import IO

AAC_PRIMING = 1024
"""Samples that FFmpeg's AAC encoder puts before the sound: one frame (libavcodec, aacenc.c)."""
_AT_ONCE = 1024  # samples of a packet

_MP3_AT_ONCE = 1152
_INFO_AT = {1: 21, 2: 36}  # of a frame of MPEG-1, by channels: behind its head and side information
_FRAMES, _DELAY, _CRC = 8, 141, 154  # from there


def tell_gapless(file: IO[bytes], n_samples: int) -> None:
    """Write ``iTunSMPB`` into an open M4A with AAC: priming, padding and length, in hexadecimal.

    Apple's and many other players believe it rather than the edit list.
    """
    from mutagen.mp4 import MP4, AtomDataType, MP4FreeForm

    n_coded = -(-(AAC_PRIMING + n_samples) // _AT_ONCE) * _AT_ONCE
    words = [0, AAC_PRIMING, n_coded - AAC_PRIMING - n_samples]
    text = "".join(f" {word:08X}" for word in words) + f" {n_samples:016X}" + " 00000000" * 8
    file.seek(0)
    tags = MP4(file)
    if tags.tags is None:
        tags.add_tags()
    tags["----:com.apple.iTunes:iTunSMPB"] = MP4FreeForm(text.encode(), AtomDataType.UTF8)
    file.seek(0)
    tags.save(file)


def tell_padding(file: IO[bytes], channels: int, n_samples: int) -> None:
    """Write into LAME's header of an open MP3 how much stands behind the sound.

    FFmpeg's muxer, which writes that header, tells 1681 samples at most (a frame and the decoder's
    delay); LAME puts up to 1727 there.
    """
    info = _INFO_AT[channels]
    file.seek(0)
    head = file.read(info + _CRC + 2)
    if head[info : info + 4] not in (b"Info", b"Xing"):
        raise ValueError("the MP3 has no header of LAME's")
    n_frames = int.from_bytes(head[info + _FRAMES : info + _FRAMES + 4], "big")
    delay = int.from_bytes(head[info + _DELAY : info + _DELAY + 3], "big") >> 12
    padding = n_frames * _MP3_AT_ONCE - delay - n_samples
    told = (delay << 12 | padding).to_bytes(3, "big")
    head = head[: info + _DELAY] + told + head[info + _DELAY + 3 : info + _CRC]
    file.seek(0)
    file.write(head + crc16(head).to_bytes(2, "big"))


def crc16(data: bytes) -> int:
    """CRC-16/ARC, which LAME's header ends with, of all that is before it.

    >>> hex(crc16(b"123456789"))
    '0xbb3d'
    """
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
