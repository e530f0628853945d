"""A loop to serve in, and a studio served in it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from studio_of_the_tests import BASE, BEARER, TOKEN, Asgi, Client

from burnish.apps.studio.server import studio_app
from burnish.apps.studio.settings import StudioSettings


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever, daemon=True)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture(scope="module")
def studio(
    loop: asyncio.AbstractEventLoop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """The owner's client of a studio that works; its app is ``studio.app``."""
    folder = tmp_path_factory.mktemp("studio")
    mixes = tmp_path_factory.mktemp("mixes")
    app = studio_app(
        StudioSettings(
            data=str(folder),
            token=TOKEN,
            workers=2,
            folders=(str(mixes),),
            upload_mib=4,
            duration_s=60,
            rate_hz=96_000,
            requests_per_s=100_000,
        )
    )
    context = app.router.lifespan_context(app)
    asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(60)
    client = Client(transport=Asgi(app, loop), base_url=BASE, headers=BEARER, timeout=120)
    client.app, client.mixes = app, mixes
    yield client
    asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(60)


@pytest.fixture
def stranger(studio: Client, loop: asyncio.AbstractEventLoop) -> Client:
    """Somebody without any key."""
    return Client(transport=Asgi(studio.app, loop), base_url=BASE)


@pytest.fixture(scope="module")
def data_folder(studio: Client) -> Path:
    return Path(studio.app.state.house.store.folder)
