"""Products: which maker writes what a target takes, and the order of work around it.

    an empty folder -> its maker -> every file read back, inspected, hashed -> manifest -> its name

A product that does not pass its quality control is named ``TARGET.failed``, and never ``TARGET``.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from burnish.audio import SourceInfo, file_sha256, open_source
from burnish.chain import Teller
from burnish.deliver.folder import new_folder
from burnish.deliver.inspection import Known, inspect_delivery
from burnish.deliver.manifest import MANIFEST, Manifest, kept, key_in, key_of, notes_of
from burnish.deliver.order import Maker, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.wishes import DeliveryWishes
from burnish.deliver.workers import for_sound
from burnish.errors import OutputError
from burnish.release import Release
from burnish.targets import Delivery, delivery

_MAKERS = {
    "archive": "burnish.deliver.streaming.archive",
    "broadcast": "burnish.deliver.streaming.broadcast",
    "broadcast-r128": "burnish.deliver.streaming.broadcast",
    "cassette": "burnish.deliver.cassette.maker",
    "cd": "burnish.deliver.cd.maker",
    "download": "burnish.deliver.streaming.download",
    "hi-res": "burnish.deliver.streaming.hi_res",
    "versions": "burnish.deliver.streaming.versions",
    "vinyl": "burnish.deliver.vinyl.maker",
}
"""Target -> the module whose ``make`` writes its product; any other is a service's."""

_OWN_PREMASTER = ("vinyl", "cassette")

FAILED = ".failed"


@dataclass(frozen=True)
class Outgoing:
    """A product as it lies in its folder."""

    target: str
    folder: Path
    manifest: Manifest | None
    """None: it was there already, made from the same, and was left as it is."""
    passed: bool

    @property
    def document(self) -> Mapping[str, Any] | None:
        """Its manifest as it is written; None where somebody changed one that was there."""
        return kept(self.folder) if self.manifest is None else self.manifest.to_json()


def maker_of(place: Delivery) -> Maker:
    """The function that writes what a target takes."""
    make: Maker = import_module(_home(place)).make
    return make


def _home(place: Delivery) -> str:
    return _MAKERS.get(place.name, "burnish.deliver.streaming.service")


def deliver(
    order: Order,
    targets: Sequence[str],
    folder: Path,
    scratch: Path,
    tell: Teller,
    overwrite: bool = False,
) -> tuple[Outgoing, ...]:
    """Write the products of an order, one folder a target, in ``folder``.

    A product that is there, whole and made from the same, is left as it is; another one is an
    ``OutputError`` unless ``overwrite``. What a target cannot take is a ``SettingError``.
    """
    places = [delivery(name) for name in dict.fromkeys(targets)]
    hashes = _hashes(order)
    keys = {place.name: key_of(order, hashes, place.model_dump(mode="json")) for place in places}
    for place in places:
        _refuse_to_harm(folder / place.name, keys[place.name], overwrite)
    with for_sound(_duration_s(order)) as workers:
        pieces, known = Pieces(order, scratch, tell, workers), Known()
        return tuple(
            _product(order, place, folder, keys[place.name], pieces, known, tell)
            for place in places
        )


def _duration_s(order: Order) -> float:
    """How long all masters are."""
    total_s = 0.0
    for master in order.masters:
        with open_source(master.file) as source:
            total_s += source.info.duration_s
    return total_s


