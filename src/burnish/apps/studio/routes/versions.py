"""Versions over HTTP: every render is kept with its recall sheet, note and what was said of it."""

import re
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from burnish.apps.studio.house import of as house_of
from burnish.apps.studio.routes.projects import NoteAsked, Row
from burnish.apps.studio.store.plain import plain_line

router = APIRouter(tags=["versions"])

_PAGE_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
)


class VersionAsked(BaseModel):
    """A master: of a mix with settings, or of an edited plan."""

    model_config = ConfigDict(extra="forbid")

    upload: str = Field(max_length=64, description="The id of the mix.")
    settings: dict[str, Any] | None = Field(
        None, description="As `burnish master` takes them; see /api/catalogue/wishes."
    )
    plan: dict[str, Any] | None = Field(None, description="Or a recall sheet as JSON.")
    sheet: str | None = Field(None, max_length=1 << 20, description="Or one as YAML.")
    parent: str | None = Field(None, max_length=64, description="The version that it came from.")
    note: str = Field("", max_length=10_000)
    draft: bool = Field(
        False, description="Made behind, in no list, until it is asked for without this."
    )


class SketchAsked(BaseModel):
    """What is wished instead."""

    model_config = ConfigDict(extra="forbid")
    settings: dict[str, Any] = Field(description="As of a version.")


class CommentAsked(BaseModel):
    """Something said of a version, at a place or of all of it."""

    model_config = ConfigDict(extra="forbid")

    author: str = Field("", max_length=100)
    text: str = Field(min_length=1, max_length=4_000)
    at_s: float | None = Field(None, ge=0, le=86_400, allow_inf_nan=False)


class ThroughAsked(BaseModel):
    """A device or a codec."""

    model_config = ConfigDict(extra="forbid")
    through: str = Field(max_length=40)


@router.get("/projects/{project}/versions")
def list_versions(request: Request, project: str) -> list[Row]:
    """All versions, the oldest first."""
    return house_of(request).renders.versions(project)


@router.post("/projects/{project}/versions", status_code=202)
def create_version(request: Request, project: str, asked: VersionAsked) -> Row:
    """Render one: a job. The same mix and settings give the bits that the command line gives."""
    return house_of(request).renders.render(
        project,
        asked.upload,
        settings=asked.settings,
        plan=asked.plan,
        sheet=asked.sheet,
        parent=asked.parent,
        note=asked.note,
        draft=asked.draft,
    )


@router.get("/projects/{project}/versions/{version}")
def show_version(request: Request, project: str, version: str) -> Row:
    """A version: plan, what it measures, findings, what the steps did over time, comments."""
    return house_of(request).renders.shown(project, version)


@router.patch("/projects/{project}/versions/{version}")
def note_version(request: Request, project: str, version: str, asked: NoteAsked) -> Row:
    """Write a note on it."""
    return house_of(request).renders.note(project, version, asked.note)


@router.delete("/projects/{project}/versions/{version}", status_code=204)
def delete_version(request: Request, project: str, version: str) -> Response:
    """Away with it, with its comments and share links."""
    house_of(request).renders.delete(project, version)
    return Response(status_code=204)


@router.post("/projects/{project}/versions/{version}/sketch")
def sketch(request: Request, project: str, version: str, asked: SketchAsked) -> Row:
    """The plan that other settings would come to, at once, to be heard with ``preview``.

    Its moves are those of the full master. The loudness is not searched for: compressor, clipper
    and limiter are this version's, driven as far as its curve says (``loudness_lufs``). ``held_by``
    is a rule that is known to hold it back.
    """
    return house_of(request).sketches.sketch(project, version, asked.settings)


@router.get("/projects/{project}/versions/{version}/sheet", response_class=Response)
def sheet(request: Request, project: str, version: str) -> Response:
    """Its recall sheet, as `burnish recall` reads it."""
    name, text = house_of(request).renders.sheet(project, version)
    return Response(
        text, media_type="application/yaml; charset=utf-8", headers=attached(f"{name}.recall.yaml")
    )


@router.get("/projects/{project}/versions/{version}/master", response_class=FileResponse)
def master(request: Request, project: str, version: str) -> FileResponse:
    """The master itself."""
    name, path = house_of(request).renders.master(project, version)
    headers = attached(name)
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


@router.get("/projects/{project}/versions/{version}/report", response_class=Response)
def report(request: Request, project: str, version: str) -> Response:
    """Its report, one page without script."""
    return Response(
        house_of(request).renders.report(project, version),
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": _PAGE_POLICY},
    )


@router.get("/projects/{project}/compare")
def compare(
    request: Request,
    project: str,
    a: Annotated[str, Query(max_length=64)],
    b: Annotated[str, Query(max_length=64)],
) -> Row:
    """Two versions side by side: settings and steps that differ, and what each measures."""
    return house_of(request).renders.compared(project, a, b)


@router.get("/projects/{project}/versions/{version}/comments")
def list_comments(request: Request, project: str, version: str) -> list[Row]:
    """What was said of it."""
    return house_of(request).clients.comments(project, version)


@router.post("/projects/{project}/versions/{version}/comments", status_code=201)
def comment(request: Request, project: str, version: str, asked: CommentAsked) -> Row:
    """Say something of it."""
    return house_of(request).clients.comment(project, version, asked.author, asked.text, asked.at_s)


@router.delete("/projects/{project}/versions/{version}/comments/{number}", status_code=204)
def delete_comment(request: Request, project: str, version: str, number: str) -> Response:
    """Take something back that was said."""
    house_of(request).clients.delete_comment(project, version, number)
    return Response(status_code=204)


@router.post("/projects/{project}/versions/{version}/shares", status_code=201)
def share(request: Request, project: str, version: str) -> Row:
    """A link for a client, who can play this version and comment on it, and nothing else."""
    return house_of(request).clients.share(project, version)


@router.get("/projects/{project}/versions/{version}/shares")
def list_shares(request: Request, project: str, version: str) -> list[Row]:
    """The links to it that are open."""
    return house_of(request).clients.shares(project, version)


@router.delete("/projects/{project}/versions/{version}/shares/{number}", status_code=204)
def unshare(request: Request, project: str, version: str, number: str) -> Response:
    """Close a link."""
    house_of(request).clients.unshare(project, version, number)
    return Response(status_code=204)


@router.post("/projects/{project}/sounds/{sound}/through", status_code=202)
def send_through(request: Request, project: str, sound: str, asked: ThroughAsked) -> Row:
    """Have a sound played through a device or a codec: a job; then ``?through=`` hears it."""
    return house_of(request).listening.send_through(project, sound, asked.through)


def attached(name: str) -> dict[str, str]:
    """To be kept under this name: in its own letters, and in those that every browser takes."""
    stem, _, ending = name.rpartition(".")
    plain = re.sub(r"[^A-Za-z0-9 ._-]+", "-", stem).strip(" .-") or "burnish"
    own = re.sub(r'[/\\:*?"<>|]+', "-", plain_line(stem)).strip(" .-") or "burnish"
    wide = quote(f"{own}.{ending}", safe="")
    return {
        "content-disposition": f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{wide}"
    }
