"""The figures of a run as Prometheus reads them, over a real port."""

from types import SimpleNamespace
from urllib.request import urlopen

import pytest

from burnish.apps.batch.events import Began, Ended, Finished, TriedAgain, Waits
from burnish.apps.batch.metrics import Metrics
from burnish.apps.batch.records import Head, Record
from burnish.apps.jobs import Failure
from burnish.errors import OutputError

HEAD = Head(manifest="m.csv", do="master", fingerprint="f", rows=10, run=1, first_part=1,
            began_at="2026-11-21T10:00:00+00:00", done_before=4)  # fmt: skip


def record(number: int, state: str = "made", **more: object) -> Record:
    return Record(number, number, "master", f"{number}.wav", "", state, **more)  # type: ignore[arg-type]


def read(port: int) -> dict[str, float]:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {n: float(v) for n, v in (x.rsplit(" ", 1) for x in lines if not x.startswith("#"))}


def test_what_a_run_tells_is_served() -> None:
    with Metrics().served(0) as metrics:
        metrics.told(Began(HEAD, 2, "here"))
        metrics.told(Ended((record(1, audio_s=200.0, cpu_s=8.0, seconds=4.0),), 3))
        metrics.told(Ended((record(2, "stood"), record(3, passed=False, seconds=0.2)), 2))
        metrics.told(TriedAgain(SimpleNamespace(), Failure("job-died", "x"), 1, 0.5))
        metrics.told(Ended((record(4, "failed", code="job-died", passed=False),), 1))
        metrics.told(Waits(True, "the scheduler"))
        told = read(metrics.port)
        assert told["burnish_batch_rows"] == 10
        assert told["burnish_batch_rows_done_before"] == 4
        assert told["burnish_batch_workers"] == 2
        assert told["burnish_batch_under_way"] == 1
        assert told['burnish_batch_rows_ended_total{state="made"}'] == 2
        assert told['burnish_batch_rows_ended_total{state="stood"}'] == 1
        assert told['burnish_batch_rows_failed_total{code="job-died"}'] == 1
        assert told['burnish_batch_tried_again_total{code="job-died"}'] == 1
        assert told["burnish_batch_rows_not_passed_total"] == 1
        assert told["burnish_batch_audio_seconds_total"] == 200.0
        assert told['burnish_batch_row_seconds_bucket{le="1.0"}'] == 1
        assert told['burnish_batch_row_seconds_bucket{le="5.0"}'] == 2
        assert (told["burnish_batch_waits"], told["burnish_batch_finished"]) == (1, 0)
        metrics.told(Waits(False, ""))
        metrics.told(Finished({}))
        told = read(metrics.port)
        assert (told["burnish_batch_waits"], told["burnish_batch_finished"]) == (0, 1)
        with Metrics() as other, pytest.raises(OutputError, match="--metrics-port"):
            other.served(metrics.port)
