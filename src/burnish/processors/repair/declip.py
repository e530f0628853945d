"""Declip: gives cut tops their shape back, and leaves every other sample as it is, bit for bit.

Music is sparse: in a piece of 64 ms few frequencies hold nearly all of it. What clipping adds is
spread over all of them. So the cut samples are looked for with which the spectrum is as sparse as
it can be (the sum of the logarithms of its powers is least), each at its threshold or beyond it.
That is found by weighted least squares, the weights from the spectrum found last: the less power a
frequency has, the less it may get (Gorodnitsky and Rao, IEEE Trans. Signal Processing 45(3), 1997;
Candes, Wakin and Boyd, J. Fourier Anal. Appl. 14, 2008). The floor under which powers count as
nothing is lowered from step to step, so that the strong partials are found first.

That the result must fit all that is known of the clipping is after Kitic, Bertin and Gribonval
(LVA/ICA 2015) and the survey of Zaviska, Rajmic, Ozerov and Rencker, IEEE JSTSP 15(1), 2021.
"""

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from burnish.dsp import bounded
from burnish.errors import SettingError
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOWEST_DBFS, HIGHEST_DBFS = -60.0, 24.0
WINDOW_S = 0.064
OVERLAP = 4  # windows over each sample
STEPS = 8
FIRST_FLOOR, LAST_FLOOR = 0.1, 1e-4  # of the largest amplitude: -20 and -80 dB
KEPT = 0.3  # of the window before in the weights: partials last longer than a window
ROUNDS = 2  # of the bounds, in each step
MANY = 300  # cut samples in a window: solving for more of them at once takes longer than iterating
DESCENTS = 20  # iterations then
NEAR = 1e-6  # of a threshold: what a number written in dB is off


class Declip(Processor):
    """Restore what clipping cut off.

    A sample at or beyond its threshold counts as cut. It comes back at the size it has or beyond,
    up to ``most_db`` over the threshold; the sign stays. What lies further beyond the threshold
    than that was not cut by it and stays. So the output may pass full scale: make room for it
    later. Without thresholds nothing is touched. Latency: 64 ms.
    """

    name: ClassVar[str] = "declip"

    thresholds_dbfs: tuple[float, ...] = setting(
        (),
        unit="dBFS",
        scale="text",
        help="Where tops are cut, -60 to 24: one for all; up, down; or both for left, then right.",
    )
    most_db: float = setting(
        9.0, low=0, high=24, unit="dB", help="Most that a cut top may rise above its threshold."
    )

    @model_validator(mode="after")
    def _thresholds_fit(self) -> Self:
        given = self.thresholds_dbfs
        if len(given) not in (0, 1, 2, 4):
            raise SettingError(
                "setting-range", f"thresholds_dbfs={len(given)} given: must be 0, 1, 2 or 4 numbers"
            )
        for value in given:
            if not LOWEST_DBFS <= value <= HIGHEST_DBFS:
                raise SettingError(
                    "setting-range", f"thresholds_dbfs={value:g}: must be -60 to 24 dBFS"
                )
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether nothing counts as cut, or nothing may rise."""
        return not self.thresholds_dbfs or self.most_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner late by one window."""
        return Identity() if self.is_neutral else _Declip(self, rate_hz, channels)


def thresholds(settings: Declip, channels: int) -> Floats:
    """Linear thresholds above zero, shape ``(channels, 2)``: up and down."""
    given = [gain_from_db(value) * (1.0 - NEAR) for value in settings.thresholds_dbfs]
    return np.resize(np.array(given), (channels, 2))  # repeats what is missing


def transform_size(n: int) -> int:
    """The least even 2, 3, 5-smooth size of a transform from ``n`` on."""
    size = n + n % 2
    while True:
        rest = size
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return size
        size += 2


