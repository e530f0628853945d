"""Small speaker: whether a master's bass line would be heard on a phone, from a few excerpts.

A quick look for those who finish a master: the filters of the device are laid over the spectra of
eight excerpts, its limiter is left out. ``burnish playback`` looks at all of it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.finding import Finding
from burnish.playback.devices import device
from burnish.playback.hearing import MIDDLE_HZ, Ear
from burnish.playback.said import bass_finding
from burnish.playback.score import BASS_LOST_DB, bass_db, bass_part, held, is_line
from burnish.processors.equalizer import Equalizer, response_db

Floats = NDArray[np.float64]

_EXCERPTS = 8
_EXCERPT_S = 3.0
_QUIET = 0.01  # of the mean power: windows 20 dB under it hold no note


@dataclass(frozen=True)
class SmallSpeaker:
    """What a device leaves of the bass line: dB against 500 to 2000 Hz there, and in the master."""

    device: str
    place: str
    bass_db: float
    original_bass_db: float
    bass_hz: float
    """The middle note of the line."""

    @property
    def is_lost(self) -> bool:
        """Whether the line can no longer be followed, though the master has one."""
        return self.bass_db < BASS_LOST_DB and self.original_bass_db > self.bass_db + 3.0


def on_small_speaker(
    source: Source, segment_power: Floats, name: str = "phone"
) -> SmallSpeaker | None:
    """Listen to excerpts of a source as if on a small speaker; None: there is no bass line.

    ``segment_power`` is the power of each 100 ms (``Measurement.timeline``): of each eighth of the
    song its loudest three seconds are read.
    """
    one, rate_hz = device(name), source.info.rate_hz
    ear = Ear(rate_hz)
    inner = np.clip(ear.hz, ear.bin_hz, 0.499 * rate_hz)
    filters = 10.0 ** (response_db(Equalizer(bands=one.bands), inner, rate_hz) / 10.0)
    low, high = (round(hz / ear.bin_hz) for hz in MIDDLE_HZ)
    rows: list[Floats] = []
    for start in _starts(segment_power, source.info.n_samples, rate_hz):
        stop = start + round(_EXCERPT_S * rate_hz)
        blocks = list(source.blocks(start=start, stop=stop))
        mid = np.concatenate(blocks, axis=1).mean(axis=0, keepdims=True)
        n = (mid.shape[1] - ear.size) // (ear.size // 2) + 1
        if n < 2:
            continue
        power = ear.powers(mid, n)[0]
        bass_hz = ear.bass_hz(power)
        played = power * filters
        columns = (
            bass_hz,
            held(bass_hz).astype(np.float64),
            power.sum(axis=1),
            ear.harmonics(power, bass_hz),
            power[:, low:high].sum(axis=1),
            ear.harmonics(played, bass_hz),
            played[:, low:high].sum(axis=1),
        )
        rows.append(np.stack(columns))
    if not rows:
        return None
    bass_hz, same, total, *sums = np.concatenate(rows, axis=1)
    sounding = total > _QUIET * float(total.mean())
    notes = sounding & (same > 0.0)
    if not is_line(notes, sounding):
        return None
    before, before_middle, after, after_middle = (row[notes] for row in sums)
    return SmallSpeaker(
        device=one.name,
        place=one.place,
        bass_db=bass_db(after, after_middle),
        original_bass_db=bass_db(before, before_middle),
        bass_hz=float(np.median(bass_hz[notes])),
    )


def small_speaker_findings(
    heard: SmallSpeaker | None, bass_harmonics: float = 0.0
) -> tuple[Finding, ...]:
    """``phone-bass-lost``, where it is; else nothing. ``bass_harmonics``: what was asked for."""
    if heard is None or not heard.is_lost:
        return ()
    part = bass_part(heard.bass_db, heard.original_bass_db)
    found = bass_finding(heard.device, heard.place, part, heard.bass_hz, bass_harmonics)
    return (replace(found, about="master"),)


def _starts(segment_power: Floats, n_samples: int, rate_hz: int) -> list[int]:
    """First samples of the loudest pieces of each eighth; the beginning of what is short."""
    piece = round(10 * _EXCERPT_S)
    n = len(segment_power) // piece
    if n <= 1:
        return [0] if n_samples else []
    power = segment_power[: n * piece].reshape(n, piece).sum(axis=1)
    spans = np.array_split(np.arange(n), min(_EXCERPTS, n))
    best = [int(span[np.argmax(power[span])]) for span in spans]
    return [k * piece * rate_hz // 10 for k in best]
