"""A plan's session: which files lie on which track, and what is marked in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.audio import open_source
from burnish.chain import Plan, Told
from burnish.chain.outside import near
from burnish.check import check
from burnish.errors import InputError
from burnish.finding import Finding
from burnish.measure import measure
from burnish.report.session import Lane, Mark

_PLACES = 3  # of one finding
_POINT_S = 2.0  # what is shorter is a moment


@dataclass(frozen=True)
class Session:
    """Tracks and marks, and the rate of the master."""

    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    rate_hz: int


def session_of(plan: Plan, sheet: Path, master: Path | None, told: Told) -> Session:
    """Mix (or stems) and master, as loud as each other, with what `burnish check` finds in the mix.

    The master is the one beside the sheet unless named. The mix is muted, so that one plays.
    """
    file = master or _master_of(plan, sheet)
    if not file.is_file():
        raise InputError("session-master", f"{file}: is not there; name it with --master FILE")
    with open_source(file) as source:
        info = source.info
        after = measure(source).loudness.integrated_lufs
    if plan.stems:
        stems = tuple(
            Lane(
                name=f"Stem: {stem.role if stem.role != 'other' else Path(stem.file).stem}",
                file=(path := near(stem.file, sheet)),
                length_s=_length_s(path),
                begin_s=max(0, stem.offset_samples) / plan.input.rate_hz,
                skip_s=max(0, -stem.offset_samples) / plan.input.rate_hz,
                gain_db=stem.gain_db,
                muted=True,
            )
            for stem in plan.stems
        )
        return Session((*stems, Lane("Master", file, info.duration_s)), (), info.rate_hz)
    mix = near(plan.input.file, sheet)
    if not plan.input.file or not mix.is_file():
        raise InputError("session-mix", f"{plan.input.file or sheet}: the sheet's mix is not there")
    looked = check(mix, style=str(plan.target.get("style") or "auto"), progress=told)
    before = looked.measured.loudness.integrated_lufs
    louder_db = 0.0 if before is None or after is None else round(after - before, 2)
    lanes = (
        Lane("Mix", mix, _length_s(mix), gain_db=min(0.0, louder_db), muted=True),
        Lane("Master", file, info.duration_s, gain_db=min(0.0, -louder_db)),
    )
    return Session(lanes, marks_of(looked.findings), info.rate_hz)


def marks_of(findings: Sequence[Finding]) -> tuple[Mark, ...]:
    """The places of what was found, in their order; three of each at most."""
    marks = [
        Mark(one.title, begin, end if end - begin >= _POINT_S else None)
        for one in findings
        for begin, end in one.times_s[:_PLACES]
    ]
    return tuple(sorted(marks, key=lambda one: (one.begin_s, one.name)))


def _master_of(plan: Plan, sheet: Path) -> Path:
    stem = sheet.name
    for ending in (".recall.yaml", ".yaml", ".yml"):
        if stem.endswith(ending):
            stem = stem.removesuffix(ending)
            break
    return sheet.with_name(stem + plan.output.suffix)


def _length_s(file: Path) -> float:
    with open_source(file) as source:
        return source.info.duration_s
