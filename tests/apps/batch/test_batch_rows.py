"""A row in its worker: done once, not again, and again when something changed."""

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
from sounds_of_batches import song

from burnish.apps.batch.kinds import row
from burnish.apps.batch.places import Place
from burnish.apps.jobs import Job
from burnish.errors import BurnishError, InputError, OutputError
from burnish.master import master


def job(folder: Path, source: str, to: str, do: str = "master", **settings: Any) -> Job:
    told = {
        "do": do,
        "settings": settings,
        "marks": str(folder / "marks"),
        "scratch": str(folder / "scratch"),
        "storage": {},
    }
    return Job(what="row", inputs=(source,), output=to, settings=told)


def do(asked: Job) -> dict[str, Any]:
    made = row(asked, lambda _: None)
    assert isinstance(made.document, dict)
    return json.loads(json.dumps(made.document))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return song(tmp_path_factory.mktemp("mixes") / "mix.wav", 1)


def test_bits_are_those_of_master_and_a_second_run_does_nothing(mix: Path, tmp_path: Path) -> None:
    by_itself = master(mix, tmp_path / "alone.wav", report=False, loudness_lufs=-16)
    memory = f"memory://{tmp_path.name}"
    Place.of(f"{memory}/in/mix.wav").put(mix)
    how = {"loudness_lufs": -16, "report": False}
    here = job(tmp_path, str(mix), str(tmp_path / "new" / "out.wav"), **how)
    there = job(tmp_path, f"{memory}/in/mix.wav", f"{memory}/out/out.wav", **how)
    for asked in (here, there):
        made = do(asked)
        assert made["did"] == "made"
        assert Place.of(asked.output).read() == by_itself.output.read_bytes()
        assert [Path(one["url"]).name for one in made["outputs"]] == ["out.wav", "out.recall.yaml"]
        assert made["outputs"][0]["url"] == asked.output
        assert made["audio_s"] == 1.5
        assert made["document"]["output"] == asked.output
        again = do(asked)
        assert again["did"] == "stood"
        assert (again["key"], again["outputs"]) == (made["key"], made["outputs"])
    assert "room-" not in Place.of(f"{memory}/out/out.recall.yaml").read().decode()
    assert [one.name for one in (tmp_path / "scratch").iterdir()] == ["lock"]


def test_only_what_changed_is_done_again(mix: Path, tmp_path: Path) -> None:
    source = tmp_path / "mix.wav"
    source.write_bytes(mix.read_bytes())
    out = tmp_path / "out.wav"

    def state(**how: Any) -> str:
        asked = job(tmp_path, str(source), str(out), report=False, **how)
        return str(do(asked)["did"])

    assert [state(), state()] == ["made", "stood"]
    source.touch()  # another time, the same content: read, and found to stand
    assert state() == "stood"
    assert [state(loudness_lufs=-20), state(loudness_lufs=-20)] == ["made", "stood"]
    song(source, 2)
    assert state(loudness_lufs=-20) == "made"
    out.unlink()
    assert state(loudness_lufs=-20) == "made"
    (mark,) = (one for one in (tmp_path / "marks").rglob("*.json"))
    told = json.loads(mark.read_text())
    mark.write_text(json.dumps({**told, "state": "begun"}))  # killed between output and mark
    assert state(loudness_lufs=-20) == "made"
    reference = song(tmp_path / "like.wav", 3, 3.0)
    assert [state(reference=[f"{reference}:0.5"]) for _ in range(2)] == ["made", "stood"]
    song(reference, 4, 3.0)
    assert state(reference=[f"{reference}:0.5"]) == "made"


def test_another_song_under_the_same_output_is_done(mix: Path, tmp_path: Path) -> None:
    """The first one stood: it was there, and had not changed."""
    to = str(tmp_path / "out.json")
    first = do(job(tmp_path, str(mix), to, "measure"))
    other = song(tmp_path / "other.wav", 2)
    second = do(job(tmp_path, str(other), to, "measure"))
    assert (second["did"], second["key"] == first["key"]) == ("made", False)
    assert json.loads(Path(to).read_text())["file"] == str(other)
    renamed = other.rename(tmp_path / "renamed.wav")
    third = do(job(tmp_path, str(renamed), to, "measure"))
    assert (third["did"], third["key"]) == ("stood", second["key"])
    assert do(job(tmp_path, str(renamed), to, "measure"))["did"] == "stood"


