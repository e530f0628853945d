"""How a setting is declared: once.

A field says its neutral value, range, unit, scale and one line of help. The check, the command
line, the studio's slider, the JSON schema and the manual are derived from that declaration.

>>> class Release(Settings):
...     release_ms: float = setting(100.0, low=1, high=1000, unit="ms", scale="log",
...                                 help="Time for the gain to come back.")
>>> Release(release_ms=0.2)
Traceback (most recent call last):
burnish.errors.SettingError: release_ms=0.2: must be 1 to 1000 ms
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from burnish.errors import SettingError

Scale = Literal["linear", "log", "choice", "switch", "text"]


@dataclass(frozen=True)
class Declared:
    """What is known of one setting: enough to draw a slider, an option or a line of the manual."""

    name: str
    default: Any
    low: float | None
    high: float | None
    unit: str
    scale: Scale
    help: str
    choices: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """The allowed values in words: '1 to 1000 ms', or 'one of soft, tape, tube'."""
        if self.low is not None and self.high is not None:
            numbers = f"{self.low:g} to {self.high:g} {self.unit}".rstrip()
            return " or ".join((numbers, *self.choices))
        if self.choices:
            return "one of " + ", ".join(self.choices)
        return {"switch": "true or false", "text": "text"}.get(self.scale, "a number")


def setting(
    default: Any,
    *,
    help: str,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    scale: Scale = "linear",
) -> Any:
    """Declare one setting of a ``Settings`` model: value, range, unit, scale and help, all here."""
    return Field(
        default=default,
        ge=low,
        le=high,
        description=help,
        json_schema_extra={"unit": unit, "scale": scale},
    )


def as_choice(value: Any) -> Any:
    """A number as the choice that it names, for a stepped setting: 0.3 is "0.3", 30.0 is "30".

    A recall sheet edited by hand may then say ``attack_ms: 30`` without quotes.
    """
    return f"{value:g}" if isinstance(value, (int, float)) else value


class Settings(BaseModel):
    """A frozen set of declared settings. A bad value is a ``SettingError`` that names the range."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise setting_error(type(self), error) from None

    def with_(self, **values: Any) -> Self:
        """A copy with some settings changed, checked as if new."""
        return type(self)(**{**self.model_dump(), **values})

    @classmethod
    def declared(cls) -> tuple[Declared, ...]:
        """Every setting of this model, in order of declaration."""
        return tuple(_declared(name, field) for name, field in cls.model_fields.items())


def setting_error(model: type[BaseModel], error: ValidationError) -> SettingError:
    """Say the first fault of a pydantic error in one sentence: name, value, allowed range, unit."""
    first = error.errors()[0]
    # A number or a word: pydantic adds which of them it tried, as no setting is named.
    tried = ("constrained-float", "float")
    location = tuple(p for p in first["loc"] if p not in tried and "[" not in str(p))
    where = ".".join(str(part) for part in location)
    if first["type"] == "extra_forbidden":
        known = ", ".join(model.model_fields)
        return SettingError("setting-unknown", f"{where}: no such setting; there are {known}")
    if first["type"] == "missing":
        return SettingError("setting-missing", f"{where}: must be given")
    allowed = next((d.allowed for d in _walk(model, location)), "")
    return SettingError(
        "setting-range",
        f"{where}={first['input']}: must be {allowed}" if allowed else f"{where}: {first['msg']}",
    )


def _walk(model: type[BaseModel], location: tuple[int | str, ...]) -> Iterator[Declared]:
    """Follow an error's location to the declaration of the setting that it names."""
    for part in location:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        if field is None:
            continue
        if part == location[-1]:
            yield _declared(str(part), field)
        for inner in (field.annotation, *_arguments(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                model = inner


def _arguments(annotation: Any) -> tuple[Any, ...]:
    return tuple(a for outer in get_args(annotation) for a in (outer, *get_args(outer)))


def _declared(name: str, field: FieldInfo) -> Declared:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    choices = tuple(
        str(choice)
        for part in (field.annotation, *_arguments(field.annotation))
        if getattr(part, "__origin__", None) is Literal
        for choice in get_args(part)
    )
    low, high = _bounds(field)
    scale: Any = extra.get("scale", "linear")
    if choices and low is None and high is None:
        scale = "choice"
    elif field.annotation is bool:
        scale = "switch"
    return Declared(
        name=name,
        default=field.get_default(call_default_factory=True),
        low=low,
        high=high,
        unit=str(extra.get("unit", "")),
        scale=scale,
        help=field.description or "",
        choices=choices,
    )


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """The lowest and the highest value. Of "a number or a word" the number has its own."""
    rules = [*field.metadata]
    for part in _arguments(field.annotation):
        for inner in getattr(part, "__metadata__", ()):
            rules += getattr(inner, "metadata", ())
    found: dict[str, float] = {}
    for rule in rules:
        for key in ("ge", "le"):
            if (bound := getattr(rule, key, None)) is not None:
                found[key] = bound
    return found.get("ge"), found.get("le")


def inner_settings(model: type[Settings], name: str) -> type[Settings] | None:
    """The record that a setting holds, one or many of them, if it holds records of one kind."""
    field = model.model_fields.get(name)
    found = set(_records(field.annotation)) if field is not None else set()
    return found.pop() if len(found) == 1 else None


def _records(annotation: Any) -> Iterator[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
    for part in get_args(annotation):
        yield from _records(part)


def finite_or_none(value: float) -> float | None:
    """For JSON: the value, or None where it is infinite or not a number."""
    return value if math.isfinite(value) else None


def about(kind: type[Settings]) -> str:
    """The first sentence of a model's description."""
    paragraph = " ".join((kind.__doc__ or "").strip().partition("\n\n")[0].split())
    return paragraph.replace("``", "").partition(". ")[0].rstrip(".") + "."


def rows(kind: type[Settings], before: str = "") -> Iterator[dict[str, Any]]:
    """Every setting of a model as JSON has it, for lists, manuals and pages.

    Those of records in it follow, as ``bands[].gain_db``. What must be given has no default.
    """
    for one in kind.declared():
        yield {
            "name": before + one.name,
            "default": _as_json(one.default),
            "low": one.low,
            "high": one.high,
            "unit": one.unit,
            "scale": one.scale,
            "choices": list(one.choices),
            "help": one.help,
        }
        if (inner := inner_settings(kind, one.name)) is not None:
            many = isinstance(one.default, tuple)
            yield from rows(inner, f"{before}{one.name}{'[]' if many else ''}.")


def _as_json(value: Any) -> Any:
    if isinstance(value, Settings):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_as_json(item) for item in value]
    return value if isinstance(value, str | int | float | bool | dict) else None
