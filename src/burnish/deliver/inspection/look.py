"""Looks at a sound: examined, measured, sent through codecs. A worker process may do each.

What they are given and give can be pickled; all read the file as it lies on the disk.
"""

from collections.abc import Sequence
from pathlib import Path

from burnish.audio import open_source
from burnish.chain import Teller
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.inspection.codecs import Decoded, heard_behind
from burnish.deliver.inspection.ddp import TrackOfDdp
from burnish.measure import Measurement, measure
from burnish.measure.finished import Finished, examine_finished


def examine_file(path: Path, measured: Measurement | None, tell: Teller) -> Finished:
    """Examine a file; with what was ``measured`` of its samples it is not measured again."""
    with open_source(path) as source:
        return examine_finished(source, tell.stage("inspect", source), measured, threads=False)


def measure_file(path: Path, tell: Teller) -> Measurement:
    """Only measure a file."""
    with open_source(path) as source:
        return measure(source, tell.stage("inspect", source), threads=False)


def examine_track(ddp: Path, place: int, tell: Teller) -> Finished:
    """Examine a track of a DDP, counted from 0."""
    source = TrackOfDdp(read_ddp(ddp), place)
    return examine_finished(source, tell.stage("inspect", source), threads=False)


def measure_track(ddp: Path, place: int, tell: Teller) -> Measurement:
    """Only measure a track of a DDP."""
    source = TrackOfDdp(read_ddp(ddp), place)
    return measure(source, tell.stage("inspect", source), threads=False)


def hear_behind(
    path: Path, names: Sequence[str], span_s: tuple[float, float] | None, tell: Teller
) -> tuple[Decoded, ...]:
    """Send a span of a file through codecs."""
    with open_source(path) as source:
        told = tell.stage("inspect", source)
        decoded = heard_behind(source, names, span_s)
        told(1.0)
        return decoded
