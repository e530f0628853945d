"""A studio killed with -9: what it acknowledged is there, whole; the rest is as if it never was."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from studio_that_is_killed import data_of

from burnish.apps.jobs import LocalPool, Queue, Setup
from burnish.apps.studio.store import Holding, Store, Upload, Version
from burnish.apps.studio.store import shelf as shelf_module

HERE = Path(__file__).parent
KINDS = HERE.parent / "jobs"


class Killed:
    """A studio in a process of its own, over the test's store."""

    def __init__(self, open_store: Any, url: str | None) -> None:
        self._open_store = open_store
        self._url = url
        store = open_store()
        self.project = store.add_project("p").id
        self.folder = store.folder
        store.close()

    def run(self, how: str, lines: int | None = None, then_s: float = 0.0) -> list[list[str]]:
        """Run until it has said so many lines and some time has gone, or until it dies."""
        paths = os.pathsep.join(filter(None, (str(KINDS), os.environ.get("PYTHONPATH"))))
        words = [str(HERE / "studio_that_is_killed.py"), how, str(self.folder), self._url or ""]
        with subprocess.Popen(
            [sys.executable, *words, self.project],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        ) as process:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line.split())
                if len(said) == lines:
                    time.sleep(then_s)
                    process.kill()
        assert process.returncode == -9
        return [line for line in said if len(line) > 2 or line[0] == "running"]

    def store(self) -> Store:
        store: Store = self._open_store()
        return store


@pytest.fixture
def killed(open_store: Any, database_url: str | None) -> Killed:
    return Killed(open_store, database_url)


def check_whole(store: Store, at_most_unknown: int = 1) -> None:
    """Every row has its file, every file is what its name says, and nothing is left half-done."""
    with store.reading() as session:
        held = {one.sha256: one.file.n_bytes for one in session.scalars(select(Holding))}
        uploads = session.scalars(select(Upload)).all()
        versions = session.scalars(select(Version)).all()
        assert len(held) == len(uploads) + len(versions)
    on_disk = set(store.shelf.names())
    assert set(held) <= on_disk
    assert len(on_disk - set(held)) <= at_most_unknown
    for name in on_disk:
        data = store.shelf.path(name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == name
        assert held.get(name, len(data)) == len(data)
        os.utime(store.shelf.path(name), (0, 0))
    files = [p for p in store.shelf.folder.rglob("*") if p.is_file()]
    assert len(files) == len(on_disk)
    store.sweep()
    assert set(store.shelf.names()) == set(held)


@pytest.mark.parametrize("how", ["uploads", "versions"])
def test_killed_at_any_moment(killed: Killed, how: str) -> None:
    acknowledged: dict[str, int] = {}
    for then_s in (0.0, 0.013, 0.031):
        for _, id, n in killed.run(how, 3, then_s):
            acknowledged[id] = int(n)
        store = killed.store()
        with store.reading() as session:
            for id, number in acknowledged.items():
                row: Any = session.get(Upload if how == "uploads" else Version, id)
                assert row is not None, f"{how} {number} was acknowledged and is gone"
                assert store.shelf.path(row.holding.sha256).read_bytes() == data_of(number)
                if how == "versions":
                    assert row.recall == str(number)
        store.close()
    assert len(acknowledged) >= 9


@pytest.mark.parametrize(
    ("how", "n_uploads"),
    [
        ("half_an_upload", 0),
        ("before-the-name", 1),
        ("after-the-name", 1),
        ("before-the-commit", 1),
        ("after-the-commit", 2),
    ],
)
def test_killed_in_the_middle(killed: Killed, how: str, n_uploads: int) -> None:
    killed.run(how)
    store = killed.store()
    with store.reading() as session:
        assert len(session.scalars(select(Upload)).all()) == n_uploads
    check_whole(store)
    with store.uploading(killed.project, "1.wav") as coming:  # and again
        coming.write(data_of(1))
        coming.keep()
    with store.reading() as session:
        assert len(session.scalars(select(Upload)).all()) == n_uploads + 1
    assert store.shelf.path(hashlib.sha256(data_of(1)).hexdigest()).read_bytes() == data_of(1)


def test_killed_while_jobs_run(killed: Killed, monkeypatch: pytest.MonkeyPatch) -> None:
    said = killed.run("jobs", 5)
    ids = {line[2]: line[1] for line in said if line[0] == "job"}
    workers = [int(pid) for line in said if line[0] == "running" for pid in line[1:]]
    assert len(workers) == 2
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/cmdline").exists() for pid in workers):
        assert time.monotonic() < end, "the workers outlived their studio"
        time.sleep(0.02)
    store = killed.store()
    monkeypatch.setenv("PYTHONPATH", str(KINDS))
    with LocalPool(2, Setup(kinds=("kinds_of_the_tests",), preload=())) as pool:
        queue = Queue(store.ledger(), pool)
        taken = queue.restart()
        assert {one.id for one in taken} == {ids["resume"], ids["fail"], ids["waits"]}
        found = {word: queue.wait(id, 20) for word, id in ids.items()}
        assert {word: one and (one.state, one.attempts) for word, one in found.items()} == {
            "done": ("done", 1),
            "resume": ("done", 2),
            "fail": ("failed", 1),
            "waits": ("done", 1),
        }
        failed = found["fail"]
        assert failed is not None
        assert failed.outcome is not None
        assert failed.outcome.failure is not None
        assert failed.outcome.failure.code == "job-interrupted"
        queue.close()
    begun = sorted((store.folder / "note").read_text().split())
    assert begun == ["done", "fail", "resume", "resume", "waits"]
    assert store.ledger().unfinished() == []


def test_a_shelf_forgets_what_a_killed_one_was_taking_in(tmp_path: Path) -> None:
    shelf = shelf_module.Shelf(tmp_path)
    (tmp_path / "part" / "abc").write_bytes(b"half")
    kept = shelf.keep(b"whole")
    again = shelf_module.Shelf(tmp_path)
    assert list((tmp_path / "part").iterdir()) == []
    assert list(again.names()) == [kept.sha256]
