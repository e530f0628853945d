"""The shelf: reads styles and deliveries from their TOML files, by name."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from burnish.errors import SettingError
from burnish.settings import Settings
from burnish.targets.model import Delivery, Style

_HERE = Path(__file__).parent
_Record = TypeVar("_Record", bound=Settings)


def styles() -> tuple[str, ...]:
    """Names of all styles, sorted."""
    return _names("style")


def deliveries() -> tuple[str, ...]:
    """Names of all deliveries, sorted."""
    return _names("delivery")


@cache
def style(name: str) -> Style:
    """The style of that name; a ``SettingError`` lists the names there are."""
    return _load("style", name, Style)


@cache
def delivery(name: str) -> Delivery:
    """The delivery of that name; a ``SettingError`` lists the names there are."""
    return _load("delivery", name, Delivery)


def _names(kind: str) -> tuple[str, ...]:
    return tuple(sorted(_name(path.stem) for path in (_HERE / kind).glob("*.toml")))


def _name(stem: str) -> str:
    # "&" has a meaning in shells and none in the names of files we would like to ship.
    return "r&b" if stem == "rnb" else stem


def _load(kind: str, name: str, record: type[_Record]) -> _Record:
    names = _names(kind)
    if name not in names:
        raise SettingError(f"{kind}-unknown", f"{kind}={name}: must be one of {', '.join(names)}")
    stem = next(path for path in (_HERE / kind).glob("*.toml") if _name(path.stem) == name)
    with stem.open("rb") as file:
        values: dict[str, Any] = tomllib.load(file)
    return record(name=name, **values)
