"""Release and Track: what comes out, in which order, and how one song leads to the next. Data only.

Written by a person it is ``album.yaml`` (``chain/album_sheet.py``), heard it is a sequence
(``chain/sequence.py``). Codes are kept in one form: an ISRC without hyphens, a UPC as the 13 digits
of its EAN.

>>> normalised_isrc("us-abc-26-00001"), normalised_ean("036000291452")
('USABC2600001', '0036000291452')
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import field_validator

from burnish.errors import SettingError
from burnish.settings import Settings, setting

Curve = Literal["linear", "equal-power", "exponential", "s-curve"]
Crossing = Literal["linear", "equal-power", "exponential", "s-curve", "none"]
Advisory = Literal["no", "yes", "clean"]
DigitalCopy = Literal["prohibited", "permitted", "once"]

LONGEST_S = 86_400.0
"""A day: no track and no place in one is later."""

ROUNDED_S = 0.001
"""So much a place may lie past a file's end: who wrote it rounded its length."""

MOST_INDEX_MARKS = 98
"""Index marks 2 to 99 (IEC 60908); 1 is where the track starts."""


def normalised_isrc(text: str) -> str:
    """The ISRC as it is stored: 12 characters, upper case, no hyphens (ISO 3901).

    Two letters, three letters or digits, two digits of the year, five of the recording. It has no
    check digit. Anything else is a ``SettingError``.
    """
    found = re.sub(r"[-\s]", "", text.strip().upper().removeprefix("ISRC"))
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", found):
        raise SettingError(
            "isrc",
            f"isrc={text}: must be 2 letters, 3 letters or digits and 7 digits, "
            f"as in US-ABC-26-00001",
        )
    return found


def ean_check_digit(digits: str) -> int:
    """The last digit of an EAN-13, from the twelve before it (GS1 General Specifications 7.9)."""
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(digits[:12]))
    return -total % 10


def normalised_ean(text: str) -> str:
    """The 13 digits of an EAN; a UPC of 12 digits gets a 0 in front, which keeps its check digit.

    Blanks and hyphens between the digits are left out. Another length, or a check digit that does
    not fit, is a ``SettingError``.
    """
    found = re.sub(r"[-\s]", "", text)
    if not re.fullmatch(r"[0-9]{12,13}", found):
        raise SettingError("upc", f"upc={text}: must be a UPC of 12 digits or an EAN of 13")
    found = found.zfill(13)
    if int(found[-1]) != (right := ean_check_digit(found)):
        raise SettingError(
            "upc-check-digit",
            f"upc={text}: must end in {right}, its check digit; is a digit mistyped?",
        )
    return found


class Fade(Settings):
    """A fade: how long it takes, and how it goes.

    The curves, as gain over the position t in a fade in; a fade out is its mirror in time.
    ``linear``: t. ``equal-power``: the sine of a quarter turn. ``s-curve``: the raised cosine.
    ``exponential``: straight in decibels over 60 dB, then down to silence, as a room decays.
    """

    length_s: float = setting(0.0, low=0, high=600, unit="s", help="How long it takes.")
    curve: Curve = setting("s-curve", help="How the gain goes.")


class Credit(Settings):
    """One name in the small print."""

    role: str = setting(..., scale="text", help="What they did.")
    name: str = setting(..., scale="text", help="Who it was.")


class _Named(Settings):
    """What a release and a track are both told of."""

    title: str = setting("", scale="text", help="Its title.")
    artist: str = setting("", scale="text", help="Who performs it.")
    composer: str = setting("", scale="text", help="Who wrote the music.")
    songwriter: str = setting("", scale="text", help="Who wrote the song.")
    lyricist: str = setting("", scale="text", help="Who wrote the words.")
    arranger: str = setting("", scale="text", help="Who arranged it.")
    conductor: str = setting("", scale="text", help="Who conducted it.")
    producer: str = setting("", scale="text", help="Who produced it.")
    engineer: str = setting("", scale="text", help="Who recorded and mixed it.")
    publisher: str = setting("", scale="text", help="Who publishes the music.")
    genre: str = setting("", scale="text", help="Its genre.")
    language: str = setting("", scale="text", help="Language of its words: en, de, pt-BR ...")
    copyright: str = setting("", scale="text", help="The (C) line: year and owner of the work.")
    phonographic_copyright: str = setting(
        "", scale="text", help="The (P) line: year and owner of the recording."
    )
    message: str = setting("", scale="text", help="A message to who reads the CD's text.")
    credits: tuple[Credit, ...] = setting((), help="Further names.")

    @field_validator("*", mode="before")
    @classmethod
    def _what_is_left_empty(cls, given: Any, info: Any) -> Any:
        """``artist:`` with nothing behind it is no artist."""
        return cls.model_fields[info.field_name].get_default() if given is None else given

    @field_validator("language")
    @classmethod
    def _language(cls, given: str) -> str:
        if given and not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", given):
            raise SettingError(
                "setting-range",
                f"language={given}: must be a code of 2 or 3 small letters, as in en or pt-BR",
            )
        return given


