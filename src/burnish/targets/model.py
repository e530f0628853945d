"""Records of what a master shall be: a style's taste, a delivery's facts, the target of one job.

Figures carry their source and how sure it is. ``high`` is read at the source or measured by many,
``medium`` is measured once, ``low`` is opinion or a service that does not publish its number.
"""

from typing import Literal, Self

from pydantic import model_validator

from burnish.settings import Settings, setting

Confidence = Literal["high", "medium", "low"]

BAND_EDGES_HZ = (35.0, 148.0, 392.0, 795.0, 1458.0, 2550.0, 4349.0, 7314.0, 12199.0, 20000.0)
"""Edges of the nine bands that tone and width are told in. The inner eight are those of the
published analyses that the figures come from (phaselimiter, resource/analysis_data); the outer two
bound what they hold."""

N_BANDS = len(BAND_EDGES_HZ) - 1


class Tone(Settings):
    """A tonal corridor: nine levels per octave, relative to the mean of 0.8 to 2.5 kHz.

    Per octave means that pink noise is a row of zeros. Half of the tracks of the style lie between
    ``q25_db`` and ``q75_db`` in each band.
    """

    median_db: tuple[float, ...] = setting(..., unit="dB", help="The middle of the style, by band.")
    q25_db: tuple[float, ...] = setting(..., unit="dB", help="A quarter of the tracks lies below.")
    q75_db: tuple[float, ...] = setting(..., unit="dB", help="A quarter of the tracks lies above.")
    source: str = setting(..., scale="text", help="Where the figures come from.")
    confidence: Confidence = setting(..., help="How sure they are.")

    @model_validator(mode="after")
    def _nine_bands_in_order(self) -> Self:
        for name in ("median_db", "q25_db", "q75_db"):
            if (n := len(getattr(self, name))) != N_BANDS:
                raise ValueError(f"{name}: must have {N_BANDS} values, has {n}")
        for low, middle, high in zip(self.q25_db, self.median_db, self.q75_db, strict=True):
            if not low <= middle <= high:
                raise ValueError(f"q25_db={low}, median_db={middle}, q75_db={high}: must rise")
        return self


class StyleLoudness(Settings):
    """Integrated loudness of the style's records: lower quartile, aim, upper quartile."""

    low_lufs: float = setting(..., low=-60, high=0, unit="LUFS", help="Quiet for this style.")
    aim_lufs: float = setting(..., low=-60, high=0, unit="LUFS", help="Aimed at unless asked.")
    high_lufs: float = setting(..., low=-60, high=0, unit="LUFS", help="Loud for this style.")
    source: str = setting(..., scale="text", help="Where the figures come from.")
    confidence: Confidence = setting(..., help="How sure they are.")


class Dynamics(Settings):
    """Loudness range and peak-to-loudness ratio of the style: quartiles and middle."""

    range_low_lu: float = setting(..., low=0, high=60, unit="LU", help="Range: lower quartile.")
    range_median_lu: float = setting(..., low=0, high=60, unit="LU", help="Range: the middle.")
    range_high_lu: float = setting(..., low=0, high=60, unit="LU", help="Range: upper quartile.")
    plr_low_db: float = setting(..., low=0, high=60, unit="dB", help="PLR: lower quartile.")
    plr_median_db: float = setting(..., low=0, high=60, unit="dB", help="PLR: the middle.")
    plr_high_db: float = setting(..., low=0, high=60, unit="dB", help="PLR: upper quartile.")
    source: str = setting(..., scale="text", help="Where the figures come from.")
    confidence: Confidence = setting(..., help="How sure they are.")


