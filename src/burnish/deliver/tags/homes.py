"""Where each field lives in each container: the field map, as a table.

Sources: xiph.org's Vorbis comment recommendation, ID3v2.4.0 native elements (id3.org, 2000), the
names that iTunes and MusicBrainz Picard give to what has none of its own; Microsoft's RIFF INFO.
``docs/tags.md`` shows the same table.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Home:
    """One field of ``Fields``, and its name in each container; empty: it has no place there.

    ``id3``: an element of its own, ``TXXX:NAME``, or ``TIPL:role`` in the list of people.
    ``mp4``: an atom, or ``----:NAME`` for a free one of com.apple.iTunes.
    """

    field: str
    vorbis: str
    id3: str
    mp4: str
    info: str = ""


HOMES = (
    Home("title", "TITLE", "TIT2", "©nam", "INAM"),
    Home("artist", "ARTIST", "TPE1", "©ART", "IART"),
    Home("album", "ALBUM", "TALB", "©alb", "IPRD"),
    Home("album_artist", "ALBUMARTIST", "TPE2", "aART"),
    Home("track", "TRACKNUMBER", "TRCK", "trkn", "ITRK"),
    Home("date", "DATE", "TDRC", "©day", "ICRD"),
    Home("genre", "GENRE", "TCON", "©gen", "IGNR"),
    Home("composer", "COMPOSER", "TCOM", "©wrt"),
    Home("songwriter", "WRITER", "TXXX:WRITER", "----:WRITER"),
    Home("lyricist", "LYRICIST", "TEXT", "----:LYRICIST"),
    Home("arranger", "ARRANGER", "TIPL:arranger", "----:ARRANGER"),
    Home("conductor", "CONDUCTOR", "TPE3", "----:CONDUCTOR"),
    Home("producer", "PRODUCER", "TIPL:producer", "----:PRODUCER"),
    Home("engineer", "ENGINEER", "TIPL:engineer", "----:ENGINEER", "IENG"),
    Home("mastered_by", "MASTEREDBY", "TIPL:mastering", "----:MASTEREDBY"),
    # "publisher" is read as the label by most: the publisher of the music has a name of its own
    Home("publisher", "MUSICPUBLISHER", "TXXX:MUSICPUBLISHER", "----:MUSICPUBLISHER"),
    Home("label", "LABEL", "TPUB", "----:LABEL"),
    Home("catalogue_number", "CATALOGNUMBER", "TXXX:CATALOGNUMBER", "----:CATALOGNUMBER"),
    Home("upc", "BARCODE", "TXXX:BARCODE", "----:BARCODE"),
    Home("isrc", "ISRC", "TSRC", "----:ISRC"),  # INFO's ISRC means the source, not the code
    Home("copyright", "COPYRIGHT", "TCOP", "cprt", "ICOP"),
    Home("phonographic_copyright", "PHONOGRAPHICCOPYRIGHT", "TPRO", "----:PHONOGRAPHICCOPYRIGHT"),
    Home("language", "LANGUAGE", "TLAN", "----:LANGUAGE"),
    Home("explicit", "ITUNESADVISORY", "TXXX:ITUNESADVISORY", "rtng"),
    Home("credits", "INVOLVEDPEOPLE", "TIPL", "----:INVOLVEDPEOPLE"),
    Home("encoder", "ENCODER", "TSSE", "©too", "ISFT"),
)
