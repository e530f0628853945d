"""Tone: too much or too little of a band, for a while or throughout.

Records of one style differ most in a straight line over the octaves: darker or brighter, with more
or less bass. A fault stands out against its neighbours, so mud, boxiness, boom and harshness are
looked for beside that line; dull, bright and thin are the line itself, and need more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.measure.ranges import Range, total_s
from burnish.qc.grade import severity_of, size_of, sure_of
from burnish.qc.places import hertz, when
from burnish.qc.tone_curve import FIRST, HZ, LAST, ToneCurve, octaves, standing_out, tone_curve
from burnish.targets import Style
from burnish.targets.model import BAND_EDGES_HZ

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bump:
    """A band that may be too loud: where, how it is called, what helps."""

    code: str
    low_hz: float
    high_hz: float
    title: str
    advice: str


BUMPS = (
    Bump(
        "boom",
        55.0,
        170.0,
        "Boomy",
        "try {cut} dB less around {hz} on kick or bass, whichever rings longer",
    ),
    Bump(
        "mud",
        170.0,
        430.0,
        "Muddy",
        "try {cut} dB less around {hz} on guitars, keys and voices, not on the bass",
    ),
    Bump(
        "boxiness",
        430.0,
        900.0,
        "Boxy",
        "try {cut} dB less around {hz} on drums, room microphones and voices",
    ),
    Bump(
        "harshness",
        2000.0,
        5700.0,
        "Harsh",
        "try {cut} dB less around {hz} on voices, guitars or cymbals, whichever bites",
    ),
)

NOTED_DB, STRONG_DB = 3.5, 7.5
WIDER = 0.15
POP_HALF_DB = 2.4
"""A band whose corridor is wider than pop's asks for so much more before anything is said."""

JUMP_NOTED_DB, JUMP_STRONG_DB, JUMP_SAYS = 3.5, 7.5, 0.6
LEAST_DB = 1.5
EDGE_DB = 3.5
LEAST_S, LEAST_PART = 2.5, 0.015
MOST_CUT_DB = 4.0


def tone(examined: Examination, style: Style) -> Iterator[Finding]:
    """All findings of tone."""
    curve = tone_curve(examined.measured, style)
    if curve is None:
        return
    bumps = [_in_places(curve, one, style) or _throughout(curve, one, style) for one in BUMPS]
    found = [one for one in bumps if one is not None]
    yield from found
    told = {one.code for one in found}
    yield from (one for one in _line(examined, style) if one.code not in told)
    yield from _rumble(examined)


def _members(bump: Bump) -> NDArray[np.bool_]:
    hz = HZ[FIRST:LAST]
    return (hz >= bump.low_hz) & (hz < bump.high_hz)


def _thresholds(bump: Bump, style: Style) -> tuple[float, float]:
    """The two thresholds in dB, higher where the style's own corridor is wide."""
    middle = (bump.low_hz * bump.high_hz) ** 0.5
    band = min(int(np.searchsorted(BAND_EDGES_HZ, middle)) - 1, len(style.tone.median_db) - 1)
    half = style.tone.q75_db[band] - style.tone.median_db[band]
    more = WIDER * max(0.0, half - POP_HALF_DB)
    return NOTED_DB + more, STRONG_DB + more


def _throughout(curve: ToneCurve, bump: Bump, style: Style) -> Finding | None:
    """What stands out of the style in all of the mix."""
    members = _members(bump)
    stands = standing_out(curve.whole)
    peak = _peak(stands, members)
    if peak is None or octaves(curve.whole)[peak] < LEAST_DB:
        return None
    excess_db = float(stands[peak])
    size = size_of(excess_db, *_thresholds(bump, style))
    if size < 1.0:
        return None
    return _bump(curve, bump, style, size, excess_db, None, _hz(curve.whole, members), ())


