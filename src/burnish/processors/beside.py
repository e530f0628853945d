"""What the nonlinear stages share: the change is made at a higher rate and added beside the sound.

Only what a curve *changes* goes up, through the curve and down again. The sound itself passes
beside it, late by as much, so that its treble keeps what the filters on the way would take.
"""

from abc import abstractmethod

import numpy as np

from burnish.dsp.oversample import Oversampler
from burnish.processors.base import Block, Processor, Runner
from burnish.settings import setting

_PIECE = 4096  # samples worked on at once: at four times the rate they still fit the cache


class Colour(Processor):
    """A nonlinear stage whose change is added to the sound by its amount; at 0 there is none."""

    amount: float = setting(
        0.0, low=0, high=1, help="How much of the colour is added; 0 leaves the sound untouched."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether no colour is added."""
        return self.amount == 0.0


class Beside(Runner):
    """A nonlinear stage at work: at four times the rate, at twice from 88.2 kHz on."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.factor = 4 if rate_hz < 88_200 else 2
        self.sampler = Oversampler(self.factor, channels)
        self.latency = self.sampler.latency
        self.past = np.zeros((channels, self.latency))

    @abstractmethod
    def change(self, samples: Block) -> Block:
        """What the stage adds to these samples, at ``factor`` times the rate."""

    @abstractmethod
    def joined(self, sound: Block, change: Block) -> Block:
        """The output, from the sound and the change, both at the rate of the mix."""

    def process(self, block: Block) -> Block:
        """Let the sound wait for its change, and join them."""
        whole = np.concatenate((self.past, block), axis=1)
        n_samples = block.shape[1]
        self.past = whole[:, n_samples:].copy()
        out = np.empty_like(block)
        for start in range(0, n_samples, _PIECE):
            piece = np.ascontiguousarray(block[:, start : start + _PIECE])
            sound = np.ascontiguousarray(whole[:, start : start + piece.shape[1]])
            change = self.sampler.down(self.change(self.sampler.up(piece)))
            out[:, start : start + _PIECE] = self.joined(sound, change)
        return out
