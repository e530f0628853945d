"""Harshness: presence so far over the style's that a fixed cut would be too much."""

import math

import numpy as np

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.dynamic_eq import DynamicBand, DynamicEq
from burnish.targets import BAND_EDGES_HZ, Target

BANDS = (4, 5, 6)  # 1.5 to 7.3 kHz
STRONG_DB = 5.0  # over the upper quartile: a strong fault on every list; 2.2 is the first note
SWING_DB = 3.0  # and one window in twenty this far over the band's own mean: it comes and goes
MOST_DB = 2.0
SHARE = 0.4  # of what is over the first 3 dB, which the equalizer has taken
TAKEN_DB = 3.0
RATIO = 2.0
_SOUNDS = 0.1  # of the mean power


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A dynamic band where presence is a strong fault that comes and goes; else nothing.

    The equalizer's fixed cut comes first and ends at 3 dB. What is still too much in the loud
    moments is held there, and the soft ones keep their air. Where the style's corridor is only an
    opinion, the equalizer's cut is enough.
    """
    if wishes.intensity == 0 or target.tone.confidence == "low":
        return Advice()
    found: list[DynamicBand] = []
    evidence: dict[str, float | str] = {}
    for k in BANDS:
        value, high_db = measured.spectrum.bands_db[k], target.tone.q75_db[k]
        if value is None or not math.isfinite(value) or value - high_db < STRONG_DB:
            continue
        middle_db, swing_db = _in_time(measured, k)
        if swing_db < SWING_DB:
            continue
        low_hz, high_hz = BAND_EDGES_HZ[k], BAND_EDGES_HZ[k + 1]
        centre_hz = math.sqrt(low_hz * high_hz)
        q = centre_hz / (high_hz - low_hz)
        # A band-pass lets pi / 2 of its width through, 2 dB more than the band itself holds.
        threshold_db = middle_db + 10.0 * math.log10(math.pi / 2.0)
        range_db = min(MOST_DB, SHARE * (value - high_db - TAKEN_DB)) * min(
            1.0, 2.0 * wishes.intensity
        )
        found.append(
            DynamicBand(
                frequency_hz=round(centre_hz),
                q=round(q, 2),
                threshold_db=round(max(-90.0, min(0.0, threshold_db)), 1),
                ratio=RATIO,
                range_db=round(-range_db, 2),
                attack_ms=8.0,
                release_ms=120.0,
            )
        )
        evidence |= {
            f"over_three_in_four_at_{centre_hz:.0f}_hz_db": round(value - high_db, 1),
            f"swing_at_{centre_hz:.0f}_hz_db": round(swing_db, 1),
        }
    if not found:
        return Advice()
    return Advice(
        (
            Step(
                processor="dynamic_eq",
                settings=DynamicEq(bands=tuple(found)),
                reason="Presence is harsh in the loud moments; it is held there, and only there.",
                evidence={**evidence, "source": target.tone.source},
            ),
        )
    )


def _in_time(measured: Measurement, k: int) -> tuple[float, float]:
    """Median RMS of a wide band in dB, and how far its 95th percentile is above its mean."""
    bands = measured.timeline.bands
    wide = bands.wide_mid.astype(np.float64) + bands.wide_side
    whole = wide.sum(axis=1)
    heard = wide[whole > _SOUNDS * whole.mean(), k] if len(whole) else np.zeros(0)
    if not len(heard) or np.median(heard) <= 0.0:
        return -math.inf, -math.inf
    levels_db = 10.0 * np.log10([np.median(heard), np.percentile(heard, 95), heard.mean()])
    return float(levels_db[0]), float(levels_db[1] - levels_db[2])
