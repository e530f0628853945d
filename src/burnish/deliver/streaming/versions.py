"""Versions: the tracks and their alternates as plain WAVs, each pair cut alike.

An alternate goes through the same sequence as its track: the same trims, fades and joins, at the
same places. Where it crosses with a neighbour, that is the neighbour's alternate of the same label,
or else its main version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from burnish.chain import Teller
from burnish.deliver.names import file_name
from burnish.deliver.order import Delivered, DeliveredFile, Master, Order
from burnish.deliver.pieces import Piece, Pieces
from burnish.deliver.streaming.tracks import copied
from burnish.errors import SettingError
from burnish.release import Release
from burnish.targets import Delivery

KIND = "wav-24"


def refuse(release: Release) -> None:
    """Raise the ``SettingError`` of a release that has no alternates."""
    if not any(track.versions for track in release.tracks):
        raise SettingError("versions-missing", "versions: no track has any; see docs/album.md")


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write every track, and every alternate beside its own."""
    refuse(order.release)
    taken: set[str] = set()
    files = [_written(folder, piece, order.release, "", taken) for piece in pieces.cut("24")]
    for label in labels_of(order.masters):
        others = Pieces(
            with_version(order, label), pieces.scratch / f"version-{label}", tell, pieces.workers
        )
        files += [
            _written(folder, piece, order.release, label, taken)
            for piece in others.cut("24", pieces.rate_hz)
            if label in order.masters[piece.number - 1].versions
        ]
    return Delivered(tuple(files), checklist=tuple(_codes_missing(order)))


def labels_of(masters: Sequence[Master]) -> list[str]:
    """The labels of all alternates, each once."""
    return sorted({label for master in masters for label in master.versions})


def with_version(order: Order, label: str) -> Order:
    """The order with the alternates of that label in their tracks' places."""
    return replace(
        order,
        masters=tuple(
            replace(one, file=one.versions.get(label, one.file)) for one in order.masters
        ),
    )


def _written(
    folder: Path, piece: Piece, release: Release, label: str, taken: set[str]
) -> DeliveredFile:
    title = release.tracks[piece.number - 1].full_title
    name = file_name(piece.number, f"{title} ({label})" if label else title, ".wav", taken)
    copied(piece.path, folder / name)
    # An alternate's samples are nobody else's: it is measured by itself.
    return DeliveredFile(
        path=Path(name),
        kind=KIND,
        track=piece.number,
        samples="" if label else piece.samples,
        told={"version": label} if label else {},
    )


def _codes_missing(order: Order) -> Iterator[str]:
    for number, master in enumerate(order.masters, 1):
        if master.versions:
            labels = ", ".join(sorted(master.versions))
            yield f"Track {number} ({labels}): each alternate that is published has its own ISRC"
