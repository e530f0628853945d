"""Reverb: a little common room around a dry master, and its mono sum keeps it.

A feedback delay network (Jot and Chaigne, "Digital delay networks for designing artificial
reverberators", AES 90, 1991): eight delay lines of 23 to 79 ms, whose lengths share no factor, fed
back through a Householder matrix, which loses nothing. What each line loses by itself sets the
time in which the sound decays by 60 dB.
"""

import math
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade
from burnish.processors.base import Block, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

OFF_DB = -60.0
LINES_MS = (23.1, 29.3, 34.7, 41.9, 49.1, 58.7, 67.3, 79.1)
"""Lengths of the lines in a room of 0.6 s and more; each becomes a prime number of samples."""

FULL_S = 0.6  # rooms that decay faster are smaller: their lines are shorter, by the square root

_MID = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)  # signs with which the lines reach the middle,
_SIDE = (1.0, -1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0)  # and the side: orthogonal to them
_FEED = (1.0, -1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0)  # and are fed: orthogonal to both
_PIECE = 8192  # samples between two looks at the state, counted from the start of the stream
_NOTHING = 1e-30  # -600 dBFS: below it silence is black


class Reverb(Processor):
    """Add a small room, quietly: a master bears one of -30 to -24 dB.

    The room hears the middle only, so nothing that is only in the side is doubled, and answers in
    the middle and, as loudly, in the side. The mono sum is the dry one plus the middle's answer,
    which comes at least 16 ms later and from everywhere: no comb. ``wet_db`` is the power of the
    room's middle against that of what it hears, for white noise; at -60 dB there is none.
    The stream keeps its length; what still sounds at its end is cut.
    """

    name: ClassVar[str] = "reverb"

    wet_db: float = setting(
        OFF_DB, low=OFF_DB, high=-6, unit="dB", help="How loud the room is; -60 is off."
    )
    decay_s: float = setting(
        0.6, low=0.2, high=4, unit="s", scale="log", help="Time to decay by 60 dB, below damping."
    )
    predelay_ms: float = setting(
        15.0, low=0, high=100, unit="ms", help="Time before the room is heard."
    )
    damping_hz: float = setting(
        6000.0, low=1000, high=20_000, unit="Hz", scale="log", help="Decay is half as long here."
    )
    low_cut_hz: float = setting(
        300.0, low=20, high=1000, unit="Hz", scale="log", help="The room hears less below this."
    )
    high_cut_hz: float = setting(
        8000.0, low=2000, high=20_000, unit="Hz", scale="log", help="The room hears less above."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether there is no room."""
        return self.wet_db == OFF_DB

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A room without latency."""
        return Identity() if self.is_neutral else _Reverb(self, rate_hz, channels)


def line_lengths(decay_s: float, rate_hz: float) -> NDArray[np.int64]:
    """Samples of each line: primes, so that no two repeat together."""
    size = 1e-3 * rate_hz * min(1.0, math.sqrt(decay_s / FULL_S))
    found: list[int] = []
    for ms in LINES_MS:
        found.append(_next_prime(max(round(size * ms), found[-1] + 1 if found else 2)))
    return np.array(found, dtype=np.int64)


def absorption(
    lengths: NDArray[np.int64], decay_s: float, damping_hz: float, rate_hz: float
) -> tuple[Floats, Floats]:
    """What each line loses: gain and pole of y += (1 - pole) (gain x - y), once a round.

    At 0 Hz the decay takes ``decay_s``, at ``damping_hz`` half of it: the one-pole low-pass loses
    as many dB there as the gain does.
    """
    gain: Floats = 10.0 ** (-3.0 * lengths.astype(np.float64) / (decay_s * rate_hz))
    cosine = math.cos(2.0 * math.pi * min(damping_hz, 0.45 * rate_hz) / rate_hz)
    # |1 - p|^2 / (1 - 2 p cos + p^2) = g^2, solved for the pole p.
    square = gain * gain
    half = (1.0 - square * cosine) / (1.0 - square)
    return gain, np.asarray(half - np.sqrt(half * half - 1.0))


def _next_prime(n: int) -> int:
    while any(n % k == 0 for k in range(2, math.isqrt(n) + 1)):
        n += 1
    return n


class _Room:
    """The network: one channel in, middle and side out."""

    def __init__(self, settings: Reverb, rate_hz: float) -> None:
        self.lengths = line_lengths(settings.decay_s, rate_hz)
        self.gains, self.poles = absorption(
            self.lengths, settings.decay_s, settings.damping_hz, rate_hz
        )
        predelay = max(1, round(settings.predelay_ms * 1e-3 * rate_hz))
        self.before = np.zeros(predelay)
        self.lines = np.zeros((len(self.lengths), int(self.lengths.max())))
        self.damped = np.zeros(len(self.lengths))
        self.places = np.zeros(len(self.lengths) + 1, dtype=np.int64)

    def run(self, x: Floats) -> Floats:
        out = np.zeros((2, len(x)))
        _network(
            x,
            self.before,
            self.lines,
            self.lengths,
            self.places,
            self.gains,
            self.poles,
            self.damped,
            _SIGNS,
            out,
        )
        return out


class _Reverb(Runner):
    def __init__(self, settings: Reverb, rate_hz: int, channels: int) -> None:
        self.hears = _ears(settings, rate_hz)
        self.room = _Room(settings, rate_hz)
        self.channels = channels
        self.gain = gain_from_db(settings.wet_db) / _loudness(settings, rate_hz)
        self.position = 0

    def process(self, block: Block) -> Block:
        out = np.empty_like(block)
        start, n_samples = 0, block.shape[1]
        while start < n_samples:
            stop = min(n_samples, start + _PIECE - self.position)
            part = block[:, start:stop]
            heard = self.hears.process(part.mean(axis=0, keepdims=True))
            mid, side = self.gain * self.room.run(heard[0])
            out[0, start:stop] = part[0] + (mid + side if self.channels == 2 else mid)
            if self.channels == 2:
                out[1, start:stop] = part[1] + (mid - side)
            self.position = (self.position + stop - start) % _PIECE
            if self.position == 0:
                for state in (self.room.lines, self.room.damped):
                    state[np.abs(state) < _NOTHING] = 0.0
            start = stop
        return out


def _ears(settings: Reverb, rate_hz: float) -> Cascade:
    """What of the middle the room hears."""
    high_hz = min(settings.high_cut_hz, 0.45 * rate_hz)
    filters = (*matched.high_pass(settings.low_cut_hz, 2), *matched.low_pass(high_hz, 2))
    return Cascade([matched.sections(filters, rate_hz)])


def _loudness(settings: Reverb, rate_hz: float) -> float:
    """The middle's answer to white noise against what is heard of it, as a ratio of RMS."""
    impulse = np.zeros((1, round((1.5 * settings.decay_s + 0.2) * rate_hz)))
    impulse[0, 0] = 1.0
    heard = _ears(settings, rate_hz).process(impulse)[0]
    made = _Room(settings, rate_hz).run(heard)[0]
    return float(np.sqrt(np.sum(made**2) / np.sum(heard**2)))


_SIGNS = np.array((_FEED, _MID, _SIDE)) / math.sqrt(8.0)


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _network(x, before, lines, lengths, places, gains, poles, damped, signs, out):  # type: ignore[no-untyped-def]
    """``places``: where each line, and the delay before them, is read and written next."""
    n_lines = len(lengths)
    heard = np.empty(n_lines)
    first = places[n_lines]
    for i in range(len(x)):
        fed = before[first]
        before[first] = x[i]
        first += 1
        if first == len(before):
            first = 0
        total = mid = side = 0.0
        for k in range(n_lines):
            y = damped[k] + (1.0 - poles[k]) * (gains[k] * lines[k, places[k]] - damped[k])
            damped[k] = y
            heard[k] = y
            total += y
            mid += signs[1, k] * y
            side += signs[2, k] * y
        out[0, i] = mid
        out[1, i] = side
        # Householder: what comes back is the line itself less a quarter of all.
        back = 2.0 / n_lines * total
        for k in range(n_lines):
            lines[k, places[k]] = heard[k] - back + signs[0, k] * fed
            places[k] += 1
            if places[k] == lengths[k]:
                places[k] = 0
    places[n_lines] = first


EXAMPLE = Reverb(wet_db=-14, decay_s=0.9)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a small room, louder than a master bears it")
