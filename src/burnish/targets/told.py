"""Styles and deliveries in rows, for lists and pages: the figures that one chooses by."""

from typing import Any

from burnish.targets.shelf import deliveries, delivery, style, styles

Row = dict[str, Any]


def style_rows() -> list[Row]:
    """Every style: where its loudness lies, the least peak to loudness, how sure that is."""
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


def delivery_rows() -> list[Row]:
    """Every place that a master can be delivered to: its loudness, its ceiling, its files."""
    return [
        {
            "name": one.name,
            "product": one.product,
            "loudness_lufs": one.loudness_lufs,
            "loudness_is": one.loudness_is,
            "ceiling_dbtp": one.ceiling_dbtp,
            "formats": list(one.formats),
            "files": list(one.files),
            "date": one.date,
            "confidence": one.confidence,
        }
        for one in map(delivery, deliveries())
    ]
