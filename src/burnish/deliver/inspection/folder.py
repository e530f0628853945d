"""A folder of sound files, inspected: a delivery with its manifest, or any other."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from burnish.audio import open_source
from burnish.audio.tags import SOUNDS, read_tags
from burnish.chain import Teller
from burnish.deliver.inspection import metadata, sequence, versions
from burnish.deliver.inspection.ddp import inspect_ddp, is_ddp
from burnish.deliver.inspection.file import Wanted, gaps_of, inspect_file, unreadable
from burnish.deliver.inspection.form import Ordered
from burnish.deliver.inspection.listened import LOG
from burnish.deliver.inspection.record import Inspection, checked
from burnish.deliver.inspection.whole import joined, summed_up, told_once
from burnish.deliver.seal import is_whole
from burnish.errors import BurnishError, InputError, SettingError
from burnish.finding import Finding, Severity
from burnish.measure.finished import Finished
from burnish.qc.master import Asked
from burnish.release import Release
from burnish.targets import Delivery, delivery

MANIFEST, CHECKLIST = "manifest.json", "CHECKLIST.txt"
_OWN = (b'"burnish"', b'"checklist_sha256"', b'"seal"')
"""Each of these tells a manifest of burnish, even where another was damaged."""
_COVERS = (".jpg", ".jpeg", ".png")
_JOINED_RMS = 1e-3  # -60 dBFS
_EDGE_S = 0.05
_QUICK = (".wav", ".flac", ".aiff", ".aif")
"""Endings of files that are read where they lie; others would be decoded as a whole."""


@dataclass(frozen=True)
class Listed:
    """What a manifest says: its target, and of each file, by its path, what it says of it."""

    target: str | None = None
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tracks: Sequence[Mapping[str, Any]] = ()
    checklist_sha256: str | None = None
    broken: bool = False
    """Whether it is not as burnish wrote it."""


def inspect_folder(
    folder: str | Path,
    place: Delivery | None = None,
    release: Release | None = None,
    tell: Teller | None = None,
) -> Inspection:
    """The twenty checks of all sound files in a folder, of DDPs in it, and of the whole.

    A ``manifest.json`` of burnish is held against what lies there; its target is the ``place``
    unless another is given. A folder without any sound is an ``InputError``.
    """
    folder, tell = Path(folder), tell or Teller(None)
    listed = read_manifest(folder)
    if place is None and listed.target is not None:
        place = _place(listed.target)
    ddps = sorted(one for one in (folder, *folder.rglob("*")) if one.is_dir() and is_ddp(one))
    paths = [path for path in sounds_in(folder) if not any(d in path.parents for d in ddps)]
    if not paths and not ddps:
        raise InputError("input-empty", f"{folder}: holds no sound file, and no DDP")
    joins = _joins(paths)
    files: list[tuple[str | None, Inspection]] = []
    seen: dict[str, Finished] = {}
    for path in paths:
        told = listed.files.get(path.relative_to(folder).as_posix(), {})
        want = Wanted(
            asked=replace(joins.get(path, Asked()), gaps_s=gaps_of(told)),
            ordered=Ordered(kind=str(told.get("kind", ""))),
            release=release,
            track=told.get("track") if release is not None else None,
        )
        part = _inspected(path, place, want, seen, tell)
        same = next((key for key, one in seen.items() if one.measured is part.measured), None)
        if "track" in told and told["track"] is not None:  # its files hold one sound
            same = f"track {told['track']} {told.get('version', '')}"
        files.append((same, part))
    parts = [*told_once(files)]
    parts += [inspect_ddp(one, None, release, tell) for one in ddps]
    checks = summed_up(parts)
    checks[10] = joined(checks[10], _held_to(folder, listed, parts))
    covers = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _COVERS)
    codes = [*_codes(paths, folder, listed), *(one for p in covers for one in metadata.cover(p))]
    codes += [] if release is None else metadata.of_release(release)
    checks[16] = joined(checks[16], codes)
    checks[17] = _sequence(paths, parts, checks[17].told)
    checks[18] = versions.of_pairs(versions.pairs_among(paths))
    return Inspection(
        file=str(folder),
        kind="folder",
        checks=tuple(checks[number] for number in range(1, 21)),
        target=None if place is None else place.name,
        parts=tuple(parts),
    )


def sounds_in(folder: Path) -> list[Path]:
    """Sound files of a folder and of those in it, in their order."""
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix[1:].lower() in SOUNDS
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]
    return sorted(found, key=lambda path: [_natural(part) for part in path.parts])


def signed_in(path: Path) -> list[Path]:
    """What is signed for when a file, a DDP or a folder was heard: sound files, and images."""
    if not path.is_dir():
        if path.suffix.lower() in (".yaml", ".yml"):
            raise SettingError("usage", f"{path}: nobody hears that; name the files, or a folder")
        return [path]
    images = [one for one in path.rglob("*") if one.name.upper() == "IMAGE.DAT" and one.is_file()]
    found = [*sounds_in(path), *sorted(images)]
    if not found:
        raise InputError("input-empty", f"{path}: holds no sound file, and no DDP")
    return found


def read_manifest(folder: Path) -> Listed:
    """The manifest of a folder; nothing where there is none of burnish."""
    try:
        data = (folder / MANIFEST).read_bytes()
    except OSError:
        return Listed()
    if not any(name in data for name in _OWN):
        return Listed()
    try:
        text = data.decode("utf-8")
        document = json.loads(text)
        files = {one["path"]: one for one in document["files"]}
        return Listed(
            document.get("target"),
            files,
            document["release"]["tracks"],
            document.get("checklist_sha256"),
            broken=not is_whole(text),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Listed(broken=True)


def _place(name: str) -> Delivery | None:
    try:
        return delivery(name)
    except SettingError:
        return None


def _inspected(
    path: Path, place: Delivery | None, want: Wanted, seen: dict[str, Finished], tell: Teller
) -> Inspection:
    try:
        return inspect_file(path, place, want, seen, tell)
    except InputError as error:
        return unreadable(path, place, error)


def _natural(name: str) -> list[tuple[int, str]]:
    """With numbers in it as numbers: 2 before 10."""
    return [
        (int(part), "") if part.isdigit() else (-1, part.casefold())
        for part in re.split(r"(\d+)", name)
        if part
    ]


def _joins(paths: Sequence[Path]) -> dict[Path, Asked]:
    """Which tracks follow each other without a gap: one sounds to its end, and the next at once.

    What is told is what can be heard; a hard cut before a hard beginning is taken for a join.
    """
    edges: dict[Path, tuple[bool, bool]] = {}
    for path in paths:
        if path.suffix.lower() not in _QUICK:
            continue
        try:
            with open_source(path) as source:
                n, k = source.info.n_samples, max(1, round(_EDGE_S * source.info.rate_hz))
                head = list(source.blocks(stop=min(k, n)))
                tail = list(source.blocks(start=max(0, n - k)))
            edges[path] = (_sounds(head), _sounds(tail))
        except InputError:
            continue
    found: dict[Path, Asked] = {}
    for one, other in pairwise(paths):
        same = one.parent == other.parent and one.suffix == other.suffix
        if same and one in edges and other in edges and edges[one][1] and edges[other][0]:
            found[one] = replace(found.get(one, Asked()), ends=False)
            found[other] = replace(found.get(other, Asked()), begins=False)
    return found


def _sounds(blocks: Sequence[Any]) -> bool:
    if not blocks:
        return False
    joined_up = np.concatenate(blocks, axis=1)
    return bool(np.sqrt(np.mean(joined_up**2)) > _JOINED_RMS)


def _held_to(folder: Path, listed: Listed, parts: Sequence[Inspection]) -> Iterator[Finding]:
    """What lies there against what the manifest says."""
    if listed.broken:
        yield _said(
            "manifest-changed", "fail", "The manifest is not as it was written",
            f"{MANIFEST} does not agree with the hash of itself that stands in it.",
            "Copy the delivery again.",
        )  # fmt: skip
    if listed.checklist_sha256 not in (None, _sha256(folder / CHECKLIST)):
        yield _said(
            "checklist-changed", "warn", "The checklist is not as it was written",
            f"{CHECKLIST} was changed, or is not there.", "Ticks are fine; what was checked stays.",
        )  # fmt: skip
    by_path = {Path(one.file).relative_to(folder).as_posix(): one for one in parts}
    for name, told in listed.files.items():
        path = folder / name
        if not path.is_file():
            yield _said(
                "file-missing", "fail", "A file is missing",
                f"The manifest names {name}; it is not there.", "Copy the delivery again.",
            )  # fmt: skip
            continue
        part = by_path.get(name)
        sha256 = part.sha256 if part is not None else _sha256(path)
        if told.get("sha256") not in (None, sha256):
            yield _said(
                "file-changed", "fail", "A file is not the one that was delivered",
                f"{name} has another SHA-256 than the manifest tells.", "Copy the delivery again.",
            )  # fmt: skip
    if listed.files:
        for name in sorted(_there(folder) - listed.files.keys()):
            yield _said(
                "file-not-listed", "warn", "A file that was not delivered",
                f"The manifest does not name {name}.", "Take it away, or deliver again.",
            )  # fmt: skip


def _there(folder: Path) -> set[str]:
    """The files of a delivery, and of folders in it; none that are hidden."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        path.as_posix()
        for path in paths
        if path.as_posix() not in (MANIFEST, CHECKLIST)
        and path.name != LOG
        and not any(part.startswith(".") for part in path.parts)
    }


