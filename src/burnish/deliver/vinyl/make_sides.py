"""Make sides: what vinyl and cassettes have in common, from the masters to the sheets.

premasters -> each side weighed -> one gain a side -> a WAV a side -> read back -> sheets
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from burnish.audio import Source, open_source, write_whole
from burnish.chain import Teller
from burnish.chain.recall import save
from burnish.deliver.names import file_name
from burnish.deliver.order import Delivered, DeliveredFile, Order
from burnish.deliver.pdf import write_pdf
from burnish.deliver.vinyl.cue_sheet import CueSheet, as_page, as_text, cues_of
from burnish.deliver.vinyl.premaster import Chain, Premaster, premasters
from burnish.deliver.vinyl.side_file import (
    LEAST_RATE_HZ,
    MOST_RATE_HZ,
    SideSound,
    Silence,
    side_gains_db,
    side_sound,
    true_peak_dbtp,
    write_side,
)
from burnish.deliver.vinyl.sides import Side
from burnish.engineer.vinyl import premaster_plan
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.clipping import Clipping, ClippingDetector
from burnish.measure.cutting import Cutting, CuttingDetector
from burnish.measure.meter import Meter
from burnish.qc.carried import Carried, Song
from burnish.qc.side import side_findings
from burnish.release import Release
from burnish.targets.record import Record

SOUNDS_ALIKE_DB = 0.05  # sides nearer than this have one level


@dataclass(frozen=True)
class Medium:
    """What sides are made for."""

    name: str
    """"vinyl", "cassette": in codes, names of recall sheets, and progress."""
    sheet: str
    """What its sheet is called."""
    silence: Silence
    ceiling_dbtp: float
    sibilance_db: float
    treble_db: float
    over_db: float = 0.0
    """How far the highest peak may be over the ceiling, where a limiter then takes it off."""
    record: Record | None = None


@dataclass(frozen=True)
class Songs:
    """The tracks of an order as they will play: trimmed, and how each follows the one before."""

    lengths_s: tuple[float, ...]
    joins: tuple[str, ...]
    gaps_s: tuple[float, ...]
    """Silence before each; below 0 where it crosses with the one before."""

    def place_s(self, track: int, side: Side) -> tuple[float, float]:
        """From when to when a track plays on its side."""
        before = sum(self.lengths_s[side.first : track]) + sum(
            self.gaps_s[side.first + 1 : track + 1]
        )
        return before, before + self.lengths_s[track]


def songs_of(release: Release, durations_s: Sequence[float]) -> Songs:
    """How long the tracks of a release are, from the lengths of their files, and their joins."""
    lengths, joins, gaps = [], [], []
    for place, (duration_s, track) in enumerate(zip(durations_s, release.tracks, strict=True)):
        end_s = duration_s if track.end_s is None else min(track.end_s, duration_s)
        gap_s = release.gap_before_s(place)
        lengths.append(end_s - track.start_s)
        joins.append("crossfade" if track.crossfade_s else "gap" if gap_s else "gapless")
        gaps.append(gap_s - track.crossfade_s)
    return Songs(tuple(lengths), tuple(joins), tuple(gaps))


def durations_of(order: Order) -> list[float]:
    """The lengths of the masters' files."""
    found = []
    for master in order.masters:
        with open_source(master.file) as source:
            found.append(source.info.duration_s)
    return found


@dataclass(frozen=True)
class Request:
    """Sides that are to be made: which, at what levels, through what chain, with what told."""

    medium: Medium
    sides: tuple[Side, ...]
    levels_db: tuple[float, ...]
    chain: Chain
    head: Callable[[Side], tuple[tuple[str, str], ...]]
    in_the_file: str
    """What the chain has done, for the sheets of sides that went through it."""
    notes: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    checklist: tuple[str, ...] = field(default=())


