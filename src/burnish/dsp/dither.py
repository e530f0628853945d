"""The last step of a master: from float64 to whole numbers, with dither, once.

Rounding alone makes an error that follows the music: distortion in fades and reverb tails.
Triangular dither (TPDF, two uniform numbers of one step each) makes mean and power of the error
independent of the music (Lipshitz, Wannamaker and Vanderkooy, "Quantization and dither", JAES
40(5), 1992): a steady hiss of 1/4 step squared, -93.3 dBFS at 16 bits against a full-scale sine.
A noise shape (``noise_shape.py``) moves that hiss to where the ear hears less.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.dsp.noise_shape import SHAPES
from burnish.errors import SettingError

BLACK_S = 0.025
"""Zeros on all channels for this long are silence and stay black. Half a cycle of 20 Hz: a shorter
run may be a low, quiet tone on its way through zero, and gets its dither."""

# SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
# number i of a stream is a hash of key + i * golden, so any place of it can be had at once.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@njit(inline="always")
def _triangular(z):  # type: ignore[no-untyped-def]
    """Hash a 64-bit number and add its halves: triangular over -1 to 1, mean exactly 0."""
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    z = z ^ (z >> np.uint64(31))
    first, second = np.int32(z >> np.uint64(32)), np.int32(z & np.uint64(0xFFFFFFFF))
    return (np.float64(first) + np.float64(second) + 1.0) * 2.0**-32


@njit(cache=True, nogil=True, fastmath=False)
def _round(x, start, stop, out, scale, keys, position, taps, past):  # type: ignore[no-untyped-def]
    """Quantise x[:, start:stop] into the same place of out; ``position``: that of x[:, 0].

    No ``keys``: no dither. ``past`` (channels, taps): the last errors, oldest first.
    """
    n = stop - start
    n_taps = taps.shape[0]
    low, high = -scale, scale - 1.0
    for c in range(x.shape[0]):
        if keys.shape[0] == 0:
            for i in range(n):
                value = np.rint(x[c, start + i] * scale)
                out[c, start + i] = np.int32(min(max(value, low), high))
            continue
        key = keys[c] + np.uint64(position + start) * _GOLDEN
        if n_taps == 0:  # a loop of its own, so that it is vectorised
            for i in range(n):
                noise = _triangular(key + np.uint64(i) * _GOLDEN)
                value = np.rint(x[c, start + i] * scale + noise)
                out[c, start + i] = np.int32(min(max(value, low), high))
            continue
        errors = np.empty(n_taps + n)
        for k in range(n_taps):
            errors[k] = past[c, k]
        for i in range(n):
            wanted = x[c, start + i] * scale
            for k in range(n_taps):  # oldest first: only the last term waits for the last error
                wanted -= taps[n_taps - 1 - k] * errors[i + k]
            value = np.rint(wanted + _triangular(key + np.uint64(i) * _GOLDEN))
            errors[n_taps + i] = value - wanted
            if value < low or value > high:  # fed back, a clipped error would drive the shape wild
                value = min(max(value, low), high)
                for k in range(n_taps):
                    errors[i + 1 + k] = 0.0
            out[c, start + i] = np.int32(value)
        for k in range(n_taps):
            past[c, k] = errors[n + k]


class Quantiser:
    """Round float64 to whole numbers of ``bits`` bits; any split into blocks gives the same bits.

    ``dither``: "none" (plain rounding), "tpdf" (flat), or the name of a noise shape. Each channel
    has its own noise; the same ``seed`` gives the same. Full scale is 2**(bits - 1); what lies
    beyond is clamped, never wrapped. Zeros on all channels for 25 ms or more, or from the start
    or to the end, stay digital black. A shape at a rate that it is not made for is a
    ``SettingError``.
    """

    def __init__(self, bits: int, dither: str, seed: int, channels: int, rate_hz: int) -> None:
        if not 2 <= bits <= 24:
            raise SettingError("setting-range", f"bits={bits}: must be 2 to 24")
        check_dither(dither, rate_hz)
        shape = SHAPES.get(dither)
        self._scale = 2.0 ** (bits - 1)
        self._taps = np.array(shape.coefficients if shape else (), dtype=np.float64)
        self._past = np.zeros((channels, self._taps.size))
        streams = np.random.SeedSequence(seed).generate_state(channels, np.uint64)
        self._keys = streams[: 0 if dither == "none" else channels]
        self._black_after = max(1, round(BLACK_S * rate_hz))
        self._position = 0  # samples given out
        self._held = 0  # zeros that may be sound or silence: what follows will tell
        self._black = True  # whether silence came last; before the first sample there is silence

    def process(self, block: NDArray[np.float64]) -> NDArray[np.int32]:
        """Take (channels, n) samples; return those that are ready, as (channels, m) int32.

        Zeros at the end are held back until it is known whether they are silence.
        """
        x = np.ascontiguousarray(block, dtype=np.float64)
        if self._held:
            x = np.concatenate((np.zeros((x.shape[0], self._held)), x), axis=1)
        out = np.zeros(x.shape, dtype=np.int32)
        stretches, ready = self._sounding(x)
        for start, stop in stretches:
            if start > 0 or self._black:  # no tail of the shape goes on over a silence
                self._past[:] = 0.0
            _round(
                x, start, stop, out, self._scale, self._keys, self._position, self._taps, self._past
            )
        if ready:
            self._black = not stretches or stretches[-1][1] < ready
        self._held = x.shape[1] - ready
        self._position += ready
        return out[:, :ready]

    def finish(self) -> NDArray[np.int32]:
        """Return what was held back: the zeros at the end, black."""
        rest = np.zeros((self._past.shape[0], self._held), dtype=np.int32)
        self._position, self._held, self._black = self._position + self._held, 0, True
        return rest

    def _sounding(self, x: NDArray[np.float64]) -> tuple[list[tuple[int, int]], int]:
        """Find the stretches of sound, and up to where it is known what is sound."""
        n = x.shape[1]
        sound = x[0] != 0.0
        for other in x[1:]:
            sound |= other != 0.0
        if sound.all():
            return [(0, n)] if n else [], n
        places = np.flatnonzero(sound)
        if not places.size:
            return [], n if self._black or n >= self._black_after else 0
        first, end = int(places[0]), int(places[-1]) + 1
        gaps = np.flatnonzero(np.diff(places) > self._black_after)
        starts = [first if self._black or first >= self._black_after else 0]
        starts += [int(place) for place in places[gaps + 1]]
        stops = [*(int(place) + 1 for place in places[gaps]), end]
        return list(zip(starts, stops, strict=True)), n if n - end >= self._black_after else end


def check_dither(dither: str, rate_hz: int) -> None:
    """Raise a ``SettingError`` where there is no such dither, or not at this rate."""
    if dither in ("none", "tpdf"):
        return
    if dither not in SHAPES:
        names = ", ".join(("none", "tpdf", *SHAPES))
        raise SettingError("setting-range", f"dither={dither}: must be one of {names}")
    low, high = SHAPES[dither].lowest_rate_hz, SHAPES[dither].highest_rate_hz
    if not low <= rate_hz <= high:
        raise SettingError(
            "dither-rate",
            f"dither={dither}: is made for {low} to {high} Hz, not for {rate_hz} Hz; take tpdf",
        )


def is_on_grid(block: NDArray[np.float64], bits: int) -> bool:
    """Whether every sample is already a whole number of ``bits`` bits, so needs no dither."""
    scaled = block * 2.0 ** (bits - 1)
    low, high = -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1
    return bool(np.all((scaled == np.rint(scaled)) & (scaled >= low) & (scaled <= high)))
