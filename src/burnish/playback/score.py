"""Score: what of a sound is lost on the way to a listener, in parts that add up to 100.

Everything is held against the sound itself at the same loudness. The limits are house figures (what
a bass line, a kick or a voice needs to be followed), of medium confidence at most; the figures that
they are held against are measured. 100: nothing is lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.bands import BAND_HZ
from burnish.playback.hearing import Heard, hits, struck
from burnish.units import gain_from_db, power_from_db

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BASS_WANTED_DB = -18.0
"""Harmonics of the bass line against 500 to 2000 Hz: what a small speaker must give of them."""

BASS_LOST_DB = -21.0
"""With this little of them a listener no longer follows it: worth telling."""

LOST_BAND_DB = 6.0
KICK_WANTED = 0.5
VOICE_LIMIT_DB = 3.0
MONO_LIMIT_LU = -1.5
MONO_BAND_LIMIT_DB = -6.0

_GATE_DB = -20.0  # windows this far under the mean power of the sounding ones do not count
_SILENT = 1e-10  # -100 dBFS
_SONES = 0.25  # loudness of a band is about its power to this (Zwicker and Fastl: 0.23 and more)
_HEARD_DB = -30.0  # bands this far under the strongest are no loss
_LEAST_SHARE = 0.15  # of the windows: with fewer notes there is no bass line to lose
_LEAST_HITS = 6
_VOICE_DB = -12.0  # a centre this far under the rest is no voice to judge
_NEAR_MONO_DB = -25.0
_WEIGHTS = (0.35, 0.6, 1.15)
"""Of weight, body and click of a kick: the A curve at 70, 270 and 3200 Hz, as amplitudes to the
power 0.6, and half of its cut of the weight, as nobody listens that quietly."""


@dataclass(frozen=True)
class Part:
    """One part of the score. ``value`` is what was measured, in ``unit``; None: not to be judged.

    ``lost`` is 0 to 1; ``points`` of at most ``most`` are taken off for it.
    """

    name: str
    value: float | None
    unit: str
    lost: float
    most: float

    @property
    def points(self) -> float:
        """What it costs."""
        return self.most * self.lost


@dataclass(frozen=True)
class Translation:
    """What became of a sound: the score, its parts, and the tone by third octave."""

    parts: tuple[Part, ...]
    change_db: tuple[float | None, ...]
    """By third octave (``BAND_HZ``), at equal loudness; None: there is nothing in it."""
    noise_db: tuple[float | None, ...]
    """The noise around it in each third octave, over the sound there."""
    lost_bands_hz: tuple[tuple[float, float], ...]
    """Where what was to be heard is 6 dB under what it was, or under the noise."""
    bass_hz: float | None
    """The middle note of the bass line."""
    mono_band_hz: float | None
    """The band that loses most in the sum of left and right."""
    mono_band_db: float | None
    """And by how much."""

    @property
    def score(self) -> float:
        """0 to 100."""
        return max(0.0, 100.0 - sum(part.points for part in self.parts))

    def part(self, name: str) -> Part:
        """The part of that name."""
        return next(part for part in self.parts if part.name == name)


def translation(
    original: Heard,
    played: Heard,
    gain_db: float,
    side_gain: float = 1.0,
    noise: Floats | None = None,
    held_back_db: float | None = None,
) -> Translation:
    """Judge what was played, turned by ``gain_db`` to be as loud as the original.

    ``side_gain`` is what the device leaves of the side, ``noise`` the K-weighted power around it in
    each third octave (left and right together as ``Heard`` has middle and side), ``held_back_db``
    the mean reduction of its limiter.
    """
    power = power_from_db(gain_db)
    sounding = _sounding(original)
    before = (original.mid + original.side)[sounding]
    after = power * (played.mid + played.side)[sounding]
    around = np.zeros(before.shape[1]) if noise is None else noise
    was, now = before.mean(axis=0), after.mean(axis=0)
    heard = was > max(_SILENT, float(was.max(initial=0.0)) * power_from_db(_HEARD_DB))
    mono_hz, mono_db = _worst_in_mono(original, sounding, heard, side_gain)
    notes = sounding & held(original.bass_hz)
    parts = (
        _tone(before, after),
        _bass(original, played, notes, sounding),
        _kick(original, played, gain_db),
        _voice(original, played, sounding),
        _width(original, played, sounding),
        _mono(original, sounding, side_gain),
        _masked(before, after, around),
        _limited(held_back_db),
    )
    return Translation(
        parts=parts,
        change_db=_ratios_db(now, was, heard),
        noise_db=_ratios_db(around, was, heard) if noise is not None else (None,) * len(was),
        lost_bands_hz=_ranges(
            heard & ((now < was * power_from_db(-LOST_BAND_DB)) | (now < around))
        ),
        bass_hz=float(np.median(original.bass_hz[notes])) if is_line(notes, sounding) else None,
        mono_band_hz=mono_hz,
        mono_band_db=mono_db,
    )


def _sounding(heard: Heard) -> Bools:
    """The windows that count: none of silence, none far under the others."""
    total = heard.total
    loud = total > _SILENT
    mean = float(total[loud].mean()) if loud.any() else 0.0
    return np.asarray(loud & (total > mean * power_from_db(_GATE_DB)))


def _tone(before: Floats, after: Floats) -> Part:
    was, now = before**_SONES, after**_SONES
    lost = float(np.maximum(was - now, 0.0).sum()) / max(float(was.sum()), 1e-300)
    return Part("tone", 100.0 * (1.0 - lost), "%", _between(lost, 0.0, 0.7), 35.0)


def held(bass_hz: Floats) -> Bools:
    """Windows whose bass is a note: the same tone as before or after."""
    same = np.zeros(len(bass_hz), dtype=np.bool_)
    now, before = bass_hz[1:], bass_hz[:-1]
    close = (now > 0.0) & (np.abs(now - before) < 0.03 * now + 1.0)
    same[1:] |= close
    same[:-1] |= close
    return same


def is_line(notes: Bools, sounding: Bools) -> bool:
    """Whether there are enough bass notes to be judged."""
    return int(notes.sum()) >= max(4.0, _LEAST_SHARE * int(sounding.sum()))


def bass_db(harmonics: Floats, middle: Floats) -> float:
    """Power of a bass line's tones and harmonics over that of 500 to 2000 Hz, in dB."""
    tones, under = float(harmonics.sum()), float(middle.sum())
    return 10.0 * float(np.log10(max(tones, 1e-12 * under, 1e-30) / max(under, 1e-30)))


