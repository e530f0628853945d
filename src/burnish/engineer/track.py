"""One track: from what was measured to the steps before the limiter, and the limiter at the end."""

from burnish.chain import Step
from burnish.engineer import match
from burnish.engineer.album.body import Body
from burnish.engineer.match import Wanted
from burnish.engineer.rules import RULES, Advice, align, dynamics, rumble, tone
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.limiter import Limiter
from burnish.processors.width import Width
from burnish.targets import Target

HEADROOM_DB = 0.01  # added to what a written file was over its ceiling, when it is lowered


def advise(
    measured: Measurement,
    target: Target,
    wishes: Wishes,
    wanted: Wanted | None = None,
    body: Body | None = None,
) -> Advice:
    """What every rule says, in the order of work. The limiter is not among it.

    What a reference decides, no style does: the match stands where the style's tone stood. What
    the album's ``body`` moves follows what the style moves.
    """
    said = _said(measured, target, wishes, wanted, body)
    style_note = _style_note(target) if wanted is None else ""
    notes = (style_note, *(note for advice in said for note in advice.notes))
    steps: list[Step] = []
    for step in (step for advice in said for step in advice.steps):
        if steps and (both := _one_width(steps[-1], step)) is not None:
            steps[-1] = both
        else:
            steps.append(step)
    return Advice(tuple(steps), tuple(note for note in notes if note))


def _said(
    measured: Measurement,
    target: Target,
    wishes: Wishes,
    wanted: Wanted | None,
    body: Body | None,
) -> list[Advice]:
    """Each rule's advice, on the mix as it is once its channels fit."""
    said = [align.advise(measured, target, wishes)]
    measured = align.mended(measured, wishes)
    rules = [rule for rule in RULES if rule is not align.advise]
    if wanted is None:
        for rule in rules:
            said.append(rule(measured, target, wishes))
            if body is not None and rule is tone.advise:
                said.append(body.tone(measured, target, wishes, said[-1]))
            elif body is not None and rule is dynamics.advise:
                said.append(body.dynamics(measured, target, wishes, said[-1]))
        return said
    for rule in rules:
        if rule is tone.advise:
            said.append(match.advise(measured, wanted))
        elif rule is rumble.advise:
            said.append(rule(measured, target, wishes))
        else:
            # At intensity 0 a rule does what was asked for, and nothing for the style.
            asked = rule(measured, target, wishes.with_(intensity=0.0))
            said.append(Advice(steps=asked.steps))
    return said


def _one_width(first: Step, second: Step) -> Step | None:
    """Mono bass and another width are one filter: half the work, half the latency."""
    bass, spread = first.settings, second.settings
    if not isinstance(bass, Width) or not isinstance(spread, Width):
        return None
    return Step(
        processor="width",
        settings=spread.with_(mono_below_hz=max(bass.mono_below_hz, spread.mono_below_hz)),
        reason=f"{first.reason} {second.reason}",
        evidence={**first.evidence, **second.evidence},
    )


def limiter_for(target: Target) -> Limiter:
    """The limiter that holds this target's ceiling, not yet driven."""
    return Limiter(ceiling_dbtp=target.ceiling_dbtp)


SHARED = {
    "compressor": "Held together as a whole, so that the limiter has less to hold.",
    "multiband": "Bass, body and treble held each for itself: the limiter has less to hold.",
    "clipper": "The highest tops are cut, so that the limiter need not turn all down for them.",
}
"""Why each stage stands before the limiter; that it is there at all, the trials decided."""


def shared(steps: tuple[Step, ...], harm_alone: float) -> tuple[Step, ...]:
    """The stages before the limiter, with their reason and the harm without them."""
    evidence = {"harm_of_the_limiter_alone": round(harm_alone, 2)}
    return tuple(step.with_(reason=SHARED[step.processor], evidence=evidence) for step in steps)


def limiter_step(limiter: Limiter, target: Target, evidence: dict[str, float | str | None]) -> Step:
    """The last step: loudness and ceiling."""
    return Step(
        processor="limiter",
        settings=limiter,
        reason=(
            f"To {target.loudness_lufs:.1f} LUFS ({target.sources['loudness']}) under "
            f"{target.ceiling_dbtp:.1f} dBTP ({target.sources['ceiling']})."
        ),
        evidence=dict(evidence),
    )


def _style_note(target: Target) -> str:
    if target.style_confidence is None:
        return ""
    sure = target.style_confidence
    word = "sure" if sure > 0.7 else "fairly sure" if sure > 0.45 else "not sure"
    return f"Style: nearest to {target.style} ({word}, {100 * sure:.0f} %); --style NAME decides."
