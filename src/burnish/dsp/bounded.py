"""Bounded: the values between bounds for which a quadratic form is least."""

import numpy as np
from numba import njit

_RIDGE = 1e-10  # of the diagonal: what rounding needs to keep the matrix definite


@njit(cache=True, nogil=True, fastmath=False)
def least(lags, at, pull, low, high, values, held, rounds):  # type: ignore[no-untyped-def]
    """Minimise ``v A v / 2 + pull v`` for ``low <= v <= high``; ``values`` becomes v.

    ``A[i, j] = lags[|at[i] - at[j]|]``, as of a steady process, at the rising places ``at``.
    ``held``: -1 where a value lies at ``low``, 1 at ``high``, 0 where it is free; it is where to
    begin, and is brought up to date. At most ``rounds`` of the primal-dual
    active set method (Hintermueller, Ito and Kunisch, SIAM J. Optim. 13(3), 2002); mostly two or
    three are enough. What then is still beyond its bounds is put there.
    """
    n = len(at)
    free = np.empty(n, np.int64)
    for _ in range(rounds):
        n_free = 0
        for i in range(n):
            if held[i] == 0:
                free[n_free] = i
                n_free += 1
            else:
                values[i] = low[i] if held[i] < 0 else high[i]
        matrix = np.empty((n_free, n_free))
        wanted = np.empty(n_free)
        for k in range(n_free):
            i = free[k]
            total = -pull[i]
            for j in range(n):
                if held[j] != 0:
                    total -= lags[abs(at[i] - at[j])] * values[j]
            wanted[k] = total
            for m in range(k, n_free):
                matrix[k, m] = lags[at[free[m]] - at[i]]
            matrix[k, k] *= 1.0 + _RIDGE
        if not _solve(matrix, wanted):
            break
        for k in range(n_free):
            values[free[k]] = wanted[k]
        changed = False
        for i in range(n):
            if held[i] == 0:
                if values[i] < low[i]:
                    held[i] = -1
                    changed = True
                elif values[i] > high[i]:
                    held[i] = 1
                    changed = True
            else:
                slope = pull[i]
                for j in range(n):
                    slope += lags[abs(at[i] - at[j])] * values[j]
                if slope * held[i] > 0.0:  # it would rather come back inside
                    held[i] = 0
                    changed = True
        if not changed:
            break
    for i in range(n):
        values[i] = min(max(values[i], low[i]), high[i])


@njit(cache=True, nogil=True, fastmath=False)
def _solve(matrix, wanted):  # type: ignore[no-untyped-def]
    """Solve a system by Cholesky's method, its upper half read. False where it is not definite."""
    n = len(wanted)
    for j in range(n):
        if not matrix[j, j] > 0.0:
            return False
        root = np.sqrt(matrix[j, j])
        for k in range(j, n):
            matrix[j, k] /= root
        for i in range(j + 1, n):
            c = matrix[j, i]
            for k in range(i, n):
                matrix[i, k] -= c * matrix[j, k]
    for i in range(n):
        wanted[i] /= matrix[i, i]
        c = wanted[i]
        for k in range(i + 1, n):
            wanted[k] -= matrix[i, k] * c
    for i in range(n - 1, -1, -1):
        total = wanted[i]
        for k in range(i + 1, n):
            total -= matrix[i, k] * wanted[k]
        wanted[i] = total / matrix[i, i]
    return True
