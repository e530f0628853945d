"""What a master shall be: styles (taste), deliveries (facts), profiles (learned), one target.

``style/*.toml`` and ``delivery/*.toml`` hold the figures, each with its source, and ``shelf.py``
reads them. ``model.py`` has the records. A ``Portrait`` is a sound as a match sees it, a profile
what many portraits have in common. ``record.py`` knows what fits on a side of vinyl.
"""

from burnish.targets.model import (
    BAND_EDGES_HZ,
    N_BANDS,
    Delivery,
    Dynamics,
    Floors,
    Stereo,
    Style,
    StyleLoudness,
    Target,
    Tone,
)
from burnish.targets.portrait import PERCENTILES, THIRDS_HZ, Portrait, Section, merged
from burnish.targets.shelf import deliveries, delivery, style, styles
from burnish.targets.told import delivery_rows, style_rows

__all__ = [
    "BAND_EDGES_HZ",
    "N_BANDS",
    "PERCENTILES",
    "THIRDS_HZ",
    "Delivery",
    "Dynamics",
    "Floors",
    "Portrait",
    "Section",
    "Stereo",
    "Style",
    "StyleLoudness",
    "Target",
    "Tone",
    "deliveries",
    "delivery",
    "delivery_rows",
    "merged",
    "style",
    "style_rows",
    "styles",
]
