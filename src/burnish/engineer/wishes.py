"""Wishes: what a person asks of a master, on top of what burnish would do by itself."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from burnish.playback import codec
from burnish.settings import Settings, setting

Lufs = Annotated[float, Field(ge=-40, le=-4)]


Phase = Literal["auto", "mend", "leave"]


class Wishes(Settings):
    """What the user asked for. Left at their defaults, the engineer decides alone."""

    style: str = setting(
        "auto",
        help="Style to aim at, as `burnish list styles` names it, or a profile that you learned "
        "(NAME.yaml); auto picks the nearest.",
    )
    for_: tuple[str, ...] = setting(
        (), help="Where it will be played: a target of `burnish list targets`. May be repeated."
    )
    reference: tuple[str, ...] = setting(
        (),
        help="A recording to be like, as FILE or FILE:WEIGHT. May be repeated.",
    )
    profile: str = setting(
        "",
        scale="text",
        help="A profile that `burnish learn` made, to be like its records.",
    )
    match: str = setting(
        "",
        scale="text",
        help="How much of it, each 1 if unsaid: tone=0.8,width=0,dynamics=0.5,loudness=1.",
    )
    signature: str = setting(
        "",
        scale="text",
        help="An album that it shall join: the album.signature.yaml that `burnish album` wrote.",
    )
    loudness_lufs: Lufs | Literal["max"] | None = setting(
        None,
        unit="LUFS",
        help="Integrated loudness to reach; max: as loud as the next half LU costs little.",
    )
    stop: bool = setting(
        True, help="Stop where a rule says so; without it, go on to the loudness asked and tell."
    )
    ceiling_dbtp: float | None = setting(
        None, low=-20, high=0, unit="dBTP", help="True peak that the master never passes."
    )
    intensity: float = setting(
        0.5,
        low=0,
        high=1,
        help="How far burnish may go: 0 only mends faults, 1 goes to the loud set.",
    )
    low_db: float = setting(0.0, low=-6, high=6, unit="dB", help="More or less bass, below 200 Hz.")
    mid_db: float = setting(
        0.0, low=-6, high=6, unit="dB", help="More or less midrange, 200 Hz to 4 kHz."
    )
    high_db: float = setting(
        0.0, low=-6, high=6, unit="dB", help="More or less treble, over 4 kHz."
    )
    width: float = setting(
        1.0, low=0, high=2, help="Stereo width: 0 is mono, 1 as mixed, 2 twice the side."
    )
    codec_safe: str = setting(
        "auto",
        scale="text",
        help="Codecs behind which the peaks must hold, as aac-256,mp3-320,opus-128,vorbis-q6; auto "
        "takes those that the places of --for send, none takes none.",
    )
    deess: float | None = setting(
        None, low=0, high=1, help="Softer s: 0 never, 1 most; unsaid, only where it is a fault."
    )
    punch: float = setting(
        0.0, low=-1, high=1, help="Harder strokes above 0, softer below; 0 as mixed."
    )
    density: float = setting(
        0.0, low=-1, high=1, help="Quiet detail comes up above 0, more swing below; 0 as mixed."
    )
    glue: Literal["none", "vca", "opto", "vari_mu"] = setting(
        "none", help="A compressor of this kind holds the mix together; none: only where it must."
    )
    sweeten: float = setting(
        0.0, low=0, high=1, help="Fuller bass and air, of a passive equalizer: 0 none, 1 much."
    )
    colour: Literal["none", "tape", "tube", "transformer"] = setting(
        "none", help="What colours the sound, as much as --warmth says (half, where it says none)."
    )
    warmth: float = setting(
        0.0,
        low=0,
        high=1,
        help="Gentle colour, of a tube if no --colour is named: 1 clearly there.",
    )

    repair: Literal["auto", "none", "sure", "all"] = setting(
        "auto",
        help="Mend before anything else: sure faults (clicks, dropouts, cut tops, hum), or all "
        "damage and hiss too; auto is sure, and all for the style remaster.",
    )
    phase: Phase = setting(
        "auto",
        help="A channel that is late or turned over; auto mends it where it is surely a fault.",
    )
    low_focus: float = setting(
        0.0, low=-1, high=1, help="More punch in the bass above 0, more evenness below."
    )
    bass_harmonics: float = setting(
        0.0, low=0, high=1, help="The bass line on small speakers: 0 as mixed, 1 clearly there."
    )
    smooth: float = setting(
        0.0, low=0, high=1, help="Narrow peaks that ring are held back: 0 none, 1 clearly."
    )
    reverb: float = setting(0.0, low=0, high=1, help="A little room: 0 none, 1 clearly there.")

    @field_validator("style", "profile", "signature", mode="before")
    @classmethod
    def _a_path_is_a_name(cls, given: Any) -> Any:
        return str(given) if isinstance(given, Path) else given

    @field_validator("reference", mode="before")
    @classmethod
    def _one_or_several(cls, given: Any) -> Any:
        """A single reference need not be a row, and a path need not be text."""
        many = (given,) if isinstance(given, str | Path) else given
        if isinstance(many, list | tuple):
            return tuple(str(one) if isinstance(one, Path) else one for one in many)
        return many

    @field_validator("codec_safe", mode="before")
    @classmethod
    def _codecs_are_known(cls, given: Any) -> Any:
        """One text or several names; an unknown one is a ``SettingError``, before any work."""
        if isinstance(given, list | tuple):
            given = ",".join(map(str, given)) or "none"
        if isinstance(given, str) and given not in ("auto", "none"):
            return ",".join(codec(name.strip()).name for name in given.split(","))
        return given
