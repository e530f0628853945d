"""The product ``cd``: a DDP for the plant, and beside it cue sheet, toc, and the PQ sheet.

    DDP/            what the plant takes (ddp.py)
    Title.cue       the same image for players and burners, with CD-Text and ISRCs
    Title.toc       for cdrdao
    PQ sheet.txt    what a person reads beside it, also as PDF
    WAV/            the tracks cut from the image, where asked for (``cd_wav``)

The programme is rounded to 16 bits once. Stretches that keep the samples of a 16-bit file keep
their bits; everything else is dithered. Then the DDP is read back by the reader that shares no code
with the writer, and each track's samples are compared with those that were rendered; their true
peaks are read as they are written.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from burnish.audio import open_source, write_whole
from burnish.chain import Teller
from burnish.chain.ahead import ahead, close
from burnish.chain.layout import CD_RATE_HZ, Layout
from burnish.deliver.cd.cue import cue_sheet
from burnish.deliver.cd.ddp import IMAGE, WrittenDdp, write_ddp
from burnish.deliver.cd.disc import Disc
from burnish.deliver.cd.extract_ddp import HIDDEN, SHEET, extract_ddp
from burnish.deliver.cd.genre import genre_code
from burnish.deliver.cd.msf import msf
from burnish.deliver.cd.of_release import disc_of, framed
from burnish.deliver.cd.peaks import DiscPeaks
from burnish.deliver.cd.proof import Witness
from burnish.deliver.cd.read_ddp import Ddp, read_ddp
from burnish.deliver.cd.refuse import offsets_of
from burnish.deliver.cd.sheet import pq_page, pq_sheet
from burnish.deliver.cd.toc import toc
from burnish.deliver.cd.verify_ddp import verify_ddp
from burnish.deliver.names import file_name
from burnish.deliver.order import Delivered, DeliveredFile, Order
from burnish.deliver.pdf import write_pdf
from burnish.deliver.pieces import Pieces
from burnish.deliver.programme import Programme
from burnish.finding import Finding
from burnish.settings import finite_or_none
from burnish.targets import Delivery

DDP, WAV, PQ_SHEET = "DDP", "WAV", "PQ sheet"


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write the CD of an order into an empty folder, and prove it by reading it back.

    Raises ``SettingError`` where the release passes a limit of the Red Book, before anything is
    written; ``refuse.py`` tells it before anything is mastered.
    """
    wishes = order.wishes
    with pieces.sequence(rate_hz=CD_RATE_HZ, cd_frames=True) as programme:
        disc = disc_for(order, programme.layout)
        witness = Witness(disc)
        peaks = DiscPeaks(disc, order.ceiling_dbtp, [one.recall is None for one in order.masters])
        dither = "tpdf" if wishes.cd_dither == "auto" else wishes.cd_dither
        rounded = ahead(programme.quantised(16, dither, wishes.cd_dither_seed))
        told = tell.stage("cd", programme.source)
        heard = _telling(rounded, told, programme.layout.n_samples)
        image = framed(heard, programme.layout, offsets_of(wishes))
        try:
            written = write_ddp(
                folder / DDP,
                disc,
                peaks.hearing(witness.hearing(image)),
                profile=wishes.ddp_profile,
                codes_in_cd_text=wishes.codes_in_cd_text,
            )
        finally:
            close(rounded)
        rounding = _rounding(programme, dither, wishes.cd_dither_seed)
    ddp = read_ddp(folder / DDP)
    found = [*written.findings, *verify_ddp(ddp), *witness.findings(ddp), *peaks.findings()]
    found += _remarks(disc)
    names = sorted(one.name for one in (folder / DDP).iterdir())
    files = [_of_ddp(name, disc, peaks.true_peak_dbtp) for name in names]
    files += _sheets(order, folder, disc, written, rounding)
    if wishes.cd_wav:
        wavs = _wavs(folder, ddp)
        numbered = {one.track: folder / one.path for one in wavs if one.track is not None}
        found += witness.of_wavs(numbered)
        files += wavs
    return Delivered(
        files=tuple(files),
        findings=tuple({(one.code, one.detail): one for one in found}.values()),
        notes=(rounding, *_converted(order)),
        checklist=tuple(_checklist(disc)),
    )


def disc_for(order: Order, layout: Layout) -> Disc:
    """The disc of an order; genre and catalogue number in CD-Text where codes are asked for."""
    release, wishes = order.release, order.wishes
    disc = disc_of(release, layout, offsets_of(wishes))
    if not wishes.codes_in_cd_text:
        return disc
    return replace(
        disc,
        genre_code=genre_code(release.genre),
        genre=release.genre,
        disc_id=release.catalogue_number,
    )


def _telling(
    blocks: Iterator[NDArray[np.int32]], told: Callable[[float], None], n_samples: int
) -> Iterator[NDArray[np.int32]]:
    done = 0
    for block in blocks:
        yield block
        done += block.shape[1]
        told(done / max(1, n_samples))


def _of_ddp(name: str, disc: Disc, true_peak_dbtp: float) -> DeliveredFile:
    told = {
        "lead_out": msf(disc.lead_out_cd_frame),
        "tracks": len(disc.tracks),
        "true_peak_dbtp": finite_or_none(true_peak_dbtp),
    }
    return DeliveredFile(Path(DDP, name), "ddp", told=told if name == IMAGE else {})


