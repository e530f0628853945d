"""Told: the studio's records as the JSON of its API."""

from typing import Any

from burnish.apps.jobs import JobProgress, JobRecord
from burnish.apps.studio.store.models import (
    Album,
    Comment,
    Project,
    Share,
    Upload,
    Version,
)

Row = dict[str, Any]


def project_told(one: Project) -> Row:
    """A project, in a list."""
    return {
        "id": one.id,
        "name": one.name,
        "created_at": one.created_at.isoformat(),
        "changed_at": one.changed_at.isoformat(),
    }


def upload_told(one: Upload, whole: bool = False) -> Row:
    """A mix; with what it measures where ``whole``."""
    measured = one.measured or {}
    return {
        "id": one.id,
        "sound": one.id,
        "kind": one.kind,
        "name": one.name,
        "bytes": one.holding.file.n_bytes,
        "sha256": one.holding.sha256,
        "created_at": one.created_at.isoformat(),
        "loudness_lufs": measured.get("loudness_lufs"),
        "true_peak_dbtp": measured.get("true_peak_dbtp"),
        "verdict": measured.get("verdict"),
        **({"analysis": one.measured} if whole else {}),
    }


def version_told(one: Version, whole: bool = False) -> Row:
    """A version; with its plan and all that was said of it where ``whole``."""
    result = one.measured
    sound = result.get("sound") or {}
    return {
        "id": one.id,
        "sound": one.id,
        "number": one.number,
        "name": one.name,
        "note": one.note,
        "upload": one.upload_id,
        "parent": one.parent_id,
        "settings": one.settings.get("asked"),
        "edited": bool(one.settings.get("edited")),
        "created_at": one.created_at.isoformat(),
        "bytes": one.holding.file.n_bytes,
        "sha256": one.holding.sha256,
        "loudness_lufs": sound.get("loudness_lufs"),
        "true_peak_dbtp": sound.get("true_peak_dbtp"),
        "stopped_by": result.get("stopped_by"),
        **({"result": result, "plan": one.settings.get("plan")} if whole else {}),
    }


def comment_told(one: Comment) -> Row:
    """Something that was said."""
    return {
        "id": one.id,
        "author": one.author,
        "text": one.text,
        "at_s": one.at_s,
        "by_link": one.share_id is not None,
        "created_at": one.created_at.isoformat(),
    }


def share_told(one: Share) -> Row:
    """A link, without its token, which nobody keeps."""
    return {"id": one.id, "version": one.version_id, "created_at": one.created_at.isoformat()}


def album_told(one: Album, release: Row) -> Row:
    """An album with its release."""
    return {
        "id": one.id,
        "title": one.title,
        "revision": one.revision,
        "release": release,
        "created_at": one.created_at.isoformat(),
        "changed_at": one.changed_at.isoformat(),
    }


def job_told(one: JobRecord, progress: JobProgress | None = None, result: bool = False) -> Row:
    """A job and how far it is; with what it made where ``result``."""
    outcome = one.outcome
    failure = None if outcome is None else outcome.failure
    return {
        "job": one.id,
        "project": one.owner,
        "what": one.job.what.removeprefix("studio-"),
        "state": one.state,
        "stage": None if progress is None else progress.stage,
        "done": 1.0 if one.state == "done" else (0.0 if progress is None else progress.done),
        "audio_s": None if progress is None else progress.audio_s,
        "submitted_at": one.submitted_at.isoformat(),
        "ended_at": None if one.ended_at is None else one.ended_at.isoformat(),
        "passed": None if outcome is None else outcome.passed,
        "failure": None
        if failure is None
        else {"code": failure.code, "sentence": failure.sentence},
        **({"result": None if outcome is None else outcome.result} if result else {}),
    }
