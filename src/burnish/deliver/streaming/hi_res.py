"""Hi-res: 88.2 to 192 kHz and 24 bits, at the rate that the tracks truly have.

Whether a track of 96 kHz is one, or was sampled up, the quality control of its files tells.
"""

from collections.abc import Sequence
from pathlib import Path

from burnish.chain import Teller
from burnish.deliver.order import Delivered, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.streaming.service import (
    checklist,
    converted,
    files_of,
    left_out,
    native_findings,
    rates_hz,
)
from burnish.deliver.streaming.sidecar import write_artwork, write_sidecar
from burnish.deliver.streaming.tracks import album, write_tracks
from burnish.errors import SettingError
from burnish.targets import Delivery

LEAST_HZ, MOST_HZ = 88_200, 192_000


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write the tracks at their own rate, the lowest of them where they differ.

    A track of less than 88.2 kHz is a ``SettingError`` that names it: nothing is sampled up.
    """
    own_hz = rates_hz(order)
    refuse(own_hz)
    rate_hz = min(own_hz)
    while rate_hz > MOST_HZ:
        rate_hz //= 2
    one = album(order, folder, pieces, tell)
    written = write_tracks(one, files_of(place), rate_hz, stereo=place.plain_wav)
    return Delivered(
        files=(*written.files, *write_sidecar(one, written.files), *write_artwork(one)),
        findings=(
            *one.findings,
            *written.findings,
            *native_findings(place, pieces, rate_hz),
        ),
        notes=(*converted(order, rate_hz), *written.notes, *left_out(order)),
        checklist=checklist(one, place),
    )


def refuse(own_hz: Sequence[int]) -> None:
    """Raise the ``SettingError`` that names the tracks of less than 88.2 kHz."""
    low = [f"{number} ({hz / 1000:g} kHz)" for number, hz in enumerate(own_hz, 1) if hz < LEAST_HZ]
    if low:
        raise SettingError(
            "hi-res-rate",
            f"hi-res: every track must have 88.2 to 192 kHz of its own; "
            f"not {'track' if len(low) == 1 else 'tracks'} {', '.join(low)}",
        )
