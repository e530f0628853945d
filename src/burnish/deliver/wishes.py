"""What is asked of a delivery, on top of what its target demands. Settings only."""

from typing import Any, Literal

from pydantic import field_validator

from burnish.audio.output_format import Dither
from burnish.settings import Settings, as_choice, setting

DdpProfile = Literal["recommended", "cue2ddp"]


class DeliveryWishes(Settings):
    """What a person asked of the files that go out. Left at their defaults, the target decides."""

    rate_hz: int | None = setting(
        None,
        low=44_100,
        high=192_000,
        unit="Hz",
        help="Rate of streaming and download files; empty: the lowest of the tracks' own.",
    )
    replay_gain: bool = setting(
        False, help="Write ReplayGain 2 tags, and R128 gains in Opus files."
    )
    mastered_by: str = setting("", scale="text", help="Who mastered it, for sheets and tags.")
    client: str = setting("", scale="text", help="Who it is made for, for the sheets.")

    cd_dither: Dither = setting(
        "auto",
        help="Noise against rounding on a CD: auto is tpdf, and none where samples are those of a "
        "16-bit file; the shapes move it to where the ear hears less.",
    )
    cd_dither_seed: int = setting(
        1, low=0, high=999_999, help="Number that the CD's dither noise is made from."
    )
    cd_start_offset_frames: int = setting(
        10, low=0, high=150, unit="1/75 s", help="How early a CD's track starts before its sound."
    )
    cd_first_offset_frames: int = setting(
        15, low=0, high=150, unit="1/75 s", help="The same for the first track."
    )
    cd_pause_offset_frames: int = setting(
        10, low=0, high=150, unit="1/75 s", help="How late a CD's pause begins behind the sound."
    )
    cd_end_offset_frames: int = setting(
        75, low=0, high=750, unit="1/75 s", help="Silence behind a CD's last track."
    )
    cd_wav: bool = setting(False, help="Write a CD's tracks as 16-bit WAVs too.")
    codes_in_cd_text: bool = setting(
        False, help="Put EAN, ISRCs, genre and catalogue number into CD-Text too."
    )
    ddp_profile: DdpProfile = setting(
        "recommended", help="How a DDP is written: as most programs do, or as cue2ddp."
    )

    vinyl_inches: Literal["7", "10", "12"] = setting(
        "12", unit="inches", help="Size of a vinyl record."
    )
    vinyl_rpm: Literal["33", "45"] = setting("33", help="Speed of a vinyl record.")
    vinyl_sides: str = setting(
        "",
        scale="text",
        help="Tracks on each side of a record, as 1-5,6-10; empty: sides of about one length.",
    )
    vinyl_ellipse_hz: Literal["75", "150", "300"] = setting(
        "150", unit="Hz", help="Corner of the elliptical equaliser: a high-pass on the side."
    )
    vinyl_ellipse_slope: Literal["6", "12"] = setting(
        "12", unit="dB/octave", help="Steepness of the elliptical equaliser."
    )
    vinyl_matrix: str = setting(
        "",
        scale="text",
        help="Text for a record's run-out, before the side's letter; empty: catalogue number.",
    )
    cassette_sides: str = setting(
        "",
        scale="text",
        help="Tracks on each side of a cassette, as 1-6,7-10; empty: the first a little longer.",
    )
    cassette_type: Literal["I", "II"] = setting(
        "I", help="Kind of tape: I is ferric, II is chrome, which holds more treble."
    )

    @field_validator(
        "vinyl_inches", "vinyl_rpm", "vinyl_ellipse_hz", "vinyl_ellipse_slope", mode="before"
    )
    @classmethod
    def _a_number_is_a_choice(cls, given: Any) -> Any:
        return as_choice(given)
