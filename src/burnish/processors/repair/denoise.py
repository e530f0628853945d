"""Denoise: lowers hiss, the steady noise under the music, where the music does not cover it.

Windows of 46 ms (square-root Hann, a quarter apart, overlapped and added), the middle and the side
each for itself. The power around each point of the spectrogram, 0.1 s and 100 Hz wide, less the
noise, gives a first Wiener filter; what that lets through, more finely seen, gives the second one,
which is used: a-priori estimates in two steps after Plapous, Marro and Scalart (IEEE TASLP 14(6),
2006), but from both sides in time, for a recording has its future. So onsets are seen before they
come, and single points of noise do not sing. The gain never goes under the reduction asked for.

As in ``resonance`` only what is taken away is made from windows: where all stands far above the
noise every bit stays.
"""

import math
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from burnish.dsp.mid_side import to_left_right, to_mid_side
from burnish.dsp.window import hann
from burnish.errors import SettingError
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

N_BANDS = 30
BAND_HZ = 1000.0 * 10.0 ** (np.arange(-16, N_BANDS - 16) / 10.0)
"""Exact centres of the third octaves from 25 Hz to 20 kHz, IEC 61260-1."""

WINDOW_S = 0.0464  # 2048 samples at 44.1 and 48 kHz
_OVERLAP = 4
_TOGETHER = 16  # windows worked on at once
_AROUND = 4  # windows to each side that the first estimate sees, 46 ms
_NEAR = 1  # and the second
_BINS = 2  # to each side for the first, 43 Hz
_MORE = 1.5  # how often the noise is taken off the first estimate: its own scatter is no music
_FAR = 500.0  # power over that of the noise from which on nothing is taken, 27 dB
_NOTHING_DB = -139.0  # a profile's way to say that there is no noise in a band


class Denoise(Processor):
    """Lower steady noise by at most ``reduction_db``; at 0, or without a profile, nothing is done.

    ``noise_dbfs`` is the noise in the 30 third octaves from 25 Hz to 20 kHz, as the mean square of
    (L + R) / 2 in dBFS; ``side_noise_dbfs`` that of (L - R) / 2, empty for as much as in the
    middle; -140 is none. What stands far above the noise is left alone, attacks are let through.

    For ``auto``: both profiles from the Hiss record of ``measure``, and the more the louder it is:
    9 dB at -62 dBFS (A) and under, 12 at -52, 15 at -42 and over. By then what the filters spoil is
    far less than the noise that they take.
    """

    name: ClassVar[str] = "denoise"

    reduction_db: float = setting(
        0.0, low=0, high=20, unit="dB", help="Most that the noise goes down; 0 does nothing."
    )
    noise_dbfs: tuple[float, ...] = setting(
        (),
        unit="dBFS",
        scale="text",
        help="Noise of the middle in 30 third octaves, 25 Hz to 20 kHz; empty does nothing.",
    )
    side_noise_dbfs: tuple[float, ...] = setting(
        (), unit="dBFS", scale="text", help="Noise of the side likewise; empty: as the middle."
    )

    @model_validator(mode="after")
    def _whole_profiles(self) -> Self:
        for name in ("noise_dbfs", "side_noise_dbfs"):
            if len(getattr(self, name)) not in (0, N_BANDS):
                raise SettingError(
                    "setting-range",
                    f"{name}: {len(getattr(self, name))} given; must be none, or {N_BANDS} dBFS",
                )
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is lowered."""
        return self.reduction_db == 0.0 or not self.noise_dbfs

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that is some 0.3 s late."""
        return Identity() if self.is_neutral else _Denoise(self, rate_hz, channels)


def noise_density(noise_dbfs: tuple[float, ...], frequency_hz: Floats) -> Floats:
    """Mean square per hertz at these frequencies: straight lines in dB between the bands.

    A band without noise has none up to its neighbours' middles.
    """
    widths_hz = BAND_HZ * (10.0**0.05 - 10.0**-0.05)
    given = np.asarray(noise_dbfs)
    density_db = given - 10.0 * np.log10(widths_hz)
    octaves = np.log2(np.maximum(frequency_hz, BAND_HZ[0]) / BAND_HZ[0])
    density = 10.0 ** (np.interp(octaves, np.log2(BAND_HZ / BAND_HZ[0]), density_db) / 10.0)
    nearest = np.abs(octaves[:, None] - np.log2(BAND_HZ / BAND_HZ[0])).argmin(axis=1)
    density[given[nearest] < _NOTHING_DB] = 0.0
    return np.asarray(density)


