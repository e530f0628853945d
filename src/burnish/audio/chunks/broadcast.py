"""The broadcast chunk ``bext``, version 2, byte by byte.

Sources: EBU Tech 3285 version 2 (the table, and the loudness fields of its chapter 2.3), EBU R98
(coding history).
"""

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import astuple, dataclass

_UNUSED = 0x7FFF  # a loudness field that says nothing
_MOST = 99.99  # LUFS, LU, dBTP; Tech 3285 knows nothing beyond
_RESERVED = 180


@dataclass(frozen=True)
class BextLoudness:
    """The five loudness fields, in their order. None or silence: the field says nothing."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None
    max_momentary_lufs: float | None = None
    max_short_term_lufs: float | None = None


def bext(
    description: str = "",
    originator: str = "",
    originator_reference: str = "",
    made: str = "",
    time_reference: int = 0,
    loudness: BextLoudness | None = None,
    coding_history: Sequence[str] = (),
) -> bytes:
    """The content of a ``bext`` chunk: 602 bytes and the coding history.

    Texts are ASCII and are cut at 256, 32 and 32 bytes; what is not ASCII becomes ``?``. ``made``
    begins 2026-11-21T18:30:00, or is empty. ``time_reference``: samples since midnight. The UMID
    is zeros: none. Each line of the history ends in CR LF.
    """
    date, clock = "", ""
    if made:
        found = re.match(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2}))?", made)
        if found is None:
            raise ValueError(f"made={made}: must begin as 2026-11-21T18:30:00")
        date, clock = found[1], found[2] or "00:00:00"
    history = "".join(f"{line}\r\n" for line in coding_history)
    fixed = struct.pack(
        "<256s32s32s10s8sQH64s5H",
        *map(_ascii, (description, originator, originator_reference, date, clock)),
        time_reference,
        2,
        b"",
        *(_hundredths(value) & 0xFFFF for value in astuple(loudness or BextLoudness())),
    )
    return fixed + bytes(_RESERVED) + _ascii(history)


def history_line(rate_hz: int, bits: int, channels: int, text: str) -> str:
    """One line of a coding history: samples as they were, and what was done to them.

    >>> history_line(48000, 24, 2, "mix")
    'A=PCM,F=48000,W=24,M=stereo,T=mix'
    """
    mode = {1: "mono", 2: "stereo"}.get(channels, "multichannel")
    free = re.sub(r"[\r\n]+", " ", text).replace(",", ";")  # a comma would begin another field
    return f"A=PCM,F={rate_hz},W={bits},M={mode},T={free}"


def _hundredths(value: float | None) -> int:
    """Hundredths, halves away from zero, as the standard rounds."""
    if value is None or not math.isfinite(value) or abs(value) > _MOST:
        return _UNUSED
    return int(math.copysign(math.floor(abs(value) * 100 + 0.5), value))


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")
