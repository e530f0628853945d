"""Dehum: takes the mains out of a recording, line by line, and leaves the music between them.

Short windows see the complex amplitude of each multiple of the mains, turned back by an oscillator
that runs with it. There the hum stands still, while music comes, goes and turns: a robust mean over
seconds on both sides (weights 1 / (spread + distance^2), Cauchy's, found again and again) is the
hum. The frequency is the one at which all harmonics stand still together.
"""

from typing import ClassVar, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pydantic import model_validator

from burnish.dsp.decimate import Decimator
from burnish.dsp.window import hann
from burnish.errors import SettingError
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

LOWEST_HZ = 16.0  # of mains: railways have 16.7 Hz
REACH_HZ = 0.5  # how far from ``mains_hz`` it is looked for
MARGIN_DB = 6.0  # how far over its strength a line may be taken
_ALL_DB = 60.0

_INNER_HZ = 5500.0  # least rate of the inner work: 40 harmonics of 50 Hz fit
_HOP_S = 0.125  # windows are twice as long, and see 12 Hz to each side
_AHEAD_S = 4.0
_SEARCHES = ((0.5, 0.01, 8), (0.012, 0.002, 40))
"""Reach and step in Hz, and how many harmonics: the higher ones are too sharp for a wide step."""
_KNOWN = (0.005, 0.001, 0.0003)
"""How far phase (cycles), frequency (Hz) and its slope (Hz/s) may move from hop to hop."""
_STEEPEST = 0.004  # Hz/s: what mains do
_ALIKE = 4.0  # windows that say the same: they overlap, and a note lasts longer than one
_OFF_HZ = 6.0  # half of it is seen so far from a window's middle
_RESPONSE_HOP = 64
_SEARCH_HOPS = 8  # between two wide searches
_PASSES = 4
_FEWEST = 6.0  # windows that must say so, by their weights
_NEAREST = 0.25  # part of the windows that must lie within the spread
_SURE, _UNSURE = 36.0, 9.0  # power of a line over its variance: taken whole, not at all
_BLACK = 2e-5  # -94 dBFS: no line
_NOTHING = 1e-100  # more than no weight at all
_FLOOR = 1e-18  # spread that is always there: -180 dB,
_EXACT = 1e-6  # and -60 dB of the line


class Dehum(Processor):
    """Subtract the hum of the mains and its harmonics; at ``mains_hz`` 0 the sound is untouched.

    Each harmonic is a sine that is measured where the music leaves it bare, followed slowly, and
    subtracted: nothing is filtered. The frequency may be off by 0.5 Hz, and drift. A line that does
    not stand still, or is not there, is left alone, and then every bit stays. ``strengths_dbfs`` is
    the RMS that each harmonic was found to have: no more than 6 dB above it is taken, so a note
    that sits on a line for long stays. Some 4 s late.

    For ``auto``: ``mains_hz`` and ``strengths_dbfs`` from the Hum record of ``measure``, as many
    ``harmonics`` as it has strengths; the rest as it stands.
    """

    name: ClassVar[str] = "dehum"

    mains_hz: float = setting(
        0.0, low=0, high=120, unit="Hz", help="Frequency of the mains, to 0.5 Hz; 0 does nothing."
    )
    harmonics: int = setting(
        20, low=1, high=40, help="How many multiples of it are looked for, itself included."
    )
    strengths_dbfs: tuple[float, ...] = setting(
        (),
        unit="dBFS",
        scale="text",
        help="RMS of each harmonic, the first first; none taken beyond the last. Empty: unknown.",
    )
    depth_db: float = setting(
        60.0, low=0, high=60, unit="dB", help="How far the lines go down; 60 is all of them."
    )
    follow_s: float = setting(
        6.0, low=0.5, high=20, unit="s", scale="log", help="Time to follow a change of the hum."
    )

    @model_validator(mode="after")
    def _is_a_mains(self) -> Self:
        if 0.0 < self.mains_hz < LOWEST_HZ:
            raise SettingError(
                "setting-range",
                f"mains_hz={self.mains_hz:g}: must be 0, or {LOWEST_HZ:g} to 120 Hz",
            )
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is subtracted."""
        return self.mains_hz == 0.0 or self.depth_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that is some 4 s late."""
        return Identity() if self.is_neutral else _Dehum(self, rate_hz, channels)


def most(settings: Dehum, count: int) -> Floats:
    """The largest amplitude that may be taken of each of ``count`` harmonics."""
    if not settings.strengths_dbfs:
        return np.full(count, np.inf)
    limits = np.zeros(count)
    given = np.asarray(settings.strengths_dbfs[:count])
    limits[: len(given)] = np.sqrt(2.0) * 10.0 ** ((given + MARGIN_DB) / 20.0)
    return limits


