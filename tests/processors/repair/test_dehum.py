"""What hum is left, in dB, on music and alone; what of the music is lost."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.processors.repair.dehum import Dehum, most
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 44_100
HARMONICS = 8


def hum(
    mains_hz: float,
    duration_s: float,
    drift_hz_per_min: float = 0.0,
    first_dbfs: float = -40.0,
    rate_hz: int = RATE_HZ,
) -> Floats:
    """Eight harmonics, the n-th as strong as the first over n, in one channel."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    cycles = mains_hz * t + drift_hz_per_min / 120.0 * t * t
    lines = (np.sin(2 * np.pi * n * cycles + n * n) / n for n in range(1, HARMONICS + 1))
    return np.asarray(10 ** (first_dbfs / 20) * np.sqrt(2) * sum(lines))[None]


def rms_db(samples: Floats) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-40))


@pytest.mark.parametrize("mains_hz", [49.8, 50.2, 59.9, 60.1])
@pytest.mark.parametrize("drift_hz_per_min", [0.0, 0.1, -0.1])
def test_hum_alone_goes_below_hearing(mains_hz: float, drift_hz_per_min: float) -> None:
    """Of -38 dBFS at most -80 is left anywhere, and -95 where it is known."""
    samples = hum(mains_hz, 14.0, drift_hz_per_min)
    left = play(Dehum(mains_hz=mains_hz), samples, RATE_HZ)
    assert rms_db(samples) == pytest.approx(-38.2, abs=0.3)
    assert rms_db(left[:, : 2 * RATE_HZ]) < -70
    assert rms_db(left[:, 2 * RATE_HZ : -2 * RATE_HZ]) < -95
    assert rms_db(left[:, -2 * RATE_HZ :]) < -80


@pytest.mark.parametrize(("mains_hz", "told_hz"), [(49.6, 50.0), (60.3, 60.0)])
def test_the_frequency_is_found_within_half_a_hertz(mains_hz: float, told_hz: float) -> None:
    left = play(Dehum(mains_hz=told_hz), hum(mains_hz, 16.0), RATE_HZ)
    assert rms_db(left[:, 6 * RATE_HZ :]) < -80


def notes(duration_s: float, lowest_hz: float, count: int, seed: int) -> Floats:
    """Notes of 0.2 to 0.6 s in a row, of the scale of C minor, with five overtones."""
    rng = np.random.default_rng(seed)
    scale = lowest_hz * 2.0 ** (np.array([0, 2, 3, 5, 7, 8, 10, 12]) / 12)
    out = np.zeros(round(duration_s * RATE_HZ))
    start = 0
    while start < len(out):
        t = np.arange(min(len(out) - start, round(rng.uniform(0.2, 0.6) * RATE_HZ))) / RATE_HZ
        hz = rng.choice(scale[:count])
        tone = sum(np.sin(2 * np.pi * k * hz * t) / k for k in range(1, 7))
        out[start : start + len(t)] = tone * np.exp(-t / 0.4) * np.minimum(1.0, t / 0.005)
        start += len(t)
    return np.asarray(out)


@pytest.mark.parametrize("mains_hz", [49.8, 50.2, 59.9, 60.1])
def test_hum_under_music(mains_hz: float) -> None:
    """Bass and chords at -20 dBFS without a pause, hum of -43, drifting: 8 dB and more go."""
    music = sum(notes(24.0, hz, 8, k) for k, hz in enumerate((65.4, 130.8, 261.6, 311.1)))
    music = 0.1 * music[None] / np.sqrt(np.mean(music**2))
    added = hum(mains_hz, 24.0, 0.1, first_dbfs=-45.0)
    strengths = tuple(-45.0 - 20 * np.log10(n) for n in range(1, HARMONICS + 1))
    dehum = Dehum(mains_hz=mains_hz, strengths_dbfs=strengths)
    left = play(dehum, music + added, RATE_HZ) - music
    settled = slice(8 * RATE_HZ, None)
    assert rms_db(left[:, settled]) < rms_db(added) - 8.0


