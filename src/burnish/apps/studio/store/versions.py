"""Versions, and what is said of them: comments at a place, and who has heard what."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from burnish.apps.studio.store.holdings import Quotas, hold
from burnish.apps.studio.store.models import (
    Comment,
    Holding,
    Listening,
    Project,
    Upload,
    Version,
)
from burnish.apps.studio.store.plain import plain_line, plain_text
from burnish.apps.studio.store.shelf import Kept
from burnish.errors import InputError, SettingError

LONGEST_S = 86_400.0


def add_version(
    session: Session,
    project_id: str,
    sound: Kept,
    file_name: str,
    quotas: Quotas,
    *,
    upload_id: str | None = None,
    parent_id: str | None = None,
    job_id: str | None = None,
    report: Kept | None = None,
    settings: Mapping[str, Any] | None = None,
    recall: str = "",
    measured: Mapping[str, Any] | None = None,
    name: str = "",
    note: str = "",
    draft: bool = False,
) -> Version:
    """Keep a render as the next version of its project, in a session of ``writing``.

    A ``draft`` is numbered from -1 down; nobody asked to keep it yet.

    Asked again for the same ``job_id`` it gives the version that there is: a job that is done twice
    because of a restart makes one version.
    """
    if job_id is not None:
        there = session.scalar(select(Version).where(Version.job_id == job_id))
        if there is not None:
            return there
    holding = hold(session, project_id, sound, file_name, quotas)
    if report is not None:
        reported = hold(session, project_id, report, f"{holding.name}.report.html", quotas)
    _refuse_strangers(session, project_id, upload_id, parent_id)
    # The row of the project is the turn: two at once shall not get one number.
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())
    of_it = select(func.max(Version.number), func.min(Version.number))
    last, first = session.execute(of_it.where(Version.project_id == project_id)).one()
    version = Version(
        project_id=project_id,
        number=min(first or 0, 0) - 1 if draft else max(last or 0, 0) + 1,
        upload_id=upload_id,
        parent_id=parent_id,
        job_id=job_id,
        holding=holding,
        report_id=None if report is None else reported.id,
        name=plain_line(name),
        note=plain_text(note, "note"),
        settings=dict(settings or {}),
        recall=recall,
        measured=dict(measured or {}),
    )
    session.add(version)
    session.flush()
    return version


def version_of(session: Session, id: str) -> Version:
    """The version of this id; none is an ``InputError``."""
    version = session.get(Version, id)
    if version is None:
        raise InputError("version-unknown", "there is no such version")
    return version


def forget_version(session: Session, id: str) -> None:
    """Take a version away with all that is said of it. Its files go when they are swept."""
    version = version_of(session, id)
    held = [one for one in (version.holding_id, version.report_id) if one is not None]
    session.execute(delete(Holding).where(Holding.id.in_(held)))  # and by them the version
    session.expire_all()


def forget_upload(session: Session, id: str) -> None:
    """Take an upload away. Versions that were made of it stay."""
    upload = session.get(Upload, id)
    if upload is None:
        raise InputError("upload-unknown", "there is no such upload")
    session.execute(delete(Holding).where(Holding.id == upload.holding_id))
    session.expire_all()


def add_comment(
    session: Session,
    version_id: str,
    at_s: float,
    text: str,
    *,
    author: str = "",
    end_s: float | None = None,
    share_id: str | None = None,
) -> Comment:
    """Say something of a version, at a place in it, or of a stretch of it."""
    said = plain_text(text, "text").strip()
    if not said:
        raise SettingError("text", "text: must not be empty")
    comment = Comment(
        version_id=version_of(session, version_id).id,
        share_id=share_id,
        at_s=_seconds("at_s", at_s),
        end_s=None if end_s is None else _seconds("end_s", end_s, at_s),
        author=plain_line(author),
        text=said,
    )
    session.add(comment)
    session.flush()
    return comment


def settle_comment(session: Session, id: str, when: datetime | None) -> Comment:
    """Note that a comment is done with; None: that it is not."""
    comment = session.get(Comment, id)
    if comment is None:
        raise InputError("comment-unknown", "there is no such comment")
    comment.settled_at = when
    session.flush()
    return comment


def add_listening(
    session: Session, version_id: str, heard_by: str, from_s: float, to_s: float, note: str = ""
) -> Listening:
    """Note who has heard a version, from where to where."""
    who = plain_line(heard_by)
    if not who:
        raise SettingError("heard_by", "heard_by: must be given")
    listening = Listening(
        version_id=version_of(session, version_id).id,
        heard_by=who,
        from_s=_seconds("from_s", from_s),
        to_s=_seconds("to_s", to_s, from_s),
        note=plain_text(note, "note"),
    )
    session.add(listening)
    session.flush()
    return listening


def _seconds(name: str, value: float, low: float = 0.0) -> float:
    if not (math.isfinite(value) and low <= value <= LONGEST_S):
        raise SettingError("setting-range", f"{name}={value:g}: must be {low:g} to 86400 s")
    return float(value)


def _refuse_strangers(
    session: Session, project_id: str, upload_id: str | None, parent_id: str | None
) -> None:
    """What a version came from must be of its own project."""
    upload = None if upload_id is None else session.get(Upload, upload_id)
    parent = None if parent_id is None else session.get(Version, parent_id)
    for what, id, found in (("upload", upload_id, upload), ("version", parent_id, parent)):
        if id is not None and (found is None or found.project_id != project_id):
            raise InputError(f"{what}-unknown", f"there is no such {what} in this project")
