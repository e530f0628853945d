"""The catalogue: what there is to choose from, with all that a page needs to draw a slider."""

from functools import cache
from typing import Any

from burnish.audio import OutputFormat
from burnish.engineer import Wishes
from burnish.engineer.album import AlbumWishes
from burnish.playback.devices import device, devices
from burnish.playback.named import CODECS
from burnish.processors import RACK, processor_type
from burnish.release import Release, Track
from burnish.settings import about, rows
from burnish.targets import BAND_EDGES_HZ, delivery, delivery_rows, style, style_rows

Row = dict[str, Any]
Rows = list[Row]


@cache
def styles_told() -> Rows:
    """Every style: its loudness, how sure it is, a line about it, and its tone.

    The tone is told by bands between ``edges_hz``, in dB per octave relative to the mean of 0.8 to
    2.5 kHz; half of the style's records lie between the quartiles.
    """
    return [{**row, "tone": _tone(row["name"])} for row in style_rows()]


def _tone(name: str) -> Row:
    tone = style(name).tone
    return {
        "edges_hz": list(BAND_EDGES_HZ),
        "q25_db": list(tone.q25_db),
        "median_db": list(tone.median_db),
        "q75_db": list(tone.q75_db),
    }


@cache
def targets_told() -> Rows:
    """Every place that a master can be delivered to, with the codecs it is heard through there."""
    return [{**row, "codecs": list(delivery(row["name"]).codecs)} for row in delivery_rows()]


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
        {"name": name, "about": about(kind), "settings": list(rows(kind))}
        for name, kind in ((name, processor_type(name)) for name in RACK)
    ]


@cache
def wishes_told() -> Row:
    """What may be asked of a master and of an album, and how files are written."""
    return {
        "master": [row for row in rows(Wishes) if row["name"] not in NO_WISH],
        "format": list(rows(OutputFormat)),
        "album": list(rows(AlbumWishes)),
        "release": [row for row in rows(Release) if row["name"] != "tracks"],
        "track": list(rows(Track)),
    }


NO_WISH = ("profile", "signature")
"""Wishes that name files of this machine; the studio does not take them."""
