"""Manifest: every file of a product, its format, its hashes, and what it measures as read back."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish import __version__
from burnish.audio import open_source
from burnish.deliver.inspection import Inspection
from burnish.deliver.order import Delivered, DeliveredFile, Order
from burnish.deliver.seal import is_whole, sealed
from burnish.finding import Finding, Severity, Verdict, verdict
from burnish.measure import Measurement
from burnish.release import Release
from burnish.settings import finite_or_none

MANIFEST, CHECKLIST = "manifest.json", "CHECKLIST.txt"

SOUND = ("wav", "flac", "aiff", "alac", "mp3", "aac", "opus", "vorbis", "bwf")
"""How the kinds of sound files begin."""


@dataclass(frozen=True)
class FileNote:
    """One file as it lies in the folder."""

    file: DeliveredFile
    n_bytes: int
    sha256: str
    md5: str
    format: Mapping[str, Any] | None = None
    """What a sound file is, as read back; None for others."""
    measured: Mapping[str, Any] | None = None
    """What its sound measures as read back; None for others."""

    def to_json(self) -> dict[str, Any]:
        """The file's entry in the manifest."""
        return {
            "path": self.file.path.as_posix(),
            "kind": self.file.kind,
            "track": self.file.track,
            "n_bytes": self.n_bytes,
            "sha256": self.sha256,
            "md5": self.md5,
            "format": self.format,
            "measured": self.measured,
            **self.file.told,
        }


@dataclass(frozen=True)
class Said:
    """One thing to know of a product, wherever in it it was found."""

    severity: Severity
    title: str
    detail: str
    """Of the first place."""
    where: tuple[str, ...]
    """Names of files or tracks; none: the whole."""

    @property
    def places(self) -> str:
        """Where, in a few words: "01 One.flac, 02 Two.flac and 3 more"."""
        shown = ", ".join(self.where[:_SHOWN])
        more = len(self.where) - _SHOWN
        return f"{shown} and {more} more" if more > 0 else shown


