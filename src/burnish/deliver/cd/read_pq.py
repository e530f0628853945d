"""Reading a PQ descriptor, whoever wrote it. Apart from the writer: no code is shared."""

import re
from dataclasses import dataclass

from burnish.errors import InputError

LEAD_IN, LEAD_OUT = 0, 170  # 170 is AA, as the disc tells it


@dataclass(frozen=True)
class Mark:
    """One packet: where an index of a track stands, in cd_frames from 00:00:00."""

    track: int
    index: int
    at_cd_frame: int
    pre_emphasis: bool
    copy_permitted: bool
    scms: bool
    four_channel: bool
    data: bool
    isrc: str
    ean: str


def read_pq(data: bytes, name: str) -> tuple[Mark, ...]:
    """Read every packet of 64 bytes; blanks after the last one are passed over.

    What is no packet is an ``InputError`` that names it.
    """
    data = data.rstrip(b"\r\n\x1a\0")
    if len(data) % 64 and not data[len(data) // 64 * 64 :].strip():
        data = data[: len(data) // 64 * 64]
    if not data or (short := -len(data) % 64) > 32:
        raise InputError("ddp-pq", f"{name}: {len(data)} bytes: must be whole packets of 64")
    text = (data + b" " * short).decode("latin-1")
    return tuple(_mark(text[at : at + 64], name, at // 64) for at in range(0, len(text), 64))


def _mark(packet: str, name: str, number: int) -> Mark:
    where = f"{name}: packet {number}"
    if not packet.startswith("VVVS"):
        raise InputError("ddp-pq", f"{where} begins with {packet[:4]!r}: must be VVVS")
    track = packet[4:6].strip().upper()
    if track == "AA":
        track_number = LEAD_OUT
    else:
        track_number = _number(track, where, "track")
    minutes, seconds, rest = (
        _number(packet[at : at + 2], where, part)
        for at, part in ((10, "minute"), (12, "second"), (14, "1/75 s"))
    )
    if seconds > 59 or rest > 74:
        raise InputError("ddp-pq", f"{where}: the time {packet[10:16]} is none")
    control = packet[16:18].upper()
    bits = int(control[0], 16) if re.match("[0-9A-F]", control) else 0
    return Mark(
        track=track_number,
        index=_number(packet[6:8], where, "index"),
        at_cd_frame=(minutes * 60 + seconds) * 75 + rest,
        pre_emphasis=bool(bits & 1),
        copy_permitted=bool(bits & 2),
        scms=control[1] == "S",
        four_channel=bool(bits & 8),
        data=bool(bits & 4),
        isrc=packet[20:32].strip(),
        ean=packet[32:45].strip(),
    )


def _number(text: str, where: str, what: str) -> int:
    text = text.strip()
    if text and not re.fullmatch("[0-9]+", text):
        raise InputError("ddp-pq", f"{where}: {what} {text!r} is no number")
    return int(text or 0)
