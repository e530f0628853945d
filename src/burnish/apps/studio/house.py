"""The house: what one studio has. Its store, its workers, who listens, and the warm renderers."""

import os
import shutil
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request

from burnish.apps.jobs import Job, JobProgress, JobRecord, Limits, LocalPool, Queue, Setup, new_id
from burnish.apps.jobs.record import AtRestart
from burnish.apps.studio.access import Access
from burnish.apps.studio.albums import Albums
from burnish.apps.studio.clients import Clients
from burnish.apps.studio.decoded import Decoded, folder_bytes
from burnish.apps.studio.drafts import Drafts, is_draft
from burnish.apps.studio.events import Event, Events
from burnish.apps.studio.kinds import LARGEST_DECODED, SPARE_BYTES
from burnish.apps.studio.listening import Listening
from burnish.apps.studio.mixes import Mixes
from burnish.apps.studio.problems import Refused, not_there
from burnish.apps.studio.renders import Renders
from burnish.apps.studio.settings import MIB, StudioSettings
from burnish.apps.studio.sketches import Sketches
from burnish.apps.studio.store import Album, Project, Quotas, Store, Upload
from burnish.apps.studio.store.shelf import sync_folder
from burnish.apps.studio.told import Row, job_told
from burnish.apps.studio.transfers import Transfers
from burnish.errors import OutputError

_TIDY_S = 1800.0
_KINDS = "burnish.apps.studio.kinds"
_RENDERS = ("studio-master", "studio-render")