@dataclass(frozen=True)
class Manifest:
    """What a product holds, and what its quality control said."""

    target: str
    title: str
    made: str
    release: Release
    files: tuple[FileNote, ...]
    inspection: Inspection
    """The quality control of its files."""
    findings: tuple[Finding, ...]
    """What its maker has to tell."""
    notes: tuple[str, ...]
    checklist: tuple[str, ...]
    key: str
    """Names all that it was made from: the same key, the same product."""

    @property
    def verdict(self) -> Verdict:
        """That of the quality control and of what its maker has to tell."""
        return verdict(self.all_findings())

    def all_findings(self) -> tuple[Finding, ...]:
        """What the maker tells, and what the quality control found."""
        return (*self.findings, *(one for _, one in self.inspection.all_findings()))

    def said(self) -> tuple[Said, ...]:
        """What is more than information, each once, with all the places; the worst first."""
        return said_in(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """The document that is written as ``manifest.json``."""
        release = self.release
        return {
            "burnish": __version__,
            "target": self.target,
            "made": self.made,
            "release": {
                "title": release.title,
                "artist": release.artist,
                "label": release.label,
                "catalogue_number": release.catalogue_number,
                "upc": release.upc,
                "date": release.date,
                "tracks": [
                    {
                        "number": i + 1,
                        "title": track.full_title,
                        "artist": release.told_of(track, "artist"),
                        "isrc": track.isrc,
                    }
                    for i, track in enumerate(release.tracks)
                ],
            },
            "verdict": self.verdict,
            "files": [note.to_json() for note in self.files],
            "checks": [check.to_json() for check in self.inspection.checks],
            "findings": [
                *(finding.to_json() for finding in self.findings),
                *self.inspection.to_json()["findings"],
            ],
            "notes": list(self.notes),
            "checklist": list(self.checklist),
            "key": self.key,
        }

    def write(self, folder: Path) -> None:
        """Write ``manifest.json`` and ``CHECKLIST.txt`` into the product's folder."""
        checklist = self.checklist_text().encode()
        document = self.to_json() | {"checklist_sha256": hashlib.sha256(checklist).hexdigest()}
        (folder / MANIFEST).write_bytes(sealed(document).encode())
        (folder / CHECKLIST).write_bytes(checklist)

    def checklist_text(self) -> str:
        """The manifest for a person: what was checked, what is there, what is left to do."""
        release = self.release
        by = f", {release.artist}" if release.artist else ""
        lines = [f"{release.title or 'Untitled'}{by}: {self.title}", ""]
        codes = {
            "label": release.label,
            "catalogue number": release.catalogue_number,
            "UPC/EAN": release.upc,
            "made": f"{self.made} by burnish {__version__}",
        }
        lines += [f"{name}: {value}" for name, value in codes.items() if value]
        lines += ["", "Quality control: " + _VERDICTS[self.verdict]]
        for check in self.inspection.checks:
            if check.outcome != "none":
                lines.append(f"  [{_MARKS[check.outcome]}] {check.title}")
        for one in self.said():
            where = f" ({one.places})" if one.where else ""
            lines.append(f"  {one.severity}: {one.title}{where}: {one.detail}")
        lines += ["", "Files"]
        lines += [f"  {note.sha256[:12]}  {note.file.path.as_posix()}" for note in self.files]
        if self.notes:
            lines += ["", "What was decided", *(f"  {note}" for note in self.notes)]
        if self.checklist:
            lines += ["", "Left to do", *(f"  [ ] {one}" for one in self.checklist)]
        return "\n".join(lines) + "\n"


def said_in(document: Mapping[str, Any]) -> tuple[Said, ...]:
    """``Manifest.said`` of a manifest as it is written."""
    groups: dict[tuple[Severity, str], list[Mapping[str, Any]]] = {}
    for one in document["findings"]:
        if one["severity"] != "info":
            groups.setdefault((one["severity"], one["title"]), []).append(one)
    told = []
    for (severity, title), ones in groups.items():
        where = tuple(dict.fromkeys(Path(one["file"]).name for one in ones if one.get("file")))
        told.append(Said(severity, title, ones[0]["detail"], where))
    return tuple(sorted(told, key=lambda one: one.severity != "fail"))


_SHOWN = 3
_VERDICTS = {"pass": "passed", "warn": "passed, with warnings", "fail": "FAILED"}
_MARKS = {"pass": "x", "warn": "!", "fail": "-", "open": " "}


def notes_of(folder: Path, delivered: Delivered, inspection: Inspection) -> tuple[FileNote, ...]:
    """What each file is and measures, as it was read back for the inspection.

    A file that is in the folder and not told of is an error of the maker's: ``ValueError``.
    """
    told = {file.path for file in delivered.files}
    there = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    if told != there:
        odd = ", ".join(sorted(str(path) for path in told ^ there))
        raise ValueError(f"files told and files there differ: {odd}")
    return tuple(
        _note(folder, file, part)
        for file, part in zip(delivered.files, inspection.parts, strict=True)
    )


def _note(folder: Path, file: DeliveredFile, part: Inspection) -> FileNote:
    if part.sha256 is None or part.md5 is None or part.n_bytes is None:
        raise ValueError(f"{file.path}: must be inspected with its hashes")
    form = None
    if file.kind.split("-")[0] in SOUND:
        info = part.info
        if info is None:
            with open_source(folder / file.path) as source:
                info = source.info
        form = {
            "format": info.format,
            "codec": info.codec,
            "bits": info.bits,
            "rate_hz": info.rate_hz,
            "channels": info.channels,
            "n_samples": info.n_samples,
            "duration_s": round(info.duration_s, 6),
        }
    measured = None if part.measured is None else figures_of(part.measured)
    return FileNote(file, part.n_bytes, part.sha256, part.md5, form, measured)


def figures_of(measured: Measurement) -> dict[str, float | None]:
    """The few figures of a sound that a manifest tells."""
    figures = {
        "integrated_lufs": measured.loudness.integrated_lufs,
        "max_short_term_lufs": measured.loudness.max_short_term_lufs,
        "range_lu": measured.loudness.range_lu,
        "true_peak_dbtp": measured.peaks.true_peak_dbtp,
        "sample_peak_dbfs": measured.peaks.sample_peak_dbfs,
        "plr_db": measured.dynamics.plr_db,
    }
    return {
        name: None if value is None else finite_or_none(round(value, 3))
        for name, value in figures.items()
    }


def key_of(order: Order, hashes: Iterable[str], target: Mapping[str, Any]) -> str:
    """What a product is made from, as one hash: release, masters' and artwork's bytes, target."""
    made_from = {
        "burnish": __version__,
        "release": order.release.model_dump(mode="json"),
        "hashes": list(hashes),
        "ceiling_dbtp": order.ceiling_dbtp,
        "wishes": order.wishes.model_dump(mode="json"),
        "target": target,
    }
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def key_in(folder: Path) -> str | None:
    """The key of the product in a folder; None where there is no whole one."""
    document = _read(folder)
    key = document.get("key")
    return key if isinstance(key, str) and _is_whole(folder, document) else None


def kept(folder: Path) -> dict[str, Any] | None:
    """The manifest of the product in a folder; None where somebody changed what it says."""
    return _read(folder, whole=True) or None


def _read(folder: Path, whole: bool = False) -> dict[str, Any]:
    try:
        text = (folder / MANIFEST).read_text("utf-8")
        document = json.loads(text)
    except (OSError, ValueError):
        return {}
    trusted = isinstance(document, dict) and (is_whole(text) or not whole)
    return document if trusted else {}


def _is_whole(folder: Path, document: dict[str, Any]) -> bool:
    """Whether each file of a manifest is there, as long as it says."""
    files = document.get("files")
    try:
        return isinstance(files, list) and all(
            (folder / one["path"]).stat().st_size == one["n_bytes"] for one in files
        )
    except (OSError, KeyError, TypeError):
        return False
