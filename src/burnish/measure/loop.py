"""Loop: where what was sent through a loop lies in its recording, and in what state it came back.

The bursts are found by correlation, roughly anywhere in the recording, then each between its
samples by the phases of its cross spectrum (weighted by its energy: of a filter that turns phases,
the delay is that of the burst's energy). Burst and tone are functions of time, so they are held
against the recording at its own rate and at the speed found so far, until that no longer changes:
a sweep that is a ten-thousandth too slow would else be found a sample too late.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.dsp.sync import BURST_S, NOISE_S, TONE_HZ, TONE_PEAK, TONE_S, Layout, burst
from burnish.errors import InputError
from burnish.measure.bursts import (
    LEAST_OF_ROW,
    Row,
    all_seen,
    most_away,
    one_pass,
    read,
    row_around,
)

Floats = NDArray[np.float64]
Spectrum = NDArray[np.complex128]

_SNAP_SAMPLES = 0.002  # nearer than the estimate is sure: the whole sample is meant
_SURE_OF_SIGN = 0.25  # of a burst: turned phases and a tape's pace leave less of either sign
_STEADY_SAMPLES = 0.5
_CLOSE = 1e-12
_ROUNDS = 40
_TONE_PIECE_S, _TONE_PIECES = 0.05, 12
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
    dc: tuple[float, ...]
    """The mean of that silence, in full scale."""
    crosstalk_db: float
    """The burst of one channel in the other, against its own; -inf: none, or one channel only."""
    unsteady_samples: float
    """How far the tone wanders from an even pace within itself: a tape, not a clock."""
    skew_samples: float
    """How much later the right channel came than the left."""
    fit: float
    """How like itself the worst burst came back, 0 to 1; what filters it lowers it."""
    passes: int
    """How often the whole of it was recorded; this is the last."""

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
    heads_seen, tails_seen = all_seen(recording, layout)
    head, tail, passes = one_pass(heads_seen, tails_seen, layout, rate_hz)
    if head is None and tail is None:
        raise InputError(
            "return-no-burst",
            f"{name}: holds no sync burst; is it what `burnish send` wrote, played at its rate of "
            f"{layout.rate_hz} Hz, and recorded?",
        )
    if head is None:
        raise _late(name)
    if tail is None:
        raise _early(name)
    ratio = rate_hz / layout.rate_hz
    heads = row_around(recording, layout, head, ratio, rising=True)
    tails = row_around(recording, layout, tail, ratio, rising=False)
    if not heads.is_whole and heads.place < 0:
        raise _late(name)
    wiring = _wiring(heads, layout, name)
    if not tails.is_whole:
        raise _early(name)
    expected = (layout.tails[0] - layout.heads[0]) * ratio
    apart = tails.place - heads.place
    if abs(apart - expected) > most_away(expected):
        word = "less" if apart < expected else "more"
        raise InputError(
            "return-length",
            f"{name}: has {abs(apart - expected) / rate_hz:.3f} s {word} between its bursts than "
            "was sent; samples were lost, or it was stopped on the way: record it again",
        )
    return _measured(recording, layout, heads, tails, wiring, passes)


def _late(name: str) -> InputError:
    return InputError(
        "return-late",
        f"{name}: starts too late, the burst before the programme is missing; start recording "
        "before you play",
    )


def _early(name: str) -> InputError:
    return InputError(
        "return-early",
        f"{name}: ends too early, the burst behind the programme is missing; record until the "
        "end of what was sent",
    )


def _measured(
    recording: Source,
    layout: Layout,
    heads: Row,
    tails: Row,
    wiring: tuple[int, ...],
    passes: int,
) -> Loop:
    """The fine places, and a line through them for each channel, with one slope."""
    head, tail = heads.place, tails.place
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
    silences = [_silence(recording, layout, delay, speed, channel) for channel in wiring]
    unsteady = max(one.unsteady_samples for one in tones)
    steady = unsteady < _STEADY_SAMPLES  # else phases of bursts tell nothing
    rows = (looks[: len(wiring)], looks[len(wiring) :])
    return Loop(
        delay_samples=delay,
        drift_ppm=1e6 * (speed / ratio - 1.0),
        speed=speed,
        recorded_channels=tuple(channel + 1 for channel in wiring),
        inverted=tuple(
            steady and max(before, behind) < -_SURE_OF_SIGN
            for before, behind in zip(*rows, strict=True)
        ),
        gains_db=tuple(one.gain_db for one in tones),
        tone_noise_db=tuple(one.rest_db for one in tones),
        noise_dbfs=tuple(noise_dbfs for noise_dbfs, _ in silences),
        dc=tuple(mean for _, mean in silences),
        crosstalk_db=_crosstalk_db(heads, wiring),
        unsteady_samples=unsteady,
        skew_samples=float(delays[-1] - delays[0]),
        fit=min(abs(fit) for fit in looks),
        passes=passes,
    )


def _wiring(heads: Row, layout: Layout, name: str) -> tuple[int, ...]:
    """Which recorded channel holds each that was sent; a silent one is an ``InputError``."""
    strength = heads.strength
    if layout.channels == 1:
        return (int(np.argmax(strength[0])),)
    straight = min(strength[0, 0], strength[1, 1])
    crossed = min(strength[0, 1], strength[1, 0])
    wiring = (0, 1) if straight >= crossed else (1, 0)
    came = [strength[i, channel] for i, channel in enumerate(wiring)]
    if min(came) < LEAST_OF_ROW * strength.max():
        # One was lost on its way, or both were recorded into one channel.
        which = int(np.argmin(came if heads.is_whole else strength.max(axis=1)))
        raise InputError(
            "return-silent-channel",
            f"{name}: the {('left', 'right')[which]} channel did not come back; look at its cable",
        )
    return wiring


def _crosstalk_db(heads: Row, wiring: tuple[int, ...]) -> float:
    """The worse burst's other channel against its own."""
    if len(wiring) == 1:
        return -math.inf
    own, other = (
        np.array([heads.strength[i, channel] for i, channel in enumerate(way)])
        for way in (wiring, wiring[::-1])
    )
    worst = float((other / own).max())
    return 20.0 * math.log10(worst) if worst > 0.0 else -math.inf


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
        return cls(read(recording, start, n)[channel], start, rate_hz)

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

    def look(self, place: float, layout: Layout, speed: float, rising: bool) -> float:
        """How like itself the burst is, -1 to 1; less than 0: upside down."""
        shape = self._shape(place, layout, speed, rising)
        under = math.sqrt(float(np.square(shape).sum() * np.square(self.samples).sum())) + 1e-30
        return float(self.samples @ shape) / under


