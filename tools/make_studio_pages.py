"""Take the pictures of docs/studio.md: every view of the studio, at work on the example song.

    python tools/make_studio_pages.py docs/studio

Needs playwright and Chromium. All that is heard and seen is ours: the example of `burnish demo`,
and the same at two other speeds, so that there is an album. The pictures lose colours, to be small.
"""

import io
import shutil
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import httpx
import numpy as np
import soundfile
from PIL import Image
from playwright.sync_api import Page, sync_playwright

import burnish.apps

SONG = Path(burnish.apps.__file__).parent / "cli" / "example" / "song1_excerpt.flac"
TOKEN = "only-for-these-pictures-0123456789"
COLOURS = 96
SERVE = (
    "import sys; from burnish.apps.studio.serve import serve;"
    "from burnish.apps.studio.settings import StudioSettings as S;"
    f"serve(S(data=sys.argv[1], port=0, token='{TOKEN}', workers=2), lambda at: print(at, flush=1))"
)
CODES = ("DEA012600001", "DEA012600002", "DEA012600003")


@contextmanager
def studio() -> Iterator[str]:
    """A studio of its own; gives its address."""
    with tempfile.TemporaryDirectory() as data:
        process = Popen([sys.executable, "-c", SERVE, data], stdout=PIPE, text=True)
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait()


def at_speed(speed: float) -> bytes:
    """The example, played faster or slower."""
    samples, rate_hz = soundfile.read(SONG, always_2d=True)
    at = np.arange(int(len(samples) / speed)) * speed
    rows = [np.interp(at, np.arange(len(samples)), channel) for channel in samples.T]
    out = io.BytesIO()
    soundfile.write(out, np.stack(rows, axis=1), rate_hz, "PCM_24", format="WAV")
    return out.getvalue()


def cover(width: int = 3000) -> bytes:
    """Artwork: a light over water, in few colours, as a PNG."""
    y, x = np.mgrid[0:width, 0:width] / width
    sky = np.where(np.hypot(x - 0.5, y - 0.36) < 0.13, 4, np.minimum(3, (y * 6).astype(int)))
    glint = 2 * np.exp(-60 * (x - 0.5) ** 2)
    wave = np.sin(x * 9 + y * 60) + np.sin(x * 23 - y * 38) > 0.9 - glint
    drawn = np.where(y > 0.55, np.where(wave, 5, 6), sky).astype(np.uint8)
    palette = bytes.fromhex("2b2a33 3f3440 6b4148 a8593f f6d9a4 e58a5f 1d2530")
    colours = np.frombuffer(palette, np.uint8).reshape(-1, 3)
    rows = b"".join(b"\0" + colours[row].tobytes() for row in drawn)
    head = struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


