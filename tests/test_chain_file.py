"""A user's own chain: played in its order, faults named with their line, loudness solved."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import burnish
from burnish.apps.cli import main
from burnish.audio import Audio
from burnish.chain.recall import load, load_chain
from burnish.errors import InputError, SettingError
from burnish.processors import OUTSIDE, RACK
from burnish.processors.compressor import Compressor
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.limiter import Limiter
from burnish.processors.show import piece

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "own-chain.yaml"
RATE_HZ = 44_100
PLAIN: dict[str, Any] = {"style": "pop", "report": False}


@pytest.fixture(scope="module")
def mix() -> Audio:
    return Audio(0.3 * piece(RATE_HZ, 5.0), RATE_HZ)


def chain(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path) -> NDArray[np.float64]:
    samples, _ = soundfile.read(path, always_2d=True)
    return np.ascontiguousarray(samples.T)


ENDING = """\
steps:
  - processor: equalizer
    on: side
    settings:
      bands:
        - {kind: high_shelf, frequency_hz: 8000, gain_db: 2}
  - processor: limiter
    settings: {input_gain_db: 3, ceiling_dbtp: -2, character: punchy}
"""


def test_what_is_left_out_is_as_by_default(tmp_path: Path) -> None:
    first, second = load_chain(
        chain(tmp_path, "steps:\n  - processor: compressor\n  - {processor: gain, on: left}\n")
    )
    assert first.settings == Compressor()
    assert (first.on, first.bypass, first.reason) == ("stereo", False, "")
    assert second.on == "left"


FAULTS = (
    ("", "1: steps: must be given, a list of steps"),
    ("- processor: gain\n", "1: steps: must be given, a list of steps"),
    ("steps: 3\n", "1: steps: must be given, a list of steps"),
    ("steps: []\nstep: 3\n", "2: step: a chain file has only steps"),
    ("steps:\n  - gain\n", "2: must hold settings: processor, settings, on"),
    ("steps:\n  - on: mid\n", "2: processor: must be given"),
    ("steps:\n\n  - processor: limitr\n", "3: processor=limitr: must be one of gain, "),
    ("steps:\n  - processor: gain\n    on: up\n", "3: on=up: must be one of stereo, mid, "),
    ("steps:\n  - processor: gain\n    gain_db: 3\n", "3: gain_db: no such setting; there are"),
    ("steps:\n  - processor: gain\n    settings: 3\n", "3: must hold settings: gain_db"),
    (
        "steps:\n  - processor: limiter\n    settings:\n      hold_ms: 5\n      ceiling_dbtp: 3\n",
        "5: ceiling_dbtp=3: must be -24 to 0 dBTP",
    ),
    ("steps:\n  - processor: [\n", "3: bad YAML: "),
)


@pytest.mark.parametrize(("text", "sentence"), FAULTS)
def test_faults_are_named_with_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = chain(tmp_path, text)
    with pytest.raises(SettingError) as caught:
        load_chain(path)
    assert caught.value.sentence.startswith(f"{path}:{sentence}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read"):
        load_chain(tmp_path / "none.yaml")


def test_a_chain_that_ends_in_a_limiter_is_played_as_written(tmp_path: Path, mix: Audio) -> None:
    out = tmp_path / "out.wav"
    done = burnish.master(mix, out, chain=chain(tmp_path, ENDING), **PLAIN)
    assert [(step.processor, step.on) for step in done.steps] == [
        ("equalizer", "side"),
        ("limiter", "stereo"),
    ]
    assert done.steps[0].settings == Equalizer(
        bands=(Band(kind="high_shelf", frequency_hz=8000, gain_db=2),)
    )
    assert done.steps[1].settings == Limiter(input_gain_db=3, ceiling_dbtp=-2, character="punchy")
    assert done.target["loudness_lufs"] is None
    assert done.target["ceiling_dbtp"] == -2.0
    assert not done.of_the_master
    assert any("left as written" in note for note in done.plan.notes)
    again = tmp_path / "again.wav"
    assert done.recall is not None
    burnish.render(mix, load(done.recall), again)
    assert np.array_equal(read(again), read(out))


def test_its_limiter_is_driven_where_a_loudness_is_asked(tmp_path: Path, mix: Audio) -> None:
    done = burnish.master(
        mix, tmp_path / "out.wav", chain=chain(tmp_path, ENDING), loudness_lufs=-16.0, **PLAIN
    )
    last = done.steps[-1].settings
    assert isinstance(last, Limiter)
    assert last.character == "punchy"
    assert last.input_gain_db != 3.0
    assert done.after.loudness.integrated_lufs == pytest.approx(-16.0, abs=0.05)
    assert done.after.peaks.true_peak_dbtp <= -2.0
    assert done.target["ceiling_dbtp"] == -2.0


def test_a_ceiling_that_is_asked_wins(tmp_path: Path, mix: Audio) -> None:
    made = burnish.plan(mix, chain=chain(tmp_path, ENDING), ceiling_dbtp=-3.0, style="pop")
    assert made.steps[-1].settings == Limiter(input_gain_db=3, ceiling_dbtp=-3, character="punchy")


OPEN = """\
steps:
  - {processor: limiter, settings: {ceiling_dbtp: -6}}
  - {processor: gain, settings: {gain_db: 2}}
  - {processor: limiter, bypass: true}
