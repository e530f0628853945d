"""Fits find the process that made the sound; interpolation finds the samples that were lost."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp import autoregression as ar

Floats = NDArray[np.float64]


def process(a: list[float], n: int, seed: int = 1) -> Floats:
    """Noise of one through the filter 1 / A."""
    e = np.random.default_rng(seed).standard_normal(n)
    x = np.zeros(n)
    for i in range(n):
        x[i] = e[i] - sum(c * x[i - k] for k, c in enumerate(a[1:], 1) if i >= k)
    return x


def known(n: int) -> NDArray[np.bool_]:
    return np.zeros(n, dtype=np.bool_)


RESONANCE = [1.0, -1.6, 0.81]  # poles of radius 0.9 at a fourteenth of the rate


def test_a_process_of_order_two_is_found() -> None:
    """The standard error of both coefficients is sqrt((1 - a2^2) / n): 0.0042."""
    x = process(RESONANCE, 20_000)
    for a in (
        ar.fit(x, known(len(x)), 2),
        ar.levinson(ar.autocorrelation(x * np.hanning(len(x)), 2)),
    ):
        assert a == pytest.approx(RESONANCE, abs=0.016)
    more = ar.fit(x, known(len(x)), 6)
    assert more[3:] == pytest.approx(0.0, abs=0.04)


def test_the_autocorrelation_is_that_of_numpy() -> None:
    x = np.random.default_rng(2).standard_normal(200)
    for order in (0, 5, 199, 230):
        full = np.concatenate((np.correlate(x, x, "full")[199:], np.zeros(100)))
        assert ar.autocorrelation(x, order) == pytest.approx(full[: order + 1])


def test_levinson_solves_the_normal_equations() -> None:
    r = ar.autocorrelation(process(RESONANCE, 500), 8)
    matrix = r[np.abs(np.subtract.outer(np.arange(8), np.arange(8)))]
    assert ar.levinson(r)[1:] == pytest.approx(-np.linalg.solve(matrix, r[1:]), rel=1e-6)


def test_the_fit_is_the_least_squares_of_both_directions_over_what_is_known() -> None:
    x = process(RESONANCE, 400, seed=3)
    order = 5
    lost = known(400)
    lost[150:160] = lost[300] = True
    rows, right = [], []
    for i in range(order, 400):
        if not lost[i - order : i + 1].any():
            rows += [x[i - order : i][::-1], x[i - order + 1 : i + 1]]
            right += [-x[i], -x[i - order]]
    best = np.linalg.lstsq(np.array(rows), np.array(right), rcond=None)[0]
    damaged = np.where(lost, 1e3, x)
    assert ar.fit(damaged, lost, order)[1:] == pytest.approx(best, rel=1e-6)


def test_the_innovation_is_the_noise_that_made_it() -> None:
    x = process(RESONANCE, 300)
    e = np.random.default_rng(1).standard_normal(300)
    a = np.array(RESONANCE)
    assert ar.innovation(x, a, False)[2:] == pytest.approx(e[2:])
    assert ar.innovation(x[::-1].copy(), a, True)[-3::-1] == pytest.approx(e[2:])
    assert not ar.innovation(x, a, False)[:2].any()


@pytest.mark.parametrize("length", [1, 5, 44, 176])
def test_a_sum_of_sines_is_interpolated(length: int) -> None:
    """Up to 4 ms at 44.1 kHz, to less than -60 dB of what was lost."""
    t = np.arange(2048) / 44_100
    x = sum(np.sin(2 * np.pi * f * t + f) / (1 + f / 500) for f in (110, 440, 554, 1320, 5000))
    assert isinstance(x, np.ndarray)
    places = np.arange(1000, 1000 + length)
    lost = known(len(x))
    lost[places] = True
    mended = np.where(lost, 3.0, x)
    assert ar.interpolate(mended, places, ar.fit(mended, lost, 32))
    assert np.array_equal(mended[~lost], x[~lost])
    error_db = 20 * np.log10(np.linalg.norm((mended - x)[places]) / np.linalg.norm(x[places]))
    assert error_db < -60


def test_interpolation_is_the_least_squares_solution() -> None:
    x = process(RESONANCE, 200)
    a = np.array([1.0, -1.2, 0.5, 0.1, -0.05])
    places = np.array([40, 41, 43, 50, 51, 52, 90])
    matrix = np.zeros((196, 200))
    for row in range(196):
        matrix[row, row : row + 5] = a[::-1]
    rest = np.where(np.isin(np.arange(200), places), 0.0, x)
    best = np.linalg.lstsq(matrix[:, places], -matrix @ rest, rcond=None)[0]
    mended = x.copy()
    assert ar.interpolate(mended, places, a)
    assert mended[places] == pytest.approx(best)


def test_interpolation_beats_a_straight_line_on_noise_with_a_colour() -> None:
    x = process(RESONANCE, 4000, seed=7)
    places = np.concatenate([np.arange(i, i + 6) for i in range(200, 3800, 100)])
    lost = known(len(x))
    lost[places] = True
    mended = np.where(lost, 0.0, x)
    a = ar.fit(mended, lost, 2)
    assert ar.interpolate(mended, places, a)
    line = x.copy()
    line[places] = np.interp(places, np.flatnonzero(~lost), x[~lost])
    assert np.std((mended - x)[places]) < 0.65 * np.std((line - x)[places])


def test_silence_and_madness_stay_finite() -> None:
    for scale in (0.0, 1e-300, 1e-160, 1e150):
        x = scale * np.random.default_rng(4).standard_normal(500)
        lost = known(500)
        lost[100:120] = True
        places = np.flatnonzero(lost)
        for a in (ar.fit(x, lost, 16), ar.levinson(ar.autocorrelation(x, 16))):
            assert np.isfinite(a).all()
            assert a[0] == 1.0
            mended = x.copy()
            ar.interpolate(mended, places, a)
            assert np.isfinite(mended).all()
