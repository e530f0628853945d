"""What goes wrong at a musician's desk: odd files, a way that breaks, another window."""

from collections.abc import Iterator
from typing import Any

import pytest
from studio_of_the_tests import song

from .conftest import of_project
from .hands import tab, until

AWAY = "the studio does not answer"
SAID = "document.querySelector('#said').textContent"


@pytest.fixture
def rough(browser: Any, house: Any) -> Iterator[Any]:
    """A page that may be refused something, which the browser's console calls an error."""
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(house.address)
    yield page
    context.close()
    assert not errors


def wav(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "audio/wav", "buffer": data}


def test_songs_dropped_together_are_one_project_whatever_they_are_called(rough, house) -> None:
    names = ["Ça va – 日本語 🎵.wav", f"{'The band could not stop naming it ' * 5}{'x' * 80}.wav"]
    files = [wav(names[1], song(4.0)), wav(names[0], song(5.0)), wav("broken.wav", b"RIFF" * 99)]
    rough.locator("input[type=file]").set_input_files(files)
    rough.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
    project = rough.evaluate("studio.work.id")
    told = house.client.get(f"/api/projects/{project}").json()
    assert [one["name"] for one in told["uploads"]] == [names[1], names[0], "broken.wav"]
    assert told["name"] == names[1][:200]
    # The page says which of them is none, and no name sticks out of a phone.
    rough.reload()
    rough.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
    assert rough.locator(".songs a").count() == 3
    broken = tab(rough, "mixes").locator("li", has_text="broken.wav")
    broken.get_by_text("the file is not a sound file that burnish can read").wait_for()
    panel = tab(rough, "jobs")
    panel.get_by_text("Read: broken.wav").wait_for()
    until(rough, "document.documentElement.scrollWidth <= innerWidth", 2.0)
    rough.goto(house.origin)
    house.client.delete(f"/api/projects/{project}")


def test_a_broken_mix_is_taken_away_and_another_takes_its_place(rough, house) -> None:
    project = house.client.project()
    house.client.upload(project, b"this is no sound at all" * 50, name="broken.wav")
    house.client.ready(project)
    rough.goto(f"{house.origin}/?project={project}")
    until(rough, f"{SAID} === 'the file is not a sound file that burnish can read'")
    tab(rough, "mixes").get_by_role("button", name="Delete broken.wav").click()
    rough.get_by_text("Add a mix under Mixes.").wait_for()
    mixes = rough.locator("#panel-mixes")
    mixes.locator("input[type=file]").first.set_input_files(wav("another.wav", song(4.0)))
    rough.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
    assert rough.evaluate("studio.stage.upload.name") == "another.wav"
    rough.goto(house.origin)
    house.client.delete(f"/api/projects/{project}")


def test_a_way_that_breaks_is_said_and_gone_on_with(rough, house) -> None:
    of_project(rough, house, house.project)
    rough.evaluate("studio.desk.addEventListener('heard', () => { globalThis.heard = true; })")
    rough.keyboard.press("b")
    rough.keyboard.press("1")
    rough.context.set_offline(True)
    rough.evaluate("studio.player.seek(9 * studio.player.rate_hz)")
    until(rough, f"{SAID}.endsWith('{AWAY}')")
    rough.evaluate("studio.desk.edit({ wishes: { ...studio.desk.wishes, low_db: 3 } })")
    rough.wait_for_timeout(200)
    assert rough.evaluate("studio.desk.now.isDue")
    rough.context.set_offline(False)
    until(rough, f"!studio.desk.now.isDue && studio.desk.isEdited && {SAID} === ''")
    until(rough, "globalThis.heard")
    assert rough.evaluate("studio.player.selected") == "mix"  # the blind test goes on


def test_an_album_is_delivered_as_it_is_seen_or_not_at_all(rough, house) -> None:
    project = house.client.project()
    mix = house.client.upload(project, song(4.0))["id"]
    release = {"title": "Ours", "tracks": [{"file": mix, "title": "One"}]}
    path = f"/api/projects/{project}/albums"
    album = house.client.post(path, json={"release": release}).json()
    house.client.ready(project)
    of_project(rough, house, project)
    panel = tab(rough, "album")
    panel.locator(".track summary").click()
    code = panel.locator(".track [data-name=isrc]")
    code.fill("NONSENSE")
    panel.get_by_role("checkbox", name="download").check()
    panel.get_by_role("button", name="Deliver").click()
    until(rough, f"{SAID}.startsWith('isrc=NONSENSE')")
    code.fill("DEA012600002")
    code.blur()
    until(rough, f"{SAID} === 'The album is kept.'")
    # In another window it is changed meanwhile.
    told = house.client.get(f"{path}/{album['id']}").json()
    asked = {"release": told["release"] | {"title": "Theirs"}, "revision": told["revision"]}
    house.client.put(f"{path}/{album['id']}", json=asked).raise_for_status()
    panel.locator(".sleeve [data-name=title]").fill("Mine")
    panel.get_by_role("button", name="Deliver").click()
    until(rough, f"{SAID}.startsWith('The album was changed in another window')")
    until(rough, "!document.querySelector('.deliver .main').disabled")
    told = house.client.get(f"{path}/{album['id']}").json()
    assert told["deliveries"] == []
    assert told["release"]["title"] == "Theirs"
    rough.goto(house.origin)
    house.client.delete(f"/api/projects/{project}")


def test_a_version_that_another_window_deletes_is_left(rough, house) -> None:
    of_project(rough, house, house.project)
    first = rough.evaluate("studio.desk.version.id")
    mix = rough.evaluate("studio.stage.upload.id")
    plan = house.client.get(f"/api/projects/{house.project}/versions/{first}").json()["plan"]
    made = house.client.version(house.project, upload=mix, plan={**plan, "steps": []})
    until(rough, f"studio.stage.versions.some(({{ id }}) => id === '{made['id']}')")
    rough.evaluate(f"studio.desk.load(studio.work.version('{made['id']}'))")
    until(rough, f"studio.player.names.includes('v/{made['id']}')")
    house.client.delete(f"/api/projects/{house.project}/versions/{made['id']}")
    rough.evaluate("studio.work.refresh()")
    until(rough, f"studio.desk.version.id === '{first}'")
    until(rough, f"!studio.player.names.includes('v/{made['id']}')")
    assert rough.evaluate(SAID).startswith(f"Version {made['number']} was deleted")