"""


def test_a_chain_with_an_open_end_gets_a_limiter(tmp_path: Path, mix: Audio) -> None:
    """A limiter that stands elsewhere stays where it is; a bypassed one holds nothing."""
    done = burnish.master(
        mix, tmp_path / "out.wav", chain=chain(tmp_path, OPEN), loudness_lufs=-18.0, **PLAIN
    )
    assert [step.processor for step in done.steps] == ["limiter", "gain", "limiter", "limiter"]
    assert [step.bypass for step in done.steps] == [False, False, True, False]
    assert done.steps[0].settings == Limiter(ceiling_dbtp=-6)
    assert done.after.loudness.integrated_lufs == pytest.approx(-18.0, abs=0.05)
    assert done.after.peaks.true_peak_dbtp <= -1.0


def test_a_clipper_at_the_end_is_followed_by_a_limiter(tmp_path: Path, mix: Audio) -> None:
    path = chain(tmp_path, "steps:\n  - {processor: clipper, settings: {ceiling_dbfs: -6}}\n")
    made = burnish.plan(mix, chain=path, loudness_lufs=-18.0)
    assert [step.processor for step in made.steps] == ["clipper", "limiter"]


def test_an_empty_chain_is_loudness_alone(tmp_path: Path, mix: Audio) -> None:
    made = burnish.plan(mix, chain=chain(tmp_path, "steps: []\n"), loudness_lufs=-18.0)
    assert [step.processor for step in made.steps] == ["limiter"]


def test_the_order_is_the_chains(tmp_path: Path, mix: Audio) -> None:
    first = "  - {processor: saturation, settings: {drive_db: 12, amount: 1}}\n"
    second = "  - {processor: gain, settings: {gain_db: -12}}\n"
    ending = "  - {processor: limiter}\n"
    heard = []
    for text in (first + second, second + first):
        path = chain(tmp_path, "steps:\n" + text + ending)
        out = tmp_path / "out.wav"
        burnish.master(mix, out, chain=path, overwrite=True, bits="32f", **PLAIN)
        heard.append(read(out))
    assert np.abs(heard[0] - heard[1]).max() > 0.01


def test_a_wish_that_no_rule_hears_is_refused(tmp_path: Path, mix: Audio) -> None:
    for wish in ({"width": 1.2}, {"warmth": 0.5}, {"low_db": 1.0}):
        with pytest.raises(SettingError, match=f"leave out {next(iter(wish))}"):
            burnish.plan(mix, chain=chain(tmp_path, ENDING), **wish)


def test_a_recall_sheet_is_a_chain_for_another_mix(tmp_path: Path, mix: Audio) -> None:
    done = burnish.master(mix, tmp_path / "out.wav", **PLAIN)
    assert done.recall is not None
    other = Audio(0.5 * piece(RATE_HZ, 5.0)[:, ::-1], RATE_HZ)
    made = burnish.plan(other, chain=done.recall)
    assert [step.settings for step in made.steps] == [step.settings for step in done.steps]


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    song = ROOT / "examples" / "song1_excerpt.flac"
    out = tmp_path / "out.wav"
    words = ["master", str(song), "-o", str(out), "--chain", str(EXAMPLE), "--json", "--no-report"]
    assert main([*words, "--loudness-lufs", "-12"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert [step["processor"] for step in done["steps"]] == [
        "equalizer",
        "compressor",
        "saturation",
        "equalizer",
        "limiter",
    ]
    assert done["steps"][2]["bypass"]
    assert done["steps"][1]["reason"] == "Glue."
    assert done["after"]["loudness"]["integrated_lufs"] == pytest.approx(-12.0, abs=0.05)
    assert done["after"]["peaks"]["true_peak_dbtp"] <= -1.5


def test_the_page_shows_a_chain_and_a_fault_of_it(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "chain.md").read_text(encoding="utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    path = chain(tmp_path, text)
    assert [step.processor for step in load_chain(path)] == ["equalizer", "compressor", "limiter"]
    fault = page.partition("    burnish: setting-range: ")[2].partition("\n")[0]
    chain(tmp_path, text.replace("ratio: 1.5", "ratio: 0.5"))
    with pytest.raises(SettingError) as caught:
        load_chain(path)
    assert f"{caught.value.sentence}" == f"{tmp_path}/{fault}"


def test_a_sheet_and_a_chain_cannot_both_be_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["master", "mix.wav", "--recall", "a.yaml", "--chain", "b.yaml"]) == 2
    assert "leave out --chain" in capsys.readouterr().err


def test_list_processors_tells_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "processors", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [*RACK, *OUTSIDE]
    assert main(["list", "processors", "equalizer", "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert one == next(row for row in rows if row["name"] == "equalizer")
    gain = next(row for row in one["settings"] if row["name"] == "bands[].gain_db")
    assert (gain["default"], gain["low"], gain["high"], gain["unit"]) == (0.0, -18, 18, "dB")
    assert gain["help"].endswith(".")
    assert main(["list", "processors", "limiter"]) == 0
    assert "-24 to 0 dBTP" in capsys.readouterr().out
    assert main(["list", "processors", "nothing"]) == 2
    assert main(["list", "styles", "pop"]) == 2


def test_the_manual_of_the_processors_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import make_processors_page as m; print(m.page(), end='')"],
        cwd=ROOT / "tools",
        capture_output=True,
        text=True,
        check=True,
    )
    current = (ROOT / "docs" / "processors.md").read_text(encoding="utf-8")
    assert done.stdout == current, "run: python tools/make_processors_page.py docs/processors.md"
