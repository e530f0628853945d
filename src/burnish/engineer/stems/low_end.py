"""Kick and bass: together in time, and each with its own room; and a bass note that booms."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Evidence, Step
from burnish.engineer.stems.heard import (
    MOST_DB,
    Floats,
    HeardStem,
    Move,
    Moves,
    db,
    of_role,
    summed,
)
from burnish.measure.stem import ONSETS_PER_S
from burnish.processors.dynamic_eq import DynamicBand, DynamicEq
from burnish.processors.equalizer import Band, Equalizer

# In time. A player is some 10 ms around the beat, each time elsewhere; a machine or a plug-in that
# nobody compensated is late by the same every time, and only that is mended.
LATE_MS, MOST_MS = 8.0, 30.0
STEADY_MS = 4.0  # scatter of the offsets, as a standard deviation
AGREE_MS = 3.0  # between the halves of the song
LEAST_PAIRS = 16
PAIRED = 0.5  # of the bass's notes have a stroke beside them
NEAR_MS = 45
ATTACK_MS = 2.0  # by which a bass note's start is seen late: it swells, a stroke does not

# In frequency.
TOGETHER_DB = 6.0  # nearer than this, one hides the other
NOTED, STRONG = 0.6, 0.8  # of the strokes
NO_DIP_DB = -2.0
LEAST_DB = 0.7
DIP_Q = 1.4

# A note that booms.
BOOM_HZ = (40.0, 160.0)
PER_OCTAVE, TUNED_HZ = 12, 55.0
BOOMS_DB, BOOMS_STRONG_DB = 5.0, 9.0  # over the other notes
LEAST_NOTES, LEAST_SHARE = 4, 0.04
BOOM_Q = 4.0


def timing(heard: Sequence[HeardStem], rate_hz: int) -> Moves:
    """A bass that is late or early by the same every time is moved to the drums."""
    bass, drums = of_role(heard, "bass"), of_role(heard, "drums", "kick")
    if len(bass) != 1 or not drums:
        return Moves()
    strokes = onsets(summed(heard[k].figures.onset_power for k in drums))
    notes = onsets(heard[bass[0]].figures.onset_power.astype(np.float64))
    apart = _apart(notes, strokes)
    if len(apart) < LEAST_PAIRS or len(apart) < PAIRED * len(notes):
        return Moves()
    late_ms = float(np.median(apart)) - ATTACK_MS
    low, high = np.percentile(apart, (25, 75))
    scatter_ms = float(high - low) / 1.35
    halves = [float(np.median(half)) for half in np.array_split(apart, 2)]
    evidence: Evidence = {
        "bass_after_drums_ms": round(late_ms, 1),
        "scatter_ms": round(scatter_ms, 1),
        "notes": len(apart),
    }
    if abs(late_ms) < LATE_MS:
        return Moves()
    if scatter_ms > STEADY_MS or abs(halves[0] - halves[1]) > AGREE_MS or abs(late_ms) > MOST_MS:
        word = "late" if late_ms > 0 else "early"
        note = (
            f"Bass: {abs(late_ms):.0f} ms {word} against the drums, give or take "
            f"{scatter_ms:.0f} ms; it may be meant so, and is left alone."
        )
        return Moves(notes=(note,))
    shift = -round(late_ms * 1e-3 * rate_hz)
    moved = "earlier" if shift < 0 else "later"
    note = (
        f"The bass comes {abs(late_ms):.1f} ms {'after' if late_ms > 0 else 'before'} the drums, "
        f"the same every time; it is moved {-shift if shift < 0 else shift} samples {moved}."
    )
    return Moves((Move(bass[0], shift_samples=shift, note=note, evidence=evidence),))


def onsets(power: Floats) -> Floats:
    """When notes begin, in ms: where the power rises by 9 dB within 10 ms, far over the silence."""
    if len(power) < 100 or power.max() <= 0.0:
        return np.zeros(0)
    smooth = np.convolve(power, np.full(3, 1 / 3), mode="same")
    sums = np.concatenate(((0.0,), np.cumsum(smooth)))
    at = np.arange(25, len(smooth) - 40)
    before = (sums[at] - sums[at - 20]) / 20
    after = (sums[at + 10] - sums[at]) / 10
    loud = float(np.percentile(after, 98))
    rise = db(after, 1e-6 * loud) - db(before, 1e-6 * loud)
    rise[after < 10**-2.5 * loud] = 0.0
    found: list[float] = []
    for k in np.flatnonzero(rise > 9.0):
        near = rise[max(0, k - 30) : k + 31]
        if rise[k] < near.max() or (found and at[k] - found[-1] < 60):
            continue
        begin = at[k] - 10
        part = smooth[begin : at[k] + 35]
        over = np.flatnonzero(part >= 0.1 * part.max())
        found.append(float(begin + over[0]))
    return np.array(found) * (1000 / ONSETS_PER_S)


def _apart(notes: Floats, strokes: Floats) -> Floats:
    """How much later each note is than the stroke that is nearest, in ms, where one is near."""
    if not len(notes) or not len(strokes):
        return np.zeros(0)
    place = np.clip(np.searchsorted(strokes, notes), 1, max(1, len(strokes) - 1))
    near = np.stack([strokes[place - 1], strokes[np.minimum(place, len(strokes) - 1)]])
    apart = notes - near
    best = apart[np.argmin(np.abs(apart), axis=0), np.arange(len(notes))]
    return np.asarray(best[np.abs(best) <= NEAR_MS])


def masking(heard: Sequence[HeardStem]) -> Moves:
    """Where the bass hides nearly every stroke of the kick, it gives way a little there."""
    bass = of_role(heard, "bass")
    kick = of_role(heard, "kick") or of_role(heard, "drums")
    if not bass or not kick:
        return Moves()
    hz = heard[kick[0]].figures.low_hz
    kicks = summed(heard[k].figures.low_power for k in kick)
    lines = summed(heard[k].figures.low_power for k in bass)
    n = min(len(kicks), len(lines))
    if n < 20 or kicks.max(initial=0.0) <= 0.0:
        return Moves()
    whole = kicks[:n].sum(axis=1)
    strokes = _strokes(whole)
    if len(strokes) < LEAST_PAIRS:
        return Moves()
    k = int(np.argmax(kicks[strokes].sum(axis=0)))
    around = slice(max(0, k - 1), k + 2)
    own, other = (x[:n, around].sum(axis=1) for x in (kicks, lines))
    apart = db(other[strokes]) - db(own[strokes])
    together = float(np.mean(apart > -TOGETHER_DB))
    sounding = other > 0.01 * float(np.percentile(other, 95))
    between = sounding.copy()
    for j in range(-1, 4):
        between[np.clip(strokes + j, 0, n - 1)] = False
    dip_db = (
        float(np.median(db(other[strokes])) - np.median(db(other[between])))
        if between.any()
        else 0.0
    )
    evidence: Evidence = {
        "kick_hz": round(float(hz[k])),
        "hidden_strokes_percent": round(100 * together),
        "bass_at_the_strokes_against_between_db": round(dip_db, 1),
    }
    if together <= NOTED or dip_db < NO_DIP_DB:
        return Moves()
    if together <= STRONG:
        note = (
            f"Kick and bass: the bass covers {100 * together:.0f} % of the strokes around "
            f"{hz[k]:.0f} Hz; left alone."
        )
        return Moves(notes=(note,))
    size = LEAST_DB + (MOST_DB - LEAST_DB) * (together - STRONG) / (1.0 - STRONG)
    step = Step(
        processor="equalizer",
        settings=Equalizer(
            bands=(Band(frequency_hz=float(round(hz[k])), gain_db=-round(size, 2), q=DIP_Q),)
        ),
        reason=f"The bass covers {100 * together:.0f} % of the kick's strokes around "
        f"{hz[k]:.0f} Hz and does not give way to them; it is lowered there.",
        evidence=evidence,
    )
    return Moves(tuple(Move(k, step) for k in bass))


def _strokes(power: Floats) -> NDArray[np.int64]:
    """Windows in which a stroke of the kick is loudest."""
    loud = power > 0.1 * float(np.percentile(power, 99))
    middle = power[1:-1]
    peak = (middle >= power[:-2]) & (middle > power[2:]) & loud[1:-1]
    return np.flatnonzero(peak) + 1


def boom(heard: Sequence[HeardStem]) -> Moves:
    """One note of the bass that stands far over all others is held, while it sounds."""
    found = [_boom(k, heard[k]) for k in of_role(heard, "bass")]
    return Moves(tuple(move for move in found if move is not None))


def _boom(place: int, one: HeardStem) -> Move | None:
    notes = _notes(one.figures.slow.astype(np.float64), one.figures.slow_rate_hz)
    if len(notes) < LEAST_NOTES:
        return None
    booming = max(notes, key=lambda hz: notes[hz])
    others = float(np.median([value for hz, value in notes.items() if hz != booming]))
    over_db = notes[booming] - others
    second = max(value for hz, value in notes.items() if abs(np.log2(hz / booming)) > 0.1)
    if over_db < BOOMS_DB or notes[booming] - second < 0.5 * BOOMS_DB:
        return None
    strong = min(1.0, (over_db - BOOMS_DB) / (BOOMS_STRONG_DB - BOOMS_DB))
    range_db = round(LEAST_DB + (MOST_DB - LEAST_DB) * strong, 2)
    return Move(
        place,
        Step(
            processor="dynamic_eq",
            settings=DynamicEq(
                bands=(
                    DynamicBand(
                        frequency_hz=round(booming, 1),
                        q=BOOM_Q,
                        threshold_db=round(float(np.clip(others, -90.0, 0.0)), 1),
                        ratio=4.0,
                        range_db=-range_db,
                        attack_ms=15.0,
                        release_ms=150.0,
                    ),
                )
            ),
            reason=f"The bass's note at {booming:.0f} Hz stands {over_db:.1f} dB over its others; "
            "it is held while it sounds.",
            evidence={
                "note_hz": round(booming, 1),
                "over_the_other_notes_db": round(over_db, 1),
                "notes_heard": len(notes),
            },
        ),
    )


def _notes(slow: Floats, rate_hz: float) -> dict[float, float]:
    """Each note of a bass line that is heard often: its pitch in Hz and its usual RMS in dB."""
    size = 1 << round(np.log2(0.35 * rate_hz))
    if len(slow) < 4 * size:
        return {}
    pieces = np.lib.stride_tricks.sliding_window_view(slow, size)[:: size // 2]
    window = np.hanning(size)
    spectra = np.abs(np.fft.rfft(pieces * window, 8 * size, axis=1)) ** 2
    spectra *= 2.0 / np.sum(window) ** 2  # a sine's mean square, in its bin
    hz = np.fft.rfftfreq(8 * size, 1.0 / rate_hz)
    inside = (hz >= BOOM_HZ[0]) & (hz <= BOOM_HZ[1])
    spectra, hz = spectra[:, inside], hz[inside]
    top = np.argmax(spectra, axis=1)
    level = db(spectra[np.arange(len(spectra)), top])
    heard = level > np.percentile(level, 90) - 30.0
    semitone = np.round(PER_OCTAVE * np.log2(hz[top] / TUNED_HZ)).astype(int)
    found: dict[float, float] = {}
    for note in np.unique(semitone[heard]):
        these = heard & (semitone == note)
        if these.sum() >= max(3, LEAST_SHARE * heard.sum()):
            found[float(np.median(hz[top][these]))] = float(np.median(level[these]))
    return found
