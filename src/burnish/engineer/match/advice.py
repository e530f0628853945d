"""What a match advises: tone and width in one step, dynamics in another, and what is left alone."""

from burnish.engineer.match import dynamics, sections, tone
from burnish.engineer.match.likeness import likeness
from burnish.engineer.match.references import Wanted
from burnish.engineer.portrait import portrait
from burnish.engineer.rules.advice import Advice
from burnish.measure import Measurement


def advise(measured: Measurement, wanted: Wanted) -> Advice:
    """The steps that bring the mix toward what is wanted. Equal to it, there are none."""
    mix = portrait(measured)
    alike = likeness(mix, wanted)
    said = [
        rule(mix, wanted, alike.pull) for rule in (tone.advise, sections.advise, dynamics.advise)
    ]
    return Advice(
        steps=tuple(step for one in said for step in one.steps),
        notes=(*alike.notes, *(note for one in said for note in one.notes)),
    )
