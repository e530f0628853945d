"""Align: a channel that is late or turned over, where the mono sum shows that it is a fault."""

import dataclasses
import math

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.measure.stereo import Stereo
from burnish.processors.align import Align
from burnish.targets import Target

SURE = 0.85  # share of the file with the same delay; players before a spaced pair differ
LEAST_GAIN_DB = 1.5  # of the mono sum, in nine of ten parts: with less it is a matter of taste
LEAST_MS, MOST_MS = 0.02, 5.0  # a sample, and what is heard as one sound
OPPOSITE = -0.3  # correlation of the whole with one channel turned over


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Mend what is the same all through the file and costs the mono sum 1.5 dB or more."""
    stereo = measured.stereo
    mending = _mending(stereo)
    if mending is None:
        return Advice(notes=_note(stereo))
    parts = []
    if mending.invert != "none":
        parts.append("one channel is turned over")
    if mending.delay_ms:
        side = "left" if mending.delay_ms > 0 else "right"
        parts.append(f"the {side} channel is {abs(mending.delay_ms):.2f} ms late")
    return Advice(
        (
            Step(
                processor="align",
                settings=mending,
                reason=f"All through, {' and '.join(parts)}; mended, the mono sum keeps its sound.",
                evidence={
                    "delay_ms": round(stereo.delay_ms or 0.0, 4),
                    "inverted": stereo.inverted,
                    "in_percent_of_the_file": round(100 * (stereo.delay_sure or 0.0)),
                    "mono_sum_gains_db": round(stereo.aligned_gain_db or 0.0, 1),
                },
            ),
        )
    )


def mended(measured: Measurement) -> Measurement:
    """What the other rules are to see: the image as it will be when this rule's step is made."""
    stereo = measured.stereo
    mending = _mending(stereo)
    if mending is None or stereo.side_to_mid_db is None:
        return measured
    bands = stereo.bands_side_to_mid_db
    if mending.delay_ms == 0.0:
        side_to_mid_db = -stereo.side_to_mid_db
        bands = tuple(None if one is None else -one for one in bands)
    else:
        mid = 1.0 / (1.0 + 10.0 ** (stereo.side_to_mid_db / 10.0))
        mid = min(0.999, mid * 10.0 ** ((stereo.aligned_gain_db or 0.0) / 10.0))
        side_to_mid_db = 10.0 * math.log10((1.0 - mid) / mid) if mid > 0.0 else 0.0
    sign = -1.0 if mending.invert != "none" else 1.0
    image = dataclasses.replace(
        stereo,
        correlation=None if stereo.correlation is None else sign * stereo.correlation,
        side_to_mid_db=side_to_mid_db,
        bands_side_to_mid_db=bands,
        delay_ms=0.0,
        inverted=False,
        aligned_gain_db=0.0,
    )
    return dataclasses.replace(measured, stereo=image)


def _mending(stereo: Stereo) -> Align | None:
    delay_ms, sure, gain_db = stereo.delay_ms, stereo.delay_sure, stereo.aligned_gain_db
    if delay_ms is None or sure is None or gain_db is None:
        return None
    if sure < SURE or gain_db < LEAST_GAIN_DB or abs(delay_ms) > MOST_MS:
        return None
    late = abs(delay_ms) >= LEAST_MS
    if stereo.inverted and not late and (stereo.correlation or 0.0) > OPPOSITE:
        return None
    return Align(
        delay_ms=round(-delay_ms, 4) if late else 0.0,
        invert="right" if stereo.inverted else "none",
    )


def _note(stereo: Stereo) -> tuple[str, ...]:
    gain_db = stereo.aligned_gain_db
    if gain_db is None or gain_db < LEAST_GAIN_DB:
        return ()
    return (
        f"Phase: a delay would give the mono sum {gain_db:.1f} dB, but it is not the same all "
        "through; taken as recorded, left alone.",
    )
