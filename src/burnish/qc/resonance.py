"""Resonance: narrow places of 3.5 to 11 kHz that stand out for a while or throughout."""

from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.measure.ranges import total_s
from burnish.qc.grade import severity_of, size_of
from burnish.qc.places import hertz, when
from burnish.targets import Style

OVER_DB = (6.8, 9.3)
LEAST_SHARE, LEAST_S = 0.05, 3.0
CYMBALS_HZ = 5000.0
HAS_BEAT = 0.35
MOST_CUT_DB = 4.0
SURE = 0.7
NOTES_HZ, NOTES_DB = 4500.0, 2.5
"""Below, high notes stand out too: so much more is asked for."""


def resonance(examined: Examination, style: Style) -> Iterator[Finding]:
    """Harsh cymbals and other resonances, each with its times."""
    duration_s = examined.measured.source.duration_s
    tempo = examined.music.tempo
    beat = tempo is not None and tempo.confidence >= HAS_BEAT
    for found in examined.music.resonances:
        more = NOTES_DB if found.frequency_hz < NOTES_HZ else 0.0
        size = size_of(found.over_db, *(db + more for db in OVER_DB))
        if size < 1.0 or found.share < LEAST_SHARE or total_s(found.times_s) < LEAST_S:
            continue
        cymbals = beat and found.frequency_hz >= CYMBALS_HZ
        hz, place = hertz(found.frequency_hz), when(found.times_s, duration_s)
        cut = min(MOST_CUT_DB, max(1.0, round(found.over_db - 4.0) / 2.0))
        name = "harsh cymbals" if cymbals else "a resonance"
        yield Finding(
            code="resonance",
            severity=severity_of(size),
            title=f"{name[0].upper()}{name[1:]} around {hz}",
            detail=(
                f"A quarter octave around {hz} stands {found.over_db:.1f} dB over what is beside "
                f"it, {place}."
            ),
            advice=f"{place[:1].upper()}{place[1:]}: try {cut:g} dB less around {hz}.",
            confidence=SURE if more == 0.0 else 0.6 * SURE,
            times_s=found.times_s,
            frequency_hz=round(found.frequency_hz, 1),
            evidence={"over_db": round(found.over_db, 2), "share": round(found.share, 3)},
            size=round(size, 2),
        )
