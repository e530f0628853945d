"""Run a stage in a thread of its own, a few blocks ahead of who takes them."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_DEPTH = 4  # blocks that may wait: enough to keep two cores busy, little memory


def ahead(items: Iterable[T], depth: int = _DEPTH) -> Iterator[T]:
    """The same items in the same order, made in a thread while the caller works on earlier ones.

    ``depth`` of them may wait. An error in the thread is raised here, at its place in the order. A
    caller that stops early stops the thread; then ``items``, where it can be closed, is closed too.
    """
    waiting: queue.Queue[tuple[bool, object]] = queue.Queue(depth)
    stopped = threading.Event()

    def offer(last: bool, item: object) -> None:
        while not stopped.is_set():
            try:
                waiting.put((last, item), timeout=0.1)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                offer(False, item)
                if stopped.is_set():
                    return
            offer(True, None)
        except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
            offer(True, error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            last, item = waiting.get()
            if last:
                if isinstance(item, BaseException):
                    raise item
                return
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
        close(items)


def close(items: object) -> None:
    """Close what can be closed, as a generator can; a stream with threads behind it ends them."""
    if callable(end := getattr(items, "close", None)):
        end()
