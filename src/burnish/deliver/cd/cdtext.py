"""CD-Text: the texts of a disc as packs of 18 bytes (MMC-3, Annex J). One block, ISO 8859-1.

Each kind of text is one row of strings, the disc's first, then each track's, each ended by a zero
byte; the row is cut into pieces of 12. A kind that nobody uses is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from burnish.deliver.cd.disc import Disc, Texts
from burnish.deliver.cd.latin import UNKNOWN, ascii_only, latin_1
from burnish.errors import SettingError
from burnish.finding import Finding

_PIECE_BYTES = 12
_MOST_PACKS = 256
_MOST_LETTERS = 160  # Sony's advice
_TEXTS = ("title", "performer", "songwriter", "composer", "arranger", "message")  # 0x80 to 0x85
_DISC_ID, _GENRE, _CODES, _SIZES = 0x86, 0x87, 0x8E, 0x8F
_LATIN_1, _ENGLISH = 0x00, 0x09
_HIGHEST_GENRE = 27


@dataclass(frozen=True)
class CdText:
    """The packs, and what is to be said of texts that had to be changed. No texts: no bytes."""

    packs: bytes
    findings: tuple[Finding, ...]


def cd_text(disc: Disc, with_codes: bool = False) -> CdText:
    """Encode a disc's texts. ``with_codes`` adds EAN and ISRC, which plants take from PQ anyway.

    Letters outside ISO 8859-1 are replaced by their nearest, with a warning. More than 256 packs
    are a ``SettingError``.
    """
    rows = [(0x80 + kind, name, _row(disc, name)) for kind, name in enumerate(_TEXTS)]
    packs: list[bytes] = []
    counts = [0] * 16
    for kind, _, row in rows:
        if any(row):
            _add(packs, counts, kind, [text.encode("latin-1") + b"\0" for text in row])
    if disc.disc_id:
        _add(packs, counts, _DISC_ID, [_ascii(disc.disc_id) + b"\0"])
    if disc.genre_code is not None:
        if not 0 <= disc.genre_code <= _HIGHEST_GENRE:
            raise SettingError(
                "cd-genre", f"genre_code={disc.genre_code}: must be 0 to {_HIGHEST_GENRE}"
            )
        code = disc.genre_code.to_bytes(2, "big")
        _add(packs, counts, _GENRE, [code + _ascii(disc.genre) + b"\0"])
    codes = (disc.ean, *(track.isrc for track in disc.tracks))
    if with_codes and any(codes):
        _add(packs, counts, _CODES, [_ascii(code) + b"\0" for code in codes])
    if packs:
        _add_sizes(packs, counts, len(disc.tracks))
    if len(packs) > _MOST_PACKS:
        raise SettingError(
            "cd-text-long",
            f"the CD-Text takes {len(packs)} packs: must be {_MOST_PACKS} at most; shorten the "
            "messages or titles",
        )
    return CdText(b"".join(packs), tuple(_remarks(disc)))


def _row(disc: Disc, name: str) -> list[str]:
    return [latin_1(getattr(texts, name)) for texts in _all_texts(disc)]


def _all_texts(disc: Disc) -> tuple[Texts, ...]:
    return (disc.texts, *(track.texts for track in disc.tracks))


def _ascii(text: str) -> bytes:
    return ascii_only(text).encode("ascii")


def _add(packs: list[bytes], counts: list[int], kind: int, strings: list[bytes]) -> None:
    """Cut a row of strings into packs; each tells whose string its first byte belongs to."""
    owners = [
        (track, min(letter, 15))
        for track, string in enumerate(strings)
        for letter in range(len(string))
    ]
    row = b"".join(strings)
    for start in range(0, len(row), _PIECE_BYTES):
        track, letter = owners[start]
        _seal(packs, kind, track, letter, row[start : start + _PIECE_BYTES])
        counts[kind - 0x80] += 1


def _add_sizes(packs: list[bytes], counts: list[int], n_tracks: int) -> None:
    """Three packs that tell of the others: letters used, tracks, packs of each kind, language."""
    counts[_SIZES - 0x80] = 3
    last = len(packs) + 2
    if last >= _MOST_PACKS:
        last = 0  # refused by the caller
    sizes = bytes([_LATIN_1, 1, n_tracks, 0, *(min(count, 255) for count in counts)])
    sizes += bytes([last, *[0] * 7, _ENGLISH, *[0] * 7])
    for number in range(3):
        piece = sizes[number * _PIECE_BYTES : (number + 1) * _PIECE_BYTES]
        _seal(packs, _SIZES, number, 0, piece)


def _seal(packs: list[bytes], kind: int, track: int, letter: int, piece: bytes) -> None:
    body = bytes([kind, track, len(packs) % _MOST_PACKS, letter]) + piece.ljust(12, b"\0")
    packs.append(body + _crc(body).to_bytes(2, "big"))


def _crc(data: bytes) -> int:
    """CRC-16 of x^16 + x^12 + x^5 + 1, from 0, most significant bit first, inverted."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ (0x1021 if crc & 0x8000 else 0)
    return ~crc & 0xFFFF


def _remarks(disc: Disc) -> Iterator[Finding]:
    """Texts that are not on the disc as they were given; the same text is told once."""
    whose: dict[tuple[str, str], list[int]] = {}
    for one in fields(Texts):
        for place, texts in enumerate(_all_texts(disc)):
            whose.setdefault((one.name, getattr(texts, one.name)), []).append(place)
    for (name, given), places in sorted(whose.items(), key=lambda told: told[1]):
        written = latin_1(given)
        if written != given:
            lost = written.count(UNKNOWN) > given.count(UNKNOWN)
            yield Finding(
                "cd-text-letters",
                "warn",
                "Letters that CD-Text does not have",
                f"{_said_of(places)} {name} “{given}” is written “{written}”",
                "Give a spelling in Latin letters." if lost else "Check that spelling.",
                about="master",
            )
        if len(written) > _MOST_LETTERS:
            yield Finding(
                "cd-text-long-string",
                "warn",
                "A long CD-Text",
                f"{_said_of(places)} {name} has {len(written)} letters: players show "
                f"{_MOST_LETTERS} at most",
                "Shorten it.",
                about="master",
            )


def _said_of(places: list[int]) -> str:
    """Disc, tracks 1 to 3, tracks 5 and 6, track 9: place 0 is the disc."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place > 1 and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    told = []
    for run in runs:
        to = "and" if len(run) == 2 else "to"
        many = f"tracks {run[0]} {to} {run[-1]}" if len(run) > 1 else f"track {run[0]}"
        told.append(many if run[0] else "disc")
    return ", ".join(told)