def make_sides(order: Order, folder: Path, request: Request, tell: Teller) -> Delivered:
    """Write the files of every side into ``folder``, and say what they hold."""
    medium, sides = request.medium, request.sides
    with TemporaryDirectory(dir=folder, prefix=".premasters-") as scratch:
        made = premasters(order, request.chain, Path(scratch), "premaster", tell)
        rate_hz = max(LEAST_RATE_HZ, min(MOST_RATE_HZ, *(one.rate_hz for one in made)))
        peaks = []
        related = [(one.file, one.relation_db) for one in made]
        for side in sides:
            with side_sound(order.release, related, side, rate_hz, medium.silence) as sound:
                peaks.append(true_peak_dbtp(sound.source, tell.stage("weigh", sound.source)))
        gains = side_gains_db(peaks, request.levels_db, medium.ceiling_dbtp, medium.over_db)
        files: list[DeliveredFile] = []
        found = list(request.findings)
        taken: set[str] = set()
        for side, gain_db in zip(sides, gains, strict=True):
            at_gain = [(file, _gain_db(relation_db, gain_db)) for file, relation_db in related]
            held = medium.ceiling_dbtp - 0.01 if medium.over_db else None
            with side_sound(order.release, at_gain, side, rate_hz, medium.silence, held) as sound:
                name = file_name(None, side.name, ".wav", taken)
                write_side(folder / name, sound, tell.stage("side", sound.source))
                told = _findings_of(folder / name, side, sound, order, medium, made, tell)
                found += told
                files.append(_told_of(name, side, sound))
                files += _sheets(order, folder, request, side, sound, (name, told), made, taken)
    for place, one in enumerate(made):
        if one.plan is not None:
            gain_db = _gain_db(one.relation_db, gains[_side_of(place, sides)])
            files.append(_recall(order, folder, medium, one, place, gain_db, taken))
    return Delivered(tuple(files), tuple(found), _notes(order, request, made), request.checklist)


def _gain_db(relation_db: float, side_db: float) -> float:
    """The gain of a track on its side, as its sheet tells it and a gain can be set."""
    return round(max(-60.0, min(40.0, relation_db + side_db)), 4)


def _side_of(track: int, sides: Sequence[Side]) -> int:
    return next(k for k, side in enumerate(sides) if side.first <= track < side.stop)


def _told_of(name: str, side: Side, sound: SideSound) -> DeliveredFile:
    tracks = f"{side.first + 1}-{side.stop}"
    told = {
        "side": side.name,
        "tracks": tracks,
        "music_s": round(side.length_s, 3),
        "gaps_s": [[round(at_s, 6) for at_s in gap] for gap in sound.gaps_s()],
    }
    return DeliveredFile(Path(name), "wav-24", told=told)


def _recall(
    order: Order,
    folder: Path,
    medium: Medium,
    one: Premaster,
    place: int,
    gain_db: float,
    taken: set[str],
) -> DeliveredFile:
    if one.plan is None:
        raise ValueError("plan: must be there")
    title = order.release.tracks[place].full_title
    name = file_name(place + 1, title, f".{medium.name}.recall.yaml", taken)
    plan = premaster_plan(
        one.plan, one.advice, gain_db, medium.ceiling_dbtp, medium.name, medium.over_db
    )
    save(plan, folder / name)
    return DeliveredFile(Path(name), "recall", track=place + 1)


def _findings_of(
    path: Path,
    side: Side,
    sound: SideSound,
    order: Order,
    medium: Medium,
    made: Sequence[Premaster],
    tell: Teller,
) -> tuple[Finding, ...]:
    """What the file of a side shows as read back."""
    with open_source(path) as source:
        measured, cutting, clipping = heard(source, tell.stage("prove", source))
    songs = []
    for place in range(side.stop - side.first):
        track = order.release.tracks[side.first + place]
        kept = made[side.first + place].plan is None
        number = f"{side.name}{place + 1}"
        songs.append(Song(number, track.full_title, *sound.span_s(place), kept))
    return side_findings(
        Carried(
            name=side.name,
            medium=medium.name,
            measured=measured,
            cutting=cutting,
            clipping=clipping,
            songs=tuple(songs),
            ceiling_dbtp=medium.ceiling_dbtp,
            sibilance_db=medium.sibilance_db,
            treble_db=medium.treble_db,
            record=medium.record,
        )
    )


