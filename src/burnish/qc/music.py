"""Music: tempo and key, for information; they are no faults."""

from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.targets import Style

LEAST_SURE = 0.35
SIZE = 0.1
"""Told last."""


def music(examined: Examination, style: Style) -> Iterator[Finding]:
    """Tempo and key, where they are likelier than not to be right."""
    tempo, key = examined.music.tempo, examined.music.key
    if tempo is not None and tempo.confidence >= LEAST_SURE:
        yield Finding(
            code="tempo",
            severity="info",
            title=f"{tempo.bpm:g} BPM",
            detail=f"The beat comes {tempo.bpm:g} times a minute, if not half or twice as often.",
            advice=f"A quarter note lasts {60_000.0 / tempo.bpm:.0f} ms, for delays and releases.",
            confidence=tempo.confidence,
            evidence={"bpm": tempo.bpm},
            size=SIZE,
        )
    if key is not None and key.confidence >= LEAST_SURE:
        yield Finding(
            code="key",
            severity="info",
            title=key.name,
            detail=f"The notes fit {key.name} best, then {key.next_name}; A4 is at "
            f"{key.tuning_hz:g} Hz.",
            advice="Nothing to do.",
            confidence=key.confidence,
            evidence={
                "key": key.name,
                "next_key": key.next_name,
                "tuning_hz": key.tuning_hz,
            },
            size=SIZE,
        )
