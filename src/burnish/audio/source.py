"""Source: where sound comes from, in blocks, as often as asked. In memory, or a file."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from burnish.audio.model import HIGHEST_RATE_HZ, LOWEST_RATE_HZ, Audio
from burnish.errors import InputError

Block = NDArray[np.float64]

BLOCK_SAMPLES = 65_536
"""1.5 s at 44.1 kHz: a stereo block is 1 MiB, which the second-level caches of today hold."""


@dataclass(frozen=True)
class SourceInfo:
    """What is known of a source before any of it is read."""

    path: Path | None
    """The file; None: in memory."""
    format: str
    """Kind of file: "wav", "rf64", "flac", "mp3", "m4a" ..., or "memory"."""
    codec: str
    """How samples are coded in it: "pcm", "float", "flac", "alac", "mp3", "aac", "opus" ..."""
    bits: int | None
    """Bits of a stored sample; None: a lossy codec, which has no such thing."""
    is_float: bool
    """Whether the stored samples are floating-point numbers."""
    rate_hz: int
    channels: int
    n_samples: int
    """Samples of each channel, encoder delay and padding taken off where the file tells them."""
    remarks: tuple[str, ...] = ()
    """What a person should hear of: a header that promises more than there is, damaged parts."""
    called: str = "the audio"
    """What to call it in a sentence where it is no file."""

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return self.n_samples / self.rate_hz

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return str(self.path) if self.path is not None else self.called


class Source(ABC):
    """Sound to be read in blocks. A context manager; several passes may run at the same time."""

    info: SourceInfo

    def blocks(
        self, block_samples: int = BLOCK_SAMPLES, start: int = 0, stop: int | None = None
    ) -> Iterator[Block]:
        """Read samples ``start`` to ``stop`` (None: the end) as float64 blocks (channels, n).

        Each call is a pass of its own. Every block but the last has ``block_samples`` samples;
        where there is nothing to read there is no block. ``start`` and ``stop`` count from 0 and
        are cut to the length. A sample that is NaN or infinite is an ``InputError``.
        """
        if block_samples < 1 or start < 0:
            raise ValueError(f"block_samples={block_samples}, start={start}: must be >= 1 and >= 0")
        end = self.info.n_samples if stop is None else min(stop, self.info.n_samples)
        if start >= end:
            return iter(())
        blocks = self._read(block_samples, start, end)
        whole_numbers = self.info.bits is not None and not self.info.is_float
        return blocks if whole_numbers else self._checked(start, blocks)

    def _checked(self, start: int, blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            with np.errstate(all="ignore"):
                suspect = not np.isfinite(block.sum())
            if suspect and not (finite := np.isfinite(block)).all():
                place = int(np.argmin(finite.all(axis=0)))
                channel = int(np.argmin(finite[:, place]))
                raise InputError(
                    "input-not-finite",
                    f"{self.info.name}: sample {start + place} of channel {channel + 1} "
                    f"(at {(start + place) / self.info.rate_hz:.3f} s) is "
                    f"{block[channel, place]}, not a number that can be played",
                )
            start += block.shape[1]
            yield block

    @abstractmethod
    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        """Read blocks; 0 <= start < stop <= n_samples."""

    def read(self) -> Audio:
        """Read all of it into memory."""
        samples = np.empty((self.info.channels, self.info.n_samples))
        done = 0
        for block in self.blocks():
            samples[:, done : done + block.shape[1]] = block
            done += block.shape[1]
        return Audio(samples, self.info.rate_hz)

    def close(self) -> None:  # noqa: B027  most hold nothing
        """Give back what is held: files, temporary files."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AudioSource(Source):
    """Audio in memory as a source. It may be empty; more than two channels are an InputError."""

    def __init__(self, audio: Audio) -> None:
        self.audio = audio
        self.info = SourceInfo(
            path=None,
            format="memory",
            codec="float",
            bits=64,
            is_float=True,
            rate_hz=audio.rate_hz,
            channels=audio.channels,
            n_samples=audio.n_samples,
        )
        refuse_more_than_stereo(self.info.name, audio.channels)

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        for i in range(start, stop, block_samples):
            yield np.ascontiguousarray(self.audio.samples[:, i : min(i + block_samples, stop)])

    def read(self) -> Audio:
        """The audio itself, checked."""
        for _ in self.blocks():
            pass
        return self.audio


def accepted(info: SourceInfo) -> SourceInfo:
    """The info itself, where burnish can master what it tells of; else the ``InputError``."""
    refuse_more_than_stereo(info.name, info.channels)
    if not LOWEST_RATE_HZ <= info.rate_hz <= HIGHEST_RATE_HZ:
        raise InputError(
            "input-rate",
            f"{info.name}: has {info.rate_hz} Hz; must be {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz",
        )
    if info.n_samples == 0:
        raise InputError("input-empty", f"{info.name}: holds no samples")
    return info


def refuse_more_than_stereo(name: str, channels: int) -> None:
    """Raise the ``InputError`` that says what to do with a surround file."""
    if channels > 2:
        raise InputError(
            "input-channels",
            f"{name}: has {channels} channels; burnish takes 1 or 2. Mix it down to stereo first, "
            f"for example: ffmpeg -i IN -ac 2 OUT.wav",
        )
