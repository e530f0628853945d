"""The chunks of a WAV file: its tags, and what broadcasters and archives ask for."""

from dataclasses import dataclass

from burnish.audio.chunks import BextLoudness, axml_isrc, bext, info, ixml
from burnish.deliver.artwork import Cover
from burnish.deliver.cd.latin import ascii_only
from burnish.deliver.tags.fields import Fields
from burnish.deliver.tags.gains import ReplayGains
from burnish.deliver.tags.homes import HOMES
from burnish.deliver.tags.id3 import id3_bytes
from burnish.measure import Measurement


@dataclass(frozen=True)
class Broadcast:
    """What a BWF tells beyond the tags: its samples, when it was made, and from what.

    ``made`` is a time as 2026-11-21T18:30:00Z. ``history``: lines of ``history_line``, the oldest
    first; the last is this file's own.
    """

    rate_hz: int
    bits: int
    channels: int
    made: str = ""
    loudness: BextLoudness | None = None
    history: tuple[str, ...] = ()
    time_reference: int = 0


def loudness_of(measured: Measurement) -> BextLoudness:
    """The loudness fields of a file as it was measured."""
    loudness = measured.loudness
    return BextLoudness(
        integrated_lufs=loudness.integrated_lufs,
        range_lu=loudness.range_lu,
        true_peak_dbtp=measured.peaks.true_peak_dbtp,
        max_momentary_lufs=loudness.max_momentary_lufs,
        max_short_term_lufs=loudness.max_short_term_lufs,
    )


def wav_chunks(
    fields: Fields,
    broadcast: Broadcast | None = None,
    cover: Cover | None = None,
    gains: ReplayGains | None = None,
    id3: bool = True,
) -> dict[str, bytes]:
    """The chunks of one WAV, in their order, for the ``Writer`` or ``copy_with_chunks``.

    RIFF INFO always; an ``id3 `` chunk of all fields, cover and gains unless ``id3`` is off; with
    ``broadcast`` also ``bext``, ``iXML`` and, where there is an ISRC, ``axml``. All of them come
    before the samples.
    """
    chunks: dict[str, bytes] = {}
    if broadcast is not None:
        chunks["bext"] = bext_chunk(fields, broadcast)
        chunks["iXML"] = ixml_chunk(fields, broadcast)
        if fields.isrc:
            chunks["axml"] = axml_isrc(fields.isrc)
    if (listed := info_chunk(fields)) != b"INFO":
        chunks["LIST"] = listed
    if id3:
        chunks["id3 "] = id3_bytes(fields, cover, gains)
    return chunks


def aiff_chunks(
    fields: Fields, cover: Cover | None = None, gains: ReplayGains | None = None
) -> dict[str, bytes]:
    """The chunk of an AIFF that holds its tags, for the ``Writer``."""
    return {"ID3 ": id3_bytes(fields, cover, gains)}


def info_chunk(fields: Fields) -> bytes:
    """RIFF INFO of these fields: titles, artist, album, track, date, genre, engineer, (C)."""
    texts = fields.texts()
    told = {home.info: texts.get(home.field, "") for home in HOMES if home.info}
    told["ITRK"] = str(fields.track or "")
    return info(told)


def bext_chunk(fields: Fields, broadcast: Broadcast) -> bytes:
    """The broadcast chunk: artist, title and album in ASCII, and the ISRC as its reference.

    Without an ISRC the reference is catalogue number and track, or the EAN and track.
    """
    texts = fields.texts()
    named = [texts.get(name, "") for name in ("artist", "title", "album")]
    number = f"-{fields.track:02d}" if fields.track else ""
    of_release = fields.catalogue_number or fields.upc
    return bext(
        description=ascii_only(" - ".join(text for text in named if text)),
        originator=ascii_only(texts.get("label", "") or texts.get("encoder", "")),
        originator_reference=ascii_only(fields.isrc or (of_release + number if of_release else "")),
        made=broadcast.made,
        time_reference=broadcast.time_reference,
        loudness=broadcast.loudness,
        coding_history=tuple(ascii_only(line) for line in broadcast.history),
    )


def ixml_chunk(fields: Fields, broadcast: Broadcast) -> bytes:
    """The iXML chunk: album and title in their own letters, and all codes."""
    texts = fields.texts()
    user = {home.vorbis: texts[home.field] for home in HOMES if home.field in texts}
    note = " - ".join(texts[name] for name in ("artist", "title") if name in texts)
    return ixml(
        texts.get("album", ""),
        note,
        broadcast.rate_hz,
        broadcast.bits,
        broadcast.channels,
        broadcast.loudness,
        user,
    )
