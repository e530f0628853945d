"""Plug-ins in a chain: opened before anything is played, and noted so that a recall is the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from burnish.chain import Step
from burnish.processors.hosted.plugin import Known, Plugin


@dataclass(frozen=True)
class Noted:
    """The steps with the state and version of their plug-ins in them, and what is to be said."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def noted(steps: Sequence[Step], rate_hz: int, channels: int) -> Noted:
    """Open every plug-in that plays. What cannot be loaded, or set so, is named here, at once."""
    done: list[Step] = []
    notes: list[str] = []
    for step in steps:
        plugin = step.settings
        if step.acts and isinstance(plugin, Plugin):
            known = plugin.known(rate_hz, channels if step.on == "stereo" else 1)
            notes += _said(plugin, known, rate_hz)
            # With its state set it may begin otherwise than without: what is noted is what plays.
            step = step.with_(settings=plugin.noted(known))
        done.append(step)
    return Noted(tuple(done), tuple(dict.fromkeys(notes)))


def _said(plugin: Plugin, known: Known, rate_hz: int) -> list[str]:
    called = f"Plug-in {known.name}"
    said = []
    if not known.repeats:
        said.append(
            f"{called}: the same sound went through it twice and did not come back the same, as "
            "with random or free running parts; a recall will be alike, but not bit for bit."
        )
    if off := known.late - known.told_latency:
        side = "later" if off > 0 else "earlier"
        said.append(
            f"{called}: it is {abs(off)} samples ({1000 * abs(off) / rate_hz:.1f} ms) {side} than "
            "it tells, as measured; that is taken out."
        )
    if known.instances > 1:
        said.append(f"{called}: it takes one channel; it is run twice.")
    return said
