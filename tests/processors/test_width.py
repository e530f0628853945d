import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors import Identity
from burnish.processors.show import piece, play
from burnish.processors.width import EXAMPLE, Width, side_gain

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def side_db(width: Width, frequency_hz: float) -> float:
    """Gain in dB of a tone that is only in the side."""
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    side = 0.25 * np.sin(2 * np.pi * frequency_hz * t)
    out = play(width, np.stack((side, -side)), RATE_HZ)[:, RATE_HZ // 2 : -RATE_HZ // 2]
    made = 0.5 * (out[0] - out[1])
    return float(20 * np.log10(made.std() / side.std()))


@pytest.mark.parametrize(
    "width", [EXAMPLE, Width(mid_width=0.0), Width(low_width=2, mid_width=2, high_width=2)]
)
def test_mono_sum_is_unchanged(width: Width) -> None:
    """Left plus right differ from before by rounding only: -300 dB."""
    samples = piece(RATE_HZ, 2.0)
    out = play(width, samples, RATE_HZ)
    assert np.abs(out.sum(axis=0) - samples.sum(axis=0)).max() < 1e-15
    assert np.abs(out - samples).max() > 0.01


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.5, 2.0])
def test_one_width_for_all_bands_scales_the_side(factor: float) -> None:
    """The bands add up to 1, so the crossovers leave no trace."""
    samples = piece(RATE_HZ, 2.0)
    out = play(Width(low_width=factor, mid_width=factor, high_width=factor), samples, RATE_HZ)
    side, made = samples[0] - samples[1], out[0] - out[1]
    assert np.abs(made - factor * side).max() < 1e-12


def test_bands_have_their_width() -> None:
    width = Width(low_width=0.5, mid_width=1.5, high_width=2.0)
    assert side_db(width, 30) == pytest.approx(-6.02, abs=0.05)
    assert side_db(width, 1000) == pytest.approx(3.52, abs=0.05)
    assert side_db(width, 18_000) == pytest.approx(6.02, abs=0.05)
    assert side_db(width, 250) == pytest.approx(0.0, abs=0.05)  # half-way: (0.5 + 1.5) / 2


@pytest.mark.parametrize("corner_hz", [60.0, 100.0, 250.0])
def test_bass_is_mono(corner_hz: float) -> None:
    """-6 dB at the corner, 24 dB an octave below, as a Linkwitz-Riley filter."""
    width = Width(mono_below_hz=corner_hz)
    assert side_db(width, corner_hz) == pytest.approx(-6.02, abs=0.02)
    assert side_db(width, corner_hz / 2) == pytest.approx(-24.6, abs=0.1)
    assert side_db(width, 8 * corner_hz) == pytest.approx(0.0, abs=0.01)


def test_side_keeps_its_place_in_time() -> None:
    """Linear phase: a click that is only left is still one click there, not a smear to one side."""
    samples = np.zeros((2, 30_001))
    samples[0, 15_000] = 1.0
    out = play(EXAMPLE, samples, RATE_HZ)
    assert np.abs(out).max(axis=0).argmax() == 15_000
    assert np.abs(out - out[:, ::-1]).max() < 1e-14


def test_curve_is_what_is_made() -> None:
    f = np.array([50.0, 110.0, 250.0, 1000.0, 4000.0, 12_000.0])
    asked_db = 20 * np.log10(side_gain(EXAMPLE, f))
    made_db = [side_db(EXAMPLE, frequency_hz) for frequency_hz in f]
    assert np.abs(made_db - asked_db).max() < 0.02


def test_mono_sound_stays_mono_and_one_channel_is_left_alone() -> None:
    mono = np.tile(piece(RATE_HZ, 1.0)[:1], (2, 1))
    assert np.array_equal(play(EXAMPLE, mono, RATE_HZ), mono)
    assert isinstance(EXAMPLE.start(RATE_HZ, 1), Identity)


def test_crossovers_alone_are_neutral() -> None:
    assert Width(low_crossover_hz=100, high_crossover_hz=8000).is_neutral