class Tracker:
    """Finds the hum at each hop from the windows around it, for every channel and harmonic.

    ``windows`` are complex amplitudes ``(channels, harmonics, 1 + ahead)``, the first of them the
    hop's own, seen against an oscillator that stands at ``cycles`` at each of them.
    """

    def __init__(
        self, settings: Dehum, count: int, channels: int, hop_s: float, ahead: int
    ) -> None:
        self.nominal_hz = self.hz = settings.mains_hz
        self.cycles = 0.0  # of the hum's own first harmonic, now
        self.amplitudes = np.zeros((channels, count), dtype=np.complex128)
        self.certain = np.zeros((channels, count))  # 0 to 1
        self._most = most(settings, count)
        self.slope = 0.0  # of the frequency, Hz/s
        self._n = np.arange(1, count + 1, dtype=np.float64)
        self._nth = int(_NEAREST * (ahead + 1))
        self._time_s = hop_s * np.arange(ahead + 1)
        self.hop_s = hop_s
        self._fade = float(np.exp(-hop_s / settings.follow_s))
        self._fading = self._fade ** np.arange(ahead + 1)
        self._sum = np.zeros((channels, count), dtype=np.complex128)  # of the past: weighted,
        self._weight = np.zeros((channels, count))  # the weights,
        self._squares = np.zeros((channels, count))  # their squares,
        self._spread = np.zeros((channels, count))  # and weight^2 distance^2
        self._there = np.zeros((channels, count))  # size of what the last window held
        off_hz = np.arange(0.0, _OFF_HZ + 0.1, 0.1)
        window = _window(_RESPONSE_HOP)
        at_s = (np.arange(len(window)) / _RESPONSE_HOP - 1.0) * hop_s
        response = (window * np.cos(2.0 * np.pi * off_hz[:, None] * at_s)).sum(axis=1)
        self._response = (off_hz, response)  # of a window to a line beside its middle
        self._since_search = _SEARCH_HOPS
        self._begun = False

    def step(self, windows: Complexes, cycles: Floats, seen_hz: Floats) -> None:
        """Go on to the next hop; all that is found is then that of its beginning."""
        if self._begun:
            self.cycles += self.hz * self.hop_s + 0.5 * self.slope * self.hop_s**2
            self.hz += self.slope * self.hop_s
        else:
            self.cycles, self._begun = float(cycles[0]), True
        if not self.certain.any():
            self._search(windows, cycles, seen_hz)
        turned = self._turned(windows, cycles, seen_hz)
        heard = self._fading * (_power(windows) > _BLACK**2)  # silence says nothing of the hum
        weights = heard * self._first_weights(turned)
        for again in range(_PASSES):
            total = _NOTHING + self._weight + weights.sum(axis=2)
            mean = (self._sum + (weights * turned).sum(axis=2)) / total
            distance = _power(turned - mean[:, :, None])
            core = (weights * distance).sum(axis=2) / (_NOTHING + weights.sum(axis=2))
            nearest = np.partition(distance, self._nth, axis=2)[:, :, self._nth]
            core = np.maximum(core, nearest)  # or a few alike would be believed
            core += _FLOOR + _EXACT * _power(mean)
            weights = heard / (core[:, :, None] + distance)
            if again < _PASSES - 1:
                self._tune(mean, turned, weights)
                turned = self._turned(windows, cycles, seen_hz)
        total = _NOTHING + self._weight + weights.sum(axis=2)
        spread = self._spread + (weights**2 * distance).sum(axis=2)
        squares = self._squares + (weights**2).sum(axis=2)
        sure = _power(mean) / (_FLOOR + spread / total**2)
        sure[total**2 < _FEWEST * squares] = 0.0
        self.certain = np.clip((sure - _UNSURE) / (_SURE - _UNSURE), 0.0, 1.0)
        self.certain[np.abs(mean) < _BLACK] = 0.0
        # There is never more hum than there is sound where it lies: else it has stopped.
        near = np.sqrt(_power(windows[:, :, :2]))
        there = np.maximum(self._there, near.max(axis=2))
        self._there = near[:, :, 0]
        size = np.abs(mean)
        bound = np.minimum(self._most, there)
        self.amplitudes = mean * np.minimum(1.0, bound / np.maximum(size, _BLACK))
        keep = np.where(size > 1.4 * there, 0.5 * self._fade, self._fade)
        self._sum = keep * (self._sum + weights[:, :, 0] * turned[:, :, 0])
        self._weight = keep * (self._weight + weights[:, :, 0])
        self._squares = keep**2 * (self._squares + weights[:, :, 0] ** 2)
        self._spread = keep**2 * (self._spread + weights[:, :, 0] ** 2 * distance[:, :, 0])

    def _tune(self, mean: Complexes, turned: Complexes, weights: Floats) -> None:
        """Phase, frequency and its slope, by one step of Newton's towards their likeliest.

        What each window says of the phase is one straight line's point; what is known of mains
        beforehand stands beside it, so that music, which says little, moves nothing.
        """
        turns = 2.0 * np.pi * self._n[:, None]
        conj = np.conj(np.where(np.abs(mean) < self._most, mean, 0.0))
        says = (weights * turns * (conj[:, :, None] * turned).imag).sum(axis=(0, 1))
        weighs = (weights * (turns * np.abs(conj)[:, :, None]) ** 2).sum(axis=(0, 1))
        past = (turns[:, 0] * (conj * self._sum).imag).sum()
        past_weighs = (self._weight * (turns[:, 0] * np.abs(conj)) ** 2).sum()
        t = self._time_s
        shapes = np.stack((np.ones(len(t)), t, 0.5 * t * t))
        information = (shapes[:, None] * shapes * weighs).sum(axis=2) / _ALIKE
        pull = (shapes * says).sum(axis=1) / _ALIKE
        information[0, 0] += past_weighs / _ALIKE
        pull[0] += past / _ALIKE
        information += np.diag(1.0 / np.square(_KNOWN))
        information[2, 2] += 1.0 / _STEEPEST**2
        pull[2] -= self.slope / _STEEPEST**2
        move = np.linalg.solve(information, pull)
        self.cycles += float(move[0])
        self.hz = min(
            max(self.hz + float(move[1]), self.nominal_hz - REACH_HZ), self.nominal_hz + REACH_HZ
        )
        self.slope += float(move[2])

    def _search(self, windows: Complexes, cycles: Floats, seen_hz: Floats) -> None:
        """Nothing was found yet, or no more: forget the past, and look further around."""
        self._sum[:] = self._weight[:] = self._squares[:] = self._spread[:] = 0.0
        self._since_search += 1
        if self._since_search < _SEARCH_HOPS:
            return
        self._since_search = 0
        self.hz, self.slope = self.nominal_hz, 0.0
        for reach_hz, step_hz, count in _SEARCHES:
            steps_hz = np.arange(-reach_hz, reach_hz + 0.5 * step_hz, step_hz)
            turned = self._turned(windows, cycles, seen_hz)[:, :count]
            weights = self._fading / (_FLOOR + _power(turned))
            first = np.exp(-2j * np.pi * steps_hz[:, None] * self._time_s)
            turns = np.broadcast_to(first, (turned.shape[1], *first.shape)).cumprod(axis=0)
            sums = np.einsum("chj,hsj->chs", weights * turned, turns)
            likely = (_power(sums) / (_NOTHING + weights.sum(axis=2)[:, :, None])).sum(axis=(0, 1))
            self.hz += float(steps_hz[likely.argmax()])

    def _first_weights(self, turned: Complexes) -> Floats:
        """Where a line is known, by the distance from it; else by the power."""
        known = self.certain > 0.0
        mean = np.where(known, self._sum / (_NOTHING + self._weight), 0.0)
        distance = _power(turned - mean[:, :, None])
        return np.asarray(1.0 / (_FLOOR + 0.1 * _power(mean)[:, :, None] + distance))

    def _turned(self, windows: Complexes, cycles: Floats, seen_hz: Floats) -> Complexes:
        """The windows as seen from the hum, as far as it is known: it stands still."""
        t = self._time_s
        ahead = self.cycles + self.hz * t + 0.5 * self.slope * t * t - cycles
        turns = np.exp(-2j * np.pi * ahead)
        turns = np.broadcast_to(turns, (len(self._n), len(t))).cumprod(axis=0)
        off_hz = np.abs(self._n[:, None] * (self.hz + self.slope * t - seen_hz))
        return np.asarray(windows * turns / np.interp(off_hz, *self._response))


