import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from burnish.dsp.fir import tap_count
from burnish.errors import SettingError
from burnish.processors import Identity
from burnish.processors.match_eq import MatchEq, curve_db, monotone_cubic
from burnish.processors.show import play

Floats = NDArray[np.float64]

THIRDS_HZ = tuple(1000.0 * 2 ** (k / 3) for k in range(-16, 13))
SMOOTH_DB = tuple(3.0 * np.sin(np.arange(29) / 3.0))
OTHER_DB = tuple(2.0 * np.cos(np.arange(29) / 5.0))


def made_db(match_eq: MatchEq, rate_hz: int, of: Floats) -> tuple[Floats, Floats]:
    """Frequencies and gain in dB of an impulse in ``of`` (left, right), 20 Hz to 20 kHz."""
    size = 2**17
    samples = np.zeros((2, size))
    samples[:, size // 2] = of
    out = play(match_eq, samples, rate_hz)
    spectrum = np.fft.rfft(out[0] * of[0] + out[1] * of[1]) / (of @ of)
    f = np.fft.rfftfreq(size, 1 / rate_hz)
    inside = (f >= 20) & (f <= min(20_000, 0.49 * rate_hz))
    return f[inside], 20 * np.log10(np.abs(spectrum[inside]))


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("phase", "most_db", "most_above_40_hz_db"), [("minimum", 0.02, 0.005), ("linear", 0.1, 0.02)]
)
def test_the_curve_is_met(
    rate_hz: int, phase: str, most_db: float, most_above_40_hz_db: float
) -> None:
    match_eq = MatchEq(
        frequencies_hz=THIRDS_HZ, gains_db=SMOOTH_DB, side_gains_db=OTHER_DB, phase=phase
    )
    for part, signs in (("mid", (1.0, 1.0)), ("side", (1.0, -1.0))):
        f, gain_db = made_db(match_eq, rate_hz, np.array(signs))
        error_db = np.abs(gain_db - curve_db(match_eq, f, part))
        assert error_db.max() < most_db
        assert error_db[f > 40].max() < most_above_40_hz_db


def test_linear_phase_is_symmetrical_and_minimum_phase_is_not_late() -> None:
    samples = np.zeros((1, 40_001))
    samples[0, 20_000] = 1.0
    linear = MatchEq(frequencies_hz=THIRDS_HZ, gains_db=SMOOTH_DB, phase="linear")
    out = play(linear, samples, 48_000)[0]
    assert np.abs(out - out[::-1]).max() < 1e-15
    minimum = linear.with_(phase="minimum")
    assert np.abs(play(minimum, samples, 48_000)[0, :20_000]).max() < 1e-15
    late = linear.start(48_000, 1).latency - minimum.start(48_000, 1).latency
    assert late == tap_count(48_000) // 2


def test_without_side_gains_the_side_is_as_the_middle() -> None:
    one = MatchEq(frequencies_hz=THIRDS_HZ, gains_db=SMOOTH_DB)
    assert np.array_equal(
        curve_db(one, np.array(THIRDS_HZ), "side"), curve_db(one, np.array(THIRDS_HZ))
    )
    samples = np.random.default_rng(0).standard_normal((2, 3000))
    same = one.with_(side_gains_db=SMOOTH_DB)
    assert np.array_equal(play(one, samples, 44_100), play(same, samples, 44_100))


def test_all_gains_zero_is_the_identity() -> None:
    flat = MatchEq(frequencies_hz=(100, 1000), gains_db=(0, 0), side_gains_db=(0, 0))
    assert flat.is_neutral
    assert isinstance(flat.start(44_100, 2), Identity)
    side_only = flat.with_(side_gains_db=(0, 3))
    assert isinstance(side_only.start(44_100, 1), Identity)
    assert not isinstance(side_only.start(44_100, 2), Identity)


def test_one_point_is_a_gain() -> None:
    samples = np.random.default_rng(0).standard_normal((2, 3000))
    for phase in ("minimum", "linear"):
        up = MatchEq(frequencies_hz=(1000,), gains_db=(6,), phase=phase)
        assert np.abs(play(up, samples, 44_100) - 10**0.3 * samples).max() < 1e-12


def test_curve_is_scipys_pchip_between_the_end_points() -> None:
    rng = np.random.default_rng(3)
    x = np.sort(rng.uniform(0, 10, 12))
    y = rng.standard_normal(12)
    at = np.linspace(x[1], x[-2], 500)
    assert np.abs(monotone_cubic(x, y, at) - PchipInterpolator(x, y)(at)).max() < 1e-12
    everywhere = monotone_cubic(x, y, np.linspace(-5, 15, 2000))
    assert everywhere.min() >= y.min()
    assert everywhere.max() <= y.max()
    assert everywhere[0] == y[0]
    assert everywhere[-1] == y[-1]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"frequencies_hz": (100,), "gains_db": (1, 2)}, "gains_db: 2 given; must be one for each"),
        ({"frequencies_hz": (100, 100), "gains_db": (1, 2)}, "must be in rising order"),
        (
            {"frequencies_hz": (0.5,), "gains_db": (1,)},
            "frequencies_hz: 0.5; must be 1 to 400000 Hz",
        ),
        ({"frequencies_hz": (100,), "gains_db": (30,)}, "gains_db: 30; must be -24 to 24 dB"),
        (
            {"frequencies_hz": (100,), "gains_db": (1,), "side_gains_db": (1, 2)},
            "side_gains_db: 2 given",
        ),
        ({"frequencies_hz": (float("nan"),), "gains_db": (1,)}, "frequencies_hz"),
    ],
)
def test_faults_are_named(settings: dict, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        MatchEq(**settings)
