"""What every processor is: declared settings that can start a runner, and the runner itself."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.settings import Settings

Block = NDArray[np.float64]
"""Samples as float64, shape ``(channels, samples)``, C-contiguous."""


class Processor(Settings):
    """Settings of one processor. The default of every setting is neutral: the bit-exact identity."""

    name: ClassVar[str]

    def start(self, rate_hz: int, channels: int) -> "Runner":
        """Design for this rate and return a fresh runner. ``channels`` is 1 or 2."""
        raise TypeError(f"{type(self).__name__} has no runner")

    @property
    def is_neutral(self) -> bool:
        """Whether these settings leave every sample as it is."""
        return self == type(self)()


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
        self._waiting = np.zeros((channels, 0))
        self._ready = np.zeros((channels, size))

    @abstractmethod
    def run(self, block: Block) -> Block:
        """Process exactly ``size`` samples; the block may be a view and must not be changed."""

    def process(self, block: Block) -> Block:
        """Feed any number of samples and get as many."""
        n_samples = block.shape[1]
        waiting = np.concatenate((self._waiting, block), axis=1) if self._waiting.size else block
        whole = waiting.shape[1] // self.size
        done = [self._ready]
        for i in range(whole):
            piece = waiting[:, i * self.size : (i + 1) * self.size]
            done.append(self.run(np.ascontiguousarray(piece)))
        self._waiting = waiting[:, whole * self.size :].copy()
        ready = np.concatenate(done, axis=1) if len(done) > 1 else self._ready
        self._ready = ready[:, n_samples:].copy()
        return np.ascontiguousarray(ready[:, :n_samples])
