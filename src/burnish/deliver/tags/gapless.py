"""iTunes' own word on where the sound of an M4A begins and ends, beside the edit list."""

from typing import IO

AAC_PRIMING = 1024
"""Samples that FFmpeg's AAC encoder puts before the sound: one frame (libavcodec, aacenc.c)."""
_AT_ONCE = 1024  # samples of a packet


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
