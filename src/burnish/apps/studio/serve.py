"""Serve: the studio on a port, until it is stopped."""

import socket
import threading
from collections.abc import Callable
from contextlib import closing

import uvicorn

from burnish.apps.studio.house import House
from burnish.apps.studio.server import address, studio_app
from burnish.apps.studio.settings import StudioSettings
from burnish.errors import OutputError

_LONGEST_HEADER = 64 << 10
_WAITING = 128


class Server(uvicorn.Server):
    """Tells when it has begun, and ends the streams of events when it is to end."""

    def __init__(self, config: uvicorn.Config, house: House, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self._house, self._begun = house, begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            self._begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: streams first, which would never end by themselves."""
        self._house.events.close()
        await super().shutdown(sockets)


def serve(
    settings: StudioSettings,
    told: Callable[[str], None],
    window: Callable[[str], None] | None = None,
) -> None:
    """Serve until a signal ends it. ``told`` is given the address once somebody can come.

    With a ``window``, which is given the address too, it serves until that returns. What runs when
    it is stopped is begun again at the next start.
    """
    with closing(_bound(settings)) as port:
        settings = settings.with_(port=port.getsockname()[1])
        app = studio_app(settings)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies),  # else nobody tells us where he comes from
            forwarded_allow_ips=list(settings.proxies),
            ws="none",
            h11_max_incomplete_event_size=_LONGEST_HEADER,
            limit_concurrency=500,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=5,
        )
        begun = threading.Event()

        def begin() -> None:
            told(address(app))
            begun.set()

        server = Server(config, app.state.house, begin)
        if window is None:
            server.run([port])
            return
        # A window wants the main thread for itself.
        serving = threading.Thread(target=server.run, args=([port],), name="burnish-server")
        serving.start()
        try:
            while serving.is_alive() and not begun.wait(0.1):
                pass
            if begun.is_set():
                window(address(app))
        finally:
            server.should_exit = True
            serving.join()


def _bound(settings: StudioSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((settings.host, settings.port))
        bound.listen(_WAITING)
    except OSError as error:
        bound.close()
        raise OutputError(
            "port", f"{settings.host}:{settings.port}: cannot be listened on: {error.strerror}"
        ) from None
    return bound
