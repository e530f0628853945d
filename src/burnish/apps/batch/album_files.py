"""The files that an album.yaml names, wherever it lies."""

from collections.abc import Iterator
from typing import Any

from burnish.apps.batch.places import Place
from burnish.errors import SettingError


def files_of_album(sheet: Place) -> dict[str, Place]:
    """The songs, alternates, artwork ... of a sheet, by their names as it has them."""
    import yaml

    try:
        told = yaml.safe_load(sheet.read())
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SettingError("album-unreadable", f"{sheet}: is no YAML") from None
    texts = sorted({text for text in _texts(told) if _may_be_file(text)})
    if sheet.path is not None:
        found = ((text, sheet.beside(text)) for text in texts)
        return {text: place for text, place in found if place.exists()}
    folder = sheet.url.rsplit("/", 1)[0]
    whole = any("/" in text for text in texts)
    there = {one.url for one in sheet.beside("").list("**" if whole else "*")}
    return {text: sheet.beside(text) for text in texts if f"{folder}/{text}" in there}


def _may_be_file(text: str) -> bool:
    parts = text.split("/")
    return 0 < len(text) < 1024 and "\n" not in text and ".." not in parts and parts[0] != ""


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for value in told.values():
            yield from _texts(value)
    elif isinstance(told, list):
        for value in told:
            yield from _texts(value)
