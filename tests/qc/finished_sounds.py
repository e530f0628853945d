"""A short finished master made by arithmetic, in which nothing is wrong."""

from functools import cache

import numpy as np

from burnish.audio import Audio, AudioSource
from burnish.finding import Finding
from burnish.measure.finished import Finished, examine_finished
from burnish.qc.master import Asked, Judged, judged

RATE_HZ = 44_100


@cache
def master(duration_s: float = 9.0) -> np.ndarray:
    """``(2, n)``: chords, bass and drums, -2.5 dBFS, a fade of 2 s at the end, on a 24-bit grid."""
    random = np.random.default_rng(5)
    n = round(duration_s * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    beat = t % 0.5
    bar = (t // 2).astype(int) % 4
    roots = np.array((110.0, 87.31, 130.81, 98.0))[bar]
    phase = 2.0 * np.pi * np.cumsum(roots) / RATE_HZ
    bass = 0.4 * np.sin(phase) * np.exp(-2.0 * beat)
    tones = [np.sin(k * phase + 0.7 * k) / k for k in (4, 5, 6, 8, 10, 12)]
    left = sum(tones[::2]) * np.exp(-1.5 * beat)
    right = sum(tones[1::2]) * np.exp(-1.2 * beat)
    hiss = random.standard_normal((2, n)) * np.exp(-25.0 * ((t + 0.25) % 0.5))
    drum = np.sin(2 * np.pi * 60.0 * beat) * np.exp(-18.0 * beat)
    both = np.stack((bass + 0.5 * left + 0.2 * right, bass + 0.5 * right + 0.2 * left))
    samples = both + 0.25 * hiss + 0.6 * drum
    ends = np.minimum(1.0, t / 0.01) * np.clip((t[-1] - t) / 2.0, 0.0, 1.0) ** 2
    samples -= samples.mean(axis=1, keepdims=True)
    samples *= ends * 10.0 ** (-2.5 / 20.0) / np.abs(samples).max()
    samples = on_grid(samples, 24)
    samples.setflags(write=False)
    return samples


def on_grid(samples: np.ndarray, bits: int) -> np.ndarray:
    """Rounded to whole numbers of so many bits."""
    scale = 2.0 ** (bits - 1)
    return np.round(np.clip(samples, -1.0, 1.0 - 1.0 / scale) * scale) / scale


def finished(samples: np.ndarray, rate_hz: int = RATE_HZ) -> Finished:
    return examine_finished(AudioSource(Audio(np.ascontiguousarray(samples), rate_hz)))


def checks(
    samples: np.ndarray, asked: Asked | None = None, rate_hz: int = RATE_HZ
) -> dict[int, Judged]:
    """What every check of the sound says."""
    return judged(finished(samples, rate_hz), asked or Asked())


def found(said: dict[int, Judged], number: int) -> dict[str, Finding]:
    """The findings of one check, by code."""
    return {one.code: one for one in said[number].findings}
