"""Shares: how the work of making loud is divided among the stages, found by trials.

Every way to share is guessed first (``simulate``), then the best few are played on a part of the
excerpts, each at the drive that makes it as loud as asked, and the one with the least harm is
taken. A stage that saves less than ``WORTH`` of the harm is not used.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

from burnish.engineer.harm import harm
from burnish.engineer.path import BAND_HZ, Path, Shares
from burnish.engineer.simulate import HELD_UNDER_DB, Features, features, guessed, loud_db
from burnish.engineer.stop import TONE, beyond
from burnish.engineer.trial import Excerpts, Trial
from burnish.processors.base import Processor
from burnish.processors.compressor import Compressor
from burnish.processors.limiter import Limiter
from burnish.processors.multiband import BANDS, Multiband
from burnish.targets import Target

WORTH = 0.1
"""Of the harm: what each stage besides the limiter has to save to be used."""

TRIED = 4
"""Ways that are played, beside the limiter as it is."""

CLEAR = 0.9
"""Of a rule's limit: nearer than a twentieth to it, a part of the excerpts cannot say that the rest
passes too."""

LOW = (
    (0.0, 0.0, 1.0),
    (1.5, 3.0, 1.0),
    (3.0, 9.0, 1.0),
    (6.0, 12.0, 1.0),
    (9.0, 15.0, 1.5),
    (12.0, 18.0, 2.0),
)
"""What bass and body give first, for peaks and for tones, and the attack that goes with it. Giving
more keeps crest and changes the tone, giving less keeps the tone."""

CLIP_OVER_DB = (None, 4.0, 3.0, 2.0, 1.0, 0.0)
HELD_DB = 2.0
"""The most that compressor or multiband take: what a mastering engineer takes there."""

UNCLIPPED = ("ambient", "classical", "folk", "jazz", "speech")
"""Styles whose tops are not cut, unless nothing is to stop: opinion, and the trade's."""


@dataclass(frozen=True)
class Chosen:
    """The way that was taken, the drive it needs, and the harm that the limiter alone would do."""

    path: Path
    drive_db: float
    harm_alone: float


def choose(
    excerpts: Excerpts,
    limiter: Limiter,
    reach: Callable[[Path, float], float],
    louder_lu: float,
    target: Target,
    intensity: float,
    stop: bool,
    start_db: float,
) -> Chosen:
    """The way with the least harm at so much more loudness than the mix has.

    ``reach`` is the drive that brings a path there, from a drive to begin with. Ways that pass the
    rules go before those that do not, and those that pass them by less before the others.
    """
    known = features(excerpts.halves, excerpts.rate_hz)

    def played(shares: Shares, start_db: float) -> _Played:
        path = path_of(shares, limiter, known)
        trial = excerpts.trial(path, reach(path, start_db))
        over = round(max(CLEAR, beyond(trial, target, intensity)), 1) if stop else CLEAR
        return _Played(shares, path, trial, over, harm(trial))

    clips = CLIP_OVER_DB if not stop or target.style not in UNCLIPPED else (None,)
    most_shift_db = TONE.at(intensity) if stop else math.inf
    alone = best = played(Shares(), start_db)
    near_db = alone.trial.drive_db  # what the others need is not far from it
    for shares in _likely(known, limiter, louder_lu, clips, most_shift_db):
        best = best.or_better(played(shares, near_db))
    while best.over > CLEAR and best.shares.clip_over_db:  # a rule asks for more than was guessed
        less = replace(best.shares, clip_over_db=best.shares.clip_over_db - 1.0)
        deeper = played(less, best.trial.drive_db)
        if best.or_better(deeper) is best:
            break
        best = deeper
    return Chosen(best.path, best.trial.drive_db, alone.harm)


@dataclass(frozen=True)
class _Played:
    """A way that was played: how near to the worst rule it is, in tenths from 0.9 on, its harm."""

    shares: Shares
    path: Path
    trial: Trial
    over: float
    harm: float

    def or_better(self, other: "_Played") -> "_Played":
        """The other, if it is worth it; each stage more has to save its part."""
        more = other.shares.stages - self.shares.stages
        if other.over != self.over:
            return other if other.over < self.over else self
        return other if other.harm < self.harm * (1.0 - WORTH * more) else self


def _likely(
    known: Features,
    limiter: Limiter,
    louder_lu: float,
    clips: tuple[float | None, ...],
    most_shift_db: float,
) -> list[Shares]:
    """The ways that are worth a trial, by guess, fewest stages first.

    Half of them cut tops and half do not: a guess may be wrong about one kind.
    """

    marks: dict[Shares, tuple[float, float]] = {}

    def ranked(ways: list[Shares]) -> list[Shares]:
        new = [way for way in ways if way not in marks]
        guesses = guessed(known, new, limiter.ceiling_dbtp, louder_lu)
        for way, guess in zip(new, guesses, strict=True):
            over = round(guess.tone_shift_db / most_shift_db, 1)
            marks[way] = (max(1.0, over), guess.harm)
        return sorted(ways, key=marks.__getitem__)  # of equals the first stays first

    ways = ranked([Shares(*low, clip_over_db=clip) for low, clip in product(LOW, clips)])
    stages = ("multiband_db", "compress_db")
    held = [replace(way, **{name: HELD_DB}) for way in ways[:2] for name in stages]
    ways = [way for way in ranked([*ways, *held]) if way != Shares()]
    kinds = [
        [way for way in ways if (way.clip_over_db is None) is plain] for plain in (True, False)
    ]
    few = max(TRIED // 2, TRIED - len(kinds[1]))
    taken = [*kinds[0][:few], *kinds[1][: TRIED // 2]]
    return sorted(taken, key=lambda way: way.stages)


def path_of(shares: Shares, limiter: Limiter, known: Features) -> Path:
    """The path that shares the work like that, its thresholds set for this mix."""
    before: tuple[Processor, ...] = ()
    *bands_db, all_db = loud_db(known)
    if shares.multiband_db:
        before = (_multiband(bands_db, shares.multiband_db),)
    elif shares.compress_db:
        before = (_compressor(all_db, shares.compress_db),)
    return Path(shares.limiter(limiter), before, shares.clip_over_db)


def _multiband(bands_db: list[float], most_db: float) -> Multiband:
    bands = tuple(
        band.with_(
            threshold_db=round(max(-80.0, min(0.0, level_db - HELD_UNDER_DB)), 1),
            ratio=2.0,
            range_db=most_db,
        )
        for band, level_db in zip(BANDS, bands_db, strict=False)
    )
    return Multiband(crossovers_hz=BAND_HZ, bands=bands)


def _compressor(all_db: float, most_db: float) -> Compressor:
    # The curve has passed its knee by 6 dB at the loudest peaks; 2 dB there asks for this ratio.
    ratio = 1.0 / (1.0 - most_db / (HELD_UNDER_DB + 6.0))
    return Compressor(
        threshold_db=round(max(-60.0, min(0.0, all_db)), 1),
        ratio=round(ratio, 2),
        knee_db=8.0,
        attack_ms=30.0,
        release_ms=200.0,
        auto_release=0.7,
        detector_high_pass_hz=90.0,
    )
