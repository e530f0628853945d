"""The studio as somebody works it: drop, hear, change, check, share, deliver; by keyboard too."""

import sys
from pathlib import Path

import pytest

import burnish.apps

sys.path.append(str(Path(__file__).parent.parent / "server"))
from studio_of_the_tests import song

from .hands import ALONE, LOUDEST, tab, until

SONG = Path(burnish.apps.__file__).parent / "cli" / "example" / "song1_excerpt.flac"


def test_all_is_found_again_when_the_server_comes_back(standing, house) -> None:
    """The server of these tests was stopped and started after the first master was made."""
    assert house.n_starts == 2
    assert standing.get_by_role("radio", name="Version 1").count() == 1
    panel = tab(standing, "versions")
    assert panel.get_by_role("textbox", name="Note on version 1").input_value() == house.note
    assert standing.evaluate("studio.stage.upload.loudness_lufs") < -10


def test_drop_a_mix_and_hear_a_master(page, house) -> None:
    page.locator("input[type=file]").set_input_files(SONG)
    page.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
    until(page, "studio.desk.version !== null && studio.player.selected === studio.desk.name")
    until(page, "document.querySelectorAll('.finding').length > 0")
    until(page, "[...studio.player.sounds.values()].every(({ info }) => info.loudness_lufs)")
    assert page.get_by_role("radio", name="Version 1").is_checked()
    assert page.evaluate(LOUDEST, 150) == 0.0
    page.locator("body").press("Space")
    until(page, "studio.player.playing && studio.player.position > 0.2 * studio.player.rate_hz")
    assert page.evaluate(LOUDEST, 500) > 0.01
    # Switched at the same sample, at the same loudness.
    far_ms = page.evaluate(
        """async () => {
          const { player } = studio;
          const late = []; // of the audio thread's own reports
          player.deck.port.addEventListener("message", ({ data }) => {
            if (data.moving) late.push(data.position / player.rate_hz - data.time_s);
          });
          const wait = () => new Promise((done) => setTimeout(done, 500));
          await wait();
          late.splice(0);
          await wait();
          const before = median(late.splice(0));
          player.select("mix");
          await wait();
          return 1000 * Math.abs(median(late.splice(0)) - before);
          function median(values) { return values.sort((a, b) => a - b)[values.length >> 1]; }
        }"""
    )
    assert far_ms < 1.0
    gains = page.evaluate(
        """[...studio.player.sounds.values()].map(({ name, info }) =>
             info.loudness_lufs + studio.player.gain_db(name))"""
    )
    assert gains[0] == pytest.approx(gains[1], abs=0.2)
    page.reload()
    page.wait_for_selector("[data-ready]", state="attached")
    assert page.get_by_role("radio", name="Version 1").is_checked()
    made = page.evaluate("studio.work.id")
    page.goto(house.origin)
    house.client.delete(f"/api/projects/{made}")


def test_a_moved_slider_is_heard_taken_back_and_kept(studio) -> None:
    panel = tab(studio, "steps")
    studio.evaluate(
        """(() => { const { player, stage } = studio;
          stage.wave.select({ start: 5 * player.rate_hz, end: 8 * player.rate_hz });
          stage.wave.toggleLoop(); player.select(studio.desk.name); player.play(); })()"""
    )
    until(studio, "studio.player.playing && studio.player.position > 5.1 * studio.player.rate_hz")
    before = studio.evaluate(LOUDEST, 800)
    assert before > 0.01
    step = panel.locator("li.step").filter(has_text="Limiter").last
    step.locator("summary").click()
    slider = step.locator("input[type=range][data-name=input_gain_db]")
    steps = "JSON.stringify(studio.desk.steps)"
    studio.evaluate(
        f"studio.desk.addEventListener('heard', () => {{ globalThis.heard = {steps}; }})"
    )
    slider.focus()
    for _ in range(3):
        slider.press("PageDown")  # 12 dB down each, a tenth of the range
    until(studio, f"globalThis.heard === {steps}")  # the last of them
    moved = studio.evaluate(LOUDEST, 800)
    assert moved < 0.3 * before
    assert panel.get_by_role("button", name="Keep as a version").is_enabled()
    studio.locator("#tab-steps").focus()
    for _ in range(3):
        studio.keyboard.press("Control+z")
    until(studio, f"!studio.desk.isEdited && {ALONE}")
    studio.wait_for_timeout(200)
    assert studio.evaluate(LOUDEST, 800) == pytest.approx(before, rel=0.4)
    studio.keyboard.press("Control+Shift+Z")
    until(studio, "studio.desk.isEdited")
    n_before = studio.evaluate("studio.stage.versions.length")
    panel.get_by_role("button", name="Keep as a version").click()
    until(studio, f"studio.stage.versions.length === {n_before + 1}")
    until(studio, "studio.desk.version.edited && !studio.desk.isEdited")
    assert studio.evaluate("studio.desk.version.loudness_lufs") < -18


