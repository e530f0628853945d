"""One stage of the limiter: ask, join what is near, widen, let go, average, take away.

Each piece is a function of its own; ``limiter.py`` tells how the stages work together.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.sliding import FIXED_POINT, box, closing, opening, sliding_max
from burnish.dsp.truepeak import PAD, true_peak_steps
from burnish.processors.base import Block

BLOCK_STEPS = 2048  # steps worked on at once
UNDER_READ = 0.93  # 8x under-reads by cos(pi / 16) = 0.981 at most; the rest is the gain that moves
GONE = 2.0**-24  # a reduction below this (5e-7 dB) is over


class Stage:
    """One stage: what it asks for, the envelope of that, and the sound with it taken away.

    ``run`` takes and gives blocks of ``BLOCK_STEPS`` steps, ``latency`` samples late. The pieces
    (asking, closing, widening, release, averaging, applying) are functions of their own.
    """

    def __init__(
        self,
        channels: int,
        step: int,
        *,
        ceiling: float,
        half_width: int = 0,
        most: tuple[float, float] = (1.0, 1.0),
        factor: int = 1,
        gap: int = 0,
        length: int = 0,
        attack: int = 1,
        release: float = 0.0,
        slow: float = 1.0,
        link_transients: float = 1.0,
        link_release: float = 1.0,
    ) -> None:
        self.step, self.ceiling, self.most, self.factor = step, ceiling, most, factor
        self.gap, self.length, self.attack = gap, length, attack
        self.release, self.slow = release, slow
        self.link_transients, self.link_release = link_transients, link_release
        self.half_width = half_width
        self.boxes = ((attack + 2) // 2, attack + 2 - (attack + 2) // 2)

        # Where the channels are linked all the way their envelopes are one, and made once.
        self.linked = channels > 1 and link_transients == 1.0
        rows = 1 if self.linked else channels
        size = step * BLOCK_STEPS
        self.margin = 3 * half_width if half_width else PAD
        self.detect_late = -(-self.margin // step) * step
        self.latency = self.detect_late + (gap + length + attack + 2) * step
        self.past = self.latency + 2 * self.margin + step
        self.x = np.zeros((channels, self.past + size))
        self.band = np.zeros((channels, self.latency - self.detect_late + size))
        self.asked = np.zeros((rows, BLOCK_STEPS + 2 * (gap + length) + attack + 2))
        self.eased = np.zeros((rows, BLOCK_STEPS + 2 + attack), dtype=np.int64)
        self.state = np.zeros((2, rows))  # tail of the release, slow average
        # True peaks of the steps, from where they are found to where the share is known; and what
        # is left of them then. The newest ``detect_late`` of another stage's wait in ``watched``.
        self.peaks = np.zeros((channels, (self.latency - self.detect_late) // step + BLOCK_STEPS))
        self.left_over = np.zeros((channels, BLOCK_STEPS))
        self.watched = np.zeros((channels, self.detect_late // step + 1 + BLOCK_STEPS))

    def run(self, block: Block, watch: NDArray[np.float64] | None = None) -> Block:
        """Take one block and give one, ``latency`` samples late.

        ``watch``: roughly the true peak of every step of the block; where it is known to be well
        under the ceiling nothing is looked for.
        """
        size = block.shape[1]
        _push(self.x, block)
        # What is asked, in the newest steps that have their margin of context on both sides.
        stop = self.x.shape[1] - self.detect_late
        around = self.x[:, stop - size - self.margin : stop + self.margin]
        loud = np.abs(around).max() > (self.ceiling if self.half_width else 0.0)
        asked = np.zeros((len(block), BLOCK_STEPS))
        if self.half_width:
            band = np.zeros_like(around)
            smooth_thrice(around, self.half_width, band)
            _push(self.band, band[:, self.margin : self.margin + size])
            if loud:
                inner = around[:, self.margin : self.margin + size]
                ask_of_band(
                    inner, self.band[:, -size:], self.step, self.ceiling, self.most[1], asked
                )
        else:
            peaks = np.zeros_like(asked)
            # Exact from a little under the ceiling on: what is just under it at 8x may be over it
            # at 16x, and the stage that looks there goes by what was found here.
            floor: float | NDArray[np.float64] = UNDER_READ * self.ceiling
            if watch is not None:
                _push(self.watched, watch)
                near = sliding_max(self.watched, 2)[:, :BLOCK_STEPS]
                floor = np.where(near > UNDER_READ * self.ceiling, self.ceiling, np.inf)
            if loud:
                peaks = true_peak_steps(around, self.step, self.factor, floor)
            over = peaks > self.ceiling
            asked[over] = 1.0 - self.ceiling / peaks[over]
            _push(self.peaks, peaks)
        if self.linked:
            asked = asked.max(axis=0, keepdims=True)
        elif self.link_transients > 0 and len(asked) > 1:
            asked = np.maximum(asked, self.link_transients * asked.max(axis=0))
        _push(self.asked, asked)

        begin = self.x.shape[1] - self.latency - size
        x = self.x[:, begin : begin + size]
        if not self.asked.any() and not self.eased.any() and not self.state[0].any():
            self.left_over = self.peaks[:, :BLOCK_STEPS].copy()
            return x.copy()
        share = self.envelope()
        least = np.minimum(np.minimum(share[:, :-2], share[:, 1:-1]), share[:, 2:])
        self.left_over = self.peaks[:, :BLOCK_STEPS] * (1.0 - least)
        band = self.band[:, :size] if self.half_width else x
        out = np.empty_like(block)
        take_away(x, band, share, self.step, out)
        return out

    def envelope(self) -> NDArray[np.float64]:
        """The share to take away at the middle of each step: two more steps than the block has."""
        near = sliding_max(
            self.asked, 2
        )  # a step's neighbours: between the middles it is enough too
        joined = closing(near, self.gap)
        if self.length:
            short = joined[:, self.length : -self.length]
            joined = np.maximum(np.minimum(short, self.most[0]), opening(joined, self.length))
        wide = sliding_max(joined, self.attack)
        eased = np.zeros_like(wide)
        ease(wide, self.release, self.slow, self.link_release, self.state, eased)
        _push(self.eased, np.ceil(eased * FIXED_POINT).astype(np.int64))
        first, second = self.boxes
        total = box(box(self.eased, first), second)
        share: NDArray[np.float64] = total / (FIXED_POINT * first * second)
        return share


def _push(buffer: NDArray[Any], new: NDArray[Any]) -> None:
    """Append at the end of a buffer; the oldest fall out at its beginning."""
    n = new.shape[1]
    buffer[:, :-n] = buffer[:, n:]
    buffer[:, -n:] = new


@njit(cache=True, nogil=True, fastmath=False)
def smooth_thrice(x, half_width, out):  # type: ignore[no-untyped-def]
    """Low-pass ``x`` by three boxes of ``2 half_width + 1`` in a row: linear phase, never negative.

    ``out[i]`` is right from ``3 half_width`` samples after the beginning to as many before the end.
    """
    width = 2 * half_width + 1
    scale = 1.0 / width
    n = x.shape[1]
    one, two = np.zeros((2, n)), np.zeros((2, n))
    for turn in range(3):
        source = x if turn == 0 else (one if turn == 1 else two)
        target = one if turn == 0 else (two if turn == 1 else out)
        # Both channels side by side: each sum waits for itself, together they cost the same.
        left, right = source[0], source[-1]
        to_left, to_right = target[0], target[-1]
        a = b = 0.0
        for i in range(width):
            a += left[i]
            b += right[i]
        to_left[half_width] = a * scale
        to_right[half_width] = b * scale
        for i in range(half_width + 1, n - half_width):
            a += left[i + half_width] - left[i - half_width - 1]
            b += right[i + half_width] - right[i - half_width - 1]
            to_left[i] = a * scale
            to_right[i] = b * scale


@njit(cache=True, nogil=True, fastmath=False)
def ask_of_band(x, band, step, ceiling, most, out):  # type: ignore[no-untyped-def]
    """What share of ``band``, up to ``most``, must go in each step for ``x`` to meet the ceiling.

    Where the band does not push with the wave, taking it away would not help: nothing is asked.
    """
    for c in range(x.shape[0]):
        for k in range(out.shape[1]):
            asked = 0.0
            for i in range(k * step, (k + 1) * step):
                over = abs(x[c, i]) - ceiling
                if over > 0.0:
                    push = band[c, i] if x[c, i] > 0.0 else -band[c, i]
                    if push > 0.0:
                        asked = max(asked, min(most, over / push))
            out[c, k] = asked


@njit(cache=True, nogil=True, fastmath=False)
def ease(wide, release, slow, link, state, out):  # type: ignore[no-untyped-def]
    """Let go slowly: never below ``wide``, and falling from it by a programme-dependent release.

    ``release`` and ``slow`` in steps. What has lasted (its slow average is near to it) falls with
    the full release, what is new and short ten times faster. ``state``: tail and slow average.
    """
    channels = wide.shape[0]
    for k in range(wide.shape[1]):
        top = 0.0
        for c in range(channels):
            tail = state[0, c]
            if tail > 0.0:
                lasting = min(1.0, state[1, c] / tail)
                time = release * (0.1 + 0.9 * lasting)
                tail = tail - tail / time if time > 1.0 else 0.0
            tail = max(tail, wide[c, k])
            if tail < GONE:
                tail = 0.0
            state[0, c] = tail
            state[1, c] += (tail - state[1, c]) / slow
            top = max(top, tail if tail > wide[c, k] else 0.0)
        for c in range(channels):
            out[c, k] = max(state[0, c], link * top)


@njit(cache=True, nogil=True, fastmath=False)
def take_away(x, band, share, step, out):  # type: ignore[no-untyped-def]
    """``out = x - share * band``, the share drawn straight between the middles of the steps.

    ``share`` has a row for each channel, or one for all.
    """
    for c in range(x.shape[0]):
        for k in range(share.shape[1] - 2):
            row = c % share.shape[0]
            before, here, after = share[row, k], share[row, k + 1], share[row, k + 2]
            first = k * step
            if before == 0.0 and here == 0.0 and after == 0.0:
                for i in range(first, first + step):
                    out[c, i] = x[c, i]
                continue
            for j in range(step):
                where = (j + 0.5) / step - 0.5
                end = before if where < 0.0 else after
                a = here + abs(where) * (end - here)
                out[c, first + j] = x[c, first + j] - a * band[c, first + j]
