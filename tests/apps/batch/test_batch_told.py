"""What is told of a run, and what is kept of very many songs."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.apps.batch.events import Began, Ended, Event, Finished, TriedAgain, Waits, tell
from burnish.apps.batch.learned import sample
from burnish.apps.batch.ledger import Head, Record
from burnish.apps.batch.unit import Unit
from burnish.apps.cli.batch_progress import BatchWatch
from burnish.apps.jobs import Failure
from burnish.targets.profile import N_FIGURES, Track


def track(number: int, name: str = "a") -> Track:
    return Track(name, f"{number:064x}", (float(number), *(None,) * (N_FIGURES - 1)))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abc")), max_size=80),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
def test_the_sample_of_very_many_songs_is_that_of_any_order(
    songs: list[tuple[int, str]], most: int, chance: random.Random
) -> None:
    tracks = [track(*one) for one in songs]
    first = set(sample(tracks, most))
    chance.shuffle(tracks)
    assert set(sample(tracks, most)) == first
    smallest = sorted({one.sha256 for one in tracks})[:most]
    assert sorted(one.sha256 for one in first) == smallest
    for one in first:
        assert one.name == min(other.name for other in tracks if other.sha256 == one.sha256)
        assert one.values[:2] == (float(int(one.sha256, 16)), None)


def head() -> Head:
    return Head("m.csv", "check", "f", 9, 2, 5, "2026-11-21T12:00:00+00:00",
                done_before=3, failed_before={"job-died": 1})  # fmt: skip


def record(number: int, code: str = "") -> Record:
    state = "failed" if code else "made"
    return Record(number, number, "check", "a", "b", state, code=code, sentence="why" * bool(code))


def test_a_log_gets_a_line_now_and_then() -> None:
    now = 0.0
    log = io.StringIO()
    watch = BatchWatch(stream=log, clock=lambda: now)
    watch(Began(head(), 2, "2 workers"))
    for number in range(5, 9):
        now += 4.0
        watch(Ended((record(number),), 1))
    watch(Waits(True, "tcp://head"))
    watch(Waits(False, "tcp://head"))
    assert log.getvalue().splitlines() == [
        "check: 9 rows, 4 known from before; 2 workers",
        "5 of 9 rows; 900 songs per hour",
        "8 of 9 rows; 900 songs per hour",
        "waiting: tcp://head",
        "again there: tcp://head",
    ]


def test_failures_are_said_until_nobody_reads_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = io.StringIO()
    watch = BatchWatch(stream=log)
    unit = Unit((7,), "check", ("a.wav",), "out", {})
    watch(TriedAgain(unit, Failure("job-died", "it died"), 1, 2.0))
    for number in range(200):
        watch(Ended((record(number, "input-unreadable"),), 0))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "burnish: job-died: row 7: it died; again in 2.0 s"
    assert said[1] == "burnish: input-unreadable: row 0: why"
    assert len(said) == 99
    assert "more failures are not shown" in log.getvalue()
    quiet = io.StringIO()
    BatchWatch(quiet=True, stream=quiet)(Began(head(), 1, "here"))
    assert quiet.getvalue() == ""


def test_an_observer_that_fails_does_no_harm() -> None:
    heard: list[Event] = []

    def broken(_: Event) -> None:
        raise ValueError("mine")

    tell((broken, heard.append), Finished({}))
    assert heard == [Finished({})]
