"""The loudness path: the stages that make a mix loud, and how the work is shared among them.

compressor, multiband    hold the mix as it comes; their make-up gain is the drive
clipper                  cuts the tops, so far over the limiter's ceiling
limiter                  takes from bass and body first, then from the whole, and holds the ceiling
"""

from dataclasses import dataclass

from burnish.chain import Step
from burnish.processors.clipper import Clipper
from burnish.processors.limiter import Limiter
from burnish.processors.multiband import Multiband, MultibandBand


@dataclass(frozen=True)
class Path:
    """The stages after everything that serves the tone. With the limiter alone it is as short.

    ``before`` works on the mix as it comes. Where ``clip_over_db`` is given, the tops of the driven
    mix are cut this far over the limiter's ceiling, with a knee of ``CLIP_KNEE_DB``.
    """

    limiter: Limiter
    before: tuple[Step, ...] = ()
    clip_over_db: float | None = None

    def idle_before(self) -> tuple[Step, ...]:
        """What turns the phase as ``before`` does and holds nothing; empty where nothing turns.

        A band that is split and joined again sounds as it was, but its wave is another: what is
        left over is told against the wave that was turned alike.
        """
        return tuple(
            step.with_(settings=step.settings.with_(bands=_idle(step.settings)))
            for step in self.before
            if isinstance(step.settings, Multiband)
        )

    def last(self, drive_db: float) -> tuple[Step, ...]:
        """Clipper and limiter at this drive, which is the limiter's; the clipper knows of it."""
        driven = self.limiter.with_(input_gain_db=round(drive_db, 4))
        step = Step(processor="limiter", settings=driven)
        clipper = self.clipper(drive_db)
        return (step,) if clipper is None else (Step(processor="clipper", settings=clipper), step)

    def clipper(self, drive_db: float) -> Clipper | None:
        """The clipper at this drive, or None."""
        if self.clip_over_db is None:
            return None
        ceiling_dbfs = self.limiter.ceiling_dbtp + self.clip_over_db - drive_db
        return Clipper(ceiling_dbfs=round(max(LOWEST_DBFS, ceiling_dbfs), 4), knee_db=CLIP_KNEE_DB)


def _idle(settings: Multiband) -> tuple[MultibandBand, ...]:
    """Bands that are split, and never held."""
    return tuple(
        MultibandBand(ratio=1.001, threshold_db=0.0, range_db=0.001) for _ in settings.bands
    )


CLIP_KNEE_DB = 1.5
"""Wide enough that its harmonics fall; narrow enough to leave alone what needs no clipping."""

LOWEST_DBFS = -60.0
