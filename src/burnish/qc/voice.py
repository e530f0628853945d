"""Voice: too far back or in front, sibilant. Told only where somebody is likely to sing."""

from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.measure.voice import Voice
from burnish.qc.grade import severity_of, size_of
from burnish.qc.places import when
from burnish.targets import Style

SIBILANT_DB = (9.5, 13.0)
SIBILANT_LIKELY = 0.5
SIBILANT_SURE = 0.6

BURIED_DB = (-8.5, -13.0)
BURIED_LIKELY, BURIED_SHARE, HAS_BEAT = 0.25, 0.1, 0.4
LOUD_FLOOR_DB = (-22.5, -30.0)
LOUD_LIKELY, LOUD_SHARE = 0.7, 0.4
LEVEL_SURE = 0.3
"""A voice is guessed from how its partials glide; its distance is no more than a guess."""
ALONE_DB = -33.0
"""Where so little is left between syllables there is no music: somebody speaks."""


def voice(examined: Examination, style: Style) -> Iterator[Finding]:
    """All findings of the voice."""
    heard = examined.music.voice
    if heard is None:
        return
    duration_s = examined.measured.source.duration_s
    yield from _sibilance(heard, duration_s)
    tempo = examined.music.tempo
    beat = tempo.confidence if tempo is not None else 0.0
    if style.name != "speech" and heard.floor_db > ALONE_DB:
        yield from _distance(heard, beat)


def _sibilance(heard: Voice, duration_s: float) -> Iterator[Finding]:
    if heard.sibilant_db is None or heard.likelihood < SIBILANT_LIKELY:
        return
    size = size_of(heard.sibilant_db, *SIBILANT_DB)
    if size < 1.0 or not heard.sibilants_s:
        return
    cut = min(6, max(2, round(heard.sibilant_db - SIBILANT_DB[0] + 2.0)))
    yield Finding(
        code="sibilance",
        severity=severity_of(size),
        title="Sharp sibilants",
        detail=(
            f"5 to 9 kHz reach {heard.sibilant_db:.1f} dB over the middle of the voice "
            f"(1 to 4 kHz) at {len(heard.sibilants_s)} consonants."
        ),
        advice=(
            f"De-ess the voice by {cut} dB at 5 to 9 kHz, first "
            f"{when(heard.sibilants_s[:3], duration_s)}."
        ),
        confidence=round(SIBILANT_SURE * heard.likelihood, 2),
        times_s=heard.sibilants_s,
        frequency_hz=6700.0,
        evidence={
            "sibilant_db": round(heard.sibilant_db, 2),
            "consonants": len(heard.sibilants_s),
            "voice_likelihood": round(heard.likelihood, 2),
        },
        size=round(size, 2),
    )


def _distance(heard: Voice, beat: float) -> Iterator[Finding]:
    buried = loud = 0.0
    if heard.likelihood >= BURIED_LIKELY and heard.share >= BURIED_SHARE and beat >= HAS_BEAT:
        buried = size_of(heard.front_db, *BURIED_DB)
    if heard.likelihood >= LOUD_LIKELY and heard.share >= LOUD_SHARE:
        loud = size_of(heard.floor_db, *LOUD_FLOOR_DB)
    size = max(buried, loud)
    if size < 1.0:
        return
    is_low = buried >= loud
    yield Finding(
        code="vocal-low" if is_low else "vocal-loud",
        severity="info",
        title="Voice perhaps too far back" if is_low else "Voice perhaps too far in front",
        detail=(
            "A voice seems to be there, and little of what glides as voices do stands out."
            if is_low
            else f"Between its syllables 400 Hz to 4 kHz fall by {-heard.floor_db:.0f} dB."
        ),
        advice=(
            "Listen at low loudness: if words are lost, bring the voice up by 1 to 2 dB."
            if is_low
            else "Listen at low loudness: if the band is lost, take the voice down by 1 to 2 dB."
        ),
        confidence=LEVEL_SURE,
        times_s=heard.times_s,
        evidence={
            "front_db": round(heard.front_db, 1),
            "floor_db": round(heard.floor_db, 1),
            "voice_likelihood": round(heard.likelihood, 2),
        },
        size=round(size, 2),
    )
