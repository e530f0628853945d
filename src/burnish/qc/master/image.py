"""Check 8: phase, polarity, what is lost in mono, balance, delay, the same in both channels."""

from collections.abc import Iterator

from burnish.finding import Finding, Severity
from burnish.measure.finished import Finished
from burnish.qc.master.asked import Asked, Judged, graded, said
from burnish.qc.space import space
from burnish.targets import style

BALANCE_LU = (1.5, 3.0)  # noted and warned
TURNED = -0.5  # correlation of the whole: a failure
_TASTE = ("width", "imbalance")
_ALWAYS = {"silent-channel": "fail", "mono": "info", "channel-delay": "warn"}


def image(finished: Finished, asked: Asked) -> Judged:
    """Check 8. Width is taste; what vanishes in mono is not."""
    measured = finished.measured
    if measured.source.channels == 1:
        return Judged("mono", applies=False)
    stereo = measured.stereo
    found = [
        graded(one, _severity(one, stereo.correlation))
        for one in space(finished.examined, style("pop"))
        if one.code not in _TASTE
    ]
    found += _balance(stereo.balance_db) if not measured.defects.silent_channels else ()
    words = []
    if stereo.correlation is not None:
        words.append(f"correlation {stereo.correlation:.2f}")
    if stereo.mono_loss_lu is not None:
        words.append(f"mono loses {min(stereo.mono_loss_lu, 99.0):.1f} LU")
    return Judged(", ".join(words) or "silent", tuple(found))


def _severity(one: Finding, correlation: float | None) -> Severity:
    if one.code in ("polarity", "phase") and correlation is not None and correlation < TURNED:
        return "fail"
    if one.code == "mono-loss":
        return "warn" if one.size >= 2.0 else "info"
    always = _ALWAYS.get(one.code)
    return one.severity if always is None else always  # type: ignore[return-value]


def _balance(balance_db: float | None) -> Iterator[Finding]:
    if balance_db is None or abs(balance_db) <= BALANCE_LU[0]:
        return
    louder = "right" if balance_db > 0 else "left"
    off_db = min(abs(balance_db), 60.0)
    yield said(
        "imbalance",
        "warn" if off_db > BALANCE_LU[1] else "info",
        f"Leans to the {louder}",
        f"The {louder} channel is {off_db:.1f} LU louder.",
        "If the music does not ask for it, turn that channel down.",
        confidence=0.85,
        evidence={"right_over_left_lu": round(balance_db, 2)},
        size=1.0 + (off_db - BALANCE_LU[0]) / (BALANCE_LU[1] - BALANCE_LU[0]),
    )
