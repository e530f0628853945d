"""What every processor is: declared settings that can start a runner, and the runner itself."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.settings import Settings

Block = NDArray[np.float64]
"""Samples as float64, shape ``(channels, samples)``, C-contiguous."""


class Processor(Settings):
    """Settings of one processor. Every default is neutral: together the bit-exact identity."""

    name: ClassVar[str]

    def start(self, rate_hz: int, channels: int) -> "Runner":
        """Design for this rate and return a fresh runner. ``channels`` is 1 or 2."""
        raise TypeError(f"{type(self).__name__} has no runner")

    @property
    def is_neutral(self) -> bool:
        """Whether these settings leave every sample as it is."""
        return self == type(self)()


def refuse_more_bands(n_bands: int, most: int) -> None:
    """Raise the ``SettingError`` of a processor that is given more bands than it takes."""
    if n_bands > most:
        raise SettingError("setting-range", f"bands: {n_bands} given; must be 0 to {most} bands")


class Runner(ABC):
    """A processor at work on one stream. Any split of the stream into blocks gives the same bits.

    ``latency`` is the delay of the output in samples; the chain takes it out again.
    """

    latency: int = 0

    @abstractmethod
    def process(self, block: Block) -> Block:
        """Take ``(channels, n)`` samples, n >= 0, and return as many, ``latency`` samples late.

        The input block is never changed; the output may be the input itself where nothing is done.
        """

    def close(self) -> None:  # noqa: B027  most have nothing to end
        """End what it holds outside, as a process. The stream is over, or nobody takes it."""


class Identity(Runner):
    """The runner of a neutral processor: every sample as it is."""

    def process(self, block: Block) -> Block:
        """Return the block itself."""
        return block


class FixedBlocks(Runner):
    """A runner whose inner work needs blocks of one fixed size (an FFT, a control rate).

    It collects what comes until ``size`` samples are there, so the inner work sees the same blocks
    whatever the split. That costs ``size`` samples of latency on top of the inner work's own.
    """

    def __init__(self, size: int, channels: int, inner_latency: int = 0) -> None:
        self.size = size
        self.latency = size + inner_latency
        self._in = np.zeros((channels, size))
        self._out = np.zeros((channels, size))
        self._filled = 0

    @abstractmethod
    def run(self, block: Block) -> Block:
        """Process exactly ``size`` samples. The block is not to be changed, and not to be kept."""

    def process(self, block: Block) -> Block:
        """Feed any number of samples and get as many."""
        n_samples = block.shape[1]
        out = np.empty_like(block, order="C")
        done = 0
        while done < n_samples:
            n = min(n_samples - done, self.size - self._filled)
            here = slice(self._filled, self._filled + n)
            out[:, done : done + n] = self._out[:, here]
            self._in[:, here] = block[:, done : done + n]
            self._filled += n
            done += n
            if self._filled == self.size:
                self._out = self.run(self._in)
                self._filled = 0
        return out
