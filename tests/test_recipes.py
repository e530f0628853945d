"""The recipes of CONTRIBUTING.md work as they stand."""

import re
import tomllib
from pathlib import Path

import numpy as np

from burnish.processors import Processor
from burnish.targets import Delivery, Style

PAGE = (Path(__file__).resolve().parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_processor() -> None:
    names: dict[str, object] = {"__name__": "polarity"}
    exec(compile(blocks("python")[0], "CONTRIBUTING.md", "exec"), names)
    kind = names["Polarity"]
    assert isinstance(kind, type)
    assert issubclass(kind, Processor)
    noise = np.random.default_rng(1).standard_normal((2, 100))
    assert kind().is_neutral
    assert np.array_equal(kind().start(44100, 2).process(noise), noise)
    assert np.array_equal(kind(inverted=True).start(44100, 2).process(noise), -noise)


def test_the_rule() -> None:
    names: dict[str, object] = {"__name__": "headroom"}
    exec(compile(blocks("python")[1], "CONTRIBUTING.md", "exec"), names)
    assert callable(names["advise"])


def test_the_style_and_the_delivery() -> None:
    style, delivery = (tomllib.loads(block) for block in blocks("toml"))
    assert Style(name="mine", **style).loudness.aim_lufs == -9.5
    assert Delivery(name="mine", **delivery).loudness_is == "playback"
