"""The run: what is tried again, what is not, what a kill costs, and what is left on the disk."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from crews_of_batches import Killed, ScriptedCrew, csv_of
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.apps.batch import ledger as ledgers
from burnish.apps.batch.asked import BatchSettings
from burnish.apps.batch.events import Began, Ended, Event, Finished, TriedAgain, Waits
from burnish.apps.batch.ledger import Ledger
from burnish.apps.batch.manifest import Manifest
from burnish.apps.batch.places import LocalPlace, Place
from burnish.apps.batch.run import EACH, Run, Summary
from burnish.apps.batch.status import status
from burnish.errors import InputError, OutputError, ResultError, SettingError


class Batch:
    """A folder with a manifest, which is run again and again."""

    def __init__(self, folder: Path, names: list[str], part_rows: int = 4, **asked: Any) -> None:
        self.folder, self.out = folder, folder / "out"
        self.asked = BatchSettings(
            **{"do": "check", "backoff_s": 0.0, "part_rows": part_rows, "part_s": 3600.0, **asked}
        )
        self.crew = ScriptedCrew()
        self.events: list[Event] = []
        self.write(names)

    def write(self, names: list[str], head: str = "input") -> None:
        (self.folder / "m.csv").write_text(csv_of(names, head))

    def run(self, resume: bool = False, retry_failed: bool = False, **options: Any) -> Summary:
        manifest = Manifest(str(self.folder / "m.csv"), self.asked.do, str(self.out), options)
        checked = manifest.check()
        ledger = Ledger(LocalPlace(self.out), self.asked.part_rows, self.asked.part_s)
        heard = (self.events.append,)
        chance = random.Random(1)
        run = Run(manifest, checked, ledger, self.crew, self.asked, heard, chance=chance)
        return run.go(resume, retry_failed)

    def results(self) -> list[dict[str, Any]]:
        return pq.read_table(self.out / "results.parquet").to_pylist()

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.events if isinstance(one, kind)]


def names(n: int) -> list[str]:
    return [f"{i:03d}.wav" for i in range(n)]


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(tmp_path, names(20))


def test_a_second_run_makes_nothing_and_a_resumed_one_asks_nothing(batch: Batch) -> None:
    first = batch.run()
    assert first.passed
    assert (first.sums["made"], first.worked, first.tries) == (20, 20, 20)
    assert batch.crew.worked == names(20)
    again = batch.run()
    assert (again.sums["made"], again.sums["stood"], again.worked) == (0, 20, 20)
    assert batch.crew.worked == names(20)
    resumed = batch.run(resume=True)
    assert (resumed.sums["stood"], resumed.worked) == (20, 0)
    assert [(one["number"], one["input"][-7:]) for one in batch.results()] == list(
        enumerate(names(20), 1)
    )
    one = batch.results()[0]
    assert one | {"key": "000.wav", "before_lufs": -14.0, "verdict": "pass", "attempts": 1} == one
    assert (one["sha256"], one["audio_s"], one["output_bytes"]) == ("f" * 64, 2.0, 9)


def test_a_changed_setting_does_only_its_rows_again(batch: Batch) -> None:
    batch.run()
    batch.write([f"{one},{'jazz' if one[:3] in ('003', '004') else ''}" for one in names(20)],
                "input,style")  # fmt: skip
    with pytest.raises(SettingError, match="another manifest or of other settings"):
        batch.run()
    again = batch.run(resume=True)
    assert (again.worked, again.sums["rows"], again.sums["left"]) == (2, 20, 0)
    assert batch.crew.worked[20:] == ["003.wav", "004.wav"]
    assert sorted(one["number"] for one in batch.results()) == list(range(1, 21))
    batch.write(names(5)[::-1])
    assert batch.run(resume=True).worked == 2  # something else lies where they were
    assert batch.crew.worked[22:] == ["004.wav", "003.wav"]
    assert sorted(one["input"][-7:] for one in batch.results()) == names(5)


def test_a_run_of_something_else_that_was_cut_off_is_not_trusted(batch: Batch) -> None:
    batch.run()
    batch.write([f"{one},jazz" for one in names(20)], "input,style")
    batch.crew.kill_after = 10
    with killed(False):
        batch.run(resume=True)
    batch.crew.kill_after = None
    batch.write(names(20))
    # What the cut-off run made may not be told: every row is looked at.
    assert batch.run(resume=True).worked == 20


def test_what_may_pass_is_tried_again_and_what_will_not_is_not(batch: Batch) -> None:
    batch.crew.scripts = {
        "001.wav": ["place-unreachable", "job-died", "ok"],
        "002.wav": ["input-unreadable"],
        "003.wav": ["job-died"],
        "004.wav": ["job-timeout"],
        "005.wav": ["output-no-room", "ok"],
        "006.wav": ["failed-qc"],
    }
    summary = batch.run()
    tried = Counter(batch.crew.tried)
    assert {name: tried[name] for name in batch.crew.scripts} == {
        "001.wav": 3, "002.wav": 1, "003.wav": 4, "004.wav": 1, "005.wav": 2, "006.wav": 1,
    }  # fmt: skip
    assert not summary.passed
    assert summary.sums["failures"] == {"input-unreadable": 1, "job-died": 1, "job-timeout": 1}
    assert (summary.sums["failed"], summary.sums["not_passed"]) == (3, 1)
    lines = (batch.out / "quarantine.jsonl").read_text().splitlines()
    assert {(one["number"], one["code"], one["attempts"]) for one in map(json.loads, lines)} == {
        (3, "input-unreadable", 1), (4, "job-died", 4), (5, "job-timeout", 1),
    }  # fmt: skip
    assert [one.attempts for one in batch.of(TriedAgain) if one.unit.rows == (4,)] == [1, 2, 3]
    batch.crew.tried.clear()
    batch.run(resume=True)
    assert batch.crew.tried == ["003.wav"] * 4  # it may have passed
    batch.crew.scripts = {}
    assert batch.run(resume=True, retry_failed=True).sums["failed"] == 0
    assert not (batch.out / "quarantine.jsonl").exists()


def test_waits_before_another_try_grow_and_are_bounded(tmp_path: Path) -> None:
    batch = Batch(tmp_path, names(1), backoff_s=100.0, retries=8)
    batch.crew.scripts = {"000.wav": ["job-died"]}
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 10.0
        return now

    manifest = Manifest(str(tmp_path / "m.csv"), "check", str(batch.out))
    ledger = Ledger(LocalPlace(batch.out))
    asked = batch.asked.with_(backoff_s=1.0)
    run = Run(manifest, manifest.check(), ledger, batch.crew, asked, (batch.events.append,),
              clock=clock, chance=random.Random(3))  # fmt: skip
    run.go()
    waits = [one.wait_s for one in batch.of(TriedAgain)]
    assert len(waits) == 8
    for k, wait_s in enumerate(waits):
        most = min(60.0, 2.0**k)
        assert most / 2 <= wait_s <= most


def test_a_run_where_all_fails_for_the_same_is_stopped(tmp_path: Path) -> None:
    batch = Batch(tmp_path, names(90), part_rows=50, retries=0)
    batch.crew.scripts = {name: ["output-no-room"] for name in names(90)}
    with pytest.raises(ResultError, match=r"24 rows failed one after the other.*--resume"):
        batch.run()
    assert len(batch.crew.tried) < 24 + 2 * EACH * 2
    assert status(LocalPlace(batch.out)).state == "stopped"
    batch.crew.scripts = {}
    assert batch.run(resume=True).passed


def test_no_more_is_under_way_than_a_few_for_each_worker(tmp_path: Path) -> None:
    batch = Batch(tmp_path, names(100))
    batch.run()
    assert max(one.under_way for one in batch.of(Ended)) < EACH * batch.crew.workers
    assert [type(one) for one in (batch.events[0], batch.events[-1])] == [Began, Finished]


def test_a_place_that_is_lost_is_waited_for(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    put, left = LocalPlace.put, iter([True, True, False])

    def lost(self: LocalPlace, path: Path) -> int:
        if "rows-" in self.url and next(left, False):
            raise OutputError("place-unreachable", f"{self.url}: cannot be reached")
        return put(self, path)

    monkeypatch.setattr(LocalPlace, "put", lost)
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert batch.run().passed
    assert [one.lost for one in batch.of(Waits)] == [True, False]
    assert len(batch.results()) == 20


def test_parts_become_fewer_and_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "TOGETHER", 3)
    batch = Batch(tmp_path, names(40), part_rows=2)
    batch.crew.scripts = {"007.wav": ["input-unreadable"]}
    batch.run()
    parts = sorted(one.name for one in (batch.out / "state").glob("*.parquet"))
    assert len(parts) <= 6
    assert parts[0] == "rows-0000000001-0000000009.parquet"
    batch.crew.scripts = {}
    # As if killed between a part of many and the taking away of what it covers.
    covered = batch.out / "state" / "rows-0000000002-0000000002.parquet"
    covered.write_bytes(b"not looked at")
    assert batch.run(resume=True, retry_failed=True).passed
    assert sorted(one["number"] for one in batch.results()) == list(range(1, 41))


def test_status_tells_of_a_run_that_goes_on_was_killed_or_is_over(batch: Batch) -> None:
    batch.crew.scripts = {"000.wav": ["input-unreadable"]}
    batch.crew.kill_after = 13
    with pytest.raises(Killed):
        batch.run()
    told = status(LocalPlace(batch.out))
    assert (told.state, told.rows, told.failed, told.failures) == (
        "stopped", 20, 1, {"input-unreadable": 1},
    )  # fmt: skip
    assert told.done + told.failed + told.left == 20
    assert told.songs_per_hour is not None
    assert told.left_s is not None
    batch.crew.kill_after = None
    batch.run(resume=True)
    told = status(LocalPlace(batch.out))
    assert (told.state, told.done, told.failed, told.left) == ("finished", 19, 1, 0)
    with pytest.raises(InputError, match="there is no batch"):
        status(LocalPlace(batch.folder))


def test_the_folder_may_be_behind_a_url(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(csv_of(names(7)))
    url = f"memory://{tmp_path.name}/out"
    manifest = Manifest(str(tmp_path / "m.csv"), "check", url)
    asked = BatchSettings(do="check", part_rows=2)
    crew = ScriptedCrew()
    for resume, worked in ((False, 7), (True, 0)):
        ledger = Ledger(Place.of(url), 2)
        summary = Run(manifest, manifest.check(), ledger, crew, asked).go(resume)
        assert (summary.worked, summary.sums["made"]) == (worked, 7)
    assert crew.jobs[0]["output"] == f"{url}/000.check.json"
    assert crew.jobs[0]["settings"]["marks"] == f"{url}/marks"
    assert status(Place.of(url)).done == 7


WORDS = st.sampled_from(
    ["ok", "ok", "ok", "failed-qc", "job-died", "place-unreachable", "input-unreadable"]
)


@settings(max_examples=12, deadline=None)
@given(
    scripts=st.lists(st.lists(WORDS, min_size=1, max_size=6), min_size=1, max_size=24),
    kills=st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=4),
    part_rows=st.integers(1, 9),
)
def test_whatever_happens_each_row_ends_once(
    scripts: list[list[str]], kills: list[tuple[int, bool]], part_rows: int
) -> None:
    """Killed anywhere, with or without a last word: nothing lost, nothing twice, nothing untold."""
    with TemporaryDirectory() as folder:
        batch = Batch(Path(folder), names(len(scripts)), part_rows, retries=2)
        batch.crew.scripts = dict(zip(names(len(scripts)), map(list, scripts), strict=True))
        for after, has_last_word in kills:
            batch.crew.kill_after = after
            ended = len(batch.of(Ended))
            with killed(has_last_word):
                batch.run(resume=True)
            known = status_of(batch)
            if known is not None and not has_last_word:
                said = len(batch.of(Ended)) - ended
                assert known.failed + known.done >= min(said // part_rows * part_rows, said)
        batch.crew.kill_after = None
        summary = batch.run(resume=True)
        rows = batch.results()
        assert sorted(one["number"] for one in rows) == list(range(1, len(scripts) + 1))
        assert summary.sums["left"] == 0
        assert max(Counter(batch.crew.worked).values(), default=1) == 1
        for one in rows:
            name = one["input"][-7:]
            assert (one["state"] == "failed") == (name not in batch.crew.worked)
            assert one["attempts"] <= 3
        told = status_of(batch)
        assert told is not None
        assert (told.state, told.done + told.failed, told.left) == ("finished", len(rows), 0)
        assert told.failures == summary.sums["failures"]


def status_of(batch: Batch) -> Any:
    try:
        return status(LocalPlace(batch.out))
    except InputError:
        return None


class killed:
    """A kill in this block: by a signal, with a last word of the driver; or without."""

    def __init__(self, has_last_word: bool) -> None:
        self._last_word = has_last_word

    def __enter__(self) -> Iterator[None]:
        self._patch = pytest.MonkeyPatch()
        if not self._last_word:
            self._patch.setattr(Run, "_stopped", lambda *_: None)
        return iter(())

    def __exit__(self, kind: Any, *_: object) -> bool:
        self._patch.undo()
        return kind is Killed


def test_a_second_run_at_the_same_time_is_kept_out(batch: Batch) -> None:
    busy = pytest.raises(OutputError, match="another run is at work")
    with Ledger(LocalPlace(batch.out)).held(), busy:
        batch.run()
    assert batch.run().passed


def test_songs_of_a_share_that_is_away_are_done_when_it_is_back(batch: Batch) -> None:
    batch.crew.scripts = {name: ["input-missing"] for name in names(20)}
    assert batch.run().sums["failures"] == {"input-missing": 20}
    batch.crew.scripts = {}
    assert batch.run(resume=True).passed
