"""Checks 1 to 3: true peaks against the ceiling, runs at full scale, an offset from zero."""

import math

import numpy as np

from burnish.finding import Finding, Severity
from burnish.measure.finished import Finished
from burnish.measure.ranges import merged_s, ranges_s
from burnish.qc.master.asked import Asked, Judged, said
from burnish.qc.places import when
from burnish.units import db_from_gain

OVER_DB = 0.05
"""So much a true peak may pass a ceiling: two meters differ by as much."""
RUN_FAILS = 6  # equal samples at 44.1 kHz
RUNS_PER_MIN_FAIL = 60.0
SHARE = (1e-3, 0.1)  # of the samples flattened below full scale: warned and failed
DC_DBFS = (-60.0, -40.0)
DC_SECONDS_DBFS = (-46.0, -34.0)  # of 5 s: bass that does not end with the second is no offset
_DC_SECONDS = 5
_MOST_PLACES = 20


def true_peak(finished: Finished, asked: Asked) -> Judged:
    """Check 1. Over full scale, or over a ceiling that was asked for or demanded: a failure."""
    measured, place = finished.measured, asked.place
    peak_dbtp = measured.peaks.true_peak_dbtp
    limit_dbtp, severity, whose = _limit(finished, asked)
    told = f"{peak_dbtp:.2f} dBTP"
    if place is not None:
        told += f", {place.title} {_verb(asked)} {place.ceiling_dbtp:g}"
    if peak_dbtp <= limit_dbtp + OVER_DB:
        return Judged(told)
    gain = 10.0 ** ((limit_dbtp + OVER_DB) / 20.0)
    over = measured.timeline.segment_true_peak > gain
    times_s = merged_s(ranges_s(over, 0.1), gap_s=1.0, most=_MOST_PLACES)
    beyond = measured.defects.over_full_scale_samples
    where = when(times_s, measured.source.duration_s)
    aim_dbtp = limit_dbtp if place is None else min(limit_dbtp, place.ceiling_dbtp)
    found = said(
        "true-peak",
        severity,
        f"True peak over {limit_dbtp:g} dBTP",
        f"{peak_dbtp:.2f} dBTP, {0.1 * over.sum():.1f} s over {whose}"
        + (f", {beyond} samples beyond full scale" if beyond else "")
        + f": {where}.",
        f"Lower the limiter's ceiling to {aim_dbtp:g} dBTP and render it again.",
        times_s=times_s,
        evidence={
            "true_peak_dbtp": round(peak_dbtp, 3),
            "limit_dbtp": limit_dbtp,
            "over_s": round(0.1 * float(over.sum()), 1),
            "over_full_scale_samples": beyond,
        },
        size=2.0 + peak_dbtp - limit_dbtp,
    )
    return Judged(told, (found,))


def _limit(finished: Finished, asked: Asked) -> tuple[float, Severity, str]:
    """The limit that is passed worst: how high, how bad, whose."""
    peak_dbtp = finished.measured.peaks.true_peak_dbtp
    own, place = asked.ceiling_dbtp, asked.place
    if own is not None and peak_dbtp > own + OVER_DB:
        return own, "fail", f"the ceiling of {own:g} that it was made for"
    if place is not None and place.loudness_is == "demand" and peak_dbtp > place.ceiling_dbtp:
        return place.ceiling_dbtp, "fail", f"the {place.ceiling_dbtp:g} that {place.title} demands"
    if peak_dbtp > OVER_DB:
        return 0.0, "warn" if place is None else "fail", "full scale: a converter will cut that"
    if place is not None:
        return place.ceiling_dbtp, "warn", f"the {place.ceiling_dbtp:g} that {place.title} asks for"
    return 0.0, "warn", "full scale"


def _verb(asked: Asked) -> str:
    return "demands" if asked.place and asked.place.loudness_is == "demand" else "asks for"


