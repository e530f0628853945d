"""The queue's ledger in the database: what it keeps, and what is written with a job's end."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from burnish.apps.jobs import (
    Failure,
    Job,
    JobRecord,
    LocalPool,
    Outcome,
    Queue,
    Setup,
)
from burnish.apps.studio.store import (
    Kept,
    Quotas,
    Store,
    Version,
    add_version,
)
from burnish.errors import InputError


def test_a_record_comes_back_as_it_was(store: Store) -> None:
    project = store.add_project("p")
    ledger = store.ledger()
    job = Job(
        what="master", inputs=("a.wav",), output="b.wav", settings={"for_": ["cd"], "x": None}
    )
    record = JobRecord(job, owner=project.id, number=7, priority=-2, at_restart="fail")
    outcomes = (
        Outcome("done", {"a": [1.5, None]}, passed=False, elapsed_s=1.25),
        Outcome("failed", failure=Failure("input-silent", "song.wav: is silent", 3, "trace")),
        Outcome("cancelled"),
    )
    for kept in (record, record.begun(), *[record.begun().ended_with(one) for one in outcomes]):
        ledger.put(kept)
        assert ledger.get(record.id) == kept
    assert ledger.get("nothing") is None
    assert ledger.last_number() == 7
    assert [one.id for one in ledger.of_project(project.id)] == [record.id]


def test_unfinished_ones_in_their_order(store: Store) -> None:
    ledger = store.ledger()
    assert ledger.last_number() == 0
    records = [JobRecord(Job(what="x"), number=n) for n in (3, 1, 2, 4)]
    records[3] = records[3].ended_with(Outcome("done", {}))
    for one in records:
        ledger.put(one)
    ledger.put(records[2].begun())
    assert [(one.number, one.state) for one in ledger.unfinished()] == [
        (1, "waiting"),
        (2, "running"),
        (3, "waiting"),
    ]


def test_jobs_go_with_their_project(store: Store) -> None:
    project, ledger = store.add_project("p"), store.ledger()
    record = JobRecord(Job(what="x"), owner=project.id, number=1)
    ledger.put(record)
    store.forget_project(project.id)
    assert ledger.get(record.id) is None
    ledger.put(record.begun())  # it was running
    ledger.put(record.begun().ended_with(Outcome("done", {})))
    assert ledger.get(record.id) is None
    with pytest.raises(InputError, match="no such project"):
        ledger.put(replace(record, id="new"))


def completing(store: Store, quotas: Quotas) -> Callable[[JobRecord], Callable[[Session], None]]:
    """As the studio: the master becomes a version."""

    def complete(record: JobRecord) -> Callable[[Session], None]:
        kept: Kept = store.shelf.keep(record.id.encode())

        def write(session: Session) -> None:
            add_version(session, str(record.owner), kept, "m.wav", quotas, job_id=record.id)

        return write

    return complete


def test_what_comes_of_a_job_is_written_with_it_and_once(store: Store) -> None:
    project = store.add_project("p")
    ledger = store.ledger({"echo": completing(store, Quotas())})
    record = JobRecord(Job(what="echo"), owner=project.id, number=1)
    ledger.put(record)
    for _ in range(2):  # done twice, as after a restart
        ledger.put(record.begun().ended_with(Outcome("done", {})))
    with store.reading() as session:
        assert [one.job_id for one in session.scalars(select(Version))] == [record.id]


def test_a_job_whose_result_is_refused_has_failed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_killed import KINDS

    monkeypatch.setenv("PYTHONPATH", str(KINDS))
    project = store.add_project("p")
    ledger: Any = store.ledger({"echo": completing(store, Quotas(project_bytes=40))})
    with LocalPool(1, Setup(kinds=("kinds_of_the_tests",), preload=())) as pool:
        queue = Queue(ledger, pool)
        found = [queue.wait(queue.submit(Job(what="echo"), owner=project.id).id) for _ in "12"]
        queue.close()
    assert [one and one.state for one in found] == ["done", "failed"]
    assert found[1] is not None
    assert found[1].outcome is not None
    assert found[1].outcome.failure is not None
    assert found[1].outcome.failure.code == "quota"
    with store.reading() as session:
        assert len(session.scalars(select(Version)).all()) == 1


def test_a_job_whose_result_cannot_be_kept_has_failed_and_runs_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_killed import KINDS

    def broken(record: JobRecord) -> Callable[[Session], None]:
        raise ZeroDivisionError(record.id)

    monkeypatch.setenv("PYTHONPATH", str(KINDS))
    project = store.add_project("p")
    ledger: Any = store.ledger({"echo": broken})
    with LocalPool(1, Setup(kinds=("kinds_of_the_tests",), preload=())) as pool:
        queue = Queue(ledger, pool)
        found = queue.wait(queue.submit(Job(what="echo"), owner=project.id).id, 20)
        queue.close()
    assert found is not None
    assert found.outcome is not None
    assert found.outcome.failure is not None
    assert (found.state, found.outcome.failure.code) == ("failed", "fault")
    assert ledger.unfinished() == []
