"""The product ``vinyl``: a premaster for each side of a record, and the cutting sheets.

    A.wav, B.wav ...             24 bits at the tracks' own rate, gaps in them, no brick wall
    A cutting sheet.txt, .pdf    tracks, starts, lengths, gaps, and what to listen to
    NN Title.vinyl.recall.yaml   each track's own plan, which rebuilds it

``vinyl_inches``, ``vinyl_rpm`` and ``vinyl_sides`` say on what. The table of levels against side
length gives each side one gain.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from burnish.chain import Evidence, Teller
from burnish.deliver.order import Delivered, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.vinyl.cue_sheet import clock
from burnish.deliver.vinyl.make_sides import (
    SOUNDS_ALIKE_DB,
    Medium,
    Request,
    Songs,
    durations_of,
    make_sides,
    songs_of,
)
from burnish.deliver.vinyl.side_file import Silence
from burnish.deliver.vinyl.sides import Side, SidePlan, plan_sides
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer.rules import Advice
from burnish.engineer.vinyl import SIBILANCE_DB, TREBLE_DB, Ellipse, Groove, for_cutting
from burnish.finding import Finding
from burnish.measure.cutting import Cutting
from burnish.release import Release
from burnish.targets import Delivery

NAME = "vinyl"
SILENCE = Silence(head_s=1.0, tail_s=5.0)  # before the first modulation, and behind the last
UNEVEN_S = 120.0  # sides of one record may differ by so much


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write the premasters of an order's record into an empty folder, and read them back.

    The tracks come from their mixes and recall sheets, not from ``pieces``, which are limited.
    """
    del pieces
    wishes, songs = order.wishes, songs_of(order.release, durations_of(order))
    plan = planned(songs, wishes)
    ellipse = Ellipse(float(wishes.vinyl_ellipse_hz), int(wishes.vinyl_ellipse_slope))
    levels = tuple(plan.level_db(side) for side in plan.sides)

    def chain(track: int, found: Cutting, channels: int) -> Advice:
        return for_cutting(found, _groove(track, plan, songs), ellipse, channels)

    def head(side: Side) -> tuple[tuple[str, str], ...]:
        matrix = wishes.vinyl_matrix or order.release.catalogue_number
        record = f"{plan.record.title}, {_disc(side, plan)}"
        return (
            ("Record", record),
            ("Label", order.release.label),
            ("Catalogue", order.release.catalogue_number),
            ("Matrix", f"{matrix} {side.name}".strip()),
            ("Level", f"{plan.level_db(side):+.1f} dB by its length"),
            ("Client", wishes.client),
            ("Mastered by", wishes.mastered_by),
        )

    request = Request(
        medium=Medium(
            name=NAME,
            sheet="Cutting sheet",
            silence=SILENCE,
            ceiling_dbtp=place.ceiling_dbtp,
            sibilance_db=SIBILANCE_DB,
            treble_db=TREBLE_DB,
            record=plan.record,
        ),
        sides=plan.sides,
        levels_db=levels,
        chain=chain,
        head=head,
        in_the_file="Flat transfer: elliptical equaliser "
        f"({ellipse.corner_hz:g} Hz, {ellipse.slope_db_per_octave} dB/octave), high-pass at 20 Hz, "
        "low-pass at 16 to 18 kHz and what treble control was needed are in the file.",
        notes=_notes(plan),
        findings=plan_findings(plan),
        checklist=_checklist(order, plan),
    )
    return make_sides(order, folder, request, tell)


def planned(songs: Songs, wishes: DeliveryWishes) -> SidePlan:
    """The sides on the record that was asked for."""
    return plan_sides(
        songs.lengths_s,
        songs.joins,
        int(wishes.vinyl_inches),
        int(wishes.vinyl_rpm),
        wishes.vinyl_sides,
        songs.gaps_s,
    )


def refuse(release: Release, durations_s: Sequence[float], wishes: DeliveryWishes) -> None:
    """Raise the ``SettingError`` of sides that are not the album, before any work is done."""
    planned(songs_of(release, durations_s), wishes)