def _bass(original: Heard, played: Heard, notes: Bools, sounding: Bools) -> Part:
    most = 20.0
    if not is_line(notes, sounding):
        return Part("bass", None, "dB", 0.0, most)
    before, after = (bass_db(one.harmonics[notes], one.middle[notes]) for one in (original, played))
    return bass_part(after, before, most)


def bass_part(value_db: float, original_db: float, most: float = 20.0) -> Part:
    """The part that the bass line has in the score. What the mix never had cannot be lost."""
    wanted = min(BASS_WANTED_DB + 3.0, original_db)
    return Part("bass", value_db, "dB", _between(wanted - value_db, 0.0, 15.0), most)


def _kick(original: Heard, played: Heard, gain_db: float) -> Part:
    most = 10.0
    at = hits(original)
    before = struck(original, at) @ np.array(_WEIGHTS)
    if len(at) < _LEAST_HITS or not before.sum() > 0.0:
        return Part("kick", None, "%", 0.0, most)
    after = gain_from_db(gain_db) ** 0.6 * (struck(played, at) @ np.array(_WEIGHTS))
    kept = float(after.sum() / before.sum())
    return Part("kick", 100.0 * kept, "%", _between(1.0 - kept, 0.1, 0.9), most)


def _voice(original: Heard, played: Heard, sounding: Bools) -> Part:
    most = 10.0

    def over_rest(heard: Heard) -> float:
        voice, rest = float(heard.voice[sounding].sum()), float(heard.rest[sounding].sum())
        return 10.0 * float(np.log10(max(voice, 1e-30) / max(rest, 1e-12 * voice, 1e-30)))

    before = over_rest(original) if sounding.any() else -np.inf
    if before < _VOICE_DB:
        return Part("voice", None, "dB", 0.0, most)
    shift = over_rest(played) - before
    return Part("voice", shift, "dB", _between(abs(shift), 1.0, 9.0), most)


