"""What a file says of itself: title, artist, track number, codes; and what a file is called.

The fields of all containers are brought to one name each (field map: Vorbis comments, ID3v2, MP4
atoms, RIFF INFO).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.audio.chunks.read import read_chunk
from burnish.audio.decode import Nameless, unreadable
from burnish.audio.files import open_source, opened
from burnish.audio.id3_people import id3_people

SOUNDS = frozenset(
    (
        *("wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "caf", "au", "flac"),
        *("ogg", "oga", "opus", "mp3", "mp2", "m4a", "m4b", "mp4", "aac", "alac"),
        *("wma", "wv", "ape", "tta", "tak", "mka", "webm"),
    )
)
"""Endings that are taken out of a folder; files that are named one by one are tried in any case."""

_FIELDS = {
    "title": "title",
    "artist": "artist",
    "album": "album",
    "album_artist": "album_artist",
    "albumartist": "album_artist",
    "album artist": "album_artist",
    "track": "track",
    "tracknumber": "track",
    "tracktotal": "track_total",
    "totaltracks": "track_total",
    "disc": "disc",
    "discnumber": "disc",
    "date": "date",
    "genre": "genre",
    "composer": "composer",
    "songwriter": "songwriter",
    "writer": "songwriter",
    "lyricist": "lyricist",
    "text": "lyricist",
    "arranger": "arranger",
    "conductor": "conductor",
    "producer": "producer",
    "engineer": "engineer",
    "masteredby": "mastered_by",
    "musicpublisher": "publisher",
    "label": "label",
    "organization": "label",
    "publisher": "label",  # what FFmpeg makes of ID3's TPUB, where the label stands
    "involvedpeople": "credits",
    "encoder": "encoder",
    "catalognumber": "catalogue_number",
    "barcode": "upc",
    "upc": "upc",
    "ean": "upc",
    "isrc": "isrc",
    "tsrc": "isrc",
    "copyright": "copyright",
    "phonographiccopyright": "phonographic_copyright",
    "tpro": "phonographic_copyright",
    "version": "version",
    "subtitle": "version",
    "itunesadvisory": "explicit",
    "language": "language",
}


_BY_FORMAT = {
    "mp3": {"performer": "conductor"},  # what FFmpeg makes of TPE3
    "aiff": {"performer": "conductor"},
    "wav": {"performer": "conductor"},
    "mov": {"rating": "explicit"},  # iTunes' rtng; elsewhere a rating is stars
}
_SECOND_CHOICE = ("publisher", "organization", "year")
"""What gives way where there is a field of that very meaning."""

_PEOPLE = {
    "arranger": "arranger",
    "producer": "producer",
    "engineer": "engineer",
    "mastering": "mastered_by",
}
"""Roles in ID3's list of people that are fields of their own."""

_AXML_ISRC = re.compile(rb"ISRC:\s*([A-Za-z]{2}[A-Za-z0-9]{3}[0-9]{7})")
_IXML_USER = re.compile(rb"<USER>(.*?)</USER>", re.DOTALL)


@dataclass(frozen=True)
class Tags:
    """What a file says of itself, and what it holds as far as its header tells."""

    texts: Mapping[str, str]
    """By the names of ``release.Track`` and ``release.Release``, and album, album_artist, track,
    disc, mastered_by, encoder, replaygain_... and r128_...; a name that is not there is not
    told."""
    rate_hz: int
    channels: int
    duration_s: float | None
    people: tuple[tuple[str, str], ...] = ()
    """ID3's list of people, as (role, name)."""
    has_cover: bool = False
    container: str = ""
    """As FFmpeg names it, the first of its names: flac, ogg, mp3, mov, aiff, wav ..."""

    def text(self, name: str) -> str:
        """One of the texts; empty: not told."""
        return self.texts.get(name, "")


def read_tags(path: str | Path) -> Tags:
    """Read the tags of a sound file; no sample is decoded. Errors as those of ``open_source``."""
    import av

    path = Path(path)
    file, _ = opened(path)
    with file:
        try:
            with av.open(
                Nameless(file),
                "r",
                options={"protocol_whitelist": "file"},
                metadata_errors="surrogateescape",  # old tags are in whatever set of characters
            ) as box:
                sounds = box.streams.audio
                if not sounds or getattr(sounds[0], "codec_context", None) is None:
                    raise unreadable(path)
                return _tags(path, box)
        except av.error.FFmpegError:
            pass
    with open_source(path) as source:  # what FFmpeg does not read, our own reader may
        info = source.info
        return Tags({}, info.rate_hz, info.channels, info.duration_s)


def _tags(path: Path, box: Any) -> Tags:
    stream = box.streams.audio[0]
    container = box.format.name.split(",")[0]
    texts = _texts(stream.metadata, container) | _texts(box.metadata, container)
    people: tuple[tuple[str, str], ...] = ()
    if container in ("mp3", "aiff", "wav"):
        people = id3_people(path)
        by_role = {_PEOPLE.get(role.lower(), ""): name for role, name in reversed(people)}
        texts |= {name: by_role[name] for name in _PEOPLE.values() if name in by_role}
    if container == "wav":
        texts = _in_xml(path) | texts
    total = texts.pop("track_total", "")
    if total and texts.get("track", "").isdigit():
        texts["track"] += f"/{total}"
    import av

    duration = box.duration / av.time_base if box.duration else None
    if stream.duration and stream.time_base:
        duration = float(stream.duration * stream.time_base)
    return Tags(
        texts=texts,
        rate_hz=int(stream.rate),
        channels=int(stream.channels),
        duration_s=duration,
        people=people,
        has_cover=len(box.streams.video) > 0,
        container=container,
    )


def _in_xml(path: Path) -> dict[str, str]:
    """What a broadcast WAV tells in its XML: the ISRC, and lines "NAME: text" of iXML's USER."""
    told = {}
    if found := _AXML_ISRC.search(read_chunk(path, "axml") or b""):
        told["isrc"] = found[1].decode("ascii").upper()
    if found := _IXML_USER.search(read_chunk(path, "iXML") or b""):
        from xml.sax.saxutils import unescape  # it imports all that speaks to the internet

        lines = unescape(found[1].decode("utf-8", "replace")).splitlines()
        told |= _texts({name: text for name, _, text in (one.partition(": ") for one in lines)}, "")
    return told


def _texts(metadata: Mapping[str, str], container: str) -> dict[str, str]:
    own = _BY_FORMAT.get(container, {})
    told = {}
    for key in sorted(metadata, key=lambda key: key.lower() not in _SECOND_CHOICE):
        lower = key.lower()
        name = own.get(lower) or _FIELDS.get(lower)
        if lower.startswith(("replaygain_", "r128_")):
            name = lower
        text = _decoded(metadata[key]).strip()
        if name and text and text != "und":  # MP4's word for "no language told"
            told[name] = text
    return told


def _decoded(value: str) -> str:
    """The text as UTF-8, or else as the Western Windows set that old taggers wrote."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp"))
