"""Checks 4 and 5: clicks and hard cuts; dropouts, blocks played twice, a channel that goes off."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from burnish.finding import Finding
from burnish.measure.continuity import Gap
from burnish.measure.finished import Finished
from burnish.measure.ranges import merged_s, ranges_s
from burnish.qc.clicks import clicks as clicks_of_mix
from burnish.qc.continuity import continuity
from burnish.qc.master.asked import Asked, Judged, graded, said
from burnish.qc.places import when
from burnish.targets import style

HARD_CUT_DBFS = (-60.0, -40.0)  # of the first or last sample: noted and warned
SURE = 0.9
"""From this confidence on a dropout or a repeated block fails; below it may be an effect."""
_HOP_S = 0.2
_ON, _OFF = 1e-5, 1e-9  # mean squares of a channel: -50 and -90 dBFS
_LEAST_S = 0.6
_MOST_OFF = 0.1  # of the file: what is off for longer was mixed so


def clicks(finished: Finished, asked: Asked) -> Judged:
    """Check 4. They are listed with their times; a person has to listen."""
    found = [
        graded(
            one,
            "warn",
            advice=f"Listen {when(one.times_s, finished.measured.source.duration_s)}: an edit "
            "without a crossfade, or the recording itself; `burnish restore` mends clicks.",
        )
        for one in clicks_of_mix(finished.examined, style("pop"))
    ]
    found += _hard_cuts(finished, asked)
    count = finished.examined.clicks.count
    return Judged(f"{count} click{'s' * (count != 1)}", tuple(found))


def _hard_cuts(finished: Finished, asked: Asked) -> Iterator[Finding]:
    duration_s = finished.measured.source.duration_s
    ends = finished.ends
    for name, dbfs, told, time_s in (
        ("first", ends.first_dbfs, asked.begins, 0.0),
        ("last", ends.last_dbfs, asked.ends, duration_s),
    ):
        if not told or dbfs <= HARD_CUT_DBFS[0]:
            continue
        yield said(
            "hard-cut",
            "warn" if dbfs > HARD_CUT_DBFS[1] else "info",
            f"The {name} sample is not silent",
            f"It stands at {dbfs:.0f} dBFS: it may click.",
            f"Put a fade of 5 ms at the {'beginning' if name == 'first' else 'end'}.",
            times_s=((max(0.0, time_s - 0.01), min(duration_s, time_s + 0.01)),),
            evidence={"which": name, "sample_dbfs": round(dbfs, 1)},
            size=1.0 + (dbfs - HARD_CUT_DBFS[0]) / (HARD_CUT_DBFS[1] - HARD_CUT_DBFS[0]),
        )


def breaks(finished: Finished, asked: Asked) -> Judged:
    """Check 5. The gaps between the songs of a side are none."""
    looked = finished.examined.continuity
    gaps = tuple(one for one in looked.gaps if not _is_meant(one, asked))
    looked = replace(looked, gaps=gaps)
    found = [
        graded(one, "fail" if one.confidence >= SURE else "warn")
        for one in continuity(replace(finished.examined, continuity=looked), style("pop"))
        if one.code in ("dropouts", "repeated-blocks")
    ]
    found += _channel_off(finished)
    told = "none"
    if looked.gaps or looked.repeats:
        words = ((len(looked.gaps), "gap"), (len(looked.repeats), "repeated block"))
        told = ", ".join(f"{n} {word}{'s' * (n > 1)}" for n, word in words if n)
    return Judged(told, tuple(found))


def _is_meant(gap: Gap, asked: Asked) -> bool:
    """Whether a gap is, or reaches into, one that was asked for."""
    end_s = gap.start_s + gap.length_s
    return any(gap.start_s < to_s and from_s < end_s for from_s, to_s in asked.gaps_s)


def _channel_off(finished: Finished) -> Iterator[Finding]:
    """A channel that plays, is off while the other goes on, and plays again."""
    measured = finished.measured
    bands = measured.timeline.bands
    if measured.source.channels == 1 or len(measured.defects.silent_channels):
        return
    mid, side, cross = (
        rows.astype(np.float64).sum(axis=1)
        for rows in (bands.wide_mid, bands.wide_side, bands.wide_cross)
    )
    both = (mid + side + 2.0 * cross, mid + side - 2.0 * cross)
    for channel, name in enumerate(("left", "right")):
        own, other = both[channel], both[1 - channel]
        off = (own < _OFF) & (other > _ON)
        if not off.any() or off.mean() > _MOST_OFF:
            continue
        on = np.flatnonzero(own > _ON)
        times_s = tuple(
            (a, b)
            for a, b in merged_s(ranges_s(off, _HOP_S, first_s=0.1), least_s=_LEAST_S, most=20)
            if len(on) and on[0] * _HOP_S < a and b < (on[-1] + 1) * _HOP_S
        )
        if not times_s:
            continue
        where = when(times_s, measured.source.duration_s)
        yield said(
            "channel-off",
            "fail",
            f"The {name} channel goes off",
            f"Nothing comes from the {name} {where}, while the other channel plays on.",
            f"Listen {where}, and render it again.",
            confidence=SURE,
            times_s=times_s,
            evidence={"channel": name},
            size=4.0,
        )
