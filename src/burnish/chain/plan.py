"""Plan: the ordered steps that make a master, each with its reason and evidence. Data only.

Saved, it is the recall sheet (``recall.py``); played, it is a master (``render.py``).
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import SerializeAsAny, field_validator, model_validator

from burnish.audio import OutputFormat
from burnish.errors import SettingError
from burnish.processors import Processor, processor_type
from burnish.release import SongTags
from burnish.settings import Settings, setting

On = Literal["stereo", "mid", "side", "left", "right"]
Evidence = dict[str, float | int | str | bool | None]


_WORDS = {float: "a number", str: "text", list: "a list", dict: "a mapping"}
_TARGET = {
    "style": str,
    "style_confidence": float,
    "for": list,
    "loudness_lufs": float,
    "ceiling_dbtp": float,
    "codecs": list,
    "decoded_ceiling_dbtp": float,
    "sources": dict,
    "stopped_by": dict,
    "references": list,
    "match": dict,
    "passed_by": dict,
    "tradeoff": list,
}
_POINT = {
    "loudness_lufs": float,
    "cost": float,
    "psr_db": float,
    "plr_db": float,
    "drive_db": float,
    "stopped_by": str,
}
_REFERENCE = {"file": str, "sha256": str, "weight": float}
_AT_PEAKS = ("clipper", "limiter")
_STOP = {"rule": str, "value": float, "limit": float, "unit": str, "sentence": str}


def _check(where: str, given: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Raise the ``SettingError`` for what is of another kind; None is no value."""
    for name, kind in kinds.items():
        value = given.get(name)
        if value is None:
            continue
        if kind is float:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            fits = number and math.isfinite(value)
        else:
            fits = isinstance(value, kind)
        if not fits:
            raise SettingError("setting-range", f"{where}.{name}={value}: must be {_WORDS[kind]}")


def _check_all(
    where: str, given: Mapping[str, Any], kinds: Mapping[str, type], but: tuple[str, ...] = ()
) -> None:
    """The same, and all of them must be given."""
    _check(where, given, kinds)
    for name in kinds:
        if name not in but and given.get(name) is None:
            raise SettingError("setting-missing", f"{where}.{name}: must be given")


class Step(Settings):
    """One move: a processor with its settings, what it works on, and why it is there."""

    processor: str = setting(..., help="Name of the processor, as in `burnish list`.")
    settings: SerializeAsAny[Processor] = setting(..., help="The processor's own settings.")
    on: On = setting("stereo", help="What it works on: the whole, or one part of it.")
    bypass: bool = setting(False, help="Leave this step out, but keep it in the sheet.")
    reason: str = setting("", help="Why this move is made, for a person.")
    evidence: Evidence = setting({}, help="The measured figures behind the reason.")

    @field_validator("evidence", mode="before")
    @classmethod
    def _figures_are_finite(cls, evidence: Any) -> Any:
        """Silence and ratios to it are None here: a sheet holds no infinity."""
        if not isinstance(evidence, Mapping):
            return evidence
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in evidence.items()
        }

    @property
    def acts(self) -> bool:
        """Whether this step can change the sound at all."""
        return not (self.bypass or self.settings.is_neutral)

    @model_validator(mode="before")
    @classmethod
    def _settings_of_the_named_processor(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and isinstance(values.get("processor"), str):
            kind = processor_type(values["processor"])
            given = values.get("settings") or {}
            if isinstance(given, Mapping):
                return {**values, "settings": kind(**given)}
            if isinstance(given, Processor) and not isinstance(given, kind):
                raise ValueError(f"settings of {given.name} given to {values['processor']}")
        return values


class InputNote(Settings):
    """What the plan was made from, so that a recall can say whether it is given the same."""

    file: str = setting("", help="Path of the mix when the plan was made.")
    sha256: str = setting("", help="SHA-256 of that file's bytes; empty where it was not a file.")
    rate_hz: int = setting(..., low=1, high=1_000_000, unit="Hz", help="Sample rate of the mix.")
    channels: int = setting(..., low=1, high=2, help="Channels of the mix.")
    n_samples: int = setting(..., low=0, help="Samples of each channel of the mix.")


Role = Literal["drums", "kick", "bass", "vocals", "guitars", "keys", "strings", "effects", "other"]
"""What a stem holds, as far as it matters to who judges it."""


class Stem(Settings):
    """One stem of a mix: its file, its place in the sum, and the steps it goes through alone."""

    file: str = setting(..., scale="text", help="Path of the stem.")
    role: Role = setting("other", help="What it holds.")
    group: str = setting("", scale="text", help="Group that it belongs to; empty: none.")
    gain_db: float = setting(0.0, low=-60, high=24, unit="dB", help="Its gain in the sum.")
    offset_samples: int = setting(
        0, low=-1_000_000_000, high=1_000_000_000, help="Where it begins; below 0 its head is cut."
    )
    sha256: str = setting("", scale="text", help="SHA-256 of the file's bytes; empty: not known.")
    steps: tuple[Step, ...] = setting((), help="Its own moves, in order, before it is summed.")
    notes: tuple[str, ...] = setting((), help="Why it lies where it lies, for a person.")


class Plan(Settings):
    """All that is needed, beside the mix, to make the master again."""

    FORMAT: ClassVar[int] = 1

    recall: int = setting(FORMAT, help="Version of the recall sheet's form.")
    burnish: str = setting("", help="Version of burnish that made the plan.")
    input: InputNote = setting(..., help="The mix.")
    output: OutputFormat = setting(..., help="How the master is written.")
    tags: SongTags = setting(SongTags(), help="What the master's file tells of the song.")
    target: dict[str, Any] = setting({}, help="What was aimed at: loudness, ceiling, style.")
    steps: tuple[Step, ...] = setting((), help="The moves, in order.")
    notes: tuple[str, ...] = setting((), help="What was considered and left alone, and why.")
    stems: tuple[Stem, ...] = setting((), help="The stems whose sum is the mix, if any.")

    @field_validator("target")
    @classmethod
    def _target_is_as_told(cls, target: dict[str, Any]) -> dict[str, Any]:
        """A sheet may have been edited; the report trusts what it reads here."""
        _check("target", target, _TARGET)
        for stop in ("stopped_by", "passed_by"):
            if target.get(stop) is not None:
                _check_all(f"target.{stop}", target[stop], _STOP)
        rows = (("tradeoff", _POINT, ("psr_db",)), ("references", _REFERENCE, ("sha256",)))
        for name, kinds, but in rows:
            for i, entry in enumerate(target.get(name) or ()):
                where = f"target.{name}.{i}"
                if not isinstance(entry, Mapping):
                    raise SettingError("setting-range", f"{where}={entry}: must be a mapping")
                _check_all(where, entry, kinds, but=but)
        return target

    @model_validator(mode="after")
    def _clipper_is_followed(self) -> Self:
        """Between its samples a clipped wave swings over the ceiling; only a limiter holds it."""
        peaks = [s.processor for s in self.steps if s.acts and s.processor in _AT_PEAKS]
        if peaks and peaks[-1] == "clipper":
            raise SettingError(
                "clipper-last",
                "steps: a clipper must be followed by a limiter that is not bypassed",
            )
        return self

    def step(self, processor: str) -> Step | None:
        """The first step of that processor, or None."""
        return next((step for step in self.steps if step.processor == processor), None)