def test_steps_are_bypassed_ordered_and_added(studio) -> None:
    panel = tab(studio, "steps")
    names = "studio.desk.steps.map(({ processor }) => processor)"
    first = studio.evaluate(names)
    panel.get_by_role("button", name="down", exact=False).first.press("Enter")
    assert studio.evaluate(names)[:2] == first[:2][::-1]
    studio.get_by_role("button", name="Undo").click()
    assert studio.evaluate(names) == first
    bypass = panel.get_by_role("button", name="Bypass").first
    bypass.click()
    assert bypass.get_attribute("aria-pressed") == "true"
    assert studio.evaluate("studio.desk.steps[0].bypass") is True
    panel.get_by_role("combobox", name="Step to add").select_option("equalizer")
    panel.get_by_role("button", name="Add", exact=True).click()
    n = studio.evaluate("studio.desk.steps.length")
    assert n == len(first) + 1
    assert studio.evaluate("studio.desk.steps.at(-1).processor") == "limiter"
    panel.get_by_role("button", name="Add a band").last.click()
    # What the page makes of a declaration is what the server takes.
    answer = studio.evaluate(
        """async () => (await fetch(`/api/projects/${studio.work.id}/preview`, { method: "POST",
             headers: { "content-type": "application/json" },
             body: JSON.stringify({ sound: studio.stage.upload.id, start: 0, end: 4410,
                                    steps: studio.desk.steps }) })).status"""
    )
    assert answer == 200


def test_every_processor_can_be_drawn_and_taken(standing) -> None:
    """Sliders of the declarations of the whole rack; the defaults are taken by the server."""
    told = standing.evaluate(
        """async () => {
          const { catalogue } = await import("/static/api.js");
          const { fields } = await import("/static/fields.js");
          const wrong = [];
          for (const { name, settings } of await catalogue("processors")) {
            const own = settings.filter((row) => !row.name.includes("."));
            const values = Object.fromEntries(own.map((row) => [row.name, row.default]));
            const drawn = fields(settings, values, () => {});
            if (drawn.length !== own.length) wrong.push(name);
            const steps = [{ processor: name, settings: values }];
            const answer = await fetch(`/api/projects/${studio.work.id}/preview`, {
              method: "POST", headers: { "content-type": "application/json" },
              body: JSON.stringify({ sound: studio.stage.upload.id, start: 0, end: 441, steps }) });
            if (!answer.ok) wrong.push(await answer.text());
            await answer.arrayBuffer();
          }
          return wrong;
        }"""
    )
    assert told == []


def test_it_changes_its_mind(studio) -> None:
    panel = tab(studio, "change")
    low = panel.locator("input[type=range][data-name=low_db]")
    low.focus()
    low.press("PageUp")
    panel.locator("select[data-name=style]").select_option("pop")
    assert "low" in panel.locator(".actions .note").inner_text()
    n = studio.evaluate("studio.stage.versions.length")
    make = panel.get_by_role("button", name="Make this master")
    make.click()
    until(studio, f"studio.stage.versions.length === {n + 1}")
    until(studio, "studio.desk.version.settings?.style === 'pop'")
    assert studio.evaluate("studio.desk.version.settings.low_db") > 0
    assert studio.evaluate("studio.desk.version.plan.target.tradeoff.length") > 1
    assert panel.locator(".tradeoff .line").count() >= 1


