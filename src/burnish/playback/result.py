"""Playback: what became of a sound in every place it was taken to, as a record and its JSON."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from burnish import __version__
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.bands import BAND_HZ
from burnish.playback.codec import Codec
from burnish.playback.devices import Device
from burnish.playback.said import advice, sentence, words
from burnish.playback.score import Translation
from burnish.playback.services import Turned


@dataclass(frozen=True)
class OnDevice:
    """What a device made of it. ``gain_db`` makes its sound as loud as the original."""

    device: Device
    translation: Translation
    gain_db: float
    sample_peak_dbfs: float
    """Before that gain."""
    held_back_db: float | None
    """Mean reduction of its limiter."""
    held_back_most_db: float | None
    audition: Path | None = None

    @property
    def sentence(self) -> str:
        """What is lost, in words."""
        return sentence(self.translation, self.device.place)


@dataclass(frozen=True)
class ThroughCodec:
    """What a codec made of it."""

    codec: Codec
    translation: Translation
    gain_db: float
    loudness_lufs: float | None
    true_peak_dbtp: float
    sample_peak_dbfs: float
    bandwidth_hz: float | None
    """Up to where it keeps the sound (within 6 dB)."""
    removed_db: float | None
    """Power of what it took away against that of the sound, dB."""
    audition: Path | None = None
    removed: Path | None = None

    @property
    def sentence(self) -> str:
        """What is lost, in words."""
        if self.translation.score >= 97.0:
            return "what it takes away is not part of the music's balance"
        return sentence(self.translation, f"behind {self.codec.name}")


@dataclass(frozen=True)
class Playback:
    """Everything that came of one sound."""

    file: str | None
    original: Measurement
    devices: tuple[OnDevice, ...]
    services: tuple[Turned, ...]
    codecs: tuple[ThroughCodec, ...]
    findings: tuple[Finding, ...]
    lowered_db: float = 0.0
    """How much quieter than the file all audition files are, so that none of them clips."""
    audition: Path | None = None
    """The original among the audition files."""
    page: Path | None = None
    elapsed_s: float = field(default=0.0, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The ``playback`` document, of plain numbers, strings, lists and None."""
        loud, peak = self.original.loudness.integrated_lufs, self.original.peaks.true_peak_dbtp
        return {
            "burnish": __version__,
            "file": self.file,
            "original": {
                "integrated_lufs": _number(loud),
                "true_peak_dbtp": _number(peak),
                "audition": _path(self.audition),
            },
            "lowered_db": _number(self.lowered_db),
            "band_hz": list(BAND_HZ),
            "devices": [_device(one) for one in self.devices],
            "services": [_service(one) for one in self.services],
            "codecs": [_codec(one) for one in self.codecs],
            "findings": [one.to_json() for one in self.findings],
            "page": _path(self.page),
            "elapsed_s": round(self.elapsed_s, 3),
        }


def _device(one: OnDevice) -> dict[str, Any]:
    device = one.device
    return {
        "name": device.name,
        "title": device.title,
        "confidence": device.confidence,
        "source": device.source,
        **_translated(one.translation, device.place),
        "gain_db": _number(one.gain_db),
        "limiter": None
        if one.held_back_db is None
        else {"mean_db": _number(one.held_back_db), "most_db": _number(one.held_back_most_db)},
        "sentence": one.sentence,
        "advice": advice(one.translation),
        "audition": _path(one.audition),
    }


def _service(one: Turned) -> dict[str, Any]:
    service = one.service
    return {
        "name": service.name,
        "title": service.title,
        "plays_at_lufs": service.loudness_lufs,
        "scope": service.scope,
        "turns_up": service.turns_up,
        "gain_db": _number(one.gain_db),
        "loudness_lufs": _number(one.loudness_lufs),
        "true_peak_dbtp": _number(one.true_peak_dbtp),
        "limited_db": _number(one.limited_db),
        "missing_lu": _number(one.missing_lu),
        "sentence": one.words,
        "source": service.source,
        "date": service.date,
        "confidence": service.confidence,
    }


def _codec(one: ThroughCodec) -> dict[str, Any]:
    return {
        "name": one.codec.name,
        **_translated(one.translation, f"behind {one.codec.name}"),
        "gain_db": _number(one.gain_db),
        "loudness_lufs": _number(one.loudness_lufs),
        "true_peak_dbtp": _number(one.true_peak_dbtp),
        "bandwidth_hz": _number(one.bandwidth_hz),
        "removed_db": _number(one.removed_db),
        "sentence": one.sentence,
        "audition": _path(one.audition),
        "removed": _path(one.removed),
    }


def _translated(t: Translation, place: str) -> dict[str, Any]:
    return {
        "score": _number(t.score, 1),
        "parts": [
            {
                "name": part.name,
                "value": _number(part.value),
                "unit": part.unit,
                "points": _number(part.points),
                "of": part.most,
                "words": words(part, t, place),
            }
            for part in t.parts
        ],
        "change_db": [_number(value) for value in t.change_db],
        "noise_db": [_number(value) for value in t.noise_db],
        "lost_bands_hz": [list(pair) for pair in t.lost_bands_hz],
        "bass_hz": _number(t.bass_hz, 1),
    }


def _number(value: float | None, digits: int = 2) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits) + 0.0


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
