"""A side of a record or a cassette, as read back: what its medium cannot carry, with times.

Limits without a source beside them are opinion. Times count from the start of the side's file.
``groove.py`` has what only a groove cannot do.
"""

import math
from collections.abc import Iterator

import numpy as np

from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.cutting import WINDOWS_PER_S
from burnish.measure.loudness import SHORT_TERM_SEGMENTS, lufs_of, sliding_sum
from burnish.qc.carried import Carried, finding, power_db, times_of
from burnish.qc.grade import size_of
from burnish.qc.groove import bass, depth, inner, phase
from burnish.qc.places import when
from burnish.units import db_from_gain, db_from_power

INFRASONIC_DB = (-35.0, -20.0)
DC_DBFS = (-60.0, -40.0)
PSR_DB = (8.0, 5.0)
RUNS = (5.0, 100.0)
EXCESS_DB = (0.0, 6.0)


def side_findings(side: Carried) -> tuple[Finding, ...]:
    """All that is to be told of one side, in the order of the checks."""
    if side.cutting.loud_power <= 0.0:
        return ()
    checks = [_true_peak, _flat_tops, _limited, _treble, _infrasonic]
    if side.record is not None:
        checks += [bass, phase, depth, inner]
    return tuple(one for check in checks for one in check(side))


def _true_peak(side: Carried) -> Iterator[Finding]:
    peak = side.measured.peaks.true_peak_dbtp
    if peak > side.ceiling_dbtp + 0.01:
        yield finding(
            side,
            "true-peak",
            2.0,
            f"true peak {peak:.2f} dBTP",
            f"The medium asks for {side.ceiling_dbtp:g} dBTP or less.",
            f"Turn the side down by {peak - side.ceiling_dbtp:.1f} dB.",
            true_peak_dbtp=round(peak, 2),
        )


def _flat_tops(side: Carried) -> Iterator[Finding]:
    found = side.clipping
    if found.runs >= RUNS[0]:
        size = 1.0 + math.log(found.runs / RUNS[0]) / math.log(RUNS[1] / RUNS[0])
        where = when(found.times_s, side.duration_s)
        yield finding(
            side,
            "flat-tops",
            size,
            "tops are cut flat",
            f"{found.runs} tops are flat at {found.threshold_dbfs:.1f} dBFS, {where}.",
            f"Give the mix, or a master without clipper and limiter, for what plays {where}.",
            found.times_s,
            runs=found.runs,
        )


def _limited(side: Carried) -> Iterator[Finding]:
    for song in side.songs:
        psr_db = psr_p5_db(side.measured, song.start_s, song.end_s)
        if psr_db is not None and psr_db < PSR_DB[0]:
            wall = song.kept
            yield finding(
                side,
                "limited" if wall else "dense",
                max(1.7, size_of(psr_db, *PSR_DB)) if wall else 1.0,
                f"{song.number} {song.title} is {'limited hard' if wall else 'dense in itself'}",
                f"Its peaks stand {psr_db:.1f} dB over its loudness (PSR)"
                f"{'' if wall else ', without any limiter'}; from 8 dB on the medium has "
                "something to carry.",
                f"Deliver {song.title} without its limiter, or as a mix."
                if wall
                else "Where that is not meant, look for a limiter or clipper in its mix.",
                ((song.start_s, song.end_s),),
                psr_p5_db=round(psr_db, 1),
                song=song.number,
            )


def psr_p5_db(measured: Measurement, start_s: float, end_s: float) -> float | None:
    """The 5th percentile of PSR (AES e-brief 373) between two moments; None: under 3 s, silence."""
    a, b = math.ceil(10 * start_s), math.floor(10 * end_s)
    line = measured.timeline
    power, peak = line.segment_power[a:b], line.segment_true_peak[a:b]
    n = SHORT_TERM_SEGMENTS
    if len(power) < n:
        return None
    short = sliding_sum(power, n) / n
    top = np.lib.stride_tricks.sliding_window_view(peak[: len(power)], n).max(axis=1)[: len(short)]
    short = short[: len(top)]
    heard = (lufs_of(short) > -70.0) & (short > 0.01 * short.mean()) & (top > 0.0)
    if not heard.any():
        return None
    return float(np.percentile(20.0 * np.log10(top[heard]) - lufs_of(short[heard]), 5))


def _treble(side: Carried) -> Iterator[Finding]:
    found = side.cutting
    slower_db = 20.0 * np.log10(side.groove_cm_s() / side.outer_cm_s)
    medium = "the groove" if side.record is not None else "the tape"
    for code, column, limit_db, hz, name in (
        ("sibilance", found.sibilance, side.sibilance_db, 8500.0, "sibilance (6 to 12 kHz)"),
        ("treble", found.treble, side.treble_db, 11_300.0, "treble (8 to 16 kHz)"),
    ):
        over = power_db(column, found.loud_power) - (limit_db + slower_db)
        times = times_of(over > 0.0, gap_s=0.5)
        if not times:
            continue
        worst = int(np.argmax(over))
        peak, power = float(found.sibilance_peak[worst]), float(found.sibilance[worst])
        crest_db = db_from_gain(peak) - db_from_power(power) if power > 0.0 else None
        where = when(times, side.duration_s)
        worst_s = round(worst / WINDOWS_PER_S, 2)
        yield finding(
            side,
            code,
            size_of(float(over[worst]), *EXCESS_DB),
            f"{name} {over[worst]:.1f} dB over what {medium} holds",
            f"{len(times)} place{'s' if len(times) > 1 else ''}, {where}; the worst at "
            f"{_clock(worst_s)}.",
            f"De-ess or lower the treble {where}, or put the song nearer to the outside."
            if side.record is not None
            else f"De-ess or lower the treble {where}.",
            times,
            hz,
            worst_s=worst_s,
            over_db=round(float(over[worst]), 1),
            crest_db=None if crest_db is None or code == "treble" else round(crest_db, 1),
            windows=int(np.count_nonzero(over > 0.0)),
        )


def _infrasonic(side: Carried) -> Iterator[Finding]:
    found = side.cutting
    ratio_db = float(power_db(np.array([found.infrasonic.mean()]), found.loud_power)[0])
    if ratio_db > INFRASONIC_DB[0]:
        yield finding(
            side,
            "infrasonic",
            size_of(ratio_db, *INFRASONIC_DB),
            f"{ratio_db:.0f} dB of the loud moments lies under 20 Hz",
            "It is not heard, and swings the groove or the tape's level.",
            "Take it out with a high-pass at 20 Hz in what brings it.",
            frequency_hz=15.0,
            infrasonic_db=round(ratio_db, 1),
        )
    dc = max(abs(one) for one in found.dc)
    dc_dbfs = db_from_gain(dc)
    if dc_dbfs > DC_DBFS[0]:
        yield finding(
            side,
            "dc",
            size_of(dc_dbfs, *DC_DBFS),
            f"an offset from zero of {dc_dbfs:.0f} dBFS",
            "It takes room from one half of every wave, and clicks where the music begins.",
            "Take it out with a high-pass at 20 Hz.",
            dc_dbfs=round(dc_dbfs, 1),
        )


def _clock(time_s: float) -> str:
    return f"{int(time_s) // 60}:{time_s % 60:05.2f}"
