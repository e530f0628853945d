"""docs/ddp.md tells what happens."""

import re
from pathlib import Path

import pytest

from burnish.apps.cli import main

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ddp.md").read_text(encoding="utf-8")


def test_its_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    warning, table = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    exec(compile(code, "ddp.md", "exec"), {})
    assert capsys.readouterr().out == warning
    assert main(["ddp", "info", "ddp"]) == 0
    said = "".join(line.rstrip() + "\n" for line in capsys.readouterr().out.splitlines())
    assert said == table
    assert main(["ddp", "verify", "ddp"]) == 0
    assert capsys.readouterr().out == "ddp: pass: nothing is wrong with it\n"
