"""Check 14: hum, hiss, and the noise floor that a place demands."""

from burnish.measure.finished import Finished
from burnish.qc.master.asked import Asked, Judged, graded, said
from burnish.qc.noise import noise
from burnish.targets import style


def floor(finished: Finished, asked: Asked) -> Judged:
    """Check 14."""
    floor_dbfs = finished.measured.noise.noise_floor_dbfs
    found = [graded(one, one.severity) for one in noise(finished.examined, style("pop"))]
    most = None if asked.place is None else asked.place.noise_high_db
    if most is not None and floor_dbfs > most:
        found.append(
            said(
                "noise-floor",
                "fail",
                f"The noise floor is {floor_dbfs:.0f} dBFS",
                f"{asked.place.title if asked.place else ''} takes {most:g} dBFS at most, in the "
                "pauses of speech. Music without pauses does not pass: what is measured of it are "
                "its softest moments.",
                "Gate or denoise the pauses of speech: `burnish restore` takes 6 to 10 dB off "
                "safely. Music is not for this target.",
                confidence=0.9,
                evidence={"noise_floor_dbfs": round(floor_dbfs, 1), "most_dbfs": most},
                size=3.0,
            )
        )
    return Judged(f"softest moments at {floor_dbfs:.0f} dBFS (A)", tuple(found))
