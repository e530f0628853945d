"""Hearing: what is there to be heard in a sound, window by window, for the score to compare.

The sound as it is comes first, and tells where its bass line, its hits and its middle are; what a
device or a codec makes of it is then heard at the same places. Windows last about 0.19 s and lie
half over each other, so that any split of the stream gives the same bits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade, response
from burnish.dsp.kweighting import k_weighting
from burnish.dsp.window import hann
from burnish.measure.bands import third_octave_edges_hz
from burnish.measure.walk import HOPS_PER_S, hop_edge

Floats = NDArray[np.float64]
Bits = NDArray[np.uint8]

WINDOW_S = 0.17  # at least: two bass notes a semitone apart at 50 Hz are hardly told by less
BASS_HZ = (35.0, 130.0)  # where a bass line has its fundamentals
HARMONICS = range(1, 7)  # by which a bass line is known where its fundamental is not played,
HARMONICS_HZ = 400.0  # up to here: higher ones are lost among those of other instruments
MIDDLE_HZ = (500.0, 2000.0)  # what they are held against
VOICE_HZ = (200.0, 4000.0)
CENTRED = 0.04  # of the middle's power: with less in the side, a voice would be in the centre
HITS_HZ = ((40.0, 120.0), (120.0, 600.0), (2000.0, 5000.0))  # weight, body and click of a kick

_NARROW = 2  # bins on both sides of a harmonic that belong to it: the window's main lobe
_STANDS_OUT = 3.0  # times what lies beside it: noise does so in few windows
_BATCH = 16  # windows at once


@dataclass(frozen=True, eq=False)
class Heard:
    """What was heard: powers, one row a window (``hits``: one for each 5 ms).

    They are K-weighted, but for the bass and the hits.
    """

    rate_hz: int
    n_bins: int
    mid: Floats
    """Of (L + R) / 2, in third octaves."""
    side: Floats
    """Of (L - R) / 2, in third octaves."""
    bass_hz: Floats
    """Where the strongest tone of the bass is; 0: there is none."""
    harmonics: Floats
    """Of that tone and its harmonics up to 400 Hz, over what lies between them."""
    middle: Floats
    """500 to 2000 Hz, not weighted, as ``harmonics``."""
    voice: Floats
    """Of what is in the centre from 200 to 4000 Hz."""
    rest: Floats
    """Of all else."""
    centre: Bits
    """Which bins that was, packed."""
    spectrum: Floats
    """Mean power of each bin, not weighted."""
    hits: Floats
    """Energies of weight, body and click in each 5 ms."""

    @property
    def total(self) -> Floats:
        """Power of each window."""
        return np.asarray(self.voice + self.rest)


class Hearing:
    """Hears a stream; ``led_by`` tells where, once the sound itself was heard."""

    def __init__(self, rate_hz: int, channels: int, led_by: Heard | None = None) -> None:
        self.ear = Ear(rate_hz)
        self._led_by = led_by
        self._held = np.zeros((2, 0))
        self._channels = channels
        self._n_windows = 0
        self._spectrum = np.zeros(self.ear.n_bins)
        self._rows: list[dict[str, NDArray[Any]]] = []
        self._hits = _Hits(rate_hz)

    def feed(self, block: Floats) -> None:
        """Take the next ``(channels, n)`` samples."""
        mid = block.mean(axis=0)
        side = 0.5 * (block[0] - block[1]) if self._channels == 2 else np.zeros_like(mid)
        self._hits.feed(mid[None])
        self._held = np.concatenate((self._held, np.stack((mid, side))), axis=1)
        size, hop = self.ear.size, self.ear.size // 2
        whole = max(0, (self._held.shape[1] - size) // hop + 1)
        for first in range(0, whole // _BATCH * _BATCH, _BATCH):
            self._take(self._held[:, first * hop :], _BATCH)
        self._held = self._held[:, whole // _BATCH * _BATCH * hop :]

    def finish(self) -> Heard:
        """End the stream."""
        size, hop = self.ear.size, self.ear.size // 2
        n = max(1, -(-max(0, self._held.shape[1] - size) // hop) + 1)
        missing = (n - 1) * hop + size - self._held.shape[1]
        held = np.concatenate((self._held, np.zeros((2, max(0, missing)))), axis=1)
        for first in range(0, n, _BATCH):
            self._take(held[:, first * hop :], min(_BATCH, n - first))
        columns = {
            name: np.concatenate([row[name] for row in self._rows]) for name in self._rows[0]
        }
        return Heard(
            self.ear.rate_hz,
            self.ear.n_bins,
            spectrum=self._spectrum / self._n_windows,
            hits=self._hits.finish(),
            **columns,
        )

    def _take(self, held: Floats, n: int) -> None:
        power_mid, power_side = self.ear.powers(held, n)
        self._spectrum += (power_mid + power_side).sum(axis=0)
        self._rows.append(self.ear.hear(power_mid, power_side, self._led_by, self._n_windows))
        self._n_windows += n


class Ear:
    """The windows at one rate, and what is summed up in them."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.size = 1 << round(np.log2(WINDOW_S * rate_hz))
        self.n_bins = self.size // 2 + 1
        self.bin_hz = rate_hz / self.size
        self.hz = np.arange(self.n_bins) * self.bin_hz
        window = hann(self.size)
        self._window = window / np.sqrt(float((window**2).sum()) * self.size / 2.0)
        self.k = np.abs(response(k_weighting(rate_hz), self.hz, rate_hz)) ** 2
        edges = np.array(third_octave_edges_hz()).ravel() / self.bin_hz + 0.5
        edges = np.minimum(edges, float(self.n_bins))
        self._edge = edges.astype(np.intp)
        self._share = edges - self._edge

    def powers(self, held: Floats, n: int) -> Floats:
        """Power spectra of n windows of each row, shape ``(rows, n, bins)``."""
        hop = self.size // 2
        pieces = np.lib.stride_tricks.sliding_window_view(held, self.size, axis=1)[:, ::hop][:, :n]
        spectra = np.fft.rfft(pieces * self._window, axis=-1)
        return np.asarray(spectra.real**2 + spectra.imag**2)

    def hear(
        self, mid: Floats, side: Floats, led_by: Heard | None = None, first: int = 0
    ) -> dict[str, NDArray[Any]]:
        """The columns of ``Heard`` but for the hits; ``first`` is the place of the first window."""
        here = slice(first, first + len(mid))
        bass_hz = self.bass_hz(mid) if led_by is None else led_by.bass_hz[here]
        low, high = (min(round(hz / self.bin_hz), self.n_bins) for hz in VOICE_HZ)
        if led_by is None:
            centred = side[:, low:high] <= CENTRED * mid[:, low:high]
            centre = np.packbits(centred, axis=1)
        else:
            centre = led_by.centre[here]
            centred = np.unpackbits(centre, axis=1, count=high - low).astype(np.bool_)
        mid_k, side_k = mid * self.k, side * self.k
        voiced = mid_k[:, low:high] + side_k[:, low:high]
        voice = np.where(centred, voiced, 0.0).sum(axis=1)
        a, b = (round(hz / self.bin_hz) for hz in MIDDLE_HZ)
        return {
            "mid": self.bands(mid_k),
            "side": self.bands(side_k),
            "bass_hz": bass_hz,
            "harmonics": self.harmonics(mid, bass_hz),
            "middle": mid[:, a:b].sum(axis=1) + side[:, a:b].sum(axis=1),
            "voice": voice,
            "rest": np.maximum(mid_k.sum(axis=1) + side_k.sum(axis=1) - voice, 0.0),
            "centre": centre,
        }

    def bands(self, power: Floats) -> Floats:
        """Power in each third octave; a bin that an edge cuts gives to both sides."""
        sums = np.concatenate((np.zeros((len(power), 1)), np.cumsum(power, axis=1)), axis=1)
        sums = np.concatenate((sums, sums[:, -1:]), axis=1)
        upto = sums[:, self._edge] + self._share * (sums[:, self._edge + 1] - sums[:, self._edge])
        return np.asarray(np.maximum(upto[:, 1::2] - upto[:, ::2], 0.0))

    def bass_hz(self, mid: Floats) -> Floats:
        """The strongest tone of the bass in each window, where most of the bass is that tone."""
        a, b = (round(hz / self.bin_hz) for hz in BASS_HZ)
        low = mid[:, a : b + 1]
        rows = np.arange(len(low))
        at = np.clip(np.argmax(low, axis=1), 1, max(1, low.shape[1] - 2))
        sums = np.concatenate((np.zeros((len(low), 1)), np.cumsum(low, axis=1)), axis=1)
        total = sums[:, -1]
        right = np.minimum(at + _NARROW + 1, low.shape[1])
        tone = sums[rows, right] - sums[rows, np.maximum(at - _NARROW, 0)]
        around = np.sqrt(np.maximum(np.stack([low[rows, at + k] for k in (-1, 0, 1)]), 1e-300))
        before, here, after = np.log(around)
        bend = before - 2.0 * here + after
        shift = np.where(bend < 0.0, 0.5 * (before - after) / np.minimum(bend, -1e-12), 0.0)
        hz = (a + at + np.clip(shift, -0.5, 0.5)) * self.bin_hz
        return np.asarray(np.where((total > 0.0) & (tone > 0.6 * total), hz, 0.0))

    def harmonics(self, power: Floats, bass_hz: Floats) -> Floats:
        """Power of a tone and its harmonics in each window, over what lies between them."""
        most = min(self.n_bins, round(1.25 * HARMONICS_HZ / self.bin_hz))
        sums = np.concatenate(
            (np.zeros((len(power), 1)), np.cumsum(power[:, :most], axis=1)), axis=1
        )
        rows = np.arange(len(power))
        found = np.zeros(len(power))
        for k in HARMONICS:
            at = np.rint(k * bass_hz / self.bin_hz).astype(np.intp)
            left, right = at - _NARROW, at + _NARROW + 1
            wide = np.maximum(np.rint(0.5 * bass_hz / self.bin_hz).astype(np.intp), _NARROW + 1)
            fits = (bass_hz > 0.0) & (k * bass_hz <= HARMONICS_HZ) & (at + wide < most)
            left, right = np.where(fits, left, 0), np.where(fits, right, 0)
            first, last = np.where(fits, at - wide, 0), np.where(fits, at + wide + 1, 0)
            tone = sums[rows, right] - sums[rows, np.maximum(left, 0)]
            between = sums[rows, last] - sums[rows, np.maximum(first, 0)] - tone
            floor = between / np.maximum(last - first - (right - left), 1) * (2 * _NARROW + 1)
            found += np.where(tone > _STANDS_OUT * floor, tone - floor, 0.0)
        return found


