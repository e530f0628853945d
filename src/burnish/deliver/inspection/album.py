"""An album, inspected: the files that its album.yaml names, or all that was delivered of it."""

from contextlib import ExitStack
from pathlib import Path

from burnish.audio import open_source
from burnish.chain import Teller
from burnish.chain.album_sheet import beside, load_album
from burnish.chain.sequence import SequenceSource
from burnish.deliver.cd.of_release import disc_of
from burnish.deliver.cd.red_book import limits_passed
from burnish.deliver.inspection import metadata
from burnish.deliver.inspection.ddp import is_ddp
from burnish.deliver.inspection.file import Wanted, inspect_file, unreadable
from burnish.deliver.inspection.folder import MANIFEST, inspect_folder
from burnish.deliver.inspection.record import Check, Inspection, checked, not_asked
from burnish.deliver.inspection.versions import of_pairs
from burnish.deliver.inspection.whole import joined, summed_up
from burnish.errors import BurnishError, InputError
from burnish.finding import Finding
from burnish.qc.master import Asked
from burnish.qc.places import clock
from burnish.release import Release, faults
from burnish.targets import Delivery


def products_in(folder: Path) -> list[Path]:
    """The folders of products that ``burnish album`` and ``burnish deliver`` wrote in one."""
    return sorted(
        one for one in folder.iterdir() if one.is_dir() and (is_ddp(one) or _is_product(one))
    )


def inspect_album(
    path: str | Path, place: Delivery | None = None, tell: Teller | None = None
) -> Inspection:
    """The twenty checks of an album.yaml's files, or of every product in an album's folder."""
    path, tell = Path(path), tell or Teller(None)
    if path.is_dir():
        return _products(path, place, tell)
    release = load_album(path)
    parts = []
    for number, track in enumerate(release.tracks, 1):
        for name in (track.file, *track.stems):
            if name:
                asked = Asked(
                    begins=number == 1 or release.gap_before_s(number - 1) > 0.0,
                    ends=number == len(release.tracks) or release.gap_before_s(number) > 0.0,
                )
                file = beside(path, name.rpartition("=")[2])
                want = Wanted(asked=asked, codecs="excerpt", as_ordered=False)
                try:
                    parts.append(inspect_file(file, place, want, tell=tell))
                except InputError as error:
                    parts.append(unreadable(file, place, error))
    checks = summed_up(parts)
    about = [*metadata.of_release(release)]
    if release.artwork:
        about += metadata.cover(beside(path, release.artwork))
    checks[16] = joined(checks[16], about, f"{len(release.tracks)} tracks")
    checks[15], checks[17] = _sequence(path, release, place)
    mains = [
        (beside(path, track.file), beside(path, other))
        for track in release.tracks
        if track.file
        for other in track.versions.values()
    ]
    checks[18] = of_pairs(mains)
    return Inspection(
        file=str(path),
        kind="album",
        checks=tuple(checks[number] for number in range(1, 21)),
        target=None if place is None else place.name,
        parts=tuple(parts),
    )


def _products(folder: Path, place: Delivery | None, tell: Teller) -> Inspection:
    parts = tuple(inspect_folder(one, place, tell=tell) for one in products_in(folder))
    checks = summed_up(parts)
    return Inspection(
        file=str(folder),
        kind="album",
        checks=tuple(checks[number] for number in range(1, 21)),
        target=None if place is None else place.name,
        parts=parts,
    )


def _sequence(path: Path, release: Release, place: Delivery | None) -> tuple[Check, Check]:
    """Checks 15 and 17: the sequence laid out, and the disc that it would be."""
    no_disc = not_asked(15, "not for a CD")
    if any(not track.file for track in release.tracks):
        return no_disc, not_asked(17, "stems are not mixed yet")
    try:
        with ExitStack() as held:
            sources = [
                held.enter_context(open_source(beside(path, track.file)))
                for track in release.tracks
            ]
            for fault in faults(release, [one.info.duration_s for one in sources]):
                return no_disc, checked(17, (_broken(fault.code, fault.sentence),), "does not fit")
            layout = SequenceSource(release, sources).layout
            told = f"{len(sources)} tracks, {clock(layout.n_samples / layout.rate_hz)}"
            if place is None or place.product != "cd":
                return no_disc, checked(17, (), told)
            disc = SequenceSource(release, sources, rate_hz=44_100, cd_frames=True).layout
            return checked(15, limits_passed(disc_of(release, disc)), told), checked(17, (), told)
    except BurnishError as error:
        return no_disc, checked(17, (_broken(error.code, error.sentence),), "does not fit")


def _broken(code: str, sentence: str) -> Finding:
    return Finding(
        code, "fail", "The sequence does not fit together", f"{sentence}.",
        "Correct it in album.yaml.", about="master",
    )  # fmt: skip


def _is_product(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()
