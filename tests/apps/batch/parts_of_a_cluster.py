"""A Dask scheduler and workers as processes of their own, which are killed and come again."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self


def until(what: Callable[[], bool], within_s: float = 150.0) -> None:
    """Wait for it; a test that waits too long has failed."""
    end = time.monotonic() + within_s
    while not what():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within_s:g} s")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Cluster:
    """A scheduler and ``workers``; who dies is started anew, as a cluster manager does it."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self.scheduler = self._start_scheduler()
        self.workers = [self._start_worker(i) for i in range(workers)]
        self._minder = threading.Thread(target=self._mind, daemon=True)

    def __enter__(self) -> Self:
        self._minder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._minder.join()
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.wait()

    def add_worker(self) -> None:
        """One more."""
        self.workers.append(self._start_worker(len(self.workers)))

    def kill_worker(self, place: int) -> None:
        """kill -9; another one takes its place."""
        self.workers[place].send_signal(signal.SIGKILL)

    def restart_scheduler(self) -> None:
        """kill -9; another one at the same address, which knows of nothing."""
        self.scheduler.send_signal(signal.SIGKILL)
        self.scheduler.wait()
        self.scheduler = self._start_scheduler()

    def _mind(self) -> None:
        while not self._closed.wait(0.2):
            for place, one in enumerate(self.workers):
                if one.poll() is not None:
                    self.workers[place] = self._start_worker(place)

    def _start_scheduler(self) -> "subprocess.Popen[bytes]":
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--no-show")
        return self._start("scheduler", *where)

    def _start_worker(self, place: int) -> "subprocess.Popen[bytes]":
        how = ("--nthreads", "1", "--no-nanny", "--death-timeout", "20")
        return self._start("worker", self.address, *how, "--name", f"{place}-{time.time():.3f}")

    def _start(self, what: str, *words: str) -> "subprocess.Popen[bytes]":
        with (self._folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, "--no-dashboard"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env={**os.environ, "DASK_TEMPORARY_DIRECTORY": str(self._folder / "dask")},
            )


def end(process: "subprocess.Popen[str]") -> None:
    """kill -9, whatever it is."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGKILL)
    process.communicate()
