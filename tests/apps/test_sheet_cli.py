"""``burnish sheet``: on the screen, on paper, and as a session."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from burnish.apps.cli.entry import run
from burnish.audio import OutputFormat
from burnish.chain import InputNote, Plan, Stem, Step
from burnish.chain.recall import save
from burnish.processors.limiter import Limiter

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mix, a master twice as loud beside it, and the sheet."""
    folder = tmp_path_factory.mktemp("sheet")
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    sound = 0.1 * np.sin(2 * np.pi * 300 * t) * (1 + np.sin(2 * np.pi * 2 * t))
    sound[24_000] += 0.6  # a click
    stereo = np.stack((sound, 0.9 * sound), axis=1)
    soundfile.write(folder / "mix.wav", stereo, RATE_HZ, subtype="FLOAT")
    soundfile.write(folder / "mix.master.wav", 2.0 * stereo, RATE_HZ, subtype="FLOAT")
    plan = Plan(
        input=InputNote(
            file=str(folder / "mix.wav"), rate_hz=RATE_HZ, channels=2, n_samples=len(sound)
        ),
        output=OutputFormat(),
        steps=(Step(processor="limiter", settings=Limiter(input_gain_db=6.0206)),),
        target={"style": "pop", "loudness_lufs": -14.0, "ceiling_dbtp": -1.0},
    )
    save(plan, folder / "mix.master.recall.yaml")
    stems = (Stem(file=str(folder / "mix.wav"), role="drums", gain_db=-2.0, offset_samples=8000),)
    save(plan.with_(stems=stems), folder / "stems.recall.yaml")
    return folder / "mix.master.recall.yaml"


def test_on_the_screen_and_as_json(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sheet", str(sheet)]) == 0
    assert "input gain          +6.0 dB" in capsys.readouterr().out
    assert run(["sheet", str(sheet), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["title"] == "mix.wav"
    assert told["dials"][0]["controls"][0] == ["input gain", "+6.0 dB"]


def test_as_files(sheet: Path, tmp_path: Path) -> None:
    page, session, marks = (tmp_path / name for name in ("s.html", "s.rpp", "s.csv"))
    words = ["sheet", str(sheet), "-o", str(page), "--reaper", str(session)]
    assert run([*words, "--markers", str(marks), "--quiet"]) == 0
    assert "<h1>mix.wav</h1>" in page.read_text()
    project = session.read_text()
    assert project.count("<TRACK ") == 2
    assert f'FILE "{sheet.with_name("mix.master.wav")}"' in project
    # The master is twice as loud: its fader is at a half, and the mix is muted.
    fader = project.partition('NAME "Master"')[2].split()
    assert float(fader[1]) == pytest.approx(0.5, abs=1e-3)
    assert "MUTESOLO 1 0 0" in project.partition('NAME "Mix"')[2].partition("<ITEM")[0]
    assert marks.read_text().startswith("#,Name,Start,End,Length\n")
    assert project.count("MARKER ") >= len(marks.read_text().splitlines()) - 1 > 0
    assert run(words) == 5  # they are there already


def test_stems_are_tracks(sheet: Path, tmp_path: Path) -> None:
    master = str(sheet.with_name("mix.master.wav"))
    stems = str(sheet.with_name("stems.recall.yaml"))
    out = tmp_path / "s.rpp"
    assert run(["sheet", stems, "--reaper", str(out), "--master", master, "--quiet"]) == 0
    drums = out.read_text().partition('NAME "Stem: drums"')[2]
    assert "VOLPAN 0.79432823" in drums.partition("<ITEM")[0]
    assert "POSITION 0.500000000" in drums.partition("<SOURCE")[0]


def test_what_cannot_be_is_said(
    sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sheet", str(tmp_path / "none.yaml")]) == 3
    assert run(["sheet", str(sheet), "-o", str(tmp_path / "s.doc")]) == 2
    assert run(["sheet", str(sheet), "--reaper", str(tmp_path / "s.txt")]) == 2
    assert run(["sheet", str(sheet), "--markers", str(tmp_path / "s.xml")]) == 2
    capsys.readouterr()
    lost = str(tmp_path / "lost.wav")
    assert run(["sheet", str(sheet), "--reaper", str(tmp_path / "s.rpp"), "--master", lost]) == 3
    assert "--master FILE" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
