"""All moves on single stems, in the order of work."""

from collections.abc import Sequence
from dataclasses import dataclass

from burnish.chain import Stem
from burnish.engineer.stems import cymbals, low_end, vocals
from burnish.engineer.stems.heard import HeardStem, Moves


@dataclass(frozen=True)
class StemAdvice:
    """The stems with their moves, and notes on what was left alone."""

    stems: tuple[Stem, ...]
    notes: tuple[str, ...]
    moved: bool


def advise_stems(heard: Sequence[HeardStem], rate_hz: int) -> StemAdvice:
    """What is done to single stems. A stem alone has nothing to be judged against, and stays."""
    stems = [one.stem for one in heard]
    if len([one for one in heard if one.sounds]) < 2:
        return StemAdvice(tuple(stems), (), False)
    said: list[Moves] = [
        low_end.timing(heard, rate_hz),
        low_end.masking(heard),
        low_end.boom(heard),
        cymbals.hold(heard),
        vocals.sibilance(heard),
        vocals.balance(heard),
    ]
    moves = [move for one in said for move in one.moves]
    for move in moves:
        stem = stems[move.place]
        steps = (*stem.steps, move.step) if move.step is not None else stem.steps
        stems[move.place] = stem.with_(
            steps=steps,
            offset_samples=stem.offset_samples + move.shift_samples,
            notes=(*stem.notes, move.note) if move.note else stem.notes,
        )
    notes = tuple(note for one in said for note in one.notes)
    if not moves:
        notes = (*notes, "Stems: no fault belongs to one of them alone; each is as it came.")
    return StemAdvice(tuple(stems), notes, bool(moves))
