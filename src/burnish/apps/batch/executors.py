"""Executors: who does the rows. A local pool, or a Dask cluster behind the same face.

    with executor_for(scheduler, workers, setup) as crew:
        future = crew.submit(attend, job.to_json(), None, setup)

On a cluster a call may be lost with its worker, or all with the scheduler. Neither is seen from
here: what was not answered is handed in again, as rows may be done twice and are delivered once.
Only a cluster that stays away ends its calls, with ``cluster-lost``.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, Self

from burnish.apps.batch.places import extra_missing
from burnish.apps.jobs import LocalPool, NearLine, Outcome, Setup, cores_here, memory_for_workers
from burnish.errors import BurnishError, OutputError

PATIENCE_S = 300.0
"""So long a scheduler that is gone is waited for."""
_FIRST_S, _MOST_S = 0.5, 5.0
_CONNECT_S = 20.0
_LET_GO_S = 0.5
_LOOK_S = 0.25
_EACH_MIB = 1024
"""Memory that a song wants at least, where the number of workers is left to burnish."""


class Crew(Protocol):
    """Who does the rows: submits calls, and knows how many go on at a time."""

    @property
    def workers(self) -> int:
        """How many rows are done side by side, as far as known now; at least 1."""

    @property
    def where(self) -> str:
        """Where they are, in a few words, for people."""

    def submit(self, call: Callable[..., str], /, *given: Any) -> "Future[str]":
        """Have it called; from any thread."""

    def lost(self) -> bool:
        """Whether the workers cannot be reached now, and are waited for."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: object, *_: object) -> None: ...


def executor_for(
    scheduler: str | None,
    workers: int | None = None,
    setup: Setup | None = None,
    patience_s: float = PATIENCE_S,
) -> Crew:
    """The crew of a batch: a local pool, or the Dask cluster of ``scheduler`` (``tcp://...``).

    ``workers`` counts only for the local pool; left out, as many as cores and memory bear.
    """
    if scheduler is None:
        return LocalCrew(workers or workers_here(), setup or Setup())
    return Cluster(scheduler, patience_s)


def workers_here() -> int:
    """As many workers as this machine has cores, and memory for."""
    return max(1, min(cores_here(), memory_for_workers(1) // _EACH_MIB))


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count or 'no'} workers"


class LocalCrew:
    """Worker processes on this machine."""

    def __init__(self, workers: int, setup: Setup) -> None:
        self._pool = LocalPool(workers, setup)

    @property
    def workers(self) -> int:
        """How many there are."""
        return self._pool.workers

    @property
    def where(self) -> str:
        """In a few words."""
        return f"{_workers(self.workers)} on this machine"

    def submit(self, call: Callable[..., str], /, *given: Any) -> "Future[str]":
        """Have it called."""
        return self._pool.submit(call, *given)

    def lost(self) -> bool:
        """Never: they are here."""
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=kind is not None)


@dataclass(eq=False)
class _Call:
    """A call that is not answered yet."""

    call: Callable[..., str]
    given: tuple[Any, ...]
    future: "Future[str]"
    life: int = 0
    """Of which connection its answer will come."""


