"""Progress: how far a stage of the work is, told to who asked for it."""

from collections.abc import Callable
from dataclasses import dataclass

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
        duration_s = source.info.duration_s

        def told(done: float) -> None:
            if self._progress is not None:
                self._progress(Progress(name, done, done * duration_s))

        return told
