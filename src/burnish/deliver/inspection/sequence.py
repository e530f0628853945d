"""Check 17: whether all tracks are there, lie as far apart as told, and are the programme."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from burnish.audio import Block, Source, open_source
from burnish.audio.source import BLOCK_SAMPLES
from burnish.deliver.inspection.record import Check, Inspection, checked, not_asked
from burnish.deliver.order import DeliveredFile
from burnish.deliver.wishes import DeliveryWishes
from burnish.errors import InputError
from burnish.finding import Finding, Severity
from burnish.qc.places import clock
from burnish.release import Release
from burnish.targets import Delivery
from burnish.targets.record import record_of

_SHORT_S = 0.02  # so much less silence than the gap: a decay under -60 dBFS counts as silence
CASSETTE_MIN = (30.0, 45.0)  # of a side: thin tape from here on; C90 has no more


def all_there(files: Sequence[DeliveredFile], n_tracks: int) -> Iterator[Finding]:
    """Of each kind of file that is of tracks, one for every track."""
    kinds: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for file in files:
        if file.track:
            kinds[file.kind, str(file.path.parent), _version(file)].add(file.track)
    for (kind, _, version), there in kinds.items():
        lacking = sorted(set(range(1, n_tracks + 1)) - there)
        if lacking and not version:
            yield _said(
                "track-missing", "fail", "A track is missing",
                f"There is no {kind} of track {', '.join(map(str, lacking))}.", "Make it again.",
            )  # fmt: skip


def of_product(
    files: Sequence[tuple[DeliveredFile, Inspection]],
    release: Release,
    place: Delivery,
    wishes: DeliveryWishes,
) -> Check:
    """Check 17 of a product: gaps, total time, the length of sides."""
    tracks: dict[int, Inspection] = {}
    for file, part in files:
        if file.track and part.measured is not None and not _version(file):
            tracks.setdefault(file.track, part)
    sides = [part for file, part in files if file.track is None and part.measured is not None]
    # An archive keeps the masters as they are, before the sequence gives them gaps.
    found = [] if place.product == "archive" else [*_gaps(tracks, release)]
    if place.product in ("vinyl", "cassette"):
        limits, whose = CASSETTE_MIN, "of a cassette"
        if place.product == "vinyl":
            limits, whose = _limits(int(wishes.vinyl_inches), int(wishes.vinyl_rpm))
        for part in sides:
            found += _long(Path(part.file).name, _duration_s(part), limits, whose)
    if not tracks and not sides:
        return (
            checked(17, found, "as its sheets tell it")
            if place.product == "cd"
            else not_asked(17, "no track of it was measured")
        )
    shown = list(tracks.values()) or sides
    whole_s = sum(_duration_s(part) for part in shown)
    name = "track" if tracks else "side"
    return checked(17, found, f"{len(shown)} {name}{'s' * (len(shown) > 1)}, {clock(whole_s)}")


def of_side(name: str, duration_s: float, place: Delivery | None) -> Check:
    """Check 17 of a file by itself: a side for vinyl (12 inches at 33) or tape has a length."""
    if place is None or place.product not in ("vinyl", "cassette"):
        return not_asked(17, "a file by itself")
    limits, whose = CASSETTE_MIN, "of a cassette"
    if place.product == "vinyl":
        limits, whose = _limits(12, 33)
    return checked(17, _long(name, duration_s, limits, whose), clock(duration_s))


def is_programme(tracks: Sequence[Path], whole: Path) -> Check:
    """Whether tracks one after the other are another file, sample for sample."""
    with ExitStack() as held:
        sources = [held.enter_context(open_source(path)) for path in tracks]
        programme = held.enter_context(open_source(whole))
        place_s = _first_difference_s(sources, programme)
    if place_s is None:
        return checked(17, (), f"{len(tracks)} tracks are {whole.name}, bit for bit")
    differs = _said(
        "sequence-differs", "fail", "The tracks are not the programme",
        f"One after the other they differ from {whole.name} within 1.5 s after {place_s:.3f} s.",
        "Cut them again, from that file.",
    )  # fmt: skip
    return checked(17, (differs,), "the tracks are not the programme")


def programme_among(paths: Sequence[Path], n_samples: Sequence[int]) -> Path | None:
    """The file that is as long as all others together; None: there is none, or only one other."""
    whole = sum(n_samples)
    for path, n in zip(paths, n_samples, strict=True):
        if 2 * n == whole and len(paths) > 2:
            return path
    return None


def _first_difference_s(sources: Sequence[Source], programme: Source) -> float | None:
    at = 0
    for source in sources:
        stop = at + source.info.n_samples
        for mine, its in zip(
            source.blocks(), programme.blocks(BLOCK_SAMPLES, at, stop), strict=False
        ):
            if not _same(mine, its):
                return at / programme.info.rate_hz
            at += mine.shape[1]
        if at != stop:
            raise InputError("input-unreadable", f"{source.info.name}: breaks off")
    return None if at == programme.info.n_samples else at / programme.info.rate_hz


def _same(one: Block, other: Block) -> bool:
    return one.shape == other.shape and bool(np.array_equal(one, other))


def _gaps(tracks: dict[int, Inspection], release: Release) -> Iterator[Finding]:
    """The silence that belongs before a track lies at the end of the one before it."""
    for number, part in tracks.items():
        if number >= len(release.tracks) or part.measured is None:
            continue
        gap_s = release.gap_before_s(number)
        silent_s = part.measured.defects.tail_silence_s
        if gap_s > 0.0 and silent_s < gap_s - _SHORT_S:
            yield _said(
                "gap-short", "fail", "A gap is too short",
                f"Track {number} ends with {silent_s:.2f} s of silence; before track {number + 1} "
                f"there must be {gap_s:g} s.", "Deliver it again.",
            )  # fmt: skip


def _limits(inches: int, rpm: int) -> tuple[tuple[float, float], str]:
    """Minutes of a side, recommended and at most (Zenith's table), and of what."""
    record = record_of(inches, rpm)
    return (record.recommended_min, record.hard_min), f"of {record.title}"


def _long(
    name: str, duration_s: float, limits_min: tuple[float, float], whose: str
) -> Iterator[Finding]:
    if duration_s <= 60.0 * limits_min[0]:
        return
    fails = duration_s > 60.0 * limits_min[1]
    takes = f"{limits_min[fails]:g} min {'at most' if fails else 'without loss of loudness'}"
    yield _said(
        "side-long", "fail" if fails else "warn", "The side is long",
        f"{name} lasts {clock(duration_s)}; a side {whose} takes {takes}.",
        "Move a track to the other side, or to another record.",
    )  # fmt: skip


def _duration_s(part: Inspection) -> float:
    return 0.0 if part.measured is None else part.measured.source.duration_s


def _version(file: DeliveredFile) -> str:
    return str(file.told.get("version", ""))


def _said(code: str, severity: Severity, title: str, detail: str, advice: str) -> Finding:
    return Finding(code, severity, title, detail, advice, about="master")
