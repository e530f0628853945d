"""Faults of tone: too much or too little of a band, for a while or throughout."""

from functools import partial

import numpy as np
from scipy.signal import butter, sosfilt, sosfreqz, welch

from bench.faults import Fault, Planted

WHILE_S = (8.0, 18.0)


def bell(rate_hz, frequency_hz, q, gain_db):
    """A bell as every equalizer has it (Bristow-Johnson's cookbook), as second-order sections."""
    w = 2 * np.pi * frequency_hz / rate_hz
    alpha, a = np.sin(w) / (2 * q), 10 ** (gain_db / 40)
    b, c = (1 + alpha * a, -2 * np.cos(w), 1 - alpha * a), (1 + alpha / a, 1 - alpha / a)
    row = np.array([*b, c[0], -2 * np.cos(w), c[1]])
    return row[None] / c[0]


def shelved(samples, rate_hz, corner_hz, gain_db):
    """A high shelf as every equalizer has it (Bristow-Johnson's cookbook, slope 1)."""
    w, a = 2 * np.pi * corner_hz / rate_hz, 10 ** (gain_db / 40)
    c, root = np.cos(w), 2 * a**0.5 * np.sin(w) / 2**0.5
    b = (a * (a + 1 + (a - 1) * c + root), -2 * a * (a - 1 + (a + 1) * c))
    b = (*b, a * (a + 1 + (a - 1) * c - root))
    d = (a + 1 - (a - 1) * c + root, 2 * (a - 1 - (a + 1) * c), a + 1 - (a - 1) * c - root)
    return sosfilt(np.array([[*b, *d]]) / d[0], samples)


def for_a_while(samples, changed, rate_hz, start_s, end_s):
    """``changed`` from start to end, with ramps of 50 ms, and ``samples`` elsewhere."""
    t = np.arange(samples.shape[1]) / rate_hz
    share = np.clip(np.minimum(t - start_s, end_s - t) / 0.05 + 0.5, 0.0, 1.0)
    return samples + share * (changed - samples)


def held(samples):
    """Turned down where it would clip."""
    return samples * min(1.0, 0.7 / np.abs(samples).max())


def stands_db(density, hz, frequency_hz, design, rate_hz):
    """How far an octave would stand over those 1.5 octaves aside, behind a bell, in dB.

    Against the line that records lie on, which falls by 4.5 dB of spectral density in an octave.
    """
    power = density * np.abs(sosfreqz(design, hz, fs=rate_hz)[1]) ** 2

    def octave_db(middle_hz):
        inside = (hz >= middle_hz / 2**0.5) & (hz < middle_hz * 2**0.5)
        return 10 * np.log10(power[inside].sum())

    aside = [octave_db(frequency_hz * 2**octaves) for octaves in (-1.5, 1.5)]
    return octave_db(frequency_hz) - max(aside)


def band(samples, rate_hz, strength, frequency_hz, q=1.2, wanted_db=(4, 7, 10), times_s=()):
    """A bell that makes its octave stand so far over its neighbours, throughout or for a while.

    No mix is muddy by a gain, but by how it then stands: one that lacked the band needs more.
    """
    part = slice(*(round(t * rate_hz) for t in times_s)) if times_s else slice(None)
    hz, density = welch(samples[:, part], rate_hz, nperseg=1 << 14)
    density = density.sum(axis=0) * hz**0.5
    for gain_db in np.arange(4.0, 24.1, 0.5):
        design = bell(rate_hz, frequency_hz, q, gain_db)
        if stands_db(density, hz, frequency_hz, design, rate_hz) >= wanted_db[strength]:
            break
    changed = sosfilt(design, samples)
    if times_s:
        changed = for_a_while(samples, changed, rate_hz, *times_s)
    return Planted(held(changed), (times_s,) if times_s else (), frequency_hz)


def shelf(samples, rate_hz, strength, corner_hz, gains_db):
    """A shelf of so many decibels, throughout."""
    return Planted(held(shelved(samples, rate_hz, corner_hz, gains_db[strength])))


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


BANDS = (("mud", 280.0), ("boxiness", 620.0), ("boom", 95.0), ("harshness", 3300.0))
MUCH_BASS = ("02_macleod",)  # 14 dB more bass than jazz has: a boom is no news, and thin a cure

FAULTS = (
    *[
        Fault(code, partial(band, frequency_hz=hz, **where), label, skip=skip)
        for label, where in (("10 s", {"times_s": WHILE_S}), ("throughout", {}))
        for code, hz in BANDS
        for skip in ((MUCH_BASS if code == "boom" else ()),)
    ],
    Fault("dull", partial(shelf, corner_hz=4000, gains_db=(-10, -17, -24))),
    Fault("bright", partial(shelf, corner_hz=5000, gains_db=(8, 13, 18))),
    Fault("thin", cut_low, skip=MUCH_BASS),
    Fault("rumble", rumble),
)
