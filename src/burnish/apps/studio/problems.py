"""Problems: every error leaves as ``{"code", "sentence"}``, with a fitting HTTP status."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from burnish.apps.studio.armour import HEADERS
from burnish.errors import BurnishError, InputError, OutputError, ResultError, SettingError

log = logging.getLogger("burnish.studio")


class Problem(BaseModel):
    """Every error: a stable code for programs, a sentence for people."""

    code: str
    sentence: str


class Refused(BurnishError):
    """The studio does not do this. ``status`` is the HTTP status."""

    exit_code = 2

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.status = int(status)


def not_there(what: str, name: str) -> Refused:
    """There is no such thing, or none that the caller may see."""
    return Refused(HTTPStatus.NOT_FOUND, f"{what}-unknown", f"{what} {name}: there is none")


_BY_CODE = {
    "output-no-room": HTTPStatus.INSUFFICIENT_STORAGE,
    "quota": HTTPStatus.INSUFFICIENT_STORAGE,
    "output-exists": HTTPStatus.CONFLICT,
    "sound-not-ready": HTTPStatus.CONFLICT,
}
_BY_KIND: tuple[tuple[type[BurnishError], HTTPStatus], ...] = (
    (SettingError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ResultError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (OutputError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def status_of(error: BurnishError) -> int:
    """The HTTP status for an error of burnish."""
    if isinstance(error, Refused):
        return error.status
    if error.code.endswith("-unknown") and not isinstance(error, SettingError):
        return int(HTTPStatus.NOT_FOUND)
    if error.code in _BY_CODE:
        return int(_BY_CODE[error.code])
    found = next((status for kind, status in _BY_KIND if isinstance(error, kind)), None)
    return int(found or HTTPStatus.INTERNAL_SERVER_ERROR)


def told(status: int, code: str, sentence: str, headers: Any = None) -> JSONResponse:
    """An error as it leaves."""
    return JSONResponse({"code": code, "sentence": sentence}, int(status), headers=headers)


def tell_problems(app: FastAPI) -> None:
    """Give every error of this app its form."""

    @app.exception_handler(BurnishError)
    async def _ours(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, BurnishError):
            raise error
        return told(status_of(error), error.code, error.sentence)

    @app.exception_handler(RequestValidationError)
    async def _asked_wrongly(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RequestValidationError):
            raise error
        first = error.errors()[0] if error.errors() else {"loc": (), "msg": "cannot be read"}
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query"))
        return told(422, "request-invalid", f"{where or 'request'}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def _of_http(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            raise error
        words = HTTPStatus(error.status_code).phrase
        code = words.lower().replace(" ", "-")
        return told(error.status_code, code, words, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def _gone(_: Request, __: Exception) -> JSONResponse:
        return told(400, "client-gone", "the request broke off")  # and nobody is there to read it

    @app.exception_handler(Exception)
    async def _fault(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s", request.method, request.url.path, exc_info=error)
        # This leaves outside of the guard.
        sentence = "a fault of burnish itself; it is in the studio's log"
        return told(500, "fault", sentence, HEADERS)
