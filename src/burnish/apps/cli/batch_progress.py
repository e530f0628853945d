"""The progress of a batch: bars on a terminal, plain lines in a log."""

import sys
import time
from collections.abc import Callable
from typing import Any, Self, TextIO

from burnish.apps.batch.events import Began, Ended, Event, TriedAgain, Waits
from burnish.apps.cli.screen import say

_EVERY_S = 10.0
_SAID = 100


class BatchWatch:
    """Shows a run on standard error; use it as a context, and as an observer."""

    def __init__(
        self,
        quiet: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stderr
        self._quiet, self._clock = quiet, clock
        self._bar: Any = None
        self._task: Any = None
        self._began = self._next = clock()
        self._rows = self._before = self._ended = self._failed = 0
        self._said = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self._quiet:
            return
        if isinstance(event, Began):
            self._begin(event)
        elif isinstance(event, Ended):
            self._ended += len(event.records)
            for one in event.records:
                if one.failed:
                    self._failed += 1
                    self._tell(one.code, f"row {one.number}: {one.sentence}")
            self._move()
        elif isinstance(event, TriedAgain):
            failure = event.failure
            self._tell(
                failure.code,
                f"row {event.unit.rows[0]}: {failure.sentence}; again in {event.wait_s:.1f} s",
            )
        elif isinstance(event, Waits):
            self._print(f"{'waiting:' if event.lost else 'again there:'} {event.why}")

    def _begin(self, event: Began) -> None:
        head = event.head
        self._rows = head.rows
        self._before = head.done_before + sum(head.failed_before.values())
        known = f", {self._before} known from before" if self._before else ""
        self._print(f"{head.do}: {head.rows} rows{known}; {event.where}")
        if self._stream.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.completed:.0f} of {task.total:.0f}"),
                BarColumn(),
                TextColumn("{task.fields[speed]}", markup=False),
                TimeRemainingColumn(compact=True),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("", total=head.rows, completed=self._before, speed="")
            self._bar.start()

    def _move(self) -> None:
        spent_s = self._clock() - self._began
        speed = f"{3600 * self._ended / spent_s:.0f} songs per hour" if spent_s > 1 else ""
        if self._failed:
            speed += f"{', ' if speed else ''}{self._failed} failed"
        if self._bar is not None:
            self._bar.update(self._task, completed=self._before + self._ended, speed=speed)
        elif self._clock() >= self._next:
            self._next = self._clock() + _EVERY_S
            told = f"; {speed}" if speed else ""
            self._print(f"{self._before + self._ended} of {self._rows} rows{told}")

    def _tell(self, code: str, sentence: str) -> None:
        """A failure in a line; not more of them than somebody would read."""
        self._said += 1
        if self._said < _SAID:
            say(code, sentence)
        elif self._said == _SAID:
            self._print("more failures are not shown; they are in results.parquet")

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=self._stream, flush=True)
