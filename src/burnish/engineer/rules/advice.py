"""What a rule says: steps to take, or a note why none is."""

from collections.abc import Callable
from dataclasses import dataclass

from burnish.chain import Step
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.targets import Target


@dataclass(frozen=True)
class Advice:
    """Steps with their reasons, and notes on what was left alone."""

    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()


Rule = Callable[[Measurement, Target, Wishes], Advice]
