"""A store on each of the two databases; one browser, and one studio that it is let into."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import burnish.apps

sys.path.append(str(Path(__file__).parent.parent))
sys.path.append(str(Path(__file__).parent / "server"))
from postgres_of_the_tests import empty_database, running_postgres
from studio_of_the_tests import BEARER, Client, served

from burnish.apps.studio.store import Quotas, Store

SONG = Path(burnish.apps.__file__).parent / "cli" / "example" / "song1_excerpt.flac"
FLAGS = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None: SQLite, in the store's folder."""
    if request.param == "sqlite":
        return None
    return empty_database(request.getfixturevalue("postgres"), "studio")


OpenStore = Callable[..., Store]


@pytest.fixture
def open_store(tmp_path: Path, database_url: str | None) -> Iterator[OpenStore]:
    """Opens the test's store, again and again if need be."""
    opened: list[Store] = []

    def open_again(quotas: Quotas | None = None) -> Store:
        while opened:
            opened.pop().close()
        opened.append(Store.open(tmp_path / "studio", database_url, quotas))
        return opened[0]

    yield open_again
    for one in opened:
        one.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, once for all: Playwright runs once in a process."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        message = "chromium is not installed; this test needs it"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


class Served:
    """Where a studio is, who asks it, and a project of it."""

    note = "kept over the night"

    def __init__(self, address: str, n_starts: int = 1) -> None:
        at = urlsplit(address)
        self.address = address
        self.n_starts = n_starts
        self.origin = f"{at.scheme}://{at.netloc}"
        self.client = Client(base_url=self.origin, headers=BEARER, timeout=120)
        self.project = ""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A studio that has the example song and its first master, and a folder to pick from.

    It was stopped and started since: all that is tested of it is what it found again.
    """
    folder, data = tmp_path_factory.mktemp("picked"), tmp_path_factory.mktemp("pages")
    shutil.copy(SONG, folder / "picked.flac")
    options = ("workers=2", f'folders=["{folder}"]')
    with served(data, *options) as (process, address):
        first = Served(address)
        with first.client as client:
            project = client.project()
            client.upload(project, SONG.read_bytes(), name=SONG.name, master=True)
            client.ready(project)
            (version,) = client.get(f"/api/projects/{project}/versions").json()
            path = f"/api/projects/{project}/versions/{version['id']}"
            client.patch(path, json={"note": first.note}).raise_for_status()
        process.terminate()
        process.wait(20)
    with served(data, *options) as (_, address):
        again = Served(address, n_starts=2)
        again.project = project
        with again.client:
            yield again
