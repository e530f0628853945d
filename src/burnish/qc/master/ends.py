"""Checks 6 and 7: silence before and behind the music; how it fades."""

import math

import numpy as np
from numpy.typing import NDArray

from burnish.finding import Finding
from burnish.measure.finished import Finished
from burnish.qc.master.asked import Asked, Judged, said

HEAD_S, TAIL_S = (0.5, 2.0), (5.0, 10.0)  # noted and warned; distributors take 5 to 10 s at most
TRUNCATED_DBFS = -60.0  # RMS of the last 50 ms
FADED_DBFS = -90.0
_HOP_S = 0.01
_STEP = 25  # windows of 10 ms
_FADE_S = 3.0  # the shortest fade that is looked at
_UNDER_DB = 6.0  # under its loud part a fade has begun
_FALLS_DB = 20.0  # and it ends at least so far down
_RISE_DB = 6.0  # the highest of 1 s over the one before: a fade that goes up again
_LOW_DB = 20.0  # in the lower part of it, where music has no crescendo of its own
_DROP_DB = 30.0  # within 20 ms, of what had been falling slowly


def silence(finished: Finished, asked: Asked) -> Judged:
    """Check 6. Silence is what stays under -60 dBFS; a gap that belongs to the track is meant."""
    measured = finished.measured
    duration_s = measured.source.duration_s
    head_s, tail_s = measured.defects.head_silence_s, measured.defects.tail_silence_s
    if head_s >= duration_s:
        found = said(
            "silent",
            "fail",
            "It is silent",
            "Nothing in it rises above -60 dBFS.",
            "Look which file was meant.",
            size=9.0,
        )
        return Judged("nothing but silence", (found,))
    told = f"{head_s:.2f} s before, {tail_s:.2f} s behind"
    found_ends = []
    for name, length_s, limits, start_s in (
        ("head", head_s, HEAD_S, 0.0),
        ("tail", max(0.0, tail_s - asked.gap_s), TAIL_S, duration_s - tail_s),
    ):
        if length_s <= limits[0]:
            continue
        found_ends.append(
            said(
                f"silence-{name}",
                "warn" if length_s > limits[1] else "info",
                f"{length_s:.1f} s of silence at the {'beginning' if name == 'head' else 'end'}",
                f"{length_s:.1f} s stay under -60 dBFS.",
                "Trim it, unless it is meant: distributors take 5 to 10 s at most.",
                times_s=((start_s, start_s + length_s),),
                evidence={"silence_s": round(length_s, 3)},
                size=1.0 + (length_s - limits[0]) / (limits[1] - limits[0]),
            )
        )
    return Judged(told, tuple(found_ends))


def fades(finished: Finished, asked: Asked) -> Judged:
    """Check 7. The end comes down to silence, and a fade goes down only."""
    if not asked.ends:
        return Judged("the next one follows without a gap", applies=False)
    last_dbfs, duration_s = finished.ends.last_50_ms_dbfs, finished.measured.source.duration_s
    decibels = _decibels(finished.ends.power)
    told = f"ends at {last_dbfs:.0f} dBFS" if math.isfinite(last_dbfs) else "ends in digital black"
    found: list[Finding] = []
    # A quick fade may still be loud 50 ms before its end, but not 10 ms.
    if min(last_dbfs, finished.examined.continuity.tail_dbfs) > TRUNCATED_DBFS:
        found.append(
            said(
                "truncated",
                "warn",
                "The end is cut",
                f"The last 50 ms still stand at {last_dbfs:.0f} dBFS.",
                "Let the last reverb ring out, or fade it to silence.",
                confidence=0.9,
                times_s=((max(0.0, duration_s - 0.5), duration_s),),
                evidence={"last_50_ms_dbfs": round(last_dbfs, 1)},
                size=2.0 + (last_dbfs - TRUNCATED_DBFS) / 20.0,
            )
        )
    else:
        found += _stepped_down(decibels, duration_s)
    found += _rising(decibels)
    return Judged(told, tuple(found))


def _decibels(power: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(10.0 * np.log10(np.maximum(power.astype(np.float64), 1e-15)))


def _stepped_down(decibels: NDArray[np.float64], duration_s: float) -> list[Finding]:
    """A decay that is broken off, with digital black behind it."""
    heard = np.flatnonzero(decibels > FADED_DBFS)
    if not len(heard) or heard[-1] < 50:
        return []
    last = int(heard[-1])
    # The window in which it breaks off is not whole: those before it tell where it stood.
    stood = float(np.median(decibels[last - 3 : last]))
    behind = decibels[last + 1 : last + 3].max(initial=-150.0)
    if stood <= TRUNCATED_DBFS + 10.0 or stood - behind < _DROP_DB or last + 2 >= len(decibels):
        return []
    time_s = (last + 1) * _HOP_S
    return [
        said(
            "truncated",
            "warn",
            "The end is cut",
            f"It breaks off at {stood:.0f} dBFS, and digital silence follows.",
            "Let the last reverb ring out, or fade it to silence.",
            confidence=0.7,
            times_s=((max(0.0, time_s - 0.5), min(duration_s, time_s)),),
            evidence={"stood_dbfs": round(stood, 1)},
            size=1.8,
        )
    ]


def _rising(decibels: NDArray[np.float64]) -> list[Finding]:
    """Where a fade goes up again: the highest 10 ms of each 0.25 s, held for 1 s."""
    n = len(decibels) // _STEP
    if n * _STEP * _HOP_S < 2 * _FADE_S:
        return []
    tops = decibels[: n * _STEP].reshape(n, _STEP).max(axis=1)
    held = np.array([tops[k : k + 4].max() for k in range(n)])
    loud = float(np.percentile(held, 90))
    over = np.flatnonzero(held > loud - _UNDER_DB)
    start = int(over[-1]) + 1 if len(over) else 0
    stretch = held[start:]
    stretch = stretch[stretch > FADED_DBFS + 10.0]
    if len(stretch) * _STEP * _HOP_S < _FADE_S or stretch[-1] > loud - _FALLS_DB:
        return []
    lowest = np.minimum.accumulate(stretch)
    rises = (stretch - lowest > _RISE_DB) & (stretch < loud - _LOW_DB)
    if not rises.any():
        return []
    k = int(np.argmax(stretch - lowest))
    time_s = (start + k) * _STEP * _HOP_S
    rise_db = float(stretch[k] - lowest[k])
    return [
        said(
            "fade-rises",
            "info" if rise_db < 2.0 * _RISE_DB else "warn",
            "The fade goes up again",
            f"While it fades, it rises by {rise_db:.0f} dB.",
            "Listen to the fade: draw it again if it is not the music's own last breath.",
            confidence=0.6,
            times_s=((time_s, time_s + 1.0),),
            evidence={"rise_db": round(rise_db, 1)},
            size=rise_db / _RISE_DB,
        )
    ]
