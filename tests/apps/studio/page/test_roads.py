"""The studio's other roads: by keyboard alone, references, deltas, an album, jobs that fail."""

import io
import os
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

sys.path.append(str(Path(__file__).parent.parent / "server"))
from studio_of_the_tests import song

from .conftest import of_project
from .hands import ALONE, LOUDEST, PLAYS, TABS, serious, tab, until

# How far in ms a switch moves the position, by the audio thread's own reports.
LATE = """async (name) => {
  const { player } = studio;
  const late = [];
  player.deck.port.addEventListener("message", ({ data }) => {
    if (data.moving) late.push(data.position / player.rate_hz - data.time_s);
  });
  const wait = () => new Promise((done) => setTimeout(done, 300));
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  await wait();
  late.splice(0);
  await wait();
  const before = median(late.splice(0));
  player.select(name);
  await wait();
  return 1000 * Math.abs(median(late.splice(0)) - before);
}"""


# The power of the join that plays; 0: none does.
POWER = """import('/static/join.js').then(({ heard }) => heard === null ? 0 :
  heard.buffer.getChannelData(0).reduce((sum, value) => sum + value * value, 0))"""


def cover(width: int = 1600) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((168, 66, 31)) * width) * width
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_by_keyboard_alone_from_a_folder_to_the_file(page, house) -> None:
    press = page.keyboard.press

    def tab_to(true: str) -> None:
        for _ in range(60):
            press("Tab")
            if page.evaluate(f"(() => {{ const at = document.activeElement; return {true}; }})()"):
                return
        raise AssertionError(f"the Tab key never comes there: {true}")

    page.wait_for_selector(".shelf select")
    tab_to("at.matches('select')")
    tab_to("at.textContent === 'Take it'")
    press("Enter")
    page.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
    project = page.evaluate("studio.work.id")
    assert page.evaluate("studio.stage.upload.name") == "picked.flac"
    until(page, "studio.desk.version !== null && studio.player.selected === studio.desk.name")
    press("Space")
    until(page, PLAYS)
    press("1")
    assert page.evaluate("studio.player.selected") == "mix"
    press("Space")
    tab_to("at.id === 'tab-change'")
    press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-steps"
    tab_to("at.matches('#panel-steps summary')")
    press("Enter")  # the first step opens
    tab_to("at.matches('#panel-steps input[type=range]')")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    press("End")
    assert page.evaluate("studio.desk.canUndo")
    press("Control+z")
    assert not page.evaluate("studio.desk.isEdited")
    page.evaluate("document.querySelector('#tab-steps').focus()")
    for _ in range(3):
        press("ArrowRight")
    tab_to("at.textContent === 'Master' && at.closest('#panel-versions')")
    with page.expect_download() as coming:
        press("Enter")
    assert coming.value.suggested_filename.endswith(".wav")
    # A new master is asked for, and not wanted any more.
    asked = {"upload": page.evaluate("studio.stage.upload.id"), "settings": {"low_db": 2.5}}
    house.client.post(f"/api/projects/{project}/versions", json=asked).raise_for_status()
    tab(page, "jobs").get_by_role("button", name="Cancel: Master").first.click()
    page.locator(".job[data-state=cancelled]").wait_for()
    assert page.evaluate("studio.work.versions.length") == 1
    page.goto(house.origin)
    house.client.delete(f"/api/projects/{project}")


def test_a_reference_is_heard_beside_the_master(studio, house) -> None:
    files = {"name": "like this.wav", "mimeType": "audio/wav", "buffer": song(8.0)}
    tab(studio, "mixes").locator("input[type=file]").last.set_input_files(files)
    name = "[...studio.player.names].find((one) => one.startsWith('r/'))"
    until(studio, f"{name} !== undefined")
    reference = studio.evaluate(name)
    until(studio, f"studio.player.sounds.get('{reference}').info.loudness_lufs !== null")
    mine = studio.evaluate("studio.desk.name")
    gains = studio.evaluate(
        f"""['{reference}', '{mine}'].map((one) =>
              studio.player.sounds.get(one).info.loudness_lufs + studio.player.gain_db(one))"""
    )
    assert gains[0] == pytest.approx(gains[1], abs=0.2)
    studio.evaluate("studio.player.play()")
    until(studio, PLAYS)
    assert studio.evaluate(LATE, reference) < 1.0
    assert studio.evaluate(LOUDEST, 300) > 0.005
    # What is deleted is not asked for any more; the page would say that it is not there.
    tab(studio, "mixes").get_by_role("button", name="Delete like this.wav").click()
    until(studio, f"!studio.player.names.includes('{reference}')")
    assert studio.evaluate("studio.player.selected") == "mix"


