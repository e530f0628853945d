"""Faults of dynamics: a limiter or a compressor that took too much, and no room left."""

import numpy as np

from bench import metrics
from bench.faults import Fault, Planted


def limited(samples, rate_hz, strength):
    """Driven into a limiter until it is as loud as the loudest records, and louder."""
    from burnish.processors.limiter import Limiter
    from burnish.processors.show import play

    drive_db = (-9.0, -7.0, -5.0)[strength] - metrics.integrated_lufs(samples, rate_hz)
    return Planted(
        play(
            Limiter(input_gain_db=drive_db, ceiling_dbtp=-0.3, release_ms=40.0),
            samples,
            rate_hz,
        )
    )


def compressed(samples, rate_hz, strength):
    """Ten to one, fast, far below: what moves is gone."""
    from burnish.processors.compressor import Compressor
    from burnish.processors.show import play

    rms_db = 10 * np.log10(np.mean(samples**2))
    under_db = (8.0, 16.0, 30.0)[strength]
    processor = Compressor(
        threshold_db=rms_db - under_db, ratio=10.0, attack_ms=0.5, release_ms=60.0
    )
    out = play(processor, samples, rate_hz)
    return Planted(out * 0.5 / np.abs(out).max())


def no_room(samples, rate_hz, strength):
    """Turned up to full scale."""
    peak_db = (-0.9, -0.5, -0.05)[strength]
    return Planted(samples * 10 ** (peak_db / 20) / np.abs(samples).max())


FAULTS = (
    Fault("over-limited", limited),
    Fault("over-compressed", compressed),
    Fault("headroom", no_room, or_=("inter-sample-peaks",)),
)
