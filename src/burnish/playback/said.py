"""Said: what is lost, in plain words, with advice; and as findings, where it passes a limit."""

from collections.abc import Iterable

from burnish.finding import Finding, Severity
from burnish.playback.score import (
    BASS_LOST_DB,
    BASS_WANTED_DB,
    KICK_WANTED,
    MONO_BAND_LIMIT_DB,
    MONO_LIMIT_LU,
    VOICE_LIMIT_DB,
    Part,
    Translation,
)

_TOLD = 0.2  # of a part: less is not worth a word
_NOISE_LIMIT = 10.0  # % of what was to be heard
_BROUGHT_DB = {0.5: (2, 6), 1.0: (5, 11)}  # by --bass-harmonics, measured on finished masters
_TRIVIAL = (
    "tone",
    "width",
)  # what a device takes from every song alike: told when all else is well


def sentence(t: Translation, place: str) -> str:
    """What is lost there, in one sentence: the dearest part that this song could help."""
    told = [part for part in t.parts if part.lost >= _TOLD]
    told.sort(key=lambda part: (part.name in _TRIVIAL, -part.points))
    return words(told[0], t, place) if told else f"nothing that matters is lost {place}"


def advice(t: Translation) -> str:
    """What to do about it; empty where there is nothing to do."""
    told = [part for part in t.parts if part.lost >= _TOLD and part.name not in _TRIVIAL]
    return _advice(max(told, key=lambda part: part.points), t) if told else ""


def words(part: Part, t: Translation, place: str) -> str:
    """One part in a sentence, without its full stop."""
    value = part.value
    if value is None:
        return _UNJUDGED[part.name]
    if part.name == "tone":
        lost = f": lost is {ranges(t.lost_bands_hz)}" if t.lost_bands_hz else ""
        return f"{value:.0f} % of the tone is left {place}{lost}"
    if part.name == "bass":
        return _bass_words(value, place)
    if part.name == "kick":
        return f"{value:.0f} % of the kick's strike is heard {place}"
    if part.name == "voice":
        if abs(value) < 1.0:
            return f"the voice stays in its place {place}"
        way = "comes forward" if value > 0.0 else "steps back"
        return f"what is in the centre, mostly the voice, {way} by {abs(value):.1f} dB {place}"
    if part.name == "width":
        if value < 1.0:
            return f"the width is gone {place}"
        return f"{min(value, 999.0):.0f} % of the width is left {place}"
    if part.name == "mono":
        worst = ""
        if t.mono_band_hz is not None and (t.mono_band_db or 0.0) < -1.0:
            worst = f", worst around {_hz(t.mono_band_hz)} ({t.mono_band_db:.1f} dB)"
        return f"{abs(value):.1f} LU are lost in the sum of left and right{worst}"
    if part.name == "noise":
        return f"noise covers {value:.0f} % of what was to be heard {place}"
    return f"its limiter takes {value:.1f} dB in the mean {place}"


def _bass_words(value_db: float, place: str) -> str:
    if value_db >= BASS_WANTED_DB:
        return f"the bass line is heard {place}"
    under = BASS_WANTED_DB - value_db
    verb = "vanishes" if under >= 6.0 else "is hard to follow"
    return f"the bass line {verb} {place}: its harmonics are {under:.0f} dB too weak"


def _bass_advice(bass_hz: float | None, given: float = 0.0) -> str:
    """``given``: what --bass-harmonics already was."""
    # Measured on two such songs: a colour on the whole master, driven by 12 dB, moves it by 0.2 dB.
    at = f" at {_hz(2 * bass_hz)}, {_hz(3 * bass_hz)} and up" if bass_hz else ""
    in_mix = f"aturate the bass itself, in the mix, for harmonics{at} to 400 Hz."
    wish = next((wish for wish in _BROUGHT_DB if given < wish), None)
    if wish is None:
        return f"S{in_mix}"
    least, most = _BROUGHT_DB[wish]
    brought = f"brought {least} and {most} dB on two such songs"
    return f"Master with --bass-harmonics {wish:g} ({brought}), or s{in_mix}"


_UNJUDGED = {
    "bass": "there is no bass line to judge",
    "kick": "there are too few hits to judge",
    "voice": "there is no voice in the centre to judge",
    "width": "it is mono, or nearly",
    "mono": "left and right are not added up",
    "noise": "no noise is set around it",
    "limiter": "it has no limiter",
    "tone": "there is nothing to be heard",
}


