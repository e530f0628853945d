"""Events: what happens to jobs, told to every page that listens (server-sent events)."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

Event = dict[str, Any]
Queue = asyncio.Queue[Event | None]
_DEPTH = 256
_ALIVE_S = 15.0


class Events:
    """Who listens, and to what. ``tell`` may be called from any thread, everything else from the
    server's loop."""  # fmt: skip

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Queue] = set()

    def open(self) -> None:
        """Belong to the loop that is running."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """End every stream."""
        self._loop = None
        for one in self._listeners:
            _put(one, None)

    def tell(self, event: Event) -> None:
        """Tell everybody. It returns at once."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._spread, event)

    async def listen(
        self, before: Callable[[], list[Event]], wanted: Callable[[Event], bool]
    ) -> AsyncIterator[bytes]:
        """What ``before`` tells, then everything that is wanted, as text/event-stream."""
        queue: Queue = asyncio.Queue(_DEPTH)
        self._listeners.add(queue)
        try:
            yield b"retry: 1000\n\n"
            for event in before():
                yield _line(event)
            while self._loop is not None:
                told: Event | None = {}
                try:
                    async with asyncio.timeout(_ALIVE_S):
                        told = await queue.get()
                except TimeoutError:
                    yield b": still here\n\n"
                if told is None:
                    return
                if told and wanted(told):
                    yield _line(told)
        finally:
            self._listeners.discard(queue)

    def _spread(self, event: Event) -> None:
        for one in self._listeners:
            _put(one, event)


def _put(queue: Queue, event: Event | None) -> None:
    """Put it in; who does not read loses what is oldest."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)


def _line(event: Event) -> bytes:
    return f"event: job\ndata: {json.dumps(event, allow_nan=False)}\n\n".encode()
