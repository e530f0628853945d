"""An album mastered as one body: the anchor, what follows it, and what was there already."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

from burnish import __version__
from burnish.album.songs import Song
from burnish.audio import OutputFormat
from burnish.chain import Teller
from burnish.chain.progress import Together
from burnish.chain.recall import load
from burnish.chain.spool import Spool
from burnish.deliver import Outputs, Written, read_back, write_until_right
from burnish.deliver.masters import Masters, recall_of
from burnish.deliver.order import Master
from burnish.engineer import Taken, Wishes, draft
from burnish.engineer.album import (
    AlbumPlan,
    AlbumWishes,
    Body,
    Signature,
    Surveyed,
    body_for,
    corrected,
    signature_of,
    stopped_notes,
    survey,
)
from burnish.master import judged
from burnish.measure import Measurement
from burnish.report.album_result import AlbumTrack

_AT_ONCE = 2
"""Songs that are mastered at the same time: each keeps one core and a half busy."""

_SHARES = {"decide": (0.0, 0.45), "render": (0.45, 0.8), "prove": (0.8, 1.0), "codecs": (0.9, 1.0)}


class Mastering:
    """The mastering of an album: what is planned, which songs are done, what came of them."""

    def __init__(
        self,
        wishes: Wishes,
        album: AlbumWishes,
        signature: Signature | None,
        songs: Sequence[Song],
        taken: Sequence[Taken],
        masters: Masters,
        title: str,
    ) -> None:
        self._wishes, self._album = wishes, album
        self._given, self._title = signature, title
        self._songs, self._taken, self._masters = songs, taken, masters
        self._done: dict[int, AlbumTrack] = {}

    def mastered(self, names: Sequence[str], tell: Teller) -> tuple[AlbumPlan, Signature | None]:
        """Master every song; return the plan that was followed, and the album's signature."""
        surveyed = [
            Surveyed(song.number, song.name, one, song.track.keep_as_is, song.wishes)
            for song, one in zip(self._songs, self._taken, strict=True)
        ]
        plan = survey(surveyed, self._wishes, self._album, self._given)
        self._paths = self._masters.named(names)
        self._masters.begin()
        fingerprint = _hash([plan.to_json(), [_made_from(*one) for one in self._each()]])
        if (base_lufs := self._masters.corrected(fingerprint)) is not None:
            plan = replace(plan, base_lufs=base_lufs)
        signature = self._follow(plan, tell)
        if (better := corrected(plan, self.after())) is not None:
            self._masters.correct(fingerprint, better.base_lufs)
            plan = better
            signature = self._follow(plan, tell)
        notes = (*plan.notes, *stopped_notes(plan, self.after()))
        return replace(plan, notes=notes), signature

    def _follow(self, plan: AlbumPlan, tell: Teller) -> Signature | None:
        """Master the anchor, and then what follows it."""
        self._done = {
            i: AlbumTrack(song.number, song.name, Master(song.files[0]), self._taken[i].measured)
            for i, song in enumerate(self._songs)
            if song.track.keep_as_is
        }
        signature = self._given
        if plan.anchor is not None:
            if plan.anchor not in self._done:
                self._master([plan.anchor], [body_for(plan, plan.anchor)], tell)
            signature = signature_of(self._done[plan.anchor].after, plan, self._title)
        rest = [i for i in range(len(self._songs)) if i not in self._done]
        self._master(rest, [body_for(plan, i, signature) for i in rest], tell)
        return signature

    def _master(self, numbers: Sequence[int], bodies: Sequence[Body], tell: Teller) -> None:
        """Master some songs, two at a time. The first fault ends them all, and is raised."""
        durations_s = [self._songs[i].source.info.duration_s for i in numbers]
        together = Together(tell, "master", durations_s, _SHARES)
        going: list[Future[AlbumTrack]] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                for place, (i, body) in enumerate(zip(numbers, bodies, strict=True)):
                    going.append(pool.submit(self._one, i, body, together.of(place)))
                wait(going, return_when=FIRST_EXCEPTION)
                for one in going:
                    if one.done() and (fault := one.exception()) is not None:
                        raise fault
            except BaseException:
                together.stop()
                pool.shutdown(cancel_futures=True)
                raise
        for i, one in zip(numbers, going, strict=True):
            self._done[i] = one.result()

    def _each(self) -> Iterator[tuple[Song, Taken]]:
        return zip(self._songs, self._taken, strict=True)

    def before(self) -> tuple[Measurement, ...]:
        """What the songs measure as they came."""
        return tuple(one.measured for one in self._taken)

    def after(self) -> tuple[Measurement, ...]:
        """What the masters measure, as they were read back."""
        return tuple(one.after for one in self.tracks())

    def tracks(self) -> tuple[AlbumTrack, ...]:
        """All songs, in order; what is hidden is the last."""
        return tuple(self._done[i] for i in range(len(self._songs)))

    def _one(self, i: int, body: Body, tell: Teller) -> AlbumTrack:
        song, taken, path = self._songs[i], self._taken[i], self._paths[i]
        started = time.perf_counter()
        outputs = Outputs(path, recall_of(path), None)
        key = _hash([_made_from(song, taken), repr(body)])
        stood = self._masters.stands(path, key)
        if stood:
            written = Written(load(recall_of(path)), read_back(path, tell))
        else:
            written = self._written(song, taken, body, outputs, tell)
            self._masters.keep(path, key)
        result = judged(
            song.source,
            taken,
            song.wishes,
            written,
            outputs,
            overwrite=True,
            started=started,
            noticed=song.noticed,
        )
        master = Master(path, recall_of(path), None if song.stems else song.files[0])
        return AlbumTrack(song.number, song.name, master, written.after, result, stood)

    @staticmethod
    def _written(song: Song, taken: Taken, body: Body, outputs: Outputs, tell: Teller) -> Written:
        form = OutputFormat(format="wav", bits="32f")
        told = tell.stage("decide", song.source)
        with Spool() as spool:
            drafted = draft(song.source, taken, song.wishes, form, told, spool=spool, body=body)
            if song.stems:
                notes = (*song.notes, *drafted.plan.notes)
                drafted = replace(drafted, plan=drafted.plan.with_(stems=song.stems, notes=notes))
            return write_until_right(song.source, drafted, outputs, True, tell, spool)


def _made_from(song: Song, taken: Taken) -> list[Any]:
    """What a master is made from, beside what its album asks: the song's bytes, and the wishes."""
    hashes = [taken.note.sha256] if taken.note.sha256 else [stem.sha256 for stem in song.stems]
    return [
        __version__,
        hashes,
        [one.note() for one in taken.references],
        song.wishes.model_dump(mode="json"),
        [stem.model_dump(mode="json") for stem in song.stems],
    ]


def _hash(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
