"""Progress: how far a stage of the work is, told to who asked for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event, Lock

from burnish.audio import Source


@dataclass(frozen=True)
class Progress:
    """How far a stage is: 0 to 1, and the seconds of sound it has gone through."""

    stage: str
    done: float
    audio_s: float


Told = Callable[[Progress], None]


class Teller:
    """Tells progress to who asked for it; to nobody where nobody did."""

    def __init__(self, progress: Told | None) -> None:
        self._progress = progress

    def stage(self, name: str, source: Source) -> Callable[[float], None]:
        """A function of how much of this stage is done."""
        return self.lasting(name, source.info.duration_s)

    def lasting(self, name: str, duration_s: float) -> Callable[[float], None]:
        """The same for a stage that goes through so many seconds of sound."""

        def told(done: float) -> None:
            if self._progress is not None:
                self._progress(Progress(name, done, done * duration_s))

        return told


class Together(Teller):
    """Tells pieces of work that go on at the same time as one stage.

    ``shares`` says which part of a piece each of its own stages is, as (begin, end) of 0 to 1.
    Once ``stop`` was called, whoever tells anything is ended by a ``Stopped``.
    """

    def __init__(
        self,
        tell: Teller,
        name: str,
        durations_s: Sequence[float],
        shares: Mapping[str, tuple[float, float]],
    ) -> None:
        super().__init__(tell._progress)
        self._name = name
        self._durations_s = list(durations_s)
        self._shares = shares
        self._done = [0.0] * len(self._durations_s)
        self._lock = Lock()
        self._stopped = Event()

    def of(self, number: int) -> Teller:
        """Who tells of one piece, counted from 0."""
        return _Part(self, number)

    def finish(self, number: int) -> None:
        """That piece is done."""
        self._tell_of(number, 1.0)

    def stop(self) -> None:
        """End all that is still going on, as soon as it tells something."""
        self._stopped.set()

    def told(self, number: int, stage: str, done: float) -> None:
        """One piece has done so much of one of its stages."""
        begin, end = self._shares.get(stage, (0.0, 0.0))
        self._tell_of(number, begin + done * (end - begin))

    def _tell_of(self, number: int, done: float) -> None:
        if self._stopped.is_set():
            raise Stopped
        with self._lock:
            self._done[number] = max(self._done[number], done)
            audio_s = sum(d * s for d, s in zip(self._done, self._durations_s, strict=True))
            if self._progress is not None:
                part = audio_s / max(1e-9, sum(self._durations_s))
                self._progress(Progress(self._name, min(1.0, part), audio_s))


class Stopped(Exception):
    """Work that nobody waits for any more has ended."""


class _Part(Teller):
    def __init__(self, together: Together, number: int) -> None:
        super().__init__(None)
        self._together = together
        self._number = number

    def lasting(self, name: str, duration_s: float) -> Callable[[float], None]:
        del duration_s
        return lambda done: self._together.told(self._number, name, done)
