"""ID3v2.4 in UTF-8: for MP3, and as a chunk of WAV and AIFF."""

import re
from io import BytesIO
from typing import Any

from burnish.deliver.artwork import Cover
from burnish.deliver.tags.fields import Fields, one_line
from burnish.deliver.tags.gains import ReplayGains
from burnish.deliver.tags.homes import HOMES
from burnish.deliver.tags.language import three_letters

_UTF_8 = 3
_FRONT_COVER = 3
_ZEROS = 16  # behind the last element: ExifTool looks for room for one more
_SIGN = re.compile(r"^(?:[©℗]|\([cCpP]\))\s*")


def id3(fields: Fields, cover: Cover | None = None, gains: ReplayGains | None = None) -> Any:
    """The whole tag, as mutagen's ``ID3``."""
    from mutagen import id3 as made

    tag = made.ID3()
    texts = id3_texts(fields)
    for home in HOMES:
        if home.field not in texts or home.id3.startswith("TIPL"):
            continue
        element, _, name = home.id3.partition(":")
        if name:
            tag.add(made.TXXX(_UTF_8, name, [texts[home.field]]))
        else:
            tag.add(getattr(made, element)(_UTF_8, [texts[home.field]]))
    if pairs := people(fields):
        tag.add(made.TIPL(_UTF_8, pairs))
    for name, text in gains.replay_gain().items() if gains else ():
        tag.add(made.TXXX(_UTF_8, name, [text]))
    if cover is not None:
        tag.add(made.APIC(_UTF_8, cover.mime, _FRONT_COVER, "", cover.data))
    return tag


def id3_bytes(
    fields: Fields, cover: Cover | None = None, gains: ReplayGains | None = None
) -> bytes:
    """The same tag as the content of a chunk, to be written before the samples."""
    held = BytesIO()
    id3(fields, cover, gains).save(held, v2_version=4, v1=0, padding=lambda _: _ZEROS)
    return held.getvalue()


def id3_texts(fields: Fields) -> dict[str, str]:
    """The texts as ID3 has them: languages in three letters, and (C) and (P) are understood."""
    texts = fields.texts()
    for name in ("copyright", "phonographic_copyright"):
        if name in texts:
            texts[name] = _SIGN.sub("", texts[name])
    if "language" in texts:
        texts["language"] = three_letters(texts["language"])
    return {name: text for name, text in texts.items() if text}


def people(fields: Fields) -> list[list[str]]:
    """ID3's list of people, (role, name): arranger, producer, engineer ..., then the credits."""
    texts = fields.texts()
    pairs = [
        [home.id3.removeprefix("TIPL:"), texts[home.field]]
        for home in HOMES
        if home.id3.startswith("TIPL:") and home.field in texts
    ]
    return pairs + [[one_line(role), one_line(name)] for role, name in fields.credits]
