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


def style(name: str) -> Style:
    """The style of that name, or that of a profile; a ``SettingError`` lists the names there are.

    A name that ends with .yaml is the path of a profile that ``burnish learn`` made: a style of
    one's own.
    """
    return _own(Path(name)) if name.lower().endswith((".yaml", ".yml")) else _shelved(name)


@cache
def _shelved(name: str) -> Style:
    return _load("style", name, Style)


def _own(path: Path) -> Style:
    from burnish.targets.profile_file import load_profile
    from burnish.targets.profile_use import as_style

    return as_style(load_profile(path)).with_(name=path.name)


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