def _power(z: Complexes) -> Floats:
    return np.asarray(z.real**2 + z.imag**2)


def _window(hop: int) -> Floats:
    """Two hops long, its sum 1: a Hann window squared, which a tone 30 Hz away leaves alone."""
    window = hann(2 * hop) ** 2
    return np.asarray(window / window.sum())


class _Dehum(FixedBlocks):
    def __init__(self, settings: Dehum, rate_hz: int, channels: int) -> None:
        factor = max(1, int(rate_hz / _INNER_HZ))
        inner_hz = rate_hz / factor
        self.hop = round(_HOP_S * inner_hz)
        ahead = round(_AHEAD_S / _HOP_S)
        size = self.hop * factor
        self.decimator = Decimator(factor, channels)
        late = (ahead + 1) * size + self.decimator.delay
        super().__init__(size, channels, late)
        count = max(1, min(settings.harmonics, int(0.4 * inner_hz / (settings.mains_hz + 1.0))))
        hop_s = self.hop / inner_hz
        self.tracker = Tracker(settings, count, channels, hop_s, ahead)
        self.window = _window(self.hop)
        self.window *= 2.0
        self.window /= self.decimator.gain(settings.mains_hz / rate_hz)
        self.share = (
            1.0 - 10.0 ** (-settings.depth_db / 20.0) if settings.depth_db < _ALL_DB else 1.0
        )
        self.x = np.zeros((channels, late + size))
        self.inner = np.zeros((channels, 2 * self.hop))
        self.turn = np.ones(2 * self.hop, dtype=np.complex128)
        self.oscillator = 0.0  # cycles at the end of what is in
        self.windows = np.zeros((channels, count, ahead + 1), dtype=np.complex128)
        self.cycles = np.zeros(ahead + 1)  # of the oscillator, at the middle of each window,
        self.seen_hz = np.zeros(ahead + 1)  # and its frequency
        self.waiting = ahead  # windows until there are as many
        self.taken = np.zeros((channels, count), dtype=np.complex128)

    def run(self, block: Block) -> Block:
        self.x[:, : -self.size] = self.x[:, self.size :]
        self.x[:, -self.size :] = block
        self._see(self.decimator.process(block))
        out = self.x[:, : self.size].copy()
        if self.waiting:
            self.waiting -= 1
            return out
        t = self.tracker
        begin = (t.cycles, t.hz * t.hop_s, 0.5 * t.slope * t.hop_s**2)
        before = self.taken
        t.step(self.windows, self.cycles, self.seen_hz)
        self.taken = self.share * t.certain * t.amplitudes
        used = np.nonzero(before.any(axis=0) | self.taken.any(axis=0))[0]
        if len(used):
            last = used[-1] + 1
            _subtract(out, before[:, :last], self.taken[:, :last], *begin)
        return out

    def _see(self, inner: Floats) -> None:
        """One more window: the last two hops."""
        hop = self.hop
        self.inner[:, :hop] = self.inner[:, hop:]
        self.inner[:, hop:] = inner
        self.turn[:hop] = self.turn[hop:]
        step = self.tracker.hz * self.tracker.hop_s / hop
        self.turn[hop:] = np.exp(-2j * np.pi * (self.oscillator + step * np.arange(hop)))
        turns = np.broadcast_to(self.turn, (self.windows.shape[1], 2 * hop)).cumprod(axis=0)
        self.windows[:, :, :-1] = self.windows[:, :, 1:]
        self.windows[:, :, -1] = np.einsum("cj,hj->ch", self.inner * self.window, turns)
        self.cycles[:-1] = self.cycles[1:]
        self.seen_hz[:-1] = self.seen_hz[1:]
        self.cycles[-1], self.seen_hz[-1] = self.oscillator, self.tracker.hz
        self.oscillator += step * hop