def test_a_file_that_no_batch_made_is_not_replaced(mix: Path, tmp_path: Path) -> None:
    mine = f"memory://{tmp_path.name}/mine.wav"
    Place.of(mine).write(b"mine")
    (tmp_path / "mine.wav").write_bytes(b"mine")
    for to in (mine, str(tmp_path / "mine.wav")):
        for _ in range(2):
            with pytest.raises(OutputError, match="exists already"):
                do(job(tmp_path, str(mix), to))
        assert Place.of(to).read() == b"mine"


def test_a_bad_file_is_named_by_its_url(tmp_path: Path) -> None:
    bad = f"memory://{tmp_path.name}/bad.wav"
    Place.of(bad).write(b"RIFF, but no more than that")
    with pytest.raises(InputError) as caught:
        do(job(tmp_path, bad, str(tmp_path / "out.wav")))
    assert caught.value.sentence.startswith(bad)
    assert "room-" not in caught.value.sentence
    with pytest.raises(BurnishError, match="must be one of"):
        do(job(tmp_path, bad, "", "sing"))


def test_what_writes_no_sound_has_its_document(mix: Path, tmp_path: Path) -> None:
    to = f"memory://{tmp_path.name}/mix.measure.json"
    made = do(job(tmp_path, str(mix), to, "measure"))
    told = json.loads(Place.of(to).read())
    assert told["loudness"]["integrated_lufs"] == pytest.approx(
        made["document"]["loudness"]["integrated_lufs"]
    )
    assert made["outputs"][0]["bytes"] == Place.of(to).size()
    assert do(job(tmp_path, str(mix), "", "measure"))["outputs"] == []
    for one in ("check", "qc"):  # their documents do not tell how long it is
        assert do(job(tmp_path, str(mix), "", one))["audio_s"] == 1.5
    restored = do(job(tmp_path, str(mix), str(tmp_path / "r.wav"), "restore", declick=0))
    assert soundfile.info(restored["outputs"][0]["url"]).duration == pytest.approx(1.5)


def test_references_of_one_name_are_kept_apart(mix: Path, tmp_path: Path) -> None:
    like = [f"memory://{tmp_path.name}/{folder}/like.wav" for folder in "ab"]
    for seed, url in enumerate(like, 3):
        Place.of(url).put(song(tmp_path / "like.wav", seed, 3.0))
    do(job(tmp_path, str(mix), str(tmp_path / "out.wav"), reference=like, report=False))
    sheet = (tmp_path / "out.recall.yaml").read_text()
    assert all(url in sheet for url in like)
    assert "room-" not in sheet


def test_an_album_from_a_store_is_the_album_from_here(tmp_path: Path) -> None:
    sheet = "title: T\nartist: A\ntracks:\n"
    store = f"memory://{tmp_path.name}"
    for seed in (1, 2):
        sheet += f"  - {{file: {seed}.wav, title: Song {seed}}}\n"
        Place.of(f"{store}/in/{seed}.wav").put(song(tmp_path / f"{seed}.wav", seed))
    (tmp_path / "album.yaml").write_text(sheet)
    Place.of(f"{store}/in/album.yaml").put(tmp_path / "album.yaml")
    here = do(job(tmp_path, str(tmp_path / "album.yaml"), str(tmp_path / "out"), "album"))
    there = job(tmp_path, f"{store}/in/album.yaml", f"{store}/out", "album")
    made = do(there)
    waves = [
        {Path(one["url"]).name: one["sha256"] for one in told["outputs"] if "wav" in one["url"]}
        for told in (here, made)
    ]
    assert len(waves[0]) == 2
    assert waves[0] == waves[1]
    assert made["audio_s"] == 3.0
    assert "room-" not in json.dumps(made)
    assert do(there)["did"] == "stood"
    song(tmp_path / "other.wav", 5)
    Place.of(f"{store}/in/2.wav").put(tmp_path / "other.wav")
    assert do(there)["did"] == "made"
