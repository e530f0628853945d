"""Uploads in pieces over HTTP: begin, send, ask how far it is, go on."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from burnish.apps.studio.house import of as house_of
from burnish.apps.studio.routes.projects import BODY, Row

router = APIRouter(prefix="/projects/{project}/transfers", tags=["transfers"])


class TransferAsked(BaseModel):
    """A file that is to come."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=255, description="For people.")
    bytes: int = Field(ge=1, le=2**50, description="Its size.")
    kind: Literal["mix", "reference", "artwork"] = "mix"
    master: bool = Field(False, description="Master it with the defaults once it is read.")
    sha256: str = Field(
        "", pattern="^([0-9a-fA-F]{64})?$", description="Of the file; it is looked at in the end."
    )


@router.post("", status_code=201)
def begin_transfer(request: Request, project: str, asked: TransferAsked) -> Row:
    """Begin an upload in pieces. Its room is taken at once; after a day of silence it is gone."""
    return house_of(request).transfers.begin(
        project, asked.name, asked.bytes, asked.kind, asked.master, asked.sha256
    )


@router.get("/{transfer}")
def show_transfer(request: Request, project: str, transfer: str) -> Row:
    """How many bytes are safe (`offset`), and the `upload` that it became, if it did."""
    return house_of(request).transfers.shown(project, transfer)


@router.head("/{transfer}", response_class=Response)
def transfer_offset(request: Request, project: str, transfer: str) -> Response:
    """The same in headers: `Upload-Offset` and `Upload-Length`."""
    told = house_of(request).transfers.shown(project, transfer)
    headers = {"upload-offset": str(told["offset"]), "upload-length": str(told["bytes"])}
    return Response(headers=headers)


@router.patch("/{transfer}", openapi_extra=BODY)
async def continue_transfer(
    request: Request,
    project: str,
    transfer: str,
    offset: Annotated[int, Query(ge=0, le=2**50, description="Where the body begins.")],
) -> Row:
    """The next bytes, as many as one likes; they are on the disk when it is answered.

    `offset` must be the transfer's; else 409, and one asks where it is. With the last byte it
    becomes an upload, which has the transfer's id, and is read by a worker.
    """
    return await house_of(request).transfers.go_on(project, transfer, offset, request.stream())


@router.delete("/{transfer}", status_code=204)
def give_up_transfer(request: Request, project: str, transfer: str) -> Response:
    """Away with it, and with what came of it."""
    house_of(request).transfers.give_up(project, transfer)
    return Response(status_code=204)
