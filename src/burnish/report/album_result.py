"""AlbumResult: what came of an album, as a record. The report and the command line read it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish import __version__
from burnish.deliver.order import Master
from burnish.deliver.pieces import AlbumMeasured
from burnish.deliver.products import Outgoing
from burnish.engineer.album import AlbumPlan, Coherence
from burnish.measure import Measurement
from burnish.release import Release
from burnish.report.result import MasterResult
from burnish.report.version import Version
from burnish.settings import finite_or_none


@dataclass(frozen=True)
class AlbumTrack:
    """One track of an album: its master, and what came of mastering it."""

    number: int
    name: str
    master: Master
    after: Measurement
    result: MasterResult | None = None
    """None: it was kept as it is."""
    stood: bool = False
    """Its master was there already, made from the same."""
    versions: tuple[Version, ...] = ()
    """Its alternates."""

    def to_json(self) -> dict[str, Any]:
        """The track's entry in the album's document."""
        return {
            "number": self.number,
            "title": self.name,
            "master": str(self.master.file),
            "kept_as_is": self.result is None,
            "was_there": self.stood,
            "result": None if self.result is None else self.result.to_json(),
            "versions": [one.to_json() for one in self.versions],
        }


@dataclass(frozen=True)
class AlbumResult:
    """What was mastered and delivered of an album, and how well its tracks fit together."""

    release: Release
    folder: Path
    tracks: tuple[AlbumTrack, ...]
    plan: AlbumPlan
    coherence: Coherence
    measured: AlbumMeasured
    """All masters as one body."""
    outgoing: tuple[Outgoing, ...]
    signature: Path | None
    report: Path | None
    joins: tuple[Path, ...]
    elapsed_s: float

    @property
    def passed(self) -> bool:
        """Whether every product passed its quality control."""
        return all(one.passed for one in self.outgoing)

    def leads(self, number: int) -> bool:
        """Whether the track of this number is the anchor."""
        anchor = self.plan.anchor
        return anchor is not None and self.plan.tracks[anchor].number == number

    @property
    def duration_s(self) -> float:
        """How long all tracks play, one after the other."""
        return sum(track.after.source.duration_s for track in self.tracks)

    def to_json(self) -> dict[str, Any]:
        """The JSON document of ``burnish album``."""
        release = self.release
        return {
            "burnish": __version__,
            "album": {
                "title": release.title,
                "artist": release.artist,
                "upc": release.upc,
                "integrated_lufs": _number(self.measured.integrated_lufs),
                "range_lu": _number(self.measured.range_lu),
                "true_peak_dbtp": _number(self.measured.true_peak_dbtp),
            },
            "folder": str(self.folder),
            "signature": None if self.signature is None else str(self.signature),
            "report": None if self.report is None else str(self.report),
            "plan": self.plan.to_json(),
            "tracks": [track.to_json() for track in self.tracks],
            "coherence": self.coherence.to_json(),
            "deliveries": [outgoing_json(one) for one in self.outgoing],
            "joins": [str(path) for path in self.joins],
            "elapsed_s": round(self.elapsed_s, 3),
        }


def outgoing_json(one: Outgoing) -> dict[str, Any]:
    """A product: its folder, its manifest, and whether it was there already."""
    return {
        "target": one.target,
        "folder": str(one.folder),
        "passed": one.passed,
        "was_there": one.manifest is None,
        "manifest": one.document,
    }


def _number(value: float | None) -> float | None:
    return None if value is None else finite_or_none(round(value, 3))
