"""Hum and hiss, under the music and in a pause before it."""

import numpy as np

from bench.faults import Fault, Planted

LEAD_S = 1.5  # of the noise alone, as a mix has it before the first note


def _late(samples, rate_hz):
    lead = np.zeros((len(samples), round(LEAD_S * rate_hz)))
    return np.concatenate((lead, samples[:, : -lead.shape[1]]), axis=1)


def _hum(mains_hz, drift_hz_per_min):
    def plant(samples, rate_hz, strength):
        level_db = (-60.0, -52.0, -44.0)[strength]
        samples = _late(samples, rate_hz)
        t = np.arange(samples.shape[1]) / rate_hz
        cycles = mains_hz * t + drift_hz_per_min / 120.0 * t * t
        tone = sum(np.sin(2 * np.pi * n * cycles + n * n) / n for n in range(1, 9))
        return Planted(samples + 10 ** (level_db / 20) * np.sqrt(2) * tone, frequency_hz=mains_hz)

    return plant


def _hiss(samples, rate_hz, strength):
    level_db = (-62.0, -54.0, -46.0)[strength]
    longer = _late(samples, rate_hz)
    noise = np.random.default_rng(7).standard_normal(longer.shape)
    return Planted(longer + 10 ** (level_db / 20) * noise)


FAULTS = (
    Fault("hum", _hum(49.95, 0.0), "50 Hz"),
    Fault("hum", _hum(59.9, 0.1), "60 Hz, drifting"),
    Fault("hiss", _hiss),
)
