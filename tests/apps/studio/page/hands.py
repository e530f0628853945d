"""How the tests work a page: wait for it, open a tab, and listen."""

import time
from typing import Any

PLAYS = "studio.player.playing && studio.player.position > 0.1 * studio.player.rate_hz"
"""It is heard that it plays."""
ALONE = "studio.player.sounds.get(studio.player.selected).layers.length === 1"
"""What is heard has come, and nothing is left under it."""
TABS = ("change", "steps", "through", "check", "versions", "mixes", "album", "jobs")

LOUDEST = """async (ms) => {
  const { player } = studio;
  const ear = new AnalyserNode(player.context, { fftSize: 2048 });
  player.output.connect(ear);
  const values = new Float32Array(2048);
  let sum = 0, n = 0;
  for (const until = performance.now() + ms; performance.now() < until; ) {
    ear.getFloatTimeDomainData(values);
    for (const value of values) { sum += value * value; n += 1; }
    await new Promise((done) => setTimeout(done, 10));
  }
  player.output.disconnect(ear);
  return Math.sqrt(sum / n);
}"""


def until(page: Any, true: str, seconds: float = 60.0) -> None:
    """Wait for an expression; the page's policy forbids Playwright's own way, which is eval."""
    limit = time.monotonic() + seconds
    while not page.evaluate(true):
        if time.monotonic() > limit:
            raise AssertionError(f"never came true: {true}; said: {page.inner_text('#said')}")
        time.sleep(0.05)


def tab(page: Any, name: str) -> Any:
    page.click(f"#tab-{name}")
    return page.locator(f"#panel-{name}")


def serious(page: Any, context: str | None = None) -> list[Any]:
    """What axe-core has against a page, or a part of it, that shuts somebody out."""
    import pytest

    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, context=context).response["violations"]
    return [
        (one["id"], [node["html"] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