@dataclass(frozen=True)
class _Tone:
    """The level tone as it came back; ``rest_db`` is what is in it beside itself, against it."""

    gain_db: float
    rest_db: float
    unsteady_samples: float


def _tone(recording: Source, layout: Layout, delay: float, speed: float, channel: int) -> _Tone:
    """By pieces of 50 ms, so that a pace that wanders takes nothing from its level."""
    start = round(delay + speed * (layout.tone + 0.2 * TONE_S * layout.rate_hz))
    n = round(_TONE_PIECE_S * layout.rate_hz * speed)
    samples = read(recording, start, _TONE_PIECES * n)[channel].reshape(_TONE_PIECES, n).T
    per_sample = 2.0 * math.pi * TONE_HZ / (speed * layout.rate_hz)
    w = per_sample * np.arange(n)
    basis = np.stack((np.cos(w), np.sin(w), np.ones(n)), axis=1)
    parts, *_ = np.linalg.lstsq(basis, samples, rcond=None)
    peak = float(np.sqrt(np.mean(np.square(parts[:2]).sum(axis=0))))
    rest = float(np.sqrt(np.mean(np.square(samples - basis @ parts))))
    if peak < 1e-9:
        return _Tone(-180.0, 0.0, 0.0)
    k = np.arange(_TONE_PIECES)
    phases = np.unwrap(np.arctan2(parts[0], parts[1]) - per_sample * n * k)
    pace = phases - np.polyval(np.polyfit(k, phases, 1), k)
    return _Tone(
        gain_db=20.0 * math.log10(peak / TONE_PEAK),
        rest_db=20.0 * math.log10(max(rest, 1e-12) / (peak / math.sqrt(2.0))),
        unsteady_samples=float(np.abs(pace).max()) / per_sample,
    )


def _silence(
    recording: Source, layout: Layout, delay: float, speed: float, channel: int
) -> tuple[float, float]:
    """RMS in dBFS and mean of the second half of the silence before the programme."""
    start = round(delay + speed * (layout.noise + 0.4 * NOISE_S * layout.rate_hz))
    samples = read(recording, start, round(0.5 * NOISE_S * layout.rate_hz * speed))[channel]
    mean = float(samples.mean())
    power = float(np.mean(np.square(samples - mean)))
    return 10.0 * math.log10(power) if power > 1e-20 else -math.inf, mean
