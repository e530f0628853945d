"""The records: a release, its tracks, and how one song leads to the next. Data only."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import field_validator

from burnish.errors import SettingError
from burnish.release.codes import normalised_ean, normalised_isrc
from burnish.settings import Settings, setting

Curve = Literal["linear", "equal-power", "exponential", "s-curve"]
Crossing = Literal["linear", "equal-power", "exponential", "s-curve", "none"]
Advisory = Literal["no", "yes", "clean"]
DigitalCopy = Literal["prohibited", "permitted", "once"]

LONGEST_S = 86_400.0
"""A day: no track and no place in one is later."""


def checked_versions(given: Mapping[str, Any]) -> dict[str, str]:
    """Alternates by their labels, which become parts of file names; others: a ``SettingError``."""
    for label in given:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(label)) or label in ("main", "master"):
            raise SettingError(
                "version-label",
                f"versions={label}: must be small letters, digits and hyphens, as in instrumental",
            )
    return {str(label): str(file) for label, file in given.items()}


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
    versions: dict[str, str] = setting(
        {}, help="Alternates, mastered as it is: {instrumental: FILE, clean: FILE}."
    )

    @field_validator("isrc")
    @classmethod
    def _isrc(cls, given: str) -> str:
        return normalised_isrc(given) if given else ""

    @field_validator("versions", mode="before")
    @classmethod
    def _versions(cls, given: Any) -> Any:
        return checked_versions(given) if isinstance(given, Mapping) else given

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
