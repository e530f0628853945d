"""Kick against bass: how far the kick comes out of the bass, and which of them comes first.

A hit is where 1 to 4 kHz jump up: the beater and all that is struck with it. A bass note begins
where its partials, told by what sounds after the hit, reach half of what they will be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.dsp.window import hann

Floats = NDArray[np.float64]
Kept = NDArray[np.float32]

_JUMP_DB = 8.0
_QUIETEST = 1e-6  # of the loudest: 60 dB under it nothing jumps
_SOFT_DB = 20.0  # under the louder hits: the noise of a string let go is no hit
_BEFORE_S, _APART_S = 0.087, 0.072
_LEAST_HITS = 16
_MOST_HITS = 240  # more than these tell nothing new

_KICK_HZ = (35.0, 125.0)
_PARTIAL_HZ = (35.0, 230.0)
_CLEAR_HZ = 75.0  # below, the kick's own body covers a note's beginning
_PARTIAL = 0.04  # of the strongest partial's power
_NEW = 0.5  # a partial is new where it had less than this part of its amplitude before
_DEMODULATE_S = 0.05
_REACH_S = (-0.22, 0.30)  # what is looked at around a hit
_SUSTAIN_S, _EARLIER_S = (0.10, 0.22), (-0.20, -0.10)
_SEARCH_S = (-0.15, 0.15)
_NEAR_S = 0.016
_STRETCH_S = 600.0


@dataclass(frozen=True)
class KickBass:
    """How kick and bass go together.

    ``prominence_db`` is how far 35 to 125 Hz rise over the bass around them at the stronger hits
    (90th percentile of ``n_hits``). ``offset_ms`` is how much later than the hits the bass notes
    begin, as most of them do (None below 4 notes); ``n_notes`` notes were timed, ``agreeing`` is
    the part of them within 16 ms of it, ``jitter_ms`` the standard deviation of these.
    ``bass_share`` is the part of all power below 240 Hz that the bass keeps between the hits.
    """

    n_hits: int
    hits_per_s: float
    prominence_db: float
    bass_share: float
    offset_ms: float | None
    n_notes: int
    agreeing: float
    jitter_ms: float | None


def kick_bass(low: Kept, rate_hz: float, clicks: Kept, click_rate_hz: float) -> KickBass | None:
    """From the stream below 240 Hz and the energy of 1 to 4 kHz; None for under 16 hits."""
    hits = _hits(clicks, click_rate_hz)
    reach = [int(s * rate_hz) for s in _REACH_S]
    half = int(_DEMODULATE_S * rate_hz) // 2
    places = np.round(hits * rate_hz).astype(int)
    places = places[(places + reach[0] - half >= 0) & (places + reach[1] + half < len(low))]
    if len(places) < _LEAST_HITS:
        return None
    hits_per_s = len(places) * rate_hz / len(low)
    if len(places) > _MOST_HITS:
        places = places[np.linspace(0, len(places) - 1, _MOST_HITS).astype(int)]
    prominence_db, bass_share = _prominence(low, rate_hz, places)
    late = np.array([s for s in (_lateness_s(low, rate_hz, at) for at in places) if s is not None])
    offset_ms, jitter_ms, agreeing = None, None, 0.0
    if len(late) >= 4:
        near = np.abs(late[:, None] - late[None, :]) <= _NEAR_S
        group = late[near[int(np.argmax(near.sum(axis=1)))]]
        offset_ms, jitter_ms = 1e3 * float(np.median(group)), 1e3 * float(group.std())
        agreeing = len(group) / len(late)
    return KickBass(
        n_hits=len(hits),
        hits_per_s=hits_per_s,
        prominence_db=prominence_db,
        bass_share=bass_share,
        offset_ms=offset_ms,
        n_notes=len(late),
        agreeing=agreeing,
        jitter_ms=jitter_ms,
    )


def _hits(clicks: Kept, rate_hz: float) -> Floats:
    """The moments in seconds at which the energy jumps."""
    before, apart = round(_BEFORE_S * rate_hz), round(_APART_S * rate_hz)
    if len(clicks) < 4 * before or (loudest := float(clicks.max())) <= 0.0:
        return np.zeros(0)
    hits, levels_db, first = [], [], 0
    for part in _stretches(clicks, rate_hz):
        at, level_db = _jumps(part, _QUIETEST * loudest, before, apart)
        hits.append(first + at)
        levels_db.append(level_db)
        first += len(part)
    every, level_db = np.concatenate(hits), np.concatenate(levels_db)
    if len(every):
        every = every[level_db > float(np.percentile(level_db, 90.0)) - _SOFT_DB]
    return np.asarray(every, dtype=np.float64) / rate_hz


def _jumps(
    clicks: Floats, floor: float, before: int, apart: int
) -> tuple[NDArray[np.int64], Floats]:
    """Where the energy jumps, steepest, and the level it jumps to."""
    level_db = 10.0 * np.log10(clicks + floor)
    sums = np.concatenate(((0.0,), np.cumsum(level_db)))
    gap = 4
    base = np.full(len(level_db), np.inf)
    base[before:] = (sums[before - gap : -1 - gap] - sums[: -1 - before]) / (before - gap)
    rise = level_db - base
    views = np.lib.stride_tricks.sliding_window_view(np.pad(rise, apart // 2), apart // 2 * 2 + 1)
    peaks = np.flatnonzero((rise > _JUMP_DB) & (rise >= views.max(axis=1)))
    peaks = peaks[peaks > 8]
    steepest = []
    for peak in peaks:
        steps = level_db[peak - 5 : peak + 1] - level_db[peak - 7 : peak - 1]
        steepest.append(peak - 5 + int(np.argmax(steps)) - 1)
    return np.array(steepest, dtype=np.int64), level_db[peaks]


def _stretches(values: Kept, rate_hz: float) -> Iterator[Floats]:
    """Ten minutes at a time: of an hour the rest would take 200 MB."""
    for part in np.array_split(values, max(1, -(-len(values) // round(_STRETCH_S * rate_hz)))):
        yield part.astype(np.float64)


def _prominence(low: Kept, rate_hz: float, places: NDArray[np.int64]) -> tuple[float, float]:
    """How far the stronger hits rise over the bass around them, and the bass's part of it all."""
    power, total, done = np.empty(len(low)), 0.0, 0
    for piece in _stretches(low, rate_hz):
        power[done : done + len(piece)] = _body(piece, rate_hz)
        total += float(np.sum(piece**2))
        done += len(piece)

    def part(at: int, start_s: float, end_s: float) -> Floats:
        return power[max(0, at + int(start_s * rate_hz)) : at + int(end_s * rate_hz)]

    around = np.array(
        [max(part(at, -0.12, -0.03).mean(), part(at, 0.14, 0.22).mean()) for at in places]
    )
    peak = np.array([part(at, 0.0, 0.08).max() for at in places])
    floor = 1e-6 * float(power.max()) + 1e-30
    over_db = 10.0 * np.log10((peak + floor) / (around + floor))
    bass_share = float(np.median(around)) / max(total / len(low), 1e-30)
    return float(np.percentile(over_db, 90.0)), bass_share


