"""A side of a record or a cassette, as read back: what its medium cannot carry, with times.

Limits without a source beside them are opinion. Times count from the start of the side's file.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.clipping import Clipping
from burnish.measure.cutting import LOUD_WINDOWS, WINDOWS_PER_S, Cutting, moving_mean
from burnish.measure.loudness import SHORT_TERM_SEGMENTS, lufs_of, sliding_sum
from burnish.measure.ranges import Range, merged_s, ranges_s, total_s
from burnish.qc.grade import severity_of, size_of
from burnish.qc.places import when
from burnish.targets.record import Record

Floats = NDArray[np.float64]

BASS_SIDE_DB = (-6.0, 0.0)  # side against mid below 150 Hz: noted (plants) and strong
UPPER_SIDE_DB = (0.0, 6.0)  # the same from 150 to 300 Hz
HEARD_DB = -30.0  # against the loud moments: what is softer does not move the cutter
BASS_HEARD_DB = -20.0
LASTING_S, PHASE_S = 0.2, 1.0
PHASE = (0.0, -0.5)
DEPTH_DB = (-6.0, 0.0)  # vertical against the largest lateral excursion
INFRASONIC_DB = (-35.0, -20.0)
DC_DBFS = (-60.0, -40.0)
PSR_DB = (8.0, 5.0)
RUNS = (5.0, 100.0)
LATE_LOUD_LU, LATE_BRIGHT_DB = (1.5, 4.0), (3.0, 8.0)
INNER_CM_S = 35.0  # below it a late song is on the inner grooves
EXCESS_DB = (0.0, 6.0)
_MOST_TIMES = 12


@dataclass(frozen=True)
class Song:
    """Where a song lies in the file of its side."""

    number: str
    """As it stands on the label: A1, A2 ..."""
    title: str
    start_s: float
    end_s: float
    kept: bool = True
    """As it was mastered; else it came without its limiter."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A side as read back, and what it is for. Without a ``record`` it is a tape.

    ``sibilance_db`` and ``treble_db`` are the limits at the fastest groove, 51 cm/s, or the tape's.
    """

    name: str
    medium: str
    """"vinyl" or "cassette": the codes of its findings begin with it."""
    measured: Measurement
    cutting: Cutting
    clipping: Clipping
    songs: tuple[Song, ...]
    ceiling_dbtp: float
    sibilance_db: float
    treble_db: float
    outer_cm_s: float = 51.0
    record: Record | None = field(default=None)

    @property
    def duration_s(self) -> float:
        """How long its file plays."""
        return self.measured.source.duration_s

    def groove_cm_s(self) -> Floats:
        """Speed of the groove in each window; the outer one's where there is no record."""
        n = len(self.cutting.table)
        if self.record is None or not self.songs:
            return np.full(n, self.outer_cm_s)
        start, end = self.songs[0].start_s, self.songs[-1].end_s
        speeds = [self.record.groove_cm_s(at, end - start) for at in (0.0, end - start)]
        return np.interp(np.arange(n) / WINDOWS_PER_S, (start, end), speeds)


def side_findings(side: Carried) -> tuple[Finding, ...]:
    """All that is to be told of one side, in the order of the checks."""
    if side.cutting.loud_power <= 0.0:
        return ()
    checks = [_true_peak, _flat_tops, _limited, _treble, _infrasonic]
    if side.record is not None:
        checks += [_bass, _phase, _depth, _inner]
    return tuple(one for check in checks for one in check(side))


def _finding(
    side: Carried,
    code: str,
    size: float,
    title: str,
    detail: str,
    advice: str,
    times_s: tuple[Range, ...] = (),
    frequency_hz: float | None = None,
    **evidence: float | int | str | None,
) -> Finding:
    whole = total_s(times_s) >= 0.8 * side.duration_s
    return Finding(
        code=f"{side.medium}-{code}",
        severity=severity_of(size),
        title=f"Side {side.name}: {title}",
        detail=detail,
        advice=advice,
        confidence=0.8,
        times_s=() if whole else times_s,
        frequency_hz=frequency_hz,
        evidence={"side": side.name, **evidence},
        size=round(size, 2),
        about="master",
    )


