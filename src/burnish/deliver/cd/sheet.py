"""The PQ sheet: what a plant and a client read beside the master, as text and on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from burnish.deliver.cd.ddp import WrittenFile
from burnish.deliver.cd.disc import Disc, Texts
from burnish.deliver.cd.msf import msf
from burnish.deliver.pdf import Column, Paragraph, Sheet, Table

_COPY = {"prohibited": "no", "permitted": "yes", "once": "once"}
_LEGEND = (
    "Times are minutes, seconds and cd_frames (75 in a second); 00:00:00 is where the pause",
    "before track 1 begins. A track lasts from its index 01 to the next one's.",
)


def pq_sheet(
    disc: Disc,
    files: Sequence[WrittenFile] = (),
    about: Mapping[str, str] | None = None,
    remarks: Sequence[str] = (),
) -> str:
    """A sheet of every mark with pauses, lengths, codes and flags.

    ``files`` are those of the DDP, told with their MD5. ``about`` is more for the head, as
    ``{"Client": "..."}``; ``remarks`` are lines at the end.
    """
    head = {"Title": disc.texts.title, "Artist": disc.texts.performer, **_head(disc, about)}
    width = max(map(len, head)) + 1
    lines = ["PQ SHEET", ""]
    lines += [f"{name:<{width}}{text}" for name, text in head.items() if text]
    lines += ["", "Tr Ix Start     Length    ISRC          Copy  Emph  Title"]
    for row in _rows(disc):
        place = f"{row.track} {row.index} {row.start}"
        form = "{:<16}{:<10}{:<14}{:<6}{:<6}{}"
        cells = (place, row.length, row.isrc, row.copy, row.emphasis, row.title)
        lines.append(form.format(*cells).rstrip())
    lines.append(f"AA 01 {msf(disc.lead_out_cd_frame)}  lead-out")
    if files:
        lines += ["", "MD5", *_sums(files)]
    return "\n".join([*lines, "", *_LEGEND, *remarks]) + "\n"


def pq_page(
    disc: Disc,
    files: Sequence[WrittenFile] = (),
    about: Mapping[str, str] | None = None,
    made: str = "",
) -> Sheet:
    """The same sheet for ``write_pdf``."""
    rows = _rows(disc)
    columns = (
        Column("Tr"),
        Column("Ix"),
        Column("Start"),
        Column("Length"),
        Column("ISRC", mono=True),
        Column("Copy"),
        Column("Emph"),
        Column("Title", wraps=True),
    )
    cells = [
        (row.track, row.index, row.start, row.length, row.isrc, row.copy, row.emphasis, row.title)
        for row in rows
    ]
    cells.append(("AA", "01", msf(disc.lead_out_cd_frame), "", "", "", "", "lead-out"))
    pauses = frozenset(place for place, row in enumerate(rows) if row.index == "00")
    sums = (Paragraph(tuple(_sums(files)), "MD5", mono=True),) if files else ()
    name = " - ".join(filter(None, (disc.texts.performer, disc.texts.title)))
    return Sheet(
        kind="PQ sheet",
        title=disc.texts.title or disc.master_id,
        subtitle=disc.texts.performer,
        head=tuple(_head(disc, about).items()),
        parts=(
            Table(columns, tuple(cells), faint=pauses),
            *sums,
            Paragraph((" ".join(_LEGEND),)),
        ),
        footer=" · ".join(filter(None, (name, disc.master_id, "PQ sheet"))),
        made=made,
    )


def _head(disc: Disc, about: Mapping[str, str] | None) -> dict[str, str]:
    return {
        "UPC/EAN": disc.ean,
        "Master ID": disc.master_id,
        **(about or {}),
        "Tracks": str(len(disc.tracks)),
        "Total time": msf(disc.lead_out_cd_frame),
        "CD-Text": "yes" if _has_texts(disc) else "no",
    }


@dataclass(frozen=True)
class _Row:
    """One mark of the disc, in words."""

    track: str
    index: str
    start: str
    length: str = ""
    isrc: str = ""
    copy: str = ""
    emphasis: str = ""
    title: str = ""


def _rows(disc: Disc) -> list[_Row]:
    rows = []
    for place, track in enumerate(disc.tracks):
        for index, at in track.marks:
            mark = (f"{place + 1:02d}", f"{index:02d}", msf(at))
            if index == 0:
                rows.append(_Row(*mark, msf(track.start_cd_frame - at), title="(pause)"))
            elif index > 1:
                rows.append(_Row(*mark))
            else:
                own = track.texts.performer
                artist = own if own != disc.texts.performer else ""
                rows.append(
                    _Row(
                        *mark,
                        msf(disc.end_cd_frame(place) - at),
                        track.isrc,
                        _COPY[track.digital_copy],
                        "yes" if track.pre_emphasis else "no",
                        " / ".join(filter(None, (track.texts.title, artist))),
                    )
                )
    return rows


def _sums(files: Sequence[WrittenFile]) -> list[str]:
    return [f"{one.md5}  {one.name} ({one.n_bytes} bytes)" for one in files]


def _has_texts(disc: Disc) -> bool:
    return any(texts != Texts() for texts in (disc.texts, *(t.texts for t in disc.tracks)))
