"""The manifest: every file told, each finding said once, a product known by what it is made of."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from burnish.deliver.inspection import Inspection
from burnish.deliver.inspection.record import checked
from burnish.deliver.manifest import MANIFEST, Manifest, key_in, key_of, notes_of
from burnish.deliver.order import Delivered, DeliveredFile, Master, Order
from burnish.finding import Finding
from burnish.release import Release, Track

RELEASE = Release(title="Blue", artist="Ana", tracks=(Track(file="a.wav", title="Eins"),))


def part(name: str, *findings: Finding) -> Inspection:
    return Inspection(name, "file", (checked(7, findings),), "cd", "ab" * 32, "cd" * 16, 5)


def cut(severity: str, place: str) -> Finding:
    return Finding("truncated", severity, "The end is cut", f"At {place}.", "Fade it.")


def manifest(*parts: Inspection) -> Manifest:
    whole = Inspection("x", "folder", (), "cd", parts=parts)
    return Manifest(
        "cd", "Compact disc", "2026-11-21T10:00:00Z", RELEASE, (), whole, (), (), (), "k"
    )


def test_what_was_found_in_many_files_is_said_once_and_the_worst_first() -> None:
    parts = [part(f"/x/{k}.wav", cut("warn", str(k))) for k in range(5)]
    hard = Finding("dc", "fail", "An offset", "Of 3 %.", "Mend it.")
    told = manifest(*parts, part("/x/9.wav", hard)).said()
    assert [one.title for one in told] == ["An offset", "The end is cut"]
    assert told[1].where == ("0.wav", "1.wav", "2.wav", "3.wav", "4.wav")
    assert told[1].places == "0.wav, 1.wav, 2.wav and 2 more"
    assert told[1].detail == "At 0."


def test_the_verdict_is_that_of_the_worst_finding() -> None:
    assert manifest(part("a")).verdict == "pass"
    assert manifest(part("a", cut("warn", "x"))).verdict == "warn"
    assert manifest(part("a"), part("b", cut("fail", "x"))).verdict == "fail"
    text = manifest(part("b.wav", cut("fail", "x"))).checklist_text()
    assert "Quality control: FAILED" in text
    assert "fail: The end is cut (b.wav): At x." in text


def test_a_file_that_is_not_told_is_a_fault_of_its_maker(tmp_path: Path) -> None:
    (tmp_path / "told.txt").write_text("hello")
    delivered = Delivered((DeliveredFile(Path("told.txt"), "pq-sheet"),))
    inspection = Inspection("x", "folder", (), "cd", parts=(part("told.txt"),))
    (note,) = notes_of(tmp_path, delivered, inspection)
    assert note.to_json()["sha256"] == "ab" * 32
    (tmp_path / "other.txt").write_text("hello")
    with pytest.raises(ValueError, match=r"other\.txt"):
        notes_of(tmp_path, delivered, inspection)


def test_a_product_is_known_as_long_as_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "told.txt").write_text("hello")
    delivered = Delivered((DeliveredFile(Path("told.txt"), "pq-sheet"),))
    inspection = Inspection("x", "folder", (), "cd", parts=(part("told.txt"),))
    one = replace(manifest(), files=notes_of(tmp_path, delivered, inspection))
    one.write(tmp_path)
    assert key_in(tmp_path) == "k"
    document = json.loads((tmp_path / MANIFEST).read_text("utf-8"))
    assert document["release"]["tracks"] == [
        {"number": 1, "title": "Eins", "artist": "Ana", "isrc": ""}
    ]
    (tmp_path / "told.txt").write_text("hell")
    assert key_in(tmp_path) is None
    (tmp_path / MANIFEST).write_text("no json")
    assert key_in(tmp_path) is None


def test_another_title_master_or_wish_is_another_product() -> None:
    order = Order(RELEASE, (Master(Path("a.wav")),), -1.0)
    key = key_of(order, ["1"], {"name": "cd"})
    assert key == key_of(replace(order, made="later"), ["1"], {"name": "cd"})
    renamed = replace(order, release=RELEASE.with_(title="Red"))
    for other in (
        key_of(order, ["2"], {"name": "cd"}),
        key_of(order, ["1"], {"name": "spotify"}),
        key_of(renamed, ["1"], {"name": "cd"}),
        key_of(replace(order, ceiling_dbtp=-2.0), ["1"], {"name": "cd"}),
    ):
        assert other != key
