"""Letters on a sheet: which font has them, how wide they are, where a line is broken.

The fonts are those that come with matplotlib (DejaVu: Latin, Greek, Cyrillic, Hebrew, Arabic, many
signs); a letter that they lack is looked for in the fonts of this computer.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

NO_LETTER = "\N{WHITE SQUARE}"
_NAMES = {(False, False): "DejaVuSans", (True, False): "DejaVuSans-Bold",
          (False, True): "DejaVuSansMono", (True, True): "DejaVuSansMono-Bold"}  # fmt: skip

_NOT_FOR_TEXT = ("DejaVu", "Last Resort", "STIX", "cm")  # looked at already; boxes; formulas


@dataclass(frozen=True)
class Face:
    """How letters look: size in points, and ``tracking``, points of air between them."""

    size: float
    bold: bool = False
    mono: bool = False
    tracking: float = 0.0


class Typesetter:
    """Measures and breaks lines, and remembers the letters for which there is no font."""

    def __init__(self) -> None:
        self._missing: dict[str, None] = {}

    @property
    def missing(self) -> str:
        """The letters met so far that no font has."""
        return "".join(self._missing)

    def runs(self, text: str, face: Face) -> Iterator[tuple[str, Any, float]]:
        """The text in pieces of one font: letters, font, width without tracking."""
        from matplotlib.font_manager import FontProperties

        if face.tracking:
            pieces = [piece for letter in text for piece in self._pieces(letter, face)]
        else:
            pieces = self._pieces(text, face)
        for letters, path in pieces:
            yield letters, FontProperties(fname=path, size=face.size), _width(letters, path, face)

    def width(self, text: str, face: Face) -> float:
        """How wide a line is, in points."""
        tracking = face.tracking * len(text)
        return tracking + sum(_width(*piece, face) for piece in self._pieces(text, face))

    def lines(self, text: str, face: Face, width: float) -> list[str]:
        """The text in lines no wider than that; no text is one empty line.

        They are broken at blanks, and a word that is too wide alone within it.
        """
        found, line = [], ""
        for word in text.split():
            wider = f"{line} {word}" if line else word
            if self.width(wider, face) <= width:
                line = wider
                continue
            if line:
                found.append(line)
            *whole, line = self.pieces(word, face, width)
            found += whole
        return [*found, line]

    def pieces(self, text: str, face: Face, width: float) -> list[str]:
        """The text as it is, blanks too, in pieces no wider than that."""
        found = []
        while len(text) > 1 and self.width(text, face) > width:
            n = self._fitting(text, face, width)
            found.append(text[:n])
            text = text[n:]
        return [*found, text]

    def cut(self, text: str, face: Face, width: float) -> str:
        """The text, or as much of it as fits in one line."""
        if self.width(text, face) <= width:
            return text
        room = width - self.width("…", face)
        return text[: self._fitting(text, face, room)].rstrip() + "…"

    def _fitting(self, text: str, face: Face, width: float) -> int:
        """How many letters fit, at least 1."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle], face) <= width:
                low = middle
            else:
                high = middle - 1
        while low > 1 and low < len(text) and unicodedata.combining(text[low]):
            low -= 1
        return low

    def _pieces(self, text: str, face: Face) -> list[tuple[str, str]]:
        """(letters, path of their font); marks stay with the letter that they stand on."""
        own = _own_font(face.bold, face.mono)
        found: list[tuple[str, str]] = []
        for letter in unicodedata.normalize("NFC", text):
            if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp"):
                letter = " " if unicodedata.category(letter) != "Cf" else ""
            path = _font_of(letter, own) if letter else own
            if path is None:
                self._missing[letter] = None
                letter, path = NO_LETTER, _font_of(NO_LETTER, own) or own
            joins = found and (found[-1][1] == path or unicodedata.combining(letter or " "))
            if joins:
                found[-1] = (found[-1][0] + letter, found[-1][1])
            elif letter:
                found.append((letter, path))
        return found


@cache
def _own_font(bold: bool, mono: bool) -> str:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return str(folder / f"{_NAMES[bold, mono]}.ttf")


@cache
def _font_of(letter: str, own: str) -> str | None:
    """The font that has the letter: the one asked for, its plain brother, then any other."""
    for path in dict.fromkeys((own, own.replace("Mono", ""), _own_font(False, False))):
        if _has(path, letter):
            return path
    return next((path for path in _installed() if _has(path, letter)), None)


@cache
def _installed() -> tuple[str, ...]:
    """Other fonts of this computer, upright and of common weight first."""
    from matplotlib.font_manager import fontManager

    def wanted(entry: Any) -> tuple[Any, ...]:
        return entry.style != "normal", abs(int(entry.weight) - 400), entry.name, entry.fname

    def is_usable(entry: Any) -> bool:
        return str(entry.weight).isdigit() and not entry.name.startswith(_NOT_FOR_TEXT)

    entries = sorted(filter(is_usable, fontManager.ttflist), key=wanted)
    return tuple(dict.fromkeys(str(entry.fname) for entry in entries))


@cache
def _has(path: str, letter: str) -> bool:
    from matplotlib.font_manager import get_font

    try:
        return bool(get_font(path).get_char_index(ord(letter)))
    except (OSError, RuntimeError, ValueError):  # a font file that is none
        return False


def _width(text: str, path: str, face: Face) -> float:
    return _width_of_hundred(text, path) * face.size / 100.0


@cache
def _width_of_hundred(text: str, path: str) -> float:
    """Its advance at 100 points, as it will be set: unhinted."""
    from matplotlib.font_manager import get_font
    from matplotlib.ft2font import LoadFlags

    font = get_font(path)
    font.set_size(100.0, 72.0)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return max(float(font.get_width_height()[0]) / 64.0, _advances(font, text))


def _advances(font: Any, text: str) -> float:
    from matplotlib.ft2font import LoadFlags

    total = 0.0
    for letter in text:
        total += font.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536.0
    return total
