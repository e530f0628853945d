"""A small band, stem by stem, in which faults are planted."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE_HZ = 44_100
BEAT_S = 0.5
NOTES_HZ = (55.0, 73.42, 82.41, 65.41, 49.0, 61.74)


def at_beats(n: int, every_s: float, sound: Floats, late_s: float = 0.0) -> Floats:
    """The sound again and again."""
    out = np.zeros(n)
    for start_s in np.arange(0.0, n / RATE_HZ - 0.3, every_s) + late_s:
        first = round(start_s * RATE_HZ)
        last = min(n, first + len(sound))
        out[first:last] += sound[: last - first]
    return out


def noise(n: int, low_hz: float, high_hz: float, seed: int = 1) -> Floats:
    """Noise in a band, of RMS 1."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0.0
    out = np.fft.irfft(spectrum, n)
    return np.asarray(out / np.sqrt(np.mean(out**2)))


def drums(duration_s: float = 24.0, hats: float = 0.05) -> Floats:
    """Kick on every beat, hats on every half."""
    n = round(duration_s * RATE_HZ)
    t = np.arange(round(0.25 * RATE_HZ)) / RATE_HZ
    kick = np.exp(-t / 0.06) * np.sin(2 * np.pi * (58 * t + 1.5 * (1 - np.exp(-t / 0.01))))
    kick[:200] += 0.3 * np.linspace(1, 0, 200) * noise(200, 1000, 8000)
    hat = np.exp(-t / 0.03) * noise(len(t), 6000, 11_000, 2)
    mono = 0.5 * at_beats(n, BEAT_S, kick) + hats * at_beats(n, BEAT_S / 2, hat)
    return np.stack((mono, mono))


def bass(duration_s: float = 24.0, late_s: float = 0.0, boom: float = 1.0) -> Floats:
    """A note on every beat; ``boom`` is the gain of the third of the scale."""
    n = round(duration_s * RATE_HZ)
    t = np.arange(round(0.42 * RATE_HZ)) / RATE_HZ
    mono = np.zeros(n)
    shape = np.minimum(1.0, t / 0.003) * np.exp(-t / 0.4) * np.minimum(1.0, (0.42 - t) / 0.02)
    for beat in range(int((duration_s - 1.0) / BEAT_S)):
        k = beat % len(NOTES_HZ)
        note = sum(np.sin(2 * np.pi * NOTES_HZ[k] * h * t) / h**1.5 for h in range(1, 12))
        first = max(0, round((beat * BEAT_S + late_s) * RATE_HZ))
        mono[first : first + len(t)] += (boom if k == 2 else 1.0) * 0.12 * shape * note
    return np.stack((mono, mono))


def chords(duration_s: float = 24.0) -> Floats:
    """What else there is: steady chords between 130 Hz and 5 kHz."""
    n = round(duration_s * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    left, right = (
        sum(
            np.sin(2 * np.pi * hz * h * t + phase * h) / h
            for hz in (130.8, 164.8, 196.0)
            for h in range(1, 20)
        )
        for phase in (0.0, 1.0)
    )
    swell = 0.06 * (1.0 + 0.3 * np.sin(2 * np.pi * t / 4.0))
    return np.stack((left, right)) * swell


def voice(duration_s: float = 24.0, ess: float = 0.05) -> Floats:
    """Sung notes with vibrato, and an s of RMS ``ess`` at the head of every second."""
    n = round(duration_s * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(220.0 * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * t))) / RATE_HZ
    tone = sum(np.sin(h * phase) / h for h in range(1, 16))
    inside = t % 1.0
    sung = 0.15 * tone * ((inside > 0.15) & (inside < 0.9))
    s = ess * noise(n, 5000, 9500, 5) * (inside < 0.1)
    return np.stack((sung + s, sung + s))
