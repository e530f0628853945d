"""Loop: where what was sent through a loop lies in its recording, and in what state it came back.

The bursts are found by correlation, roughly anywhere in the recording, then each between its
samples by the phases of its cross spectrum (weighted by its energy: of a filter that turns phases,
the delay is that of the burst's energy). Burst and tone are functions of time, so they are held
against the recording at its own rate and at the speed found so far, until that no longer changes:
a sweep that is a ten-thousandth too slow would else be found a sample too late.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.dsp.sync import BURST_S, NOISE_S, TONE_HZ, TONE_PEAK, TONE_S, Layout, burst
from burnish.errors import InputError

Floats = NDArray[np.float64]
Spectrum = NDArray[np.complex128]

MOST_DRIFT_PPM = 500.0
"""Clocks differ by some 100 ppm at worst; more, and samples were lost."""

_LEAST_FIT = 0.25  # of a burst: its correlation with itself as it came back
_LEAST_SURE = 12.0  # times the scatter of the correlation; chance stays under 7
_SNAP_SAMPLES = 0.002  # nearer than the estimate is sure: the whole sample is meant
_CHUNK = 1 << 19
_CLOSE = 1e-12
_ROUNDS = 40
_AROUND_S = 0.02
_NEAR = 32


@dataclass(frozen=True)
class Loop:
    """Where what was sent lies in a recording, and what became of its bursts, tone and silence.

    Sample s that was sent is at ``delay_samples + s * speed`` of the recording, ``speed`` being the
    ratio of the rates times ``1 + drift_ppm / 1e6``. Rows have an entry for each channel sent.
    """

    delay_samples: float
    drift_ppm: float
    speed: float
    recorded_channels: tuple[int, ...]
    """Which channel of the recording holds it, from 1."""
    inverted: tuple[bool, ...]
    gains_db: tuple[float, ...]
    """The level tone as it came back, against what was sent."""
    tone_noise_db: tuple[float, ...]
    """What is in the tone beside itself: distortion and noise, against it."""
    noise_dbfs: tuple[float, ...]
    """RMS of the silence before the programme; -inf: digital silence."""
    skew_samples: float
    """How much later the right channel came than the left."""
    fit: float
    """How like itself the worst burst came back, 0 to 1; what filters it lowers it."""

    @property
    def swapped(self) -> bool:
        """Whether left and right are exchanged."""
        return self.recorded_channels == (2, 1)

    @property
    def gain_db(self) -> float:
        """The mean of the channels."""
        return sum(self.gains_db) / len(self.gains_db)


def find_loop(recording: Source, layout: Layout) -> Loop:
    """Find what was sent. An ``InputError`` says in one sentence what is missing."""
    rate_hz, name = recording.info.rate_hz, recording.info.name
    if layout.channels > recording.info.channels:
        raise InputError(
            "return-channels",
            f"{name}: has 1 channel, and 2 were sent; record both channels of the loop",
        )
    head, tail = _first_seen(recording, layout)
    if head is None and tail is None:
        raise InputError(
            "return-no-burst",
            f"{name}: holds no sync burst; is it what `burnish send` wrote, played at its rate of "
            f"{layout.rate_hz} Hz, and recorded?",
        )
    if head is None:
        raise InputError(
            "return-late",
            f"{name}: starts too late, the burst before the programme is missing; start recording "
            "before you play",
        )
    if tail is None:
        raise InputError(
            "return-early",
            f"{name}: ends too early, the burst behind the programme is missing; record until the "
            "end of what was sent",
        )
    ratio = rate_hz / layout.rate_hz
    heads = _channels_of(recording, layout, head, ratio, rising=True)
    tails = _channels_of(recording, layout, tail, ratio, rising=False)
    wiring = _wiring(heads, layout, name)
    expected = (layout.tails[0] - layout.heads[0]) * ratio
    apart = tails.place - heads.place
    if abs(apart - expected) > MOST_DRIFT_PPM * 1e-6 * expected + 8.0:
        word = "less" if apart < expected else "more"
        raise InputError(
            "return-length",
            f"{name}: has {abs(apart - expected) / rate_hz:.3f} s {word} between its bursts than "
            "was sent; samples were lost, or it was stopped on the way: record it again",
        )
    return _measured(recording, layout, heads.place, tails.place, wiring)


def _measured(
    recording: Source, layout: Layout, head: int, tail: int, wiring: tuple[int, ...]
) -> Loop:
    """The fine places, and a line through them for each channel, with one slope."""
    rate_hz = recording.info.rate_hz
    ratio = speed = rate_hz / layout.rate_hz
    sent = np.array([layout.heads, layout.tails], dtype=float)
    found = np.array([head + (sent[0] - sent[0, 0]) * ratio, tail + (sent[1] - sent[1, 0]) * ratio])
    pieces = [
        [_Piece.around(recording, found[i, j], channel) for j, channel in enumerate(wiring)]
        for i in (0, 1)
    ]
    for _ in range(_ROUNDS):
        for i in (0, 1):
            for j, piece in enumerate(pieces[i]):
                found[i, j] = piece.refined(found[i, j], layout, speed, rising=i == 0)
        before, speed = speed, float(np.mean((found[1] - found[0]) / (sent[1] - sent[0])))
        if abs(speed - before) < _CLOSE:
            break
    if abs(speed / ratio - 1.0) * float(sent[1, 0]) < _SNAP_SAMPLES:
        speed = ratio
    delays = (found - speed * sent).mean(axis=0)
    delay = float(delays.mean())
    if speed == 1.0 and abs(delay - round(delay)) < _SNAP_SAMPLES:
        delay = float(round(delay))
    looks = [
        piece.look(found[i, j], layout, speed, rising=i == 0)
        for i in (0, 1)
        for j, piece in enumerate(pieces[i])
    ]
    tones = [_tone(recording, layout, delay, speed, channel) for channel in wiring]
    return Loop(
        delay_samples=delay,
        drift_ppm=1e6 * (speed / ratio - 1.0),
        speed=speed,
        recorded_channels=tuple(channel + 1 for channel in wiring),
        inverted=tuple(sign < 0.0 for sign, _ in looks[: len(wiring)]),
        gains_db=tuple(gain_db for gain_db, _ in tones),
        tone_noise_db=tuple(rest_db for _, rest_db in tones),
        noise_dbfs=tuple(_noise(recording, layout, delay, speed, channel) for channel in wiring),
        skew_samples=float(delays[-1] - delays[0]),
        fit=min(abs(fit) for _, fit in looks),
    )


@dataclass(frozen=True)
class _Seen:
    """Where a row of bursts begins, and how strong each is (row) in each channel (column)."""

    place: int
    strength: Floats


def _first_seen(recording: Source, layout: Layout) -> tuple[int | None, int | None]:
    """Where any burst before, and any behind the programme is strongest; None: there is none."""
    rate_hz = recording.info.rate_hz
    n = round(BURST_S * rate_hz) + 1
    t_s = np.arange(n) / rate_hz
    n_fft = _CHUNK
    shapes = [burst(t_s, layout.rate_hz, rising) for rising in (True, False)]
    spectra = [np.conj(np.fft.rfft(shape, n_fft)) for shape in shapes]
    best = [(0.0, 0), (0.0, 0)]
    power, count = np.zeros(2), 0
    for start, chunk in _overlapping(recording, n_fft, n):
        spectrum = np.fft.rfft(chunk, n_fft, axis=1)
        for i, one in enumerate(spectra):
            rows = np.fft.irfft(spectrum * one, n_fft, axis=1)[:, : n_fft - n + 1]
            power[i] += float(np.square(rows).sum())
            largest = np.abs(rows).max(axis=0)
            at = int(np.argmax(largest))
            if largest[at] > best[i][0]:
                best[i] = float(largest[at]), start + at
        count += chunk.shape[0] * (n_fft - n + 1)
    found: list[int | None] = []
    for (value, at), total, shape in zip(best, power, shapes, strict=True):
        sure = value > _LEAST_SURE * math.sqrt(total / max(count, 1)) and value > 0.0
        fits = sure and _fit(_read(recording, at, n), shape) > _LEAST_FIT
        found.append(at if fits else None)
    return found[0], found[1]


def _fit(samples: Floats, shape: Floats) -> float:
    under = np.sqrt(np.square(samples).sum(axis=1) * np.square(shape).sum()) + 1e-30
    return float(np.abs(samples @ shape / under).max())


def _overlapping(source: Source, size: int, overlap: int) -> Iterator[tuple[int, Floats]]:
    """Chunks of ``size`` samples, each beginning ``overlap - 1`` before the last one's end."""
    step = size - overlap + 1
    for start in range(0, max(1, source.info.n_samples), step):
        yield start, _read(source, start, size)


