"""A real server with the example song, and a real browser that was let in."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import burnish.apps

sys.path.append(str(Path(__file__).parent.parent / "server"))
from studio_of_the_tests import BEARER, Client, served

SONG = Path(burnish.apps.__file__).parent / "cli" / "example" / "song1_excerpt.flac"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if (opened := _opened(playwright.Browser)) is not None:
        yield opened
        return
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        message = "chromium is not installed; this test needs it"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with playwright.sync_playwright() as running:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
        started = running.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()


def _opened(kind: type) -> Any:
    """The browser that the listening tests hold open: Playwright runs once in a process."""
    return next((one for one in gc.get_objects() if type(one) is kind and one.is_connected()), None)


class Served:
    """Where a studio is, who asks it, and a page of it."""

    def __init__(self, address: str) -> None:
        at = urlsplit(address)
        self.address = address
        self.origin = f"{at.scheme}://{at.netloc}"
        self.client = Client(base_url=self.origin, headers=BEARER, timeout=120)
        self.project = ""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Served]:
    """A studio that has the example song and its first master."""
    with served(tmp_path_factory.mktemp("pages"), "workers=2") as (_, address):
        found = Served(address)
        with found.client as client:
            found.project = client.project()
            client.upload(found.project, SONG.read_bytes(), name=SONG.name, master=True)
            client.ready(found.project)
            yield found


@pytest.fixture
def page(browser: Any, house: Served) -> Iterator[Any]:
    """The first page; an error in it, or what its policy forbids, is a failure of the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    opened.goto(house.address)
    yield opened
    context.close()
    assert not errors


@pytest.fixture
def studio(page: Any, house: Served) -> Any:
    """The project of the example song, ready to be worked."""
    page.goto(f"{house.origin}/?project={house.project}")
    page.wait_for_selector("[data-ready]", state="attached")
    return page
