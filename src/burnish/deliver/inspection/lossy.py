"""A lossy file that nobody has decoded yet: its length and its true peak, as it comes back."""

from pathlib import Path

from burnish.audio import SourceInfo, open_source
from burnish.dsp.truepeak import TruePeak
from burnish.units import db_from_gain

_STEP = 4096


def decoded_peak(path: Path) -> tuple[SourceInfo, float]:
    """Decode a file: what it is, and its true peak in dBTP."""
    with open_source(path) as source:
        meter = TruePeak(source.info.channels, step=_STEP)
        for block in source.blocks():
            meter.floor = max(meter.floor, float(meter.feed(block).max(initial=0.0)))
        top = max(meter.floor, float(meter.finish().max(initial=0.0)))
        return source.info, db_from_gain(top)