def _width(original: Heard, played: Heard, sounding: Bools) -> Part:
    most = 5.0

    def wide(heard: Heard) -> float:
        mid, side = float(heard.mid[sounding].sum()), float(heard.side[sounding].sum())
        return side / mid if mid > 0.0 else 0.0

    before = wide(original)
    if before <= power_from_db(_NEAR_MONO_DB):
        return Part("width", None, "%", 0.0, most)
    kept = float(np.sqrt(wide(played) / before))
    return Part("width", 100.0 * min(kept, 9.99), "%", _between(1.0 - kept, 0.1, 1.0), most)


def _mono(original: Heard, sounding: Bools, side_gain: float) -> Part:
    """What the sum of left and right takes away, as far as the device makes that sum."""
    mid, side = float(original.mid[sounding].sum()), float(original.side[sounding].sum())
    if side_gain == 1.0 or mid + side <= 0.0:
        return Part("mono", None, "LU", 0.0, 10.0)
    kept = max((mid + side_gain**2 * side) / (mid + side), 1e-6)
    loss = 10.0 * float(np.log10(kept))
    return Part("mono", loss, "LU", _between(-loss, 0.5, 4.0), 10.0)


def _worst_in_mono(
    original: Heard, sounding: Bools, heard: Bools, side_gain: float
) -> tuple[float | None, float | None]:
    if side_gain == 1.0 or not heard.any():
        return None, None
    mid, side = original.mid[sounding].mean(axis=0), original.side[sounding].mean(axis=0)
    kept = (mid + side_gain**2 * side) / np.maximum(mid + side, 1e-30)
    worst = int(np.argmin(np.where(heard, kept, np.inf)))
    return BAND_HZ[worst], 10.0 * float(np.log10(max(float(kept[worst]), 1e-6)))


def _masked(before: Floats, after: Floats, around: Floats) -> Part:
    """The share of what was heard that lies under the noise around the listener."""
    if not around.any():
        return Part("noise", None, "%", 0.0, 5.0)
    was = before**_SONES
    share = float(was[after < around].sum()) / max(float(was.sum()), 1e-300)
    return Part("noise", 100.0 * share, "%", _between(share, 0.02, 0.25), 5.0)


def _limited(held_back_db: float | None) -> Part:
    value = held_back_db
    return Part("limiter", value, "dB", 0.0 if value is None else _between(value, 2.0, 14.0), 5.0)


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _ratios_db(now: Floats, was: Floats, heard: Bools) -> tuple[float | None, ...]:
    return tuple(
        10.0 * float(np.log10(max(a, 1e-6 * b) / b)) if one else None
        for a, b, one in zip(now.tolist(), was.tolist(), heard.tolist(), strict=True)
    )


def _ranges(lost: Bools) -> tuple[tuple[float, float], ...]:
    """Runs of third octaves as lowest and highest middle."""
    found: list[tuple[float, float]] = []
    run: list[float] = []
    for hz, is_lost in zip((*BAND_HZ, 0.0), (*lost.tolist(), False), strict=True):
        if is_lost:
            run.append(hz)
        elif run:
            found.append((run[0], run[-1]))
            run = []
    return tuple(found)
