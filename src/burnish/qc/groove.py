"""What a groove cannot do: bass in the side, channels against each other, a loud song inside."""

from collections.abc import Iterator

import numpy as np

from burnish.finding import Finding
from burnish.measure.cutting import LOUD_WINDOWS, moving_mean
from burnish.qc.carried import Carried, Song, finding, lasting, power_db, times_of
from burnish.qc.grade import size_of
from burnish.qc.places import when

BASS_SIDE_DB = (-6.0, 0.0)  # side against mid below 150 Hz: noted (plants) and strong
UPPER_SIDE_DB = (0.0, 6.0)  # the same from 150 to 300 Hz
HEARD_DB = -30.0  # against the loud moments: what is softer does not move the cutter
BASS_HEARD_DB = -20.0
LASTING_S, PHASE_S = 0.2, 1.0
PHASE = (0.0, -0.5)
DEPTH_DB = (-6.0, 0.0)  # vertical against the largest lateral excursion
LATE_LOUD_LU, LATE_BRIGHT_DB = (1.5, 4.0), (3.0, 8.0)
INNER_CM_S = 35.0  # below it a late song is on the inner grooves


def bass(side: Carried) -> Iterator[Finding]:
    """Bass that lies in the side."""
    found = side.cutting
    least = found.loud_power * 10.0 ** (BASS_HEARD_DB / 10.0)
    for code, wide, mid, limits, hz, band in (
        ("bass-side", found.bass_side, found.bass_mid, BASS_SIDE_DB, 75.0, "below 150 Hz"),
        ("upper-bass-side", found.upper_side, found.upper_mid, UPPER_SIDE_DB, 212.0, "150-300 Hz"),
    ):
        wide, mid = moving_mean(wide, LOUD_WINDOWS), moving_mean(mid, LOUD_WINDOWS)
        ratio_db = power_db(wide, 1.0) - power_db(mid, 1.0)
        shown = (ratio_db > limits[0]) & (wide > least)
        times = lasting(shown, LASTING_S)
        if not times:
            continue
        worst_db = float(min(ratio_db[shown].max(), 60.0))
        where = when(times, side.duration_s)
        yield finding(
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


def phase(side: Carried) -> Iterator[Finding]:
    """Channels that stay against each other."""
    found = side.cutting
    correlation = found.correlation()
    loud = (found.left + found.right)[: len(correlation)] / 2.0
    shown = (correlation < PHASE[0]) & (loud > 10.0 ** (HEARD_DB / 10.0) * found.loud_power)
    times = lasting(shown, PHASE_S)
    if not times:
        return
    least = float(correlation[shown].min())
    where = when(times, side.duration_s)
    yield finding(
        side,
        "phase",
        max(1.7, size_of(least, *PHASE)),
        "the channels are against each other",
        f"Correlation stays below 0 {where}, down to {least:.2f}: the groove loses its depth.",
        f"Turn one side of what is so wide over, or narrow it, {where}.",
        times,
        correlation_min=round(least, 2),
    )


def depth(side: Carried) -> Iterator[Finding]:
    """How far the groove would rise and sink."""
    found = side.cutting
    lateral = float(found.lateral.max(initial=0.0))
    if lateral <= 0.0 or found.vertical.max(initial=0.0) <= 0.0:
        return
    with np.errstate(divide="ignore"):
        ratio_db = 20.0 * np.log10(found.vertical / lateral)
    times = times_of(ratio_db > DEPTH_DB[0], gap_s=0.3)
    if not times:
        return
    worst_db = float(ratio_db.max())
    where = when(times, side.duration_s)
    yield finding(
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


def inner(side: Carried) -> Iterator[Finding]:
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
    yield finding(
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
    return float(power_db(np.array([part.loud_power]), 1.0)[0])


def _bright_db(side: Carried, song: Song) -> float:
    """Treble against the whole, where both are loudest."""
    part = side.cutting.part(song.start_s, song.end_s)
    if not len(part.table):
        return -120.0
    top = np.array([np.percentile(part.treble, 95)])
    return float(power_db(top, max(part.loud_power, 1e-12))[0])
