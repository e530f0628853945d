"""How a master is written: the format, the bits, the rate, the dither. Settings only."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from burnish.audio.model import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from burnish.errors import SettingError
from burnish.settings import Settings, setting

Container = Literal["wav", "flac", "aiff"]
Bits = Literal["16", "24", "32f"]
Dither = Literal[
    "auto",
    "none",
    "tpdf",
    "simple-2",
    "wannamaker-3",
    "lipshitz-5",
    "modified-e-9",
    "improved-e-9",
    "f-weighted-9",
    "wannamaker-24",
]

_SUFFIXES = {"wav": ".wav", "flac": ".flac", "aiff": ".aiff"}
_CONTAINERS: dict[str, Container] = {
    ".wav": "wav", ".wave": "wav", ".flac": "flac", ".aiff": "aiff", ".aif": "aiff",
    ".aifc": "aiff",
}  # fmt: skip


class OutputFormat(Settings):
    """How a master is written. The defaults: WAV, 24 bits, the mix's own rate, flat dither."""

    format: Container = setting("wav", help="Kind of file.")
    bits: Bits = setting("24", help="Bits of a sample: 16 or 24 whole, or 32 floating (32f).")
    rate_hz: int | None = setting(
        None,
        low=LOWEST_RATE_HZ,
        high=HIGHEST_RATE_HZ,
        unit="Hz",
        help="Sample rate; empty: that of the mix.",
    )
    dither: Dither = setting(
        "auto",
        help="Noise against rounding: auto is tpdf at 16 and 24 bits and none for floats; the "
        "others shape the hiss to where the ear hears less, for a last 16-bit file at 44.1 kHz.",
    )
    dither_seed: int = setting(
        1, low=0, high=999_999, help="Number that the dither noise is made from."
    )

    @field_validator("bits", mode="before")
    @classmethod
    def _bits_may_be_a_number(cls, value: Any) -> Any:
        """In YAML ``bits: 24`` is a number; it means the same."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _float_takes_neither_flac_nor_dither(self) -> Self:
        if self.bits == "32f" and self.format == "flac":
            raise SettingError("setting-range", "bits=32f: in FLAC must be 16 or 24; or take wav")
        if self.bits == "32f" and self.dither not in ("auto", "none"):
            raise SettingError(
                "setting-range", f"dither={self.dither}: with bits=32f must be auto or none"
            )
        return self

    @property
    def is_float(self) -> bool:
        """Whether the samples are written as floats."""
        return self.bits == "32f"

    @property
    def bytes_per_sample(self) -> int:
        """Bytes of one sample of one channel, before any packing."""
        return {"16": 2, "24": 3, "32f": 4}[self.bits]

    @property
    def applied_dither(self) -> str:
        """What ``dither`` comes to: never "auto"."""
        if self.dither != "auto":
            return self.dither
        return "none" if self.is_float else "tpdf"

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""
        return _SUFFIXES[self.format]


def container_of(path: str | Path) -> Container | None:
    """The container that the ending of this name stands for, or None."""
    return _CONTAINERS.get(Path(path).suffix.lower())
