"""The command line: what it prints, where, and how it ends."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from burnish.apps.cli import main
from burnish.apps.cli.options import flag
from burnish.apps.cli.progress import Stage, Watch, speed
from burnish.audio import OutputFormat
from burnish.audio.tags import read_tags
from burnish.engineer import Wishes
from burnish.release import SongTags

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "song1_excerpt.flac"


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of the example."""
    path = tmp_path_factory.mktemp("mix") / "song.wav"
    samples, rate_hz = soundfile.read(EXAMPLE, frames=3 * 48000, start=10 * 48000)
    soundfile.write(path, samples, rate_hz, subtype="PCM_24")
    return path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        return (code, *capsys.readouterr())

    return run


def numbers(document: Any) -> Iterator[float]:
    if isinstance(document, dict):
        for value in document.values():
            yield from numbers(value)
    elif isinstance(document, list):
        for value in document:
            yield from numbers(value)
    elif isinstance(document, float):
        yield document


def test_master_json_is_the_contract(mix: Path, tmp_path: Path, said: Any) -> None:
    out = tmp_path / "m.wav"
    code, printed, err = said("master", mix, "-o", out, "--json", "--loudness-lufs", -16)
    assert code == 0
    document = json.loads(printed)
    assert set(document) >= {
        "output", "recall", "report", "before", "after", "target", "steps", "findings",
        "stopped_by", "elapsed_s",
    }  # fmt: skip
    assert document["output"] == str(out)
    assert document["after"]["file"] == str(out)
    assert document["after"]["loudness"]["integrated_lufs"] == pytest.approx(-16, abs=0.05)
    assert document["target"]["loudness_lufs"] == -16
    assert document["stopped_by"] is None
    assert {"processor", "settings", "reason", "evidence"} <= set(document["steps"][0])
    assert all(np.isfinite(list(numbers(document))))
    assert "measure: " in err  # plain lines, as this is no terminal
    assert "\x1b" not in err + printed


def test_max_takes_the_knee_and_its_sheet_rebuilds_it(mix: Path, tmp_path: Path, said: Any) -> None:
    """The curve is in the JSON, in the sheet and on the page; the sheet makes the same bits."""
    out, again = tmp_path / "m.wav", tmp_path / "again.wav"
    code, printed, _ = said("master", mix, "-o", out, "--json", "--loudness-lufs", "max")
    assert code == 0
    document = json.loads(printed)
    curve = document["target"]["tradeoff"]
    assert len(curve) > 2
    assert {"loudness_lufs", "cost", "psr_db", "stopped_by"} <= set(curve[0])
    assert "What loudness costs" in Path(document["report"]).read_text(encoding="utf-8")
    code, _, err = said("recall", document["recall"], "-o", again, "--quiet")
    assert (code, err) == (0, "")
    assert again.read_bytes() == out.read_bytes()


def test_no_stop_goes_on_and_says_so(mix: Path, tmp_path: Path, said: Any) -> None:
    out = tmp_path / "m.wav"
    words = ("master", mix, "-o", out, "--json", "--loudness-lufs", -8, "--no-stop")
    code, printed, _ = said(*words)
    assert code == 0
    document = json.loads(printed)
    assert document["after"]["loudness"]["integrated_lufs"] == pytest.approx(-8, abs=0.05)
    assert document["stopped_by"] is None
    assert document["target"]["passed_by"]["rule"]
    assert "rule-passed" in {finding["code"] for finding in document["findings"]}


