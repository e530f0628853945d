"""Fades and crossfades: how a gain goes from nothing to one, and how one song gives way to another.

The position of sample i of n is (i + 1/2) / n, so a fade out is the exact mirror of a fade in, and
a fade of one sample is half way.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

EXPONENTIAL_DB = 60.0
"""How far an exponential fade is straight in decibels: the fall that reverberation time counts."""

_CHUNK_SAMPLES = 4096


def _exponential(t: Samples) -> Samples:
    ratio = 10.0 ** (EXPONENTIAL_DB / 20)
    gain: Samples = (ratio**t - 1.0) / (ratio - 1.0)
    return gain


CURVES: dict[str, Callable[[Samples], Samples]] = {
    "linear": lambda t: t,
    "equal-power": lambda t: np.sin(0.5 * np.pi * t),
    "exponential": _exponential,
    "s-curve": lambda t: 0.5 - 0.5 * np.cos(np.pi * t),
}
"""Gain over position 0 to 1. Mirrors add up to 1 in gain for linear and s-curve, in power for
equal-power. Exponential is 30 dB down in the middle: for two that shall hardly meet."""


class Ramp:
    """The gains of a fade of ``n_samples``; which are asked for together changes no bit.

    They are made in pieces of a fixed grid: what a processor's vector unit does to the last bit of
    a sine may depend on the place in the array.
    """

    def __init__(self, n_samples: int, curve: str, falling: bool = False) -> None:
        self.n_samples = n_samples
        self._gain = CURVES[curve]
        self._falling = falling
        self._made = -1
        self._chunk = np.empty(0)

    def gains(self, start: int, stop: int) -> Samples:
        """Gains of samples ``start`` to ``stop`` of the fade, 0 <= start <= stop <= n_samples."""
        found = np.empty(stop - start)
        at = start
        while at < stop:
            number, inside = divmod(at, _CHUNK_SAMPLES)
            n = min(stop - at, _CHUNK_SAMPLES - inside)
            found[at - start : at - start + n] = self._of(number)[inside : inside + n]
            at += n
        return found

    def _of(self, number: int) -> Samples:
        if number != self._made:
            i = number * _CHUNK_SAMPLES + np.arange(_CHUNK_SAMPLES, dtype=np.float64)
            i = self.n_samples - 0.5 - i if self._falling else i + 0.5
            self._chunk = self._gain(np.clip(i / max(1, self.n_samples), 0.0, 1.0))
            self._made = number
        return self._chunk


class Crossfade:
    """One song gives way to another over ``n_samples``.

    ``linear`` and ``s-curve`` keep the amplitude where both are alike, exactly; ``equal-power``
    keeps the power of songs that have nothing in common; ``none`` plays both as they are.
    """

    def __init__(self, n_samples: int, curve: str) -> None:
        self.n_samples = n_samples
        self._curve = curve
        self._plain = curve == "none"
        self._in = Ramp(n_samples, "linear" if self._plain else curve)
        self._out = Ramp(n_samples, "linear" if self._plain else curve, falling=True)

    def mixed(self, leaving: Samples, coming: Samples, start: int) -> Samples:
        """Both (channels, n) together, from sample ``start`` of the crossfade."""
        if self._plain:
            return leaving + coming
        stop = start + leaving.shape[-1]
        gain = self._in.gains(start, stop)
        if self._curve in ("linear", "s-curve"):
            return leaving + gain * (coming - leaving)  # what is alike keeps its bits
        return leaving * self._out.gains(start, stop) + coming * gain
