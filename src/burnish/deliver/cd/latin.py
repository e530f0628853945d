"""Text as ISO 8859-1, the letters that CD-Text has: other letters by their nearest neighbours.

Cyrillic and Greek are written as they sound in English (BGN/PCGN, ELOT 743, without accents).
"""

import unicodedata

_NEAREST = {
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": '"', "‹": "<", "›": ">",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "•": "·", "€": "EUR", "™": "TM",
    "Œ": "OE", "œ": "oe", "ſ": "s", "ẞ": "SS", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H",
    "ħ": "h", "ı": "i", "ĸ": "k", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "ə": "e", "Ə": "E",
    "′": "'", "″": '"', "♯": "#", "♭": "b",
}  # fmt: skip
_SOUNDS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "ё": "e", "є": "ye", "і": "i",
    "ї": "yi", "ґ": "g", "ў": "u", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz",
    "ѓ": "gj", "ќ": "kj", "ѕ": "dz",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o", "ς": "s",
}  # fmt: skip
_PLAIN = {
    "ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ð": "D", "ð": "d", "Þ": "TH", "þ": "th",
    "«": '"', "»": '"', "¡": "!", "¿": "?", "·": ".", "´": "'", "¸": ",", "×": "x",
}  # fmt: skip
UNKNOWN = "?"


def latin_1(text: str) -> str:
    """The same text in letters of ISO 8859-1; what has no neighbour becomes ``?``.

    Accents that the set has are kept, others are dropped. Control codes become blanks.
    """
    return "".join(map(_letter, unicodedata.normalize("NFC", text)))


def _letter(letter: str) -> str:
    if unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if ord(letter) < 256:
        return letter
    if letter in _NEAREST:
        return _NEAREST[letter]
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return ""  # an accent of its own, a joiner, a mark of direction
    small = letter.lower()
    if small in _SOUNDS:
        return _SOUNDS[small] if small == letter else _SOUNDS[small].capitalize()
    parts = unicodedata.normalize("NFKD", letter)
    if parts != letter:
        return "".join(map(_letter, parts))
    return UNKNOWN


def ascii_only(text: str) -> str:
    """The same text in ASCII: accents dropped, what has no neighbour becomes ``?``."""
    parts = unicodedata.normalize("NFKD", "".join(_PLAIN.get(c, c) for c in latin_1(text)))
    bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return bare.encode("ascii", "replace").decode("ascii")