def test_in_the_pauses_of_music_it_is_gone() -> None:
    """Between notes of a melody: there it is heard, and there it is 25 dB lower."""
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    notes = np.array([196.0, 246.9, 293.7, 392.0])[(t // 1.0).astype(int) % 4]
    tune = 0.2 * np.sin(2 * np.pi * notes * t) * np.exp(-(t % 1.0) / 0.12)
    added = hum(50.05, 20.0, 0.1, first_dbfs=-50.0)
    left = play(Dehum(mains_hz=50.0), tune[None] + added, RATE_HZ) - tune[None]
    assert rms_db(left[:, 5 * RATE_HZ :]) < rms_db(added) - 25.0


@pytest.mark.parametrize("note_hz", [49.0, 98.0, 58.27, 61.74])
def test_a_bass_note_beside_the_mains_stays(note_hz: float) -> None:
    """G1, G2, A#1 and B1 at -12 dBFS over hum of -50: they lose less than 0.01 dB."""
    t = np.arange(12 * RATE_HZ) / RATE_HZ
    note = 0.25 * np.sin(2 * np.pi * note_hz * t)[None]
    mains_hz = 50.0 if note_hz in (49.0, 98.0) else 60.0
    added = hum(mains_hz, 12.0, first_dbfs=-50.0)
    strengths = tuple(-50.0 - 20 * np.log10(n) for n in range(1, HARMONICS + 1))
    left = play(Dehum(mains_hz=mains_hz, strengths_dbfs=strengths), note + added, RATE_HZ)
    kept = 2 * np.mean(left * np.sin(2 * np.pi * note_hz * t))
    assert 20 * np.log10(kept / 0.25) == pytest.approx(0.0, abs=0.01)
    assert rms_db(left - note) < rms_db(added)


def test_nothing_there_is_the_identity() -> None:
    """Tones away from any line: not a bit changes."""
    t = np.arange(10 * RATE_HZ) / RATE_HZ
    samples = 0.3 * np.sin(2 * np.pi * 329.6 * t)[None] + 0.1 * np.sin(2 * np.pi * 1234.5 * t)
    assert np.array_equal(play(Dehum(mains_hz=50.0, harmonics=6), samples, RATE_HZ), samples)


def test_no_more_than_its_strength_is_taken() -> None:
    """A steady tone on the line, 20 dB over what the hum was found to be: it loses 20 %."""
    loud = hum(50.0, 12.0, first_dbfs=-30.0)
    left = play(Dehum(mains_hz=50.0, strengths_dbfs=(-50.0,)), loud, RATE_HZ)
    taken = loud - left
    middle = slice(4 * RATE_HZ, 8 * RATE_HZ)
    assert rms_db(taken[:, middle]) == pytest.approx(-44.0, abs=0.2)


def test_strengths_end_the_list() -> None:
    assert most(Dehum(mains_hz=50, strengths_dbfs=(-46.0,)), 3).tolist() == pytest.approx(
        [np.sqrt(2) * 0.01, 0.0, 0.0]
    )
    assert np.isinf(most(Dehum(mains_hz=50), 3)).all()


@pytest.mark.parametrize("depth_db", [6.0, 20.0])
def test_depth(depth_db: float) -> None:
    samples = hum(50.0, 12.0)
    left = play(Dehum(mains_hz=50.0, depth_db=depth_db), samples, RATE_HZ)
    middle = slice(4 * RATE_HZ, 8 * RATE_HZ)
    assert rms_db(left[:, middle]) - rms_db(samples[:, middle]) == pytest.approx(
        -depth_db, abs=0.02
    )


def test_hum_that_stops_is_not_put_into_the_silence() -> None:
    samples = hum(50.0, 14.0)
    samples[:, 8 * RATE_HZ :] = 0.0
    left = play(Dehum(mains_hz=50.0), samples, RATE_HZ)
    assert not left[:, 9 * RATE_HZ :].any()
    assert rms_db(left[:, 8 * RATE_HZ : 9 * RATE_HZ]) < -45


@pytest.mark.parametrize("rate_hz", [8_000, 48_000, 96_000])
def test_other_rates(rate_hz: int) -> None:
    left = play(Dehum(mains_hz=60.0), hum(60.05, 12.0, rate_hz=rate_hz), rate_hz)
    assert rms_db(left[:, 3 * rate_hz : -2 * rate_hz]) < -90


def test_ten_hertz_are_no_mains() -> None:
    with pytest.raises(SettingError, match="mains_hz=10: must be 0, or 16 to 120 Hz"):
        Dehum(mains_hz=10)
