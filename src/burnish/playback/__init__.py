"""Playback: how a master sounds elsewhere: on devices, on services, behind codecs.

play.py        a sound taken to every place, and judged there
devices.py, simulate.py   a phone, a car, a club (device/*.toml)
services.py    what a streaming service does to the loudness
codec.py, through.py      a codec's round trip, and what it took away
hearing.py -> score.py -> said.py    what is heard, what of it is lost, in words
audition.py, listening.py    files and a pair to be heard, all equally loud
"""

from burnish.playback.codec import (
    Codec,
    codec,
    decoded_true_peak_dbtp,
    decoded_true_peaks,
    round_trip,
)

__all__ = ["Codec", "codec", "decoded_true_peak_dbtp", "decoded_true_peaks", "round_trip"]
