"""Pages of the studio in a real browser that was let in."""

from collections.abc import Iterator
from typing import Any

import pytest


def opened(browser: Any, house: Any) -> Iterator[Any]:
    """The first page; an error in it, or what its policy forbids, is a failure of the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(house.address)
    yield page
    context.close()
    assert not errors


@pytest.fixture
def page(browser: Any, house: Any) -> Iterator[Any]:
    """The first page."""
    yield from opened(browser, house)


def of_project(page: Any, house: Any, project: str) -> Any:
    page.goto(f"{house.origin}/?project={project}")
    page.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
    return page


@pytest.fixture
def studio(page: Any, house: Any) -> Any:
    """The project of the example song, ready to be worked."""
    return of_project(page, house, house.project)


@pytest.fixture(scope="module")
def standing(browser: Any, house: Any) -> Iterator[Any]:
    """The same, opened once for tests that leave it as it was."""
    for page in opened(browser, house):
        yield of_project(page, house, house.project)
