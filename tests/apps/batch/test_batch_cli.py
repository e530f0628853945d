"""``burnish batch`` as a person calls it: real workers, short songs, the bits of the commands."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sounds_of_batches import song

from burnish.album.flow import album
from burnish.apps.cli.entry import run
from burnish.engineer.learn import learn
from burnish.master import master

HERE = ("--workers", "1", "--quiet")


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for name, seed in (("a.wav", 1), ("sub/b.wav", 2)):
        song(folder / name, seed, 3.2)
    (folder / "bad.wav").write_bytes(b"RIFF....WAVE and no more")
    return folder


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = run(["batch", *words])
    told = capsys.readouterr()
    return code, json.loads(told.out) if "--json" in words and told.out else told.out, told.err


def results(folder: Path) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(folder / "results.parquet").to_pylist()
    return {Path(one["input"]).name: one for one in rows}


def test_measure_status_a_second_run_and_resume(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    asked = (str(songs), "-o", out, "--do", "measure", *HERE)
    code, told, _ = called(capsys, *asked, "--json")
    assert code == 4
    assert (told["made"], told["failed"], told["left"], told["passed"]) == (2, 1, 0, False)
    assert told["failures"] == {"input-unreadable": 1}
    rows = results(tmp_path / "out")
    measured = json.loads((tmp_path / "out/sub/b.measure.json").read_text())
    assert rows["b.wav"]["before_lufs"] == measured["loudness"]["integrated_lufs"]
    assert rows["b.wav"]["true_peak_dbtp"] == measured["peaks"]["true_peak_dbtp"]
    assert rows["b.wav"]["audio_s"] == pytest.approx(3.2)
    assert rows["bad.wav"]["sentence"].startswith(f"{songs}/bad.wav: ")
    code, told, _ = called(capsys, "status", out, "--json")
    assert code == 0
    assert (told["state"], told["done"], told["failed"], told["left"]) == ("finished", 2, 1, 0)
    code, text, _ = called(capsys, "status", out)
    assert "2 done, 1 failed, 0 left of 3 rows (100.0 %)" in text
    code, told, _ = called(capsys, *asked, "--resume", "--json")
    assert (code, told["worked"]) == (4, 0)
    code, _, said = called(capsys, *asked[:3], "--do", "check", *HERE)
    assert code == 2
    assert "batch-other-run" in said


def test_masters_and_albums_have_the_bits_of_their_commands(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (
        "input,album,track,title,loudness_lufs",
        f"{songs}/a.wav,,,,-15",
        f"{songs}/sub/b.wav,Both,2,Two,",
        f"{songs}/a.wav,Both,1,One,",
    )
    (tmp_path / "m.csv").write_text("\n".join(rows))
    words = ("-o", str(tmp_path / "out"), "--no-report", *HERE)
    code, text, said = called(capsys, str(tmp_path / "m.csv"), *words)
    assert (code, text, said) == (0, "", "")
    alone = master(songs / "a.wav", tmp_path / "a.wav", report=False, loudness_lufs=-15)
    made = results(tmp_path / "out")
    single = list((tmp_path / "out").rglob("a.master.wav"))
    found = {one.parent.name: one for one in single}
    assert found.pop("masters").is_file()
    (path,) = found.values()
    assert path.read_bytes() == alone.output.read_bytes()
    (songs / "album.yaml").write_text(
        "title: Both\ntracks:\n- {file: a.wav, title: One}\n- {file: sub/b.wav, title: Two}\n"
    )
    body = album(songs / "album.yaml", tmp_path / "body", report=False)
    for track in body.tracks:
        same = tmp_path / "out" / "Both" / "masters" / track.master.file.name
        assert same.read_bytes() == track.master.file.read_bytes()
    assert made["b.wav"]["after_lufs"] == body.tracks[1].after.loudness.integrated_lufs
    assert made["b.wav"]["output"].endswith("out/Both/masters/b.master.wav")
    assert made["b.wav"]["album"] == "Both"


def test_a_profile_of_the_catalogue_is_that_of_learn(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (f"{songs}/**/[ab].wav", "-o", str(tmp_path / "out"), *HERE)
    profile = tmp_path / "all.yaml"
    code, told, _ = called(capsys, *words, "--learn", str(profile), "--json")
    assert (code, told["learned"]) == (0, {"profile": str(profile), "tracks": 2})
    learn([songs / "a.wav", songs / "sub/b.wav"], tmp_path / "same.yaml")
    assert profile.read_bytes() == (tmp_path / "same.yaml").read_bytes()
    code, _, said = called(capsys, *words, "--learn", str(profile))
    assert (code, "output-exists" in said) == (5, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("none.csv",), 3, "input-missing"),
        (("nowhere",), 3, "manifest-missing"),
        (("m.csv", "--do", "dance"), 2, "do=dance: must be one of master, restore"),
        (("m.csv", "--do", "measure", "--style", "pop"), 2, "style: is no setting of measure"),
        (("m.csv", "--retries", "-1"), 2, "retries=-1: must be 0 to 100"),
        (("m.csv", "--storage", "{"), 2, "--storage: is no JSON"),
        (("m.csv", "--storage", "[]"), 2, "--storage: must be like"),
        (("m.csv", "--learn", "x.txt"), 2, "must end in .yaml"),
        (("m.csv", "--learn", "x.yaml", "--do", "check"), 2, "--learn: not with --do check"),
        (("m.csv", "--warmth", "7"), 2, "warmth=7.0: must be 0 to 1"),
    ],
)
def test_bad_input_is_one_sentence_and_starts_nothing(
    words: tuple[str, ...],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.csv").write_text("input\na.wav\n")
    got, _, told = called(capsys, *words, "-o", "out")
    assert (got, said in told) == (code, True), told
    assert not Path("out").exists()


def test_bad_rows_are_told_one_a_line_or_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "\n".join(f"{i}.wav,{'polka' if i % 2 else 'pop'}" for i in range(66))
    (tmp_path / "m.csv").write_text(f"input,style\n{lines}\n")
    words = (str(tmp_path / "m.csv"), "-o", str(tmp_path / "out"))
    code, _, said = called(capsys, *words)
    assert code == 2
    told = said.splitlines()
    assert len(told) == 22
    assert told[0].startswith("burnish: manifest-row: row 2: style=polka: must be one of")
    assert told[20] == "burnish: manifest-row: and 13 more"
    assert "33 rows cannot be used; nothing was started" in told[21]
    code, document, _ = called(capsys, *words, "--json")
    assert (code, len(document["faults"]), document["more"]) == (2, 20, 13)
    assert document["faults"][0]["row"] == 2
    assert not (tmp_path / "out").exists()