def _groove(track: int, plan: SidePlan, songs: Songs) -> Groove:
    side = next(one for one in plan.sides if one.first <= track < one.stop)
    return Groove(plan.record, *songs.place_s(track, side), side.length_s)


def _disc(side: Side, plan: SidePlan) -> str:
    if plan.n_discs == 1:
        return "one record"
    return f"record {plan.sides.index(side) // 2 + 1} of {plan.n_discs}"


def _notes(plan: SidePlan) -> tuple[str, ...]:
    levels = [plan.level_db(side) for side in plan.sides]
    notes = [
        f"The file begins with {SILENCE.head_s:g} s of silence and ends with {SILENCE.tail_s:g} s.",
    ]
    if max(levels) - min(levels) > SOUNDS_ALIKE_DB:
        told = ", ".join(
            f"{side.name} {level:+.1f} dB" for side, level in zip(plan.sides, levels, strict=True)
        )
        notes.append(
            f"The levels that the sides' lengths allow are in the files ({told}): cut all sides "
            "at one setting."
        )
    return tuple(notes)


def plan_findings(plan: SidePlan) -> tuple[Finding, ...]:
    """What is to be told of a side plan: sides that are too long, torn joins, uneven sides."""
    found = [finding for side in plan.sides for finding in _side_findings(side, plan)]
    lengths = [side.length_s for side in plan.sides]
    if len(lengths) > 1 and max(lengths) - min(lengths) > UNEVEN_S:
        found.append(
            Finding(
                code="vinyl-sides-uneven",
                severity="info",
                title=f"Sides differ by {clock(max(lengths) - min(lengths))[:5]}",
                detail="The longest decides how loud the record can be; within 2 minutes is usual.",
                advice="Another order of songs may balance them.",
                evidence={
                    "longest_s": round(max(lengths), 1),
                    "shortest_s": round(min(lengths), 1),
                },
                about="master",
            )
        )
    return tuple(found)


def _side_findings(side: Side, plan: SidePlan) -> Iterator[Finding]:
    record, minutes = plan.record, side.length_s / 60.0
    evidence: Evidence = {"side": side.name, "length_s": round(side.length_s, 1)}
    slower = " or cut at 33 rpm" if record.rpm == 45 else ""
    if minutes > record.recommended_min:
        fails = minutes > record.hard_min
        most = record.hard_min if fails else record.recommended_min
        yield Finding(
            code="vinyl-side-too-long" if fails else "vinyl-side-long",
            severity="fail" if fails else "warn",
            title=f"Side {side.name} plays {clock(side.length_s)[:5]}",
            detail=(
                f"{record.title}: {'no more than' if fails else 'recommended are'} "
                f"{most:g} minutes a side; this one would be cut at "
                f"{record.level_db(side.length_s):+.1f} dB."
            ),
            advice=f"Take another record, a larger one, shorter songs{slower}.",
            confidence=0.9 if record.confidence != "low" else 0.6,
            evidence={**evidence, "most_min": most},
            size=3.0 if fails else 2.0,
            about="master",
        )
    if side.breaks_join:
        yield Finding(
            code="vinyl-join-torn",
            severity="warn",
            title=f"Side {side.name} begins inside a {side.breaks_join} join",
            detail="As asked with --vinyl-sides."
            if plan.asked
            else "No other place to change sides holds the songs on so few records.",
            advice="Give that song a fade or a gap of its own, or choose --vinyl-sides.",
            evidence=evidence,
            size=2.0,
            about="master",
        )


def _checklist(order: Order, plan: SidePlan) -> tuple[str, ...]:
    lines = [
        "Listen to each side from start to end, at the places that its sheet names.",
        "Ask the cutting room for a reference lacquer or the plant for test pressings.",
    ]
    if not (order.wishes.vinyl_matrix or order.release.catalogue_number):
        lines.append("Give the plant a text for the matrix: there is no catalogue number.")
    if len(plan.sides) % 2:
        lines.append(f"The side behind {plan.sides[-1].name} is blank: tell the plant.")
    if plan.record.confidence == "low":
        lines.append(
            f"The longest side of {plan.record.title} differs from plant to plant: ask yours."
        )
    return tuple(lines)
