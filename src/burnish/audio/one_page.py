"""Ogg Vorbis that is so short that one page holds its sound: FFmpeg gets its length wrong.

The page tells where the sound ends. FFmpeg reckons back from there to its first block, which gives
no samples by itself: up to 128 samples are lost, or as many come too much.
"""

import os
import struct
from typing import BinaryIO

_HEAD = struct.Struct("<4sxxq12xB")  # capture pattern, granule position, segments
_NOWHERE = (0, -1)  # of pages on which no packet ends, or none with sound


def is_on_one_page(file: BinaryIO) -> bool:
    """Whether an open file is Ogg Vorbis whose sound lies on a single page (RFC 3533, 6)."""
    file.seek(0)
    n_sounding, at = 0, 0
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        pattern, granule, n_segments = _HEAD.unpack(head)
        if pattern != b"OggS":
            return False
        n_body = sum(file.read(n_segments))
        if at == 0 and file.read(7) != b"\x01vorbis":
            return False
        at += _HEAD.size + n_segments + n_body
        file.seek(at, os.SEEK_SET)
        n_sounding += granule not in _NOWHERE
        if n_sounding > 1:
            return False
    return n_sounding == 1
