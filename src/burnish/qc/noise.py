"""Noise: the hum of the mains with its harmonics, and hiss, the noise floor."""

from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.qc.grade import severity_of, size_of
from burnish.qc.places import clock, when
from burnish.targets import Style

HUM_SURE = 0.65  # less may be a sequencer's bars, which repeat to the sample
HUM_DBFS = (-80.0, -65.0)  # of the strongest line: noted and strong
HISS_SURE = 0.5
HISS_DBFS = (-65.0, -50.0)  # A-weighted
COVERED_DB = 45.0  # this far under the music hiss is not heard but in pauses
_MOST_LINES = 5


def noise(examined: Examination, style: Style) -> Iterator[Finding]:
    """What is there beside the music, all the time."""
    yield from _hum(examined)
    yield from _hiss(examined)


def _hum(examined: Examination) -> Iterator[Finding]:
    found = examined.hum
    if found.mains_hz is None or found.confidence < HUM_SURE:
        return
    strongest = max(found.lines, key=lambda line: line.rms_dbfs)
    size = size_of(strongest.rms_dbfs, *HUM_DBFS)
    if size < 1.0:
        return
    mains_hz = found.mains_hz
    told = sorted(found.lines, key=lambda line: -line.rms_dbfs)[:_MOST_LINES]
    in_order = sorted(told, key=lambda line: line.harmonic)
    lines = ", ".join(f"{line.harmonic * mains_hz:.0f} Hz" for line in in_order)
    yield Finding(
        code="hum",
        severity=severity_of(size),
        title=f"Hum of the mains at {mains_hz:.1f} Hz",
        detail=(
            f"{len(found.lines)} steady lines of {found.family_hz} Hz mains stand under the music, "
            f"the strongest at {strongest.rms_dbfs:.0f} dBFS ({lines})"
            + (f"; they drift by {found.drift_hz:.1f} Hz" if found.drift_hz >= 0.1 else "")
            + "."
        ),
        advice=(
            "Find the track that hums (a ground loop, a single-coil pickup, a lamp dimmer) and "
            "mute it where it does not play; what is left, `burnish restore` takes out."
        ),
        confidence=found.confidence,
        frequency_hz=mains_hz,
        evidence={
            "mains_hz": round(mains_hz, 2),
            "drift_hz": round(found.drift_hz, 2),
            "lines": len(found.lines),
            "strongest_hz": round(strongest.harmonic * mains_hz, 1),
            "strongest_dbfs": round(strongest.rms_dbfs, 1),
            "all_dbfs": round(found.rms_dbfs, 1),
        },
        size=size,
    )


def _hiss(examined: Examination) -> Iterator[Finding]:
    found, measured = examined.hiss, examined.measured
    if found.confidence < HISS_SURE:
        return
    size = size_of(found.a_weighted_dbfs, *HISS_DBFS)
    if size < 1.0:
        return
    loudness_lufs = measured.loudness.integrated_lufs
    under_db = None if loudness_lufs is None else loudness_lufs - found.a_weighted_dbfs
    if under_db is not None and under_db > COVERED_DB:
        size = min(size, 1.5)
    below = "" if under_db is None else f", {under_db:.0f} dB under the music's loudness"
    places = when(found.times_s[:3], measured.source.duration_s)
    first = clock(found.times_s[0][0]) if found.times_s else "0:00"
    yield Finding(
        code="hiss",
        severity=severity_of(size),
        title=f"Hiss at {found.a_weighted_dbfs:.0f} dBFS (A)",
        detail=(
            f"Steady noise{below}; it lies bare {places}. A loud master lifts it by as much as the "
            "music."
        ),
        advice=(
            f"Listen at {first}: find the track that hisses and gate or denoise it alone; on the "
            "whole mix, `burnish restore` takes 6 to 10 dB off safely."
        ),
        confidence=found.confidence,
        times_s=found.times_s,
        evidence={
            "a_weighted_dbfs": round(found.a_weighted_dbfs, 1),
            "under_music_db": None if under_db is None else round(under_db, 1),
        },
        size=size,
    )
