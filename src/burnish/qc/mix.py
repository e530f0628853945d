"""A mix, looked through: every family of faults in turn, the worst finding first."""

from collections.abc import Callable, Iterable

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.qc.clicks import clicks
from burnish.qc.clipping import clipping
from burnish.qc.continuity import continuity
from burnish.qc.dynamics import dynamics
from burnish.qc.low_end import low_end
from burnish.qc.music import music
from burnish.qc.noise import noise
from burnish.qc.resonance import resonance
from burnish.qc.source import source
from burnish.qc.space import space
from burnish.qc.tone import tone
from burnish.qc.voice import voice
from burnish.targets import Style

Family = Callable[[Examination, Style], Iterable[Finding]]

FAMILIES: tuple[Family, ...] = (
    tone,
    space,
    dynamics,
    resonance,
    low_end,
    voice,
    music,
    noise,
    clipping,
    clicks,
    continuity,
    source,
)
"""In the order in which findings of the same weight are told."""

_RANK = {"fail": 0, "warn": 1, "info": 2}


def findings_of_mix(examined: Examination, style: Style) -> tuple[Finding, ...]:
    """Everything that was found, failures first, then by size times confidence."""
    found = [finding for family in FAMILIES for finding in family(examined, style)]
    return tuple(sorted(found, key=lambda one: (_RANK[one.severity], -one.weight)))
