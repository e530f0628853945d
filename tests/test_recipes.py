"""The recipes of CONTRIBUTING.md work as they stand."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile

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


def test_the_manual_of_the_command_line_is_current() -> None:
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", "import make_cli_page; print(make_cli_page.page(), end='')"],
        cwd=root / "tools",
        capture_output=True,
        text=True,
        check=True,
    )
    current = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    assert done.stdout == current, "run: python tools/make_cli_page.py docs/cli.md"


def test_the_python_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).resolve().parent.parent
    text = (root / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[0]
    samples, rate_hz = soundfile.read(root / "examples" / "song1_excerpt.flac", frames=96_000)
    soundfile.write(tmp_path / "mix.wav", samples, rate_hz, subtype="PCM_24")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "master.wav").is_file()
    assert (tmp_path / "again.wav").is_file()
