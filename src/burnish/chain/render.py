"""Render: play a plan. It never decides; the same plan and input give the same bits.

Every step delays by its own latency; here each is taken out again, so that the output lines up
with the input and is as long. A change of rate stands before the limiter, which then holds the
ceiling at the rate that is delivered.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from burnish.chain.ahead import ahead, close
from burnish.chain.plan import On, Step
from burnish.chain.work import Watch
from burnish.processors import Block, Runner


def render(
    steps: Sequence[Step],
    blocks: Iterable[Block],
    rate_hz: int,
    channels: int,
    out_rate_hz: int | None = None,
    watch: Watch | None = None,
    first: int = 0,
) -> Iterator[Block]:
    """Play ``steps`` over a stream of blocks ``(channels, n)``; give a stream of blocks.

    The output has as many samples as the input, or ``round(n * out_rate_hz / rate_hz)``. The parts
    before and after the change of rate (or before and in the limiter) run in threads of their own.
    A ``watch`` sees what the steps take away; ``first`` is the place of the first in their plan.
    """
    out_rate_hz = out_rate_hz or rate_hz
    cut = _last(steps, "limiter")
    stream = ahead(play(steps[:cut], blocks, rate_hz, channels, watch, first))
    if out_rate_hz != rate_hz:
        stream = _resampled(stream, rate_hz, out_rate_hz, channels)
    return ahead(play(steps[cut:], stream, out_rate_hz, channels, watch, first + cut))


def play(
    steps: Sequence[Step],
    blocks: Iterable[Block],
    rate_hz: int,
    channels: int,
    watch: Watch | None = None,
    first: int = 0,
) -> Iterator[Block]:
    """Play steps at one rate, in this thread; latency taken out, as long as the input."""
    for place, step in enumerate(steps, first):
        if not step.bypass:
            blocks = _played(step, blocks, rate_hz, channels, watch, place)
    yield from _closing(blocks)


def _played(
    step: Step,
    blocks: Iterable[Block],
    rate_hz: int,
    channels: int,
    watch: Watch | None,
    place: int,
) -> Iterator[Block]:
    runner = start(step, rate_hz, channels)
    before, behind = (None, None) if watch is None else watch.around(place, step, rate_hz)
    if before is None or behind is None:
        return in_place(runner, blocks, channels)
    return behind.watch(in_place(runner, before.watch(blocks), channels))


def side_by_side(
    steps: Sequence[Step],
    blocks: Iterable[Block],
    rate_hz: int,
    channels: int,
    watch: Watch | None = None,
) -> Iterator[Block]:
    """Play steps as ``play`` does, each in a thread of its own."""
    for place, step in enumerate(steps):
        blocks = ahead(play([step], blocks, rate_hz, channels, watch, place), depth=1)
    yield from _closing(blocks)


def in_place(runner: Runner, blocks: Iterable[Block], channels: int) -> Iterator[Block]:
    """Run a stream through a runner and take its latency out.

    So every step counts time from the first sample of the mix, whatever comes before it: what is
    bypassed, or runs in another thread, changes nothing else.
    """
    early = runner.latency
    try:
        for block in _closing(blocks, np.zeros((channels, early))):
            out = runner.process(block)
            dropped = min(early, out.shape[1])
            early -= dropped
            if out.shape[1] > dropped:
                yield np.ascontiguousarray(out[:, dropped:]) if dropped else out
    finally:
        runner.close()


def _closing(blocks: Iterable[Block], last: Block | None = None) -> Iterator[Block]:
    """The same blocks, and ``last`` behind them. The stream is closed when its reader is done.

    An error keeps frames alive, and with them their streams; closed ones have no threads left.
    """
    try:
        yield from blocks
        if last is not None and last.shape[1]:
            yield last
    finally:
        close(blocks)


def start(step: Step, rate_hz: int, channels: int) -> Runner:
    """A runner for one step, on the part of the sound that the step names."""
    if step.on == "stereo" or (channels == 1 and step.on in ("mid", "left")):
        return step.settings.start(rate_hz, channels)
    if channels == 1:
        return _Nothing()  # a mono mix has no side and no right
    return _OnPart(step.settings.start(rate_hz, 1), step.on)


class _Nothing(Runner):
    """The part that the step works on is not there."""

    def process(self, block: Block) -> Block:
        return block


class _OnPart(Runner):
    """Let a processor work on mid, side, left or right alone.

    What it changes is added to the channels, so a step that changes nothing leaves their bits.
    """

    def __init__(self, inner: Runner, on: On) -> None:
        self.inner = inner
        self.on = on
        self.latency = inner.latency
        self._late = np.zeros((2, inner.latency))

    def process(self, block: Block) -> Block:
        n_samples = block.shape[1]
        done = self.inner.process(part(block, self.on))
        held = np.concatenate((self._late, block), axis=1) if self.latency else block
        self._late = held[:, n_samples:].copy()
        now = held[:, :n_samples]
        change = (done - part(now, self.on))[0]
        out = now.copy()
        if self.on in ("mid", "left", "side"):
            out[0] += change
        if self.on in ("mid", "right"):
            out[1] += change
        if self.on == "side":
            out[1] -= change
        return out


def part(block: Block, on: On) -> Block:
    """Mid, side, left or right of a stereo block, (1, samples)."""
    left, right = block[0:1], block[1:2]
    if on == "mid":
        return np.ascontiguousarray((left + right) / 2)
    if on == "side":
        return np.ascontiguousarray((left - right) / 2)
    return np.ascontiguousarray(left if on == "left" else right)


def _resampled(
    blocks: Iterable[Block], rate_hz: int, out_rate_hz: int, channels: int
) -> Iterator[Block]:
    from burnish.dsp.resample import Resampler  # soxr is loaded only where it is needed

    resampler = Resampler(rate_hz, out_rate_hz, channels)
    for block in _closing(blocks):
        if (out := resampler.process(block)).shape[1]:
            yield out
    if (out := resampler.finish()).shape[1]:
        yield out


def _last(steps: Sequence[Step], processor: str) -> int:
    """Where the last step of that processor stands; the end where there is none."""
    places = [i for i, step in enumerate(steps) if step.processor == processor]
    return places[-1] if places else len(steps)
