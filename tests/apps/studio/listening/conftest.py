"""A page with the listening engine in a real browser, and a server of synthetic sounds."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

import burnish.apps
from burnish.audio import Audio
from burnish.measure import measure

HERE = Path(__file__).parent
STATIC = Path(burnish.apps.__file__).parent / "studio" / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; worker-src 'self'"
)
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Sounds:
    """What the server has, by name. Samples are (channels, samples)."""

    url: str = ""
    held: dict[str, tuple[int, Floats]] = field(default_factory=dict)
    page: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, rate_hz: int, samples: Floats, label: str = "", **info: Any) -> Any:
        """Hold a sound; returns how a page is told of it."""
        self.held[name] = (rate_hz, samples)
        if not info:
            found = measure(Audio(np.ascontiguousarray(samples), rate_hz))
            info = {
                "loudness_lufs": found.loudness.integrated_lufs,
                "true_peak_dbtp": found.peaks.true_peak_dbtp,
            }
        info |= {"rate_hz": rate_hz, "channels": len(samples), "n_samples": samples.shape[1]}
        return {"name": name, "label": label or name, "base": f"/sounds/{name}", "info": info}


class _Answers(BaseHTTPRequestHandler):
    sounds: Sounds

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        parts = asked.path.strip("/").split("/")
        if parts[0] == "sounds":
            _, samples = self.sounds.held[parts[1]]
            start, count = (int(parse_qs(asked.query)[key][0]) for key in ("start", "count"))
            piece = samples[:, start : start + count].T
            self._say(
                np.ascontiguousarray(piece, dtype="<f4").tobytes(), "application/octet-stream"
            )
        elif parts[0] == "demo.json":
            self._say(json.dumps(self.sounds.page).encode(), "application/json")
        else:
            folder = STATIC if parts[0] == "static" else HERE
            path = folder / (parts[-1] or "demo.html")
            if path.is_file():
                self._say(path.read_bytes(), TYPES[path.suffix])
            else:
                self.send_error(404)

    def _say(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def sounds() -> Iterator[Sounds]:
    held = Sounds()
    answers = type("Answers", (_Answers,), {"sounds": held})
    with ThreadingHTTPServer(("127.0.0.1", 0), answers) as server:
        held.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield held
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Any, sounds: Sounds) -> Iterator[Any]:
    """An empty page of the server; an error in it is a failure of the test."""
    opened = browser.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    opened.goto(f"{sounds.url}/blank.html")
    yield opened
    opened.close()
    assert not errors


RENDER = """async ({ sounds, seconds, meter }) => {
  const script = [SCRIPT];
  const { Player } = await import("/static/player.js");
  const rate = sounds[0].info.rate_hz;
  const context = new OfflineAudioContext(2, Math.round(seconds * rate), rate);
  const player = await Player.open(sounds, { context });
  const readings = [];
  if (meter) {
    const { Meters } = await import("/static/meters.js");
    const meters = await Meters.open(player, null);
    const plain = ({ mid, side }) => ({ mid: [...mid], side: [...side] });
    meters.addEventListener("reading", ({ detail }) =>
      readings.push({ ...detail, spectrum: meters.spectrum && plain(meters.spectrum) }));
  }
  const failed = [];
  for (const [at_s, act] of script)
    context.suspend(at_s).then(async () => {
      await act(player).catch((error) => failed.push(error));
      await player.loaded();
      context.resume();
    });
  const rendered = await context.startRendering();
  if (failed.length) throw failed[0];
  await new Promise((done) => setTimeout(done, 100));
  const bytes = (channel) => {
    const view = new Uint8Array(rendered.getChannelData(channel).buffer);
    let text = "";
    for (let k = 0; k < view.length; k += 32768)
      text += String.fromCharCode(...view.subarray(k, k + 32768));
    return btoa(text);
  };
  const numbers = (key, value) => (value === -Infinity ? "-inf" : value);
  return { channels: [bytes(0), bytes(1)], readings: JSON.stringify(readings, numbers) };
}"""


@dataclass(frozen=True)
class Rendered:
    """What an offline render of the player's graph gave, and what its meter said."""

    samples: Floats
    readings: list[dict[str, Any]]


@pytest.fixture
def render(page: Any) -> Callable[..., Rendered]:
    """Play sounds in an OfflineAudioContext; the script says at which time what is done."""

    def run(sounds: list[Any], script: Any, seconds: float, meter: bool = False) -> Rendered:
        acts = ",".join(f"[{at_s}, async (player) => {{ {code} }}]" for at_s, code in script)
        given = {"sounds": sounds, "seconds": seconds, "meter": meter}
        answer = page.evaluate(RENDER.replace("SCRIPT", acts), given)
        rows = [np.frombuffer(base64.b64decode(one), "<f4") for one in answer["channels"]]
        return Rendered(np.array(rows, dtype=np.float64), json.loads(answer["readings"]))

    return run