def _advice(part: Part, t: Translation) -> str:
    if part.name == "bass":
        return _bass_advice(t.bass_hz)
    if part.name == "kick":
        return "Give the kick a click between 2 and 5 kHz: 2 dB there, or a shorter attack."
    if part.name == "voice":
        if (part.value or 0.0) > 0.0:
            return "Check that the band is not too quiet around 500 Hz to 2 kHz, where it is heard."
        return "Lift the voice by a decibel between 1 and 4 kHz, or hold back what is under it."
    if part.name == "mono":
        at = f" around {_hz(t.mono_band_hz)}" if t.mono_band_hz else ""
        return f"Narrow what is wide{at}, or master with --width 0.8."
    if part.name == "noise":
        return "Lift the quiet bass notes: even the bass out before the master, by 2 dB."
    return "Take 1 to 2 dB of the loudest low notes back; they drive its limiter."


def ranges(bands_hz: Iterable[tuple[float, float]]) -> str:
    """Lost bands in words: 'all below 350 Hz and all above 14 kHz'."""
    told = []
    for low, high in bands_hz:
        if low <= 50.0:
            told.append(f"all below {_hz(high * 1.122, 2)}")
        elif high >= 12_500.0:
            told.append(f"all above {_hz(low / 1.122, 2)}")
        elif low == high:
            told.append(f"{_hz(low)}")
        else:
            shared = " kHz" if low >= 1000.0 else " Hz" if high < 1000.0 else ""
            told.append(f"{_hz(low).removesuffix(shared)} to {_hz(high)}")
    return ", ".join(told[:-1]) + (" and " if told[1:] else "") + told[-1] if told else ""


def _hz(hz: float, digits: int = 3) -> str:
    rounded = float(f"{hz:.{digits}g}")
    return f"{rounded / 1000:g} kHz" if rounded >= 1000 else f"{rounded:.0f} Hz"


def findings(name: str, place: str, t: Translation, sums: bool) -> list[Finding]:
    """Findings of one device. ``sums``: tell what the sum of left and right loses."""
    found = []
    bass, kick, voice, noise = (t.part(one) for one in ("bass", "kick", "voice", "noise"))
    if (value := bass.value) is not None and value < BASS_LOST_DB and bass.lost > 0.0:
        found.append(bass_finding(name, place, bass, t.bass_hz))
    if (value := kick.value) is not None and value < 100.0 * KICK_WANTED:
        size = min(4.0, 100.0 * KICK_WANTED / max(value, 1.0))
        found.append(_finding(name, "kick-lost", "The kick is lost", kick, t, place, size, 0.5))
    if (value := voice.value) is not None and abs(value) > VOICE_LIMIT_DB:
        size = abs(value) / VOICE_LIMIT_DB
        moved = _finding(name, "voice-moved", "The voice moves", voice, t, place, size, 0.3, "info")
        found.append(moved)
    mono = t.part("mono")
    if sums and mono.value is not None:
        band = t.mono_band_db or 0.0
        size = max(mono.value / MONO_LIMIT_LU, band / MONO_BAND_LIMIT_DB)
        if size > 1.0:
            found.append(_finding(name, "mono-lost", "Much is lost", mono, t, place, size, 0.95))
    if (value := noise.value) is not None and value > _NOISE_LIMIT:
        size = value / _NOISE_LIMIT
        found.append(_finding(name, "masked", "Noise covers much", noise, t, place, size, 0.5))
    return found


def bass_finding(
    name: str, place: str, part: Part, bass_hz: float | None, given: float = 0.0
) -> Finding:
    """The bass line cannot be followed there; ``given``: what --bass-harmonics already was."""
    value = part.value or 0.0
    size = 1.0 + (BASS_LOST_DB - value) / 10.0
    said = _bass_words(value, place)
    return Finding(
        code=f"{name}-bass-lost",
        severity="warn" if size >= 2.0 else "info",
        title=f"The bass line is lost {place}",
        detail=f"{said[0].upper()}{said[1:]}.",
        advice=_bass_advice(bass_hz, given),
        confidence=0.6,
        frequency_hz=bass_hz,
        evidence={"device": name, "bass_db": value, "points": round(part.points, 2)},
        size=size,
    )


def _finding(
    name: str,
    code: str,
    title: str,
    part: Part,
    t: Translation,
    place: str,
    size: float,
    confidence: float,
    severity: Severity | None = None,
) -> Finding:
    said = words(part, t, place)
    return Finding(
        code=f"{name}-{code}",
        severity=severity or ("warn" if size >= 2.0 else "info"),
        title=f"{title} {place}",
        detail=f"{said[0].upper()}{said[1:]}.",
        advice=_advice(part, t),
        confidence=confidence,
        frequency_hz=t.mono_band_hz if code == "mono-lost" else None,
        evidence={
            "device": name,
            part.name + {"%": "_percent", "LU": "_lu", "dB": "_db"}[part.unit]: part.value,
            "points": round(part.points, 2),
        },
        size=size,
    )
