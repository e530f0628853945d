"""Workers: what they are told, what they tell, and how one bad job leaves the others alone."""

import json
import os
import signal
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests_of_jobs import until

from burnish.apps.jobs import (
    FolderLine,
    Job,
    JobProgress,
    Limits,
    LocalPool,
    NearLine,
    Outcome,
    Setup,
    attend,
)
from burnish.errors import InputError, SettingError

SETUP = Setup(kinds=("kinds_of_the_tests",), preload=())


def do(pool: Executor, what: str, line: Any = None, **given: Any) -> Outcome:
    return end(pool.submit(attend, Job(what=what, **given).to_json(), line, SETUP))


def end(future: "Future[str]") -> Outcome:
    return Outcome.from_json(future.result(60))


def test_a_job_is_data_that_travels_as_json() -> None:
    job = Job(what="master", inputs=("a.wav",), settings={"loudness_lufs": -10, "for_": ["cd"]})
    assert Job.from_json(job.to_json()) == job
    for text in ("[]", "{", '{"what": "master", "module": "os"}', '{"inputs": []}'):
        with pytest.raises(SettingError):
            Job.from_json(text)
    with pytest.raises(SettingError, match=r"time_s=0: must be 0.1 to 604800 s"):
        Limits(time_s=0)


def test_what_comes_back_is_the_document_and_whether_it_passes(pool: LocalPool) -> None:
    told: list[JobProgress] = []
    outcome = do(pool, "echo", NearLine(told.append), settings={"a": [1, None, "ü"]})
    assert outcome.state == "done"
    assert outcome.passed
    assert outcome.result is not None
    assert outcome.result["settings"] == {"a": [1, None, "ü"]}  # type: ignore[call-overload]
    assert outcome.result["pid"] in pool.shelf.pids  # type: ignore[call-overload]
    assert told == [JobProgress("echo", 0.5, 0.0), JobProgress("echo", 1.0, 0.0)]
    assert not do(pool, "echo", settings={"pass": False}).passed


def test_an_error_of_burnish_comes_back_as_it_was(pool: LocalPool) -> None:
    outcome = do(pool, "refuse")
    assert outcome.state == "failed"
    assert outcome.failure is not None
    error = outcome.failure.as_error()
    assert isinstance(error, InputError)
    assert (error.code, str(error)) == ("input-missing", "song.wav: there is no such file")


@pytest.mark.parametrize(
    ("what", "given", "code", "words"),
    [
        ("nothing", {}, "job-unknown", "what=nothing: must be one of master, "),
        ("os.system", {}, "job-unknown", "must be one of"),
        ("measure", {}, "job-inputs", "inputs: measure takes one, not 0"),
        ("measure", {"inputs": ["gone.wav"]}, "input-missing", "gone.wav"),
        ("fault", {}, "fault", "KeyError: 'oh'. This is a fault of burnish"),
        ("nan", {}, "fault", "not JSON compliant"),
        ("die", {"settings": {"by": "SIGKILL"}}, "job-died", "SIGKILL: killed from outside"),
        ("die", {"settings": {"by": "SIGSEGV"}}, "job-died", "SIGSEGV: a damaged file"),
        ("leave", {}, "job-died", "its worker ended by itself, with code 7"),
        ("bomb", {"limits": Limits(memory_mib=200)}, "job-memory", "more than the 200 MiB"),
        ("creep", {"limits": Limits(memory_mib=100)}, "job-memory", "more than the 100 MiB"),
        ("busy", {"settings": {"for_s": 9}, "limits": Limits(time_s=0.2)}, "job-timeout", "0.2 s"),
        ("deaf", {"limits": Limits(time_s=0.2)}, "job-timeout", "longer than the 0.2 s"),
    ],
)
def test_a_job_that_fails_says_why_and_the_pool_goes_on(
    pool: LocalPool, what: str, given: dict[str, Any], code: str, words: str
) -> None:
    other = pool.submit(attend, Job(what="busy", settings={"for_s": 0.5}).to_json())
    outcome = do(pool, what, **given)
    assert outcome.state == "failed"
    assert outcome.failure is not None
    assert outcome.failure.code == code
    assert words in outcome.failure.sentence
    assert "\n" not in outcome.failure.sentence
    assert outcome.elapsed_s < 10
    assert end(other).state == "done"
    assert do(pool, "echo").state == "done"


def test_what_libraries_print_does_not_come_between(pool: LocalPool) -> None:
    assert do(pool, "noise").result == {}


@pytest.mark.parametrize(("what", "survives"), [("busy", True), ("silent", True), ("deaf", False)])
def test_cancel(pool: LocalPool, tmp_path: Path, what: str, survives: bool) -> None:
    """By the progress, or where there is none by a signal, or at last by killing."""
    before = pool.shelf.pids
    line = NearLine()
    job = Job(what=what, output=str(tmp_path / "note"), settings={"for_s": 30})
    future = pool.submit(attend, job.to_json(), line)
    time.sleep(0.2)
    line.cancel()
    assert end(future).state == "cancelled"
    assert (pool.shelf.pids == before) == survives
    if what == "silent":
        assert (tmp_path / "note").read_text() == "cleaned up"
    assert do(pool, "echo").state == "done"


def test_a_job_that_is_cancelled_before_it_began_never_begins(
    pool: LocalPool, tmp_path: Path
) -> None:
    line = NearLine()
    line.cancel()
    job = Job(what="write", output=str(tmp_path / "note"))
    assert end(pool.submit(attend, job.to_json(), line)).state == "cancelled"
    assert not (tmp_path / "note").exists()