def _true_peak(side: Carried) -> Iterator[Finding]:
    peak = side.measured.peaks.true_peak_dbtp
    if peak > side.ceiling_dbtp + 0.01:
        yield _finding(
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
        yield _finding(
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
            yield _finding(
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
        over = _db(column, found.loud_power) - (limit_db + slower_db)
        times = _times(over > 0.0, gap_s=0.5)
        if not times:
            continue
        worst = int(np.argmax(over))
        peak, power = float(found.sibilance_peak[worst]), float(found.sibilance[worst])
        crest_db = 20.0 * math.log10(peak) - 10.0 * math.log10(power) if power > 0.0 else None
        where = when(times, side.duration_s)
        worst_s = round(worst / WINDOWS_PER_S, 2)
        yield _finding(
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
    ratio_db = float(_db(np.array([found.infrasonic.mean()]), found.loud_power)[0])
    if ratio_db > INFRASONIC_DB[0]:
        yield _finding(
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
    dc_dbfs = 20.0 * math.log10(dc) if dc > 0.0 else -math.inf
    if dc_dbfs > DC_DBFS[0]:
        yield _finding(
            side,
            "dc",
            size_of(dc_dbfs, *DC_DBFS),
            f"an offset from zero of {dc_dbfs:.0f} dBFS",
            "It takes room from one half of every wave, and clicks where the music begins.",
            "Take it out with a high-pass at 20 Hz.",
            dc_dbfs=round(dc_dbfs, 1),
        )


def _bass(side: Carried) -> Iterator[Finding]:
    found = side.cutting
    least = found.loud_power * 10.0 ** (BASS_HEARD_DB / 10.0)
    for code, wide, mid, limits, hz, band in (
        ("bass-side", found.bass_side, found.bass_mid, BASS_SIDE_DB, 75.0, "below 150 Hz"),
        ("upper-bass-side", found.upper_side, found.upper_mid, UPPER_SIDE_DB, 212.0, "150-300 Hz"),
    ):
        wide, mid = moving_mean(wide, LOUD_WINDOWS), moving_mean(mid, LOUD_WINDOWS)
        ratio_db = _db(wide, 1.0) - _db(mid, 1.0)
        shown = (ratio_db > limits[0]) & (wide > least)
        times = _lasting(shown, LASTING_S)
        if not times:
            continue
        worst_db = float(min(ratio_db[shown].max(), 60.0))
        where = when(times, side.duration_s)
        yield _finding(
            side,
            code,
            size_of(worst_db, *limits),
            f"bass in the side, {band}",
            f"The side reaches {worst_db:.0f} dB of the middle {where}; plants ask for "
            f"{limits[0]:g} dB or less.",
            f"Put bass and kick into the middle {where}, or take a higher --vinyl-ellipse-hz.",
            times,
            hz,
            side_to_mid_db=round(worst_db, 1),
        )


def _phase(side: Carried) -> Iterator[Finding]:
    found = side.cutting
    correlation = found.correlation()
    loud = (found.left + found.right)[: len(correlation)] / 2.0
    shown = (correlation < PHASE[0]) & (loud > 10.0 ** (HEARD_DB / 10.0) * found.loud_power)
    times = _lasting(shown, PHASE_S)
    if not times:
        return
    least = float(correlation[shown].min())
    where = when(times, side.duration_s)
    yield _finding(
        side,
        "phase",
        max(1.7, size_of(least, *PHASE)),
        "the channels are against each other",
        f"Correlation stays below 0 {where}, down to {least:.2f}: the groove loses its depth.",
        f"Turn one side of what is so wide over, or narrow it, {where}.",
        times,
        correlation_min=round(least, 2),
    )


def _depth(side: Carried) -> Iterator[Finding]:
    found = side.cutting
    lateral = float(found.lateral.max(initial=0.0))
    if lateral <= 0.0 or found.vertical.max(initial=0.0) <= 0.0:
        return
    with np.errstate(divide="ignore"):
        ratio_db = 20.0 * np.log10(found.vertical / lateral)
    times = _times(ratio_db > DEPTH_DB[0], gap_s=0.3)
    if not times:
        return
    worst_db = float(ratio_db.max())
    where = when(times, side.duration_s)
    yield _finding(
        side,
        "depth",
        size_of(worst_db, *DEPTH_DB),
        "the groove would rise and sink far",
        f"Up and down it would swing {worst_db:.1f} dB of its widest swing sideways, {where}: the "
        "stylus may leave it, or the cut be lifted off.",
        f"Narrow the bass {where}, or take a higher --vinyl-ellipse-hz.",
        times,
        100.0,
        vertical_to_lateral_db=round(worst_db, 1),
    )


def _inner(side: Carried) -> Iterator[Finding]:
    """The last song, where it is much louder or brighter than those before it."""
    if side.record is None or len(side.songs) < 2:
        return
    last, before = side.songs[-1], side.songs[:-1]
    length_s = last.end_s - side.songs[0].start_s
    speed = side.record.groove_cm_s(length_s, length_s)
    if speed > INNER_CM_S:
        return
    loud = [_loud_db(side, song) for song in side.songs]
    bright = [_bright_db(side, song) for song in side.songs]
    n = len(before)
    louder = loud[-1] - float(np.mean(loud[:n]))
    brighter = bright[-1] - float(np.mean(bright[:n]))
    size = max(size_of(louder, *LATE_LOUD_LU), size_of(brighter, *LATE_BRIGHT_DB))
    if size < 1.0:
        return
    words = [
        f"{value:.1f} dB {word}"
        for value, word, limits in (
            (louder, "louder", LATE_LOUD_LU),
            (brighter, "brighter", LATE_BRIGHT_DB),
        )
        if value > limits[0]
    ]
    yield _finding(
        side,
        "inner-groove",
        size,
        f"{last.number} {last.title} is {' and '.join(words)} than what is before it",
        f"It lies inside, where the groove runs at {speed:.0f} cm/s: treble is lost and distorted "
        "there first.",
        "Put a quieter or darker song last on the side, if the order may change.",
        ((last.start_s, last.end_s),),
        louder_db=round(louder, 1),
        brighter_db=round(brighter, 1),
        groove_cm_s=round(speed, 1),
    )


def _loud_db(side: Carried, song: Song) -> float:
    part = side.cutting.part(song.start_s, song.end_s)
    return float(_db(np.array([part.loud_power]), 1.0)[0])


def _bright_db(side: Carried, song: Song) -> float:
    """Treble against the whole, where both are loudest."""
    part = side.cutting.part(song.start_s, song.end_s)
    if not len(part.table):
        return -120.0
    top = np.array([np.percentile(part.treble, 95)])
    return float(_db(top, max(part.loud_power, 1e-12))[0])


def _db(power: Floats, of: float) -> Floats:
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12) / of))


def _times(
    shown: NDArray[np.bool_], *, gap_s: float = 0.0, least_s: float = 0.0
) -> tuple[Range, ...]:
    return merged_s(
        ranges_s(shown, 1.0 / WINDOWS_PER_S), gap_s=gap_s, least_s=least_s, most=_MOST_TIMES
    )


def _lasting(shown: NDArray[np.bool_], least_s: float) -> tuple[Range, ...]:
    """Of windows of 400 ms, 50 ms apart: where they show something for as long as ``least_s``."""
    window_s = LOUD_WINDOWS / WINDOWS_PER_S
    found = ranges_s(shown, 1.0 / WINDOWS_PER_S, window_s=window_s)
    return merged_s(found, gap_s=0.3, least_s=least_s + window_s, most=_MOST_TIMES)


def _clock(time_s: float) -> str:
    return f"{int(time_s) // 60}:{time_s % 60:05.2f}"
