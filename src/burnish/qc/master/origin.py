"""Checks 11 to 13: fewer bits, a lower rate or a lossy codec than the file says."""

from burnish.finding import Finding
from burnish.measure.finished import Finished
from burnish.qc.master.asked import Asked, Judged, graded
from burnish.qc.places import hertz
from burnish.qc.source import source
from burnish.targets import style

SURE = 0.6
"""From this confidence on it is a warning."""
_ADVICE = {
    "padded-bits": "Deliver the bits that there are, or render it again from the session's mix.",
    "upsampled": "Deliver its own rate: stores refuse what was sampled up.",
    "lossy-source": "Ask for the mix as it left the mixer, and master that.",
}


def bits(finished: Finished, asked: Asked) -> Judged:
    """Check 11: a 24-bit file whose low bits say nothing."""
    info = finished.examined.info
    if info.bits is None:
        return Judged("a lossy file has no bits", applies=False)
    used = [one for one in finished.examined.resolution.bits if one]
    stored = "floats" if info.is_float else f"{info.bits} bits"
    words = f"{max(used)} of {stored} in use" if used else stored
    return Judged(words, _found(finished, "padded-bits"))


def rate(finished: Finished, asked: Asked) -> Judged:
    """Check 12: sound that ends where a lower rate would."""
    info = finished.examined.info
    if info.bits is None:
        return Judged("a lossy file", applies=False)
    return Judged(f"{info.rate_hz / 1000:g} kHz", _found(finished, "upsampled"))


def lossy(finished: Finished, asked: Asked) -> Judged:
    """Check 13: a spectrum that breaks off as a codec's does."""
    if finished.examined.info.bits is None:
        return Judged("a lossy file by itself", applies=False)
    cliff = finished.examined.resolution.cliff
    words = "no cut spectrum"
    if cliff is not None:
        words = f"falls {cliff.drop_db:.0f} dB at {hertz(cliff.cutoff_hz)}"
    return Judged(words, _found(finished, "lossy-source"))


def _found(finished: Finished, code: str) -> tuple[Finding, ...]:
    return tuple(
        graded(
            one,
            "warn" if one.confidence >= SURE else "info",
            advice=_ADVICE[code],
        )
        for one in source(finished.examined, style("pop"))
        if one.code == code
    )
