"""Low end: kick against bass, and a bass that is uneven or moves from side to side."""

from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.measure.kick_bass import KickBass
from burnish.qc.grade import severity_of, size_of
from burnish.qc.places import hertz, when
from burnish.targets import Style

HAS_BEAT = 0.4  # confidence of the tempo
HITS_PER_S = 0.7
KICK_OUT_DB = (6.0, 4.5)
"""How far the stronger hits rise over the bass: noted and strong; clean mixes have 8 to 16."""
MASKED_SURE = 0.35

LATE_MS = (30.0, 55.0)
EARLY_MS = (25.0, 45.0)
AGREEING = 0.45
LEAST_NOTES = 4
TIMING_SURE = 0.6

UNEVEN_DB = (6.3, 8.0)
DRIFT = (0.45, 0.75)
ONE_NOTE_DB, ONE_NOTE_SHARE = (6.0, 9.0), 0.2
"""Noted and strong; set on the corpus, whose clean mixes reach 5.6 dB, 0.39 and 4.6 dB."""


def low_end(examined: Examination, style: Style) -> Iterator[Finding]:
    """All findings of the low end."""
    music = examined.music
    both = music.low_end.kick_bass
    beat = music.tempo.confidence if music.tempo is not None else 0.0
    if both is not None and beat >= HAS_BEAT and both.hits_per_s >= HITS_PER_S:
        yield from _masked(both)
        yield from _timing(both)
    yield from _one_note(examined)
    yield from _uneven(examined)
    yield from _wandering(examined)


def _masked(both: KickBass) -> Iterator[Finding]:
    size = size_of(both.prominence_db, *KICK_OUT_DB)
    if size < 1.0:
        return
    yield Finding(
        code="kick-masked",
        severity="info",  # from a sum alone this is a guess
        title="Kick under the bass",
        detail=(
            f"35 to 125 Hz rise by {both.prominence_db:.1f} dB at the stronger hits; where the "
            "kick is heard below, it is 8 dB or more."
        ),
        advice=(
            "Cut the bass 2 to 3 dB where the kick has its body (50 to 80 Hz), or let the kick "
            "duck it for some 80 ms."
        ),
        confidence=MASKED_SURE,
        frequency_hz=66.0,
        evidence={"prominence_db": round(both.prominence_db, 2), "hits": both.n_hits},
        size=round(size, 2),
    )


def _timing(both: KickBass) -> Iterator[Finding]:
    offset_ms = both.offset_ms
    if offset_ms is None or both.agreeing < AGREEING:
        return
    timed = both.agreeing * both.n_notes
    size = size_of(abs(offset_ms), *(LATE_MS if offset_ms > 0.0 else EARLY_MS))
    if timed < LEAST_NOTES or size < 1.0 or abs(offset_ms) > 120.0:
        return
    word = "after" if offset_ms > 0.0 else "before"
    move = "earlier" if offset_ms > 0.0 else "later"
    yield Finding(
        code="kick-bass-timing",
        severity=severity_of(size),
        title=f"Bass {abs(offset_ms):.0f} ms {word} the kick",
        detail=(
            f"{timed:.0f} of {both.n_notes} bass notes that begin at a hit do so "
            f"{abs(offset_ms):.0f} ms {word} it, within {both.jitter_ms or 0.0:.0f} ms."
        ),
        advice=f"Move the bass {abs(offset_ms):.0f} ms {move}, or look for an unreported delay.",
        confidence=round(TIMING_SURE * min(1.0, 0.5 + timed / 20.0), 2),
        frequency_hz=80.0,
        evidence={
            "offset_ms": round(offset_ms, 1),
            "jitter_ms": round(both.jitter_ms or 0.0, 1),
            "notes": both.n_notes,
            "agreeing": round(both.agreeing, 2),
        },
        size=round(size, 2),
    )


def _one_note(examined: Examination) -> Iterator[Finding]:
    note = examined.music.low_end.one_note
    if note is None or note.over_db is None or note.share < ONE_NOTE_SHARE:
        return
    size = size_of(note.over_db, *ONE_NOTE_DB)
    if size < 1.0:
        return
    cut = min(6, max(2, round(note.over_db / 2)))
    yield Finding(
        code="one-note-bass",
        severity=severity_of(size),
        title=f"One bass note booms at {hertz(note.frequency_hz)}",
        detail=(
            f"{hertz(note.frequency_hz)} are the strongest in {100 * note.share:.0f} % of the "
            f"time with bass, and {note.over_db:.1f} dB louder then than other notes are."
        ),
        advice=f"Cut {cut} dB at {hertz(note.frequency_hz)} with a narrow bell, on the bass alone.",
        confidence=0.6,
        frequency_hz=note.frequency_hz,
        evidence={"over_db": round(note.over_db, 2), "share": round(note.share, 3)},
        size=round(size, 2),
    )


def _uneven(examined: Examination) -> Iterator[Finding]:
    low = examined.music.low_end
    size = 0.0 if low.uneven_db is None else size_of(low.uneven_db, *UNEVEN_DB)
    if low.uneven_db is None or size < 1.0:
        return
    place = when(low.uneven_s, examined.measured.source.duration_s)
    yield Finding(
        code="uneven-bass",
        severity=severity_of(size),
        title="Bass uneven from note to note",
        detail=(
            f"35 to 150 Hz vary by {low.uneven_db:.1f} dB from note to note (standard deviation); "
            f"clean mixes stay under 5.6 dB. Worst {place}."
        ),
        advice="Even the bass out: 3 to 6 dB of compression, or the gain of single notes by hand.",
        confidence=0.55,
        times_s=low.uneven_s,
        frequency_hz=75.0,
        evidence={"uneven_db": round(low.uneven_db, 2)},
        size=round(size, 2),
    )


def _wandering(examined: Examination) -> Iterator[Finding]:
    pan = examined.music.low_end.pan
    size = 0.0 if pan is None else size_of(pan.drift, *DRIFT)
    if pan is None or size < 1.0:
        return
    yield Finding(
        code="wandering-bass",
        severity=severity_of(size),
        title="Bass wanders from side to side",
        detail=(
            f"Below 150 Hz the balance of right and left moves by {pan.drift:.2f} "
            "(0 stands still, 2 is from one side to the other)."
        ),
        advice="Make the bass mono below 150 Hz, and look for a chorus, a panner or wide synths.",
        confidence=0.7,
        times_s=pan.beside_s,
        frequency_hz=75.0,
        evidence={"drift": round(pan.drift, 3), "middle": round(pan.middle, 3)},
        size=round(size, 2),
    )