def gains(power: Floats, noise: Floats, least: float) -> Floats:
    """Gains of the windows but the first and last five, ``(rows, windows - 10, bins)``.

    ``power`` is ``(rows, windows, bins)``, ``noise`` ``(rows, bins)`` what is expected of it.
    """
    noise = noise[:, None]
    around = _along(_along(power, _hill(_AROUND), 1), _hill(_BINS), 2)
    here = power[:, _AROUND:-_AROUND]
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.maximum(around / noise - _MORE, 0.0)
        passed = np.where(noise > 0.0, over / (1.0 + over), 1.0) ** 2 * here
        over = _along(_along(passed, _hill(_NEAR), 1), _hill(_NEAR), 2) / noise
    found = np.maximum(over / (1.0 + np.minimum(over, _FAR)), least)
    return np.asarray(np.where((noise > 0.0) & (over < _FAR), found, 1.0))


def _hill(reach: int) -> Floats:
    """Weights of a Hann window over so many places to each side, their sum 1."""
    weights = 0.5 + 0.5 * np.cos(np.pi * np.arange(-reach, reach + 1) / (reach + 1))
    return np.asarray(weights / weights.sum())


def _along(power: Floats, weights: Floats, axis: int) -> Floats:
    """Weighted means along time (1), where all windows are there, or frequency (2), everywhere."""
    reach = len(weights) // 2
    if axis == 2:
        power = np.pad(power, ((0, 0), (0, 0), (reach, reach)), mode="edge")
    count = power.shape[axis] - 2 * reach
    total = np.zeros_like(power[:, :count] if axis == 1 else power[:, :, :count])
    for k, weight in enumerate(weights):
        part = power[:, k : k + count] if axis == 1 else power[:, :, k : k + count]
        total += weight * part
    return total


class _Denoise(FixedBlocks):
    def __init__(self, settings: Denoise, rate_hz: int, channels: int) -> None:
        self.n_window = 1 << max(5, round(math.log2(WINDOW_S * rate_hz)))
        self.hop = self.n_window // _OVERLAP
        self.context = _AROUND + _NEAR
        size = self.hop * _TOGETHER
        self.late = self.n_window - self.hop + self.context * self.hop
        super().__init__(size, channels, self.late)
        self.window = np.sqrt(hann(self.n_window))
        bins_hz = np.arange(self.n_window // 2 + 1, dtype=np.float64) * (rate_hz / self.n_window)
        profiles = (settings.noise_dbfs, settings.side_noise_dbfs or settings.noise_dbfs)
        density = np.stack([noise_density(p, bins_hz) for p in profiles[:channels]])
        # Of white noise with variance v a bin holds v sum(w^2) = v size / 2.
        self.noise = density * (0.5 * rate_hz * 0.5 * self.n_window)
        self.least = gain_from_db(-settings.reduction_db)
        self.x = np.zeros((channels, size + self.late))
        self.taken = np.zeros((channels, size + self.n_window - self.hop))
        shape = (channels, _TOGETHER + 2 * self.context, len(bins_hz))
        self.spectra = np.zeros(shape, dtype=np.complex128)
        self.power = np.zeros(shape)

    def run(self, block: Block) -> Block:
        self.x[:, : self.late] = self.x[:, self.size :]
        self.x[:, self.late :] = block
        self._see(self.x[:, self.context * self.hop :])
        keep = self.n_window - self.hop
        self.taken[:, :keep] = self.taken[:, self.size :]
        self.taken[:, keep:] = 0.0
        change = gains(self.power, self.noise, self.least) - 1.0
        if change.any():
            here = self.spectra[:, self.context : self.context + _TOGETHER]
            waves = np.fft.irfft(here * change, self.n_window, axis=2)
            waves *= self.window / (_OVERLAP / 2)
            for k in range(_TOGETHER):
                self.taken[:, k * self.hop : k * self.hop + self.n_window] += waves[:, k]
        taken = self.taken[:, : self.size]
        if not taken.any():
            return self.x[:, : self.size].copy()
        return self.x[:, : self.size] + (to_left_right(taken) if len(taken) == 2 else taken)

    def _see(self, x: Floats) -> None:
        """The next windows' spectra, of middle and side, behind those of before."""
        parts = to_mid_side(x) if len(x) == 2 else x
        views = np.lib.stride_tricks.sliding_window_view(parts, self.n_window, axis=1)
        seen = np.fft.rfft(views[:, :: self.hop] * self.window, axis=2)
        for kept in (self.spectra, self.power):
            kept[:, :-_TOGETHER] = kept[:, _TOGETHER:]
        self.spectra[:, -_TOGETHER:] = seen
        self.power[:, -_TOGETHER:] = seen.real**2 + seen.imag**2


EXAMPLE = Denoise(
    reduction_db=10,
    noise_dbfs=tuple(-75.0 + k for k in range(N_BANDS)),
    side_noise_dbfs=tuple(-78.0 + k for k in range(N_BANDS)),
)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "white noise of -50 dBFS, 10 dB less")
