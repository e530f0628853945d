"""Downloads: every kind of file that shops offer their buyers, tagged and with the cover.

Nothing is padded, nothing sampled up; lossy files are made from 24 bits, at 44.1 or 48 kHz.
"""

from pathlib import Path

from burnish.chain import Teller
from burnish.deliver.order import Delivered, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.streaming.service import (
    converted,
    files_of,
    left_out,
    rate_for,
)
from burnish.deliver.streaming.sidecar import write_artwork
from burnish.deliver.streaming.tracks import album, write_tracks
from burnish.targets import Delivery


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write a folder for each kind, and the cover."""
    one = album(order, folder, pieces, tell)
    rate_hz, notes = rate_for(place, pieces)
    written = write_tracks(one, files_of(place), rate_hz)
    return Delivered(
        files=(*written.files, *write_artwork(one)),
        findings=(*one.findings, *written.findings),
        notes=(*notes, *converted(order, rate_hz), *written.notes, *left_out(order)),
        checklist=() if one.artwork else ("No artwork: players show an empty square",),
    )
