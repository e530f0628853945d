"""Autoregression: music as a filter driven by noise, and what can be known of lost samples from it.

A short piece of music is x[n] = -a[1] x[n-1] - ... - a[p] x[n-p] + e[n]: what the past foretells,
and an innovation. What the innovation cannot explain is damage; samples that are lost are best
guessed as those that need the least innovation around them (Janssen, Veldhuis and Vries, IEEE
Trans. ASSP 34(2), 1986; Godsill and Rayner, "Digital Audio Restoration", 1998).

All are kernels over one channel, without state. ``a`` has ``order + 1`` values, the first is 1.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_FLOOR = 1e-10  # of the power, as white noise under a windowed fit: -100 dB, rounding to 16 bits
_LEAST_FLOOR = 1e-13  # under a fit without window: what its own rounding needs to stay definite


@njit(cache=True, nogil=True, fastmath=False)
def autocorrelation(x, order):  # type: ignore[no-untyped-def]
    """``r[k] = sum(x[n] x[n + k])`` for k from 0 to ``order``."""
    n = len(x)
    r = np.zeros(order + 1)
    for i in range(max(0, n - order)):
        now = x[i]
        for k in range(order + 1):
            r[k] += now * x[i + k]
    for i in range(max(0, n - order), n):
        now = x[i]
        for k in range(n - i):
            r[k] += now * x[i + k]
    return r


@njit(cache=True, nogil=True, fastmath=False)
def levinson(r):  # type: ignore[no-untyped-def]
    """``a`` from an autocorrelation (of a windowed piece): always a stable filter. Silence: 1."""
    order = len(r) - 1
    a = np.zeros(order + 1)
    a[0] = 1.0
    error = r[0] * (1.0 + _FLOOR)
    new = np.zeros(order + 1)
    for m in range(1, order + 1):
        if not error > 1e-300:
            break
        lack = r[m]
        for k in range(1, m):
            lack += a[k] * r[m - k]
        reflection = -lack / error
        for k in range(1, m):
            new[k] = a[k] + reflection * a[m - k]
        for k in range(1, m):
            a[k] = new[k]
        a[m] = reflection
        error *= 1.0 - reflection * reflection
    return a


@njit(cache=True, nogil=True, fastmath=False)
def innovation(x, a, backward):  # type: ignore[no-untyped-def]
    """``e``: what the samples before each one (with ``backward``: those after it) do not foretell.

    As long as ``x``; zero for the first (last) ``order`` samples, which have too little beside
    them.
    """
    n, order = len(x), len(a) - 1
    e = np.zeros(n)
    if backward:
        for k in range(order + 1):
            c = a[k]
            for i in range(max(0, n - order)):
                e[i] += c * x[i + k]
    else:
        for k in range(order + 1):
            c = a[k]
            for i in range(order, n):
                e[i] += c * x[i - k]
    return e


@njit(cache=True, nogil=True, fastmath=False)
def _solve(band, y):  # type: ignore[no-untyped-def]
    """Solve M y' = y in place for a positive definite band matrix; whether that went well.

    ``band[i, d]`` is M[i, i - d]; it becomes the Cholesky factor, after Golub and Van Loan 4.3.
    """
    n, width = band.shape
    for i in range(n):
        for d in range(min(i, width - 1), -1, -1):
            j = i - d
            total = band[i, d]
            for k in range(max(0, i - width + 1), j):
                total -= band[i, i - k] * band[j, j - k]
            if d:
                band[i, d] = total / band[j, 0]
            elif total > 0.0 and total < np.inf:
                band[i, 0] = np.sqrt(total)
            else:
                return False
    for i in range(n):
        total = y[i]
        for j in range(max(0, i - width + 1), i):
            total -= band[i, i - j] * y[j]
        y[i] = total / band[i, 0]
    for i in range(n - 1, -1, -1):
        total = y[i]
        for j in range(i + 1, min(n, i + width)):
            total -= band[j, j - i] * y[j]
        y[i] = total / band[i, 0]
    return True


@njit(cache=True, nogil=True, fastmath=False)
def fit(x, unknown, order):  # type: ignore[no-untyped-def]
    """``a`` from the known samples alone: least squares, forward and backward together.

    The modified covariance method (Marple 1987): no window, so a few steady tones are foretold
    exactly. ``unknown`` flags the samples that are to have no say. Where too little is known, or
    in silence, ``a`` is 1 and zeros.
    """
    n = len(x)
    c = np.zeros((order + 1, order + 1))
    begin = 0
    while begin < n:
        if unknown[begin]:
            begin += 1
            continue
        end = begin
        while end < n and not unknown[end]:
            end += 1
        if end - begin > 2 * order:
            _covariance(x[begin:end], order, c)
        begin = end
    a = np.zeros(order + 1)
    a[0] = 1.0
    power = 0.0
    for k in range(order + 1):
        power += c[k, k]
    if not (power > 1e-280 and power < 1e280):
        return a
    floor = _LEAST_FLOOR * 2.0 * power / (order + 1)
    band = np.zeros((order, order))
    y = np.zeros(order)
    for i in range(order):
        for d in range(i + 1):
            j = i - d
            band[i, d] = c[i + 1, j + 1] + c[order - 1 - i, order - 1 - j]
        band[i, 0] += floor
        y[i] = -(c[i + 1, 0] + c[order - 1 - i, order])
    if _solve(band, y):
        for i in range(order):
            a[i + 1] = y[i]
    return a


@njit(cache=True, nogil=True, fastmath=False)
def _covariance(x, order, c):  # type: ignore[no-untyped-def]
    """Add ``sum(x[n - j] x[n - k])`` over n from ``order`` to ``c[j, k]`` for all j and k."""
    n = len(x)
    first = np.zeros(order + 1)  # c[order, order - k]: sums that go forward in memory
    for i in range(n - order):
        now = x[i]
        for k in range(order + 1):
            first[k] += now * x[i + k]
    for k in range(order + 1):
        total = first[k]
        j, i = order, order - k
        while True:
            c[j, i] += total
            if i != j:
                c[i, j] += total
            if i == 0:
                break
            total += x[n - j] * x[n - i] - x[order - j] * x[order - i]
            j -= 1
            i -= 1


@njit(cache=True, nogil=True, fastmath=False)
def interpolate(x, places, a, trust=None):  # type: ignore[no-untyped-def]
    """Replace the samples at ``places`` (ascending) in place by the least-squares interpolation.

    They become those with the least innovation around them. At least ``order`` samples stand
    before the first and after the last place. Whether it went well; if not, ``x`` is as it was.
    ``trust``, for each place, is how much what is there is still worth: the power of the innovation
    over that of what was added; without it the samples are lost.
    """
    n, order = len(places), len(a) - 1
    b = autocorrelation(a, order)
    kept = np.zeros(n)
    for i in range(n):
        kept[i] = x[places[i]]
        x[places[i]] = 0.0
    width = min(n, order + 1)
    band = np.zeros((n, width))
    y = np.zeros(n)
    for i in range(n):
        at = places[i]
        total = b[0] * x[at]
        for k in range(1, order + 1):
            total += b[k] * (x[at - k] + x[at + k])
        y[i] = -total
        for d in range(min(i + 1, width)):
            apart = at - places[i - d]
            if apart <= order:
                band[i, d] = b[apart]
        if trust is not None:
            band[i, 0] += trust[i]
            y[i] += trust[i] * kept[i]
    well = _solve(band, y)
    for i in range(n):
        well = well and np.isfinite(y[i])
    for i in range(n):
        x[places[i]] = y[i] if well else kept[i]
    return well