class _Hits:
    """Energies of three bands in every 5 ms, of one row."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        top = 0.45 * rate_hz
        self._bands = [
            Cascade(
                [
                    matched.sections(
                        (
                            *matched.high_pass(min(low, 0.5 * top), 2),
                            *matched.low_pass(min(high, top), 2),
                        ),
                        rate_hz,
                    )
                ]
            )
            for low, high in HITS_HZ
        ]
        self._held = np.zeros((len(HITS_HZ), 0))
        self._hops = 0
        self._rows: list[Floats] = []

    def feed(self, mid: Floats) -> None:
        parts = np.concatenate([band.process(mid) for band in self._bands])
        self._held = np.concatenate((self._held, parts * parts), axis=1)
        start = hop_edge(self._hops, self._rate_hz)
        edges = [0]
        while (
            edge := hop_edge(self._hops + len(edges), self._rate_hz) - start
        ) <= self._held.shape[1]:
            edges.append(edge)
        if len(edges) > 1:
            self._rows.append(np.add.reduceat(self._held[:, : edges[-1]], edges[:-1], axis=1))
            self._held = self._held[:, edges[-1] :]
            self._hops += len(edges) - 1

    def finish(self) -> Floats:
        return np.concatenate(self._rows, axis=1).T if self._rows else np.zeros((0, len(HITS_HZ)))


def hits(heard: Heard) -> NDArray[np.intp]:
    """Where the bass is struck: the 5 ms in which its weight rises by 6 dB within 15 ms."""
    energy = heard.hits[:, 0]
    if len(energy) < _ROUND or not energy.any():
        return np.zeros(0, dtype=np.intp)
    level_db = 10.0 * np.log10(np.maximum(energy, 1e-12 * float(energy.max())))
    level_db = np.convolve(level_db, np.full(3, 1.0 / 3.0), mode="same")
    rise = np.zeros_like(level_db)
    rise[3:-3] = level_db[6:] - level_db[:-6]
    loud = float(np.percentile(level_db, 95)) - 12.0
    found: list[int] = []
    for at in _peaks(rise):
        loud_after = float(level_db[at : at + 10].max())
        if rise[at] >= _RISE_DB and loud_after >= loud:
            if found and at - found[-1] < HOPS_PER_S // 8:
                if rise[at] > rise[found[-1]]:
                    found[-1] = at
                continue
            found.append(at)
    inside = [at for at in found if _BEFORE[0] <= at < len(energy) - _AFTER[1]]
    return np.array(inside, dtype=np.intp)


def struck(heard: Heard, at: NDArray[np.intp]) -> Floats:
    """By how much weight, body and click rise at these places, as amplitudes to the power 0.6.

    That is how much louder they become, roughly in sones (Stevens 1955). Shape ``(places, 3)``.
    """
    amplitude = np.sqrt(heard.hits)
    if not len(at):
        return np.zeros((0, len(HITS_HZ)))
    before = amplitude[at[:, None] - np.arange(_BEFORE[1], _BEFORE[0] + 1)].mean(axis=1)
    after = amplitude[at[:, None] + np.arange(-_AFTER[0], _AFTER[1])].max(axis=1)
    return np.asarray(np.maximum(after**0.6 - before**0.6, 0.0))


_RISE_DB = 6.0
_ROUND = 40  # 5 ms each: less is no rhythm
_BEFORE, _AFTER = (12, 4), (1, 9)  # 5 ms each: what is compared at a hit


def _peaks(values: Floats) -> Iterator[int]:
    inner = values[1:-1]
    yield from (np.flatnonzero((inner >= values[:-2]) & (inner > values[2:])) + 1).tolist()
