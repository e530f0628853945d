"""Demanded loudness: what each track must be turned by where a place takes no other.

One gain and nothing else: dynamics stay. Up it goes only as far as the place's ceiling allows.
Where a place asks for an RMS window and not for loudness (ACX), its middle is aimed at.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from burnish.deliver.pieces import Pieces
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.targets import Delivery

_ROUNDED_DB = 0.05
"""A peak that passes the ceiling by less is at it: two meters differ by as much."""


@dataclass(frozen=True)
class Turn:
    """The gain of a track, and what its file then measures: LUFS, or dBFS RMS; None: nothing."""

    gain_db: float = 0.0
    reached: float | None = None
    rms: bool = False

    @property
    def told(self) -> str:
        """The loudness that is reached, in words."""
        return f"{self.reached:.1f} {'dBFS RMS' if self.rms else 'LUFS'}"


def turns(place: Delivery, pieces: Pieces, rate_hz: int) -> tuple[Turn, ...]:
    """For each track the gain that brings it to what the place demands; none where it demands none.

    What is silent or too short to be measured is left as it is.
    """
    if place.loudness_is != "demand" or place.loudness_lufs is None:
        return (Turn(),) * len(pieces.order.masters)
    return tuple(_turn(place, one) for one in pieces.measured(rate_hz))


def _turn(place: Delivery, measured: Measurement) -> Turn:
    low_db, high_db, rms = _window(place)
    own = measured.dynamics.rms_dbfs if rms else measured.loudness.integrated_lufs
    if own is None or not math.isfinite(own):
        return Turn(rms=rms)
    room_db = place.ceiling_dbtp - measured.peaks.true_peak_dbtp
    if -_ROUNDED_DB < room_db < 0.0:
        room_db = 0.0
    gain_db = min((low_db + high_db) / 2 - own, room_db)
    return Turn(gain_db, own + gain_db, rms)


def _window(place: Delivery) -> tuple[float, float, bool]:
    """From what to what a place takes, and whether that is RMS."""
    if place.rms_low_db is not None and place.rms_high_db is not None:
        return place.rms_low_db, place.rms_high_db, True
    wanted, tolerance = place.loudness_lufs or 0.0, place.tolerance_lu or 0.0
    return wanted - tolerance, wanted + tolerance, False


def turned_notes(made: tuple[Turn, ...]) -> Iterator[str]:
    """A sentence for each track that was turned."""
    for number, turn in enumerate(made, 1):
        if turn.gain_db:
            way = "down" if turn.gain_db < 0 else "up"
            yield (
                f"Track {number}: turned {way} by {abs(turn.gain_db):.2f} dB to {turn.told}, "
                "a gain and nothing else."
            )


def missed(place: Delivery, made: tuple[Turn, ...]) -> Iterator[Finding]:
    """The tracks that no gain brings to what is demanded."""
    if place.loudness_is != "demand" or place.loudness_lufs is None:
        return
    low_db, high_db, rms = _window(place)
    wanted = f"{low_db:g} to {high_db:g} dBFS RMS" if rms else f"{place.loudness_lufs:g} LUFS"
    for number, turn in enumerate(made, 1):
        if turn.reached is None:
            what = "is silent or too short to be measured"
        elif turn.reached < low_db - 1e-9:
            what = (
                f"reaches {turn.told}: its peaks then stand at {place.ceiling_dbtp:g} dBTP and "
                "leave no room for more gain"
            )
        else:
            continue
        yield Finding(
            code="loudness-demand",
            severity="fail",
            title=f"Not at {wanted}",
            detail=f"Track {number} {what}.",
            advice=f"Master it denser, or agree on another loudness with {place.title}.",
            evidence={"track": number},
            about="master",
        )