class Stereo(Settings):
    """Width of the style as the ratio of side to mid energy, whole and by band."""

    q10_db: float = setting(..., low=-120, high=40, unit="dB", help="Narrow, one track in ten.")
    q25_db: float = setting(..., low=-120, high=40, unit="dB", help="Lower quartile.")
    median_db: float = setting(..., low=-120, high=40, unit="dB", help="The middle of the style.")
    q75_db: float = setting(..., low=-120, high=40, unit="dB", help="Upper quartile.")
    q90_db: float = setting(..., low=-120, high=40, unit="dB", help="Wide, one track in ten.")
    band_median_db: tuple[float, ...] = setting((), unit="dB", help="By band; empty: not known.")
    band_q25_db: tuple[float, ...] = setting((), unit="dB", help="By band; empty: not known.")
    band_q75_db: tuple[float, ...] = setting((), unit="dB", help="By band; empty: not known.")
    mono_below_hz: float = setting(
        0.0, low=0, high=400, unit="Hz", help="Bass is mono below this; 0: left as it is."
    )
    source: str = setting(..., scale="text", help="Where the figures come from.")
    confidence: Confidence = setting(..., help="How sure they are.")


class Floors(Settings):
    """Where loudness stops: the finished master keeps at least this much of its peaks."""

    plr_db: float = setting(..., low=0, high=40, unit="dB", help="Least peak-to-loudness ratio.")
    psr_db: float = setting(
        ..., low=0, high=40, unit="dB", help="Least peak-to-short-term ratio, 5th percentile."
    )
    loud_plr_db: float = setting(..., low=0, high=40, unit="dB", help="The same at intensity 1.")
    loud_psr_db: float = setting(..., low=0, high=40, unit="dB", help="The same at intensity 1.")
    source: str = setting(..., scale="text", help="Where the figures come from.")
    confidence: Confidence = setting(..., help="How sure they are.")


class Style(Settings):
    """One style of music: where its records lie. Taste, not law."""

    name: str = setting(..., scale="text", help="Name on the command line.")
    about: str = setting(..., scale="text", help="One line for a list.")
    tone: Tone = setting(..., help="Tonal corridor.")
    loudness: StyleLoudness = setting(..., help="Loudness of its records.")
    dynamics: Dynamics = setting(..., help="Loudness range and PLR of its records.")
    stereo: Stereo = setting(..., help="Width of its records.")
    floors: Floors = setting(..., help="Where loudness stops.")
    automatic: bool = setting(True, help="Whether `auto` may pick it.")
    repair: Literal["sure", "all"] = setting(
        "sure", help="What is mended unasked: sure faults of the samples, or all damage and noise."
    )


class PlaybackMode(Settings):
    """How a service plays music by another of its settings, or in another of its programs."""

    name: str = setting(..., scale="text", help="Name behind that of the service.")
    title: str = setting(..., scale="text", help="Name in print.")
    loudness_lufs: float = setting(..., low=-60, high=0, unit="LUFS", help="Played at.")
    scope: Literal["track", "album"] = setting(..., help="What the loudness is measured over.")
    turns_up: bool | None = setting(None, help="Whether quiet masters are turned up too.")
    turns_up_to_db: float | None = setting(
        None, low=-20, high=0, unit="dB", help="Highest peak that it turns up to."
    )
    limits: bool = setting(
        False, help="Turned up as far as its loudness, with a limiter at that highest peak."
    )
    source: str = setting(..., scale="text", help="Where the facts come from.")
    date: str = setting(..., scale="text", help="When they were true, year and month.")
    confidence: Confidence = setting(..., help="How sure they are.")