def _product(
    order: Order,
    place: Delivery,
    folder: Path,
    key: str,
    pieces: Pieces,
    known: Known,
    tell: Teller,
) -> Outgoing:
    final = folder / place.name
    if key_in(final) == key:
        return Outgoing(place.name, final, None, True)
    failed = final.with_name(final.name + FAILED)
    with _staged(final, failed) as (staged, named):
        delivered = maker_of(place)(order, place, staged, pieces, tell)
        pieces.workers.rest()
        known.measured |= pieces.measured_so_far()
        known.n_samples |= pieces.n_samples()
        inspection = inspect_delivery(staged, delivered, place, order, known, tell, pieces.workers)
        manifest = Manifest(
            target=place.name,
            title=place.title,
            made=order.made,
            release=order.release,
            files=notes_of(staged, delivered, inspection),
            inspection=inspection,
            findings=delivered.findings,
            notes=delivered.notes,
            checklist=delivered.checklist,
            key=key,
        )
        manifest.write(staged)
        named.passed = manifest.verdict != "fail"
    return Outgoing(place.name, final if named.passed else failed, manifest, named.passed)


@dataclass
class _Named:
    """Which of its two names a product has earned."""

    passed: bool = True


@contextmanager
def _staged(final: Path, failed: Path) -> Iterator[tuple[Path, _Named]]:
    """An empty folder that becomes ``final`` where it passed, else ``failed``."""
    named = _Named()
    working = final.with_name(f".{final.name}.making")
    with new_folder(working, may_replace=lambda there: True) as staged:
        yield staged, named
    place, other = (final, failed) if named.passed else (failed, final)
    for old in (place, other):
        if old.is_dir() and is_product(old):
            _remove(old)
    try:
        working.rename(place)
    except OSError as error:
        raise OutputError("output-failed", f"{place}: cannot be named: {error.strerror}") from None


def is_product(folder: Path) -> bool:
    """Whether a folder is a product that burnish wrote, and may replace."""
    return (folder / MANIFEST).is_file()


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _refuse_to_harm(folder: Path, key: str, overwrite: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if key_in(folder) == key:
        return
    if not is_product(folder):
        raise OutputError("output-exists", f"{folder}: holds other things; give another folder")
    if not overwrite:
        raise OutputError(
            "output-exists",
            f"{folder}: holds a delivery made from something else; --overwrite replaces it",
        )


def _hashes(order: Order) -> list[str]:
    files = [master.file for master in order.masters]
    files += [file for master in order.masters for _, file in sorted(master.versions.items())]
    if order.hidden is not None:
        files.append(order.hidden.file)
    if order.artwork is not None:
        files.append(order.artwork)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(file_sha256, files))


def lowest_ceiling(targets: Sequence[str]) -> float:
    """The lowest true peak that the targets ask masters for, dBTP; 0 where none asks.

    Vinyl and cassette are cut from premasters of their own; where a loudness is demanded, each
    track is turned to it, and its peaks with it.
    """
    places = [delivery(name) for name in targets if name not in _OWN_PREMASTER]
    asking = [place.ceiling_dbtp for place in places if place.loudness_is != "demand"]
    return min(asking, default=0.0)


def refuse(
    targets: Sequence[str],
    release: Release,
    tracks: Sequence[SourceInfo],
    hidden: SourceInfo | None,
    wishes: DeliveryWishes,
) -> None:
    """Raise the ``SettingError`` of what a target will never take, before any work is done.

    ``tracks`` are what is known of their mixes or masters, in order.
    """
    for name in targets:
        delivery(name)
    if "cd" in targets:
        from burnish.deliver.cd.refuse import refuse as refuse_cd

        lengths_s = [info.duration_s for info in tracks]
        refuse_cd(release, lengths_s, None if hidden is None else hidden.duration_s, wishes)
    if "versions" in targets:
        from burnish.deliver.streaming.versions import refuse as refuse_versions

        refuse_versions(release)
    if "hi-res" in targets:
        from burnish.deliver.streaming.hi_res import refuse as refuse_hi_res

        refuse_hi_res([info.rate_hz for info in tracks])
    if "vinyl" in targets:
        from burnish.deliver.vinyl.maker import refuse as refuse_vinyl

        refuse_vinyl(release, [info.duration_s for info in tracks], wishes)
    if "cassette" in targets:
        from burnish.deliver.cassette.maker import refuse as refuse_cassette

        refuse_cassette(release, [info.duration_s for info in tracks], wishes)