class Track(_Named):
    """One track: where it comes from, what is told of it, and how it follows the one before.

    ``start_s`` and ``end_s`` cut the file; ``index_s`` and fades count from that cut. A gap is
    silence before the track; without gap and crossfade it follows gapless.
    """

    file: str = setting("", scale="text", help="Its mix or master, seen from the album.yaml.")
    stems: tuple[str, ...] = setting((), help="Its stems instead: files, ROLE=FILE, or one YAML.")
    version: str = setting("", scale="text", help="Which one it is: Radio Edit, Live ...")
    isrc: str = setting("", scale="text", help="Code of the recording, 12 characters.")
    explicit: Advisory = setting("no", help="Whether its words are explicit, or made clean.")

    start_s: float = setting(
        0.0, low=0, high=LONGEST_S, unit="s", help="Where in the file it begins."
    )
    end_s: float | None = setting(
        None, low=0, high=LONGEST_S, unit="s", help="Where in the file it ends; empty: at its end."
    )
    fade_in: Fade = setting(Fade(), help="Its fade in.")
    fade_out: Fade = setting(Fade(), help="Its fade out.")
    gap_s: float | None = setting(
        None, low=0, high=600, unit="s", help="Silence before it; empty: the album's gap."
    )
    crossfade_s: float = setting(
        0.0, low=0, high=600, unit="s", help="How long it sounds together with the one before."
    )
    crossfade_curve: Crossing = setting(
        "equal-power", help="How one gives way to the other; none: both as they are."
    )
    hidden_file: str = setting(
        "", scale="text", help="With the first track: a recording hidden in the pregap before it."
    )
    index_s: tuple[float, ...] = setting((), help="Index marks 2, 3 ... in it, in s.")
    pre_emphasis: bool = setting(
        False, help="Whether its samples are pre-emphasised (50/15 us), as a flag of the CD."
    )
    digital_copy: DigitalCopy = setting(
        "prohibited", help="The CD's copy flag; once: copies of copies prohibited (SCMS)."
    )

    style: str = setting("", scale="text", help="A style of its own.")
    references: tuple[str, ...] = setting((), help="References of its own, FILE or FILE:WEIGHT.")
    keep_as_is: bool = setting(False, help="It is a master already: nothing in it changes.")

    @field_validator("isrc")
    @classmethod
    def _isrc(cls, given: str) -> str:
        return normalised_isrc(given) if given else ""

    @field_validator("explicit", mode="before")
    @classmethod
    def _explicit(cls, given: Any) -> Any:
        return {True: "yes", False: "no"}[given] if isinstance(given, bool) else given

    @property
    def full_title(self) -> str:
        """Title and version, as a store shows it: "Song (Radio Edit)"."""
        return f"{self.title} ({self.version})" if self.version else self.title


class Release(_Named):
    """A release: what is told of the whole, and its tracks in order."""

    FORMAT: ClassVar[int] = 1

    album: int = setting(FORMAT, low=1, high=FORMAT, help="Version of this form.")
    label: str = setting("", scale="text", help="The label.")
    catalogue_number: str = setting("", scale="text", help="The label's number for it.")
    upc: str = setting("", scale="text", help="UPC or EAN, with its check digit.")
    date: str = setting("", scale="text", help="Day of release: 2026-11-21, or 2026.")
    artwork: str = setting("", scale="text", help="The cover, a JPEG or PNG.")
    gap_s: float = setting(
        2.0, low=0, high=600, unit="s", help="Silence between tracks that do not say another."
    )
    tracks: tuple[Track, ...] = setting((), help="The tracks, in order.")

    @field_validator("album", mode="before")
    @classmethod
    def _not_newer(cls, given: Any) -> Any:
        if isinstance(given, int) and given > cls.FORMAT:
            raise SettingError(
                "album-newer",
                f"album={given}: comes from a newer burnish; this one reads {cls.FORMAT}",
            )
        return given

    @field_validator("upc", mode="before")
    @classmethod
    def _upc(cls, given: Any) -> Any:
        return normalised_ean(given) if isinstance(given, str) and given else given

    @field_validator("date")
    @classmethod
    def _date(cls, given: str) -> str:
        if given and not _is_date(given):
            raise SettingError(
                "setting-range", f"date={given}: must be a day, month or year, as in 2026-11-21"
            )
        return given

    def told_of(self, track: Track, name: str) -> str:
        """What is told of a track, by the name of a setting; else what is told of the release.

        Title and message are a track's own.
        """
        own = str(getattr(track, name))
        return own if own or name in ("title", "message") else str(getattr(self, name))

    def gap_before_s(self, track: int) -> float:
        """Silence before the track, counted from 0. Before the first, only what it says itself."""
        one = self.tracks[track]
        if one.gap_s is not None:
            return one.gap_s
        return 0.0 if track == 0 or one.crossfade_s else self.gap_s


def _is_date(text: str) -> bool:
    from datetime import date

    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Fault:
    """What does not fit together in a release, in one sentence, and the setting that says it."""

    code: str
    sentence: str
    name: str
    track: int | None = None
    """Counted from 0; None: of the release."""