def test_a_line_that_fails_ends_its_job_and_no_other(pool: LocalPool) -> None:
    def told(_: JobProgress) -> None:
        raise ConnectionError("who listened is gone")

    job = Job(what="busy", settings={"for_s": 30})
    with pytest.raises(ConnectionError):
        pool.submit(attend, job.to_json(), NearLine(told)).result(60)
    assert [do(pool, "echo").state for _ in range(4)] == ["done"] * 4


def test_a_block_that_fails_does_not_wait_for_its_jobs() -> None:
    def interrupted() -> None:
        with LocalPool(1, SETUP) as pool:
            line = NearLine(lambda _: seen.append(1))
            job = Job(what="busy", settings={"for_s": 30})
            futures.extend(pool.submit(attend, job.to_json(), line) for _ in range(2))
            until(lambda: bool(seen))
            raise KeyboardInterrupt

    seen: list[int] = []
    futures: list[Future[str]] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert end(futures[0]).state == "failed"
    assert futures[1].cancelled()


def test_a_worker_that_died_while_it_was_idle_is_replaced(pool: LocalPool) -> None:
    for pid in pool.shelf.pids:
        os.kill(pid, signal.SIGKILL)
    assert do(pool, "echo").state == "done"
    assert do(pool, "echo").state == "done"


def test_the_limits_end_with_the_job(pool: LocalPool) -> None:
    for _ in range(4):
        outcome = do(pool, "around", limits=Limits(memory_mib=64))
        assert isinstance(outcome.result, dict)
        assert 128 << 20 < outcome.result["data_limit"] < 600 << 20


def test_threads_and_cores_of_workers_are_counted() -> None:
    setup = Setup(threads=1, cores_each=1, niceness=3, kinds=("kinds_of_the_tests",), preload=())
    ours = sorted(os.sched_getaffinity(0))
    with LocalPool(2, setup) as pool:
        lines = [Job(what="around").to_json()] * 2
        found = [end(one).result for one in [pool.submit(attend, one) for one in lines]]
    for one in found:
        assert isinstance(one, dict)
        assert len(one["cores"]) == 1
        assert set(one["threads"].values()) == {"1"}
        assert {"NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"} <= set(one["threads"])
        assert one["niceness"] >= 3
    assert [setup.cores(place) for place in range(3)] == [
        [ours[place % len(ours)]] for place in range(3)
    ]
    assert Setup().cores(0) == []


def test_workers_end_with_the_pool_and_with_their_parent() -> None:
    pool = LocalPool(1, SETUP)
    future = pool.submit(attend, Job(what="deaf").to_json())
    time.sleep(0.3)
    pid = pool.shelf.pids[0]
    pool.shutdown(wait=False)
    end(future)
    assert until(lambda: gone(pid))

    import subprocess
    import sys

    text = (
        "import sys, time\n"
        "from burnish.apps.jobs import *\n"
        "pool = LocalPool(1, Setup(kinds=('kinds_of_the_tests',), preload=()))\n"
        "job = Job(what='busy', settings={'for_s': 60})\n"
        "line = NearLine(lambda told: print(pool.shelf.pids[0], flush=True))\n"
        "pool.submit(attend, job.to_json(), line)\n"
    )
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
    assert until(lambda: gone(pid))


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state == "Z"


def test_any_executor_fits(tmp_path: Path) -> None:
    """As Dask's `Client.get_executor()`: other processes, with a line through a folder."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        line = FolderLine(str(tmp_path), "job-1")
        assert do(pool, "die", line, settings={"by": "SIGKILL"}).failure is not None
        job = Job(what="busy", settings={"for_s": 30})
        future = pool.submit(attend, job.to_json(), line, SETUP)
        assert until(lambda: (told := line.progress()) is not None and told.stage == "busy")
        line.cancel()
        assert end(future).state == "cancelled"
    line.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SettingError, match="letters, digits, hyphens"):
        FolderLine(str(tmp_path), "../job")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import soundfile

    rng = np.random.default_rng(1)
    t = np.arange(3 * 44100) / 44100
    both = 0.2 * np.sin(2 * np.pi * 220 * t)[:, None] + 0.02 * rng.standard_normal((t.size, 2))
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, both, 44100, subtype="PCM_24")
    return path


def test_the_same_bits_as_in_this_process(song: Path, tmp_path: Path) -> None:
    import burnish

    ours = burnish.master(song, tmp_path / "ours.wav", loudness_lufs=-16, report=False)
    with LocalPool(1, Setup()) as pool:
        told: list[JobProgress] = []
        settings: dict[str, Any] = {"loudness_lufs": -16, "report": False}
        job = Job(
            what="master",
            inputs=(str(song),),
            output=str(tmp_path / "theirs.wav"),
            settings=settings,
        )
        outcome = end(pool.submit(attend, job.to_json(), NearLine(told.append)))
        again = end(pool.submit(attend, job.to_json()))
        bad = end(pool.submit(attend, job.with_(settings={"loudness": -10}).to_json()))
        ours_only = end(pool.submit(attend, job.with_(settings={"progress": 1}).to_json()))
        measured = end(pool.submit(attend, Job(what="measure", inputs=(str(song),)).to_json()))
    assert (tmp_path / "theirs.wav").read_bytes() == (tmp_path / "ours.wav").read_bytes()
    assert isinstance(outcome.result, dict)
    assert outcome.result["after"]["loudness"] == json.loads(
        json.dumps(ours.after.to_json()["loudness"])
    )
    assert {"measure", "render"} <= {one.stage for one in told}
    for failed, code in (
        (again, "output-exists"),
        (bad, "setting-unknown"),
        (ours_only, "setting-unknown"),
    ):
        assert failed.failure is not None
        assert failed.failure.code == code
    assert isinstance(measured.result, dict)
    assert measured.result["source"]["n_samples"] == 3 * 44100
