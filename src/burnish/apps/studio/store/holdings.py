"""Who holds which file: references, quotas, and throwing away what nobody refers to."""

import os
import shutil
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from burnish.apps.studio.store.database import Database
from burnish.apps.studio.store.models import File, Holding, JobRow, Project
from burnish.apps.studio.store.plain import plain_name
from burnish.apps.studio.store.shelf import YOUNG_S, Kept, Shelf
from burnish.errors import InputError, OutputError

_LOCK = 0x6275726F  # who counts bytes, counts alone


@dataclass(frozen=True)
class Quotas:
    """How many bytes of files a project may hold, and all of them; None: as the disk has room.

    ``beside`` tells what counts for all besides the files that are held: what was delivered, and
    what is coming.
    """

    project_bytes: int | None = None
    all_bytes: int | None = None
    beside: Callable[[], int] = int


@dataclass(frozen=True)
class Usage:
    """How many bytes are held, and how many may be; None: as the disk has room."""

    n_bytes: int
    quota_bytes: int | None

    @property
    def left_bytes(self) -> int | None:
        """What there is room for."""
        return None if self.quota_bytes is None else max(0, self.quota_bytes - self.n_bytes)


@dataclass(frozen=True)
class Swept:
    """What was thrown away."""

    n_files: int
    n_bytes: int
    n_folders: int


def usage_of_project(session: Session, project: Project, quotas: Quotas) -> Usage:
    """What a project holds; the same content twice counts once."""
    held = select(Holding.sha256).where(Holding.project_id == project.id).distinct()
    n_bytes = session.scalar(select(func.sum(File.n_bytes)).where(File.sha256.in_(held)))
    quota = quotas.project_bytes if project.quota_bytes is None else project.quota_bytes
    return Usage(int(n_bytes or 0), quota)


def usage_of_all(session: Session, quotas: Quotas) -> Usage:
    """What all projects hold together."""
    held = select(Holding.sha256).distinct()
    n_bytes = session.scalar(select(func.sum(File.n_bytes)).where(File.sha256.in_(held)))
    return Usage(int(n_bytes or 0) + quotas.beside(), quotas.all_bytes)


def refuse_over_quota(
    session: Session, project: Project, quotas: Quotas, n_bytes: int, new_bytes: int | None = None
) -> None:
    """Raise the ``OutputError`` that so many more bytes would be, of them ``new_bytes`` to all."""
    for more, usage, whose in (
        (n_bytes, usage_of_project(session, project, quotas), "the project"),
        (n_bytes if new_bytes is None else new_bytes, usage_of_all(session, quotas), "the studio"),
    ):
        if usage.left_bytes is not None and more > usage.left_bytes:
            mb, left = more / 1e6, usage.left_bytes / 1e6
            raise OutputError(
                "quota", f"{whose} has {left:.1f} MB left of its quota; this would take {mb:.1f} MB"
            )


def hold(session: Session, project_id: str, kept: Kept, name: str, quotas: Quotas) -> Holding:
    """Let a project hold a file of the shelf, in a session of ``writing``.

    Beyond a quota it is an ``OutputError``; the file is then swept away in its time.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    project = project_of(session, project_id)
    file = session.get(File, kept.sha256)
    has = select(Holding.id).where(Holding.project_id == project_id, Holding.sha256 == kept.sha256)
    if session.scalar(has.limit(1)) is None:
        new_bytes = 0 if count(session, kept.sha256) else kept.n_bytes
        refuse_over_quota(session, project, quotas, kept.n_bytes, new_bytes)
    if file is None:
        file = File(sha256=kept.sha256, n_bytes=kept.n_bytes)
        session.add(file)
        session.flush()
    holding = Holding(project_id=project_id, sha256=kept.sha256, name=plain_name(name), file=file)
    session.add(holding)
    session.flush()
    return holding


def project_of(session: Session, id: str) -> Project:
    """The project of this id; none is an ``InputError``."""
    project = session.get(Project, id)
    if project is None:
        raise InputError("project-unknown", "there is no such project")
    return project


def count(session: Session, sha256: str) -> int:
    """How many refer to a file."""
    return session.scalar(select(func.count()).where(Holding.sha256 == sha256)) or 0


def sweep(database: Database, shelf: Shelf, young_s: float = YOUNG_S) -> Swept:
    """Throw away the files that nothing refers to, but not what came only just now.

    First the session, then the shelf: so it is everywhere, and nobody waits for each other. A kill
    in between leaves a row without a file that nobody holds, or a file without a row; both are
    swept the next time.
    """
    n_files = n_bytes = 0
    with database.writing() as session:
        if database.is_postgres:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        with shelf.still():
            nobody = ~select(Holding.id).where(Holding.sha256 == File.sha256).exists()
            for file in session.scalars(select(File).where(nobody)):
                if shelf.is_young(file.sha256, young_s):
                    continue
                shelf.throw_away(file.sha256)
                session.execute(delete(File).where(File.sha256 == file.sha256))
                n_files, n_bytes = n_files + 1, n_bytes + file.n_bytes
            known = set(session.scalars(select(File.sha256)))
            for sha256 in list(shelf.names()):
                if sha256 not in known and not shelf.is_young(sha256, young_s):
                    n_bytes += shelf.path(sha256).stat().st_size
                    n_files += 1
                    shelf.throw_away(sha256)
    return Swept(n_files, n_bytes, 0)


def sweep_work(
    database: Database, folder: Path, keep: Collection[str] = (), young_s: float = YOUNG_S
) -> int:
    """Throw away the folders of jobs that have ended, some time ago; gives how many."""
    with database.reading() as session:
        waiting = ("waiting", "running")
        wanted = set(session.scalars(select(JobRow.id).where(JobRow.state.in_(waiting))))
    swept = 0
    for one in folder.iterdir():
        with suppress(OSError):
            young = time.time() - one.stat().st_mtime < young_s
            if one.name not in wanted and one.name not in keep and not young:
                if one.is_dir() and not os.path.islink(one):
                    shutil.rmtree(one, ignore_errors=True)
                else:
                    one.unlink()
                swept += 1
    return swept
