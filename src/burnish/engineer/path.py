"""The loudness path: the stages that make a mix loud, and how the work is shared among them.

compressor, multiband    hold the mix as it comes; their make-up gain is the drive
clipper                  cuts the tops, so far over the limiter's ceiling
limiter                  takes from bass and body first, then from the whole, and holds the ceiling
"""

from dataclasses import dataclass

from burnish.chain import Step
from burnish.processors.base import Processor
from burnish.processors.clipper import Clipper
from burnish.processors.limiter import Limiter
from burnish.processors.multiband import Multiband, MultibandBand

BAND_HZ = (200.0, 1000.0)
"""Where bass and body end: the limiter's own corners, and those of the multiband stage."""


@dataclass(frozen=True)
class Shares:
    """How much of the work each stage may do.

    The limiter's: ``low_first_db`` and ``low_lasting_db``, what bass and body give before the whole
    has to, and ``attack_ms``. ``clip_over_db`` is how far over its ceiling the tops are cut before;
    None cuts nothing. ``multiband_db`` and ``compress_db`` are the most that those stages take.
    """

    low_first_db: float = 3.0
    low_lasting_db: float = 9.0
    attack_ms: float = 1.0
    clip_over_db: float | None = None
    multiband_db: float = 0.0
    compress_db: float = 0.0

    @property
    def stages(self) -> int:
        """How many stages work beside the limiter."""
        return (self.clip_over_db is not None) + bool(self.multiband_db) + bool(self.compress_db)

    def limiter(self, limiter: Limiter) -> Limiter:
        """The limiter with its own share."""
        return limiter.with_(
            low_first_db=self.low_first_db,
            low_lasting_db=self.low_lasting_db,
            attack_ms=self.attack_ms,
        )


@dataclass(frozen=True)
class Path:
    """The stages after everything that serves the tone. With the limiter alone it is as short.

    ``before`` works on the mix as it comes. Where ``clip_over_db`` is given, the tops of the driven
    mix are cut this far over the limiter's ceiling, with a knee of ``CLIP_KNEE_DB``.
    """

    limiter: Limiter
    before: tuple[Processor, ...] = ()
    clip_over_db: float | None = None

    def first(self) -> tuple[Step, ...]:
        """The stages that work on the mix as it comes."""
        return tuple(_step(one) for one in self.before)

    def idle_before(self) -> tuple[Step, ...]:
        """What turns the phase as ``before`` does and holds nothing; empty where nothing turns.

        A band that is split and joined again sounds as it was, but its wave is another: what is
        left over is told against the wave that was turned alike.
        """
        return tuple(
            _step(one.with_(bands=_idle(one))) for one in self.before if isinstance(one, Multiband)
        )

    def last(self, drive_db: float) -> tuple[Step, ...]:
        """Clipper and limiter at this drive, which is the limiter's; the clipper knows of it."""
        driven = self.limiter.with_(input_gain_db=round(drive_db, 4))
        clipper = self.clipper(drive_db)
        return (_step(driven),) if clipper is None else (_step(clipper), _step(driven))

    def clipper(self, drive_db: float) -> Clipper | None:
        """The clipper at this drive, or None."""
        if self.clip_over_db is None:
            return None
        ceiling_dbfs = self.limiter.ceiling_dbtp + self.clip_over_db - drive_db
        return Clipper(ceiling_dbfs=round(max(LOWEST_DBFS, ceiling_dbfs), 4), knee_db=CLIP_KNEE_DB)


def _step(settings: Processor) -> Step:
    return Step(processor=settings.name, settings=settings)


def _idle(settings: Multiband) -> tuple[MultibandBand, ...]:
    """Bands that are split, and never held."""
    return tuple(
        MultibandBand(ratio=1.001, threshold_db=0.0, range_db=0.001) for _ in settings.bands
    )


CLIP_KNEE_DB = 1.5
"""Wide enough that its harmonics fall; narrow enough to leave alone what needs no clipping."""

LOWEST_DBFS = -60.0