class House:
    """Everything that the routes use. ``open`` begins the work, ``close`` ends it."""

    def __init__(self, settings: StudioSettings) -> None:
        self.settings = settings
        quota = settings.quota_mib * MIB or None
        self.access = Access(settings)
        self._delivered: dict[str, int] = {}
        quotas = Quotas(all_bytes=quota, beside=self._beside)
        self.store = Store.open(settings.folder, settings.database or None, quotas)
        self.decoded = Decoded(self.store.folder / "sounds")
        self.deliveries = self.store.folder / "deliveries"
        self.events = Events()
        self.mixes, self.renders = Mixes(self), Renders(self)
        self.transfers = Transfers(self)
        self.clients, self.albums = Clients(self), Albums(self)
        self.listening, self.sketches = Listening(self), Sketches(self)
        self.drafts = Drafts(self)
        self.ledger = self.store.ledger(
            {
                "studio-read": self.mixes.complete_read,
                "studio-analyse": self.mixes.complete_analysis,
                "studio-through": self.listening.complete,
                "studio-album": self.albums.complete,
                **dict.fromkeys(_RENDERS, self.renders.complete),
            }
        )
        setup = Setup(niceness=5, kinds=(_KINDS,), preload=("burnish.master", _KINDS))
        self._pool = LocalPool(settings.workers, setup)
        self.queue = Queue(self.ledger, self._pool)
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True, name="burnish-keeper")

    def open(self) -> None:
        """Begin: sweep up after a kill, take up what was interrupted. In the server's loop."""
        self.decoded.folder.mkdir(exist_ok=True)
        self.deliveries.mkdir(exist_ok=True)
        self.store.sweep(young_s=0.0)
        self._count_delivered()
        self.events.open()
        self.queue.listen(self._heard)
        self.queue.restart()
        self._keeper.start()

    def close(self) -> None:
        """End: what runs is put back, and begun again at the next start."""
        self._closing.set()
        self.events.close()
        self.queue.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.listening.close()
        if self._keeper.is_alive():
            self._keeper.join(10.0)
        self.store.close()

    def project(self, session: Session, project: str) -> Project:
        """The project of this id."""
        found = session.get(Project, project)
        if found is None:
            raise not_there("project", project)
        return found

    def submit(
        self,
        project: str,
        what: str,
        inputs: Sequence[Path],
        settings: Row,
        *,
        time_s: float | None = None,
        memory_mib: int | None = None,
        priority: int = 0,
        number: str | None = None,
        at_restart: AtRestart = "resume",
    ) -> JobRecord:
        """Take a job on, in a folder of its own; that of ``number`` where it is laid out."""
        waiting = len(self.queue.unfinished())
        if waiting >= self.settings.waiting_jobs:
            raise Refused(429, "queue-full", f"{waiting} jobs are waiting already; wait for some")
        number = number or new_id()
        limits = Limits(
            time_s=time_s or self.settings.job_time_s,
            memory_mib=memory_mib or self.settings.job_memory_mib,
        )
        job = Job(
            what=f"studio-{what}",
            inputs=tuple(map(str, inputs)),
            output=str(self.store.work_folder(number)),
            settings=settings,
            overwrite=True,
            limits=limits,
        )
        if not settings.get("draft"):
            self.drafts.give_way()
        return self.queue.submit(
            job, owner=project, priority=priority, at_restart=at_restart, id=number
        )

    def announce(self, job: str) -> None:
        """Tell who listens how a job stands."""
        record = self.queue.get(job)
        if record is not None:
            self.events.tell(self._told(record))

    def job_of(self, project: str, job: str) -> JobRecord:
        """A job of that project."""
        record = self.queue.get(job)
        if record is None or record.owner != project:
            raise not_there("job", job)
        return record

    def job_told(self, project: str, job: str) -> Row:
        """A job, with what it made."""
        return self._told(self.job_of(project, job), result=True)

    def jobs_told(self, project: str, most: int = 100) -> list[Row]:
        """The jobs of a project, the newest first."""
        with self.store.reading() as session:
            self.project(session, project)
        return [self._told(one) for one in self.ledger.of_project(project, most)]

    def cancel(self, project: str, job: str) -> Row:
        """Nobody wants it any more."""
        self.job_of(project, job)
        self.queue.cancel(job)
        return self._told(self.job_of(project, job))

    def stop_all(self, project: str) -> None:
        """Cancel what is done for a project, and wait a little for it to end."""
        mine = [one.id for one in self.queue.unfinished() if one.owner == project]
        for one in mine:
            self.queue.cancel(one)
        for one in mine:
            self.queue.wait(one, 5.0)

    def listened(self, project: str) -> AsyncIterator[bytes]:
        """The events of a project."""

        def before() -> list[Event]:
            unfinished = [one for one in self.queue.unfinished() if one.owner == project]
            return [self._told(one) for one in unfinished]

        return self.events.listen(before, lambda event: event["project"] == project)

    def put_sound(self, job: str, sha256: str) -> None:
        """What a job decoded, to where it is heard from; others go for it where room is short."""
        self.decoded.put(self.store.work_folder(job), sha256)
        self.make_room()

    def refuse_unread(self, sha256: str) -> None:
        """A file that no worker has looked at yet is not worked on."""
        if self.decoded.known(sha256) is None:
            raise Refused(409, "sound-not-ready", "the mix is not read yet, or cannot be read")

    def make_room(self, n_bytes: int = 0) -> None:
        """Sweep decoded sounds until the quota, and the disk, hold all there is and so much more.

        What cannot be made again is never swept: beyond that, the quota refuses.
        """
        short = n_bytes + SPARE_BYTES - shutil.disk_usage(self.store.folder).free
        quota = self.store.quotas.all_bytes
        if quota is not None:
            held = self.store.usage().n_bytes
            short = max(short, held + self.decoded.n_bytes + n_bytes - quota)
        if short > 0:
            self.decoded.sweep(short)

    def room_to_decode(self) -> int | None:
        """How many bytes one sound may become, with all the others swept; None: no quota."""
        left = self.store.usage().left_bytes
        return None if left is None else min(left, LARGEST_DECODED)

    def keep_delivered(self, job: str, made: Path) -> None:
        """Put what a job delivered where it stays; beyond the quota it is an ``OutputError``."""
        place = self.deliveries / job
        if not made.is_dir() or place.exists():
            return
        n_bytes = folder_bytes(made)
        left = self.store.usage().left_bytes
        if left is not None and n_bytes > left:
            raise OutputError(
                "quota", f"the studio has {left / 1e6:.1f} MB left; this takes {n_bytes / 1e6:.1f}"
            )
        os.replace(made, place)
        sync_folder(self.deliveries)
        self._delivered[job] = n_bytes
        self.make_room()

    def tidy(self) -> None:
        """Throw away old drafts, what nothing refers to, and sound whose file is gone."""
        self.drafts.sweep()
        self.store.sweep()
        self.decoded.keep_only(set(self.store.shelf.names()))
        for one in self.deliveries.iterdir():
            if not self._is_wanted(one.name):
                shutil.rmtree(one, ignore_errors=True)
        self._count_delivered()
        self.make_room()

    def _is_wanted(self, delivery: str) -> bool:
        """Whether its album is still there."""
        record = self.ledger.get(delivery)
        if record is None:
            return False
        with self.store.reading() as session:
            return session.get(Album, str(record.job.settings.get("of"))) is not None

    def _count_delivered(self) -> None:
        known = self._delivered
        folders = list(self.deliveries.iterdir())
        self._delivered = {one.name: known.get(one.name) or folder_bytes(one) for one in folders}

    def _beside(self) -> int:
        """What counts for the quota beside uploads and versions."""
        return sum(list(self._delivered.values())) + self.store.pieces.reserved_bytes

    def _told(
        self, record: JobRecord, progress: JobProgress | None = None, result: bool = False
    ) -> Row:
        row = job_told(record, progress or self.queue.progress(record.id), result)
        row["of"] = record.job.settings.get("of")
        row["draft"] = is_draft(record)
        row["version"] = None
        if record.state == "done" and record.job.what in _RENDERS:
            with self.store.reading() as session:
                row["version"] = self.renders.of_job(session, record.id)
        return row

    def _heard(self, record: JobRecord, progress: JobProgress | None) -> None:
        """A step of a job: told to who listens; what follows from it is begun."""
        self.events.tell(self._told(record, progress))
        if record.ended:  # what is worth keeping was taken out of it before
            shutil.rmtree(self.store.work / record.id, ignore_errors=True)
        if record.ended and record.job.what in ("studio-read", "studio-analyse"):
            self.mixes.go_on(str(record.job.settings["of"]))
        if record.state == "done" and record.job.what in _RENDERS:
            self.renders.warm(record)

    def _keep(self) -> None:
        """Go on with mixes that wait for something; throw away what is left over, now and then."""
        with self.store.reading() as session:
            uploads = list(session.scalars(select(Upload.id)))
        for one in uploads:
            if not self._closing.is_set():
                self.mixes.go_on(one)
        while True:
            self.tidy()
            if self._closing.wait(_TIDY_S):
                return


def of(request: Request) -> House:
    """The house of the studio that is asked."""
    house = request.app.state.house
    if not isinstance(house, House):
        raise TypeError(type(house))
    return house