class Sparsest:
    """Finds the cut samples of windows in a row, with which their spectra are sparsest."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.n_bins = transform_size(3 * size // 2)
        self.floors = np.geomspace(FIRST_FLOOR, LAST_FLOOR, STEPS) ** 2
        self._before: Floats | None = None

    def skip(self) -> None:
        """The next window had nothing cut."""
        self._before = None

    def restore(self, window: Floats, cut: Flags, low: Floats, high: Floats) -> Floats:
        """The values of the ``cut`` samples of a faded window, between ``low`` and ``high``."""
        at = np.flatnonzero(cut)
        low, high = low[at], high[at]
        values = window[at]
        held = np.zeros(len(at), np.int64)
        known = np.where(cut, 0.0, window)
        of_known = self._spectrum(known)
        for floor in self.floors:
            power = self._power(of_known, at, values)
            near = power if self._before is None else power + KEPT * (self._before - power)
            smooth = near.copy()  # a partial is wider than a bin
            smooth[1:-1] = 0.5 * near[1:-1] + 0.25 * (near[2:] + near[:-2])
            floor_power = floor * power.max()
            if floor_power == 0.0:
                break
            weights = 1.0 / (1.0 + smooth / floor_power)
            pull = self._wave(of_known * weights)[at]
            if len(at) <= MANY:
                lags = self._wave(weights)
                bounded.least(lags, at, pull, low, high, values, held, ROUNDS)
            else:
                values = self._descend(weights, at, pull, low, high, values)
        self._before = self._power(of_known, at, values)
        return values

    def _power(self, of_known: Floats, at: NDArray[np.int64], values: Floats) -> Floats:
        unknown = np.zeros(self.size)
        unknown[at] = values
        whole = of_known + self._spectrum(unknown)
        return np.asarray(whole.real**2 + whole.imag**2)

    def _spectrum(self, window: Floats) -> Floats:
        return np.asarray(np.fft.rfft(window, self.n_bins))

    def _wave(self, spectrum: Floats) -> Floats:
        return np.asarray(np.fft.irfft(spectrum, self.n_bins)[: self.size])

    def _descend(
        self,
        weights: Floats,
        at: NDArray[np.int64],
        pull: Floats,
        low: Floats,
        high: Floats,
        values: Floats,
    ) -> Floats:
        """Conjugate gradients towards the least, then to the bounds, and once more for the free."""
        free = np.ones(len(at), np.bool_)
        spread = np.zeros(self.size)

        def matrix(v: Floats) -> Floats:
            spread[at] = v
            return self._wave(self._spectrum(spread) * weights)[at]

        for _ in range(2):
            left = -np.where(free, pull + matrix(values), 0.0)
            step = left.copy()
            size = first = float(left @ left)
            for _ in range(DESCENTS):
                if not size > 1e-20 * first:
                    break
                along = np.where(free, matrix(step), 0.0)
                much = size / float(step @ along)
                values = values + much * step
                left -= much * along
                size, was = float(left @ left), size
                step = left + (size / was) * step
            free &= (values >= low) & (values <= high)
            values = np.clip(values, low, high)
            if free.all():
                break
        return values


class _Declip(FixedBlocks):
    """Windows that overlap; each finds its cut samples, and their estimates are cross-faded."""

    def __init__(self, settings: Declip, rate_hz: int, channels: int) -> None:
        hop = max(4, round(WINDOW_S * rate_hz / OVERLAP))
        size = hop * OVERLAP
        super().__init__(hop, channels, size - hop)
        self.thresholds = thresholds(settings, channels)
        self.most = gain_from_db(settings.most_db)
        self.fade = np.sin(np.pi * (np.arange(size) + 0.5) / size)
        self.sparsest = [Sparsest(size) for _ in range(channels)]
        self.heard = np.zeros((channels, size))
        self.found = np.zeros((channels, size))

    def run(self, block: Block) -> Block:
        hop = self.size
        self.heard = np.concatenate((self.heard[:, hop:], block), axis=1)
        self.found = np.concatenate((self.found[:, hop:], np.zeros_like(block)), axis=1)
        out = self.heard[:, :hop].copy()
        for i, (up, down) in enumerate(self.thresholds):
            wave = self.heard[i]
            top = np.where(wave > 0.0, up, down)
            size = np.abs(wave)
            cut = (size >= top) & (size < top * self.most)
            if not cut.any():
                self.sparsest[i].skip()
                continue
            end = top * self.most
            low = np.where(wave > 0.0, wave, -end)
            high = np.where(wave > 0.0, end, wave)
            fade = self.fade
            values = self.sparsest[i].restore(wave * fade, cut, low * fade, high * fade)
            self.found[i, cut] += values * fade[cut]
            ready = np.flatnonzero(cut[:hop])
            # The squares of the four fades over a sample sum to 2.
            out[i, ready] = np.clip(self.found[i, ready] / 2.0, low[ready], high[ready])
        return out


EXAMPLE = Declip(thresholds_dbfs=(-6.0,))

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "All above -6 dBFS is taken as cut, and drawn anew.")