def clipped_runs(finished: Finished, asked: Asked) -> Judged:
    """Check 2. A run of six equal samples at full scale fails, or many short ones."""
    source = finished.measured.source
    runs, found = finished.ends.runs, finished.examined.clipping
    if runs:
        longest = max(run.samples for run in runs)
        per_min = 60.0 * len(runs) / max(source.duration_s, 1.0)
        of_cd = longest * 44_100 / source.rate_hz
        fails = of_cd >= RUN_FAILS or per_min > RUNS_PER_MIN_FAIL
        times_s = merged_s(
            ((run.start_s, run.start_s + 0.01) for run in runs), gap_s=0.5, most=_MOST_PLACES
        )
        told = f"{len(runs)} at full scale, up to {longest} samples"
        clipped = said(
            "clipped",
            "fail" if fails else "warn",
            "Clipped at full scale",
            f"{len(runs)} times three or more samples in a row stand at full scale, up to "
            f"{longest}: {when(times_s, source.duration_s)}.",
            "Render it again through a limiter with a ceiling below full scale.",
            times_s=times_s,
            evidence={
                "runs": len(runs),
                "longest_samples": longest,
                "per_min": round(per_min, 2),
            },
            size=3.0 if fails else 2.0,
        )
        return Judged(told, (clipped,))
    if found.earlier and found.share >= SHARE[0]:
        told = f"{100 * found.share:.2g} % of the samples flat at {found.threshold_dbfs:.1f} dBFS"
        flat = said(
            "clipped-earlier",
            "fail" if found.share >= SHARE[1] else "warn",
            "Clipped, then turned down",
            f"{found.runs} tops are cut flat at {found.threshold_dbfs:.1f} dBFS, by about "
            f"{found.overdrive_db:.1f} dB: {when(found.times_s, source.duration_s)}.",
            "If nobody meant that, look for what clips before the limiter.",
            confidence=0.9,
            times_s=found.times_s,
            evidence={"runs": found.runs, "share_percent": round(100 * found.share, 4)},
            size=2.0 + math.log10(found.share / SHARE[0]),
        )
        return Judged(told, (flat,))
    return Judged("none at full scale")


def offset(finished: Finished, asked: Asked) -> Judged:
    """Check 3, of the whole file and of 5 s."""
    dc_dbfs = finished.measured.noise.dc_dbfs
    told = f"{dc_dbfs:.0f} dBFS" if math.isfinite(dc_dbfs) else "none"
    severity = _grade(dc_dbfs, DC_DBFS)
    if severity is not None:
        return Judged(told, (_offset(severity, dc_dbfs, ()),))
    seconds = finished.ends.offset
    n = len(seconds) - _DC_SECONDS + 1
    if n < 1:
        return Judged(told)
    # The middle one of five seconds: a wave's rest in one of them is not an offset.
    windows = np.lib.stride_tricks.sliding_window_view(seconds, _DC_SECONDS, axis=0)
    worst = np.abs(np.median(windows, axis=2)).max(axis=1)
    worst_dbfs = db_from_gain(float(worst.max()))
    severity = _grade(worst_dbfs, DC_SECONDS_DBFS)
    if severity is None:
        return Judged(told)
    shown = worst > 10.0 ** (DC_SECONDS_DBFS[0] / 20.0)
    times_s = merged_s(ranges_s(shown, 1.0, window_s=float(_DC_SECONDS)), most=_MOST_PLACES)
    return Judged(f"{worst_dbfs:.0f} dBFS for 5 s", (_offset(severity, worst_dbfs, times_s),))


def _grade(dbfs: float, limits: tuple[float, float]) -> Severity | None:
    return "fail" if dbfs > limits[1] else "warn" if dbfs > limits[0] else None


def _offset(severity: Severity, dbfs: float, times_s: tuple[tuple[float, float], ...]) -> Finding:
    return said(
        "dc",
        severity,
        "An offset from zero (DC)",
        f"The wave stands beside zero by {dbfs:.0f} dBFS" + (" for seconds." if times_s else "."),
        "Put a high-pass at 5 to 20 Hz first in the chain: an offset costs headroom and clicks.",
        times_s=times_s,
        evidence={"dc_dbfs": round(dbfs, 1)},
        size=3.0 if severity == "fail" else 2.0,
    )