def _in_places(curve: ToneCurve, bump: Bump, style: Style) -> Finding | None:
    """Where it stands out of the style, and clearly more than elsewhere in this music."""
    if not curve.has_time:
        return None
    members = _members(bump)
    noted, strong = _thresholds(bump, style)
    smooth, stands = octaves(curve.moments), standing_out(curve.moments)
    # Both ways to see it must agree: each alone is moved by what happens in other bands. Under a
    # boom there is no band to hold it against.
    levels, heights = curve.jumps(smooth), curve.jumps(stands)
    jumps = 0.5 * (levels + heights) if bump.code == "boom" else np.minimum(levels, heights)
    at = np.argmax(np.where(members, jumps, -np.inf), axis=1)
    row = np.arange(len(at))
    excess, jump = stands[row, at], jumps[row, at]
    here = curve.loud & (excess > LEAST_DB) & (jump > JUMP_NOTED_DB)
    if not here.any():
        return None
    # At its edges half of the 3 s have it: 3 dB less.
    here &= jump > float(np.percentile(jump[here], 75.0)) - EDGE_DB
    times_s = curve.ranges(here, max(LEAST_S, LEAST_PART * curve.duration_s))
    if not times_s:
        return None
    change = curve.jumps(curve.moments)[here].mean(axis=0)
    if _peak(octaves(change), members) is None:
        return None
    excess_db, jump_db = float(excess[here].mean()), float(jump[here].mean())
    size = max(
        1.0,
        JUMP_SAYS * size_of(jump_db, JUMP_NOTED_DB, JUMP_STRONG_DB)
        + (1.0 - JUMP_SAYS) * size_of(excess_db, noted, strong),
    )
    return _bump(curve, bump, style, size, excess_db, jump_db, _hz(change, members), times_s)


def _peak(smooth: Floats, members: NDArray[np.bool_]) -> int | None:
    """Where the band is highest; None where it only leans on a neighbour that is higher."""
    inside = np.flatnonzero(members)
    top = int(inside[np.argmax(smooth[inside])])
    for beyond, edge in ((inside[0] - 1, inside[0]), (inside[-1] + 1, inside[-1])):
        if top == edge and 0 <= beyond < len(smooth) and smooth[beyond] > smooth[top]:
            return None
    return top


def _hz(levels: Floats, members: NDArray[np.bool_]) -> float:
    """The middle of what stands out: the third octaves weighed by their power."""
    weights = np.where(members, 10.0 ** (levels / 10.0), 0.0)
    return float(2.0 ** ((weights * np.log2(HZ[FIRST:LAST])).sum() / weights.sum()))


def _bump(
    curve: ToneCurve,
    bump: Bump,
    style: Style,
    size: float,
    excess_db: float,
    jump_db: float | None,
    peak_hz: float,
    times_s: tuple[Range, ...],
) -> Finding:
    heard_s = total_s(times_s) if times_s else curve.duration_s
    sure = sure_of(style.tone.confidence, heard_s)
    if jump_db is not None:
        sure += 0.5 * (1.0 - sure)  # the music itself says what is usual, not only the style
    place = when(times_s, curve.duration_s)
    half = _half_db(style, peak_hz)
    detail = (
        f"{excess_db:.1f} dB over what {style.name} has there beside its neighbours (half of its "
        f"records lie within {half:.1f} dB)"
    )
    if jump_db is not None:
        detail += f", and {jump_db:.1f} dB more than in the rest of this mix"
    cut = min(MOST_CUT_DB, max(1.0, round(excess_db) / 2))
    advice = bump.advice.format(cut=f"{cut:g}", hz=hertz(peak_hz))
    return Finding(
        code=bump.code,
        severity=severity_of(size),
        title=f"{bump.title} around {hertz(peak_hz)}",
        detail=f"{detail}.",
        advice=f"{_first_up(place)}: {advice}.",
        confidence=round(min(0.95, sure), 2),
        times_s=times_s,
        frequency_hz=round(peak_hz, 1),
        evidence={
            "excess_db": round(excess_db, 2),
            "over_the_rest_db": None if jump_db is None else round(jump_db, 2),
            "style_spread_db": round(half, 2),
        },
        size=round(size, 2),
    )


def _half_db(style: Style, frequency_hz: float) -> float:
    """Half of the style's interquartile range at a frequency."""
    band = int(np.clip(np.searchsorted(BAND_EDGES_HZ, frequency_hz) - 1, 0, 8))
    return 0.5 * (style.tone.q75_db[band] - style.tone.q25_db[band])


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


TOP_BANDS, LOW_BANDS, BASS_BANDS = (6, 7), (0, 1), (0,)  # 4.3 to 12 kHz; 35 to 392; 35 to 148 Hz
DULL_DB, BRIGHT_DB, THIN_DB, BASS_DB = (5.0, 10.0), (4.2, 7.6), (3.5, 6.5), (6.0, 11.0)
"""Noted and strong, beyond the quartile of the style."""


