"""Names of files, from titles in any script, that every file system takes.

>>> taken = set()
>>> file_name(1, "AC/DC: Live?", ".wav", taken)
'01 AC-DC- Live.wav'
>>> file_name(1, "ac/dc: live", ".wav", taken)
'01 ac-dc- live (2).wav'
"""

import re
import unicodedata

MOST_BYTES = 255
"""The longest name of ext4, APFS and NTFS alike; the last two count less than UTF-8's bytes."""

_INSTEAD = str.maketrans(
    {"/": "-", "\\": "-", "|": "-", ":": "-", "*": "-", "?": "", '"': "'", "<": "(", ">": ")"}
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])( *\..*)?", re.IGNORECASE)
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Marks that turn the direction of what follows: a name must end as it looks."""


def file_name(number: int | None, title: str, suffix: str, taken: set[str]) -> str:
    """``NN Title.ext``, unlike all names in ``taken``, where it is put; of any script.

    What Windows, macOS or Linux refuse is replaced or left out: separators, control codes, dots
    and blanks at the end, reserved names, more than 255 bytes. Letters are composed (NFC). Two
    names that differ only in case are one; the second gets ``(2)``.
    """
    stem = safe(title) or ("Track" if number is not None else "Untitled")
    if number is not None:
        stem = f"{number:02d} {stem}"
    for count in range(1, len(taken) + 2):
        end = (f" ({count})" if count > 1 else "") + suffix
        name = _cut(stem, MOST_BYTES - len(end.encode())) + end
        if (key := _key(name)) not in taken:
            taken.add(key)
            return name
    raise ValueError("taken: holds what is no name")


def safe(text: str) -> str:
    """The text without what a file system refuses; empty where nothing is left."""
    letters = (_letter(letter) for letter in unicodedata.normalize("NFC", text))
    plain = " ".join("".join(letters).translate(_INSTEAD).split()).rstrip(". ")
    # A dot in front hides a file; "..." is a title, and no name.
    plain = plain.lstrip(". ") if plain.startswith(".") else plain
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain


def _letter(letter: str) -> str:
    if letter in _TURNS:
        return ""
    return " " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter


def _cut(stem: str, most_bytes: int) -> str:
    """The stem cut to so many bytes, never within a letter and its marks."""
    if len(stem.encode()) <= most_bytes:
        return stem
    end = len(stem.encode()[:most_bytes].decode(errors="ignore"))
    while end > 1 and (_belongs(stem[end]) or stem[end - 1] == "\u200d"):
        end -= 1
    return stem[:end].rstrip(". ")


def _belongs(letter: str) -> bool:
    """Whether it is a mark on, or joined to, the letter before it."""
    return unicodedata.category(letter).startswith("M") or letter == "\u200d"


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
