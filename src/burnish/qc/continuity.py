"""Continuity: sound that drops out or stutters, ends that are cut, silence around it."""

import math
from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.continuity import Gap
from burnish.measure.examine import Examination
from burnish.measure.ranges import merged_s
from burnish.qc.grade import size_of
from burnish.qc.places import when
from burnish.targets import Style

HEAD_S, TAIL_S = (0.5, 4.0), (3.0, 15.0)  # silence: noted and strong
CUT_TAIL_DBFS = (-60.0, -20.0)
CUT_HEAD_DBFS = (-40.0, -10.0)  # of the first sample: a stroke begins at zero
MOST_PLACES = 20
_NOTED = 1.6  # the largest size of what is only ever noted


def continuity(examined: Examination, style: Style) -> Iterator[Finding]:
    """Holes, stutters, and how it begins and ends."""
    yield from _dropouts(examined)
    yield from _repeats(examined)
    yield from _ends(examined)


def _dropouts(examined: Examination) -> Iterator[Finding]:
    gaps = examined.continuity.gaps
    if not gaps:
        return
    longest = max(gaps, key=lambda gap: gap.length_s)
    longest_ms = 1e3 * longest.length_s
    size = 1.8 + 0.3 * math.log10(len(gaps)) + (0.7 if longest_ms >= 5.0 else 0.0)
    places = [(gap.start_s, gap.start_s + max(gap.length_s, 0.001)) for gap in gaps]
    times_s = merged_s(places, most=MOST_PLACES)
    where = when(times_s, examined.measured.source.duration_s)
    both = all(len(gap.channels) == examined.measured.source.channels for gap in gaps)
    held = "the wave sticks" if longest.kind == "held" else "there is nothing"
    yield Finding(
        code="dropouts",
        severity="warn",
        title="Dropouts" if len(gaps) > 1 else "A dropout",
        detail=(
            f"{len(gaps)} time{'s' * (len(gaps) != 1)} {held} in the middle of sound, for up to "
            f"{_length(longest_ms)}{'' if both else ', in one channel'}: {where}."
        ),
        advice=(
            f"Export it again with a larger buffer and listen {where}; what cannot be had again, "
            "`burnish restore` fills up to 20 ms."
        ),
        confidence=_sure(gaps, examined.measured.source.rate_hz),
        times_s=times_s,
        evidence={"gaps": len(gaps), "longest_ms": round(longest_ms, 3)},
        size=round(size, 2),
    )


def _sure(gaps: tuple[Gap, ...], rate_hz: int) -> float:
    """A few samples may be a click, a long hole a rest that was cut hard."""
    longest = max(gap.length_s for gap in gaps)
    sure = 0.75 if longest * rate_hz < 4 else 0.92 if longest < 0.1 else 0.8
    return min(0.97, sure + 0.01 * len(gaps))


def _length(length_ms: float) -> str:
    return f"{length_ms:.2g} ms" if length_ms < 1000.0 else f"{length_ms / 1e3:.1f} s"


def _repeats(examined: Examination) -> Iterator[Finding]:
    repeats = examined.continuity.repeats
    if not repeats:
        return
    usual = max({r.samples for r in repeats}, key=[r.samples for r in repeats].count)
    places = [(r.start_s, r.start_s + r.length_s * r.times) for r in repeats]
    times_s = merged_s(places, most=MOST_PLACES)
    where = when(times_s, examined.measured.source.duration_s)
    yield Finding(
        code="repeated-blocks",
        severity="warn",
        title="A block is played twice",
        detail=(
            f"{len(repeats)} time{'s' * (len(repeats) != 1)} a block comes again at once, sample "
            f"for sample, mostly of {usual} samples: {where}."
        ),
        advice=f"A buffer was not filled in time {where}: export again, offline, not in real time.",
        confidence=0.95 if usual >= 64 else 0.85,
        times_s=times_s,
        evidence={"repeats": len(repeats), "samples": usual},
        size=round(2.0 + 0.3 * math.log10(len(repeats)), 2),
    )


def _ends(examined: Examination) -> Iterator[Finding]:
    found, defects = examined.continuity, examined.measured.defects
    duration_s = examined.measured.source.duration_s
    if defects.head_silence_s >= duration_s:
        return
    if found.tail_dbfs > CUT_TAIL_DBFS[0]:
        yield Finding(
            code="cut-tail",
            severity="info",
            title="The end is cut",
            detail=f"The last 10 ms still stand at {found.tail_dbfs:.0f} dBFS.",
            advice="Export some seconds more, until the last reverb is gone; fades are made later.",
            confidence=0.9,
            times_s=((max(0.0, duration_s - 0.5), duration_s),),
            evidence={"tail_dbfs": round(found.tail_dbfs, 1)},
            size=round(min(_NOTED, size_of(found.tail_dbfs, *CUT_TAIL_DBFS)), 2),
        )
    if found.head_dbfs > CUT_HEAD_DBFS[0]:
        yield Finding(
            code="cut-head",
            severity="info",
            title="The beginning is cut",
            detail=f"The first sample stands at {found.head_dbfs:.0f} dBFS already.",
            advice="Begin the export a moment before the first note.",
            confidence=0.85,
            times_s=((0.0, min(0.5, duration_s)),),
            evidence={"head_dbfs": round(found.head_dbfs, 1)},
            size=round(min(_NOTED, size_of(found.head_dbfs, *CUT_HEAD_DBFS)), 2),
        )
    head_s, tail_s = defects.head_silence_s, defects.tail_silence_s
    if (size := size_of(head_s, *HEAD_S)) >= 1.0:
        yield _silence("head", "beginning", (0.0, head_s), head_s, size)
    if (size := size_of(tail_s, *TAIL_S)) >= 1.0:
        yield _silence("tail", "end", (duration_s - tail_s, duration_s), tail_s, size)


def _silence(
    code: str, name: str, times_s: tuple[float, float], length_s: float, size: float
) -> Finding:
    return Finding(
        code=f"silence-{code}",
        severity="info",
        title=f"Silence at the {name}",
        detail=f"{length_s:.1f} s under -60 dBFS at the {name}.",
        advice=f"Trim the {name}, unless this silence is meant.",
        confidence=0.95,
        times_s=(times_s,),
        evidence={"silence_s": round(length_s, 2)},
        size=round(min(_NOTED, size), 2),
    )
