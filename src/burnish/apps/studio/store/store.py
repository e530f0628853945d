"""The store: all that the studio remembers, in one folder and one database.

    store = Store.open(folder)
    with store.uploading(project_id, "song.wav") as upload: upload.write(chunk); upload.keep()
    with store.writing() as session: add_version(session, ...)

What was acknowledged is there after a ``kill -9``: a file is on the disk before its row, and a row
is on the disk when the block of ``writing`` has ended.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy.orm import Session

from burnish.apps.jobs import new_id
from burnish.apps.studio.store.belonging import belong_together
from burnish.apps.studio.store.database import Database
from burnish.apps.studio.store.holdings import (
    Quotas,
    Swept,
    Usage,
    hold,
    project_of,
    refuse_over_quota,
    sweep,
    sweep_work,
    usage_of_all,
    usage_of_project,
)
from burnish.apps.studio.store.ledger import Completing, JobLedger
from burnish.apps.studio.store.models import Project, Upload
from burnish.apps.studio.store.pieces import Pieces
from burnish.apps.studio.store.plain import plain_line, plain_name
from burnish.apps.studio.store.shelf import YOUNG_S, Incoming, Kept, Owner, Shelf
from burnish.errors import InputError, OutputError


class Store:
    """Projects and what belongs to them. One process at a time; any of its threads."""

    def __init__(self, folder: Path, database: Database, quotas: Quotas, owner: Owner) -> None:
        self.folder = folder
        self.database = database
        self.quotas = quotas
        self.shelf = Shelf(folder / "files")
        self.work = folder / "work"
        self.work.mkdir(exist_ok=True)
        self.pieces = Pieces(folder / "coming", self.shelf)
        self._owner = owner

    @classmethod
    def open(cls, folder: str | Path, url: str | None = None, quotas: Quotas | None = None) -> Self:
        """Open the store in a folder, which is made where it is missing.

        The tables are in ``studio.sqlite`` there, or in the PostgreSQL database of ``url``; they
        are brought up to date first. A folder that another process has open is an ``OutputError``.
        """
        folder = Path(folder).resolve()
        owner = Owner(folder)
        database = None
        try:
            database = Database.sqlite(folder / "studio.sqlite") if url is None else Database(url)
            database.migrate()
            belong_together(database, folder)
            return cls(folder, database, quotas or Quotas(), owner)
        except BaseException:
            if database is not None:
                database.close()
            owner.close()
            raise

    def close(self) -> None:
        """Let go of the database and the folder."""
        self.database.close()
        self._owner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[Session]:
        """A session to look with."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Session]:
        """A session to change with; when its block has ended, it is on the disk."""
        return self.database.writing()

    def ledger(self, completing: Mapping[str, Completing] | None = None) -> JobLedger:
        """The ledger of the jobs."""
        return JobLedger(self.database, completing)

    def add_project(self, name: str, settings: Mapping[str, Any] | None = None) -> Project:
        """Begin a project."""
        with self.writing() as session:
            project = Project(name=plain_line(name) or "untitled", settings=dict(settings or {}))
            session.add(project)
        return project

    def forget_project(self, id: str) -> None:
        """Take a project away with all that belongs to it. Its files go when they are swept."""
        with self.writing() as session:
            session.delete(project_of(session, id))
        self.pieces.forget_project(id)

    @contextmanager
    def uploading(self, project_id: str, name: str, kind: str = "mix") -> Iterator["Uploading"]:
        """Take in a file from outside, piece by piece; ``keep`` at its end makes it an upload.

        A quota is held while it comes in, so that nobody fills the disk with what is refused.
        """
        with self.reading() as session:
            project = project_of(session, project_id)
            refuse_over_quota(session, project, self.quotas, 1)
            left = [
                usage.left_bytes
                for usage in (
                    usage_of_project(session, project, self.quotas),
                    usage_of_all(session, self.quotas),
                )
                if usage.left_bytes is not None
            ]
        with self.shelf.incoming() as incoming:
            yield Uploading(self, incoming, project_id, name, kind, min(left, default=None))

    def usage(self, project_id: str | None = None) -> Usage:
        """What a project holds, or all of them together."""
        with self.reading() as session:
            if project_id is None:
                return usage_of_all(session, self.quotas)
            return usage_of_project(session, project_of(session, project_id), self.quotas)

    def work_folder(self, job_id: str) -> Path:
        """A folder of a job's own, for what it writes; swept some time after the job has ended."""
        if not (job_id.isalnum() and job_id.isascii() and len(job_id) <= 64):
            raise InputError("job-unknown", "there is no such job")
        folder = self.work / job_id
        folder.mkdir(exist_ok=True)
        return folder

    def sweep(self, young_s: float = YOUNG_S) -> Swept:
        """Throw away files that nothing refers to, folders of jobs that have ended, and uploads
        that nobody went on with for a day.

        What is younger than an hour stays, but for the start, when nothing is being made yet.
        """
        swept = sweep(self.database, self.shelf, young_s)
        n_folders = sweep_work(self.database, self.work, young_s=young_s)
        return Swept(swept.n_files + self.pieces.sweep(), swept.n_bytes, n_folders)

    def refuse_upload(self, project_id: str, n_bytes: int) -> None:
        """Raise the ``OutputError`` that an upload of so many bytes would be over a quota."""
        with self.reading() as session:
            refuse_over_quota(session, project_of(session, project_id), self.quotas, n_bytes)

    def add_upload(
        self,
        project_id: str,
        kept: Kept,
        name: str,
        kind: str,
        settings: Mapping[str, Any] | None = None,
        id: str | None = None,
    ) -> Upload:
        """Write down an upload whose file is on the shelf; when this returns, it is kept.

        Asked again for the same ``id`` it gives the upload that there is.
        """
        with self.writing() as session:
            there = None if id is None else session.get(Upload, id)
            if there is not None:
                return there
            upload = Upload(
                id=id or new_id(),
                project_id=project_id,
                holding=hold(session, project_id, kept, name, self.quotas),
                kind=plain_line(kind)[:32],
                name=plain_name(name),
                settings=dict(settings or {}),
            )
            session.add(upload)
        return upload


class Uploading:
    """An upload that is coming in."""

    def __init__(
        self,
        store: Store,
        incoming: Incoming,
        project_id: str,
        name: str,
        kind: str,
        most_bytes: int | None,
    ) -> None:
        self._store = store
        self._incoming = incoming
        self._project_id = project_id
        self._name = plain_name(name)
        self._kind = kind
        self._most_bytes = most_bytes

    @property
    def n_bytes(self) -> int:
        """How much has come."""
        return self._incoming.n_bytes

    def write(self, chunk: bytes) -> None:
        """The next piece. Beyond the quota, or with the disk full, it is an ``OutputError``."""
        if self._most_bytes is not None and self.n_bytes + len(chunk) > self._most_bytes:
            left = self._most_bytes / 1e6
            raise OutputError("quota", f"{self._name}: is larger than the {left:.1f} MB left")
        self._incoming.write(chunk)

    def keep(self, settings: Mapping[str, Any] | None = None) -> Upload:
        """Make it an upload. When this returns, it is on the disk and in the database."""
        if not self.n_bytes:
            raise InputError("input-empty", f"{self._name}: is empty")
        kept: Kept = self._incoming.keep()
        return self._store.add_upload(self._project_id, kept, self._name, self._kind, settings)
