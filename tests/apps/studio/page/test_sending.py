"""An upload that breaks off is gone on with: after a pause, and after the page was opened anew."""

from pathlib import Path
from typing import Any

from studio_of_the_tests import song

from .hands import until

PIECE = 4 * 2**20
SONG = song(30.0)
"""Of two pieces."""


def test_a_mix_that_broke_off_is_gone_on_with(browser: Any, house: Any, tmp_path: Path) -> None:
    mix = tmp_path / "long.wav"
    mix.write_bytes(SONG)
    context = browser.new_context()
    page = context.new_page()
    seen: list[tuple[str, int]] = []
    down = {"pieces": 1, "after": 10**9}

    def way(route: Any, request: Any) -> None:
        offset = int(request.url.rpartition("=")[2])
        broken = down["pieces"] > 0 or offset >= down["after"]
        down["pieces"] -= broken
        seen.append((request.method, offset))
        if broken:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/transfers/*?offset=*", way)
    begun: list[str] = []
    page.on("request", lambda asked: begun.append(asked.method + asked.url.rpartition("/")[2]))
    page.goto(house.address)
    down["after"] = PIECE
    page.locator("input[type=file]").set_input_files(mix)
    until(page, "document.querySelector('progress').value >= 0.75")
    # Each is tried again from where the server has it; here nothing comes through any more.
    page.wait_for_timeout(700)
    assert seen[:2] == [("PATCH", 0), ("PATCH", 0)]
    assert ("PATCH", PIECE) in seen
    projects = len(house.client.get("/api/projects").json())
    page.goto(house.address)
    seen.clear()
    down["after"] = 10**9
    page.locator("input[type=file]").set_input_files(mix)
    page.wait_for_url("**/?project=*")
    assert seen == [("PATCH", PIECE)]
    assert begun.count("POSTtransfers") == 1
    assert len(house.client.get("/api/projects").json()) == projects
    project = page.url.partition("project=")[2].partition("&")[0]
    context.close()
    uploads = house.client.get(f"/api/projects/{project}").json()["uploads"]
    assert [one["bytes"] for one in uploads] == [len(SONG)]
    house.client.delete(f"/api/projects/{project}")
