"""The studio in a window of its own: by a stand-in for pywebview, and where there is none."""

import sys
import threading
import types
from pathlib import Path
from typing import Any

import httpx
import pytest

from burnish.apps.cli import main

FREE = ["studio", "--native", "--port", "0"]


def test_a_window_opens_and_the_studio_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, Any] = {}

    def create_window(title: str, url: str, **size: int) -> None:
        seen.update(title=title, url=url)

    def start() -> None:  # returns when the window is closed
        answer = httpx.get(seen["url"], follow_redirects=True)
        seen["page"] = answer.text
        seen["main"] = threading.current_thread().name

    webview = types.SimpleNamespace(create_window=create_window, start=start)
    monkeypatch.setitem(sys.modules, "webview", webview)
    assert main([*FREE, "--data", str(tmp_path / "data")]) == 0
    assert seen["title"] == "burnish studio"
    assert "/static/studio.js" in seen["page"]
    assert seen["main"] == "MainThread"
    assert seen["url"] in capsys.readouterr().out
    with pytest.raises(httpx.ConnectError):
        httpx.get(seen["url"])


def test_without_pywebview_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "webview", None)
    assert main([*FREE, "--data", str(tmp_path / "data")]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("burnish: extra-missing: native: needs pywebview")
    assert said.err.count("\n") == 1
    assert not said.out
    assert not (tmp_path / "data").exists()


def test_without_a_screen_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start() -> None:
        raise RuntimeError("You must have either QT or GTK with Python extensions installed")

    webview = types.SimpleNamespace(create_window=lambda *_, **__: None, start=start)
    monkeypatch.setitem(sys.modules, "webview", webview)
    assert main([*FREE, "--data", str(tmp_path / "data")]) == 2
    assert "burnish: native: native: no window can be opened: You must" in capsys.readouterr().err
