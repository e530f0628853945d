"""The queue: order, cancel, restart, and what becomes of a job when things break around it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from tests_of_jobs import until

from burnish.apps.jobs import (
    Job,
    JobProgress,
    JobRecord,
    LocalPool,
    MemoryLedger,
    Outcome,
    Queue,
    Setup,
)
from burnish.apps.jobs.queue import MOST_ATTEMPTS
from burnish.errors import SettingError

SETUP = Setup(kinds=("kinds_of_the_tests",), preload=())


@pytest.fixture
def queue(pool: LocalPool) -> Iterator[Queue]:
    made = Queue(MemoryLedger(), pool)
    yield made
    made.close()


def busy(for_s: float = 0.0) -> Job:
    return Job(what="busy", settings={"for_s": for_s})


def test_a_job_goes_through_its_states(pool: LocalPool) -> None:
    ledger = MemoryLedger()
    queue = Queue(ledger, pool)
    heard: list[tuple[JobRecord, JobProgress | None]] = []
    end = queue.listen(lambda record, progress: heard.append((record, progress)))
    record = queue.submit(busy(0.2), owner="project")
    assert ledger.get(record.id) is not None
    ended = queue.wait(record.id, 20)
    assert ended is not None
    assert (ended.state, ended.attempts, ended.owner) == ("done", 1, "project")
    assert ended.outcome is not None
    assert ended.outcome.result == {"n": 20}
    assert ended.begun_at is not None
    assert ended.ended_at is not None
    assert ended.submitted_at <= ended.begun_at < ended.ended_at
    assert until(lambda: heard[-1][0].state == "done")
    states = [one.state for one, progress in heard if progress is None]
    assert states == ["waiting", "running", "done"]
    assert any(progress and progress.stage == "busy" for _, progress in heard)
    assert queue.unfinished() == []
    end()
    queue.wait(queue.submit(busy()).id, 20)
    assert heard[-1][0].id == record.id
    queue.close()


def test_what_is_urgent_goes_first_and_then_what_came_first(pool: LocalPool) -> None:
    queue = Queue(MemoryLedger(), pool, at_once=1)
    order: list[str] = []

    def heard(record: JobRecord, progress: JobProgress | None) -> None:
        if record.state == "running" and progress is None:
            order.append(str(record.job.settings["name"]))

    def job(name: str, for_s: float = 0) -> Job:
        return Job(what="busy", settings={"name": name, "for_s": for_s})

    queue.listen(heard)
    ids = [queue.submit(job("a", 0.3)).id]
    ids += [queue.submit(job("b")).id, queue.submit(job("c")).id]
    ids.append(queue.submit(job("urgent"), priority=10).id)
    waiting = [str(one.job.settings["name"]) for one in queue.unfinished()]
    assert waiting == ["a", "urgent", "b", "c"]
    for id in ids:
        queue.wait(id, 20)
    assert order == ["a", "urgent", "b", "c"]
    queue.close()


def test_cancel_what_waits_and_what_runs(pool: LocalPool) -> None:
    queue = Queue(MemoryLedger(), pool, at_once=1)
    running, waiting = queue.submit(busy(30)), queue.submit(busy(30))
    assert until(lambda: queue.progress(running.id) is not None)
    assert queue.cancel(waiting.id)
    assert queue.cancel(running.id)
    for one in (running, waiting):
        ended = queue.wait(one.id, 20)
        assert ended is not None
        assert ended.state == "cancelled"
        assert not queue.cancel(one.id)
    assert not queue.cancel("nothing")
    assert queue.progress(running.id) is None
    queue.close()


def test_a_listener_that_fails_does_not_harm(queue: Queue) -> None:
    def heard(*_: Any) -> None:
        raise ValueError("a fault of the page")

    queue.listen(heard)
    record = queue.wait(queue.submit(busy()).id, 20)
    assert record is not None
    assert record.state == "done"


def test_an_id_is_given_once(queue: Queue) -> None:
    queue.submit(busy(), id="one")
    with pytest.raises(SettingError, match="id=one: is a job's already"):
        queue.submit(busy(), id="one")


def test_many_at_once_are_each_done_once(queue: Queue, tmp_path: Path) -> None:
    jobs = [
        Job(what="write", output=str(tmp_path / "log"), settings={"word": n}) for n in range(60)
    ]
    ids: list[str] = []
    halves = [jobs[:30], jobs[30:]]
    threads = [
        threading.Thread(target=lambda h=half: ids.extend(queue.submit(one).id for one in h))
        for half in halves
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for id in ids:
        record = queue.wait(id, 20)
        assert record is not None
        assert record.state == "done"
    assert sorted(map(int, (tmp_path / "log").read_text().split())) == list(range(60))


def test_a_restart_takes_up_what_was_not_done(pool: LocalPool) -> None:
    ledger = MemoryLedger()
    first = JobRecord(busy(), number=1).begun()
    poison = replace(JobRecord(busy(), number=2), state="running", attempts=MOST_ATTEMPTS)
    once = replace(JobRecord(busy(), number=3, at_restart="fail").begun())
    waiting = JobRecord(busy(), number=4)
    done = JobRecord(busy(), number=5).begun().ended_with(Outcome("done", {}))
    for one in (first, poison, once, waiting, done):
        ledger.put(one)
    queue = Queue(ledger, pool)
    taken = queue.restart()
    assert [one.number for one in taken] == [1, 2, 3, 4]
    found = [queue.wait(one.id, 20) for one in (first, poison, once, waiting, done)]
    assert [one and (one.state, one.attempts) for one in found] == [
        ("done", 2),
        ("failed", 3),
        ("failed", 1),
        ("done", 1),
        ("done", 1),
    ]
    for one, words in ((found[1], "while it ran, 3 times;"), (found[2], "while it ran; start")):
        assert one is not None
        assert one.outcome is not None
        assert one.outcome.failure is not None
        assert one.outcome.failure.code == "job-interrupted"
        assert words in one.outcome.failure.sentence
    assert queue.submit(busy()).number == 6
    queue.close()


def test_what_runs_at_the_close_is_put_back_and_what_nobody_wants_is_not() -> None:
    ledger = MemoryLedger()
    with LocalPool(2, SETUP) as pool:
        queue = Queue(ledger, pool)
        kept, unwanted, waiting = (queue.submit(busy(30)) for _ in range(3))
        for one in (kept, unwanted):
            assert until(lambda one=one: queue.progress(one.id) is not None)
        queue.cancel(unwanted.id)
        queue.close()
        with pytest.raises(SettingError, match="is closed"):
            queue.submit(busy())
        states = [(ledger.get(one.id) or kept).state for one in (kept, unwanted, waiting)]
        assert states == ["waiting", "cancelled", "waiting"]
        assert (ledger.get(kept.id) or waiting).attempts == 0


class FailingLedger(MemoryLedger):
    """As a database on a full disk."""

    fails = False

    def put(self, record: JobRecord) -> None:
        if self.fails:
            raise OSError("no room")
        super().put(record)


def test_what_the_ledger_did_not_take_was_not_acknowledged(pool: LocalPool) -> None:
    ledger = FailingLedger()
    queue = Queue(ledger, pool)
    record = queue.submit(busy(0.3))
    ledger.fails = True
    with pytest.raises(OSError, match="no room"):
        queue.submit(busy())
    assert len(queue.unfinished()) == 1
    found = queue.wait(record.id, 20)
    assert found is not None
    assert found.state == "running"  # that it is done is not known: a restart does it again
    ledger.fails = False
    assert (queue.wait(queue.submit(busy()).id, 20) or record).state == "done"
    queue.close()


def test_a_queue_on_other_processes_speaks_through_a_folder(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        queue = Queue(MemoryLedger(), executor, mailbox=tmp_path, setup=SETUP)
        heard: list[JobProgress] = []
        queue.listen(lambda _, progress: heard.append(progress) if progress else None)
        record = queue.submit(busy(30))
        assert until(lambda: bool(heard))
        queue.cancel(record.id)
        ended = queue.wait(record.id, 20)
        assert ended is not None
        assert ended.state == "cancelled"
        assert (queue.wait(queue.submit(busy()).id, 20) or record).state == "done"
        queue.close()
    assert list(tmp_path.iterdir()) == []


def test_a_pool_that_is_shut_fails_its_jobs_and_says_so() -> None:
    with LocalPool(1, SETUP) as pool:
        pass
    queue = Queue(MemoryLedger(), pool)
    for _ in range(3):
        record = queue.wait(queue.submit(busy()).id, 20)
        assert record is not None
        assert record.outcome is not None
        assert record.outcome.failure is not None
        assert record.outcome.failure.code == "job-died"
        assert "the pool lost it" in record.outcome.failure.sentence
    queue.close()
