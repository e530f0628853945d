"""The catalogue: what there is to choose from, with all that a page needs to draw a slider."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from burnish.audio import OutputFormat
from burnish.engineer import Wishes
from burnish.engineer.album import AlbumWishes
from burnish.playback.devices import device, devices
from burnish.playback.named import CODECS
from burnish.processors import RACK, processor_type
from burnish.release import Release, Track
from burnish.settings import Settings, inner_settings
from burnish.targets import deliveries, delivery, style, styles

Row = dict[str, Any]
Rows = list[Row]


@cache
def styles_told() -> Rows:
    """Every style: its loudness, how sure it is, a line about it."""
    return [
        {
            "name": one.name,
            "loudness_lufs": one.loudness.aim_lufs,
            "least_plr_db": one.floors.plr_db,
            "confidence": one.tone.confidence,
            "about": one.about,
        }
        for one in map(style, styles())
    ]


@cache
def targets_told() -> Rows:
    """Every place that a master can be delivered to."""
    return [
        {
            "name": one.name,
            "product": one.product,
            "loudness_lufs": one.loudness_lufs,
            "loudness_is": one.loudness_is,
            "ceiling_dbtp": one.ceiling_dbtp,
            "formats": list(one.formats),
            "files": list(one.files),
            "codecs": list(one.codecs),
            "date": one.date,
            "confidence": one.confidence,
        }
        for one in map(delivery, deliveries())
    ]


@cache
def places_told() -> Rows:
    """What a sound can be heard through: devices and codecs."""
    played: Rows = [
        {"name": one.name, "title": one.title, "kind": "device", "about": one.about}
        for one in map(device, devices())
    ]
    return played + [{"name": one, "title": one, "kind": "codec", "about": ""} for one in CODECS]


@cache
def processors_told() -> Rows:
    """Every processor of the rack, in its order, with its settings as they are declared."""
    return [
        {"name": name, "about": _about(kind), "settings": list(declared(kind))}
        for name, kind in ((name, processor_type(name)) for name in RACK)
    ]


@cache
def wishes_told() -> Row:
    """What may be asked of a master and of an album, and how files are written."""
    return {
        "master": [row for row in declared(Wishes) if row["name"] not in NO_WISH],
        "format": list(declared(OutputFormat)),
        "album": list(declared(AlbumWishes)),
        "release": [row for row in declared(Release) if row["name"] != "tracks"],
        "track": list(declared(Track)),
    }


NO_WISH = ("profile", "signature")
"""Wishes that name files of this machine; the studio does not take them."""


def declared(kind: type[Settings], before: str = "") -> Iterator[Row]:
    """Every setting; those of a list's records as ``bands[].gain_db``."""
    for one in kind.declared():
        inner = inner_settings(kind, one.name)
        yield {
            "name": before + one.name,
            "default": plain(one.default),
            "low": one.low,
            "high": one.high,
            "unit": one.unit,
            "scale": one.scale,
            "choices": list(one.choices),
            "help": one.help,
        }
        if inner is not None:
            many = isinstance(one.default, tuple)
            yield from declared(inner, f"{before}{one.name}{'[]' if many else ''}.")


def plain(value: Any) -> Any:
    """As JSON has it; what must be given has no default."""
    if isinstance(value, Settings):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | dict) else None


def _about(kind: type[Settings]) -> str:
    """The first sentence of its description."""
    paragraph = " ".join((kind.__doc__ or "").strip().partition("\n\n")[0].split())
    return paragraph.replace("``", "").partition(". ")[0].rstrip(".") + "."