def _body(low: Floats, rate_hz: float) -> Floats:
    """The power of the kick's own octaves, smoothed over 30 ms."""
    spectrum = np.fft.rfft(low)
    hz = np.fft.rfftfreq(len(low), 1.0 / rate_hz)
    spectrum[(hz < _KICK_HZ[0]) | (hz > _KICK_HZ[1])] = 0.0
    body = np.fft.irfft(spectrum, len(low))
    kernel = hann(round(0.03 * rate_hz) | 1)
    return np.convolve(body**2, kernel / kernel.sum(), mode="same")


def _lateness_s(low: Kept, rate_hz: float, place: int) -> float | None:
    """How much later than a hit a new bass note begins; None where none does."""
    size = round(0.16 * rate_hz)
    start = place + int(_SUSTAIN_S[0] * rate_hz)
    after = np.abs(np.fft.rfft(low[start : start + size] * hann(size), 1024))
    hz = np.arange(len(after)) * rate_hz / 1024
    is_peak = (after[1:-1] > after[:-2]) & (after[1:-1] >= after[2:])
    peaks = np.flatnonzero(is_peak) + 1
    peaks = peaks[(hz[peaks] > _PARTIAL_HZ[0]) & (hz[peaks] < _PARTIAL_HZ[1])]
    if not len(peaks):
        return None
    peaks = peaks[after[peaks] ** 2 > _PARTIAL * after[peaks].max() ** 2]
    kernel = hann(int(_DEMODULATE_S * rate_hz) | 1)
    half = len(kernel) // 2
    first, last = (place + int(s * rate_hz) for s in _REACH_S)
    piece = low[first - half : last + half]
    time_s = np.arange(len(piece)) / rate_hz

    def cut(power: Floats, span_s: tuple[float, float]) -> Floats:
        begin, end = (int((s - _REACH_S[0]) * rate_hz) for s in span_s)
        return power[begin:end]

    together = np.zeros(last - first)
    for peak in peaks:
        turned = piece * np.exp(-2j * np.pi * hz[peak] * time_s)
        amplitude = np.abs(np.convolve(turned, kernel / kernel.sum(), mode="valid"))
        amplitude = amplitude[: len(together)]
        sustained = _middle(cut(amplitude, _SUSTAIN_S))
        earlier = _middle(cut(amplitude, _EARLIER_S))
        if earlier < _NEW * sustained and (hz[peak] > _CLEAR_HZ or len(peaks) == 1):
            together[: len(amplitude)] += amplitude**2
    searched = cut(together, _SEARCH_S)
    # Half of the amplitude, for good: a quarter of the power.
    below = np.flatnonzero(searched < 0.25 * _middle(cut(together, _SUSTAIN_S)))
    if not len(below):
        return None
    return float(_SEARCH_S[0] + (below[-1] + 1) / rate_hz)


def _middle(values: Floats) -> float:
    """The median; numpy's takes a hundred microseconds, of which here are thousands."""
    rising = np.sort(values)
    return float(0.5 * (rising[(len(rising) - 1) // 2] + rising[len(rising) // 2]))
