"""Every check of a finished master's sound, by its number."""

from collections.abc import Callable
from dataclasses import replace

from burnish.measure.finished import Finished
from burnish.qc.master.asked import Asked, Judged, softened
from burnish.qc.master.breaks import breaks, clicks
from burnish.qc.master.ends import fades, silence
from burnish.qc.master.floor import floor
from burnish.qc.master.image import image
from burnish.qc.master.loudness import loudness
from burnish.qc.master.origin import bits, lossy, rate
from burnish.qc.master.peaks import clipped_runs, offset, true_peak

CHECKS: dict[int, Callable[[Finished, Asked], Judged]] = {
    1: true_peak,
    2: clipped_runs,
    3: offset,
    4: clicks,
    5: breaks,
    6: silence,
    7: fades,
    8: image,
    9: loudness,
    11: bits,
    12: rate,
    13: lossy,
    14: floor,
}
"""The checks that the sound alone answers."""


def judged(finished: Finished, asked: Asked) -> dict[int, Judged]:
    """What each check says, by its number."""
    found = {number: check(finished, asked) for number, check in CHECKS.items()}
    if not asked.kept:
        return found
    demands = asked.place is not None and asked.place.loudness_is == "demand"
    return {
        number: replace(one, findings=softened(one.findings, demands))
        for number, one in found.items()
    }
