"""Signature: what the mastered anchor measures, so that others can be led to it, also years later.

Saved it is ``album.signature.yaml``, a text that a person reads and edits.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import field_validator

from burnish.audio import write_whole
from burnish.chain.sheet import load_record, one_line
from burnish.engineer.album.loud import loud_lufs
from burnish.engineer.portrait import portrait
from burnish.errors import SettingError
from burnish.measure import Measurement
from burnish.settings import Settings, setting
from burnish.targets import Portrait

HEADER = """\
# The signature of an album, by burnish: what its anchor sounds like, mastered.
#
#   burnish master BONUS.wav --signature THIS-FILE     masters another track into the album
#   burnish album ALBUM.yaml --signature THIS-FILE     an album after this one
#
# Tone in dB over the loudness, by third octave from 25 Hz to 20 kHz; width is side over middle.
"""

_DIGITS = 3


class Signature(Settings):
    """What an album's tracks have in common: the sound of its anchor, and how loud it stands."""

    FORMAT: ClassVar[int] = 1

    signature: int = setting(FORMAT, low=1, high=FORMAT, help="Version of this form.")
    name: str = setting("", scale="text", help="The album.")
    anchor: str = setting("", scale="text", help="The track that it was taken from.")
    style: str = setting("", scale="text", help="The anchor's style.")
    coherence: float = setting(
        0.5, low=0, high=1, help="How far others move toward it in tone, width and dynamics."
    )
    ceiling_dbtp: float = setting(
        ..., low=-20, high=0, unit="dBTP", help="The ceiling of all tracks."
    )
    loud_lufs: float = setting(
        ..., low=-60, high=0, unit="LUFS", help="Its loud sections: short-term, 95th percentile."
    )
    standing_lu: float = setting(
        ..., low=-30, high=30, unit="LU", help="How loud its music asked to be, beside full pop."
    )
    portrait: Portrait = setting(..., help="How it sounds.")

    @field_validator("signature", mode="before")
    @classmethod
    def _not_newer(cls, given: Any) -> Any:
        if isinstance(given, int) and given > cls.FORMAT:
            raise SettingError(
                "signature-newer",
                f"signature={given}: comes from a newer burnish; this one reads {cls.FORMAT}",
            )
        return given

    @property
    def loudness_lufs(self) -> float:
        """The integrated loudness of the anchor."""
        return self.portrait.loudness_lufs


def drawn(measured: Measurement, **told: Any) -> Signature:
    """The signature of a master, from its measurement; ``told`` are the settings beside it."""
    values = portrait(measured).model_dump()
    values["names"] = (told.get("anchor", ""),)
    return Signature(
        loud_lufs=round(loud_lufs(measured), _DIGITS),
        portrait=Portrait(**_rounded(values)),
        **told,
    )


def dump(signature: Signature) -> str:
    """The file of a signature, as text. ``load_signature`` gives back an equal one."""
    return HEADER + "\n" + "\n".join(_lines(signature.model_dump())) + "\n"


def save_signature(
    signature: Signature, path: str | os.PathLike[str], overwrite: bool = False
) -> None:
    """Write a signature, whole or not at all; an existing file is an ``OutputError``."""
    write_whole(dump(signature).encode("utf-8"), Path(path), overwrite)


def load_signature(path: str | os.PathLike[str]) -> Signature:
    """Read and check a signature. A fault in it is a ``SettingError`` with file and line.

    A file that cannot be read at all is an ``InputError``.
    """
    return load_record(path, Signature, "signature")


def _lines(values: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield f"{before}{name}:"
            yield from _lines(value, before + "  ")
        else:
            yield f"{before}{name}: {one_line(list(value) if isinstance(value, tuple) else value)}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS) + 0.0
    if isinstance(value, tuple | list):
        return tuple(_rounded(one) for one in value)
    return {k: _rounded(v) for k, v in value.items()} if isinstance(value, dict) else value
