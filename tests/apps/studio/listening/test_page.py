"""The page as somebody hears, sees and works it: real time, keyboard only, axe, three widths."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RATE_HZ = 44_100
SECONDS = 24


def song() -> np.ndarray:
    """Chords, a kick and a hat: something to look at."""
    rng = np.random.default_rng(8)
    t = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    beat = t % 0.5
    form = np.interp(t, (0, 4, 4.1, 12, 12.1, 20, 20.1, 24), (0.25, 0.35, 0.7, 0.7, 1, 1, 0.4, 0.1))
    kick = np.sin(2 * np.pi * (50 * beat + 8 * (1 - np.exp(-beat * 25)))) * np.exp(-7 * beat)
    hat = rng.standard_normal((2, len(t))) * np.exp(-40 * (t % 0.25)) * 0.05
    root = 55.0 * 2.0 ** (np.array((0, 5, 3, 7))[(t // 2).astype(int) % 4] / 12)
    chord = np.zeros((2, len(t)))
    for k, ratio in enumerate((1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48)):
        phase = 2 * np.pi * np.cumsum(root * ratio) / RATE_HZ
        sway = np.array((0.7 + 0.3 * np.sin(t + k), 0.7 - 0.3 * np.sin(t + k)))
        chord += sway * np.sin(phase) * 0.3 / ratio**0.7
    return 0.32 * form * (0.7 * kick + chord * (0.6 + 0.4 * np.minimum(1, 6 * beat)) + hat)


def overview(samples: np.ndarray) -> dict[str, Any]:
    """Extremes of all channels in bins of 512 samples, as the waveform takes them."""
    bins = samples[:, : samples.shape[1] // 512 * 512].reshape(len(samples), -1, 512)
    low, high = bins.min(axis=(0, 2)), bins.max(axis=(0, 2))
    return {"samples_per_point": 512, "low": low.tolist(), "high": high.tolist()}


@pytest.fixture(scope="module")
def demo(sounds) -> Any:
    mix = song()
    master = np.tanh(3.2 * mix) * 0.89
    warm = np.tanh(2.6 * mix + 0.15) * 0.85
    t = np.arange(SECONDS * 48_000) / 48_000
    other = [np.interp(t, np.arange(mix.shape[1]) / RATE_HZ, row) for row in mix]
    at = {"confidence": 0.9, "frequency_hz": None, "detail": "", "size": 1.4}
    rows = {"mix": mix, "master": master, "warm": warm, "reference": np.array(other)}
    sounds.page = {
        "overviews": {name: overview(row) for name, row in rows.items()},
        "sounds": [
            sounds.put("mix", RATE_HZ, mix, "Mix"),
            sounds.put("master", RATE_HZ, master, "Master"),
            sounds.put("warm", RATE_HZ, warm, "Master, warmer"),
            sounds.put("reference", 48_000, np.tanh(2.0 * np.array(other)), "Reference"),
        ],
        "findings": [
            at
            | {
                "code": "harsh",
                "severity": "warn",
                "title": "Harsh cymbals around 8 kHz",
                "advice": "Try 2 dB less there from 0:04 to 0:06.",
                "times_s": [[4.0, 6.0], [12.2, 13.0]],
            },
            at
            | {
                "code": "click",
                "severity": "info",
                "title": "A click in the left channel",
                "advice": "Mend it in the mix.",
                "times_s": [[12.5, 12.51], [18.0, 18.01]],
            },
            at
            | {
                "code": "clipped",
                "severity": "fail",
                "title": "Clipped to pieces",
                "advice": "Print the mix again with 6 dB of room.",
                "times_s": [[20.0, 20.4]],
            },
        ],
        "corridor": {
            "name": "half of all pop records",
            "edges_hz": [35, 148, 392, 795, 1458, 2550, 4349, 7314, 12199, 20000],
            "low_db": [3, 2, 1, -1, -3, -6, -8, -11, -16],
            "high_db": [9, 6, 4, 2, 1, -1, -3, -5, -9],
        },
    }
    return sounds


@pytest.fixture
def studio(page, demo) -> Any:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(demo.url)
    page.wait_for_selector("[data-ready]", state="attached")
    page.wait_for_timeout(100)
    return page


def until(studio: Any, true: str) -> None:
    """Wait for an expression; the page's policy forbids Playwright's own way, which is eval."""
    for _ in range(1200):
        if studio.evaluate(true):
            return
        time.sleep(0.05)
    raise AssertionError(f"never came true: {true}")


LOUDEST = """async (ms) => {
  const ear = new AnalyserNode(player.context, { fftSize: 2048 });
  player.output.connect(ear);
  const values = new Float32Array(2048);
  let top = 0;
  for (const until = performance.now() + ms; performance.now() < until; ) {
    ear.getFloatTimeDomainData(values);
    for (const value of values) top = Math.max(top, Math.abs(value));
    await new Promise((done) => setTimeout(done, 10));
  }
  player.output.disconnect(ear);
  return top;
}"""


def test_space_plays_and_an_analyser_hears_it(studio) -> None:
    assert studio.evaluate(LOUDEST, 150) == 0.0
    studio.keyboard.press("Space")
    until(studio, "player.playing && player.position > 0.3 * player.rate_hz")
    assert studio.evaluate(LOUDEST, 600) > 0.01
    until(studio, "meters.reading.momentary_lufs > -40")
    bar = studio.get_by_role("meter", name="Momentary")
    assert -40.0 < float(bar.get_attribute("aria-valuenow")) < 0.0
    studio.keyboard.press("Space")
    until(studio, "!player.playing")
    until(studio, f"({LOUDEST})(150).then((top) => top === 0)")


def test_a_switch_while_it_plays_does_not_move_the_position(studio) -> None:
    """On the audio thread's own clock: position less time stays what it was, to the sample."""
    moved = studio.evaluate(
        """async () => {
          const notes = [];
          player.deck.port.addEventListener("message", ({ data }) => {
            const { moving, playing, position, time_s } = data;
            if (moving && playing) notes.push(position - time_s * player.rate_hz);
          });
          await player.loaded();
          await player.play();
          for (const name of ["master", "reference", "warm", "mix"]) {
            await new Promise((done) => setTimeout(done, 150));
            player.select(name);
          }
          await new Promise((done) => setTimeout(done, 150));
          const settled = notes.slice(5);
          return { n: settled.length, spread: Math.max(...settled) - Math.min(...settled) };
        }"""
    )
    assert moved["n"] > 10
    assert moved["spread"] <= 128 + 1  # a report is made within a quantum: 2.9 ms of 128 samples


