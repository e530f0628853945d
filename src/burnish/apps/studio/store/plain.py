"""Words from outside, as they go into the database. No path is made of any of them."""

import re
import unicodedata

from burnish.apps.studio.store.models import NAME_LETTERS
from burnish.errors import SettingError

# What cannot be seen, also what turns the direction: "\u202egpj.wav" would be read as "vaw.jpg".
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
LONGEST_TEXT = 20_000


def plain_name(given: str, default: str = "untitled") -> str:
    """One line of at most 255 letters, without what a file's name had before it.

    >>> plain_name("../../etc/Über  mix\\n.wav")
    'Über mix .wav'
    """
    last = re.split(r"[/\\]", given)[-1]
    words = " ".join(_CONTROL.sub(" ", unicodedata.normalize("NFC", last)).split())
    return words[:NAME_LETTERS].strip() or default


def plain_line(given: str) -> str:
    """One line of at most 255 letters, for what people are called; slashes stay."""
    return " ".join(_CONTROL.sub(" ", unicodedata.normalize("NFC", given)).split())[:NAME_LETTERS]


def plain_text(given: str, what: str = "text") -> str:
    """Text of some lines; what is longer than 20,000 letters is a ``SettingError``."""
    if len(given) > LONGEST_TEXT:
        raise SettingError(what, f"{what}: must be at most {LONGEST_TEXT} letters")
    return _CONTROL.sub("", unicodedata.normalize("NFC", given).replace("\r\n", "\n"))