def heard(source: Source, told: Callable[[float], None]) -> tuple[Measurement, Cutting, Clipping]:
    """Measure a side and look at what its medium has to carry, in one pass."""
    info, done = source.info, 0
    grooves = CuttingDetector(info.rate_hz, info.channels)
    tops = ClippingDetector(info.rate_hz, info.channels)
    with Meter(info.rate_hz, info.channels, threads=True) as meter:
        for piece in source.blocks(info.rate_hz):
            meter.feed(piece)
            grooves.feed(piece)
            tops.feed(piece)
            done += piece.shape[1]
            told(done / info.n_samples)
        measured = meter.finish(str(info.path), info.format, info.bits)
    return measured, grooves.finish(), tops.finish(measured)


def _sheets(
    order: Order,
    folder: Path,
    request: Request,
    side: Side,
    sound: SideSound,
    file: tuple[str, tuple[Finding, ...]],
    made: Sequence[Premaster],
    taken: set[str],
) -> list[DeliveredFile]:
    release = order.release
    cues = cues_of(release, side, sound)
    layout = sound.layout
    kept = [
        f"{cue.number} {cue.title} is as it was mastered: nothing was added or taken but gain."
        for cue, one in zip(cues, made[side.first : side.stop], strict=True)
        if one.plan is None
    ]
    torn = (
        [f"The {side.breaks_join} join before {cues[0].number} is cut by the change of sides."]
        if side.breaks_join
        else []
    )
    through = [request.in_the_file] if len(kept) < len(cues) else []
    sheet = CueSheet(
        kind=request.medium.sheet,
        title=release.title,
        artist=release.artist,
        side=side.name,
        file=file[0],
        cues=cues,
        music_s=(layout.tracks[-1].finish - layout.tracks[0].begin) / layout.rate_hz,
        file_s=sound.source.info.duration_s,
        head=(*request.head(side), ("Rate", f"{layout.rate_hz} Hz, 24 bits")),
        notes=(*through, *request.notes, *kept, *torn),
        findings=tuple(f"{one.title}. {one.detail}" for one in file[1] if one.severity != "info"),
        made=order.made,
    )
    name = f"{side.name} {request.medium.sheet.lower()}"
    text = file_name(None, name, ".txt", taken)
    write_whole(as_text(sheet).encode("utf-8"), folder / text, overwrite=False)
    paper = file_name(None, name, ".pdf", taken)
    several = any(cue.artist and cue.artist != release.artist for cue in cues)
    write_pdf(folder / paper, as_page(sheet, several))
    told = {"side": side.name}
    return [
        DeliveredFile(Path(text), "cue-sheet", told=told),
        DeliveredFile(Path(paper), "cue-sheet", told=told),
    ]


def _notes(order: Order, request: Request, made: Sequence[Premaster]) -> tuple[str, ...]:
    notes = [request.in_the_file, *request.notes]
    if order.hidden is not None:
        notes.append(
            "What is hidden before the first track is left out: a side has no pause to hide it in."
        )
    kept = [str(place + 1) for place, one in enumerate(made) if one.plan is None]
    if kept:
        which = ("Track " if len(kept) == 1 else "Tracks ") + ", ".join(kept)
        notes.append(f"{which}: kept as mastered, limiter and all; only the gain is another.")
    rates = sorted({one.rate_hz for one in made})
    if len(rates) > 1:
        hz = ", ".join(str(rate) for rate in rates)
        notes.append(
            f"The tracks have {hz} Hz; each side is at one rate, the lowest a plant takes."
        )
    return tuple(notes)
