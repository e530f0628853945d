"""An album on one page: all songs taken in, mastered as one body, sequenced, delivered.

album.yaml -> take in every song -> an anchor, and what the others owe it -> a master of each
           -> programme -> products -> coherence, report
"""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.album.alternates import refuse_alternates, with_alternates
from burnish.album.mastering import Mastering
from burnish.album.songs import opened, refuse_songs, taken_in
from burnish.audio import write_whole
from burnish.chain import Progress, Teller, Told
from burnish.chain.album_sheet import beside, load_album
from burnish.deliver.folder import scratch_in
from burnish.deliver.joins import join_files
from burnish.deliver.masters import SIGNATURE, Masters, mix_names
from burnish.deliver.order import Order, now
from burnish.deliver.pieces import album_measured
from burnish.deliver.products import Outgoing, deliver, lowest_ceiling
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer import Wishes
from burnish.engineer.aim import CEILING_DBTP
from burnish.engineer.album import (
    AlbumPlan,
    AlbumWishes,
    coherence,
    load_signature,
    save_signature,
)
from burnish.release import Release
from burnish.report.album_result import AlbumResult, AlbumTrack

__all__ = ["Progress", "album"]

RESULT, REPORT, JOINS = "album.json", "album.report.html", "joins"


def album(
    sheet: str | Path,
    folder: str | Path,
    *,
    to: Sequence[str] = (),
    signature: str | Path | None = None,
    preview_joins: bool = False,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = True,
    **settings: Any,
) -> AlbumResult:
    """Master an album as one body, put it in sequence, and deliver it to the targets ``to``.

    ``sheet`` is an album.yaml. ``settings`` are those of ``AlbumWishes`` (loudness_mode, anchor,
    coherence), of ``Wishes`` for every track that says nothing else, and of ``DeliveryWishes``.
    With the ``signature`` of an earlier album its sound is aimed at, and no anchor is chosen.
    ``preview_joins`` writes ten seconds before and after each join.

    In ``folder`` are then ``masters`` (32-bit floats and recall sheets), the album's signature, a
    folder for each target, and the report. What is there already, made from the same, is left: an
    interrupted run goes on where it was. Anything else that is there is an ``OutputError`` unless
    ``overwrite``. A ``BurnishError`` says in one sentence what is wrong.
    """
    started = time.perf_counter()
    asked = _Asked.of(settings, to)
    sheet, folder = Path(sheet), Path(folder)
    release = load_album(sheet)
    given = None if signature is None else load_signature(signature)
    tell = Teller(progress)
    with ExitStack() as held:
        songs = opened(release, sheet, asked.wishes, tell, held)
        refuse_songs(release, sheet, songs, to, asked.delivery)
        refuse_alternates(songs, sheet)
        masters = Masters(folder, overwrite)
        mastering = Mastering(
            asked.wishes, asked.album, given, songs, taken_in(songs, tell), masters, release.title
        )
        plan, told = mastering.mastered(mix_names(release), tell)
        if told is not None and given is None:
            save_signature(told, folder / SIGNATURE, overwrite=True)
        tracks = with_alternates(songs, mastering.tracks(), sheet, masters, progress)
        signed = Path(signature) if signature is not None else folder / SIGNATURE
        own = signed if told is not None or given is not None else None
        order = _order(release, sheet, tracks, plan, asked, own)
        outgoing, joins = _delivered(order, to, preview_joins, folder, tell, overwrite)
    page = folder / REPORT if report else None
    result = AlbumResult(
        release=release,
        folder=folder,
        tracks=tracks,
        plan=plan,
        coherence=coherence(mastering.before(), mastering.after(), plan),
        measured=album_measured([one.after for one in tracks if one.number]),
        outgoing=outgoing,
        signature=signed,
        report=page,
        joins=joins,
        elapsed_s=time.perf_counter() - started,
    )
    write_whole(_document(result), folder / RESULT, overwrite=True)
    if page is not None:
        from burnish.report.album_page import write_album_page

        write_album_page(result, page, overwrite=True)
    return result


@dataclass(frozen=True)
class _Asked:
    """What is asked of the album, of every master, and of the files."""

    album: AlbumWishes
    wishes: Wishes
    delivery: DeliveryWishes

    @classmethod
    def of(cls, settings: dict[str, Any], to: Sequence[str]) -> "_Asked":
        """Sort settings into whose they are; an unknown one is a ``SettingError``."""
        own = {k: v for k, v in settings.items() if k in AlbumWishes.model_fields}
        files = {k: v for k, v in settings.items() if k in DeliveryWishes.model_fields}
        rest = {k: v for k, v in settings.items() if k not in own and k not in files}
        wishes = Wishes(**rest)
        if wishes.ceiling_dbtp is None:
            wishes = wishes.with_(ceiling_dbtp=min(CEILING_DBTP, lowest_ceiling(to)))
        return cls(AlbumWishes(**own), wishes, DeliveryWishes(**files))


def _order(
    release: Release,
    sheet: Path,
    tracks: Sequence[AlbumTrack],
    plan: AlbumPlan,
    asked: _Asked,
    signature: Path | None,
) -> Order:
    return Order(
        release=release,
        masters=tuple(one.master for one in tracks if one.number),
        ceiling_dbtp=plan.ceiling_dbtp,
        hidden=next((one.master for one in tracks if not one.number), None),
        artwork=beside(sheet, release.artwork) if release.artwork else None,
        wishes=asked.delivery,
        sheet=sheet,
        signature=signature,
        made=now(),
    )


def _delivered(
    order: Order, to: Sequence[str], joins: bool, folder: Path, tell: Teller, overwrite: bool
) -> tuple[tuple[Outgoing, ...], tuple[Path, ...]]:
    """Write the products, and pieces of the joins to be heard."""
    if not to and not joins:
        return (), ()
    with scratch_in(folder) as scratch:
        heard = join_files(order, folder / JOINS, scratch, tell) if joins else ()
        return deliver(order, to, folder, scratch, tell, overwrite), heard


def _document(result: AlbumResult) -> bytes:
    text = json.dumps(result.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()
