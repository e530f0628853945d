"""The chunks that hold XML: ``iXML`` and ``axml``.

Sources: iXML specification 2.10 (ixml.info); EBU Tech 3352 (the ISRC in a BWF file), as BWF
MetaEdit and others read and write it.
"""

import re
from collections.abc import Mapping
from html import escape

from burnish.audio.chunks.broadcast import BextLoudness

# what XML 1.0 has no way to say (2.2)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_LOUDNESS = (
    ("LOUDNESS_VALUE", "integrated_lufs"),
    ("LOUDNESS_RANGE", "range_lu"),
    ("MAX_TRUE_PEAK_LEVEL", "true_peak_dbtp"),
    ("MAX_MOMENTARY_LOUDNESS", "max_momentary_lufs"),
    ("MAX_SHORT_TERM_LOUDNESS", "max_short_term_lufs"),
)


def ixml(
    project: str,
    note: str,
    rate_hz: int,
    bits: int,
    channels: int,
    loudness: BextLoudness | None = None,
    user: Mapping[str, str] | None = None,
) -> bytes:
    """The content of an ``iXML`` chunk: album, title, samples, loudness; any script, UTF-8.

    ``user``: further texts, as lines "NAME: text" of the element that is free for them.
    """
    spread = {1: ("Mono",), 2: ("Left", "Right")}.get(channels, ())
    names = spread or tuple(str(i + 1) for i in range(channels))
    tracks = "".join(
        f"<TRACK>{_one('CHANNEL_INDEX', i)}{_one('INTERLEAVE_INDEX', i)}{_one('NAME', name)}"
        f"</TRACK>"
        for i, name in enumerate(names, 1)
    )
    speed = _one("FILE_SAMPLE_RATE", rate_hz) + _one("AUDIO_BIT_DEPTH", bits)
    levels = "".join(
        _one(name, f"{value:.2f}")
        for name, field in _LOUDNESS
        if (value := getattr(loudness, field, None)) is not None and abs(value) < 100
    )
    lines = "\n".join(f"{name}: {text}" for name, text in (user or {}).items() if text)
    parts = [
        _one("IXML_VERSION", "2.10"),
        _one("PROJECT", project),
        _one("NOTE", note),
        f"<SPEED>{speed}</SPEED>",
        f"<LOUDNESS>{levels}</LOUDNESS>" if levels else "",
        f"<TRACK_LIST>{_one('TRACK_COUNT', channels)}{tracks}</TRACK_LIST>",
        _one("USER", lines) if lines else "",
    ]
    body = "".join(f"{part}\n" for part in parts if part)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML>\n{body}</BWFXML>\n'.encode()


def axml_isrc(isrc: str) -> bytes:
    """The content of an ``axml`` chunk that tells the ISRC, 12 characters, as Tech 3352 does."""
    return (
        '<ebuCoreMain xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns="urn:ebu:metadata-schema:ebuCore_2012">'
        "<coreMetadata>"
        '<identifier typeLabel="GUID" typeDefinition="Globally Unique Identifier" '
        'formatLabel="ISRC" formatDefinition="International Standard Recording Code" '
        'formatLink="http://www.ebu.ch/metadata/cs/ebu_IdentifierTypeCodeCS.xml#3.7">'
        f"<dc:identifier>ISRC:{escape(isrc, quote=False)}</dc:identifier>"
        "</identifier>"
        "</coreMetadata>"
        "</ebuCoreMain>"
    ).encode()


def _one(name: str, value: object) -> str:
    return f"<{name}>{escape(_NOT_XML.sub(' ', str(value)), quote=False)}</{name}>"
