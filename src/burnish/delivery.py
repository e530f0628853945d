"""Delivery on one page: finished masters, put in sequence, to what each target takes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish import __version__
from burnish.audio import SourceInfo, file_sha256, open_source
from burnish.chain import Progress, Teller, Told
from burnish.chain.album_folder import release_of
from burnish.chain.album_sheet import beside, load_album
from burnish.chain.recall import load
from burnish.deliver.folder import scratch_in
from burnish.deliver.masters import SIGNATURE, Masters, mix_names, recall_of, version_of
from burnish.deliver.order import Master, Order, now
from burnish.deliver.products import Outgoing, lowest_ceiling, refuse
from burnish.deliver.products import deliver as deliver_order
from burnish.deliver.wishes import DeliveryWishes
from burnish.errors import InputError, SettingError
from burnish.release import Release, Track, faults
from burnish.report.album_result import outgoing_json

__all__ = ["DeliveryResult", "Progress", "deliver"]

_SHEETS = (".yaml", ".yml")


@dataclass(frozen=True)
class DeliveryResult:
    """What was delivered."""

    release: Release
    outgoing: tuple[Outgoing, ...]
    elapsed_s: float

    @property
    def passed(self) -> bool:
        """Whether every product passed its quality control."""
        return all(one.passed for one in self.outgoing)

    def to_json(self) -> dict[str, Any]:
        """The JSON document of ``burnish deliver``."""
        return {
            "burnish": __version__,
            "title": self.release.title,
            "deliveries": [outgoing_json(one) for one in self.outgoing],
            "elapsed_s": round(self.elapsed_s, 3),
        }


def deliver(
    masters: str | Path | Sequence[str | Path],
    folder: str | Path,
    *,
    to: Sequence[str],
    progress: Told | None = None,
    overwrite: bool = False,
    **settings: Any,
) -> DeliveryResult:
    """Write what each target of ``to`` takes from finished masters. Nothing is mastered.

    ``masters`` is an album.yaml, or masters in their order, whose names and tags tell the release.
    Where ``folder`` holds the masters that ``burnish album`` made of that album.yaml, they are
    taken; else its files are, as they are. ``settings`` are those of ``DeliveryWishes``. A product
    that is there, made from the same, is left; another one is an ``OutputError`` unless
    ``overwrite``.
    """
    started = time.perf_counter()
    wishes, folder = DeliveryWishes(**settings), Path(folder)
    given = [Path(masters)] if isinstance(masters, str | Path) else [Path(one) for one in masters]
    if not to:
        raise SettingError("usage", "to: must name a target; see burnish list targets")
    sheet = given[0] if len(given) == 1 and given[0].suffix.lower() in _SHEETS else None
    hidden = None
    if sheet is not None:
        release = load_album(sheet)
        files, hidden = _masters_of(release, sheet, folder)
    else:
        release, files = release_of(given), tuple(map(Master, given))
    tracks = [_info(one.file) for one in files]
    for fault in faults(release, [info.duration_s for info in tracks]):
        raise SettingError(fault.code, fault.sentence)
    refuse(to, release, tracks, None if hidden is None else _info(hidden.file), wishes)
    order = Order(
        release=release,
        masters=files,
        ceiling_dbtp=lowest_ceiling(to),
        hidden=hidden,
        artwork=beside(sheet, release.artwork) if sheet is not None and release.artwork else None,
        wishes=wishes,
        sheet=sheet,
        signature=_signature_in(folder) if sheet is not None else None,
        made=now(),
    )
    with scratch_in(folder) as scratch:
        outgoing = deliver_order(order, to, folder, scratch, Teller(progress), overwrite)
    return DeliveryResult(release, outgoing, time.perf_counter() - started)


def _signature_in(folder: Path) -> Path | None:
    """The one that ``burnish album`` left with its masters."""
    found = folder / SIGNATURE
    return found if found.is_file() else None


def _masters_of(
    release: Release, sheet: Path, folder: Path
) -> tuple[tuple[Master, ...], Master | None]:
    """The masters that ``burnish album`` left in the folder, or the files of the sheet itself."""
    masters = Masters(folder) if (folder / "masters").is_dir() else None
    names = mix_names(release)
    files = [track.file for track in release.tracks]
    files += [hidden] if (hidden := release.tracks[0].hidden_file) else []
    if masters is None or not masters.is_there:
        for i, track in enumerate(release.tracks):
            if track.stems:
                raise InputError(
                    "master-missing",
                    f"{sheet}: track {i + 1}: is made from stems; `burnish album` masters it first",
                )
        kept = [_versions(track, sheet) for track in release.tracks]
        kept += [{}] if hidden else []
        found = [
            Master(beside(sheet, file), versions=versions)
            for file, versions in zip(files, kept, strict=True)
        ]
    else:
        found = []
        for i, (path, file) in enumerate(zip(masters.named(names), files, strict=True)):
            track = release.tracks[i if i < len(release.tracks) else 0]
            versions = _versions(track, sheet) if i < len(release.tracks) else {}
            if track.keep_as_is:
                found.append(Master(beside(sheet, file), versions=versions))
            else:
                mix = None if track.stems else beside(sheet, file)
                found.append(_standing(path, mix, versions))
    return tuple(found[: len(release.tracks)]), found[-1] if hidden else None


def _versions(track: Track, sheet: Path) -> dict[str, Path]:
    return {label: beside(sheet, file) for label, file in track.versions.items()}


def _standing(master: Path, mix: Path | None, versions: Mapping[str, Path]) -> Master:
    """A master with its sheet, if it was made from this mix."""
    recall = recall_of(master)
    if not master.is_file() or not recall.is_file():
        raise InputError("master-missing", f"{master}: is not there; `burnish album` makes it")
    if mix is not None and _sha256_in(recall) != file_sha256(mix):
        raise InputError(
            "master-old", f"{master}: was made before {mix} changed; `burnish album` makes it anew"
        )
    made = {label: version_of(master, label) for label in versions}
    for label, path in made.items():
        _standing(path, versions[label], {})
    return Master(master, recall, mix, made)


def _sha256_in(recall: Path) -> str:
    """What a master was made from; a sheet of one stem is that of a fitted alternate."""
    plan = load(recall)
    return plan.stems[0].sha256 if len(plan.stems) == 1 else plan.input.sha256


def _info(file: Path) -> SourceInfo:
    with open_source(file) as source:
        return source.info
