"""``burnish playback`` and ``burnish list devices``, as a shell sees them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from burnish.apps.cli import main
from burnish.processors.show import piece

RATE = 44_100


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    music = piece(RATE, 4.0)
    soundfile.write(path, (0.5 * music / np.abs(music).max()).T, RATE, subtype="PCM_16")
    return path


def test_json_has_its_keys(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(
        ["playback", str(song), "--on", "phone", "car", "--on", "spotify,aac-256", "--json"]
    )
    assert code == 0
    told = json.loads(capsys.readouterr().out)
    assert {"burnish", "file", "original", "devices", "services", "codecs", "findings"} <= set(told)
    assert [one["name"] for one in told["devices"]] == ["phone", "car"]
    phone = told["devices"][0]
    assert {"name", "title", "score", "parts", "sentence", "advice", "lost_bands_hz"} <= set(phone)
    assert len(phone["change_db"]) == len(told["band_hz"])
    taken = sum(part["points"] for part in phone["parts"])
    assert phone["score"] == pytest.approx(100.0 - taken, abs=0.1)
    assert sum(part["of"] for part in phone["parts"]) == 100.0
    service = told["services"][0]
    assert {"gain_db", "loudness_lufs", "true_peak_dbtp", "source", "date"} <= set(service)
    codec = told["codecs"][0]
    assert {"loudness_lufs", "true_peak_dbtp", "bandwidth_hz", "removed_db"} <= set(codec)
    assert [path.name for path in song.parent.iterdir()] == ["song.wav"]


def test_files_and_page(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = song.parent / "out"
    words = ["playback", str(song), "--on", "phone", "--on", "mp3-128", "-o", str(out), "--quiet"]
    assert main([*words, "--removed"]) == 0
    assert "song.wav: " in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "song.mp3-128.removed.wav", "song.mp3-128.wav", "song.original.wav", "song.phone.wav",
        "song.playback.html",
    ]  # fmt: skip
    assert main(words) == 5
    assert "exists already" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["song.wav", "--on", "toaster"], 2, "on=toaster: must be one of"),
        (["song.wav", "--removed"], 2, "-o DIR"),
        (["song.wav", "--album-lufs", "3"], 2, "album_lufs=3: must be -60 to 0 LUFS"),
        (["song.wav", "song.wav"], 2, "one is played at a time"),
        (["none.wav"], 3, "none.wav"),
        (["silent.wav"], 3, "is silent"),
    ],
)
def test_faults_are_one_sentence(
    words: list[str],
    code: int,
    said: str,
    song: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(song.parent)
    soundfile.write("silent.wav", np.zeros((RATE, 2)), RATE)
    assert main(["playback", *words]) == code
    err = capsys.readouterr().err.strip().splitlines()
    assert said in err[-1]
    assert err[-1].startswith("burnish: ")


def test_devices_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "devices", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 13
    assert {"name", "stereo", "limits", "noise", "confidence", "about"} == set(rows[0])
