"""Programme: the sequence of a release at one rate, under its ceiling, and rounded once.

Masters keep their ceiling, but two that cross may pass it together, and so may what a change of
rate makes of one. Then, and only then, a limiter holds the programme; under the ceiling it keeps
every bit.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Block, Source, open_source
from burnish.audio.source import BLOCK_SAMPLES
from burnish.chain.ahead import ahead
from burnish.chain.layout import Layout
from burnish.chain.render import in_place
from burnish.chain.sequence import SequenceSource, WholeNumbers
from burnish.deliver.order import Master, Order
from burnish.dsp.dither import Quantiser
from burnish.dsp.truepeak import PAD, true_peak_steps
from burnish.processors.limiter import Limiter

_PIECE = 1 << 20  # samples held at once, a whole number of the limiter's own blocks at any rate
_EARLY = 1 << 18  # samples heard before: 1.4 s at 192 kHz, when no peak acts any more
_HAIR = 1.00025  # 0.002 dB: twelve masters came out up to 2e-6 over, white noise driven hard 2e-4
_STEP = 4096  # samples in one step of the peak meter
_LATE = 1 << 14  # samples heard behind: more than any look-ahead


@dataclass(frozen=True)
class Programme:
    """The continuous programme of a release at one rate."""

    source: Source
    layout: Layout
    kept: tuple[WholeNumbers, ...]
    """Where samples keep the bits of a file of whole numbers."""
    held: bool
    """Whether a limiter stands before it, as crossfades or a change of rate are in it."""

    def quantised(self, bits: int, dither: str, seed: int = 1) -> Iterator[NDArray[np.int32]]:
        """All of it as whole numbers of ``bits`` bits, (channels, n), each sample rounded once.

        What is kept of a file of no more bits keeps them; the rest is dithered as ``dither`` says
        ("none", "tpdf" or a shape), from its own noise in each stretch. Silence stays black.
        """
        for number, (start, stop, whole) in enumerate(_stretches(self, bits)):
            quantiser = Quantiser(
                bits,
                "none" if whole else dither,
                seed + number,
                self.layout.channels,
                self.layout.rate_hz,
            )
            for block in self.source.blocks(start=start, stop=stop):
                yield quantiser.process(block)
            yield quantiser.finish()


def _stretches(programme: Programme, bits: int) -> Iterator[tuple[int, int, bool]]:
    """(start, stop, whether its bits are kept), one after the other, over all of the programme."""
    at = 0
    for one in programme.kept:
        if one.bits > bits:
            continue
        if at < one.start:
            yield at, one.start, False
        yield one.start, one.stop, True
        at = one.stop
    if at < programme.layout.n_samples:
        yield at, programme.layout.n_samples, False


@contextmanager
def programme_of(order: Order, rate_hz: int, cd_frames: bool = False) -> Iterator[Programme]:
    """Open the masters and give their programme; they are closed behind the block."""
    with ExitStack() as held:

        def opened(master: Master) -> Source:
            return held.enter_context(open_source(master.file))

        sources = [opened(master) for master in order.masters]
        hidden = None if order.hidden is None else opened(order.hidden)
        sequence = SequenceSource(
            order.release, sources, hidden, rate_hz=rate_hz, cd_frames=cd_frames
        )
        everyone = [*sources, *([hidden] if hidden is not None else [])]
        may_pass = any(one.info.rate_hz != rate_hz for one in everyone) or any(
            placed.join == "crossfade" for placed in sequence.layout.tracks
        )
        kept = sequence.whole_numbers()
        source: Source = sequence
        if may_pass:
            source = HeldSource(sequence, order.ceiling_dbtp, kept)
        yield Programme(source, sequence.layout, kept, may_pass)


class HeldSource(Source):
    """Another source, its true peaks held at a ceiling; what is ``kept`` is left as it is.

    It is held in pieces that each begin with what was heard before, so that any part may be read
    for itself, and is the same bits however it is read.
    """

    def __init__(
        self, whole: Source, ceiling_dbtp: float, kept: tuple[WholeNumbers, ...] = ()
    ) -> None:
        self.info = replace(whole.info, codec="float", bits=64, is_float=True)
        self._whole = whole
        self._limiter = Limiter(ceiling_dbtp=ceiling_dbtp)
        self._kept = kept

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        rest = np.empty((self.info.channels, 0))
        for piece in ahead(self._pieces(start, stop), depth=1):
            rest = np.concatenate((rest, piece), axis=1) if rest.shape[1] else piece
            while rest.shape[1] >= block_samples:
                yield np.ascontiguousarray(rest[:, :block_samples])
                rest = rest[:, block_samples:]
        if rest.shape[1]:
            yield np.ascontiguousarray(rest)

    def _pieces(self, start: int, stop: int) -> Iterator[Block]:
        for first in range(start // _PIECE * _PIECE, stop, _PIECE):
            last = min(first + _PIECE, self.info.n_samples)
            done = self._held(first, last)
            a, b = max(first, start), min(last, stop)
            yield done[:, a - first : b - first]

    def _held(self, first: int, last: int) -> Block:
        """The samples from ``first`` to ``last``, held, and what is kept as it was."""
        early = max(0, first - _EARLY)
        late = min(self.info.n_samples, last + _LATE)
        around = np.zeros((self.info.channels, PAD + late - early + PAD))
        heard = around[:, PAD:-PAD]
        begin, end = max(0, early - PAD), min(self.info.n_samples, late + PAD)
        at = PAD - (early - begin)
        for block in self._whole.blocks(BLOCK_SAMPLES, begin, end):
            around[:, at : at + block.shape[1]] = block
            at += block.shape[1]
        if not self._passes(around):
            return heard[:, first - early : last - early]
        runner = self._limiter.start(self.info.rate_hz, self.info.channels)
        starts = range(0, heard.shape[1], BLOCK_SAMPLES)
        blocks = (heard[:, k : k + BLOCK_SAMPLES] for k in starts)
        held = np.concatenate(list(in_place(runner, blocks, self.info.channels)), axis=1)
        out = held[:, first - early : last - early]
        for one in self._kept:
            a, b = max(one.start, first), min(one.stop, last)
            if a < b:
                out[:, a - first : b - first] = heard[:, a - early : b - early]
        return out

    def _passes(self, around: Block) -> bool:
        """Whether a peak is over what the limiter lets through: where none is, nothing is done.

        A master that was held by the same limiter is a hair over it, as its gain moved, and as it
        was rounded to 32 bits: that is not limited again.
        """
        level = _HAIR * self._limiter.held_at
        return float(true_peak_steps(around, _STEP, 16, level).max(initial=0.0)) > level