@njit(cache=True, nogil=True, fastmath=False)
def _subtract(out, before, after, cycle, turns, bend):  # type: ignore[no-untyped-def]
    """Take away the harmonics, their amplitudes on straight lines from ``before`` to ``after``.

    Over ``out`` the first one's phase, in cycles, is cycle + turns * p + bend * p^2, p from 0 to 1.
    The sum of a[n] w^n is worked out by Horner's rule, w one turn of the first harmonic.
    """
    n_samples = out.shape[1]
    count = before.shape[1]
    for row in range(len(out)):
        now = before[row].copy()
        slope = (after[row] - before[row]) / n_samples
        angle = 2.0 * np.pi * cycle
        w = complex(np.cos(angle), np.sin(angle))
        angle = 2.0 * np.pi * (turns + bend / n_samples) / n_samples
        turn = complex(np.cos(angle), np.sin(angle))
        angle = 4.0 * np.pi * bend / n_samples**2
        bending = complex(np.cos(angle), np.sin(angle))
        for i in range(n_samples):
            total = 0j
            for n in range(count - 1, -1, -1):
                total = total * w + now[n]
                now[n] += slope[n]
            total *= w
            out[row, i] -= total.real
            w *= turn
            turn *= bending


EXAMPLE = Dehum(mains_hz=55, harmonics=4, strengths_dbfs=(-26, -34), depth_db=40)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a steady bass note taken for hum")
