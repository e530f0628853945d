"""Faults of space: polarity, width, balance."""

from bench.faults import Fault, Planted


def polarity(samples, rate_hz, strength):
    """The right channel turned over: for a third, for two thirds, throughout."""
    n = samples.shape[1]
    a, b = ((n // 3, 2 * n // 3), (n // 3, n), (0, n))[strength]
    samples[1, a:b] *= -1.0
    return Planted(samples, () if strength == 2 else ((a / rate_hz, b / rate_hz),))


def imbalance(samples, rate_hz, strength):
    """The left channel turned down."""
    samples[0] *= 10 ** (-(2.0, 4.0, 6.0)[strength] / 20)
    return Planted(samples)


FAULTS = (
    Fault("polarity", polarity, or_=("phase",)),
    Fault("imbalance", imbalance),
)