def _read(source: Source, start: int, n: int) -> Floats:
    """Some samples; what lies outside is silence."""
    out = np.zeros((source.info.channels, n))
    at = max(0, -start)
    for block in source.blocks(start=max(0, start), stop=max(0, start + n)):
        out[:, at : at + block.shape[1]] = block
        at += block.shape[1]
    return out


def _channels_of(
    recording: Source, layout: Layout, seen: int, ratio: float, *, rising: bool
) -> _Seen:
    """The row of bursts around one that was seen, which may be any of its channels'."""
    rate_hz = recording.info.rate_hz
    n = round(BURST_S * rate_hz) + 1
    shape = burst(np.arange(n) / rate_hz, layout.rate_hz, rising)
    spacing = round(layout.spacing * ratio)
    pad = 16
    first = seen - (layout.channels - 1) * spacing - pad
    length = (2 * layout.channels - 1) * spacing + n + 2 * pad
    chunk = _read(recording, first, length)
    n_fft = 1 << length.bit_length()
    spectrum = np.fft.rfft(chunk, n_fft, axis=1) * np.conj(np.fft.rfft(shape, n_fft))
    rows = np.abs(np.fft.irfft(spectrum, n_fft, axis=1))

    def at(place: int) -> Floats:
        middle = place - first
        return np.asarray(rows[:, max(0, middle - pad) : middle + pad + 1].max(axis=1))

    ways = [seen - k * spacing for k in range(layout.channels)]
    strengths = [np.array([at(way + i * spacing) for i in range(layout.channels)]) for way in ways]
    best = int(np.argmax([one.max(axis=1).min() for one in strengths]))
    place = ways[best]
    near = rows.max(axis=0)[place - first - pad : place - first + pad + 1]
    return _Seen(place - pad + int(np.argmax(near)), strengths[best])