def test_master_json_is_utf8_whatever_the_terminal(mix: Path, tmp_path: Path) -> None:
    named = tmp_path / "é 音.wav"
    named.write_bytes(mix.read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "burnish", "measure", "--json", str(named)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert json.loads(done.stdout.decode("utf-8"))["file"] == str(named)


def test_a_name_that_is_not_utf8(mix: Path, tmp_path: Path) -> None:
    named = os.fsencode(tmp_path) + b"/latin-\xe9.wav"
    try:
        with open(named, "wb") as file:
            file.write(mix.read_bytes())
    except OSError:
        pytest.skip("this file system takes no name that is not UTF-8")
    for words in (["measure"], ["measure", "--json"], ["master", "--overwrite"]):
        done = subprocess.run([sys.executable, "-m", "burnish", *words, named], capture_output=True)
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr


def test_the_table_says_what_was_done_and_why(mix: Path, tmp_path: Path, said: Any) -> None:
    code, printed, _ = said("master", mix, "-o", tmp_path / "m.wav", "--warmth", 0.5, "--low-db", 2)
    assert code == 0
    first = printed.splitlines()[0]
    assert first.startswith("song.wav: from ")
    for words in ("loudness", "true peak", "limiter", "saturation", "Warmth was asked for"):
        assert words in printed
    assert f"recall  {tmp_path / 'm.recall.yaml'}" in printed
    assert f"report  {tmp_path / 'm.report.html'}" in printed


def test_quiet_says_nothing(mix: Path, tmp_path: Path, said: Any) -> None:
    assert said("master", mix, "-o", tmp_path / "m.wav", "--quiet", "--no-report") == (0, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.recall.yaml", "m.wav"]


def test_strict_ends_with_4_and_delivers(mix: Path, tmp_path: Path, said: Any) -> None:
    out = tmp_path / "m.wav"
    words = ("master", mix, "-o", out, "--json", "--loudness-lufs", -4.5, "--style", "jazz")
    code, printed, err = said(*words, "--strict")
    assert code == 4
    assert json.loads(printed)["stopped_by"]["rule"]
    assert err.splitlines()[-1].startswith("burnish: loudness-stopped: ")
    assert out.is_file()
    assert said(*words, "--overwrite")[0] == 0


def test_recall_gives_the_same_bits(mix: Path, tmp_path: Path, said: Any) -> None:
    out, again, sheet = tmp_path / "m.wav", tmp_path / "again.wav", tmp_path / "m.recall.yaml"
    told = ("--title", "Ein Lied", "--isrc", "us-abc-26-00001", "--bits", 16, "--width", 1.2)
    assert said("master", mix, "-o", out, "--quiet", *told)[0] == 0
    assert [read_tags(out).text(one) for one in ("title", "isrc")] == ["Ein Lied", "USABC2600001"]
    assert "<h1>Ein Lied</h1>" in (tmp_path / "m.report.html").read_text("utf-8")
    assert said("recall", sheet, "-o", again, "--quiet") == (0, "", "")
    assert again.read_bytes() == out.read_bytes()
    third = tmp_path / "third.wav"
    assert said("recall", sheet, mix, "-o", third, "--quiet")[0] == 0
    assert third.read_bytes() == out.read_bytes()


def test_recall_respects_an_edit_and_names_a_fault(mix: Path, tmp_path: Path, said: Any) -> None:
    assert said("master", mix, "-o", tmp_path / "m.wav", "--quiet")[0] == 0
    sheet = tmp_path / "m.recall.yaml"
    text = sheet.read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if "ceiling_dbtp" in one and one.startswith("   "))
    lower = tmp_path / "lower.wav"
    sheet.write_text(text.replace(line, line.partition(":")[0] + ": -6"), encoding="utf-8")
    code, printed, _ = said("recall", sheet, "-o", lower, "--json")
    assert code == 0
    assert json.loads(printed)["after"]["peaks"]["true_peak_dbtp"] <= -5.99
    sheet.write_text(text.replace(line, line.partition(":")[0] + ": 6"), encoding="utf-8")
    code, _, err = said("recall", sheet, "-o", tmp_path / "no.wav", "--quiet")
    assert code == 2
    at = text.splitlines().index(line) + 1
    assert err.startswith(f"burnish: setting-range: {sheet}:{at}: ceiling_dbtp=6: must be ")
    assert not (tmp_path / "no.wav").exists()


def test_recall_of_another_mix_says_so(mix: Path, tmp_path: Path, said: Any) -> None:
    assert said("master", mix, "-o", tmp_path / "m.wav", "--quiet")[0] == 0
    other = tmp_path / "other.wav"
    samples, rate_hz = soundfile.read(mix)
    soundfile.write(other, samples * 0.9, rate_hz, subtype="PCM_24")
    code, printed, _ = said("recall", tmp_path / "m.recall.yaml", other, "-o", tmp_path / "o.wav")
    assert code == 0
    assert "Not the mix that the sheet was made from" in printed


def test_recall_wants_an_output(tmp_path: Path, mix: Path, said: Any) -> None:
    assert said("master", mix, "-o", tmp_path / "m.wav", "--quiet")[0] == 0
    code, _, err = said("recall", tmp_path / "m.recall.yaml")
    assert code == 2
    assert "output" in err


def test_measure_one_and_many(mix: Path, said: Any) -> None:
    code, printed, _ = said("measure", mix)
    assert code == 0
    assert "loudness range" in printed
    assert "tone, dB per octave" in printed
    code, printed, _ = said("measure", mix, EXAMPLE, "--json")
    assert [one["file"] for one in json.loads(printed)] == [str(mix), str(EXAMPLE)]
    code, printed, _ = said("measure", mix, "--json", "--timeline")
    document = json.loads(printed)
    assert set(document) >= {
        "burnish", "file", "source", "loudness", "peaks", "dynamics", "spectrum", "stereo", "noise",
        "defects",
    }  # fmt: skip
    assert len(document["timeline"]["short_term_lufs"]) == 30


def test_measure_goes_on_after_a_bad_file(mix: Path, tmp_path: Path, said: Any) -> None:
    code, printed, err = said("measure", tmp_path / "none.wav", mix, "--json", "--quiet")
    assert code == 3
    assert [one["file"] for one in json.loads(printed)] == [str(mix)]
    assert err.startswith("burnish: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("what", ["styles", "targets", "processors", "formats"])
def test_list(what: str, said: Any) -> None:
    code, printed, err = said("list", what)
    assert (code, err) == (0, "")
    code, document, _ = said("list", what, "--json")
    rows = json.loads(document)
    assert rows
    assert all(str(next(iter(row.values()))) in printed for row in rows)


def test_list_of_nothing_there_is(said: Any) -> None:
    code, _, err = said("list", "songs")
    assert code == 2
    assert err.startswith("burnish: list-unknown: what=songs: must be one of styles, ")


def test_demo(tmp_path: Path, said: Any) -> None:
    code, printed, _ = said("demo", tmp_path / "d")
    assert code == 0
    assert "song1_excerpt.flac: from -19.5 to " in printed
    told = re.search(r"style pop, (\d+) % sure.*nearest to pop \(not sure, (\d+) %", printed, re.S)
    assert told
    assert told[1] == told[2]
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == [
        "song1_excerpt.flac",
        "song1_excerpt.master.recall.yaml",
        "song1_excerpt.master.report.html",
        "song1_excerpt.master.wav",
    ]
    assert said("demo", tmp_path / "d", "--quiet")[0] == 5
    assert said("demo", tmp_path / "d", "--quiet", "--overwrite")[0] == 0


def test_every_setting_has_its_option(said: Any) -> None:
    _, printed, _ = said("master", "--help")
    for model in (Wishes, OutputFormat, SongTags):
        for one in model.declared():
            assert f"  {flag(one.name)} " in printed, one.name


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--help",), 0), (("--version",), 0)])
def test_help_and_version(words: tuple[str, ...], code: int, said: Any) -> None:
    ended, printed, err = said(*words)
    assert (ended, err) == (code, "")
    assert printed.startswith(("Usage: burnish", "burnish 0."))


def test_a_fault_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch, mix: Path, said: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("burnish.apps.cli.commands.master.master", broken)
    code, printed, err = said("master", mix, "--quiet")
    assert (code, printed) == (1, "")
    assert err.startswith("burnish: fault: ZeroDivisionError: by zero. This is a fault of burnish")
    assert err.count("\n") == 1
    monkeypatch.setenv("BURNISH_DEBUG", "1")
    code, _, err = said("master", mix, "--quiet")
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith("burnish: fault: ")


def test_who_reads_may_stop() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "burnish", "list", "styles"], stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("closed", ["/dev/full", None])
def test_where_what_is_said_cannot_be_written(closed: str | None) -> None:
    """A full disk behind ``>`` is no fault of burnish; a service may start us without streams."""
    where = ">/dev/full" if closed else "<&- >&-"
    words = f'"{sys.executable}" -m burnish list styles {where}'
    done = subprocess.run(["sh", "-c", words], stderr=subprocess.PIPE, text=True)
    said = "burnish: output-no-room: standard output: cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == ((5, said) if closed else (0, ""))


def test_samples_beyond_all_bounds_are_told_in_one_line_with_their_file(
    mix: Path, tmp_path: Path, said: Any
) -> None:
    loud = tmp_path / "loud.wav"
    soundfile.write(loud, np.full((44_100, 2), 1e30), 44_100, subtype="FLOAT")
    code, printed, err = said("measure", loud, "--json", "--quiet")
    assert (code, printed) == (3, "")
    assert err.startswith(f"burnish: input-not-finite: {loud}: near 0.000 s: ")
    assert err.count("\n") == 1


def test_a_terminal_shows_progress(mix: Path, tmp_path: Path) -> None:
    """On a terminal: stage, speed and time left in one moving line, gone at the end."""
    ours, theirs = pty.openpty()
    work = subprocess.Popen(
        [sys.executable, "-m", "burnish", "demo", str(tmp_path / "d")],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    assert work.wait(timeout=120) == 0
    text = seen.decode()
    for words in ("decide", "render", "%", "x real time", "\x1b[2K"):
        assert words in text


def test_plain_lines_tell_stage_and_speed(capsys: pytest.CaptureFixture[str]) -> None:
    with Watch() as watch:
        watch(Stage("measure", 0.5, 100.0))
        watch(Stage("measure", 1.0, 200.0))
        watch.stage("render", 0.0)(1.0)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["measure", "render"]
    assert lines[0].endswith("x real time")
    assert "real time" not in lines[1]


def test_speed_in_words() -> None:
    assert speed(100.0, 4.0) == "25 x real time"
    assert speed(10.0, 4.0) == "2.5 x real time"
    assert speed(0.0, 4.0) == ""