class Delivery(Settings):
    """One place that a master goes to: what it demands or does, with source and date.

    A streaming service plays every master at its own loudness; ``loudness_is`` tells such a
    playback reference from a demand that a file must meet to be taken.
    """

    name: str = setting(..., scale="text", help="Name on the command line.")
    title: str = setting(..., scale="text", help="Name in print.")
    loudness_lufs: float | None = setting(
        None, low=-60, high=0, unit="LUFS", help="Played at, or demanded; absent: neither."
    )
    loudness_is: Literal["demand", "playback", "none"] = setting(..., help="What that loudness is.")
    tolerance_lu: float | None = setting(
        None, low=0, high=10, unit="LU", help="How far a demanded loudness may be missed."
    )
    scope: Literal["track", "album", "programme", "none"] = setting(
        ..., help="What the loudness is measured over."
    )
    turns_up: bool | None = setting(
        None, help="Whether quiet masters are turned up too; absent: not known."
    )
    turns_up_to_db: float | None = setting(
        None, low=-20, high=0, unit="dB", help="Highest true peak that it turns up to."
    )
    modes: tuple[PlaybackMode, ...] = setting(
        (), scale="text", help="Its other ways to play, by a listener's choice."
    )
    ceiling_dbtp: float = setting(..., low=-20, high=0, unit="dBTP", help="True peak asked for.")
    ceiling_loud_dbtp: float | None = setting(
        None, low=-20, high=0, unit="dBTP", help="The same for a master louder than the loudness."
    )
    rms_low_db: float | None = setting(None, low=-60, high=0, unit="dBFS", help="Least RMS.")
    rms_high_db: float | None = setting(None, low=-60, high=0, unit="dBFS", help="Most RMS.")
    noise_high_db: float | None = setting(
        None, low=-120, high=0, unit="dBFS", help="Most noise floor (RMS)."
    )
    formats: tuple[str, ...] = setting((), help="Files it takes, the best first.")
    bits: int | None = setting(None, low=16, high=32, help="Bits demanded; absent: 16 or more.")
    rate_hz: int | None = setting(
        None, low=8000, high=768000, unit="Hz", help="Rate demanded; absent: the master's own."
    )
    product: Literal[
        "service",
        "streaming",
        "download",
        "hi-res",
        "cd",
        "vinyl",
        "cassette",
        "broadcast",
        "archive",
        "versions",
    ] = setting("service", help="What is written of a release for it.")
    files: tuple[str, ...] = setting((), help="Kinds of the sound files that are written.")
    highest_rate_hz: int | None = setting(
        None, low=44100, high=768000, unit="Hz", help="Highest rate taken; absent: any."
    )
    native: bool = setting(
        False, help="Takes 24 bits and nothing padded from 16, nothing sampled up."
    )
    plain_wav: bool = setting(
        False, help="A WAV must be plain PCM (format tag 1) with nothing behind its sound."
    )
    reencodes: tuple[str, ...] = setting((), help="What listeners are sent.")
    codecs: tuple[str, ...] = setting(
        (), help="Codecs that stand for it: the peaks of a master are held behind these."
    )
    encoded_ceiling_dbtp: float | None = setting(
        None, low=-20, high=0, unit="dBTP", help="True peak demanded of the encoded file itself."
    )
    note: str = setting("", scale="text", help="What else to know.")
    source: str = setting(..., scale="text", help="Where the facts come from.")
    date: str = setting(..., scale="text", help="When they were true, year and month.")
    confidence: Confidence = setting(..., help="How sure they are.")


class Target(Settings):
    """What one master shall be: a style, bent by deliveries and by what was asked."""

    style: str = setting(..., scale="text", help="Name of the style.")
    style_confidence: float | None = setting(
        None, low=0, high=1, help="How sure `auto` was; absent: the style was asked for."
    )
    deliveries: tuple[str, ...] = setting((), help="Where it will be played.")
    loudness_lufs: float = setting(..., low=-60, high=0, unit="LUFS", help="Integrated loudness.")
    ceiling_dbtp: float = setting(..., low=-20, high=0, unit="dBTP", help="Highest true peak.")
    tone: Tone = setting(..., help="Tonal corridor.")
    dynamics: Dynamics = setting(..., help="Loudness range and PLR of the style.")
    stereo: Stereo = setting(..., help="Width of the style.")
    floors: Floors = setting(..., help="Where loudness stops.")
    repair: Literal["sure", "all"] = setting("sure", help="What is mended unasked.")
    codecs: tuple[str, ...] = setting((), help="Codecs behind which the peaks must hold.")
    decoded_ceiling_dbtp: float = setting(
        0.0, low=-20, high=0, unit="dBTP", help="Highest true peak of what a codec gives back."
    )
    sources: dict[str, str] = setting({}, help="Where loudness and ceiling come from, in words.")
    references: tuple[dict[str, str | float], ...] = setting(
        (), help="The recordings it shall be like: file, sha256, weight."
    )
    match: dict[str, float] = setting({}, help="How much of them; empty: there are none.")