def test_what_a_step_and_a_codec_take_away_is_heard_alone(studio) -> None:
    studio.evaluate(
        """(() => { const { player, stage } = studio;
          stage.wave.select({ start: 5 * player.rate_hz, end: 7 * player.rate_hz });
          stage.wave.toggleLoop(); player.select(studio.desk.name); player.play(); })()"""
    )
    until(studio, PLAYS)
    whole = studio.evaluate(LOUDEST, 500)
    panel = tab(studio, "steps")
    studio.evaluate("globalThis.n = 0; studio.desk.addEventListener('heard', () => { n += 1; })")
    alone = panel.get_by_role("button", name="Hear what Equalizer takes away").first
    alone.click()
    until(studio, "n > 0")
    assert alone.get_attribute("aria-pressed") == "true"
    assert 0.0 < studio.evaluate(LOUDEST, 500) < 0.7 * whole
    alone.click()
    until(studio, "studio.desk.delta === null")
    panel = tab(studio, "through")
    group = panel.get_by_role("group", name="Only what a codec takes away")
    group.get_by_role("radio", name="mp3-128").check(force=True)
    base = "studio.player.sounds.get(studio.player.selected).layers.at(-1).base"
    until(studio, f"{base}.endsWith('?through=mp3-128&removed=true') && {ALONE}")
    studio.wait_for_timeout(200)
    assert 0.0 < studio.evaluate(LOUDEST, 500) < 0.5 * whole


@pytest.fixture(scope="module")
def two_songs(house: Any) -> str:
    """A project of two short mixes."""
    project = house.client.project()
    for seconds in (5.0, 6.0):
        house.client.upload(project, song(seconds), name=f"of {seconds:g} s.wav")
    house.client.ready(project)
    return str(project)


def test_an_album_is_made_heard_delivered_and_found_again(page, house, two_songs, tmp_path) -> None:
    of_project(page, house, two_songs)
    panel = tab(page, "album")
    assert panel.locator(".empty").count() == 1
    panel.get_by_role("textbox", name="Title of a new album").fill("Two Songs")
    panel.get_by_role("button", name="New album").click()
    add = panel.get_by_role("button", name="Add the song")
    add.wait_for()
    for one in page.evaluate("studio.work.mixes.map(({ id }) => id)"):
        panel.get_by_role("combobox", name="Song to add").select_option(one)
        add.click()
    until(page, "document.querySelectorAll('.lane .clip').length === 2")
    # Order: by buttons and by dragging.
    titles = panel.locator(".track h3")
    first = titles.all_inner_texts()
    panel.locator(".track .down").first.press("Enter")
    assert titles.all_inner_texts() == first[::-1]
    panel.locator(".track").first.drag_to(panel.locator(".track").last)
    assert titles.all_inner_texts() == first
    # Fields: a code, a fade and its curve.
    track = panel.locator(".track").last
    track.locator("summary").click()
    track.locator("[data-name=isrc]").fill("DEA012600002")
    track.locator("[data-name=fade_out_curve]").select_option("linear")
    # The timeline: a gap is drawn to a crossfade, a fade is made by keyboard.
    join = panel.get_by_role("slider", name="Join before")
    assert "gap 2.0 s" in join.get_attribute("aria-valuetext")
    join.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box, lane = join.bounding_box(), panel.locator(".lane").bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 12 - 3.0 / 13.0 * lane["width"], box["y"] + 150, steps=5)
    page.mouse.up()
    fade = panel.get_by_role("slider", name="Fade out of").last
    fade.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    path = f"/api/projects/{two_songs}/albums"
    kept = house.client.until(
        lambda: house.client.get(path).json()[0]["release"]["tracks"],
        lambda tracks: len(tracks) == 2 and tracks[1]["fade_out"]["length_s"] > 0.35,
        20.0,
    )
    second = kept[1]
    assert second["crossfade_s"] == pytest.approx(1.0, abs=0.11)
    assert second["fade_out"] == {"length_s": pytest.approx(0.4), "curve": "linear"}
    drawn = track.locator("[data-name=crossfade_s]").input_value()
    assert float(drawn) == pytest.approx(second["crossfade_s"], abs=0.051)  # the slider's grid
    # The join, from the files; then from the masters, as the delivery has it.
    said = panel.locator(".joined-from")
    assert "from the files as they are" in said.inner_text()
    page.evaluate("studio.player.play()")
    until(page, "studio.player.playing")
    panel.get_by_role("button", name="Hear the join before").click()
    until(page, POWER)
    until(page, "!studio.player.playing")  # one thing is heard
    from_files = page.evaluate(POWER)
    files = {"name": "cover.png", "mimeType": "image/png", "buffer": cover()}
    panel.locator(".cover input[type=file]").set_input_files(files)
    panel.locator(".cover img").wait_for()
    panel.get_by_role("checkbox", name="download").check()
    panel.get_by_role("button", name="Deliver").click()
    link = panel.get_by_role("link", name="Download as zip")
    until(page, "document.querySelector('.delivered a.button')", 240.0)
    mastered = "document.querySelector('.joined-from').innerText.includes('from the masters of')"
    until(page, mastered)  # the page asks for the masters behind the link
    panel.get_by_role("button", name="Hear the join before").click()
    until(page, f"{POWER}.then((now) => now > 2 * {from_files})")
    assert panel.get_by_role("list", name="Checks of download").locator("li").count() > 10
    assert panel.locator(".coherence .spread").count() > 4
    with page.expect_download() as coming:
        link.click()
    coming.value.save_as(tmp_path / "album.zip")
    with zipfile.ZipFile(tmp_path / "album.zip") as archive:
        names = archive.namelist()
        assert any(one.endswith("CHECKLIST.txt") for one in names), names
        (join_file,) = [one for one in names if one.startswith("joins/") and one.endswith(".wav")]
        delivered, rate_hz = soundfile.read(io.BytesIO(archive.read(join_file)))
    heard = page.evaluate(
        """import('/static/join.js').then(({ heard: { buffer } }) =>
             [buffer.sampleRate, [...buffer.getChannelData(0)]])"""
    )
    assert heard[0] == rate_hz
    mine = np.array(heard[1])
    # 5 s and the crossfade before, 5 s behind it: the songs' whole, so both begin at once.
    assert len(mine) == len(delivered)
    assert np.abs(mine - delivered[:, 0]).max() < 2e-6  # 24 bits and their dither
    page.reload()
    page.wait_for_selector("[data-ready]", state="attached")
    assert page.locator(".track [data-name=isrc]").last.input_value() == "DEA012600002"
    until(page, "document.querySelector('.cover img')?.naturalWidth === 1600")
    page.get_by_role("link", name="Download as zip").wait_for()
    until(page, mastered)
    assert serious(page, "#panel-album") == []


