"""Conversions between the units that stand in names, of single numbers, with their edges.

Whole arrays are converted where they are used; there numpy has its own -inf for silence.
"""

import math


def gain_from_db(gain_db: float) -> float:
    """Decibels to linear gain: 20 dB is 10; minus infinity is 0."""
    return float(10.0 ** (gain_db / 20.0))


def db_from_gain(gain: float) -> float:
    """Linear gain to decibels: 10 is 20 dB; 0 is minus infinity. Negative gain is a ValueError."""
    if gain < 0:
        raise ValueError(f"gain={gain}: must be 0 or more")
    return 20.0 * math.log10(gain) if gain > 0 else -math.inf


def db_from_power(power: float) -> float:
    """Power (mean square) to decibels: 10 is 10 dB; 0 is minus infinity."""
    if power < 0:
        raise ValueError(f"power={power}: must be 0 or more")
    return 10.0 * math.log10(power) if power > 0 else -math.inf


def power_from_db(power_db: float) -> float:
    """Decibels to power (mean square)."""
    return float(10.0 ** (power_db / 10.0))


def one_pole(time_ms: float, rate_hz: float) -> float:
    """Coefficient ``a`` of y += (1 - a) * (x - y) that covers 1 - 1/e of a step in ``time_ms``."""
    return math.exp(-1.0 / (time_ms * 1e-3 * rate_hz)) if time_ms > 0 else 0.0
