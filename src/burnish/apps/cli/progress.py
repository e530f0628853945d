"""Progress: stage, speed and time left on a terminal; one plain line a stage elsewhere."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self, TextIO


class Report(Protocol):
    """What the work tells while it goes on."""

    @property
    def stage(self) -> str:
        """What is being done, in a word or two."""

    @property
    def done(self) -> float:
        """How much of the stage is done, 0 to 1."""

    @property
    def audio_s(self) -> float:
        """How many seconds of sound the stage has gone through."""


@dataclass(frozen=True)
class Stage:
    """A report of a command's own."""

    stage: str
    done: float
    audio_s: float


class Watch:
    """Shows reports on standard error. Use it as a context; call it with each report."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        stream = stream or sys.stderr
        self._show: _Bars | _Lines | None = None
        if not quiet:
            self._show = _Bars() if stream.isatty() else _Lines(stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._show is not None:
            self._show.close()

    def __call__(self, report: Report) -> None:
        """Show one report."""
        if self._show is not None:
            self._show.report(report)

    def stage(self, name: str, duration_s: float) -> Callable[[float], None]:
        """A function that shows how much is done, 0 to 1, of a stage over this much sound."""
        return lambda done: self(Stage(name, done, done * duration_s))

    def pause(self) -> None:
        """End the stage that is shown, so that something else can be said."""
        if self._show is not None:
            self._show.pause()


def speed(audio_s: float, wall_s: float) -> str:
    """How fast: '42 x real time'; nothing where there is nothing to tell."""
    if audio_s <= 0 or wall_s <= 0:
        return ""
    times = audio_s / wall_s
    return f"{times:.0f} x real time" if times >= 10 else f"{times:.1f} x real time"


class _Lines:
    """One line when a stage ends: for logs, pipes and CI."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._stage = ""
        self._began = 0.0
        self._audio_s = 0.0

    def report(self, report: Report) -> None:
        if report.stage != self._stage:
            self.pause()
            self._stage, self._began = report.stage, self._clock()
        self._audio_s = report.audio_s

    def close(self) -> None:
        self.pause()

    def pause(self) -> None:
        if self._stage:
            wall_s = self._clock() - self._began
            how_fast = speed(self._audio_s, wall_s)
            print(
                f"{self._stage}: {wall_s:.1f} s" + (f", {how_fast}" if how_fast else ""),
                file=self._stream,
            )
        self._stage, self._audio_s = "", 0.0


class _Bars:
    """One moving line: stage, bar, speed, time left. It is gone when the work is done."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[speed]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("", total=1.0, speed="")
        self._stage = ""
        self._began = 0.0
        self._progress.start()

    def report(self, report: Report) -> None:
        if report.stage != self._stage:
            self._stage, self._began = report.stage, time.monotonic()
            self._progress.reset(self._task, description=report.stage, speed="")
        how_fast = speed(report.audio_s, time.monotonic() - self._began)
        self._progress.update(self._task, completed=report.done, speed=how_fast)

    def pause(self) -> None:
        """The moving line stays at the bottom by itself."""

    def close(self) -> None:
        self._progress.stop()
