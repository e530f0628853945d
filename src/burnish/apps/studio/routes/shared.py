"""Share links over HTTP: whoever has the token may play one version and comment on it. No more."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from burnish.apps.studio.house import of as house_of
from burnish.apps.studio.routes.projects import Row
from burnish.apps.studio.routes.sounds import Number, SoundInfo, send_pcm, send_peaks, told
from burnish.apps.studio.routes.versions import CommentAsked

router = APIRouter(prefix="/shared", tags=["shared"])

Token = Annotated[str, Path(min_length=16, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("/{token}")
def show(request: Request, token: Token) -> Row:
    """What the client sees: the project's name, the version, and what was said of it."""
    return house_of(request).clients.shared(token)


@router.get("/{token}/sound")
def sound(request: Request, token: Token) -> SoundInfo:
    """What is known of the sound."""
    return told(house_of(request).clients.shared_sound(token))


@router.get("/{token}/sound/pcm", response_class=Response)
def pcm(request: Request, token: Token, start: Number = 0, count: Number = 2**40) -> Response:
    """Its samples, as those of a project's sound."""
    return send_pcm(request, house_of(request).clients.shared_sound(token), start, count)


@router.get("/{token}/sound/peaks", response_class=Response)
def peaks(
    request: Request, token: Token, per: Annotated[int, Query(ge=1, le=65_536)] = 1024
) -> Response:
    """Its peaks, as those of a project's sound."""
    return send_peaks(request, house_of(request).clients.shared_sound(token), per)


@router.post("/{token}/comments", status_code=201)
def comment(request: Request, token: Token, asked: CommentAsked) -> Row:
    """Say something of it."""
    return house_of(request).clients.shared_comment(token, asked.author, asked.text, asked.at_s)
