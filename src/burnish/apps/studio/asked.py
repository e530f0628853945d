"""Asked: settings from outside, checked before they become a job. Nothing in them names a file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from burnish.apps.studio.catalogue import NO_WISH
from burnish.errors import SettingError
from burnish.master import split
from burnish.playback.codec import codec
from burnish.playback.devices import devices
from burnish.targets import deliveries, styles

Found = Callable[[str], Path]
"""The file of a sound, by its number in the studio."""


def master_settings(given: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """The settings of a master. References are ``ID`` or ``ID:WEIGHT`` of the project's sounds."""
    asked = {name: value for name, value in given.items() if value is not None}
    for name in NO_WISH:
        if name in asked:
            raise SettingError("setting-unknown", f"{name}: names a file; the studio takes none")
    if "style" in asked:
        one_of("style", asked["style"], ("auto", *styles()))
    if "for_" in asked:
        asked["for_"] = names_of("for_", asked["for_"], deliveries())
    references = asked.pop("reference", ())
    split(dict(asked))
    if references:
        asked["reference"] = [_reference(one, found) for one in several("reference", references)]
    return asked


def through(place: Any) -> str:
    """A device or a codec by its name."""
    if isinstance(place, str) and place in devices():
        return place
    if not isinstance(place, str) or "/" in place or "." in place:
        raise SettingError("place-unknown", f"through={place}: must be a device or a codec")
    return codec(place).name


def one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    """The value, where it is one of these."""
    if not isinstance(value, str) or value not in known:
        raise SettingError("setting-range", f"{name}={value}: must be one of {', '.join(known)}")
    return value


def names_of(name: str, values: Any, known: tuple[str, ...]) -> list[str]:
    """Several of these, or one."""
    return [one_of(name, one, known) for one in several(name, values)]


def several(name: str, values: Any) -> list[str]:
    """A row of texts, or one."""
    many = [values] if isinstance(values, str) else values
    if not isinstance(many, list | tuple) or not all(isinstance(one, str) for one in many):
        raise SettingError("setting-range", f"{name}={values}: must be a row of texts")
    return list(many)


def _reference(given: str, found: Found) -> str:
    number, _, weight = given.partition(":")
    path = found(number)
    if not weight:
        return str(path)
    try:
        return f"{path}:{float(weight):g}"
    except ValueError:
        raise SettingError(
            "setting-range", f"reference={given}: the weight must be a number"
        ) from None