def test_a_job_that_failed_says_why_and_one_that_stands_says_so(page, house, standing) -> None:
    project = house.client.project()
    house.client.upload(project, b"this is no sound at all" * 50, name="broken.wav")
    house.client.ready(project)
    page.goto(f"{house.origin}/?project={project}#jobs")
    page.locator(".job[data-state=failed]").wait_for()
    until(page, "document.querySelector('#said').textContent")  # once the page has asked
    said = page.locator(".job[data-state=failed] .state").inner_text()
    assert said == f"failed: {page.locator('#said').inner_text()}"
    page.goto(house.origin)  # a page must not ask for what is gone
    house.client.delete(f"/api/projects/{project}")
    tab(standing, "jobs")
    standing.evaluate(
        """(() => {
          const now = Date.now;
          const of = studio.stage.upload.id;
          const job = { job: "standing", what: "master", of, state: "running", stage: "render",
                        done: 0.4, submitted_at: "2099-01-01", failure: null };
          const tell = () => {
            studio.work.jobs.set(job.job, job);
            studio.work.dispatchEvent(new CustomEvent("job", { detail: job }));
          };
          tell();
          Date.now = () => now() + 45_000;
          Object.assign(globalThis, { move: () => { job.done = 0.5; tell(); } });
        })()"""
    )
    standing.locator(".job[data-stalled]").wait_for()
    state = standing.locator(".jobs .job .state").first
    assert "render, 40 %; has not moved for 4" in state.inner_text()
    standing.evaluate("move()")
    assert state.inner_text() == "render, 50 %"
    assert standing.locator(".job[data-stalled]").count() == 0
    standing.evaluate("studio.work.jobs.delete('standing')")


def test_nobody_is_shut_out_and_nothing_sticks_out(standing, house, browser) -> None:
    """Set BURNISH_SCREENSHOTS to a folder to keep what is seen."""
    kept = os.environ.get("BURNISH_SCREENSHOTS")
    fits = "document.documentElement.scrollWidth <= innerWidth"
    for width, scheme in ((1440, "light"), (1024, "light"), (390, "dark")):
        standing.emulate_media(color_scheme=scheme)
        standing.set_viewport_size({"width": width, "height": 900})
        for name in TABS:
            panel = tab(standing, name)
            if width == 1440:
                for summary in panel.locator("summary").all()[:2]:
                    summary.click()
            until(standing, fits, 2.0)
            if kept:
                shot = Path(kept) / f"{name}-{width}-{scheme}.png"
                standing.screenshot(path=shot, full_page=True)
            if width != 1024:  # what is above the tabs is the same under all of them
                part = None if name == TABS[0] else f"#panel-{name}"
                assert serious(standing, part) == [], (name, width)
    version = standing.evaluate("studio.stage.versions[0].id")
    made = house.client.post(f"/api/projects/{house.project}/versions/{version}/shares").json()
    context = browser.new_context(viewport={"width": 390, "height": 900})
    guest = context.new_page()
    for address in (house.address, f"{house.origin}{made['page']}"):
        guest.goto(address)
        guest.wait_for_selector(
            "[data-ready]" if "share" in address else ".shelf", state="attached"
        )
        for scheme in ("light", "dark"):
            guest.emulate_media(color_scheme=scheme)
            assert serious(guest) == [], (address, scheme)
            assert guest.evaluate(fits)
    context.close()
    house.client.delete(f"/api/projects/{house.project}/versions/{version}/shares/{made['id']}")
