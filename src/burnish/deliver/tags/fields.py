"""Fields: everything that a file shall tell of one track, or of a release as a whole."""

import unicodedata
from dataclasses import dataclass, fields

from burnish import __version__
from burnish.release import Advisory, Release

ENCODER = f"burnish {__version__}"

ADVISORY = {"no": "", "yes": "1", "clean": "2"}
"""What iTunes' advisory says; that nothing is explicit needs no word."""


@dataclass(frozen=True)
class Fields:
    """What is told of one file. Empty, None or "no": not told.

    ``track`` counts from 1 of ``n_tracks``. ``isrc`` is 12 characters without hyphens, ``upc`` the
    13 digits of an EAN, ``language`` a code as pt-BR, ``date`` a year, month or day. ``credits``
    are pairs of a role and a name.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    track: int | None = None
    n_tracks: int | None = None
    date: str = ""
    genre: str = ""
    composer: str = ""
    songwriter: str = ""
    lyricist: str = ""
    arranger: str = ""
    conductor: str = ""
    producer: str = ""
    engineer: str = ""
    mastered_by: str = ""
    publisher: str = ""
    label: str = ""
    catalogue_number: str = ""
    upc: str = ""
    isrc: str = ""
    copyright: str = ""
    phonographic_copyright: str = ""
    language: str = ""
    explicit: Advisory = "no"
    credits: tuple[tuple[str, str], ...] = ()
    encoder: str = ENCODER

    def texts(self) -> dict[str, str]:
        """What is told, as text by the names above: the track as "3/12", the advisory as "1".

        Control codes, which no container holds alike, are blanks.
        """
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        told["track"] = "/".join(str(n) for n in (self.track, self.n_tracks) if n)
        told["explicit"] = ADVISORY[self.explicit]
        told["credits"] = "; ".join(f"{role}: {name}" for role, name in self.credits)
        del told["n_tracks"]
        if not self.track:
            del told["track"]
        return {name: text for name, one in told.items() if (text := one_line(one))}


def fields_of(
    release: Release, track: int | None = None, mastered_by: str = "", alternate: str = ""
) -> Fields:
    """What a file tells that holds a track of this release, counted from 0; None: the whole of it.

    The title is the one that a store shows, with its version: "Song (Radio Edit)". What a track
    does not say of itself, the release says. An ``alternate`` (instrumental, clean ...) is another
    recording: its name is added to the title, and the track's ISRC is not its own.
    """
    if track is not None and not 0 <= track < len(release.tracks):
        raise ValueError(f"track={track}: must be 0 to {len(release.tracks) - 1}")
    one = None if track is None else release.tracks[track]
    title = one.full_title if one else release.title
    explicit: Advisory = one.explicit if one else "no"
    if alternate:
        title += f" ({alternate.capitalize()})"
        made: dict[str, Advisory] = {"clean": "clean", "instrumental": "no"}
        explicit = made.get(alternate.lower(), explicit)

    def told(name: str) -> str:
        return str(getattr(release, name)) if one is None else release.told_of(one, name)

    credits = (*release.credits, *(one.credits if one else ()))
    return Fields(
        title=title,
        artist=told("artist"),
        album=release.title,
        album_artist=release.artist,
        track=None if track is None else track + 1,
        n_tracks=None if track is None else len(release.tracks),
        date=release.date,
        genre=told("genre"),
        composer=told("composer"),
        songwriter=told("songwriter"),
        lyricist=told("lyricist"),
        arranger=told("arranger"),
        conductor=told("conductor"),
        producer=told("producer"),
        engineer=told("engineer"),
        mastered_by=mastered_by,
        publisher=told("publisher"),
        label=release.label,
        catalogue_number=release.catalogue_number,
        upc=release.upc,
        isrc=one.isrc if one and not alternate else "",
        copyright=told("copyright"),
        phonographic_copyright=told("phonographic_copyright"),
        language=told("language"),
        explicit=explicit,
        credits=tuple((credit.role, credit.name) for credit in dict.fromkeys(credits)),
    )


def one_line(text: str) -> str:
    """The text without control codes and broken letters, and without blanks at its ends."""
    return "".join(map(_letter, text)).strip()


def _letter(letter: str) -> str:
    kind = unicodedata.category(letter)
    return " " if kind in ("Cc", "Zl", "Zp") else "�" if kind == "Cs" else letter
