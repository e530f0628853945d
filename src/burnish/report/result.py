"""MasterResult: what came of one master, as a record. The report and the command line read it."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from burnish.chain import Plan, Step
from burnish.chain.work import Work
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.stem_fit import SumFit
from burnish.playback.excerpt import OnDevices
from burnish.playback.listening import Listening
from burnish.playback.services import Turned, service, services, turned
from burnish.playback.small_speaker import SmallSpeaker
from burnish.report.over_time import over_time_json
from burnish.settings import finite_or_none


@dataclass(frozen=True)
class StemsTold:
    """What is known of stems beside their plan: how they fit a mix, and what was written of them.

    ``loudness_lufs`` is that of each stem as it came. ``kept_null_db`` is the energy that the
    written stems, read back and summed, leave of the master: -inf where it is the same bits.
    """

    loudness_lufs: tuple[float, ...]
    mix: str = ""
    fit: SumFit | None = None
    kept: tuple[Path, ...] = ()
    kept_null_db: float | None = None


@dataclass(frozen=True)
class MasterResult:
    """What was written, what it measures as read back, and what was done to get there."""

    output: Path
    recall: Path | None
    report: Path | None
    before: Measurement
    after: Measurement
    plan: Plan
    findings: tuple[Finding, ...]
    elapsed_s: float
    decoded: dict[str, float] = field(default_factory=dict)
    """True peak of what comes back from each codec that was to hold, dBTP."""
    codec_lowered_db: float = 0.0
    """How far the ceiling was lowered for them."""
    stems: StemsTold | None = None
    """What is known of the stems; None for a master of one mix, or of a recall sheet."""
    work: tuple[Work, ...] = ()
    """What the steps of dynamics took away over time."""
    phone: SmallSpeaker | None = None
    """What a phone leaves of its bass line; None: there is none, or nobody looked."""
    master_sha256: str = ""
    """Of the written file; empty where no report was asked for."""
    listening: Listening | None = None
    """A pair to be heard against each other, in the report."""
    on_devices: OnDevices | None = None
    """What devices leave of its loudest part; for the report."""

    @property
    def target(self) -> dict[str, Any]:
        """What was aimed at: style, loudness, ceiling, and where they come from."""
        return self.plan.target

    @property
    def steps(self) -> tuple[Step, ...]:
        """The moves, in order."""
        return self.plan.steps

    @property
    def of_the_master(self) -> tuple[Finding, ...]:
        """What is to be said of the master itself."""
        return tuple(one for one in self.findings if one.about == "master")

    @property
    def of_the_mix(self) -> tuple[Finding, ...]:
        """Notes to the mixer."""
        return tuple(one for one in self.findings if one.about == "mix")

    @property
    def services(self) -> tuple[Turned, ...]:
        """What every service does to its loudness, by the service's published rule."""
        lufs, peak = self.after.loudness.integrated_lufs, self.after.peaks.true_peak_dbtp
        return tuple(turned(service(name), lufs, peak) for name in services())

    @property
    def stopped_by(self) -> dict[str, Any] | None:
        """The rule that held loudness back, with its figures; None where nothing did."""
        held: dict[str, Any] | None = self.plan.target.get("stopped_by")
        return held

    def to_json(self) -> dict[str, Any]:
        """The contract's JSON document of a master."""
        return {
            "output": str(self.output),
            "recall": None if self.recall is None else str(self.recall),
            "report": None if self.report is None else str(self.report),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "target": {k: v for k, v in self.target.items() if k != "stopped_by"},
            "steps": [step.model_dump() for step in self.steps],
            "notes": list(self.plan.notes),
            "findings": [finding.to_json() for finding in self.findings],
            "stopped_by": self.stopped_by,
            "codecs": [
                {"codec": name, "decoded_true_peak_dbtp": finite_or_none(round(peak, 3))}
                for name, peak in self.decoded.items()
            ],
            "codec_lowered_db": self.codec_lowered_db,
            "over_time": over_time_json(self.before, self.after, self.work),
            "sha256": {"mix": self.plan.input.sha256, "master": self.master_sha256},
            "listening": None if self.listening is None else self.listening.to_json(),
            "playback": None if self.on_devices is None else self.on_devices.to_json(),
            "services": [_on_service(one) for one in self.services],
            "phone": None if self.phone is None else _of_phone(self.phone),
            **(self._stems() if self.plan.stems else {}),
            "elapsed_s": round(self.elapsed_s, 3),
        }

    def _stems(self) -> dict[str, Any]:
        """Each stem with its place and its moves; how all of them fit the mix."""
        told, n = self.stems, len(self.plan.stems)
        loudness = told.loudness_lufs if told is not None else (None,) * n
        kept = told.kept if told is not None and told.kept else (None,) * n
        document: dict[str, Any] = {
            "stems": [
                {
                    **stem.model_dump(),
                    "loudness_lufs": None if lufs is None else finite_or_none(round(lufs, 2)),
                    "mastered": None if path is None else str(path),
                }
                for stem, lufs, path in zip(self.plan.stems, loudness, kept, strict=True)
            ]
        }
        if told is not None and told.fit is not None:
            document["stems_to_mix"] = {
                "mix": told.mix,
                "null_db": finite_or_none(told.fit.null_db),
                "null_db_is_silence": told.fit.null_db == -math.inf,
                "gain_db": round(told.fit.gain_db, 4),
            }
        if told is not None and told.kept_null_db is not None:
            document["mastered_stems"] = {
                "null_db": finite_or_none(told.kept_null_db),
                "null_db_is_silence": told.kept_null_db == -math.inf,
            }
        return document


def _of_phone(phone: SmallSpeaker) -> dict[str, Any]:
    """What a phone leaves of the bass line."""
    return {
        "device": phone.device,
        "bass_db": finite_or_none(round(phone.bass_db, 2)),
        "original_bass_db": finite_or_none(round(phone.original_bass_db, 2)),
        "bass_hz": finite_or_none(round(phone.bass_hz, 1)),
        "is_lost": phone.is_lost,
    }


def _on_service(one: Turned) -> dict[str, Any]:
    """What a service does to the loudness."""
    return {
        "service": one.service.name,
        "gain_db": round(one.gain_db, 2),
        "loudness_lufs": None
        if one.loudness_lufs is None
        else finite_or_none(round(one.loudness_lufs, 2)),
        "words": one.words,
    }