def faults(release: Release, lengths_s: Sequence[float | None] = ()) -> tuple[Fault, ...]:
    """What does not fit together, track by track; nothing where all does.

    ``lengths_s`` are those of the files, as far as known: with them more can be told.
    """
    if not release.tracks:
        return (Fault("tracks-missing", "tracks: must hold one or more", "tracks"),)
    known = (*lengths_s, *(None for _ in release.tracks[len(lengths_s) :]))
    played = [_played_s(track, length) for track, length in zip(release.tracks, known, strict=True)]
    found: list[Fault] = []
    for i, track in enumerate(release.tracks):
        told = (
            *_source_faults(i, track, known[i]),
            *_shape_faults(track, played[i]),
            *_join_faults(i, release, played),
            *_twice(i, release, known),
        )
        found += [Fault(code, f"track {i + 1}: {said}", name, i) for code, name, said in told]
    return tuple(found)


_Told = Iterator[tuple[str, str, str]]  # code, setting, sentence


def _played_s(track: Track, length_s: float | None) -> float | None:
    end_s = track.end_s if track.end_s is not None else length_s
    return None if end_s is None else end_s - track.start_s


def _source_faults(i: int, track: Track, length_s: float | None) -> _Told:
    if bool(track.file) == bool(track.stems):
        said = "must be given, or stems" if not track.file else "must stand alone, without stems"
        yield "track-source", "file", f"file: {said}"
    if track.keep_as_is and track.stems:
        yield "track-source", "keep_as_is", "keep_as_is: stems cannot be kept, they must be mixed"
    if track.hidden_file and i:
        yield "hidden-track", "hidden_file", "hidden_file: only the first track hides a recording"
    if track.end_s is not None and track.end_s <= track.start_s:
        said = f"end_s={track.end_s:g}: must be after start_s={track.start_s:g}"
        yield "trim", "end_s", said
    elif length_s is not None:
        for name, place in (("start_s", track.start_s), ("end_s", track.end_s or 0.0)):
            if place > length_s + ROUNDED_S or (name == "start_s" and place >= length_s > 0):
                yield "trim", name, f"{name}={place:g}: its file plays only {length_s:.3f} s"


def _shape_faults(track: Track, played_s: float | None) -> _Told:
    end_s = math.inf if played_s is None or played_s <= 0 else played_s
    fades_s = track.fade_in.length_s + track.fade_out.length_s
    if fades_s > end_s:
        name = "fade_out" if track.fade_out.length_s else "fade_in"
        yield "fade", name, f"{name}: its fades take {fades_s:g} s, but it plays {end_s:.3f} s"
    before = 0.0
    for place in track.index_s:
        if not before < place < end_s:
            said = f"index_s={place:g}: must be after {before:g}"
            yield "index", "index_s", said + (f" and before {end_s:.3f} s" if played_s else " s")
            break
        before = place
    if len(track.index_s) > MOST_INDEX_MARKS:
        yield "index", "index_s", f"index_s: must be {MOST_INDEX_MARKS} marks or fewer"


def _join_faults(i: int, release: Release, played: Sequence[float | None]) -> _Told:
    track, crossfade_s = release.tracks[i], release.tracks[i].crossfade_s
    if i == 0:
        if crossfade_s:
            yield "crossfade", "crossfade_s", f"crossfade_s={crossfade_s:g}: no track is before it"
        if track.gap_s and not track.hidden_file:
            yield "gap", "gap_s", f"gap_s={track.gap_s:g}: nothing is before it"
        return
    if crossfade_s and track.gap_s:
        said = f"gap_s={track.gap_s:g}: must be 0 where there is a crossfade"
        yield "gap", "gap_s", said
    for k in (i - 1, i) if crossfade_s else ():
        length = played[k]
        if length is not None and 0 < length < crossfade_s:
            said = f"crossfade_s={crossfade_s:g}: is longer than track {k + 1}, {length:.3f} s"
            yield "crossfade", "crossfade_s", said
            return
    length, both_s = played[i - 1], crossfade_s + release.tracks[i - 1].crossfade_s
    if crossfade_s and length is not None and 0 < length < both_s:
        said = (
            f"crossfade_s={crossfade_s:g}: meets the one before, "
            f"together they are longer than track {i}, {length:.3f} s"
        )
        yield "crossfade", "crossfade_s", said


def _twice(i: int, release: Release, lengths_s: Sequence[float | None]) -> _Told:
    track = release.tracks[i]
    for k, other in enumerate(release.tracks[:i]):
        if track.isrc and track.isrc == other.isrc:
            said = f"isrc={track.isrc}: is that of track {k + 1}; each recording has its own"
            yield "isrc-twice", "isrc", said
        if track.file and track.file == other.file:
            own, its = _cut_s(track, lengths_s[i]), _cut_s(other, lengths_s[k])
            if own[0] < its[1] and its[0] < own[1]:
                said = f"file={track.file}: track {k + 1} plays some of the same samples"
                yield "trim-overlap", "file", said


def _cut_s(track: Track, length_s: float | None) -> tuple[float, float]:
    end_s = track.end_s if track.end_s is not None else length_s
    return track.start_s, math.inf if end_s is None else end_s
