"""Likeness: how loud a preview is beside a render of the same song, told from the same moments."""

import math

import numpy as np
from numpy.typing import NDArray

from burnish.measure.listen import Listener

Floats = NDArray[np.float64]

LEAST_S = 0.8
"""Less is not compared."""
_HOPS_PER_S = 200
_SETTLED_HOPS = 60  # 0.3 s: the meter and the steps begin from silence
_SOUNDING = 0.01  # of the loudest 400 ms' power: pauses say nothing


def louder_lu(played: Floats, rendered: Floats, rate_hz: int) -> float | None:
    """How much louder ``played`` is than ``rendered``, both ``(channels, n)`` of the same moments.

    Only moments in which the render sounds are heard. None where there are none, or too few.
    """
    now, was = _power(played, rate_hz), _power(rendered, rate_hz)
    n = min(len(now), len(was))
    if n < LEAST_S * _HOPS_PER_S:
        return None
    now, was = now[_SETTLED_HOPS:n], was[_SETTLED_HOPS:n]
    around = np.convolve(was, np.full(80, 1.0 / 80.0), mode="same")
    sounding = around > _SOUNDING * around.max(initial=0.0)
    before, after = float(was[sounding].sum()), float(now[sounding].sum())
    if before <= 0.0 or after <= 0.0:
        return None
    return 10.0 * math.log10(after / before)


def _power(samples: Floats, rate_hz: int) -> Floats:
    listener = Listener(rate_hz, samples.shape[0])
    listener.feed(samples)
    listener.finish()
    return listener.hop_power