def _wiring(heads: _Seen, layout: Layout, name: str) -> tuple[int, ...]:
    """Which recorded channel holds each that was sent; a silent one is an ``InputError``."""
    strength = heads.strength
    if layout.channels == 1:
        return (int(np.argmax(strength[0])),)
    straight = min(strength[0, 0], strength[1, 1])
    crossed = min(strength[0, 1], strength[1, 0])
    wiring = (0, 1) if straight >= crossed else (1, 0)
    least = min(strength[i, channel] for i, channel in enumerate(wiring))
    if least < 0.01 * strength.max():
        which = int(np.argmin([strength[i, channel] for i, channel in enumerate(wiring)]))
        raise InputError(
            "return-silent-channel",
            f"{name}: the {('left', 'right')[which]} channel did not come back; look at its cable",
        )
    return wiring


@dataclass(frozen=True)
class _Piece:
    """A burst as it was recorded, in one channel, and where that begins."""

    samples: Floats
    start: int
    rate_hz: int

    @classmethod
    def around(cls, recording: Source, place: float, channel: int) -> "_Piece":
        rate_hz = recording.info.rate_hz
        around = round(_AROUND_S * rate_hz)
        start = math.floor(place) - around
        n = round(BURST_S * rate_hz) + 2 * around
        return cls(_read(recording, start, n)[channel], start, rate_hz)

    def _cross(self, place: float, layout: Layout, speed: float, rising: bool) -> Spectrum:
        shape = self._shape(place, layout, speed, rising)
        n_fft = 1 << len(shape).bit_length()
        return np.asarray(np.fft.rfft(self.samples, n_fft) * np.conj(np.fft.rfft(shape, n_fft)))

    def _shape(self, place: float, layout: Layout, speed: float, rising: bool) -> Floats:
        at = self.start + np.arange(len(self.samples), dtype=np.float64)
        return burst((at - place) / (speed * layout.rate_hz), layout.rate_hz, rising)

    def refined(self, place: float, layout: Layout, speed: float, rising: bool) -> float:
        """Where the correlation is largest: the sample around, then by Newton's method."""
        cross = self._cross(place, layout, speed, rising)
        row = np.abs(np.fft.irfft(cross))
        near = np.concatenate((row[-_NEAR:], row[: _NEAR + 1]))
        place += int(np.argmax(near)) - _NEAR
        for _ in range(6):
            cross = self._cross(place, layout, speed, rising)
            w = np.linspace(0.0, math.pi, len(cross))
            bend = float(np.sum(w**2 * cross.real))
            if bend == 0.0:
                break
            moved = float(np.clip(-np.sum(w * cross.imag) / bend, -0.5, 0.5))
            place += moved
            if abs(moved) < 1e-7:
                break
        return place

    def look(self, place: float, layout: Layout, speed: float, rising: bool) -> tuple[float, float]:
        """The sign of the burst, and how like itself it is."""
        shape = self._shape(place, layout, speed, rising)
        under = math.sqrt(float(np.square(shape).sum() * np.square(self.samples).sum())) + 1e-30
        fit = float(self.samples @ shape) / under
        return math.copysign(1.0, fit), fit


def _tone(
    recording: Source, layout: Layout, delay: float, speed: float, channel: int
) -> tuple[float, float]:
    """Gain of the level tone, and what is in it beside itself against it, both in dB."""
    start_s, n_s = 0.3 * TONE_S, 0.6 * TONE_S
    start = round(delay + speed * (layout.tone + start_s * layout.rate_hz))
    n = round(n_s * layout.rate_hz * speed)
    samples = _read(recording, start, n)[channel]
    w = 2.0 * math.pi * TONE_HZ / (speed * layout.rate_hz) * np.arange(n)
    basis = np.stack((np.cos(w), np.sin(w), np.ones(n)), axis=1)
    parts, *_ = np.linalg.lstsq(basis, samples, rcond=None)
    peak = math.hypot(parts[0], parts[1])
    rest = float(np.sqrt(np.mean(np.square(samples - basis @ parts))))
    if peak < 1e-9:
        return -180.0, 0.0
    rest_db = 20.0 * math.log10(max(rest, 1e-12) / (peak / math.sqrt(2.0)))
    return 20.0 * math.log10(peak / TONE_PEAK), rest_db


def _noise(recording: Source, layout: Layout, delay: float, speed: float, channel: int) -> float:
    """RMS of the second half of the silence before the programme, in dBFS."""
    start = round(delay + speed * (layout.noise + 0.4 * NOISE_S * layout.rate_hz))
    samples = _read(recording, start, round(0.5 * NOISE_S * layout.rate_hz * speed))[channel]
    power = float(np.mean(np.square(samples - samples.mean())))
    return 10.0 * math.log10(power) if power > 1e-20 else -math.inf
