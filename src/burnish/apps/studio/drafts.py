"""Drafts: renders that are made behind while somebody thinks, before he asks to keep one.

A project has one under way at a time, the last that was asked for, and every other job goes before
it. A draft is a version with a number below zero: it counts in the quota, it can be heard, and no
list has it. Asked to be kept, it becomes the next version as it is, at once; otherwise it is swept.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from burnish.apps.jobs import JobRecord
from burnish.apps.studio.store.models import Version
from burnish.apps.studio.store.versions import forget_version
from burnish.apps.studio.told import Row

if TYPE_CHECKING:
    from burnish.apps.studio.house import House

DRAFT_S = 3600.0
"""A draft that nobody kept is swept after so long."""
PRIORITY = -10
_LEFT = 1  # drafts of a project beside the new one: it may still be what is heard


def is_draft(record: JobRecord) -> bool:
    """Whether nobody asked to keep what this job makes."""
    return bool(record.job.settings.get("draft"))


def name_of(asked: Row) -> str:
    """A name of what is asked: the same for the same mix with the same settings or plan."""
    about = [asked["of"], asked.get("settings"), asked.get("plan")]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]


class Drafts:
    """What is asked of drafts."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def begin(self, project: str, what: str, inputs: Sequence[Path], asked: Row) -> Row:
        """Render it behind; another one of this project that is under way is stopped."""
        name, job = name_of(asked), None
        for one in self._unfinished(project):
            if one.job.settings["draft"] == name:
                job = one.id
            else:
                self._house.queue.cancel(one.id)
        if job is not None:
            return {"job": job}
        with self._house.store.reading() as session:
            there = self._done(session, project, name)
            if there is not None:
                return {"job": there.job_id, "version": there.id}
        record = self._house.submit(
            project, what, inputs, {**asked, "draft": name}, priority=PRIORITY, at_restart="fail"
        )
        return {"job": record.id}

    def keep(self, project: str, asked: Row) -> Row | None:
        """The draft of just this becomes a version, now or when it is done; None: there is none."""
        name, house = name_of(asked), self._house
        for one in self._unfinished(project):
            if one.job.settings["draft"] != name:
                continue
            if one.state == "running" and house.queue.amend(one.id, asked):
                return {"job": one.id}
            house.queue.cancel(one.id)
        with house.store.writing() as session:
            found = self._done(session, project, name)
            if found is None:
                return None
            last = session.scalar(
                select(func.max(Version.number)).where(Version.project_id == project)
            )
            found.number = max(last or 0, 0) + 1
            ending = Path(found.holding.name).suffix
            found.name = f"{found.name.removesuffix(' draft')} {found.number}"
            found.holding.name = found.name + ending
            found.note, found.parent_id = str(asked["note"]), asked["parent"]
            found.settings = {k: v for k, v in found.settings.items() if k != "draft"}
            found.created_at = datetime.now(UTC)
            session.flush()
            told = {"job": found.job_id, "version": found.id}
        house.announce(str(told["job"]))
        return told

    def give_way(self) -> None:
        """Stop drafts where all workers have work, and more has come."""
        unfinished = self._house.queue.unfinished()
        running = [one for one in unfinished if one.state == "running"]
        if len(running) >= self._house.settings.workers:
            for one in filter(is_draft, running):
                self._house.queue.cancel(one.id)

    def sweep(self, older_s: float = DRAFT_S) -> None:
        """Away with those that nobody kept."""
        before = datetime.now(UTC) - timedelta(seconds=older_s)
        with self._house.store.writing() as session:
            wanted = select(Version.id).where(Version.number < 0, Version.created_at < before)
            for one in session.scalars(wanted).all():
                forget_version(session, one)

    @staticmethod
    def leave_last(session: Session, project: str) -> None:
        """Away with all drafts of a project but the last."""
        wanted = select(Version.id).where(Version.project_id == project, Version.number < 0)
        for one in session.scalars(wanted.order_by(Version.created_at.desc())).all()[_LEFT:]:
            forget_version(session, one)

    def _unfinished(self, project: str) -> list[JobRecord]:
        return [
            one for one in self._house.queue.unfinished() if one.owner == project and is_draft(one)
        ]

    @staticmethod
    def _done(session: Session, project: str, name: str) -> Version | None:
        wanted = select(Version).where(Version.project_id == project, Version.number < 0)
        drafts: Sequence[Version] = session.scalars(wanted).all()
        return next((one for one in drafts if one.settings.get("draft") == name), None)
