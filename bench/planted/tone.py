"""Faults of tone: too much or too little of a band, for a while or throughout."""

from functools import partial

import numpy as np
from scipy.signal import sosfilt

from bench.faults import Fault, Planted


def bell(samples, rate_hz, frequency_hz, q, gain_db):
    """A bell as every equalizer has it (Bristow-Johnson's cookbook)."""
    w = 2 * np.pi * frequency_hz / rate_hz
    alpha, a = np.sin(w) / (2 * q), 10 ** (gain_db / 40)
    row = [
        1 + alpha * a,
        -2 * np.cos(w),
        1 - alpha * a,
        1 + alpha / a,
        -2 * np.cos(w),
        1 - alpha / a,
    ]
    return sosfilt(np.array([row]) / row[3], samples)


def for_a_while(samples, changed, rate_hz, start_s, end_s):
    """``changed`` from start to end, with ramps of 50 ms, and ``samples`` elsewhere."""
    t = np.arange(samples.shape[1]) / rate_hz
    share = np.clip(np.minimum(t - start_s, end_s - t) / 0.05 + 0.5, 0.0, 1.0)
    return samples + share * (changed - samples)


def band(samples, rate_hz, strength, frequency_hz, q, gains_db, times_s=()):
    """A bell of so many decibels, throughout or for a while."""
    changed = bell(samples, rate_hz, frequency_hz, q, gains_db[strength])
    if times_s:
        changed = for_a_while(samples, changed, rate_hz, *times_s)
    changed = changed * min(1.0, 0.7 / np.abs(changed).max())
    return Planted(changed, (times_s,) if times_s else (), frequency_hz)


FAULTS = (
    Fault(
        "mud",
        partial(band, frequency_hz=280, q=0.9, gains_db=(5, 8, 12), times_s=(8.0, 18.0)),
        "from 8 to 18 s",
    ),
)
