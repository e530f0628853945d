"""Reading CD-Text packs, whoever wrote them. Apart from the writer: no code is shared.

Three forms are read: packs alone (18 bytes each), packs and one zero byte, and packs behind the
four bytes of a drive's answer.
"""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = {
    0x80: "title",
    0x81: "performer",
    0x82: "songwriter",
    0x83: "composer",
    0x84: "arranger",
    0x85: "message",
    0x86: "disc_id",
    0x87: "genre",
    0x8E: "codes",
}
_SIZES = 0x8F
_ALPHABETS = {0x00: "latin-1", 0x01: "ascii", 0x80: "shift_jis"}


@dataclass(frozen=True)
class ReadCdText:
    """What stands in a file of CD-Text. ``texts`` is its first block: kind -> track -> text, track
    0 the disc. ``genre_code`` is CD-Text's number of the genre.

    What is wrong with it: ``bad_crcs`` (numbers of packs), ``out_of_sequence`` packs, bytes left
    over, ``has_sizes`` (the three packs that tell of the others), and ``counts_agree`` with them.
    """

    n_packs: int
    texts: Mapping[str, Mapping[int, str]]
    genre_code: int | None
    first_track: int | None
    last_track: int | None
    languages: tuple[int, ...]
    bad_crcs: tuple[int, ...]
    out_of_sequence: tuple[int, ...]
    n_bytes_over: int
    has_sizes: bool
    counts_agree: bool

    def text(self, kind: str, track: int) -> str:
        """One text, empty where there is none; track 0 is the disc."""
        return self.texts.get(kind, {}).get(track, "")


def read_cd_text(data: bytes) -> ReadCdText:
    """Decode a file of CD-Text; packs with a wrong CRC are read all the same, and named."""
    body, over = _packs_alone(data)
    packs = [body[at : at + 18] for at in range(0, len(body), 18)]
    bad = [
        number
        for number, pack in enumerate(packs)
        if binascii.crc_hqx(pack[:16], 0) ^ 0xFFFF != int.from_bytes(pack[16:], "big")
    ]
    blocks: dict[int, list[bytes]] = {}
    late = []
    for number, pack in enumerate(packs):
        block = blocks.setdefault(pack[3] >> 4 & 7, [])
        if pack[2] != len(block):
            late.append(number)
        block.append(pack)
    first = blocks[min(blocks)] if blocks else []
    sizes = b"".join(pack[4:16] for pack in first if pack[0] == _SIZES)
    has_sizes = len(sizes) == 36
    counts = [sum(pack[0] == 0x80 + kind for pack in first) for kind in range(16)]
    alphabet = _ALPHABETS.get(sizes[0], "latin-1") if sizes else "latin-1"
    rows = {kind: b"".join(p[4:16] for p in first if p[0] == kind) for kind in KINDS}
    starts = {kind: next((p[1] & 127 for p in first if p[0] == kind), 0) for kind in KINDS}
    double = any(pack[3] & 128 for pack in first)
    genre = rows.pop(0x87)
    texts = {
        KINDS[kind]: _strings(row, starts[kind], alphabet, double and kind <= 0x85)
        for kind, row in rows.items()
        if row
    }
    if genre:
        texts["genre"] = _strings(genre[2:], 0, "latin-1", False)
    return ReadCdText(
        n_packs=len(packs),
        texts=texts,
        genre_code=int.from_bytes(genre[:2], "big") if genre else None,
        first_track=sizes[1] if has_sizes else None,
        last_track=sizes[2] if has_sizes else None,
        languages=tuple(code for code in sizes[28:36] if code) if has_sizes else (),
        bad_crcs=tuple(bad),
        out_of_sequence=tuple(late),
        n_bytes_over=over,
        has_sizes=has_sizes,
        counts_agree=not has_sizes
        or (list(sizes[4:20]) == counts and sizes[20 + min(blocks)] == len(first) - 1),
    )


def _packs_alone(data: bytes) -> tuple[bytes, int]:
    """The packs, and how many bytes belong to none."""
    if len(data) % 18 == 4 and not 0x80 <= data[0] <= 0x8F:
        data = data[4:]
    elif len(data) % 18 == 1 and data[-1] == 0:
        data = data[:-1]
    over = len(data) % 18
    return data[: len(data) - over], over


def _strings(row: bytes, start: int, alphabet: str, double: bool) -> dict[int, str]:
    """Strings behind each other, each ended by zero; a lone TAB repeats the one before."""
    end = b"\0\0" if double else b"\0"
    step = len(end)
    found: dict[int, str] = {}
    track, at, before = start, 0, ""
    while at < len(row):
        stop = at
        while stop < len(row) and row[stop : stop + step] != end:
            stop += step
        text = row[at:stop].decode(alphabet, "replace")
        if text in ("\t", "\t\t"):
            text = before
        if text:
            found[track] = text
        track, at, before = track + 1, stop + step, text
    return found
