"""Projects and the mixes in them: how they come in, are read, and are looked through."""

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from sqlalchemy import select
from sqlalchemy.orm import Session

from burnish.apps.jobs import JobRecord
from burnish.apps.studio import picks
from burnish.apps.studio.incoming import Pace, lively, refuse_large
from burnish.apps.studio.kinds import EXAMINED
from burnish.apps.studio.problems import Refused, not_there
from burnish.apps.studio.settings import MIB
from burnish.apps.studio.store.models import Project, Upload, Version
from burnish.apps.studio.store.plain import plain_line
from burnish.apps.studio.store.versions import forget_upload
from burnish.apps.studio.told import Row, project_told, upload_told, version_told

if TYPE_CHECKING:
    from burnish.apps.studio.house import House

KINDS = ("mix", "reference", "artwork")
_CHUNK = MIB
_VAIN_S = 60.0  # what could not be decoded is not tried again for so long
_READ_MIB = 1536


class Mixes:
    """What is asked of projects and uploads."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def projects(self) -> list[Row]:
        """All of them, the last one touched first."""
        with self._house.store.reading() as session:
            found = session.scalars(select(Project).order_by(Project.changed_at.desc()))
            return [project_told(one) for one in found]

    def create(self, name: str) -> Row:
        """A new one."""
        return project_told(self._house.store.add_project(name))

    def rename(self, project: str, name: str) -> Row:
        """Another name."""
        with self._house.store.writing() as session:
            found = self._house.project(session, project)
            found.name = plain_line(name) or "untitled"
            session.flush()
            return project_told(found)

    def opened(self, project: str) -> Row:
        """All that a page needs at first."""
        with self._house.store.reading() as session:
            found = self._house.project(session, project)
            return {
                **project_told(found),
                "uploads": [upload_told(one) for one in found.uploads],
                "versions": [version_told(one) for one in found.versions if one.number > 0],
                "albums": [
                    {"id": one.id, "title": one.title, "revision": one.revision}
                    for one in found.albums
                ],
                "jobs": self._house.jobs_told(project)[:50],
            }

    def delete(self, project: str) -> None:
        """Away with it, once nothing of it runs any more."""
        with self._house.store.reading() as session:
            self._house.project(session, project)
        self._house.stop_all(project)
        self._house.store.forget_project(project)
        self._house.tidy()

    def picks(self) -> list[Row]:
        """What may be picked."""
        return [
            {"pick": one.number, "folder": one.folder, "name": one.name, "bytes": one.n_bytes}
            for one in picks.picks(self._house.settings.folders)
        ]

    def take_pick(self, project: str, number: str) -> Row:
        """A copy of it, as if it were uploaded."""
        one = picks.pick(self._house.settings.folders, number)
        self._look(project)
        with (
            os.fdopen(picks.open_pick(one), "rb") as file,
            self._house.store.uploading(project, one.name) as coming,
        ):
            while chunk := file.read(_CHUNK):
                refuse_large(self._house.settings, coming.n_bytes + len(chunk))
                coming.write(chunk)
            return self.taken(coming.keep())

    async def upload(
        self, project: str, name: str, kind: str, master: bool, body: AsyncIterator[bytes]
    ) -> Row:
        """Take a file in as it comes."""
        house, run = self._house, anyio.to_thread.run_sync
        await run(self._look, project)
        pace = Pace(house.settings)
        with house.store.uploading(project, name, kind) as coming:
            held = bytearray()
            async for chunk in lively(body):
                held += chunk
                refuse_large(house.settings, coming.n_bytes + len(held))
                if len(held) >= _CHUNK:
                    await run(coming.write, bytes(held))
                    await pace.wait(len(held))
                    held.clear()
            await run(coming.write, bytes(held))
            made = await run(coming.keep, {"master": master and kind == "mix"})
            return await run(self.taken, made)

    def shown(self, project: str, upload: str) -> Row:
        """With what it measures."""
        with self._house.store.reading() as session:
            return upload_told(self.of(session, project, upload), whole=True)

    def delete_upload(self, project: str, upload: str) -> None:
        """Away with it, where no version was made of it."""
        with self._house.store.writing() as session:
            self.of(session, project, upload)
            of_it = select(Version.number).where(Version.upload_id == upload, Version.number > 0)
            made = session.scalars(of_it).all()
            if made:
                raise Refused(
                    HTTPStatus.CONFLICT,
                    "upload-in-use",
                    f"upload {upload}: version {made[0]} was made of it; delete that first",
                )
            forget_upload(session, upload)
        self._house.tidy()

    def analyse(self, project: str, upload: str) -> Row:
        """A job that measures it, and looks for what is wrong with it."""
        with self._house.store.reading() as session:
            found = self.of(session, project, upload)
            sha256 = found.holding.sha256
        self._house.refuse_unread(sha256)
        return {"job": self._analyse(project, upload, sha256).id}

    def analyse_again(self, project: str, upload: str) -> None:
        """Have it analysed where what was found is not there any more, unless that is under way."""
        unfinished = self._house.queue.unfinished()
        if not any(_of(one) == upload and one.job.what == "studio-analyse" for one in unfinished):
            self.analyse(project, upload)

    def of(self, session: Session, project: str, upload: str) -> Upload:
        """The upload, where it is that project's."""
        found = session.get(Upload, upload)
        if found is None or found.project_id != project:
            raise not_there("upload", upload)
        return found

    def read(self, project: str, upload: str, sha256: str) -> JobRecord:
        """A job that decodes it, so that it can be heard."""
        settings = self._house.settings
        return self._house.submit(
            project,
            "read",
            [self._house.store.shelf.path(sha256)],
            {
                "duration_s": settings.duration_s,
                "rate_hz": settings.rate_hz,
                "of": upload,
                "sha256": sha256,
                "decoded_bytes": self._house.room_to_decode(),
            },
            time_s=settings.read_time_s,
            memory_mib=min(_READ_MIB, settings.job_memory_mib),
            priority=10,
        )

    def read_again(self, project: str, sound: str, sha256: str) -> None:
        """Have a sound decoded anew that was swept, unless that is under way, or was in vain."""
        if self._house.decoded.known(sha256) is None:
            return  # never read: that is for ``go_on``
        before = [
            one
            for one in self._house.ledger.of_project(project, 10_000)
            if one.job.what == "studio-read" and one.job.settings.get("sha256") == sha256
        ]
        newest = next(iter(before), None)
        if newest is not None and not newest.ended:
            return
        if newest is not None and newest.state != "done" and _ended_s_ago(newest) < _VAIN_S:
            return
        self.read(project, sound, sha256)

    def complete_read(self, record: JobRecord) -> Callable[[Session], None]:
        """What was decoded is put where it is heard from."""
        self._house.put_sound(record.id, str(record.job.settings["sha256"]))
        return lambda session: None

    def complete_analysis(self, record: JobRecord) -> Callable[[Session], None]:
        """Keep what was found; all of it beside the sound, for who decides again."""
        found = None if record.outcome is None else record.outcome.result
        made = self._house.store.work_folder(record.id) / EXAMINED
        place = self._house.decoded.of(str(record.job.settings.get("sha256", "")))
        if made.is_file() and place.is_dir() and place.name:
            os.replace(made, place / EXAMINED)

        def write(session: Session) -> None:
            upload = session.get(Upload, str(record.job.settings["of"]))
            if upload is not None and isinstance(found, dict):
                upload.measured = found

        return write

    def go_on(self, upload: str) -> None:
        """Do what is still to be done with a mix: read it, master it where asked, analyse it."""
        house = self._house
        with house.store.reading() as session:
            found = session.get(Upload, upload)
            if found is None or found.kind == "artwork":
                return
            project, sha256 = found.project_id, found.holding.sha256
            measured, master = found.measured is not None, bool(found.settings.get("master"))
        of_it = [one for one in house.ledger.of_project(project, 10_000) if _of(one) == upload]
        whats = {one.job.what for one in of_it}
        waiting = {one.job.what for one in of_it if not one.ended}
        if house.decoded.known(sha256) is None:
            if not waiting & {"studio-read"} and not _failed(of_it, "studio-read"):
                self.read(project, upload, sha256)
            return
        if master and "studio-master" not in whats:
            house.renders.render(project, upload, settings={})
        if not measured and "studio-analyse" not in whats:
            self._analyse(project, upload, sha256)

    def _analyse(self, project: str, upload: str, sha256: str) -> JobRecord:
        path = self._house.store.shelf.path(sha256)
        told = {"of": upload, "sha256": sha256}
        return self._house.submit(project, "analyse", [path], told, priority=5)

    def _look(self, project: str) -> None:
        with self._house.store.reading() as session:
            self._house.project(session, project)

    def taken(self, made: Upload) -> Row:
        """It is safe; now have it read."""
        with self._house.store.reading() as session:
            found = session.get_one(Upload, made.id)
            row, sha256 = upload_told(found), found.holding.sha256
        self._house.make_room()
        if made.kind == "artwork":
            return {**row, "job": None}
        return {**row, "job": self.read(made.project_id, made.id, sha256).id}


def _of(record: JobRecord) -> Any:
    return record.job.settings.get("of")


def _ended_s_ago(record: JobRecord) -> float:
    ended = record.ended_at
    return float("inf") if ended is None else (datetime.now(UTC) - ended).total_seconds()


def _failed(records: list[JobRecord], what: str) -> bool:
    """Whether the newest of that kind has failed."""
    newest = next((one for one in records if one.job.what == what), None)
    return newest is not None and newest.state in ("failed", "cancelled")
