import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import soundfile

from burnish.processors import RACK
from burnish.processors.equalizer import EXAMPLE as EQUALIZER
from burnish.processors.show import RATE_HZ, play, show, table


def test_a_module_runs_and_leaves_something_to_hear_and_see(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "burnish.processors.equalizer", "--out", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stderr == ""
    assert "kind=high_pass, frequency_hz=30" in said.stdout
    before, rate_hz = soundfile.read(tmp_path / "equalizer.before.wav", always_2d=True)
    after, _ = soundfile.read(tmp_path / "equalizer.after.wav", always_2d=True)
    assert rate_hz == RATE_HZ
    expected = play(EQUALIZER, np.ascontiguousarray(before.T), RATE_HZ)
    assert np.abs(after.T - expected).max() < 1e-6
    assert (tmp_path / "equalizer.png").read_bytes()[:4] == b"\x89PNG"


def test_without_matplotlib_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["show", "--out", str(tmp_path)])
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    show(EQUALIZER)
    assert "plot: not drawn, matplotlib is not installed" in capsys.readouterr().out
    assert (tmp_path / "equalizer.after.wav").is_file()
    assert not (tmp_path / "equalizer.png").exists()


@pytest.mark.parametrize("name", RACK)
def test_the_table_has_every_setting(name: str) -> None:
    module = import_module(f"burnish.processors.{RACK[name][0]}")
    processor = getattr(module, RACK[name][1])()
    for declared in processor.declared():
        assert f"  {declared.name} " in table(processor)
        assert declared.help in table(processor)
