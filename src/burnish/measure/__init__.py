"""Measure: numbers, no opinion. One streaming pass over any length, in constant memory.

    samples -> walk: 5 ms hops -> segments: 100 ms -> loudness, dynamics, stereo
            -> peaks: true peak of each 100 ms
            -> bands: power in bands, 0.2 s apart  -> spectrum, stereo, noise
            -> defects

``meter.py`` drives it; ``model.py`` holds the record that comes out.
"""

from burnish.measure.meter import Meter, measure
from burnish.measure.model import Measurement, Timeline

__all__ = ["Measurement", "Meter", "Timeline", "measure"]
