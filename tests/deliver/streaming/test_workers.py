"""Workers: the same from them as from us, errors come back, and nothing of them is left."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from at_work import ask_twice, fail, pid, speak, tell_for_ever
from orders import order_of, song

from burnish.chain import Progress, Teller
from burnish.deliver import products
from burnish.deliver.products import deliver
from burnish.deliver.workers import WORTH_IT_S, Workers, for_sound
from burnish.errors import OutputError

RATE = 44_100


@pytest.fixture(scope="module", autouse=True)
def finds_us() -> Iterator[None]:
    """A worker finds ``at_work.py``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def workers(finds_us: None) -> Iterator[Workers]:
    with Workers(1) as started:
        yield started


def in_the_other(workers: Workers, work, *given, tell: Teller | None = None):  # type: ignore[no-untyped-def]
    """What the worker makes of it: the places of a queue are taken in turn."""
    while workers.do(pid, tell=Teller(None)) != os.getpid():
        pass
    return workers.do(work, *given, tell=tell or Teller(None))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_is_another_process_that_tells_how_far_it_is(workers: Workers) -> None:
    assert workers.at_once == 2
    told: list[Progress] = []
    tell = Teller(told.append)
    assert in_the_other(workers, ask_twice, 21, tell=tell) == (42, in_the_other(workers, pid))
    assert in_the_other(workers, pid) != os.getpid()
    assert [(one.stage, one.done, one.audio_s) for one in told] == [
        ("encode", 0.5, 5.0),
        ("encode", 1.0, 10.0),
    ]


def test_what_it_raises_is_raised_here_in_the_same_sentence(workers: Workers) -> None:
    for _ in range(2):  # one of them is ours, one the worker's
        with pytest.raises(OutputError) as caught:
            workers.do(fail, "disk-full", "out.wav: no room", tell=Teller(None))
        assert caught.value.code == "disk-full"
        assert caught.value.sentence == "out.wav: no room"
    assert in_the_other(workers, pid) != os.getpid()  # it goes on


def test_what_a_library_prints_does_not_come_between(workers: Workers) -> None:
    assert in_the_other(workers, speak) == "said"


def test_what_a_dead_worker_was_doing_is_done_here() -> None:
    with Workers(1) as workers:
        process = in_the_other(workers, pid)
        os.kill(process, 9)
        assert {workers.do(pid, tell=Teller(None)) for _ in range(4)} == {os.getpid()}


def test_an_interruption_ends_the_worker() -> None:
    def stop(one: Progress) -> None:
        raise KeyboardInterrupt

    with Workers(1) as workers:
        process = in_the_other(workers, pid)
        with pytest.raises(KeyboardInterrupt):
            in_the_other(workers, tell_for_ever, tell=Teller(stop))
        assert not alive(process)


def test_nothing_is_left_behind_them() -> None:
    with Workers(1) as workers:
        process = in_the_other(workers, pid)
        assert alive(process)
    assert not alive(process)


def test_a_worker_ends_with_who_started_it() -> None:
    """Killed, we say nothing to anybody: the end of its standard input is enough."""
    read, write = os.pipe()
    child = os.fork()
    if not child:  # pragma: no cover
        started = Workers(1)
        os.write(write, str(in_the_other(started, pid)).encode())
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    process = int(os.read(read, 20))
    ends = time.monotonic() + 20.0
    while alive(process) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not alive(process)


def test_small_releases_start_none() -> None:
    with for_sound(WORTH_IT_S - 1.0) as workers:
        assert in_the_other(workers, pid) == os.getpid()


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_workers_make_the_same_bytes_and_pass_the_same_checks(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files of a release, its manifests too, in one process or in two."""
    sounds = [song(RATE, 3 * RATE, gain=0.5), song(RATE, 2 * RATE + 77)]
    order = order_of(tmp_path / "in", sounds, [RATE] * 2, replay_gain=True)
    made = {}
    for name, used in (("alone", Workers()), ("together", workers)):
        monkeypatch.setattr(products, "for_sound", lambda _, used=used: _Kept(used))
        scratch = tmp_path / f"scratch-{name}"
        scratch.mkdir()
        (tmp_path / name).mkdir()
        deliver(order, ("tidal", "download"), tmp_path / name, scratch, Teller(None))
        made[name] = sums(tmp_path / name)
    assert made["alone"] == made["together"]
    assert len(made["alone"]) > 15


class _Kept:
    """Workers that are not ended behind the ``with``."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def __enter__(self) -> Workers:
        return self._workers

    def __exit__(self, *_: object) -> None: ...
