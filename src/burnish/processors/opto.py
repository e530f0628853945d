"""Opto: a light-dependent resistor turns the gain down, and remembers the light."""

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from burnish.processors.glue import Glue
from burnish.settings import setting
from burnish.units import one_pole

Floats = NDArray[np.float64]

_ATTACK_MS = 10.0
_KNEE_DB = 20.0

_FAST_MS = 20.0
_FAST_SHARE = 0.55
# So half of a reduction is gone after 60 ms, whatever the past: published for the T4 cell.

_SHORT_S = 0.5  # the rest, after a moment of light
_CHARGE_S = 3.0  # the time in which the cell learns and forgets how long it was lit: opinion
_FULL_DB = 6.0  # a reduction that counts as full light

_NOTHING_DB = 1e-9


class Opto(Glue):
    """Compress slowly and softly, with the two-part release of a lamp and a photo cell.

    About 10 ms to take hold. Half of the reduction is gone after 60 ms; the rest takes half a
    second after a moment and ``slowest_s`` after a long loud part. A ratio of 3 is the cell's own;
    it sets in over 20 dB. Feed-forward (``glue``). No latency. Times as published for the
    electro-optical leveling amplifier; how fast the cell learns is opinion.
    """

    name: ClassVar[str] = "opto"

    ratio: float = setting(
        1.0, low=1, high=10, scale="log", help="Input dB for each output dB; 1 is out, 3 the cell."
    )
    slowest_s: float = setting(
        5.0, low=0.5, high=10, unit="s", scale="log", help="Longest time of the second half."
    )

    def curve(self) -> tuple[float, float]:
        """The ratio, over a wide knee."""
        return self.ratio, _KNEE_DB

    def smoother(self, rate_hz: int, rows: int) -> "Cell":
        """A photo cell for each row."""
        return Cell(self.slowest_s, rate_hz, rows)


class Cell:
    """Photo cells at work on reductions in dB, 0 or below: one for each row of a stream.

    Two releases side by side, one fast, one slow; how slow, the memory says. It goes towards 1
    while much is reduced, and towards 0 while nothing is. Behind both stands the attack.
    """

    def __init__(self, slowest_s: float, rate_hz: float, rows: int) -> None:
        self._fast = one_pole(_FAST_MS, rate_hz)
        self._attack = one_pole(_ATTACK_MS, rate_hz)
        self._charge = one_pole(1000.0 * _CHARGE_S, rate_hz)
        self._short = _SHORT_S * rate_hz
        self._long = slowest_s * rate_hz
        self._state = np.zeros((rows, 4))

    def process(self, reduction_db: Floats) -> Floats:
        """The smoothed reduction of the next ``(rows, n)`` values, in a new array."""
        out = np.empty_like(reduction_db)
        for x, y, state in zip(reduction_db, out, self._state, strict=True):
            _light(x, y, state, self._attack, self._fast, self._charge, self._short, self._long)
        return out


@njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
def _light(x, y, state, attack, fast_release, charge, short, long):  # type: ignore[no-untyped-def]
    fast, slow, memory, out = state[0], state[1], state[2], state[3]
    for i in range(len(x)):
        now = x[i]
        light = min(1.0, -now / _FULL_DB)
        memory = light + charge * (memory - light)
        fast = min(now, now + fast_release * (fast - now))
        slow = min(now, slow + (now - slow) / (short + memory * (long - short)))
        held = _FAST_SHARE * fast + (1.0 - _FAST_SHARE) * slow
        out = held + attack * (out - held)
        if out > -_NOTHING_DB and held > -_NOTHING_DB:
            out = 0.0
            fast = 0.0
            slow = 0.0
        y[i] = out
    state[0], state[1], state[2], state[3] = fast, slow, memory, out


EXAMPLE = Opto(threshold_db=-20, ratio=3, makeup_db=3)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "soft leveling with a long memory")