def _sha256(path: Path) -> str:
    """The hash of a file; "" where it is empty, or not there."""
    from burnish.audio import file_sha256

    return file_sha256(path) if path.is_file() and path.stat().st_size else ""


def _codes(paths: Sequence[Path], folder: Path, listed: Listed) -> Iterator[Finding]:
    """One ISRC, one recording; and the words of the manifest's release."""
    titles: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in paths:
        try:
            tags = read_tags(path)
        except BurnishError:
            continue
        if isrc := tags.text("isrc"):
            titles[isrc].setdefault(tags.text("title").casefold(), path)
        told = listed.files.get(path.relative_to(folder).as_posix(), {})
        number = told.get("track")
        if isinstance(number, int) and 1 <= number <= len(listed.tracks):
            meant = listed.tracks[number - 1]
            for name in ("title", "artist", "isrc"):
                got, wanted = tags.text(name), str(meant.get(name) or "")
                if got and wanted and got != wanted:
                    yield _said(
                        "tag-differs", "fail", f"The {name} is not the release's",
                        f'{path.name} says "{got}", the manifest "{wanted}".',
                        "Correct the file, or deliver again.",
                    )  # fmt: skip
    for isrc, each in titles.items():
        if len(each) > 1:
            names = " and ".join(path.name for path in list(each.values())[:2])
            yield _said(
                "isrc-twice", "fail", "The same ISRC twice", f"{isrc} stands in {names}.",
                "Each recording has its own: ask the label.",
            )  # fmt: skip


def _sequence(paths: Sequence[Path], parts: Sequence[Inspection], told: str) -> Any:
    """The tracks of one kind, and a file that is all of them together."""
    groups: dict[tuple[Any, ...], list[tuple[Path, int]]] = defaultdict(list)
    for path, part in zip(paths, parts, strict=False):
        info = part.info
        if info is not None and info.bits is not None and not info.is_float:
            groups[info.rate_hz, info.bits, info.channels].append((path, info.n_samples))
    for group in groups.values():
        files, lengths = [one for one, _ in group], [n for _, n in group]
        whole = sequence.programme_among(files, lengths)
        if whole is not None:
            return sequence.is_programme([one for one in files if one != whole], whole)
    seconds = max((sum(n for _, n in group) / key[0] for key, group in groups.items()), default=0.0)
    if len(paths) < 2 or not seconds:
        return replace(checked(17, (), told), outcome="none")
    return checked(17, (), f"{max(map(len, groups.values()))} files, {seconds / 60:.1f} min")


def _said(code: str, severity: Severity, title: str, detail: str, advice: str) -> Finding:
    return Finding(code, severity, title, detail, advice, about="master")
