"""MasterResult: what came of one master, as a record. The report and the command line read it."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from burnish.chain import Plan, Step
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.stem_fit import SumFit
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
