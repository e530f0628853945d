"""Albums over HTTP: order, joins, delivery, download."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from burnish.apps.studio.house import of as house_of
from burnish.apps.studio.routes.projects import Row
from burnish.apps.studio.routes.sounds import Number, SoundInfo, kept
from burnish.apps.studio.routes.versions import attached
from burnish.apps.studio.sounds import pcm_in

router = APIRouter(tags=["albums"])
TrackNumber = Annotated[int, InPath(ge=1, le=999)]
_DELIVERY = "/projects/{project}/albums/{album}/deliveries/{job}"


class AlbumAsked(BaseModel):
    """A release; files in it are ids of the project's uploads and versions."""

    model_config = ConfigDict(extra="forbid")

    release: dict[str, Any] = Field(description="As album.yaml; see /api/catalogue/wishes.")


class AlbumChanged(AlbumAsked):
    """Another release in its place."""

    revision: int = Field(ge=1, le=2**31 - 1, description="The revision that is changed.")


class DeliveryAsked(BaseModel):
    """Where an album goes, and how."""

    model_config = ConfigDict(extra="forbid")

    to: list[str] = Field([], max_length=64, description="As /api/catalogue/targets names them.")
    settings: dict[str, Any] = {}


@router.get("/projects/{project}/albums")
def list_albums(request: Request, project: str) -> list[Row]:
    """The albums of a project."""
    return house_of(request).albums.albums(project)


@router.post("/projects/{project}/albums", status_code=201)
def create_album(request: Request, project: str, asked: AlbumAsked) -> Row:
    """A new one."""
    return house_of(request).albums.create(project, asked.release)


@router.get("/projects/{project}/albums/{album}")
def show_album(request: Request, project: str, album: str) -> Row:
    """An album: its release, and the jobs that delivered it."""
    return house_of(request).albums.shown(project, album)


@router.put("/projects/{project}/albums/{album}")
def change_album(request: Request, project: str, album: str, asked: AlbumChanged) -> Row:
    """Order, gaps, fades, crossfades, titles, codes: the release as a whole."""
    return house_of(request).albums.change(project, album, asked.release, asked.revision)


@router.delete("/projects/{project}/albums/{album}", status_code=204)
def delete_album(request: Request, project: str, album: str) -> Response:
    """Away with it."""
    house_of(request).albums.delete(project, album)
    return Response(status_code=204)


@router.get("/projects/{project}/albums/{album}/sheet", response_class=Response)
def album_sheet(request: Request, project: str, album: str) -> Response:
    """Its album.yaml; files in it are ids."""
    text = house_of(request).albums.sheet(project, album)
    return Response(
        text, media_type="application/yaml; charset=utf-8", headers=attached("album.yaml")
    )


@router.post("/projects/{project}/albums/{album}/deliveries", status_code=202)
def deliver(request: Request, project: str, album: str, asked: DeliveryAsked) -> Row:
    """Master it as one body, in sequence, and write what each target asks for: a job.

    Without targets there are the masters, and ten seconds around each join to be heard.
    """
    return house_of(request).albums.deliver(project, album, asked.to, asked.settings)


@router.get("/projects/{project}/artwork/{upload}", response_class=FileResponse)
def artwork(request: Request, project: str, upload: str) -> FileResponse:
    """The image of an upload that is artwork: a JPEG or a PNG, by its first bytes."""
    path, media_type = house_of(request).albums.artwork(project, upload)
    headers = {"cache-control": "private, max-age=86400", "content-disposition": "inline"}
    return FileResponse(path, media_type=media_type, headers=headers)


@router.get(_DELIVERY + "/masters")
def masters(request: Request, project: str, album: str, job: str) -> list[Row]:
    """The masters of a delivery, and the sounds of the project that they were made from."""
    return house_of(request).albums.masters(project, album, job)


@router.get(_DELIVERY + "/masters/{number}")
def master_info(
    request: Request, project: str, album: str, job: str, number: TrackNumber
) -> SoundInfo:
    """What is known of the master of a track."""
    one = house_of(request).albums.master(project, album, job, number)
    return SoundInfo(id=one.etag, etag=one.etag, **vars(one.sound))


@router.get(_DELIVERY + "/masters/{number}/pcm", response_class=Response)
def master_pcm(
    request: Request,
    project: str,
    album: str,
    job: str,
    number: TrackNumber,
    start: Number = 0,
    count: Number = 2**40,
) -> Response:
    """Its samples, before trims, fades and gaps: as those of a sound."""
    one = house_of(request).albums.master(project, album, job, number)
    return kept(
        request,
        one.etag,
        one.sound,
        start,
        count,
        lambda n: pcm_in(one.file, one.offset, one.sound, start, n),
    )


@router.get(_DELIVERY + "/zip", response_class=StreamingResponse)
def download(request: Request, project: str, album: str, job: str) -> StreamingResponse:
    """All that was delivered, as a zip that is made while it is sent."""
    title, pieces = house_of(request).albums.delivered(project, album, job)
    return StreamingResponse(pieces, media_type="application/zip", headers=attached(f"{title}.zip"))
