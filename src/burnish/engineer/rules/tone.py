"""Tone: what lies outside the style's corridor moves to its edge, broadly, and not far."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.equalizer import Band, Equalizer, response_db
from burnish.targets import BAND_EDGES_HZ, N_BANDS, Target

MOST_DB = 3.0  # of one band: a mastering move is small, what needs more belongs back in the mix
BUDGET_DB = 2.0  # RMS over the bands that are heard
SMALLEST_DB = 0.4  # a move below this is not made
UNSURE_DB = 1.0  # the corridors are this sure at best; what lies less outside is inside
EMPTY_DB = -45.0  # a band this far below the middle holds a codec's cut or noise: never boosted
_RIDGE = 0.005  # keeps neighbouring bells from pulling against each other; more would move less

_CENTRES_HZ = tuple(math.sqrt(low * high) for low, high in pairwise(BAND_EDGES_HZ))
_RATE_HZ = 96_000  # the shape of a band is analogue; this rate only carries the fit


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """An equalizer of broad bands that brings the tone to the corridor's edge, or nothing."""
    strength = _strength(target, wishes)
    wanted, evidence = _wanted(measured.spectrum.bands_db, target, strength)
    if not wanted.any():
        word = (
            "untouched at intensity 0" if strength == 0 else f"within the {target.style} corridor"
        )
        return Advice(notes=(f"Tone: {word}; left alone.",))
    bands = fit(wanted)
    if not bands:
        return Advice(notes=("Tone: what lies outside is too little to move.",))
    moved = ", ".join(
        f"{'more' if value < 0 else 'less'} at {_CENTRES_HZ[k]:,.0f} Hz"
        for k, value in enumerate(-wanted)
        if abs(value) >= SMALLEST_DB
    )
    return Advice(
        (
            Step(
                processor="equalizer",
                settings=Equalizer(bands=bands),
                reason=f"The tone lies outside what {target.style} records have: {moved}.",
                evidence={
                    **evidence,
                    "strength": round(strength, 2),
                    "rms_db": round(float(np.sqrt(np.mean(wanted**2))), 2),
                    "source": target.tone.source,
                },
            ),
        )
    )


def _strength(target: Target, wishes: Wishes) -> float:
    """How much of what lies outside is moved: 0 at intensity 0, 0.6 at 0.5, 0.9 at 1.

    Less where the style was only guessed: taste that may be another's is not pressed on a mix.
    """
    strength = float(np.interp(wishes.intensity, (0.0, 0.5, 1.0), (0.0, 0.6, 0.9)))
    sure = 1.0 if target.style_confidence is None else min(1.0, 0.3 + target.style_confidence)
    trust = {"high": 1.0, "medium": 1.0, "low": 0.7}[target.tone.confidence]
    return strength * sure * trust


def _wanted(
    bands_db: Sequence[float | None], target: Target, strength: float
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """The change of each band, bounded and within the budget, and the figures behind it."""
    wanted = np.zeros(N_BANDS)
    evidence = {}
    for k, (value, low, high) in enumerate(
        zip(bands_db, target.tone.q25_db, target.tone.q75_db, strict=True)
    ):
        if value is None or not math.isfinite(value):
            continue
        outside = max(value - high - UNSURE_DB, 0.0) + min(value - low + UNSURE_DB, 0.0)
        change = float(np.clip(-strength * outside, -MOST_DB, MOST_DB))
        if change > 0 and value < EMPTY_DB:
            continue
        if abs(change) >= SMALLEST_DB:
            wanted[k] = change
            evidence[f"outside_at_{_CENTRES_HZ[k]:.0f}_hz_db"] = round(outside, 1)
    rms = float(np.sqrt(np.mean(wanted**2)))
    if rms > BUDGET_DB:
        wanted *= BUDGET_DB / rms
    return wanted, evidence


def fit(wanted_db: NDArray[np.float64]) -> tuple[Band, ...]:
    """Broad bands (a bell a wide band, shelves at the ends) whose sum comes nearest to the change.

    Ridge regression on the responses of 1 dB: bells of this width add in dB almost as they are.
    """
    shapes = [_shape(k, 1.0) for k in range(N_BANDS)]
    points_hz = np.concatenate(
        [np.geomspace(low, high, 6, endpoint=False) for low, high in pairwise(BAND_EDGES_HZ)]
    )
    basis = np.stack([_response(shape, points_hz) for shape in shapes], axis=1)
    asked = np.repeat(wanted_db, 6)
    used = np.abs(wanted_db) > 0
    gains = np.zeros(N_BANDS)
    if used.any():
        a = basis[:, used]
        gains[used] = np.linalg.solve(
            a.T @ a + _RIDGE * len(asked) * np.eye(a.shape[1]), a.T @ asked
        )
    gains = np.clip(gains, -MOST_DB, MOST_DB)
    return tuple(
        _shape(k, round(float(gain), 2)) for k, gain in enumerate(gains) if abs(gain) >= 0.25
    )


def _shape(k: int, gain_db: float) -> Band:
    if k == 0:
        return Band(kind="low_shelf", frequency_hz=BAND_EDGES_HZ[1], gain_db=gain_db, q=0.7)
    if k == N_BANDS - 1:
        return Band(kind="high_shelf", frequency_hz=10_000.0, gain_db=gain_db, q=0.7)
    low, high = BAND_EDGES_HZ[k], BAND_EDGES_HZ[k + 1]
    q = _CENTRES_HZ[k] / (high - low)  # half its gain at the edges of the band
    return Band(kind="bell", frequency_hz=round(_CENTRES_HZ[k]), gain_db=gain_db, q=round(q, 2))


def _response(band: Band, points_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return response_db(Equalizer(bands=(band,)), points_hz, _RATE_HZ)
