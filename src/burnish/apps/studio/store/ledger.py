"""The queue's ledger in the studio's database: a job is known there before anybody hears of it."""

from collections.abc import Callable, Mapping
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from burnish.apps.jobs import Job, JobRecord, Outcome
from burnish.apps.jobs.record import AtRestart, State
from burnish.apps.studio.store.database import Database
from burnish.apps.studio.store.models import JobRow, Project
from burnish.errors import InputError

Completing = Callable[[JobRecord], Callable[[Session], None]]
"""What else is to be kept when a job of some kind is done: called with the job, it keeps files, and
gives what is to be written of them."""


class JobLedger:
    """Keeps job records as rows; a record's ``owner`` is its project.

    ``completing`` has functions by the kind of work, for what else comes of such a job when it is
    done, as a version. What they give is called in the very session that says that the job is
    done: both are known, or neither. Records of a project that was deleted meanwhile are let go.
    """

    def __init__(
        self, database: Database, completing: Mapping[str, Completing] | None = None
    ) -> None:
        self._database = database
        self._completing = dict(completing or {})

    def put(self, record: JobRecord) -> None:
        """Keep a record; when this returns it is on the disk."""
        complete = self._completing.get(record.job.what) if record.state == "done" else None
        write = None if complete is None else complete(record)
        with self._database.writing() as session:
            row = session.get(JobRow, record.id)
            if row is None:
                if record.owner is not None and session.get(Project, record.owner) is None:
                    if record.state == "waiting" and not record.attempts:
                        raise InputError("project-unknown", "there is no such project")
                    return
                row = JobRow(id=record.id, number=record.number)
                session.add(row)
            _fill(row, record)
            session.flush()
            if write is not None:
                write(session)

    def get(self, id: str) -> JobRecord | None:
        """The record of this id."""
        with self._database.reading() as session:
            row = session.get(JobRow, id)
            return None if row is None else record_of(row)

    def unfinished(self) -> list[JobRecord]:
        """All that are waiting or running, in the order of their numbers."""
        wanted = select(JobRow).where(JobRow.state.in_(("waiting", "running")))
        with self._database.reading() as session:
            return [record_of(row) for row in session.scalars(wanted.order_by(JobRow.number))]

    def last_number(self) -> int:
        """The number of the newest job."""
        with self._database.reading() as session:
            return session.scalar(select(func.max(JobRow.number))) or 0

    def of_project(self, project_id: str, most: int = 100) -> list[JobRecord]:
        """The jobs of a project, the newest first."""
        wanted = select(JobRow).where(JobRow.project_id == project_id)
        with self._database.reading() as session:
            rows = session.scalars(wanted.order_by(JobRow.number.desc()).limit(most))
            return [record_of(row) for row in rows]


def record_of(row: JobRow) -> JobRecord:
    """The record that a row holds."""
    return JobRecord(
        job=Job.from_dict(row.job),
        id=row.id,
        owner=row.project_id,
        state=cast(State, row.state),
        number=row.number,
        priority=row.priority,
        attempts=row.attempts,
        at_restart=cast(AtRestart, row.at_restart),
        submitted_at=row.submitted_at,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        outcome=None if row.outcome is None else Outcome.from_dict(row.outcome),
    )


def _fill(row: JobRow, record: JobRecord) -> None:
    row.project_id = record.owner
    row.what = record.job.what
    row.job = record.job.to_dict()
    row.state = record.state
    row.priority = record.priority
    row.attempts = record.attempts
    row.at_restart = record.at_restart
    row.outcome = None if record.outcome is None else record.outcome.to_dict()
    row.submitted_at = record.submitted_at
    row.begun_at = record.begun_at
    row.ended_at = record.ended_at
