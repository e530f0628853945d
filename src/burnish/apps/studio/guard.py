"""Guard: looks at every request before anything else does.

    Host -> rate -> size -> Origin -> who is it -> the studio

The Host must be an address, or a name that the studio was told: so no foreign name can be bound to
our address (DNS rebinding). Who comes by the cookie must come from our own page (CSRF): the cookie
is SameSite=Strict, and Origin is looked at as well. Who brings the key in the ``Authorization``
header is a program, which has no cookies that somebody else could use.
"""

import re
import time
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from burnish.apps.studio.access import Access
from burnish.apps.studio.armour import armoured
from burnish.apps.studio.problems import Refused, told
from burnish.apps.studio.settings import MIB, StudioSettings, is_address, is_loopback

Who = Literal["owner", "guest"]

LARGEST_BODY = 4 * MIB
"""Of a request that is no upload. A recall sheet may be as large."""
_SAFE = ("GET", "HEAD")
_OPEN = re.compile(r"/(login|logout|health|favicon\.ico|static/.*|share/[\w-]+|api/shared/.*)")
_UPLOAD = re.compile(r"/api/projects/[^/]+/(uploads|transfers/[^/]+)")
_BURST = 4.0  # seconds of requests that may come at once
_CLIENTS = 4096


class Guard:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp, settings: StudioSettings, access: Access) -> None:
        self._app = app
        self._settings = settings
        self._access = access
        self._rates: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        send = armoured(send)
        try:
            answer = self._look(scope)
        except Refused as error:
            answer = told(error.status, error.code, error.sentence)
        if answer is not None:
            await answer(scope, receive, send)
            return
        if not _UPLOAD.fullmatch(scope["path"]):
            receive = _counted(receive, LARGEST_BODY)
        await self._app(scope, receive, send)

    def _look(self, scope: Scope) -> Response | None:
        """The answer, where it does not go on to the studio."""
        headers = Headers(scope=scope)
        host = self._host(headers)
        self._rate(scope)
        size = headers.get("content-length", "0")
        if not size.isdigit():
            raise Refused(400, "size", "content-length: must be a number")
        if not _UPLOAD.fullmatch(scope["path"]) and int(size) > LARGEST_BODY:
            raise _too_large(LARGEST_BODY)
        scheme = scope.get("scheme", "http")
        self._origin(headers, f"{scheme}://{host}")
        program = self._program(headers)
        scope["burnish.owner"] = program or self._has_cookie(headers)
        if scope["burnish.owner"] and not program and scope["method"] not in _SAFE:
            self._from_our_page(headers)
        if _OPEN.fullmatch(scope["path"]) or scope["burnish.owner"]:
            return None
        return self._let_in(scope, scheme)

    def _let_in(self, scope: Scope, scheme: str) -> Response:
        """Somebody new: in by the token of the address, or to the password."""
        by_page = scope["method"] in _SAFE and not scope["path"].startswith("/api/")
        token = QueryParams(scope["query_string"]).get("token", "")
        if by_page and not self._access.by_password and self._access.opens(token):
            answer = RedirectResponse(scope["path"], 303)
            self._access.welcome(answer, scheme)
            return answer
        if by_page and self._access.by_password:
            return RedirectResponse("/login", 303)
        return told(
            401,
            "not-let-in",
            "the studio does not know you; open the address that it printed when it was started",
            {"www-authenticate": "Bearer"},
        )

    def _host(self, headers: Headers) -> str:
        """The Host, where it is one of ours."""
        given = headers.getlist("host")
        host = given[0] if len(given) == 1 else ""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port
        except ValueError:
            name, port = "", None
        settings = self._settings
        if settings.is_private:
            ours = is_loopback(name)
        else:
            ours = is_address(name) or name == settings.host.lower()
        ours = ours or name in [one.lower() for one in settings.names]
        wrong_port = settings.is_private and settings.port and port not in (settings.port, None)
        if not name or not ours or wrong_port or parts.username is not None or parts.path:
            raise Refused(421, "host", "Host: this studio is not called so; see --names")
        return host.lower()

    def _origin(self, headers: Headers, ours: str) -> None:
        """Refuse what another page asks for."""
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site")
        if origin is not None and origin.lower() != ours:
            raise Refused(403, "origin", "Origin: only the studio's own page may ask this")
        if site in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate":
            raise Refused(403, "origin", "Origin: only the studio's own page may ask this")

    def _from_our_page(self, headers: Headers) -> None:
        """Who changes something by the cookie must say that it is our page that does."""
        if "origin" not in headers and headers.get("sec-fetch-site") != "same-origin":
            raise Refused(403, "origin", "Origin: must be given where something is changed")

    def _program(self, headers: Headers) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and self._access.opens(token.strip())

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._access.cookie)
        except CookieError:
            return False
        return cookie is not None and self._access.knows(cookie.value)

    def _rate(self, scope: Scope) -> None:
        """Refuse who asks too often: a bucket for each address."""
        client = (scope.get("client") or ("", 0))[0]
        rate = self._settings.requests_per_s
        most, now = rate * _BURST, time.monotonic()
        left, at = self._rates.get(client, (most, now))
        left = min(most, left + (now - at) * rate) - 1.0
        if len(self._rates) >= _CLIENTS and client not in self._rates:
            self._rates.clear()  # rather a fresh start for all than memory for each
        self._rates[client] = (max(left, -1.0), now)
        if left < 0.0:
            raise Refused(429, "too-often", f"more than {rate:g} requests a second; wait a little")


def _too_large(most: int) -> Refused:
    return Refused(413, "too-large", f"the request is larger than {most // MIB} MiB")


def _counted(receive: Receive, most: int) -> Receive:
    """The same body, refused where it grows too large."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413)
        return message

    return counted
