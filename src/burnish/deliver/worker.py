"""A worker of ``workers.py``: does one piece of work after another, until nobody calls any more.

In come pickles of ``(function, given)``; out go ``("told", stage, done, seconds)``, as often as the
work tells, and then ``("done", result)`` or ``("failed", exception)``.
"""

import os
import pickle
import queue
import signal
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import IO, Any

from burnish.chain import Teller

_PRELOADED = ("av", "soundfile", "burnish.deliver.streaming.making", "burnish.measure.finished")
_EVERY_S = 0.1
"""Progress is told so often, at most."""


class Speaking(Teller):
    """Tells who called."""

    def __init__(self, say: Callable[[tuple[Any, ...]], None]) -> None:
        super().__init__(None)
        self._say = say
        self._told = ("", 0.0)

    def lasting(self, name: str, duration_s: float) -> Callable[[float], None]:
        """A function of how much of a stage is done."""

        def told(done: float) -> None:
            stage, at = self._told
            now = time.monotonic()
            if name != stage or done >= 1.0 or now - at >= _EVERY_S:
                self._told = (name, now)
                self._say(("told", name, done, duration_s))

        return told


def work(calls: IO[bytes], talk: IO[bytes]) -> None:
    """Do what is called for."""
    waiting: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]]] = queue.SimpleQueue()
    lock = threading.Lock()

    def listen() -> None:
        try:
            while True:
                waiting.put(pickle.load(calls))
        finally:
            os._exit(0)  # nobody is there any more, whatever is being done

    def say(words: tuple[Any, ...]) -> None:
        data = pickle.dumps(words)
        with lock:
            talk.write(data)
            talk.flush()

    threading.Thread(target=listen, daemon=True).start()
    for module in _PRELOADED:
        import_module(module)
    while True:
        function, given = waiting.get()
        try:
            words: tuple[Any, ...] = ("done", function(*given, Speaking(say)))
        except BaseException as error:  # noqa: BLE001  it is raised again where it was called from
            words = ("failed", error)
        try:
            say(words)
        except (pickle.PicklingError, TypeError, AttributeError):
            say(("failed", RuntimeError(repr(words[1]))))


def main() -> None:
    """Speak over what are our standard input and output, and let nobody else use them."""
    talk, calls = os.fdopen(os.dup(1), "wb"), os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides
    work(calls, talk)


if __name__ == "__main__":
    main()
