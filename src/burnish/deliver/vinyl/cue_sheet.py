"""The cue sheet of a side: what a cutting engineer reads beside its file, as text and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from burnish.deliver.pdf import Column, Paragraph, Sheet, Table
from burnish.deliver.vinyl.side_file import SideSound
from burnish.deliver.vinyl.sides import Side
from burnish.release import Release


@dataclass(frozen=True)
class Cue:
    """One track of a side, in seconds of the side's file."""

    number: str
    title: str
    artist: str
    start_s: float
    length_s: float
    gap_s: float
    """Silence before it; the first one's is that at the file's head."""
    note: str


@dataclass(frozen=True)
class CueSheet:
    """All that is told of one side."""

    kind: str
    """"Cutting sheet", "Cassette sheet" ..."""
    title: str
    artist: str
    side: str
    file: str
    cues: tuple[Cue, ...]
    music_s: float
    """From the first track's start to the last one's end."""
    file_s: float
    head: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = field(default=())
    made: str = ""


def clock(time_s: float) -> str:
    """Minutes, seconds and thousandths: 83.25 is ``01:23.250``."""
    thousandths = round(1000.0 * time_s)
    return f"{thousandths // 60_000:02d}:{thousandths // 1000 % 60:02d}.{thousandths % 1000:03d}"


def cues_of(release: Release, side: Side, sound: SideSound) -> tuple[Cue, ...]:
    """The tracks of a side, with the times of its samples."""
    layout, rate_hz = sound.layout, sound.layout.rate_hz
    found = []
    for place, one in enumerate(layout.tracks):
        track = release.tracks[side.first + place]
        following = layout.tracks[place + 1] if place + 1 < len(layout.tracks) else None
        end = one.finish if following is None or following.join == "gap" else following.start
        before = sound.head if place == 0 else one.start - one.pause
        note = {"crossfade": "no spread: crossfade", "gapless": "no spread: gapless"}.get(
            one.join, "spread" if place else ""
        )
        found.append(
            Cue(
                number=f"{side.name}{place + 1}",
                title=track.full_title,
                artist=release.told_of(track, "artist"),
                start_s=sound.start_s(place),
                length_s=(end - one.start) / rate_hz,
                gap_s=before / rate_hz,
                note=note,
            )
        )
    return tuple(found)


def as_text(sheet: CueSheet) -> str:
    """The sheet as plain text."""
    head = {
        "Title": sheet.title,
        "Artist": sheet.artist,
        "Side": sheet.side,
        "File": sheet.file,
        **dict(sheet.head),
        "Side time": clock(sheet.music_s),
        "File plays": clock(sheet.file_s),
    }
    lines = [sheet.kind.upper(), ""]
    lines += [f"{name:<14}{text}" for name, text in head.items() if text]
    lines += ["", "No   Start      Length     Gap        Title"]
    for cue in sheet.cues:
        title = f"{cue.title}  [{cue.note}]" if cue.note else cue.title
        times = "".join(f"{clock(one):<11}" for one in (cue.start_s, cue.length_s, cue.gap_s))
        lines.append(f"{cue.number:<5}{times}{title}")
    for name, texts in (("Notes", sheet.notes), ("To listen to", sheet.findings)):
        if texts:
            lines += ["", name, *(f"- {text}" for text in texts)]
    lines += [
        "",
        "Times are minutes, seconds and thousandths from the first sample of the file. A gap is",
        "the silence before its track; it is in the file.",
    ]
    return "\n".join(lines) + "\n"


def as_page(sheet: CueSheet, several_artists: bool = False) -> Sheet:
    """The sheet for paper."""
    columns: Sequence[Column] = (
        Column("No"),
        Column("Start", "right", mono=True),
        Column("Length", "right", mono=True),
        Column("Gap", "right", mono=True),
        Column("Title", wraps=True),
        *((Column("Artist", wraps=True),) if several_artists else ()),
        Column("", wraps=True),
    )
    rows = tuple(
        (
            cue.number,
            clock(cue.start_s),
            clock(cue.length_s),
            clock(cue.gap_s),
            cue.title,
            *((cue.artist,) if several_artists else ()),
            cue.note,
        )
        for cue in sheet.cues
    )
    said = [
        Paragraph(texts, title)
        for title, texts in (("Notes", sheet.notes), ("To listen to", sheet.findings))
        if texts
    ]
    return Sheet(
        kind=f"{sheet.kind}, side {sheet.side}",
        title=sheet.title or "Untitled",
        subtitle=sheet.artist,
        head=(
            ("File", sheet.file),
            *sheet.head,
            ("Side time", clock(sheet.music_s)),
            ("File plays", clock(sheet.file_s)),
        ),
        parts=(Table(tuple(columns), rows), *said),
        footer="Times are minutes, seconds and thousandths from the first sample of the file.",
        made=sheet.made,
    )
