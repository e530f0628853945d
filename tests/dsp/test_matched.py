"""How near the digital filters come to the analogue curves: the figures that the docs state."""

import numpy as np
import pytest

from burnish.dsp import matched
from burnish.dsp.biquad import response

SHAPES = {
    "bell": matched.bell,
    "low_shelf": matched.low_shelf,
    "high_shelf": matched.high_shelf,
    "tilt": matched.tilt,
}


def error_db(
    analogues: tuple[matched.Analogue, ...], rate_hz: float, deepest_db: float = -60.0
) -> float:
    """Largest error from 10 Hz to 18/44.1 of the rate, where the curve is above ``deepest_db``."""
    top = rate_hz * 18 / 44.1
    f = np.concatenate((np.geomspace(10, top, 300), np.linspace(top / 18, top, 300)))
    wished = sum((a.gain_db(f) for a in analogues), np.zeros_like(f))
    made = 20 * np.log10(np.abs(response(matched.sections(analogues, rate_hz), f, rate_hz)))
    inside = wished > deepest_db
    return float(np.abs(made - wished)[inside].max(initial=0.0))


def sweep(shape: str, rate_hz: float, most_q: float, count: int = 25) -> float:
    frequencies_hz = np.append(
        np.geomspace(20, 20_000, count), (12e3, 14e3, 16e3, 17e3, 18e3, 19e3)
    )
    qs = [q for q in (0.3, 0.5, 0.7071, 1.0, 1.4, 2.0, 3.0, 5.0, 8.0) if q <= most_q]
    reach = 6 if shape == "tilt" else 12  # a tilt of 6 dB turns by 12
    gains_db = [sign * reach * part for sign in (-1, 1) for part in (0.05, 0.5, 1.0)]
    return max(
        error_db((SHAPES[shape](f, g, q),), rate_hz)
        for f in frequencies_hz
        for q in qs
        for g in gains_db
    )


def test_bells_at_44100_hz() -> None:
    """The promise is 0.2 dB; the second figure is the drift alarm."""
    worst = sweep("bell", 44_100, 8.0)
    assert worst < 0.2
    assert worst < 0.15


@pytest.mark.parametrize("rate_hz", [8_000, 48_000, 96_000, 192_000, 384_000])
def test_bells_at_other_rates(rate_hz: float) -> None:
    assert sweep("bell", rate_hz, 8.0, count=8) < 0.15


@pytest.mark.parametrize("shape", ["low_shelf", "high_shelf", "tilt"])
@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_shelves_up_to_q_1(shape: str, rate_hz: float) -> None:
    assert sweep(shape, rate_hz, 1.0, count=12) < 0.06


@pytest.mark.parametrize("shape", ["low_shelf", "high_shelf"])
def test_steep_shelves_are_good_to_5_khz(shape: str) -> None:
    """Their overshoot needs more than two poles near half the rate; below 5 kHz they do."""
    worst = max(
        error_db((SHAPES[shape](f, g, q),), 44_100)
        for f in (50.0, 500.0, 2000.0, 5000.0)
        for g in (-12.0, 12.0)
        for q in (2.0, 4.0, 8.0)
    )
    assert worst < 0.2


@pytest.mark.parametrize("order", range(1, 9))
@pytest.mark.parametrize(("highest_hz", "most_db"), [(1000, 0.01), (5000, 0.08), (20_000, 0.36)])
def test_high_passes(order: int, highest_hz: float, most_db: float) -> None:
    for f in np.geomspace(10, highest_hz, 12):
        assert error_db(matched.high_pass(f, order), 44_100) < most_db


@pytest.mark.parametrize("order", range(1, 9))
@pytest.mark.parametrize(("highest_hz", "most_db"), [(2500, 0.15), (20_000, 0.45)])
def test_low_passes(order: int, highest_hz: float, most_db: float) -> None:
    for f in np.geomspace(20, highest_hz, 12):
        assert error_db(matched.low_pass(f, order), 44_100) < most_db


@pytest.mark.parametrize("order", range(1, 9))
def test_passes_are_butterworth(order: int) -> None:
    """-3.01 dB at the corner and 6.02 dB per octave and order far away, against the textbook."""
    f = np.array([125.0, 1000.0, 8000.0])
    for make, ratio in ((matched.high_pass, 1000 / f), (matched.low_pass, f / 1000)):
        made = sum(a.gain_db(f) for a in make(1000.0, order))
        assert np.allclose(made, -10 * np.log10(1 + ratio ** (2 * order)), atol=1e-9)


def test_gain_at_dc_is_exact() -> None:
    for analogue, wished_db in (
        (matched.bell(15_000, 9, 0.5), 0.0),
        (matched.low_shelf(12_000, 6, 0.7), 6.0),
        (matched.high_shelf(300, -6, 0.7), 0.0),
        (matched.tilt(1000, 2, 0.5), -2.0),
        (matched.low_pass(18_000, 1)[0], 0.0),
    ):
        gain = response(matched.sections((analogue,), 44_100), np.zeros(1), 44_100)
        assert 20 * np.log10(np.abs(gain[0])) == pytest.approx(wished_db, abs=1e-6)


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 384_000])
def test_every_design_is_stable_and_of_minimum_phase(rate_hz: float) -> None:
    """Poles and zeros inside the unit circle, for corners beyond half the rate too."""
    for f in (10.0, 500.0, 3900.0, 21_000.0, 40_000.0):
        for q in (0.2, 0.5, 0.7071, 2.0, 10.0):
            for g in (-18.0, -0.01, 0.01, 18.0):
                made = [matched.match(shape(f, g, q), rate_hz) for shape in SHAPES.values()]
                for b0, b1, b2, a1, a2 in made:
                    assert np.isfinite((b0, b1, b2, a1, a2)).all()
                    for one, two in ((a1, a2), (b1 / b0, b2 / b0)):
                        assert abs(two) < 1
                        assert abs(one) < 1 + two