def _sheets(
    order: Order, folder: Path, disc: Disc, written: WrittenDdp, rounding: str
) -> list[DeliveredFile]:
    """Cue sheet, toc, and the PQ sheet as paper and as text."""
    image, title = f"{DDP}/{IMAGE}", order.release.title
    texts = {
        file_name(None, title, ".cue", set()): ("cue", cue_sheet(disc, [(image, 0)])),
        file_name(None, title, ".toc", set()): ("toc", toc(disc, image)),
    }
    about = _about(order, disc, rounding)
    page = pq_page(disc, written.files, about, order.made)
    missing = write_pdf(folder / f"{PQ_SHEET}.pdf", page)
    remarks = [f"The PDF beside this lacks letters that no font had: {missing}"] if missing else []
    texts[f"{PQ_SHEET}.txt"] = ("pq-sheet", pq_sheet(disc, written.files, about, remarks))
    for file, (kind, text) in texts.items():  # a cue sheet's letters are those of CD-Text
        write_whole(text.encode("latin-1" if kind == "cue" else "utf-8"), folder / file)
    told = [DeliveredFile(Path(file), kind) for file, (kind, _) in texts.items()]
    return [*told, DeliveredFile(Path(f"{PQ_SHEET}.pdf"), "pq-sheet")]


def _about(order: Order, disc: Disc, rounding: str) -> dict[str, str]:
    """What else stands in the head of the PQ sheet."""
    release, wishes = order.release, order.wishes
    off = offsets_of(wishes)
    marks = [n for n, track in enumerate(disc.tracks, 1) if track.pre_emphasis]
    return {
        "Label": release.label,
        "Client": wishes.client,
        "Mastered by": wishes.mastered_by,
        "Made": order.made[:10],
        "Source": "DDP 2.00: 44.1 kHz, 16 bits, stereo",
        "Rounding": rounding,
        "Emphasis": f"50/15 us on {_numbered(marks)}" if marks else "none",
        "Offsets": f"start {off.start_cd_frames}, first {off.first_cd_frames}, pause "
        f"{off.pause_cd_frames}, end {off.end_cd_frames} cd_frames",
    }


def _wavs(folder: Path, ddp: Ddp) -> list[DeliveredFile]:
    """The tracks as the DDP holds them, cut by its reader: at the marks, not at the sound."""
    files = []
    number = 1
    for name in extract_ddp(ddp, folder / WAV).files:
        if name == SHEET:
            files.append(DeliveredFile(Path(WAV, name), "cue"))
        elif name == HIDDEN:
            files.append(DeliveredFile(Path(WAV, name), "cd-wav", 0))
        else:
            files.append(DeliveredFile(Path(WAV, name), "cd-wav", number))
            number += 1
    return files


def _rounding(programme: Programme, dither: str, seed: int) -> str:
    """How the programme came to 16 bits, in a sentence."""
    kept = {(one.start, one.stop) for one in programme.kept if one.bits <= 16}
    placed = programme.layout.tracks
    tracks = [n for n, one in enumerate(placed, 1) if (one.begin, one.finish) in kept]
    how = f"with {dither} dither (seed {seed})" if dither != "none" else "without dither, as asked"
    if not kept:
        return f"Rounded to 16 bits once, {how}."
    if len(kept) == len(placed) + (programme.layout.hidden is not None):
        return "No dither: all tracks keep the bits of their 16-bit files."
    keeps = "keep the bits of their 16-bit files"
    if len(tracks) == 1:
        keeps = "keeps the bits of its 16-bit file"
    name = _numbered(tracks).capitalize() if tracks else "What is hidden"
    return f"{name} {keeps}; all else is rounded once, {how}."


def _converted(order: Order) -> Iterator[str]:
    numbers, rates = [], set()
    for number, master in enumerate(order.masters, 1):
        with open_source(master.file) as source:
            if source.info.rate_hz != CD_RATE_HZ:
                numbers.append(number)
                rates.add(f"{source.info.rate_hz / 1000:g}")
    if numbers:
        before = " and ".join(sorted(rates))
        yield f"{_numbered(numbers).capitalize()}: converted to 44.1 kHz from {before} kHz."


def _remarks(disc: Disc) -> Iterator[Finding]:
    flagged = [number for number, track in enumerate(disc.tracks, 1) if track.pre_emphasis]
    if flagged:
        yield Finding(
            "cd-pre-emphasis",
            "info",
            "Flagged as pre-emphasised",
            f"{_numbered(flagged)}: players will turn the treble down by 50/15 us",
            "Leave the flag off unless the samples were pre-emphasised; burnish does not do it.",
            about="master",
        )


def _checklist(disc: Disc) -> Iterator[str]:
    yield "Listen to the whole disc as it is in the DDP, or burnt with the toc; joins above all."
    yield f"Send the folder {DDP} as it is, with the PQ sheet; nothing in it may be renamed."
    without = [number for number, track in enumerate(disc.tracks, 1) if not track.isrc]
    if without:
        yield f"No ISRC on {_numbered(without)}: ask the label whether that is right."
    if not disc.ean:
        yield "No UPC or EAN: ask the label whether that is right."


def _numbered(numbers: list[int]) -> str:
    """Track 3; tracks 1, 2 and 5."""
    if len(numbers) == 1:
        return f"track {numbers[0]}"
    return f"tracks {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
