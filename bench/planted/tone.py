"""Faults of tone: too much or too little of a band, for a while or throughout."""

from functools import partial

import numpy as np
from scipy.signal import butter, sosfilt

from bench.faults import Fault, Planted

WHILE_S = (8.0, 18.0)


def bell(samples, rate_hz, frequency_hz, q, gain_db):
    """A bell as every equalizer has it (Bristow-Johnson's cookbook)."""
    w = 2 * np.pi * frequency_hz / rate_hz
    alpha, a = np.sin(w) / (2 * q), 10 ** (gain_db / 40)
    b, c = (1 + alpha * a, -2 * np.cos(w), 1 - alpha * a), (1 + alpha / a, 1 - alpha / a)
    row = np.array([*b, c[0], -2 * np.cos(w), c[1]])
    return sosfilt(row[None] / c[0], samples)


def shelved(samples, rate_hz, corner_hz, gain_db, high=True):
    """A shelf of first order: the band beyond the corner taken out, and put back louder."""
    part = sosfilt(
        butter(1, corner_hz, "highpass" if high else "lowpass", fs=rate_hz, output="sos"), samples
    )
    return samples + (10 ** (gain_db / 20) - 1) * part


def for_a_while(samples, changed, rate_hz, start_s, end_s):
    """``changed`` from start to end, with ramps of 50 ms, and ``samples`` elsewhere."""
    t = np.arange(samples.shape[1]) / rate_hz
    share = np.clip(np.minimum(t - start_s, end_s - t) / 0.05 + 0.5, 0.0, 1.0)
    return samples + share * (changed - samples)


def held(samples):
    """Turned down where it would clip."""
    return samples * min(1.0, 0.7 / np.abs(samples).max())


def band(samples, rate_hz, strength, frequency_hz, q, gains_db, times_s=()):
    """A bell of so many decibels, throughout or for a while."""
    changed = bell(samples, rate_hz, frequency_hz, q, gains_db[strength])
    if times_s:
        changed = for_a_while(samples, changed, rate_hz, *times_s)
    return Planted(held(changed), (times_s,) if times_s else (), frequency_hz)


def shelf(samples, rate_hz, strength, corner_hz, gains_db, high=True):
    """A shelf of so many decibels, throughout."""
    return Planted(held(shelved(samples, rate_hz, corner_hz, gains_db[strength], high)))


def cut_low(samples, rate_hz, strength):
    """A high-pass set too high, on everything."""
    corner_hz = (160.0, 250.0, 400.0)[strength]
    return Planted(
        held(sosfilt(butter(2, corner_hz, "highpass", fs=rate_hz, output="sos"), samples))
    )


def rumble(samples, rate_hz, strength):
    """Noise of 5 to 25 Hz, the same in both channels, so far under the bass."""
    noise = np.random.default_rng(4).standard_normal(samples.shape[1])
    noise = sosfilt(butter(2, (5.0, 25.0), "bandpass", fs=rate_hz, output="sos"), noise)
    bass = sosfilt(butter(2, (40.0, 120.0), "bandpass", fs=rate_hz, output="sos"), samples)
    power = np.mean(bass.mean(axis=0) ** 2) / np.mean(noise**2)
    amount_db = (-12.0, -6.0, 0.0)[strength]
    return Planted(held(samples + 10 ** (amount_db / 20) * power**0.5 * noise), (), 20.0)


FAULTS = (
    Fault(
        "mud", partial(band, frequency_hz=280, q=0.9, gains_db=(5, 8, 12), times_s=WHILE_S), "10 s"
    ),
    Fault("mud", partial(band, frequency_hz=300, q=0.9, gains_db=(6, 10, 14)), "throughout"),
    Fault(
        "boxiness",
        partial(band, frequency_hz=600, q=1.1, gains_db=(5, 8, 12), times_s=WHILE_S),
        "10 s",
    ),
    Fault("boxiness", partial(band, frequency_hz=630, q=1.1, gains_db=(6, 10, 14)), "throughout"),
    Fault(
        "boom", partial(band, frequency_hz=95, q=1.3, gains_db=(5, 8, 12), times_s=WHILE_S), "10 s"
    ),
    Fault("boom", partial(band, frequency_hz=90, q=1.3, gains_db=(6, 10, 14)), "throughout"),
    Fault(
        "harshness",
        partial(band, frequency_hz=3300, q=1.0, gains_db=(5, 8, 12), times_s=WHILE_S),
        "10 s",
    ),
    Fault("harshness", partial(band, frequency_hz=3300, q=1.0, gains_db=(6, 10, 14)), "throughout"),
    Fault("dullness", partial(shelf, corner_hz=4000, gains_db=(-8, -14, -24))),
    Fault("brightness", partial(shelf, corner_hz=5000, gains_db=(7, 11, 16))),
    Fault("thinness", cut_low),
    Fault("rumble", rumble),
)
