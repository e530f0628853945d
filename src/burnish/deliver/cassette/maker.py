"""The product ``cassette``: a premaster for each side, and the list for the J-card.

Tape is quiet only if it is full, so a limiter takes up to 3 dB off the highest peaks; its treble
is held and ends at 15 kHz (type I) or 16 kHz (type II). ``cassette_sides`` and ``cassette_type``
say more.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from burnish.chain import Evidence, Teller
from burnish.deliver.order import Delivered, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.vinyl.cue_sheet import clock
from burnish.deliver.vinyl.make_sides import (
    Medium,
    Request,
    Songs,
    durations_of,
    make_sides,
    songs_of,
)
from burnish.deliver.vinyl.side_file import Silence
from burnish.deliver.vinyl.sides import Side, divided, parsed_sides, sides_of
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer.rules import Advice
from burnish.engineer.vinyl import TAPE_SIBILANCE_DB, TAPE_TREBLE_DB, for_tape
from burnish.finding import Finding
from burnish.measure.cutting import Cutting
from burnish.release import Release
from burnish.targets import Delivery

NAME = "cassette"
SILENCE = Silence(head_s=1.0, tail_s=0.0)
RECOMMENDED_MIN, HARD_MIN = 30.0, 45.0  # duplicators; a C90, whose tape is thin: practice
OVER_DB = 3.0


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write the premasters of an order's cassette into an empty folder, and read them back."""
    del pieces
    wishes, kind = order.wishes, order.wishes.cassette_type
    sides = planned(songs_of(order.release, durations_of(order)), wishes)
    length = c_length(sides)

    def chain(track: int, found: Cutting, channels: int) -> Advice:
        del track, channels
        return for_tape(found, kind)

    def head(side: Side) -> tuple[tuple[str, str], ...]:
        number = sides.index(side) // 2
        of = f", cassette {number + 1} of {-(-len(sides) // 2)}" if len(sides) > 2 else ""
        return (
            ("Tape", f"C{length}, type {kind}{of}"),
            ("Label", order.release.label),
            ("Catalogue", order.release.catalogue_number),
            ("Client", wishes.client),
            ("Mastered by", wishes.mastered_by),
        )

    request = Request(
        medium=Medium(
            name=NAME,
            sheet="J-card list",
            silence=SILENCE,
            ceiling_dbtp=place.ceiling_dbtp,
            sibilance_db=TAPE_TREBLE_DB[kind] + TAPE_SIBILANCE_DB,
            treble_db=TAPE_TREBLE_DB[kind],
            over_db=OVER_DB,
        ),
        sides=sides,
        levels_db=(0.0,) * len(sides),
        chain=chain,
        head=head,
        in_the_file="High-pass at 20 Hz, low-pass and what treble control the tape needs are in "
        "the file; noise reduction is not.",
        notes=(
            f"The file begins with {SILENCE.head_s:g} s of silence; both sides have one level, "
            f"under {place.ceiling_dbtp:g} dBTP.",
        ),
        findings=_findings(sides),
        checklist=(
            "Listen to each side from start to end, at the places that its list names.",
            f"Order C{length} tape, type {kind}; say whether Dolby B is wanted, and aligned.",
        ),
    )
    return make_sides(order, folder, request, tell)


def planned(songs: Songs, wishes: DeliveryWishes) -> tuple[Side, ...]:
    """The sides of the cassette, or of several."""
    if wishes.cassette_sides:
        n_tracks = len(songs.lengths_s)
        spans = parsed_sides(wishes.cassette_sides, n_tracks, "cassette_sides")
    else:
        spans = divided(songs.lengths_s, songs.joins, songs.gaps_s, 60.0 * HARD_MIN, True)
    return sides_of(spans, songs.lengths_s, songs.joins, songs.gaps_s)


def refuse(release: Release, durations_s: Sequence[float], wishes: DeliveryWishes) -> None:
    """Raise the ``SettingError`` of sides that are not the album, before any work is done."""
    planned(songs_of(release, durations_s), wishes)


def c_length(sides: tuple[Side, ...]) -> int:
    """Minutes of tape for both sides: twice the longest with its head, and a minute or two over."""
    longest_min = (max(side.length_s for side in sides) + SILENCE.head_s) / 60.0
    return math.ceil(2.0 * longest_min + 1.0)


def _findings(sides: tuple[Side, ...]) -> tuple[Finding, ...]:
    found = [finding for side in sides for finding in _side_findings(side)]
    if len(sides) == 2 and sides[0].length_s < sides[1].length_s:
        more_s = sides[1].length_s - sides[0].length_s
        found.append(
            Finding(
                code="cassette-side-b-longer",
                severity="info",
                title=f"Side B is {more_s:.0f} s longer than side A",
                detail="Silence is wanted at the end of B, where no listener waits for it.",
                advice="Move a song to side A, or change the order.",
                evidence={"more_s": round(more_s, 1)},
                about="master",
            )
        )
    return tuple(found)


def _side_findings(side: Side) -> Iterator[Finding]:
    minutes = side.length_s / 60.0
    evidence: Evidence = {"side": side.name, "length_s": round(side.length_s, 1)}
    if minutes > RECOMMENDED_MIN:
        fails = minutes > HARD_MIN
        most = HARD_MIN if fails else RECOMMENDED_MIN
        yield Finding(
            code="cassette-side-too-long" if fails else "cassette-side-long",
            severity="fail" if fails else "warn",
            title=f"Side {side.name} plays {clock(side.length_s)[:5]}",
            detail=f"{'No tape holds' if fails else 'Duplicators ask for'} "
            f"{'more than ' if fails else ''}{most:g} minutes a side"
            f"{'' if fails else ' or less'}.",
            advice="Take another cassette, or leave a song out.",
            evidence={**evidence, "most_min": most},
            size=3.0 if fails else 2.0,
            about="master",
        )
    if side.breaks_join:
        yield Finding(
            code="cassette-join-torn",
            severity="warn",
            title=f"Side {side.name} begins inside a {side.breaks_join} join",
            detail="The songs are divided there, as asked or as nothing else holds them.",
            advice="Give that song a fade or a gap of its own, or set --cassette-sides.",
            evidence=evidence,
            size=2.0,
            about="master",
        )
