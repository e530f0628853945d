"""What a master shall be: styles (taste), deliveries (facts), and the target of one job."""

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
from burnish.targets.shelf import deliveries, delivery, style, styles

__all__ = [
    "BAND_EDGES_HZ",
    "N_BANDS",
    "Delivery",
    "Dynamics",
    "Floors",
    "Stereo",
    "Style",
    "StyleLoudness",
    "Target",
    "Tone",
    "deliveries",
    "delivery",
    "style",
    "styles",
]
