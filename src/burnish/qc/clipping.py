"""Clipping, now or earlier; peaks between the samples; an offset from zero."""

import math
from collections.abc import Iterator

from burnish.finding import Finding, Severity
from burnish.measure.clipping import Clipping
from burnish.measure.examine import Examination
from burnish.measure.ranges import total_s
from burnish.qc.grade import severity_of, size_of
from burnish.qc.places import when
from burnish.targets import Style

RUNS = (5.0, 100.0)  # plateaus: noted and strong
SHARE = 1e-4  # of the samples: strong
FAIL_SHARE = 0.1  # so much is cut that nothing is left to restore from
BLURRED_SURE = 0.3
INTER_SAMPLE_DBTP = (0.0, 1.0)
DC_DBFS = (-60.0, -40.0)


def clipping(examined: Examination, style: Style) -> Iterator[Finding]:
    """What stands at the top, and what pushes it there."""
    found = examined.clipping
    if found.runs:
        yield _clipped(found, examined.measured.source.duration_s)
    elif found.blurred >= BLURRED_SURE and found.blurred_dbfs is not None:
        yield _blurred(found, found.blurred_dbfs)
    yield from _between_samples(examined)
    yield from _offset(examined)


def _clipped(found: Clipping, duration_s: float) -> Finding:
    runs = 1.0 + math.log(found.runs / RUNS[0]) / math.log(RUNS[1] / RUNS[0])
    share = 2.0 + math.log10(found.share / SHARE) if found.share > 0.0 else 0.0
    size = max(1.0, runs, share)
    fails = found.share >= FAIL_SHARE
    severity: Severity = "fail" if fails else severity_of(size)
    where = when(found.times_s, duration_s)
    cut = [side.threshold_dbfs for side in found.sides]
    ceiling_dbfs = max(dbfs for dbfs in cut if dbfs is not None)
    sides = " on one side of zero only" if _lopsided(found) else ""
    place = f"at {ceiling_dbfs:.1f} dBFS" if found.earlier else "at full scale"
    share_text = f"{100 * found.share:.2g} % of the samples"
    over = f"by about {found.overdrive_db:.1f} dB"
    return Finding(
        code="clipped-earlier" if found.earlier else "clipped",
        severity=severity,
        title="Clipped earlier, then turned down" if found.earlier else "Clipped",
        detail=(f"{found.runs} tops are cut flat {place}{sides}, {over}: {share_text}, {where}."),
        advice=(
            f"Find what clips before the master fader (a converter, a plug-in, a bus) {where} and "
            f"turn its input down by {_room_db(found):.0f} dB; if it is printed, `burnish restore` "
            "brings back what it can."
            if found.earlier
            else f"Turn the master fader down by {_room_db(found):.0f} dB and export again; the "
            f"tops are cut {where}."
        ),
        confidence=min(0.99, 0.8 + 0.01 * found.runs),
        times_s=() if total_s(found.times_s) >= 0.8 * duration_s else found.times_s,
        evidence={
            "runs": found.runs,
            "samples": found.samples,
            "share_percent": round(100 * found.share, 5),
            "threshold_dbfs": found.threshold_dbfs,
            "overdrive_db": round(found.overdrive_db, 2),
            "most_overdrive_db": round(max(s.most_overdrive_db for s in found.sides), 2),
        },
        size=round(size, 2),
    )


def _lopsided(found: Clipping) -> bool:
    """Whether in each channel only one side of zero was cut."""
    pairs = zip(found.sides[0::2], found.sides[1::2], strict=True)
    return all((up.threshold_dbfs is None) or (down.threshold_dbfs is None) for up, down in pairs)


def _room_db(found: Clipping) -> float:
    """How far to turn down, to the next whole dB over the worst."""
    return math.ceil(max(0.5, *(side.most_overdrive_db for side in found.sides)))


def _blurred(found: Clipping, ceiling_dbfs: float) -> Finding:
    return Finding(
        code="clipped-earlier",
        severity="info",
        title="Probably clipped before it was encoded or filtered",
        detail=(
            f"Many waves are equally high, about {ceiling_dbfs:.1f} dBFS, and flatter at their "
            "tops than the softer ones."
        ),
        advice="Ask for the mix as it was before its master bus or its MP3: these tops look cut.",
        confidence=found.blurred,
        evidence={"ceiling_dbfs": round(ceiling_dbfs, 2)},
        size=1.5,
    )


def _between_samples(examined: Examination) -> Iterator[Finding]:
    """True peaks over full scale. A file of floats or a codec holds them: there nothing is lost."""
    peaks, info = examined.measured.peaks, examined.info
    peak_dbtp = peaks.true_peak_dbtp
    size = size_of(peak_dbtp, *INTER_SAMPLE_DBTP)
    if peak_dbtp <= 0.0:
        return
    over = examined.measured.defects.over_full_scale_samples
    held = info.is_float or info.bits is None
    yield Finding(
        code="inter-sample-peaks",
        severity="info" if held else severity_of(size),
        title="Peaks over full scale" if over else "Peaks between the samples over full scale",
        detail=(
            f"The true peak is {peak_dbtp:+.2f} dBTP"
            + (f", and {over} samples are beyond full scale" if over else "")
            + ("; this kind of file holds it." if held else "; a converter will cut that.")
        ),
        advice=(
            f"Turn the mix down by {math.ceil(peak_dbtp + 3.0)} dB when you export it; the master "
            "finds its own loudness."
        ),
        confidence=0.95,
        evidence={"true_peak_dbtp": round(peak_dbtp, 2), "over_full_scale_samples": over},
        size=round(min(size, 1.6) if held else size, 2),
    )


def _offset(examined: Examination) -> Iterator[Finding]:
    dc_dbfs = examined.measured.noise.dc_dbfs
    size = size_of(dc_dbfs, *DC_DBFS)
    if size < 1.0:
        return
    yield Finding(
        code="dc",
        severity=severity_of(size),
        title="An offset from zero (DC)",
        detail=f"The wave stands beside zero, by {dc_dbfs:.0f} dBFS: edits will click.",
        advice="Put a high-pass at 20 Hz on the track that brings it, or mend its converter.",
        confidence=0.95,
        evidence={"dc_dbfs": round(dc_dbfs, 1)},
        size=round(size, 2),
    )
