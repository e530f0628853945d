"""Resonance: narrow peaks of the spectrum that ring out of their surroundings are held back.

Each window's spectrum is drawn in bands of a 24th of an octave, in dB, and smoothed twice: finely,
to see a resonance, and over an octave, to see what it stands on. What the fine curve has over the
broad one, beyond a threshold, is taken back in part. The gains have no phase; both channels get the
same. Only what they *take away* is made from windows (square-root Hann, a quarter apart, overlapped
and added), so where nothing rings every sample is as it was.
"""

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.window import hann
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import one_pole

Floats = NDArray[np.float64]

WINDOW_S = 0.085  # 4096 samples at 44.1 and 48 kHz: resolves 17 Hz, a 24th of an octave at 600 Hz
BANDS_PER_OCTAVE = 24
BASE_OCTAVES = 1.0  # width of the broad curve's window at half its height
EDGE_DB = 1.5  # by so much one side of it may be higher than both: music falls 5 dB an octave
_OVERLAP = 4
_TOGETHER = 16  # windows worked on at once
_BLACK = 1e-20  # power of a bin at which there is nothing to tell: -200 dB
_BODY_HZ, _PRESENCE_HZ = 800.0, 2000.0  # below and above them: the weights for low and high


class Resonance(Processor):
    """Hold back narrow peaks that come and go: ringing rooms, harsh strings, whistling cymbals.

    A peak that stands E dB over its surroundings is lowered by depth * (E - threshold), at most by
    ``most_db``; below 800 Hz by half as much, for there a narrow peak is often a note. Depth 0
    leaves the sound untouched. Nothing is done outside ``low_hz`` to ``high_hz``.
    """

    name: ClassVar[str] = "resonance"

    depth: float = setting(
        0.0, low=0, high=1, help="How much of what stands out is taken back; 0 is nothing."
    )
    threshold_db: float = setting(
        5.0, low=0, high=18, unit="dB", help="How far a peak may stand out before it is held."
    )
    most_db: float = setting(
        6.0, low=0.5, high=18, unit="dB", help="Most that is taken from a peak."
    )
    sharpness: float = setting(
        24.0, low=4, high=24, scale="log", help="Narrowest peak that is seen, as 1/x of an octave."
    )
    low_hz: float = setting(
        120.0, low=60, high=2000, unit="Hz", scale="log", help="Nothing is done below this."
    )
    high_hz: float = setting(
        16_000.0, low=2500, high=20_000, unit="Hz", scale="log", help="Nothing is done above this."
    )
    low_weight: float = setting(
        0.5, low=0, high=1, help="How much of it is done below 800 Hz; all is above 2 kHz."
    )
    attack_ms: float = setting(
        15.0, low=1, high=250, unit="ms", scale="log", help="Time to take hold (63 %)."
    )
    release_ms: float = setting(
        80.0, low=10, high=1000, unit="ms", scale="log", help="Time to let go (63 %)."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is taken back."""
        return self.depth == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that is one window late."""
        return Identity() if self.is_neutral else _Resonance(self, rate_hz, channels)


class Bands:
    """Bands of a 24th of an octave over the bins of a window; at least one bin each.

    ``centres_hz`` rise from an octave below the lowest band that is worked on to half the rate.
    """

    def __init__(self, low_hz: float, rate_hz: float, n_window: int) -> None:
        bin_hz = rate_hz / n_window
        n_bins = n_window // 2 + 1
        lowest_hz = max(0.5 * low_hz, bin_hz)
        count = math.ceil(BANDS_PER_OCTAVE * math.log2(0.5 * rate_hz / lowest_hz))
        self.centres_hz = lowest_hz * 2.0 ** (np.arange(count) / BANDS_PER_OCTAVE)
        half = 2.0 ** (0.5 / BANDS_PER_OCTAVE)
        width = np.maximum(self.centres_hz * (half - 1.0 / half) / bin_hz, 1.0)
        middle = self.centres_hz / bin_hz + 0.5  # bin k reaches from k to k + 1
        self._low = _Between(middle - 0.5 * width, n_bins)
        self._high = _Between(middle + 0.5 * width, n_bins)
        self._width = np.clip(middle + 0.5 * width, 0, n_bins) - np.clip(
            middle - 0.5 * width, 0, n_bins
        )
        bins_hz = np.maximum(np.arange(n_bins) * bin_hz, lowest_hz)
        self._bins = _Between(BANDS_PER_OCTAVE * np.log2(bins_hz / lowest_hz), count - 1)

    def mean_power(self, power: Floats) -> Floats:
        """``(windows, bins)`` to the mean power in every band, ``(windows, bands)``."""
        sums = np.zeros((len(power), power.shape[1] + 1))
        np.cumsum(power, axis=1, out=sums[:, 1:])
        return np.asarray((self._high.of(sums) - self._low.of(sums)) / self._width)

    def at_bins(self, of_bands: Floats) -> Floats:
        """``(windows, bands)`` drawn straight between the bands, ``(windows, bins)``."""
        return self._bins.of(of_bands)


class _Between:
    """Reads rows of values at places between them; beyond the ends the outer ones."""

    def __init__(self, places: Floats, last: int) -> None:
        inside = np.clip(places, 0.0, last)
        self.index = np.minimum(inside.astype(np.int64), last - 1)
        self.part = inside - self.index

    def of(self, rows: Floats) -> Floats:
        before = rows[:, self.index]
        return np.asarray(before + self.part * (rows[:, self.index + 1] - before))


class Curves:
    """The fine and the broad curve of a spectrum in bands, and how far one is over the other."""

    def __init__(self, sharpness: float) -> None:
        fine, self._base = _window(1.0 / sharpness), _window(BASE_OCTAVES)
        self._fine = fine / fine.sum()

    def excess_db(self, level_db: Floats) -> Floats:
        """How far the fine curve stands over the broad one, ``(windows, bands)``.

        The broad curve is drawn twice: the second time what stood more than 1.5 dB over the first
        is cut off, so that a peak does not lift the ground it stands on.
        """
        fine = _along(level_db, self._fine, len(self._fine) // 2)
        return np.asarray(fine - self._ground_db(np.minimum(fine, self._ground_db(fine) + 1.5)))

    def _ground_db(self, level_db: Floats) -> Floats:
        """The broad curve. Where the sound ends, at a filter's edge, one side of it has nothing:
        it is no lower than ``EDGE_DB`` under the higher side, or every edge would be a peak.
        """
        half = self._base[: len(self._base) // 2 + 1]
        below = _along(level_db, half, len(half) - 1)
        above = _along(level_db, half[::-1], 0)
        both = (below + above - half[-1] * level_db) / self._base.sum()
        return np.asarray(np.maximum(both, np.maximum(below, above) / half.sum() - EDGE_DB))


def _along(rows: Floats, weights: Floats, before: int) -> Floats:
    """Weighted sums along each row, from ``before`` places before on; the ends go on as they are.

    Added up place by place: a product of matrices would wake a thread on every core.
    """
    after = len(weights) - 1 - before
    count = rows.shape[1]
    first, last = np.repeat(rows[:, :1], before, axis=1), np.repeat(rows[:, -1:], after, axis=1)
    longer = np.concatenate((first, rows, last), axis=1)
    total = weights[0] * longer[:, :count]
    for k in range(1, len(weights)):
        total += weights[k] * longer[:, k : k + count]
    return np.asarray(total)


def weights(resonance: Resonance, frequencies_hz: Floats) -> Floats:
    """How much of the reduction counts at these frequencies, 0 to 1; edges of half an octave."""
    r = resonance
    octaves = np.log2(np.maximum(frequencies_hz, 1.0))
    body, presence = math.log2(_BODY_HZ), math.log2(_PRESENCE_HZ)
    rising = np.interp(octaves, (body, presence), (r.low_weight, 1.0))
    low, high = math.log2(r.low_hz), math.log2(r.high_hz)
    edges = np.interp(octaves, (low, low + 0.5, high - 0.5, high), (0.0, 1.0, 1.0, 0.0))
    return np.asarray(rising * edges)


def _window(octaves: float) -> Floats:
    """A Hann window over the bands, this wide at half its height."""
    width = octaves * BANDS_PER_OCTAVE
    reach = math.ceil(width) - 1
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.arange(-reach, reach + 1) / width))


class _Resonance(FixedBlocks):
    def __init__(self, settings: Resonance, rate_hz: int, channels: int) -> None:
        self.settings = settings
        self.n_window = 1 << max(7, round(math.log2(WINDOW_S * rate_hz)))
        self.hop = self.n_window // _OVERLAP
        size = self.hop * _TOGETHER
        super().__init__(size, channels, self.n_window - self.hop)
        self.bands = Bands(settings.low_hz, rate_hz, self.n_window)
        self.weights = weights(settings, self.bands.centres_hz)
        self.curves = Curves(settings.sharpness)
        hop_rate_hz = rate_hz / self.hop
        self.attack = one_pole(settings.attack_ms, hop_rate_hz)
        self.release = one_pole(settings.release_ms, hop_rate_hz)
        self.window = np.sqrt(hann(self.n_window))
        self.held = np.zeros(len(self.weights))  # reduction of the last window, dB
        self.x = np.zeros((channels, size + self.n_window - self.hop))
        self.taken = np.zeros((channels, size + self.n_window - self.hop))

    def run(self, block: Block) -> Block:
        late = self.n_window - self.hop
        self.x[:, :late] = self.x[:, self.size :]
        self.x[:, late:] = block
        self.taken[:, :late] = self.taken[:, self.size :]
        self.taken[:, late:] = 0.0
        views = np.lib.stride_tricks.sliding_window_view(self.x, self.n_window, axis=1)
        spectra = np.fft.rfft(views[:, :: self.hop] * self.window, axis=2)
        reductions = self.reductions_db(spectra)
        if reductions.any():
            gains = 10.0 ** (-self.bands.at_bins(reductions) / 20.0)
            waves = np.fft.irfft(spectra * (gains - 1.0), self.n_window, axis=2)
            waves *= self.window / (_OVERLAP / 2)
            for k in range(_TOGETHER):
                self.taken[:, k * self.hop : k * self.hop + self.n_window] += waves[:, k]
        return self.x[:, : self.size] + self.taken[:, : self.size]

    def reductions_db(self, spectra: NDArray[np.complex128]) -> Floats:
        """What to take from every band in every window, ``(windows, bands)``, smoothed in time."""
        s = self.settings
        power = (spectra.real**2 + spectra.imag**2).sum(axis=0)
        level_db = 10.0 * np.log10(self.bands.mean_power(power) + _BLACK)
        over_db = np.maximum(self.curves.excess_db(level_db) - s.threshold_db, 0.0)
        wanted = np.minimum(s.depth * self.weights * over_db, s.most_db)
        for row in wanted:
            pole = np.where(row > self.held, self.attack, self.release)
            self.held = row + pole * (self.held - row)
            self.held[self.held < 1e-6] = 0.0
            row[:] = self.held
        return wanted


EXAMPLE = Resonance(depth=0.8, threshold_db=3, sharpness=16)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "what rings out of its surroundings is held back")
