"""Placed: a preview as it is heard through a device or a codec, as its version is.

The same simulation, gain and noise as in the version's own file (``playback/audition.py``), so that
a moved slider is heard where the person listens. What a codec keeps in mind begins with the lead.
"""

from collections.abc import Iterator

import numpy as np

from burnish.apps.studio.preview import Through
from burnish.playback.codec import round_trip
from burnish.playback.devices import device, devices
from burnish.playback.simulate import NoiseRunner, noise_rms, runners, simulate
from burnish.processors import Block
from burnish.units import gain_from_db


def placed(
    place: str,
    removed: bool,
    rate_hz: int,
    channels: int,
    loudness_lufs: float | None,
    gain_db: float,
    lowered_db: float,
) -> Through:
    """What sends a stream there; ``removed``: gives what the codec takes away instead.

    ``loudness_lufs`` is that of the version before it went there, which the device is driven by;
    ``gain_db`` and ``lowered_db`` are what was done to the version behind it.
    """
    gain = gain_from_db(gain_db - lowered_db)

    def through(blocks: Iterator[Block]) -> Iterator[Block]:
        if place not in devices():
            if removed:
                yield from _taken(blocks, rate_hz, channels, place)
            else:
                for block in round_trip(blocks, rate_hz, channels, place):
                    yield gain * block
            return
        one = device(place)
        noise = None
        if one.noise is not None and loudness_lufs is not None:
            rms = noise_rms(one.noise, loudness_lufs - lowered_db, channels)
            noise = NoiseRunner(one.noise, rms, rate_hz, channels)
        steps = runners(one, rate_hz, channels, loudness_lufs)
        for block in simulate(steps, blocks, channels):
            yield gain * block if noise is None else noise.process(gain * block)

    return through


def _taken(blocks: Iterator[Block], rate_hz: int, channels: int, name: str) -> Iterator[Block]:
    """The sound less what comes back."""
    was: list[Block] = []

    def noted() -> Iterator[Block]:
        for block in blocks:
            was.append(block)
            yield block

    held = np.zeros((channels, 0))
    for now in round_trip(noted(), rate_hz, channels, name):
        held = np.concatenate((held, *was), axis=1)
        was.clear()
        yield held[:, : now.shape[1]] - now
        held = held[:, now.shape[1] :]
