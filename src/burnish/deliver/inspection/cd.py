"""Check 15: what a CD can hold: of a file for it, of a release, of a DDP."""

from collections.abc import Iterator

from burnish.audio import SourceInfo
from burnish.deliver.cd.msf import SAMPLES_PER_CD_FRAME
from burnish.deliver.cd.red_book import LEAST_TRACK_CD_FRAMES, LONG_CD_FRAMES, MOST_CD_FRAMES
from burnish.deliver.inspection.record import Check, checked, not_asked
from burnish.finding import Finding, Severity
from burnish.targets import Delivery

_FILES = (
    "ddp-file-missing",
    "ddp-checksum",
    "ddp-no-checksum",
    "ddp-image-length",
    "ddp-stream-length",
    "ddp-level",
)
_CODES = ("cd-text-", "cd-isrc", "cd-ean", "ddp-ean", "ddp-isrcs")


def of_file(info: SourceInfo, place: Delivery | None) -> Check:
    """Check 15 of one track of a CD to be."""
    if place is None or place.name != "cd":
        return not_asked(15, "not for a CD")
    cd_frames, rest = divmod(round(info.duration_s * 44_100), SAMPLES_PER_CD_FRAME)
    return checked(15, _track(cd_frames, rest), f"{cd_frames + bool(rest)} cd_frames")


def _track(cd_frames: int, rest: int) -> Iterator[Finding]:
    if cd_frames < LEAST_TRACK_CD_FRAMES:
        yield _said(
            "cd-short-track", "fail", "A track shorter than 4 s",
            f"It lasts {cd_frames / 75:.2f} s.", "Join it to its neighbour, or lengthen it.",
        )  # fmt: skip
    if rest:
        yield _said(
            "cd-grid", "info", "Not a whole number of cd_frames",
            f"{rest} samples are over; a plant fills up to {SAMPLES_PER_CD_FRAME} with silence.",
            "Let `burnish album` cut it from the sequence, which lies on cd_frames.",
        )  # fmt: skip
    if cd_frames > MOST_CD_FRAMES:
        yield _said(
            "cd-length", "fail", "Longer than a CD", f"It lasts {cd_frames / 75 / 60:.1f} min.",
            "Split it over two discs.",
        )  # fmt: skip
    elif cd_frames > LONG_CD_FRAMES:
        yield _said(
            "cd-long", "warn", "Longer than 74 minutes", f"{cd_frames / 75 / 60:.1f} min.",
            "Ask the plant whether it takes 80-minute discs.",
        )  # fmt: skip


def sorted_out(findings: tuple[Finding, ...]) -> dict[int, tuple[Finding, ...]]:
    """Findings of ``verify_ddp`` by the check that they belong to: 10 files, 15 disc, 16 codes."""
    by: dict[int, list[Finding]] = {10: [], 15: [], 16: []}
    for one in findings:
        number = 10 if one.code in _FILES else 16 if one.code.startswith(_CODES) else 15
        by[number].append(one)
    return {number: tuple(some) for number, some in by.items()}


def _said(code: str, severity: Severity, title: str, detail: str, advice: str) -> Finding:
    return Finding(code, severity, title, detail, advice, about="master")