def test_quick_steps_add_up(studio) -> None:
    """What the deck says of before a seek is not taken for where the player is."""
    there = studio.evaluate(
        """async () => {
          const wait = (ms) => new Promise((done) => setTimeout(done, ms));
          const there = [];
          for (let k = 0; k < 3; k++, await wait(20)) {
            player.seek(0);
            const late = { position: 0, playing: false, time_s: 0, n_done: 0 };
            player.seek(player.position + 5 * 44100);
            player.deck.port.onmessage({ data: late }); // posted before the seek was heard of
            player.seek(player.position + 44100);
            there.push(player.position / 44100);
          }
          return there;
        }"""
    )
    assert there == [6.0] * 3


def test_a_changed_preview_is_heard_while_the_loop_plays(studio) -> None:
    heard = studio.evaluate(
        """async () => {
          player.loop = { start: 5 * 44100, end: 7 * 44100 };
          await player.loaded();
          await player.play();
          await new Promise((done) => setTimeout(done, 500));
          const ear = new AnalyserNode(player.context, { fftSize: 256 });
          player.output.connect(ear);
          const values = new Float32Array(256);
          const part = new Float32Array(2 * 44100); // black: nothing else is so silent
          const until = performance.now() + 20_000; // how soon: make bench
          player.replace("mix", { id: "1", start: 5 * 44100, channels: [part, part] });
          do {
            await new Promise((done) => setTimeout(done, 5));
            ear.getFloatTimeDomainData(values);
          } while (values.some((value) => value !== 0) && performance.now() < until);
          return values.every((value) => value === 0) && player.playing;
        }"""
    )
    assert heard