class Asks:
    """What is in the pictures, asked of the API."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.project = self.post("/projects", {"name": "Harbour Lights"})["id"]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/api{path}", json=body).raise_for_status().json()

    def get(self, path: str = "") -> Any:
        return self.client.get(f"/api/projects/{self.project}{path}").raise_for_status().json()

    def own(self, path: str, body: dict[str, Any]) -> Any:
        return self.post(f"/projects/{self.project}{path}", body)

    def upload(self, data: bytes, **query: str) -> str:
        path = f"/api/projects/{self.project}/uploads"
        answer = self.client.post(path, params=query, content=data).raise_for_status()
        return str(answer.json()["id"])

    def quiet(self) -> None:
        """When nothing runs any more."""
        ended = ("done", "failed", "cancelled")
        for _ in range(2):
            while not all(one["state"] in ended for one in self.get("/jobs")):
                time.sleep(0.2)
            time.sleep(0.5)

    def fill(self) -> str:
        """A song with two versions, a comment and a reference; an album. Gives a share link."""
        mix = self.upload(SONG.read_bytes(), name="harbour lights.flac", master="true")
        ferry = self.upload(at_speed(0.89), name="night ferry.wav")
        water = self.upload(at_speed(1.12), name="slack water.wav")
        self.upload(at_speed(1.06), name="last year's single.wav", kind="reference")
        art = self.upload(cover(), name="cover.png", kind="artwork")
        self.quiet()
        louder = {"style": "pop", "loudness_lufs": -10.0, "low_db": 0.8, "warmth": 0.3}
        note = "Half a dB more bass, and warmer. The client's favourite so far."
        self.own("/versions", {"upload": mix, "settings": louder, "note": note})
        self.quiet()
        second = self.get("/versions")[1]
        self.own(
            f"/versions/{second['id']}/comments", {"text": "the chorus opens now", "at_s": 8.1}
        )
        share = str(self.own(f"/versions/{second['id']}/shares", {})["page"])
        tracks = [
            {"file": file, "title": title, "isrc": code, **more}
            for file, title, code, more in zip(
                (mix, ferry, water),
                ("Harbour Lights", "Night Ferry", "Slack Water"),
                CODES,
                (
                    {},
                    {"gap_s": 1.5, "fade_in": {"length_s": 1.5, "curve": "s-curve"}},
                    {"crossfade_s": 4.0, "fade_out": {"length_s": 5.0, "curve": "exponential"}},
                ),
                strict=True,
            )
        ]
        told = {"artist": "burnish", "label": "Example", "upc": "036000291452", "genre": "Pop"}
        release = {"title": "Harbour Lights", **told, "date": "2026-11-20", "artwork": art}
        album = self.own("/albums", {"release": {**release, "tracks": tracks}})
        self.own(f"/albums/{album['id']}/deliveries", {"to": ["spotify", "cd"]})
        self.quiet()
        return share


PLAY = """async () => {
  const { player, stage } = studio;
  const rate = player.rate_hz;
  stage.wave.select({ start: 8 * rate, end: 12 * rate });
  stage.wave.toggleLoop();
  player.seek(8.2 * rate);
  await player.loaded();
  await player.play();
  await new Promise((done) => setTimeout(done, 3400));
}"""


def pictures(page: Page, origin: str, project: str, share: str, keep: Callable[..., None]) -> None:
    """Every view; the meters at work."""
    page.wait_for_selector(".shelf")
    keep("first", 780)
    page.goto(f"{origin}/?project={project}")
    page.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
    page.wait_for_timeout(1000)
    page.evaluate(PLAY)
    for name in ("change", "steps", "through", "check", "versions", "mixes", "jobs"):
        page.click(f"#tab-{name}")
        if name in ("steps", "versions"):
            page.locator(f"#panel-{name} summary").first.click()
        page.wait_for_timeout(400)
        keep(name, 1180)
    page.keyboard.press("b")
    page.wait_for_timeout(300)
    keep("blind", 620)
    page.keyboard.press("b")
    page.evaluate("studio.player.pause()")
    page.click("#tab-album")
    page.wait_for_timeout(800)
    keep("album", part=".sequence")
    keep("delivery", part=".delivered")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.click("#tab-change")
    page.wait_for_timeout(600)
    keep("phone", 1240)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    page.goto(origin + share)
    page.wait_for_selector("[data-ready]", state="attached")
    page.wait_for_timeout(800)
    keep("share", 720)


def main(folder: str) -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
    with studio() as address, sync_playwright() as running:
        origin = address.partition("/?")[0]
        bearer = {"authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=origin, headers=bearer, timeout=120) as client:
            asks = Asks(client)
            share = asks.fill()
        browser = running.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")

        def keep(name: str, height: int = 0, part: str = "") -> None:
            page.evaluate("scrollTo(0, 0)")
            if part:
                shot = page.locator(part).first.screenshot()
            else:
                size = page.viewport_size or {"width": 1280, "height": 800}
                page.set_viewport_size({**size, "height": height})
                page.wait_for_timeout(150)
                shot = page.screenshot()
                page.set_viewport_size(size)
            image = Image.open(io.BytesIO(shot)).convert("RGB")
            image = image.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            image.save(out / f"{name}.png", optimize=True)
            print(f"{name}.png {(out / f'{name}.png').stat().st_size >> 10} kB")

        page.goto(address)
        pictures(page, origin, asks.project, share, keep)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
