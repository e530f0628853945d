"""Check 9: loudness and dynamics: what is demanded fails, what it is played at is told."""

import math

from burnish.finding import Finding
from burnish.measure.finished import Finished
from burnish.qc.master.asked import Asked, Judged, said
from burnish.targets import Delivery

ROUNDED_LU = 0.05
PSR_DB = 5.0
"""Least peak over the loudness of 3 s (5th percentile): no style's loudest masters stay below."""
_LEAST_S = 6.0


def loudness(finished: Finished, asked: Asked) -> Judged:
    """Check 9."""
    measured, place = finished.measured, asked.place
    lufs, dynamics = measured.loudness.integrated_lufs, measured.dynamics
    if lufs is None or not math.isfinite(lufs):
        return Judged("too short or silent: it has no loudness", applies=False)
    words = [f"{lufs:.1f} LUFS"]
    if place is not None and place.loudness_lufs is not None and place.loudness_is == "playback":
        words.append(_played(lufs, place, place.loudness_lufs))
    if measured.loudness.range_lu is not None:
        words.append(f"LRA {measured.loudness.range_lu:.1f} LU")
    if dynamics.plr_db is not None:
        words.append(f"PLR {dynamics.plr_db:.1f}")
    if dynamics.psr_min_db is not None:
        words.append(f"PSR {dynamics.psr_min_db:.1f} dB at least")
    found = [] if place is None else _demanded(finished, place, lufs)
    psr_db = dynamics.psr_p5_db
    if psr_db is not None and psr_db < PSR_DB and measured.source.duration_s >= _LEAST_S:
        found.append(
            said(
                "flat",
                "warn",
                "Hardly any peaks are left",
                f"Its peaks stand {psr_db:.1f} dB over the loudness of 3 s; the loudest records "
                f"keep {PSR_DB:g} or more.",
                "Limit less: services turn it down again, and what was flattened stays flat.",
                confidence=0.85,
                evidence={"psr_p5_db": round(psr_db, 2)},
                size=2.0 + PSR_DB - psr_db,
            )
        )
    return Judged(", ".join(words), tuple(found))


def _played(lufs: float, place: Delivery, at_lufs: float) -> str:
    gain_db = at_lufs - lufs
    if gain_db >= 0.0:
        return f"{place.title} plays at {at_lufs:g}" + (
            "" if place.turns_up else " and leaves softer ones as they are"
        )
    return f"{place.title} turns it down {-gain_db:.1f} dB"


def _demanded(finished: Finished, place: Delivery, lufs: float) -> list[Finding]:
    if place.loudness_is != "demand":
        return []
    rms_dbfs = finished.measured.dynamics.rms_dbfs
    if place.rms_low_db is not None and place.rms_high_db is not None:
        if place.rms_low_db <= rms_dbfs <= place.rms_high_db:
            return []
        return [
            _missed(
                f"{rms_dbfs:.1f} dBFS RMS",
                f"{place.title} demands {place.rms_low_db:g} to {place.rms_high_db:g} dBFS RMS.",
                {"rms_dbfs": round(rms_dbfs, 2)},
            )
        ]
    wanted, tolerance = place.loudness_lufs, place.tolerance_lu or 0.0
    if wanted is None or abs(lufs - wanted) <= tolerance + ROUNDED_LU:
        return []
    off = lufs - wanted
    return [
        _missed(
            f"{abs(off):.1f} LU too {'loud' if off > 0 else 'soft'}",
            f"It has {lufs:.1f} LUFS; {place.title} demands {wanted:g}, {tolerance:g} LU to either "
            "side.",
            {"integrated_lufs": round(lufs, 2), "demanded_lufs": wanted},
        )
    ]


def _missed(
    title: str, detail: str, evidence: dict[str, float | int | str | bool | None]
) -> Finding:
    return said(
        "loudness-missed",
        "fail",
        title,
        detail,
        "Make a master for this target: burnish master MIX --for TARGET.",
        evidence=evidence,
        size=3.0,
    )
