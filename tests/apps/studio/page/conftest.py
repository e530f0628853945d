"""Pages of the studio in a real browser that was let in."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def page(browser: Any, house: Any) -> Iterator[Any]:
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
def studio(page: Any, house: Any) -> Any:
    """The project of the example song, ready to be worked."""
    page.goto(f"{house.origin}/?project={house.project}")
    page.wait_for_selector("[data-ready]", state="attached")
    return page
