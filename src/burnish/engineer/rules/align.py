"""Align: a channel that is late or turned over, where the mono sum shows that it is a fault."""

import dataclasses
import math

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Phase, Wishes
from burnish.measure import Measurement
from burnish.measure.stereo import Stereo
from burnish.processors.align import Align
from burnish.targets import Target

SURE = 0.85  # share of the file with the same delay; players before a spaced pair differ
ALIKE = 0.75  # correlation once mended: a room before a spaced pair leaves less
LEAST_GAIN_DB = 1.5  # of the mono sum, in nine of ten parts: with less it is a matter of taste
LEAST_MS, MOST_MS = 0.02, 5.0  # a sample, and what is heard as one sound
TURNED_MS = 0.06  # a channel turned over is no further off; no microphone turns a sound over
TURNED_SURE = 0.3  # so that less of the file need show it
OPPOSITE = -0.3  # correlation of the whole with one channel turned over
ASKED_SURE, ASKED_GAIN_DB = 0.3, 0.3  # enough where mending is asked for


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Mend what is the same all through the file and costs the mono sum 1.5 dB or more."""
    stereo = measured.stereo
    mending = _mending(stereo, wishes.phase)
    if mending is None:
        return Advice(notes=_note(stereo) if wishes.phase == "auto" else ())
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


def mended(measured: Measurement, wishes: Wishes) -> Measurement:
    """What the other rules are to see: the image as it will be when this rule's step is made."""
    stereo = measured.stereo
    mending = _mending(stereo, wishes.phase)
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


def _mending(stereo: Stereo, phase: Phase) -> Align | None:
    delay_ms, sure, gain_db = stereo.delay_ms, stereo.delay_sure, stereo.aligned_gain_db
    if delay_ms is None or sure is None or gain_db is None or phase == "leave":
        return None
    late = abs(delay_ms) >= LEAST_MS
    turned = stereo.inverted and abs(delay_ms) < TURNED_MS
    if phase == "mend":
        wanted = sure >= ASKED_SURE and gain_db >= ASKED_GAIN_DB
    elif turned:
        opposite = (stereo.correlation or 0.0) < OPPOSITE
        wanted = sure >= TURNED_SURE and gain_db >= LEAST_GAIN_DB and opposite
    else:
        alike = (stereo.aligned_correlation or 0.0) >= ALIKE
        wanted = sure >= SURE and gain_db >= LEAST_GAIN_DB and alike and abs(delay_ms) <= MOST_MS
    if not wanted:
        return None
    return Align(
        delay_ms=round(-delay_ms, 4) if late and not turned else 0.0,
        invert="right" if stereo.inverted else "none",
    )


def _note(stereo: Stereo) -> tuple[str, ...]:
    delay_ms, gain_db = stereo.delay_ms, stereo.aligned_gain_db
    if delay_ms is None or gain_db is None or gain_db < LEAST_GAIN_DB:
        return ()
    return (
        f"Phase: {abs(delay_ms):.2f} ms between the channels cost the mono sum {gain_db:.1f} dB; "
        "that may be how it was recorded, so it is left alone (--phase mend).",
    )
