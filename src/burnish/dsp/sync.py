"""Sync: what is played around a programme that goes out through a loop, to find it again.

    silence | a burst in each channel | tone | silence | PROGRAMME | silence | bursts

A burst is a linear sweep of 0.3 s, rising at the head and falling at the tail: the two are never
taken for each other, and their distance tells the drift of the clocks. Each channel has its own,
one after the other: that tells which is which. They are functions of time, so that they are known
at any rate and speed, between all samples.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BURST_S, BURST_PEAK = 0.3, 10.0 ** (-12.0 / 20.0)
TONE_S, TONE_HZ, TONE_PEAK = 1.0, 1000.0, 10.0 ** (-18.0 / 20.0)
_LOWEST_HZ, _HIGHEST_HZ, _HIGHEST_PART = 200.0, 16_000.0, 0.38
_FADE_S = 0.03
_SILENCE_S, _GAP_S = 0.5, 0.1
NOISE_S = 1.0
"""Silence before the programme: what is heard in it is the loop's own noise."""
_RING_S = 1.5


@dataclass(frozen=True)
class Layout:
    """Where everything lies in what is sent, in samples at ``rate_hz``."""

    rate_hz: int
    channels: int
    n_programme: int

    @property
    def spacing(self) -> int:
        """From one channel's burst to the next one's."""
        return round((BURST_S + _GAP_S) * self.rate_hz)

    @property
    def heads(self) -> tuple[int, ...]:
        """Where the burst of each channel begins, before the programme."""
        first = round(_SILENCE_S * self.rate_hz)
        return tuple(first + i * self.spacing for i in range(self.channels))

    @property
    def tone(self) -> int:
        """Where the level tone begins, in all channels."""
        return self.heads[-1] + self.spacing

    @property
    def noise(self) -> int:
        """Where the silence before the programme begins."""
        return self.tone + round(TONE_S * self.rate_hz)

    @property
    def programme(self) -> int:
        """Where the programme begins."""
        return self.noise + round(NOISE_S * self.rate_hz)

    @property
    def tails(self) -> tuple[int, ...]:
        """Where the bursts behind the programme begin."""
        first = self.programme + self.n_programme + round(_RING_S * self.rate_hz)
        return tuple(first + i * self.spacing for i in range(self.channels))

    @property
    def n_samples(self) -> int:
        """How long all of it is."""
        return self.tails[-1] + self.spacing + round(_SILENCE_S * self.rate_hz)

    def head(self) -> Floats:
        """All before the programme, (channels, samples)."""
        out = np.zeros((self.channels, self.programme))
        self._put(out, self.heads, 0, rising=True)
        n = self.noise - self.tone
        out[:, self.tone : self.noise] = tone(np.arange(n) / self.rate_hz)
        return out

    def tail(self) -> Floats:
        """All behind the programme."""
        start = self.programme + self.n_programme
        out = np.zeros((self.channels, self.n_samples - start))
        self._put(out, self.tails, start, rising=False)
        return out

    def _put(self, out: Floats, places: tuple[int, ...], start: int, rising: bool) -> None:
        n = round(BURST_S * self.rate_hz) + 1
        samples = burst(np.arange(n) / self.rate_hz, self.rate_hz, rising)
        for channel, place in enumerate(places):
            out[channel, place - start : place - start + n] = samples


def burst(t_s: Floats, rate_hz: float, rising: bool) -> Floats:
    """The burst at times since its beginning; ``rate_hz`` is that of what is sent."""
    low, high = _LOWEST_HZ, min(_HIGHEST_HZ, _HIGHEST_PART * rate_hz)
    begin, end = (low, high) if rising else (high, low)
    phase = 2.0 * math.pi * (begin * t_s + 0.5 * (end - begin) / BURST_S * t_s**2)
    edge = np.clip(np.minimum(t_s, BURST_S - t_s) / _FADE_S, 0.0, 1.0)
    return np.asarray(BURST_PEAK * np.sin(0.5 * math.pi * edge) ** 2 * np.sin(phase))


def tone(t_s: Floats) -> Floats:
    """The level tone at times since its beginning, with soft ends."""
    edge = np.clip(np.minimum(t_s, TONE_S - t_s) / _FADE_S, 0.0, 1.0)
    faded = np.sin(0.5 * math.pi * edge) ** 2
    return np.asarray(TONE_PEAK * faded * np.sin(2.0 * math.pi * TONE_HZ * t_s))
