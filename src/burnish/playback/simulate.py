"""Simulate: the sound as a device plays it, in blocks, in time with the sound itself.

    drive -> stereo -> filters -> torn cone -> protection -> limiter -> room -> drive undone

Only what holds back or distorts needs the drive (``DRIVEN_LUFS``); elsewhere every sample keeps its
scale, so that a device that does nothing gives back every bit.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from burnish.chain.render import in_place
from burnish.dsp import matched
from burnish.dsp.biquad import Cascade, response
from burnish.playback.devices import DRIVEN_LUFS, Buzz, Device, Noise
from burnish.processors import Block, Runner
from burnish.processors.compressor import Compressor, CompressorRunner
from burnish.processors.dynamic_eq import DynamicEq
from burnish.processors.equalizer import Equalizer
from burnish.processors.gain import Gain
from burnish.processors.width import Width
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

_SILENT_LUFS = -70.0  # what is quieter than the gate of BS.1770 is not turned up
_BINS = 1 << 16  # of the grid on which the power of a noise is summed


class HeldBack(CompressorRunner):
    """A device's limiter, which remembers how much it took."""

    def __init__(self, settings: Compressor, rate_hz: int, channels: int) -> None:
        super().__init__(settings, rate_hz, channels)
        self.most_db = 0.0
        self._sum_db, self._heard = 0.0, 0

    @property
    def mean_db(self) -> float:
        """Mean reduction over all that was played, dB, 0 or above."""
        return self._sum_db / self._heard if self._heard else 0.0

    def gain(self, block: Block) -> Floats:
        """The linear gain for each sample, noted."""
        gain = super().gain(block)
        if gain.size:
            taken_db = -20.0 * np.log10(np.maximum(gain, 1e-10))
            self.most_db = max(self.most_db, float(taken_db.max()))
            self._sum_db += float(taken_db.sum())
            self._heard += taken_db.size
        return gain


class BuzzRunner(Runner):
    """Adds what a torn cone makes of the bass. The bass itself is the filters' matter.

    tanh of a tone loses its harmonics so fast that nothing folds back: driven by 12 dB, those of
    120 Hz are 110 dB down at 4 kHz.
    """

    def __init__(self, buzz: Buzz, rate_hz: int, channels: int) -> None:
        low = min(buzz.low_hz, 0.2 * rate_hz)
        high = min(buzz.high_hz, 0.4 * rate_hz)
        band = (*matched.high_pass(low, 2), *matched.low_pass(high, 2))
        self._band = Cascade([matched.sections(band, rate_hz)] * channels)
        # What the bias adds to the mean is no sound: it is kept off the cone again.
        steady = matched.sections(matched.high_pass(20.0, 1), rate_hz)
        self._steady = Cascade([steady] * channels)
        self._drive = gain_from_db(buzz.drive_db)
        self._mix = gain_from_db(buzz.mix_db)
        self._bias = buzz.bias

    def process(self, block: Block) -> Block:
        """The sound and its buzz."""
        driven = self._drive * self._band.process(block)
        torn = np.tanh(driven + self._bias) - np.tanh(self._bias)
        return np.asarray(block + self._mix * self._steady.process(torn))


def runners(
    device: Device, rate_hz: int, channels: int, integrated_lufs: float | None
) -> list[Runner]:
    """What the sound goes through, in order; nothing for a device that does nothing."""
    drive_db = 0.0
    if not device.is_linear and integrated_lufs is not None and integrated_lufs > _SILENT_LUFS:
        drive_db = min(max(DRIVEN_LUFS - integrated_lufs, -60.0), 40.0)
    wide = device.side_gain
    linear = (
        Gain(gain_db=drive_db),
        Width(low_width=wide, mid_width=wide, high_width=wide, mono_below_hz=device.mono_below_hz),
        Equalizer(bands=device.bands),
    )
    steps: list[Runner] = [one.start(rate_hz, channels) for one in linear if not one.is_neutral]
    if device.buzz is not None:
        steps.append(BuzzRunner(device.buzz, rate_hz, channels))
    if device.protection:
        steps.append(DynamicEq(bands=device.protection).start(rate_hz, channels))
    if device.limiter is not None:
        steps.append(HeldBack(device.limiter, rate_hz, channels))
    if device.room is not None:
        steps.append(device.room.start(rate_hz, channels))
    if drive_db:
        steps.append(Gain(gain_db=max(-drive_db, -60.0)).start(rate_hz, channels))
    return steps


def simulate(runners: Iterable[Runner], blocks: Iterable[Block], channels: int) -> Iterator[Block]:
    """Play a stream of ``(channels, n)`` blocks through a device; as long as it was.

    Any split into blocks gives the same bits. Latency is taken out. The noise around the device is
    not in it: that is ``NoiseRunner``.
    """
    for runner in runners:
        blocks = in_place(runner, blocks, channels)
    yield from blocks


def noise_rms(noise: Noise, integrated_lufs: float, channels: int) -> float:
    """RMS of the noise in each channel, where music of this loudness plays.

    A steady 1 kHz tone of that loudness would have the music's RMS (BS.1770: -0.7 dB and 0.7 dB of
    the K-weighting's gain there), the channels' powers added.
    """
    return gain_from_db(integrated_lufs - noise.below_music_db) / float(np.sqrt(channels))


class NoiseRunner(Runner):
    """Adds noise that is the same for the same seed, rate and channels, whatever the blocks."""

    def __init__(self, noise: Noise, rms: float, rate_hz: int, channels: int) -> None:
        sections = _colour(noise, rate_hz)
        self._filter = Cascade([sections] * channels)
        self._gain = rms / np.sqrt(float(_white_to_colour(sections, rate_hz).mean()))
        self._random = np.random.default_rng(noise.seed)
        self._channels = channels

    def process(self, block: Block) -> Block:
        """The sound, and the noise."""
        drawn = self._random.standard_normal((block.shape[1], self._channels)).T
        return np.asarray(block + self._gain * self._filter.process(np.ascontiguousarray(drawn)))


def noise_power(noise: Noise, rms: float, frequencies_hz: Floats, rate_hz: int) -> Floats:
    """Power of the noise per Hz at these frequencies, in one channel."""
    sections = _colour(noise, rate_hz)
    scale = rms**2 / float(_white_to_colour(sections, rate_hz).mean()) / (rate_hz / 2.0)
    gain = np.abs(response(sections, frequencies_hz, rate_hz))
    return np.asarray(scale * gain**2)


def _colour(noise: Noise, rate_hz: int) -> Floats:
    return matched.sections(tuple(a for band in noise.bands for a in band.analogue()), rate_hz)


def _white_to_colour(sections: Floats, rate_hz: int) -> Floats:
    grid = np.asarray((np.arange(_BINS) + 0.5) * (0.5 * rate_hz / _BINS), dtype=np.float64)
    return np.asarray(np.abs(response(sections, grid, rate_hz)) ** 2)
