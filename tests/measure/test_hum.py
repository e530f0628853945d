"""Hum is found to 0.01 Hz with its drift, and notes beside it are not hum."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, read
from burnish.measure.examine import examine
from burnish.measure.hum import Hum
from pieces import made_once

Floats = NDArray[np.float64]

RATE_HZ = 44_100


@made_once
def hum(
    mains_hz: float, duration_s: float, drift_hz_per_min: float = 0.0, first_dbfs: float = -50.0
) -> Floats:
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    cycles = mains_hz * t + drift_hz_per_min / 120.0 * t * t
    lines = (np.sin(2 * np.pi * n * cycles + n * n) / n for n in range(1, 9))
    return np.asarray(10 ** (first_dbfs / 20) * np.sqrt(2) * sum(lines))[None]


@made_once
def melody(duration_s: float, seed: int = 0, lowest_hz: float = 65.4) -> Floats:
    """Notes of 0.2 to 0.6 s in a row, with overtones, at -20 dBFS."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(duration_s * RATE_HZ))
    start = 0
    while start < len(out):
        t = np.arange(min(len(out) - start, round(rng.uniform(0.2, 0.6) * RATE_HZ))) / RATE_HZ
        hz = lowest_hz * 2.0 ** (rng.choice([0, 2, 3, 5, 7, 8, 10, 12, 24]) / 12)
        tone = sum(np.sin(2 * np.pi * k * hz * t) / k for k in range(1, 9))
        out[start : start + len(t)] = tone * np.exp(-t / 0.2) * np.minimum(1.0, t / 0.005)
        start += len(t)
    return np.asarray(0.1 * out / np.sqrt(np.mean(out**2)))[None]


def found_in(samples: Floats) -> Hum:
    return examine(Audio(samples, RATE_HZ)).hum


@pytest.mark.parametrize("mains_hz", [49.8, 50.0, 50.2, 59.9, 60.1])
def test_frequency_and_strength_under_music(mains_hz: float) -> None:
    found = found_in(melody(40.0) + hum(mains_hz, 40.0))
    assert found.mains_hz == pytest.approx(mains_hz, abs=0.01)
    assert found.family_hz == (50 if mains_hz < 55 else 60)
    assert found.drift_hz <= 0.05
    assert found.confidence > 0.7
    first = found.strengths_dbfs()[:3]
    assert first == pytest.approx([-50.0, -56.0, -59.5], abs=2.5)


def test_drift() -> None:
    found = found_in(melody(60.0) + hum(49.9, 60.0, 0.2))
    assert found.mains_hz == pytest.approx(50.0, abs=0.02)
    assert found.drift_hz == pytest.approx(0.18, abs=0.06)


@pytest.mark.parametrize("note_hz", [49.0, 98.0, 58.27, 61.74])
def test_a_bass_note_held_throughout_is_not_hum(note_hz: float) -> None:
    """G1, G2, A#1 and B1, with overtones and never a pause."""
    t = np.arange(30 * RATE_HZ) / RATE_HZ
    drone = sum(np.sin(2 * np.pi * k * note_hz * t) / k for k in range(1, 9))
    assert found_in(0.1 * np.asarray(drone)[None] + melody(30.0)).mains_hz is None


def test_music_alone_noise_alone_and_silence_have_none() -> None:
    noise = 0.01 * np.random.default_rng(3).standard_normal((2, 20 * RATE_HZ))
    for samples in (melody(30.0), noise, np.zeros((2, 20 * RATE_HZ)), hum(50.0, 2.0)):
        assert found_in(samples) == Hum()


def test_hum_in_one_channel_counts_whole() -> None:
    one = hum(60.0, 20.0)
    found = found_in(np.concatenate((melody(20.0), melody(20.0, 1) + one)))
    assert found.mains_hz == pytest.approx(60.0, abs=0.01)
    assert found.strengths_dbfs()[0] == pytest.approx(-50.0, abs=1.5)


@pytest.mark.corpus
def test_the_real_hum_and_its_clean_twin(corpus: Path) -> None:
    found = examine(corpus / "damaged" / "d2_folk_hum.flac").hum
    assert found.mains_hz == pytest.approx(59.93, abs=0.05)
    assert found.confidence > 0.7
    assert examine(corpus / "damaged" / "d2_folk_hum_clean.flac").hum == Hum()


@pytest.mark.corpus
@pytest.mark.parametrize("track", ["03", "09", "11", "15"])
def test_clean_music_has_none(corpus: Path, track: str) -> None:
    """Strings, and electronic music, whose bars repeat to the sample: nothing a rule acts on."""
    path = next((corpus / "tracks").glob(f"{track}_*"))
    assert found_in(read(path).samples[:, : 100 * RATE_HZ]).confidence < 0.65
