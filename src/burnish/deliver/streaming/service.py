"""One service, by its rules: the kinds of files, the rates and the bits that its target tells.

Sound goes out at the release's own rate; nothing is sampled up, and nothing padded from 16 to 24
bits. WAVs are plain PCM (format tag 1) with nothing but the sound, FLACs carry tags and cover.
Where a loudness is demanded, each track is turned to it by one gain.
"""

from dataclasses import replace
from pathlib import Path

from burnish.audio import open_source
from burnish.chain import Teller
from burnish.deliver.order import Delivered, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.streaming.demand import missed, turned_notes, turns
from burnish.deliver.streaming.sidecar import write_artwork, write_sidecar
from burnish.deliver.streaming.tracks import Album, album, is_16_bit, write_tracks
from burnish.finding import Finding
from burnish.targets import Delivery


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write the files that the service takes, their metadata, and the cover as it is."""
    one = album(order, folder, pieces, tell)
    rate_hz, notes = rate_for(place, pieces)
    made = turns(place, pieces, rate_hz)
    written = write_tracks(
        replace(one, gains_db=tuple(turn.gain_db for turn in made)),
        files_of(place),
        rate_hz,
        stereo=place.plain_wav,
        ceiling_dbtp=place.encoded_ceiling_dbtp or 0.0,
    )
    return Delivered(
        files=(*written.files, *write_sidecar(one, written.files), *write_artwork(one)),
        findings=(
            *one.findings,
            *missed(place, made),
            *written.findings,
            *native_findings(place, pieces, rate_hz),
        ),
        notes=(
            *notes,
            *converted(order, rate_hz),
            *turned_notes(made),
            *written.notes,
            *left_out(order),
        ),
        checklist=checklist(one, place),
    )


def files_of(place: Delivery) -> tuple[str, ...]:
    """The kinds of sound files that a target tells; a 24-bit FLAC where it tells none."""
    return place.files or ("flac-24",)


def rate_for(place: Delivery, pieces: Pieces) -> tuple[int, tuple[str, ...]]:
    """The rate that goes to a place, and the sentence that tells why it is not the release's.

    Past the highest rate that it takes, the rate is halved: 96 kHz go out at 48, 88.2 at 44.1.
    """
    own_hz = rate_hz = pieces.rate_hz
    if place.rate_hz is not None:
        rate_hz = place.rate_hz
    while place.highest_rate_hz is not None and rate_hz > place.highest_rate_hz:
        rate_hz = rate_hz // 2 if rate_hz % 2 == 0 and rate_hz >= 88_200 else 48_000
    if rate_hz == own_hz:
        return rate_hz, ()
    said = f"{place.title} takes {_khz(rate_hz)}; the release has {_khz(own_hz)}."
    return rate_hz, (said,)


def rates_hz(order: Order) -> tuple[int, ...]:
    """The rate of each master."""
    found = []
    for master in order.masters:
        with open_source(master.file) as source:
            found.append(source.info.rate_hz)
    return tuple(found)


def converted(order: Order, rate_hz: int) -> tuple[str, ...]:
    """The sentence that names the tracks whose rate was changed, and from what."""
    by_rate: dict[int, list[int]] = {}
    for number, own_hz in enumerate(rates_hz(order), 1):
        if own_hz != rate_hz:
            by_rate.setdefault(own_hz, []).append(number)
    return tuple(
        f"{_tracks(numbers)}: converted from {_khz(own_hz)} to {_khz(rate_hz)}."
        for own_hz, numbers in sorted(by_rate.items())
    )


def native_findings(place: Delivery, pieces: Pieces, rate_hz: int) -> tuple[Finding, ...]:
    """What a place that wants native files will say of these."""
    if not place.native:
        return ()
    found = []
    raised = [n for n, own in enumerate(rates_hz(pieces.order), 1) if own < rate_hz]
    if raised:
        found.append(
            Finding(
                code="sampled-up",
                severity="warn",
                title="Sampled up",
                detail=f"{_tracks(raised)}: lower than {_khz(rate_hz)}, the rate of the files.",
                advice=f"{place.title} takes sound at its own rate: leave rate_hz empty, or "
                "deliver these tracks from their sessions at that rate.",
                evidence={"rate_hz": rate_hz},
                about="master",
            )
        )
    if is_16_bit(pieces, rate_hz):
        found.append(
            Finding(
                code="sixteen-bits",
                severity="warn",
                title="16 bits, where 24 are asked for",
                detail="All tracks are files of 16 bits; padded to 24 they would be no better.",
                advice=f"{place.title} asks for 24-bit masters: send the mixes in 24 bits or "
                "floats, or deliver these as they are.",
                about="master",
            )
        )
    return tuple(found)


def left_out(order: Order) -> tuple[str, ...]:
    """The sentence about what is hidden before the first track."""
    if order.hidden is None:
        return ()
    return ("What is hidden before the first track is not in these files: only a CD can hide it.",)


def checklist(one: Album, place: Delivery) -> tuple[str, ...]:
    """What a person has still to do before it goes out."""
    release = one.order.release
    left = []
    without = [i for i, track in enumerate(release.tracks, 1) if not track.isrc]
    if without:
        left.append(f"{_tracks(without)}: no ISRC; the label or the distributor gives one")
    sold = place.product != "broadcast"
    if sold and not release.upc:
        left.append("No UPC: the distributor gives one")
    if sold and one.artwork is None:
        left.append("No artwork: a square RGB JPEG of 3000 pixels is asked for")
    left.append("Listen to the first and last seconds of each file, and to one as a whole")
    return tuple(left)


def _tracks(numbers: list[int]) -> str:
    listed = ", ".join(map(str, numbers))
    return f"Track {listed}" if len(numbers) == 1 else f"Tracks {listed}"


def _khz(rate_hz: int) -> str:
    return f"{rate_hz / 1000:g} kHz"
