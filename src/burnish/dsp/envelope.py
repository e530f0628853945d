"""The smoother of a gain reduction: how fast a compressor takes hold and lets go.

The "smooth decoupled" detector of Giannoulis, Massberg and Reiss ("Digital Dynamic Range
Compressor Design", JAES 60(6), 2012), on the reduction in dB: a stage that falls at once and comes
back with the release, then a one-pole for the attack. A steady tone is reduced by all that the
curve asks for, not by a mean over its wave. Here, in addition, the release may lead to a slow
average of the reduction instead of to 0 dB: after a short peak the gain is back soon, after a long
loud part it comes back slowly, as in optical and "auto" compressors.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.units import one_pole

Floats = NDArray[np.float64]

SLOW_TIMES_RELEASE = 8.0
"""The slow average's time over the release. An optical cell of the LA-2A kind lets half go in 60 ms
and the rest in 0.5 s and more, depending on the past (Universal Audio's manual): about 1 to 8."""

_SLOWEST_MS = 5000.0  # longest tail that such a cell is said to have
_NO_POWER = 1e-30  # -300 dBFS: silence comes to rest there
_NOTHING_DB = 1e-9  # a smaller reduction is none: the gain is exactly 1 again


class Smoother:
    """Attack and release at work on reductions in dB, 0 or below, for each row of a stream.

    ``attack_ms`` and ``release_ms`` are the times in which 63 % (1 - 1/e) of a step is covered, as
    heard at the output; a release shorter than the attack is as long as the attack.
    ``adapt`` 0 to 1 says how much of the slow average the release leads to, ``slow_ms`` how slow
    it is; left out, it is eight times the release.
    """

    def __init__(
        self,
        attack_ms: float,
        release_ms: float,
        adapt: float,
        rate_hz: float,
        rows: int,
        slow_ms: float | None = None,
    ) -> None:
        self._attack = one_pole(attack_ms, rate_hz)
        self._release = one_pole(_first_stage_ms(attack_ms, release_ms), rate_hz)
        if slow_ms is None:
            slow_ms = min(SLOW_TIMES_RELEASE * release_ms, max(_SLOWEST_MS, release_ms))
        self._slow = one_pole(slow_ms, rate_hz)
        self._adapt = adapt
        self._state = np.zeros((rows, 3))

    def process(self, reduction_db: Floats) -> Floats:
        """The smoothed reduction of the next ``(rows, n)`` values, in a new array."""
        out = np.empty_like(reduction_db)
        for x, y, state in zip(reduction_db, out, self._state, strict=True):
            _smooth(x, y, state, self._attack, self._release, self._slow, self._adapt)
        return out


class Follower:
    """Follows each row of a stream: upwards by one time, downwards by another (63 %)."""

    def __init__(self, rise_ms: float, fall_ms: float, rate_hz: float, rows: int) -> None:
        self._rise = one_pole(rise_ms, rate_hz)
        self._fall = one_pole(fall_ms, rate_hz)
        self._state = np.zeros((rows, 1))

    def process(self, values: Floats) -> Floats:
        """The followed ``(rows, n)`` values, 0 or above, in a new array."""
        out = np.empty_like(values)
        for x, y, state in zip(values, out, self._state, strict=True):
            _follow(x, y, state, self._rise, self._fall)
        return out


class SlowAverage:
    """The mean so far, and from ``time_s`` on an average that forgets what is longer ago.

    Only values that count are heard. One that lies further than ``most`` from the average counts
    as if it lay there (Huber 1964), so that what is rare moves it little.
    """

    def __init__(self, time_s: float, rate_hz: float, most: float = math.inf) -> None:
        self._share = 1.0 - one_pole(1e3 * time_s, rate_hz)
        self._most = most
        self._state = np.zeros(2)

    def process(self, values: Floats, counts: NDArray[np.bool_]) -> Floats:
        """The average after each of the next values."""
        out = np.empty_like(values)
        _average(values, counts, out, self._state, self._share, self._most)
        return out


def _first_stage_ms(attack_ms: float, release_ms: float) -> float:
    """Time of the release stage so that it and the attack stage together cover 63 % in release_ms.

    Two one-poles a and b in a row leave (a exp(-t/a) - b exp(-t/b)) / (a - b) of a step.
    """
    low, high = 0.0, release_ms
    for _ in range(60):
        a = 0.5 * (low + high)
        if _left(a, attack_ms, release_ms) > math.exp(-1.0):
            high = a
        else:
            low = a
    return 0.5 * (low + high)


def _left(a: float, b: float, t: float) -> float:
    if abs(a - b) < 1e-6 * b:
        return (1.0 + t / b) * math.exp(-t / b)
    return (a * math.exp(-t / a) - b * math.exp(-t / b)) / (a - b) if a else math.exp(-t / b)


@njit(cache=True, nogil=True, fastmath=False)
def _smooth(x, y, state, attack, release, slow, adapt):  # type: ignore[no-untyped-def]
    average, held, out = state[0], state[1], state[2]
    for i in range(len(x)):
        now = x[i]
        average = now + slow * (average - now)
        goal = min(now, adapt * average)
        held = min(goal, goal + release * (held - goal))
        out = held + attack * (out - held)
        if out > -_NOTHING_DB and held > -_NOTHING_DB:
            out = 0.0
            held = 0.0
        y[i] = out
    state[0], state[1], state[2] = average, held, out


@njit(cache=True, nogil=True, fastmath=False)
def _follow(x, y, state, rise, fall):  # type: ignore[no-untyped-def]
    held = state[0]
    for i in range(len(x)):
        held = x[i] + (rise if x[i] > held else fall) * (held - x[i])
        y[i] = held
    state[0] = held if held > _NO_POWER else 0.0


@njit(cache=True, nogil=True, fastmath=False)
def _average(x, counts, y, state, share, most):  # type: ignore[no-untyped-def]
    average, heard = state[0], state[1]
    for i in range(len(x)):
        if counts[i]:
            heard += 1.0
            away = x[i] - average
            if heard > 1.0:
                away = min(max(away, -most), most)
            average += max(1.0 / heard, share) * away
        y[i] = average
    state[0], state[1] = average, heard
