"""RIFF INFO: the plain texts that most programs read of a WAV.

Source: Microsoft and IBM "Multimedia Programming Interface and Data Specifications 1.0", 1991. It
takes its texts for Western ones. FFmpeg and most players read UTF-8; MediaInfo and ExifTool do not,
so a file with more than ASCII wants an ``id3 `` chunk too.
"""

import struct
from collections.abc import Mapping


def info(texts: Mapping[str, str]) -> bytes:
    """The content of a ``LIST`` chunk of kind INFO: texts by names of four letters (INAM ...).

    Empty texts are left out. An ISRC has no place in it: INFO's ISRC names the source.
    """
    parts = [b"INFO"]
    for name, text in texts.items():
        if len(name) != 4 or not name.isascii() or name == "ISRC":
            raise ValueError(f"INFO {name!r}: must be 4 letters, and not ISRC")
        if text:
            body = text.replace("\0", " ").encode("utf-8") + b"\0"
            parts.append(name.encode("ascii") + struct.pack("<I", len(body)) + body)
            parts.append(bytes(len(body) % 2))
    return b"".join(parts)
