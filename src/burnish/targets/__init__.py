"""What a master shall be: styles (taste), deliveries (facts), profiles (learned), one target."""

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
