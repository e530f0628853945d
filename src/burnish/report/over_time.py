"""A master over time: what the page draws and the JSON tells, from what was measured and gauged."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.chain.work import Work
from burnish.measure import Measurement, Timeline
from burnish.settings import finite_or_none

Floats = NDArray[np.float64]

SHORT_TERM = 30
"""Entries of the timeline, 100 ms each, that a short-term loudness stands for."""

PER_S = 10
_QUIET_LU = -20.0  # under the mean: pauses and fades do not speak for the dynamics


def short_term(one: Measurement) -> tuple[Floats, Floats]:
    """Time and loudness of every 3 s, 0.1 s apart; what is shorter as far as it goes.

    The first whole 3 s end at 3 s.
    """
    line = one.timeline
    start = SHORT_TERM - 1 if len(line.segment_power) > SHORT_TERM else 0
    return line.time_s[start:], line.short_term_lufs[start:]


def psr(one: Measurement) -> tuple[Floats, Floats]:
    """Time and peak-to-short-term ratio of every whole 3 s; NaN where it is too quiet to tell."""
    line, mean_lufs = one.timeline, one.loudness.integrated_lufs
    if len(line.segment_power) < SHORT_TERM or mean_lufs is None or not math.isfinite(mean_lufs):
        return np.zeros(0), np.zeros(0)
    loudness = line.short_term_lufs[SHORT_TERM - 1 :]
    windows = np.lib.stride_tricks.sliding_window_view(line.segment_true_peak, SHORT_TERM)
    loud = loudness > mean_lufs + _QUIET_LU
    ratio = np.full(len(loudness), np.nan)
    ratio[loud] = 20.0 * np.log10(windows.max(axis=1)[loud]) - loudness[loud]
    return line.time_s[SHORT_TERM - 1 :], ratio


def over_time_json(before: Measurement, after: Measurement, work: Sequence[Work]) -> dict[str, Any]:
    """Mix, master and what was taken away, an entry for every whole second."""
    n = min(len(one.timeline.segment_power) for one in (before, after)) // PER_S
    return {
        "step_s": 1.0,
        "mix": _each_second(before, n),
        "master": _each_second(after, n),
        "work": [
            {
                "step": one.place,
                "processor": one.processor,
                "kind": one.kind,
                "most_db": round(one.most_db, 2),
                "taken_db": _rounded(_most(one.taken_db, n), 2),
            }
            for one in work
        ],
    }


def _each_second(one: Measurement, n: int) -> dict[str, list[float | None]]:
    line: Timeline = one.timeline
    ratio = np.full(len(line.segment_power), np.nan)
    _, known = psr(one)
    if len(known):
        ratio[SHORT_TERM - 1 :] = known
    last = slice(PER_S - 1, n * PER_S, PER_S)
    with np.errstate(divide="ignore"):
        peaks = 20.0 * np.log10(_most(line.segment_true_peak, n))
    return {
        "true_peak_dbtp": _rounded(peaks, 2),
        "short_term_lufs": _rounded(line.short_term_lufs[last], 2),
        "psr_db": _rounded(ratio[last], 2),
    }


def _most(values: Floats, n: int) -> Floats:
    """The greatest of each second."""
    whole = values[: n * PER_S]
    padded = np.concatenate((whole, np.zeros(n * PER_S - len(whole))))
    return np.asarray(padded.reshape(n, PER_S).max(axis=1))


def _rounded(values: Floats, digits: int) -> list[float | None]:
    return [finite_or_none(round(float(value), digits)) for value in values]
