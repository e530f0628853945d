"""Tones and noise for the tests of the stages that colour, and what came of them in dB."""

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.measure import measure
from burnish.processors import Processor
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 44_100

HIGH_TONES = [(997, -6), (5000, -18), (5000, -6), (7000, -6), (9000, -12)]
"""Hz and dBFS; from 5 kHz on louder than treble ever is in music."""


def tone(frequency_hz: float, level_dbfs: float, duration_s: float = 3.0) -> Floats:
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * t)[None]


def spectrum_db(processor: Processor, samples: Floats) -> Floats:
    """One bin per Hz, 0 dB for a tone of full scale, from the second second."""
    out = play(processor, samples, RATE_HZ)[0, RATE_HZ : 2 * RATE_HZ]
    window = np.blackman(RATE_HZ)
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(out * window)) * 2 / window.sum() + 1e-15))


def harmonics_db(processor: Processor, frequency_hz: int, level_dbfs: float) -> Floats:
    """H2 to H6 relative to H1."""
    level_db = spectrum_db(processor, tone(frequency_hz, level_dbfs))
    return np.array([level_db[frequency_hz * k] - level_db[frequency_hz] for k in range(2, 7)])


def alias_db(processor: Processor, frequency_hz: int, level_dbfs: float) -> float:
    """The strongest thing that is no harmonic, relative to the tone."""
    level_db = spectrum_db(processor, tone(frequency_hz, level_dbfs))
    for k in range(RATE_HZ // 2 // frequency_hz + 1):
        level_db[max(0, frequency_hz * k - 6) : frequency_hz * k + 7] = -300.0
    return float(level_db.max() - level_dbfs)


def noise(level_dbfs: float) -> Floats:
    """Normal noise that falls like music: flat to 100 Hz, then 4.6 dB an octave."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(4 * RATE_HZ))
    f = np.fft.rfftfreq(4 * RATE_HZ, 1 / RATE_HZ)
    spectrum *= np.maximum(f, 100.0) ** -0.765 * ((f > 30) & (f < 20_000))
    samples = np.fft.irfft(spectrum)
    return np.asarray(samples * 10 ** (level_dbfs / 20) / samples.std())[None]


def loudness_change_lu(processor: Processor, level_dbfs: float) -> float:
    """Of noise that falls like music."""
    samples = noise(level_dbfs)
    before, after = (
        measure(Audio(np.tile(x, (2, 1)), RATE_HZ)).loudness.integrated_lufs
        for x in (samples, play(processor, samples, RATE_HZ))
    )
    assert before is not None
    assert after is not None
    return after - before


def gain_db(processor: Processor, frequencies_hz: Floats, level_dbfs: float = -60.0) -> Floats:
    """Gain of a quiet impulse at these frequencies, on top of the gain that holds the loudness."""
    n = 4 * RATE_HZ
    impulse = np.zeros((1, n))
    impulse[0, RATE_HZ] = 10 ** (level_dbfs / 20)
    out = play(processor, impulse, RATE_HZ)
    response = np.abs(np.fft.rfft(out[0])) / impulse.max()
    return np.asarray(
        20 * np.log10(np.interp(frequencies_hz, np.arange(len(response)) / 4, response))
    )