def test_listen_as_a_phone_and_back(studio) -> None:
    panel = tab(studio, "through")
    heard = "studio.player.sounds.get(studio.player.selected).layers.at(-1).base"
    panel.get_by_role("radio", name="Phone The speaker").check(force=True)
    until(studio, f"{heard}.endsWith('?through=phone')")
    studio.keyboard.press("1")
    until(studio, f"studio.player.selected === 'mix' && {heard}.endsWith('?through=phone')")
    panel.get_by_role("radio", name="As it is").check(force=True)
    until(studio, f"!{heard}.includes('through')")


def test_a_finding_is_heard_where_it_is(page, house) -> None:
    project = house.client.project()
    house.client.upload(project, song(4.0))  # its end is cut
    house.client.ready(project)
    page.goto(f"{house.origin}/?project={project}")
    page.wait_for_selector("[data-ready]", state="attached")
    panel = tab(page, "check")
    panel.get_by_role("rowheader", name="Loudness", exact=True).wait_for()
    assert "null" not in panel.inner_text()  # where there is no version yet
    page.locator(".mark").first.wait_for()  # drawn with the next picture
    panel.get_by_role("button", name="Hear The end is cut").click()
    until(page, "studio.player.playing && studio.player.position > 3 * studio.player.rate_hz")
    assert page.evaluate("studio.stage.wave.region.start") > 3 * 44_100


def test_a_version_is_noted_compared_and_shared(studio, house, browser) -> None:
    mix = studio.evaluate("studio.stage.upload.id")
    panel = tab(studio, "versions")
    row = panel.locator("li.row").last
    note = row.get_by_role("textbox", name="Note on")
    note.fill("the first")
    n = studio.evaluate("studio.stage.versions.length")
    house.client.version(house.project, upload=mix, settings={"high_db": 1.0})
    until(studio, f"document.querySelectorAll('#panel-versions li.row').length === {n + 1}")
    studio.keyboard.type(" one")  # what comes meanwhile does not take the pen away
    note.blur()
    until(studio, "studio.work.versions[0].note === 'the first one'")
    row.locator("summary").click()
    row.get_by_role("button", name="Make a link for a client").click()
    address = row.locator("a.share").inner_text()
    context = browser.new_context()
    guest = context.new_page()
    guest.goto(address)
    guest.wait_for_selector("[data-ready]", state="attached")
    guest.keyboard.press("Space")
    until(guest, "player.playing && player.position > 0.2 * player.rate_hz")
    guest.get_by_label("Your name").fill("Ada")
    guest.get_by_label("Comment at the playhead").fill("less cymbal")
    guest.get_by_role("button", name="Comment", exact=True).click()
    guest.get_by_text("Ada: less cymbal").wait_for()
    assert guest.evaluate("fetch('/api/projects').then(({ status }) => status)") == 401
    context.close()
    versions = house.client.get(f"/api/projects/{house.project}/versions").json()
    assert versions[0]["note"] == "the first one"
    studio.reload()
    studio.wait_for_selector("[data-ready]", state="attached")
    row = studio.locator("#panel-versions li.row").last
    row.locator("summary").click()
    row.get_by_text("Ada: less cymbal").wait_for()
    row.get_by_role("button", name="Compare").click()
    compared = studio.get_by_role("region", name="Comparison")
    compared.get_by_role("columnheader", name="Version 1").wait_for()
    assert compared.get_by_role("rowheader", name="High").count() > 0
    row.get_by_role("button", name="Go back to").click()
    until(studio, f"studio.desk.version.id === '{versions[0]['id']}'")
