"""Playback: how a master sounds elsewhere. A codec's round trip."""

from burnish.playback.codec import (
    Codec,
    codec,
    decoded_true_peak_dbtp,
    decoded_true_peaks,
    round_trip,
)

__all__ = ["Codec", "codec", "decoded_true_peak_dbtp", "decoded_true_peaks", "round_trip"]
