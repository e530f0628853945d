"""Projects over HTTP, the mixes in them, and what happens to the work."""

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from burnish.apps.studio.house import of as house_of

router = APIRouter(tags=["projects"])

Row = dict[str, Any]
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""How a body that is a file is described."""
Name = Annotated[str, Field(min_length=1, max_length=200)]


class ProjectAsked(BaseModel):
    """A new project, or a new name."""

    model_config = ConfigDict(extra="forbid")
    name: Name


class PickAsked(BaseModel):
    """A file of the folders that were named at the start."""

    model_config = ConfigDict(extra="forbid")
    pick: str = Field(max_length=64)


class NoteAsked(BaseModel):
    """A note on a thing, for oneself."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field(max_length=10_000)


@router.get("/projects")
def list_projects(request: Request) -> list[Row]:
    """All projects, the last one touched first."""
    return house_of(request).mixes.projects()


@router.post("/projects", status_code=201)
def create_project(request: Request, asked: ProjectAsked) -> Row:
    """A new project."""
    return house_of(request).mixes.create(asked.name)


@router.get("/projects/{project}")
def open_project(request: Request, project: str) -> Row:
    """A project with its mixes, versions, jobs and share links: all that a page needs at first."""
    return house_of(request).mixes.opened(project)


@router.patch("/projects/{project}")
def rename_project(request: Request, project: str, asked: ProjectAsked) -> Row:
    """Another name."""
    return house_of(request).mixes.rename(project, asked.name)


@router.delete("/projects/{project}", status_code=204)
def delete_project(request: Request, project: str) -> Response:
    """Away with it, its versions and its sound."""
    house_of(request).mixes.delete(project)
    return Response(status_code=204)


@router.get("/picks")
def list_picks(request: Request) -> list[Row]:
    """The mixes in the folders that were named when the studio was started."""
    return house_of(request).mixes.picks()


@router.post("/projects/{project}/picks", status_code=201)
def take_pick(request: Request, project: str, asked: PickAsked) -> Row:
    """Take a copy of one of them, as if it were uploaded."""
    return house_of(request).mixes.take_pick(project, asked.pick)


@router.post("/projects/{project}/uploads", status_code=201, openapi_extra=BODY)
async def upload(
    request: Request,
    project: str,
    name: Annotated[str, Query(min_length=1, max_length=255)],
    kind: Literal["mix", "reference", "artwork"] = "mix",
    master: bool = False,
) -> Row:
    """A mix: the body is the file as it is. It is answered when the file is safe on the disk.

    Then a worker reads it (``job``); when that is done it can be heard, as the sound of its id,
    and it is analysed, and mastered with the defaults where ``master`` is asked. ``name`` is for
    people; what the file is, is told by what is in it.
    """
    return await house_of(request).mixes.upload(project, name, kind, master, request.stream())


@router.get("/projects/{project}/uploads/{upload}")
def show_upload(request: Request, project: str, upload: str) -> Row:
    """A mix, with what it measures and what is wrong with it, once that is known."""
    return house_of(request).mixes.shown(project, upload)


@router.delete("/projects/{project}/uploads/{upload}", status_code=204)
def delete_upload(request: Request, project: str, upload: str) -> Response:
    """Away with a mix of which there is no version."""
    house_of(request).mixes.delete_upload(project, upload)
    return Response(status_code=204)


@router.post("/projects/{project}/uploads/{upload}/analyse", status_code=202)
def analyse(request: Request, project: str, upload: str) -> Row:
    """Measure it again, and look for what is wrong with it: a job."""
    return house_of(request).mixes.analyse(project, upload)


@router.get("/projects/{project}/jobs")
def list_jobs(request: Request, project: str) -> list[Row]:
    """The jobs of a project, the newest first."""
    return house_of(request).jobs_told(project)


@router.get("/projects/{project}/jobs/{job}")
def show_job(request: Request, project: str, job: str) -> Row:
    """A job: how far it is, how it ended."""
    return house_of(request).job_told(project, job)


@router.post("/projects/{project}/jobs/{job}/cancel")
def cancel_job(request: Request, project: str, job: str) -> Row:
    """Nobody wants it any more."""
    return house_of(request).cancel(project, job)


@router.get("/projects/{project}/events", response_class=StreamingResponse)
async def events(request: Request, project: str) -> StreamingResponse:
    """Server-sent events ``job``: first how every job that is not over stands, then each change."""
    house = house_of(request)
    await run_sync(house.mixes.opened, project)
    return StreamingResponse(
        house.listened(project),
        media_type="text/event-stream",
        headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
    )
