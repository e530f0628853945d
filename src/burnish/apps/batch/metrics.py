"""What a run is like while it goes on, for Prometheus: ``burnish batch --metrics-port 9090``."""

from types import TracebackType
from typing import Any, Self

from burnish.apps.batch.events import Began, Ended, Event, Finished, TriedAgain, Waits
from burnish.errors import OutputError, SettingError

_SECONDS = (0.1, 0.3, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


class Metrics:
    """The figures of one run; give its ``told`` to the run as an observer, and serve them.

    With each other's registries out of the way, several runs of one process do not meet.
    """

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
        except ImportError:
            raise SettingError(
                "extra-missing", "--metrics-port: needs the package prometheus-client"
            ) from None
        self.registry = mine = CollectorRegistry()
        self._rows = Gauge("burnish_batch_rows", "Rows of the manifest.", registry=mine)
        self._before = Gauge(
            "burnish_batch_rows_done_before", "Rows that earlier runs had done.", registry=mine
        )
        self._workers = Gauge("burnish_batch_workers", "Who works.", registry=mine)
        self._under_way = Gauge(
            "burnish_batch_under_way", "Songs and albums under way.", registry=mine
        )
        self._lost = Gauge(
            "burnish_batch_waits", "1 while workers or state cannot be reached.", registry=mine
        )
        self._over = Gauge("burnish_batch_finished", "1 when the run is over.", registry=mine)
        self._ended = Counter(
            "burnish_batch_rows_ended",
            "Rows that have ended: made, stood (they were there already), failed.",
            ["state"],
            registry=mine,
        )
        self._failed = Counter(
            "burnish_batch_rows_failed", "Rows that failed, by code.", ["code"], registry=mine
        )
        self._not_passed = Counter(
            "burnish_batch_rows_not_passed", "Rows done whose result does not pass.", registry=mine
        )
        self._again = Counter(
            "burnish_batch_tried_again", "Attempts that were not the last.", ["code"],
            registry=mine,
        )  # fmt: skip
        self._audio = Counter("burnish_batch_audio_seconds", "Sound gone through.", registry=mine)
        self._cpu = Counter("burnish_batch_cpu_seconds", "Processor time of rows.", registry=mine)
        self._took = Histogram(
            "burnish_batch_row_seconds", "How long a row takes that is made.",
            buckets=_SECONDS, registry=mine,
        )  # fmt: skip
        self._server: Any = None

    def told(self, event: Event) -> None:
        """Count what a run tells."""
        match event:
            case Began(head, workers, _):
                self._rows.set(head.rows)
                self._before.set(head.done_before)
                self._workers.set(workers)
            case Ended(records, under_way):
                self._under_way.set(under_way)
                for one in records:
                    self._count(one)
            case TriedAgain(_, failure, _, _):
                self._again.labels(failure.code).inc()
            case Waits(lost, _):
                self._lost.set(lost)
            case Finished():
                self._under_way.set(0)
                self._over.set(1)

    def _count(self, record: Any) -> None:
        self._ended.labels(record.state).inc()
        if record.failed:
            self._failed.labels(record.code).inc()
            return
        if not record.passed:
            self._not_passed.inc()
        self._audio.inc(record.audio_s or 0.0)
        self._cpu.inc(record.cpu_s or 0.0)
        if record.state == "made":
            self._took.observe(record.seconds)

    def served(self, port: int, host: str = "127.0.0.1") -> Self:
        """Serve them at http://HOST:PORT/metrics, to this machine only unless told otherwise."""
        from prometheus_client import start_http_server

        try:
            self._server, _ = start_http_server(port, host, self.registry)
        except OSError as error:
            why = error.strerror or str(error)
            raise OutputError("port-taken", f"--metrics-port {port}: {why}") from None
        return self

    @property
    def port(self) -> int:
        """Where they are served."""
        return int(self._server.server_port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