def test_all_by_keyboard(studio) -> None:
    press = studio.keyboard.press
    for key, name in (("2", "master"), ("3", "warm"), ("1", "mix"), ("ArrowDown", "master")):
        press(key)
        assert studio.evaluate("player.selected") == name
    assert studio.get_by_role("radio", name="Master", exact=False).first.is_checked() is True
    press("ArrowRight")
    press("Shift+ArrowRight")
    until(studio, "player.position === 6 * 44100")
    press("ArrowLeft")
    until(studio, "player.position === 1 * 44100")

    def tab_to(label: str) -> None:
        for _ in range(40):
            press("Tab")
            focused = "document.activeElement.getAttribute('aria-label') ?? ''"
            if studio.evaluate(focused).startswith(label):
                return
        raise AssertionError(f"the Tab key never comes to {label}")

    tab_to("Harsh cymbals")
    press("Enter")
    assert "2 dB less" in studio.get_by_role("status").first.inner_text()
    assert studio.evaluate("wave.region") == {"start": 4 * RATE_HZ, "end": 6 * RATE_HZ}
    press("l")
    assert studio.evaluate("player.loop") == {"start": 4 * RATE_HZ, "end": 6 * RATE_HZ}
    tab_to("Region end")
    press("ArrowRight")
    assert studio.evaluate("player.loop.end") == round(6 * RATE_HZ + SECONDS * RATE_HZ / 50)
    press("l")
    assert studio.evaluate("player.loop") is None
    press("+")
    assert studio.evaluate("wave.view.end - wave.view.start") == SECONDS * RATE_HZ / 2
    tab_to("Playhead")
    press("Home")
    until(studio, "player.position === 0")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert studio.evaluate(outline) == "solid"


def test_the_blind_test_hides_and_counts(studio) -> None:
    studio.keyboard.press("2")
    studio.keyboard.press("b")
    assert studio.get_by_role("radio").count() == 0
    assert not studio.locator("#meters").is_visible()
    for _ in range(5):
        right = studio.evaluate("controls.abx.sound('x') === 'mix' ? 'A' : 'B'")
        studio.keyboard.press("3")
        studio.get_by_role("button", name=f"X is {right}").click()
    said = studio.locator(".score").inner_text()
    assert said == "Right. 5 of 5 right. By guessing: 3.1 %."
    studio.keyboard.press("b")
    assert studio.get_by_role("radio").count() == 4
    studio.keyboard.press("Space")  # the button with the focus has gone: nobody answers by it
    until(studio, "player.playing")


def test_the_mouse_seeks_selects_and_zooms(studio) -> None:
    box = studio.locator(".surface").bounding_box()
    middle = box["y"] + box["height"] / 2
    studio.mouse.click(box["x"] + box["width"] / 2, middle)
    until(studio, "Math.abs(player.position / player.rate_hz - 12) < 0.05")
    studio.mouse.move(box["x"] + box["width"] / 4, middle)
    studio.mouse.down()
    studio.mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    studio.mouse.up()
    region = studio.evaluate("wave.region")
    assert [region["start"] / RATE_HZ, region["end"] / RATE_HZ] == pytest.approx([6, 12], abs=0.05)
    studio.mouse.wheel(0, -100)
    until(studio, "wave.view.end - wave.view.start < 0.8 * player.n_samples")
    view = studio.evaluate("wave.view")
    middle_s = (view["start"] + 0.5 * (view["end"] - view["start"])) / RATE_HZ
    assert middle_s == pytest.approx(12, abs=0.1)  # what the pointer is on stays under it


def test_nobody_is_shut_out_and_nothing_sticks_out(studio, tmp_path) -> None:
    """Set BURNISH_SCREENSHOTS to a folder to keep what is seen."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    kept = os.environ.get("BURNISH_SCREENSHOTS")
    studio.keyboard.press("2")
    studio.evaluate("wave.select({ start: 6 * 44100, end: 10 * 44100 }); player.seek(7 * 44100)")
    studio.keyboard.press("l")
    studio.evaluate("player.play()")
    until(studio, "meters.spectrum !== null && meters.reading.short_term_lufs > -40")
    studio.evaluate("player.pause()")
    for name in ("listening", "blind"):
        if name == "blind":
            studio.keyboard.press("b")
        for width in (1440, 1024, 390):
            studio.set_viewport_size({"width": width, "height": 900})
            until(studio, "document.documentElement.scrollWidth <= innerWidth")
            for scheme in ("light", "dark") if kept or width == 1024 else ():
                studio.emulate_media(color_scheme=scheme)
                if kept:
                    shot = Path(kept) / f"{name}-{width}-{scheme}.png"
                    studio.screenshot(path=shot, full_page=True)
                found = axe.Axe().run(studio).response["violations"]
                serious = [one for one in found if one["impact"] in ("serious", "critical")]
                where = [(one["id"], [n["html"] for n in one["nodes"]]) for one in serious]
                assert not serious, where
