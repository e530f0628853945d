"""The studio's server: one house, its guard, and the routes of its API.

request -> Guard (host, rate, size, origin, who) -> routes -> House -> store, workers, sound
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from anyio import CapacityLimiter, sleep
from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from burnish import __version__
from burnish.apps.studio.guard import Guard
from burnish.apps.studio.house import House
from burnish.apps.studio.problems import Problem, Refused, tell_problems
from burnish.apps.studio.routes import (
    albums,
    catalogue,
    projects,
    shared,
    sounds,
    transfers,
    versions,
)
from burnish.apps.studio.settings import StudioSettings
from burnish.errors import SettingError

STATIC = Path(__file__).parent / "static"
_ROUTES = (projects, transfers, sounds, versions, albums, catalogue, shared)
_LOGIN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>burnish studio</title>
<meta name="viewport" content="width=device-width"><main><h1>burnish studio</h1>
<form method="post" action="/login"><p><label>Password
<input type="password" name="password" autocomplete="current-password" required autofocus></label>
<button>Open</button></p><p role="alert">{said}</p></form></main></html>"""


def studio_app(settings: StudioSettings) -> FastAPI:
    """The studio as an ASGI app. It opens the store at once; its work begins when it is served.

    Wrong settings, a folder that is in use, an address that others can reach without a password:
    a ``BurnishError``.
    """
    if not settings.data:
        raise SettingError("setting-missing", "data: must be given, the folder that keeps all")
    house = House(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        house.open()
        yield
        await run_sync(house.close)

    app = FastAPI(
        title="burnish studio",
        version=__version__,
        summary="Everything that the studio's page does.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        generate_unique_id_function=_named,
        responses={422: {"model": Problem}},
    )
    app.state.house = house
    tell_problems(app)
    api = APIRouter(
        prefix="/api", responses=_said(400, 401, 403, 404, 409, 413, 416, 421, 429, 507)
    )
    for one in _ROUTES:
        api.include_router(one.router)
    app.include_router(api)
    app.include_router(_door())
    if STATIC.is_dir():
        app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guard, settings=settings, access=house.access)
    return app


def address(app: FastAPI, port: int | None = None) -> str:
    """The address to print: with the token in it, where that lets somebody in."""
    house: House = app.state.house
    host = house.settings.host
    shown = f"[{host}]" if ":" in host else host
    way = "/" if house.access.by_password else f"/?token={house.access.token}"
    return f"http://{shown}:{port or house.settings.port}{way}"


def _named(route: APIRoute) -> str:
    """Operations are called as their functions, where nothing else is called so."""
    return f"{route.tags[0]}-{route.name}" if route.tags else route.name


def _said(*statuses: int) -> dict[int | str, dict[str, object]]:
    return {one: {"model": Problem} for one in statuses}


def _door() -> APIRouter:
    """In and out, for people."""
    door = APIRouter(include_in_schema=False)
    one_at_a_time = CapacityLimiter(1)  # argon2 takes 64 MiB, and means to take time

    @door.get("/health")
    def health() -> dict[str, str]:
        return {"burnish": __version__}

    @door.get("/")
    def page() -> Response:
        return _file("index.html")

    @door.get("/share/{token}")
    def client_page(token: str) -> Response:
        return _file("share.html")

    @door.get("/login")
    def ask(request: Request) -> Response:
        house: House = request.app.state.house
        return _page("") if house.access.by_password else RedirectResponse("/", 303)

    @door.post("/login")
    async def enter(request: Request) -> Response:
        house: House = request.app.state.house
        said = parse_qs((await request.body()).decode(errors="replace"), max_num_fields=4)
        if not house.access.by_password:
            raise Refused(404, "no-password", "this studio has no password")
        access = house.access
        address = request.client.host if request.client else ""
        who, was_here = access.who(request.cookies.get(access.visitor, ""), address)
        if not access.tries.begin(who):
            return _page("Too many tries; wait a minute.", 429)
        if not was_here:
            await sleep(access.tries.delay_s)
        password = said.get("password", [""])[0]
        if not await run_sync(access.is_password, password, limiter=one_at_a_time):
            return _page("That is not the password.", 403)
        access.tries.was_right(who)
        answer = RedirectResponse("/", 303)
        house.access.welcome(answer, request.url.scheme)
        return answer

    @door.post("/logout")
    def leave(request: Request) -> Response:
        house: House = request.app.state.house
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(house.access.cookie, httponly=True, samesite="strict")
        return answer

    return door


def _file(name: str) -> Response:
    """A page, where the studio has one."""
    if not (STATIC / name).is_file():
        raise Refused(404, "no-page", "this studio has no page; its API is at /api/openapi.json")
    return FileResponse(STATIC / name, media_type="text/html; charset=utf-8")


def _page(said: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_LOGIN.format(said=escape(said)), status)
