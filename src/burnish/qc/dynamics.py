"""Dynamics: how much of the peaks and of the movement is gone already, and what room there is."""

from collections.abc import Iterator

import numpy as np

from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.examine import Examination
from burnish.qc.grade import severity_of, size_of, sure_of
from burnish.targets import Style

CEILING_DB = 0.3  # under its own highest peak, a moment counts as at the ceiling
AT_CEILING = (0.12, 0.35)  # share of the 100 ms that reach it: noted and strong
FLAT_PSR_DB = (8.5, 6.5)
LEAST_S = 6.0
SHARPNESS_DB = (1.25, 0.8)
SWING_DB = (1.7, 0.8)
HEADROOM_DBTP = -1.0


def dynamics(examined: Examination, style: Style) -> Iterator[Finding]:
    """All findings of dynamics; what is shorter than 6 s says nothing of them."""
    measured = examined.measured
    if measured.source.duration_s < LEAST_S:
        return
    limited = tuple(_limited(measured, style))
    yield from limited
    yield from _compressed(measured, style)
    yield from _headroom(measured, bool(limited))


def ceiling_share(measured: Measurement) -> float:
    """Share of the sounding 100 ms whose true peak is within 0.3 dB of the highest."""
    peaks, power = measured.timeline.segment_true_peak, measured.timeline.segment_power
    n = min(len(peaks), len(power))
    sounding = power[:n] > 0.01 * power[:n].mean() if n else np.zeros(0, dtype=np.bool_)
    if not sounding.any():
        return 0.0
    tops = peaks[:n][sounding]
    return float(np.mean(tops >= tops.max() * 10.0 ** (-CEILING_DB / 20.0)))


def _limited(measured: Measurement, style: Style) -> Iterator[Finding]:
    """Peaks that all end at one height, or stand too little over the loudness."""
    share, psr_db, plr_db = ceiling_share(measured), measured.dynamics.psr_p5_db, None
    plr_db = measured.dynamics.plr_db
    if psr_db is None or plr_db is None:
        return
    size = max(size_of(share, *AT_CEILING), size_of(psr_db, *FLAT_PSR_DB))
    if size < 1.0:
        return
    yield Finding(
        code="over-limited",
        severity=severity_of(size),
        title="Limited already",
        detail=(
            (f"{100 * share:.0f} % of all moments reach the same peak; " if share > 0.05 else "")
            + f"the peaks stand {psr_db:.1f} dB over the loudness of 3 s where least, and a "
            f"finished {style.name} master keeps {style.floors.psr_db:g}."
        ),
        advice="Send the mix without the limiter on its bus: what it took cannot be given back.",
        confidence=0.85,
        evidence={
            "at_ceiling_share": round(share, 3),
            "psr_p5_db": round(psr_db, 2),
            "plr_db": round(plr_db, 2),
        },
        size=round(size, 2),
    )


def _compressed(measured: Measurement, style: Style) -> Iterator[Finding]:
    """Neither punch nor swing nor range left: each alone can be the music's own."""
    sharp, swing = measured.dynamics.sharpness_db, measured.dynamics.dynamics_db
    range_lu = measured.loudness.range_lu
    if sharp is None or swing is None or range_lu is None:
        return
    low = style.dynamics.range_low_lu
    parts = (
        size_of(sharp, *SHARPNESS_DB),
        size_of(swing, *SWING_DB),
        size_of(range_lu, 0.8 * low, 0.4 * low),
    )
    size = sum(parts) / len(parts) if min(parts) > 0.3 else 0.0
    if size < 1.0:
        return
    yield Finding(
        code="over-compressed",
        severity=severity_of(size),
        title="Compressed flat",
        detail=(
            f"The loudness ranges over {range_lu:.1f} LU ({style.name}: {low:g} and more), moves "
            f"{swing:.1f} dB from beat to beat, and hits stand out by {sharp:.1f} dB."
        ),
        advice="Halve the bus compressor's reduction, or slow its attack to 30 ms.",
        confidence=round(sure_of(style.dynamics.confidence, measured.source.duration_s), 2),
        evidence={
            "range_lu": round(range_lu, 2),
            "sharpness_db": round(sharp, 2),
            "movement_db": round(swing, 2),
        },
        size=round(size, 2),
    )


def _headroom(measured: Measurement, limited: bool) -> Iterator[Finding]:
    """Peaks close to full scale in a mix that still has them: nothing is lost, but ask for room.

    Over full scale it is told as peaks between the samples.
    """
    peak_dbtp = measured.peaks.true_peak_dbtp
    if not HEADROOM_DBTP < peak_dbtp <= 0.0 or limited:
        return
    yield Finding(
        code="headroom",
        severity="info",
        title="Little headroom",
        detail=f"The true peak is {peak_dbtp:.1f} dBTP.",
        advice="Leave 3 dB: turn the master fader down and export in 24 bits or float.",
        confidence=0.95,
        evidence={"true_peak_dbtp": round(peak_dbtp, 2)},
        size=round(min(1.6, size_of(peak_dbtp, HEADROOM_DBTP, 2.0)), 2),
    )
