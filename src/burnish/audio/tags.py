"""What a file says of itself: title, artist, track number, codes; and what a file is called.

The fields of all containers are brought to one name each (field map: Vorbis comments, ID3v2, MP4
atoms, RIFF INFO).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from burnish.audio.decode import Nameless, unreadable
from burnish.audio.files import open_source, opened

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
    "disc": "disc",
    "discnumber": "disc",
    "date": "date",
    "genre": "genre",
    "composer": "composer",
    "songwriter": "songwriter",
    "lyricist": "lyricist",
    "text": "lyricist",
    "arranger": "arranger",
    "conductor": "conductor",
    "producer": "producer",
    "engineer": "engineer",
    "label": "label",
    "organization": "label",
    "publisher": "label",  # what FFmpeg makes of ID3's TPUB, where the label stands
    "catalognumber": "catalogue_number",
    "barcode": "upc",
    "upc": "upc",
    "ean": "upc",
    "isrc": "isrc",
    "tsrc": "isrc",
    "copyright": "copyright",
    "version": "version",
    "subtitle": "version",
    "itunesadvisory": "explicit",
    "language": "language",
}


@dataclass(frozen=True)
class Tags:
    """What a file says of itself, and what it holds as far as its header tells."""

    texts: Mapping[str, str]
    """By the names of ``release.Track`` and ``release.Release``, and album, album_artist, track,
    disc; a name that is not there is not told."""
    rate_hz: int
    channels: int
    duration_s: float | None

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
                if not box.streams.audio:
                    raise unreadable(path)
                stream = box.streams.audio[0]
                texts = dict(_texts(stream.metadata)) | dict(_texts(box.metadata))
                duration = box.duration / av.time_base if box.duration else None
                if stream.duration and stream.time_base:
                    duration = float(stream.duration * stream.time_base)
                return Tags(texts, int(stream.rate), int(stream.channels), duration)
        except av.error.FFmpegError:
            pass
    with open_source(path) as source:  # what FFmpeg does not read, our own reader may
        info = source.info
        return Tags({}, info.rate_hz, info.channels, info.duration_s)


def _texts(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in metadata.items():
        name = _FIELDS.get(key.lower())
        text = _decoded(value).strip()
        if name and text and text != "und":  # MP4's word for "no language told"
            yield name, text


def _decoded(value: str) -> str:
    """The text as UTF-8, or else as the Western Windows set that old taggers wrote."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return "".join(c for c in text if c.isprintable())