def _line(examined: Examination, style: Style) -> Iterator[Finding]:
    """Dull, bright, thin: the bands beyond the style's quartile, relative to 0.8 to 2.5 kHz."""
    measured, corridor = examined.measured, style.tone
    bands = measured.spectrum.bands_db

    def beyond(which: tuple[int, ...], sign: float) -> tuple[float, float] | None:
        """Decibels beyond the quartile, and from the median, the mean of the bands."""
        values = [bands[k] for k in which]
        if any(value is None or not np.isfinite(value) for value in values):
            return None
        edge = corridor.q75_db if sign > 0 else corridor.q25_db
        past = [sign * (float(v or 0.0) - edge[k]) for v, k in zip(values, which, strict=True)]
        away = [float(v or 0.0) - corridor.median_db[k] for v, k in zip(values, which, strict=True)]
        return float(np.mean(past)), float(np.mean(away))

    sure = sure_of(corridor.confidence, measured.source.duration_s)
    rows = (
        ("dull", "Dull", TOP_BANDS, -1.0, DULL_DB, 8000.0, "4 to 12 kHz",
         "open the top with a broad shelf of {half} dB from 6 kHz, or brighter cymbals and voices"),
        ("bright", "Too bright", TOP_BANDS, 1.0, BRIGHT_DB, 8000.0, "4 to 12 kHz",
         "try a broad shelf of {half} dB less from 6 kHz, or softer cymbals"),
        ("thin", "Thin", LOW_BANDS, -1.0, THIN_DB, 150.0, "35 to 390 Hz",
         "look for high-pass filters set too high; bass and low guitars may come up {half} dB"),
        ("boom", "Much bass", BASS_BANDS, 1.0, BASS_DB, 72.0, "35 to 150 Hz",
         "bring kick and bass down {half} dB, then listen on something small"),
    )  # fmt: skip
    for code, title, which, sign, (noted, strong), middle_hz, where, advice in rows:
        told = beyond(which, sign)
        if told is None:
            continue
        past_db, away_db = told
        size = size_of(past_db, noted, strong)
        if size < 1.0:
            continue
        half = min(MOST_CUT_DB, max(1.0, round(past_db) / 2))
        word = "more" if sign > 0 else "less"
        yield Finding(
            code=code,
            severity=severity_of(size),
            title=title,
            detail=(
                f"{abs(away_db):.1f} dB {word} from {where} than {style.name} has in the middle, "
                f"{past_db:.1f} dB beyond the quarter of its records that go farthest."
            ),
            advice=f"{_first_up(advice.format(half=f'{half:g}'))}.",
            confidence=round(sure, 2),
            frequency_hz=middle_hz,
            evidence={"from_median_db": round(away_db, 2), "beyond_quartile_db": round(past_db, 2)},
            size=round(size, 2),
        )


RUMBLE_DB = (-16.0, -8.0)
"""Power of 5 to 30 Hz over that of 40 to 120 Hz, of the steady part: noted and strong."""
STEADY_PERCENTILE = 20.0


def _rumble(examined: Examination) -> Iterator[Finding]:
    """What is always there under 30 Hz: a bass that goes that low comes and goes with its notes."""
    rumble = examined.measured.timeline.bands.rumble.astype(np.float64)
    bass = float(rumble[:, 1].mean()) if len(rumble) else 0.0
    steady = float(np.percentile(rumble[:, 0], STEADY_PERCENTILE)) if len(rumble) else 0.0
    if bass <= 0.0 or steady <= 0.0:
        return
    over_db = 10.0 * float(np.log10(steady / bass))
    size = size_of(over_db, *RUMBLE_DB)
    if size < 1.0:
        return
    yield Finding(
        code="rumble",
        severity=severity_of(size),
        title="Rumble under 30 Hz",
        detail=f"What always sounds under 30 Hz lies {-over_db:.1f} dB under the bass.",
        advice="High-pass the tracks that have no bass at 30 to 40 Hz, the microphones first.",
        confidence=0.8,
        frequency_hz=20.0,
        evidence={"steady_rumble_to_bass_db": round(over_db, 2)},
        size=round(size, 2),
    )
