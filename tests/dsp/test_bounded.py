"""The least of a quadratic form between bounds, held against another solver."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from burnish.dsp import bounded

Floats = NDArray[np.float64]


def problem(n: int, seed: int) -> tuple[Floats, NDArray[np.int64], Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    at = np.sort(rng.choice(4 * n, n, replace=False))
    lags = 0.8 ** np.arange(4 * n) * np.cos(0.4 * np.arange(4 * n))
    low = rng.uniform(-1.0, 0.0, n)
    return lags, at, rng.standard_normal(n), low, low + rng.uniform(0.2, 1.5, n)


@pytest.mark.parametrize("seed", range(5))
def test_the_least_is_that_of_another_solver(seed: int) -> None:
    lags, at, pull, low, high = problem(30, seed)
    values, held = np.zeros(30), np.zeros(30, np.int64)
    bounded.least(lags, at, pull, low, high, values, held, 50)
    matrix = lags[np.abs(at[:, None] - at)]
    root = np.linalg.cholesky(matrix).T
    other = lsq_linear(root, -np.linalg.solve(root.T, pull), (low, high), tol=1e-14)
    assert np.abs(values - other.x).max() < 1e-6
    assert set(held) == {-1, 0, 1}


def test_few_rounds_still_keep_the_bounds() -> None:
    lags, at, pull, low, high = problem(30, 7)
    values = np.zeros(30)
    bounded.least(lags, at, 9.0 * pull, low, high, values, np.zeros(30, np.int64), 1)
    assert (values >= low).all()
    assert (values <= high).all()


def test_without_bounds_it_is_the_linear_solution() -> None:
    lags, at, pull, _, _ = problem(20, 3)
    values, wide = np.zeros(20), np.full(20, 1e9)
    bounded.least(lags, at, pull, -wide, wide, values, np.zeros(20, np.int64), 5)
    assert np.abs(lags[np.abs(at[:, None] - at)] @ values + pull).max() < 1e-8


def test_a_form_that_is_not_definite_ends_within_the_bounds() -> None:
    low, high = np.full(3, -1.0), np.full(3, 2.0)
    values = np.array([0.0, 5.0, -5.0])
    at = np.arange(3)
    bounded.least(np.zeros(3), at, np.ones(3), low, high, values, np.zeros(3, np.int64), 5)
    assert values.tolist() == [0.0, 2.0, -1.0]