class Cluster:
    """The workers of a Dask scheduler, which may come, go, and be restarted with it."""

    def __init__(self, scheduler: str, patience_s: float = PATIENCE_S) -> None:
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise extra_missing(f"scheduler={scheduler}", "distributed") from None
        for name in ("client", "core", "comm"):  # we say it in our own words
            logging.getLogger(f"distributed.{name}").setLevel(logging.CRITICAL)
        self._scheduler = scheduler
        self._patience_s = patience_s
        self._lock = threading.RLock()
        self._open: dict[Future[str], _Call] = {}
        self._life = 0
        self._there = 0
        self._lost = False
        self._closed = threading.Event()
        self._failed: BurnishError | None = None
        self._client: Any = None
        self._executor: Any = None
        self._connect(min(patience_s, _CONNECT_S))
        self._minder = threading.Thread(target=self._mind, daemon=True, name="burnish-cluster")
        self._minder.start()

    @property
    def workers(self) -> int:
        """How many threads of workers the scheduler has now; at least 1."""
        return max(1, self._there)

    @property
    def where(self) -> str:
        """In a few words, with the page that Dask itself has of its work."""
        page = ""
        with suppress(Exception):
            if "dashboard" in self._client.scheduler_info(n_workers=0)["services"]:
                page = f"; Dask's own page: {self._client.dashboard_link}"
        return f"{_workers(self._there)} of {self._scheduler}{page}"

    def submit(self, call: Callable[..., str], /, *given: Any) -> "Future[str]":
        """Have it called by whichever worker is free. A line inside this process is left out."""
        told = tuple(None if isinstance(one, NearLine) else one for one in given)
        one = _Call(call, told, Future())
        with self._lock:
            if self._failed is not None:
                raise self._failed
            self._open[one.future] = one
            if not self._lost:
                self._hand_in(one)
        return one.future

    def lost(self) -> bool:
        """Whether the scheduler is gone, or has no workers, and is waited for."""
        return self._lost or not self._there

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._closed.set()
        with self._lock:
            left = list(self._open)
            self._open.clear()
        for future in left:
            future.cancel()
        self._minder.join()
        self._let_go()

    def _connect(self, wait_s: float) -> None:
        """A new client; what is not answered in time is an ``OutputError``."""
        try:
            client = _client(self._scheduler, wait_s)
        except (OSError, ValueError, TimeoutError) as error:
            raise OutputError(
                "cluster-lost", f"scheduler={self._scheduler}: cannot be reached"
            ) from error
        self._client, self._executor = client, client.get_executor(pure=False)
        self._life += 1
        self._count()

    def _let_go(self) -> None:
        """Close the client; one that still looks for its scheduler takes its time over it."""
        client = self._client

        def close() -> None:
            with suppress(Exception):
                client.close(timeout=2)

        closing = threading.Thread(target=close, daemon=True, name="burnish-let-go")
        closing.start()
        closing.join(_LET_GO_S)

    def _count(self) -> None:
        with suppress(Exception):
            known = self._client.scheduler_info(n_workers=-1)["workers"].values()
            self._there = sum(int(one["nthreads"]) for one in known)

    def _hand_in(self, one: _Call) -> None:
        """Hand it to the scheduler; one that is just lost gets it again from ``_mind``."""
        one.life = self._life
        try:
            answer = self._executor.submit(one.call, *one.given)
        except Exception:  # noqa: BLE001  the connection broke under us: _mind sees to it
            self._lost = True
            return
        answer.add_done_callback(lambda done, life=one.life: self._answered(one, life, done))

    def _answered(self, one: _Call, life: int, answer: "Future[str]") -> None:
        """An answer, or that there will be none."""
        with self._lock:
            if one.life != life or one.future not in self._open:
                return  # it was handed in again, or nobody waits
            try:
                result = answer.result(0)
            except CancelledError:  # with its scheduler: all that is open is lost
                self._lost = True
                return
            except Exception as error:  # noqa: BLE001
                if _is_connection(error):
                    self._lost = True
                    return
                result = _failed(error)
            del self._open[one.future]
        if one.future.set_running_or_notify_cancel():
            one.future.set_result(result)

    def _mind(self) -> None:
        """See that the scheduler is there; when it was lost, find it and hand all in again."""
        look_at = 0.0
        while not self._closed.wait(_LOOK_S):
            if self._client.status != "running":
                self._lost = True
            if self._lost:
                self._find_again()
            elif time.monotonic() > look_at:
                look_at = time.monotonic() + 2.0
                self._count()

    def _find_again(self) -> None:
        until = time.monotonic() + self._patience_s
        wait_s = _FIRST_S
        self._there = 0
        self._let_go()
        while not self._closed.is_set():
            try:
                self._connect(max(1.0, min(wait_s, 10.0)))
            except BurnishError as error:
                if time.monotonic() > until:
                    self._give_up(error)
                    return
                self._closed.wait(wait_s)
                wait_s = min(2 * wait_s, _MOST_S)
                continue
            with self._lock:
                self._lost = False
                for one in list(self._open.values()):
                    self._hand_in(one)
            return

    def _give_up(self, error: BurnishError) -> None:
        self._failed = OutputError(
            "cluster-lost",
            f"scheduler={self._scheduler}: was lost, and did not come back in "
            f"{self._patience_s:g} s; the batch can be resumed",
        )
        self._failed.__cause__ = error
        with self._lock:
            left = list(self._open)
            self._open.clear()
        for future in left:
            if future.set_running_or_notify_cancel():
                future.set_exception(self._failed)
        self._closed.set()


def _client(scheduler: str, wait_s: float) -> Any:
    """A client, or a ``TimeoutError``, also where something else listens and says nothing."""
    from distributed import Client

    found: Future[Any] = Future()

    def connect() -> None:
        try:
            found.set_result(Client(scheduler, timeout=wait_s, set_as_default=False))
        except Exception as error:  # noqa: BLE001  it is raised below
            found.set_exception(error)
        if late.is_set() and found.exception() is None:
            found.result().close()  # nobody waits for it any more

    late = threading.Event()
    threading.Thread(target=connect, daemon=True, name="burnish-connect").start()
    try:
        return found.result(wait_s + 1.0)
    except TimeoutError:
        late.set()
        raise


def _is_connection(error: Exception) -> bool:
    from distributed.comm import CommClosedError

    return isinstance(error, CommClosedError | ConnectionError | TimeoutError)


def _failed(error: Exception) -> str:
    """A call that ended without an outcome, as an outcome: its worker died, more than once."""
    if type(error).__name__ == "KilledWorker":
        sentence = "it was given up by the cluster: each worker that had it died"
        return Outcome.failed("job-died", sentence).to_json()
    words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return Outcome.failed("job-died", f"its worker could not begin it: {words}").to_json()
