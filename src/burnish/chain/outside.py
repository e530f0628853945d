"""Outside: the steps of a plan that are played through hardware, and what reaches them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.audio import Block, Source
from burnish.chain.ahead import close
from burnish.chain.plan import On, Plan, Step
from burnish.chain.render import part, play
from burnish.errors import SettingError
from burnish.processors.hardware import Hardware

_ENDING = ("clipper", "limiter")


@dataclass(frozen=True)
class Outside:
    """A step that is played through hardware: its place in the chain, and its settings."""

    place: int
    hardware: Hardware


def hardware_of(step: Step) -> Hardware | None:
    """The settings of a step that is played outside, and not left out."""
    return step.settings if isinstance(step.settings, Hardware) and not step.bypass else None


def next_outside(steps: Sequence[Step]) -> Outside | None:
    """The step that goes out next: the first that has not come back, else the last of them."""
    outside = [
        Outside(place, found)
        for place, step in enumerate(steps)
        if (found := hardware_of(step)) is not None
    ]
    waiting = [one for one in outside if not one.hardware.returned]
    return next(iter(waiting or outside[-1:]), None)


def with_hardware(plan: Plan, step: Step, before: str = "") -> Plan:
    """The plan with a step more: before the last one of that processor.

    Where none is named: before the clipper and limiter at the end. A limiter must follow, as
    nobody knows how loud the device is; else a ``SettingError``.
    """
    steps = list(plan.steps)
    names = [one.processor for one in steps]
    if before:
        if before not in names:
            raise SettingError(
                "setting-range",
                f"before={before}: must be a step of the plan: {', '.join(dict.fromkeys(names))}",
            )
        place = len(names) - 1 - names[::-1].index(before)
    else:
        place = len(names)
        while place and (names[place - 1] in _ENDING or steps[place - 1].bypass):
            place -= 1
    steps.insert(place, step)
    return plan.with_(steps=tuple(steps))


def refuse_behind_the_limiter(steps: Sequence[Step], place: int) -> None:
    """Raise the ``SettingError`` where the sound of a device would go by the limiter."""
    limiters = [
        i for i, step in enumerate(steps) if step.processor == "limiter" and not step.bypass
    ]
    if limiters and limiters[-1] < place:
        raise SettingError(
            "hardware-last",
            "steps: hardware must stand before the last limiter, which holds the ceiling of what "
            "comes back",
        )


def channels_out(on: On, channels: int) -> int:
    """How many channels go out; a part that a mono mix does not have is a ``SettingError``."""
    if on == "stereo" or (channels == 1 and on in ("mid", "left")):
        return channels
    if channels == 1:
        raise SettingError("setting-range", f"on={on}: must be stereo or mid, for a mono mix")
    return 1


def reaching(plan: Plan, place: int, source: Source) -> Iterator[Block]:
    """What reaches a step of the plan: the part that it works on, as long as the mix."""
    on, info = plan.steps[place].on, source.info
    whole = channels_out(on, info.channels) == info.channels
    blocks = play(plan.steps[:place], source.blocks(), info.rate_hz, info.channels)
    try:
        for block in blocks:
            yield block if whole else part(block, on)
    finally:
        close(blocks)


def beginning_at(steps: Sequence[Step], sample: int) -> tuple[Step, ...]:
    """The steps for a mix of which only what follows ``sample`` is played."""
    return tuple(
        step
        if (found := hardware_of(step)) is None or not sample
        else step.with_(settings=found.with_(first_sample=found.first_sample + sample))
        for step in steps
    )


def with_near(plan: Plan, sheet: Path) -> Plan:
    """The plan of a sheet with its recordings where they are: as named, or beside the sheet."""
    steps = tuple(
        step
        if (found := hardware_of(step)) is None or not found.returned
        else step.with_(settings=found.with_(returned=str(near(found.returned, sheet))))
        for step in plan.steps
    )
    return plan if steps == plan.steps else plan.with_(steps=steps)


def near(file: str, sheet: Path) -> Path:
    """A file that a sheet names: where it says, or else beside the sheet."""
    named = Path(file)
    beside = sheet.parent / named.name
    return beside if not named.exists() and beside.exists() else named
