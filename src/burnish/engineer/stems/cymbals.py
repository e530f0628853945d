"""Harsh cymbals: the sum is brighter than nearly every record, and the drums alone are why."""

from collections.abc import Sequence

import numpy as np

from burnish.chain import Step
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
from burnish.measure.bands import BAND_HZ, third_octave_edges_hz
from burnish.processors.dynamic_eq import DynamicBand, DynamicEq
from burnish.targets import BAND_EDGES_HZ, style, styles

BRIGHT_DB = 1.0  # over the brightest style's upper quartile
STRONG_DB = 4.0
DRUMS = 0.7  # of the energy there
LEAST_DB = 0.5
LEAST_S = 10.0  # of sound: the tone of less says little of a song
CYMBALS_HZ = (4000.0, 12_500.0)  # third octaves, their centres
MIDDLE_HZ = (795.0, 2550.0)  # where the tone's zero lies
Q, RATIO = 1.4, 2.0


def hold(heard: Sequence[HeardStem]) -> Moves:
    """A dynamic cut in the drums, at the third octave that stands out most."""
    drums = of_role(heard, "drums")
    places = [k for k, one in enumerate(heard) if one.sounds]
    if not drums or len(places) < 2:
        return Moves()
    one = heard[drums[0]].figures
    if len(one.window_power) * one.hop_s < LEAST_S:
        return Moves()
    means = {k: heard[k].figures.window_power.astype(np.float64).mean(axis=0) for k in places}
    whole = summed(means.values())
    own = summed(means[k] for k in drums)
    if whole.max() <= 0.0:
        return Moves()
    over, share = _over_db(whole), own / np.maximum(whole, 1e-30)
    centres = np.array(BAND_HZ)
    there = (centres >= CYMBALS_HZ[0]) & (centres <= CYMBALS_HZ[1])
    guilty = there & (share >= DRUMS) & (over > BRIGHT_DB)
    if guilty.sum() < 2:  # one third octave is a tone, not a cymbal
        return Moves()
    k = int(np.argmax(np.where(guilty, over, -np.inf)))
    strong = min(1.0, float(over[k] - BRIGHT_DB) / (STRONG_DB - BRIGHT_DB))
    range_db = round(LEAST_DB + (MOST_DB - LEAST_DB) * strong, 2)
    moves = [Move(d, _step(heard[d], k, range_db, over[k], share[k])) for d in drums]
    return Moves(tuple(move for move in moves if move.step is not None))


def _step(one: HeardStem, k: int, range_db: float, over_db: float, share: float) -> Step | None:
    power = one.figures.window_power[:, k].astype(np.float64)
    sounds = power[power > 1e-3 * float(power.max(initial=0.0))]
    if not len(sounds):
        return None
    # The bell is wider than a third octave, and the detector reads RMS.
    threshold_db = float(np.clip(np.median(db(sounds)) - 3.0, -90.0, 0.0))
    return Step(
        processor="dynamic_eq",
        settings=DynamicEq(
            bands=(
                DynamicBand(
                    frequency_hz=BAND_HZ[k],
                    q=Q,
                    threshold_db=round(threshold_db, 1),
                    ratio=RATIO,
                    range_db=-range_db,
                    attack_ms=3.0,
                    release_ms=120.0,
                ),
            )
        ),
        reason=f"The cymbals around {BAND_HZ[k]:,.0f} Hz make the whole {over_db:.1f} dB brighter "
        "than three in four records of the brightest style; they are held while they sound.",
        evidence={
            f"over_the_brightest_style_at_{BAND_HZ[k]:.0f}_hz_db": round(float(over_db), 1),
            "drums_there_in_percent": round(100.0 * float(share)),
        },
    )


def _over_db(whole: Floats) -> Floats:
    """How far each third octave of the sum stands over the brightest style's upper quartile."""
    edges = np.array(third_octave_edges_hz())
    octaves = np.log2(edges[:, 1] / edges[:, 0])
    density = db(whole / octaves)
    centres = np.array(BAND_HZ)
    middle = (centres >= MIDDLE_HZ[0]) & (centres <= MIDDLE_HZ[1])
    tops = np.max([style(name).tone.q75_db for name in styles()], axis=0)
    wide = np.sqrt(np.multiply(BAND_EDGES_HZ[:-1], BAND_EDGES_HZ[1:]))
    usual = np.interp(np.log2(centres), np.log2(wide), tops)
    return np.asarray(density - float(density[middle].mean()) - usual)
