"""Excerpt: the loudest ten seconds of a master on the usual devices, for who finishes it.

``burnish playback`` plays all of a sound, on any device.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from burnish.audio import Audio, AudioSource, Source
from burnish.measure import Measurement
from burnish.measure.segments import SEGMENTS_PER_S
from burnish.playback.listening import loudest
from burnish.playback.named import places
from burnish.playback.play import heard_of, is_heard, on_device
from burnish.playback.result import OnDevice

LENGTH_S = 10


@dataclass(frozen=True)
class OnDevices:
    """Part of a sound as devices play it; ``start_s`` says which."""

    start_s: float
    duration_s: float
    devices: tuple[OnDevice, ...]

    def to_json(self) -> dict[str, Any]:
        """Scores and sentences."""
        return {
            "start_s": round(self.start_s, 3),
            "duration_s": round(self.duration_s, 3),
            "devices": [
                {
                    "name": one.device.name,
                    "title": one.device.title,
                    "score": round(one.translation.score, 1),
                    "sentence": one.sentence,
                }
                for one in self.devices
            ],
        }


def on_devices(sound: Source, measured: Measurement) -> OnDevices | None:
    """Play the loudest ten seconds on the usual devices; None: too short, or silent."""
    first, last = loudest(measured.timeline, LENGTH_S)
    start_s, end_s = first / SEGMENTS_PER_S, last / SEGMENTS_PER_S
    rate_hz = sound.info.rate_hz
    blocks = list(sound.blocks(start=round(start_s * rate_hz), stop=round(end_s * rate_hz)))
    if not blocks:
        return None
    part = AudioSource(Audio(np.concatenate(blocks, axis=1), rate_hz))
    of_part, heard = heard_of(part)
    loudness = of_part.loudness.integrated_lufs
    if loudness is None or not is_heard(loudness):
        return None
    with ThreadPoolExecutor(2) as pool:
        played = pool.map(lambda one: on_device(part, one, heard, loudness), places(()).devices)
        return OnDevices(start_s, end_s - start_s, tuple(played))
