"""Kinds of files by name: what is in them, and what they are called.

wav-16 wav-24 wav-32f   flac-16 flac-24   aiff-16 aiff-24   alac-16 alac-24      every sample
mp3-320 mp3-v0   aac-256   opus-160   vorbis-q6          what a codec keeps of it
"""

import re
from dataclasses import dataclass
from typing import Literal

from burnish.audio.output_format import Bits
from burnish.errors import SettingError
from burnish.playback.codec import codec

Family = Literal["wav", "flac", "aiff", "alac", "mp3", "aac", "opus", "vorbis"]

_SUFFIXES = {
    "wav": ".wav", "flac": ".flac", "aiff": ".aiff", "alac": ".m4a",
    "mp3": ".mp3", "aac": ".m4a", "opus": ".opus", "vorbis": ".ogg",
}  # fmt: skip
_BITS: dict[str, tuple[Bits, ...]] = {
    "wav": ("16", "24", "32f"), "flac": ("16", "24"), "aiff": ("16", "24"), "alac": ("16", "24"),
}  # fmt: skip
_TITLES = {
    "wav": "WAV", "flac": "FLAC", "aiff": "AIFF", "alac": "Apple Lossless",
    "mp3": "MP3", "aac": "AAC", "opus": "Opus", "vorbis": "Ogg Vorbis",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    name: str
    family: Family
    bits: Bits | None
    """Of each sample; None: a codec that does not keep samples."""
    amount: int = 0
    """kbit/s; quality of Vorbis (0 to 10) and of an MP3 of variable rate (0 is the best)."""
    variable: bool = False
    """Whether an MP3's rate follows the music."""

    @property
    def is_lossless(self) -> bool:
        """Whether every sample comes back."""
        return self.bits is not None

    @property
    def suffix(self) -> str:
        """The ending of its files' names."""
        return _SUFFIXES[self.family]

    @property
    def title(self) -> str:
        """Its name in print: "FLAC, 24 bits", "MP3, V0"."""
        if self.bits is not None:
            return f"{_TITLES[self.family]}, {self.bits.removesuffix('f')} bits" + (
                ", floating" if self.bits == "32f" else ""
            )
        amount = f"{self.amount} kbit/s"
        if self.variable:
            amount = f"V{self.amount}"
        elif self.family == "vorbis":
            amount = f"quality {self.amount}"
        return f"{_TITLES[self.family]}, {amount}"

    def rate_hz(self, rate_hz: int) -> int:
        """The rate of the file for sound of ``rate_hz``: its own, and 44.1 or 48 kHz in codecs."""
        return rate_hz if self.is_lossless else codec(self._standing_for).rate_hz(rate_hz)

    @property
    def _standing_for(self) -> str:
        return "mp3-320" if self.variable else self.name


def kind(name: str) -> Kind:
    """The kind of that name; another name is a ``SettingError`` that tells those there are."""
    family, _, rest = name.partition("-")
    if family in _BITS and rest in _BITS[family]:
        bits: Bits = rest
        return Kind(name, family, bits)  # type: ignore[arg-type]
    if found := re.fullmatch(r"mp3-v([0-9])", name):
        return Kind(name, "mp3", None, int(found[1]), variable=True)
    if family in _BITS or family not in _SUFFIXES:
        raise SettingError(
            "kind-unknown",
            f"kind={name}: must be wav-16, wav-24, wav-32f, flac-16, flac-24, aiff-16, aiff-24, "
            f"alac-16, alac-24, mp3-320, mp3-v0, aac-256, opus-160, vorbis-q6 or the like",
        )
    one = codec(name)
    return Kind(name, one.family, None, one.amount)  # type: ignore[arg-type]
