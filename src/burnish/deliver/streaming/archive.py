"""Archive: all that is needed to make the release again, or to prove that a file is of it.

    masters/01 Title.wav            the master as 32-bit floats, before trims and fades, as BWF
    masters/01 Title.recall.yaml    the settings that rebuild it from its mix, bit for bit
    album.yaml                      the release, as its author wrote it
    album.signature.yaml            its sound, into which a later track can be mastered
    checksums.json                  length and MD5 of each track's samples as they went out

Alternates lie beside their tracks. A track that was kept as it is lies there as the file that it
was.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from burnish import __version__
from burnish.audio import SourceInfo, open_source, write_whole
from burnish.audio.chunks import copy_with_chunks, history_line
from burnish.audio.staged import output_errors
from burnish.audio.wav_header import read_wav_header
from burnish.chain import Teller
from burnish.chain.album_sheet import dump
from burnish.deliver.encode import Encoded, kind, prove_samples
from burnish.deliver.masters import SIGNATURE, recall_of
from burnish.deliver.names import file_name
from burnish.deliver.order import Delivered, DeliveredFile, Master, Order
from burnish.deliver.pieces import Piece, Pieces
from burnish.deliver.streaming.side_by_side import side_by_side
from burnish.deliver.tags import Broadcast, Fields, fields_of, loudness_of, wav_chunks
from burnish.measure import measure
from burnish.targets import Delivery

MASTERS, ALBUM, CHECKSUMS = "masters", "album.yaml", "checksums.json"

_SHARES = {"measure": (0.0, 0.6), "prove": (0.6, 1.0)}
_PIECE = 1 << 20


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write masters, recall sheets, the album's sheet, and the checksums of its tracks."""
    with output_errors(folder / MASTERS, 0):
        (folder / MASTERS).mkdir()
    taken: set[str] = set()
    jobs, files = [], []
    for number, label, master in _masters(order):
        with open_source(master.file) as source:
            info = source.info
        fields = _fields(order, number, label)
        suffix = ".wav" if master.recall is not None else master.file.suffix.lower()
        name = file_name(number, fields.title, suffix, taken)
        path = folder / MASTERS / name
        work = partial(_write, order, master, info, fields, path)
        jobs.append((info.duration_s, work))
        samples = "" if label else f"master/{number}"
        told = {"master_of": number, **({"version": label} if label else {})}
        form = "bwf-32f" if master.recall is not None else _kind(info)
        # Not told as a track's file: it has neither its trims nor the gap behind it.
        files.append(DeliveredFile(Path(MASTERS, name), form, None, samples, told))
        if master.recall is not None:
            sheet = f"{Path(name).stem}.recall.yaml"
            with output_errors(folder / MASTERS / sheet, 0):
                shutil.copyfile(master.recall, folder / MASTERS / sheet)
            files.append(DeliveredFile(Path(MASTERS, sheet), "recall", told=told))
    side_by_side(tell, "archive", jobs, _SHARES)
    sheet_text = dump(order.release).encode() if order.sheet is None else order.sheet.read_bytes()
    write_whole(sheet_text, folder / ALBUM)
    write_whole(_checksums(pieces).encode(), folder / CHECKSUMS)
    files += [
        DeliveredFile(Path(ALBUM), "album"),
        DeliveredFile(Path(CHECKSUMS), "checksums"),
    ]
    if order.signature is not None:
        write_whole(order.signature.read_bytes(), folder / SIGNATURE)
        files.append(DeliveredFile(Path(SIGNATURE), "signature"))
    kept = [str(number) for number, label, one in _masters(order) if not (label or one.recall)]
    said = f"Kept as they are, as the files that they were: {', '.join(kept)}." if kept else ""
    return Delivered(
        files=tuple(files),
        notes=(said,) if said else (),
        checklist=("Keep the mixes beside it: the recall sheets rebuild the masters from them",),
    )


def _masters(order: Order) -> Iterator[tuple[int, str, Master]]:
    """Every master with its track, 0 for what is hidden, and with its label if it is an alternate.

    An alternate that burnish made has a recall sheet beside it.
    """
    if order.hidden is not None:
        yield 0, "", order.hidden
    for number, master in enumerate(order.masters, 1):
        yield number, "", master
        for label, file in sorted(master.versions.items()):
            recall = recall_of(file)
            is_made = master.recall is not None and recall.is_file()
            yield number, label, Master(file, recall if is_made else None)


def _fields(order: Order, number: int, label: str) -> Fields:
    by = order.wishes.mastered_by
    if number:
        fields = fields_of(order.release, number - 1, by)
        # An alternate is a recording of its own: the track's ISRC is not its.
        return replace(fields, title=f"{fields.title} ({label})", isrc="") if label else fields
    return Fields(title="Hidden", album=order.release.title, artist=order.release.artist)


def _write(
    order: Order, master: Master, info: SourceInfo, fields: Fields, path: Path, tell: Teller
) -> None:
    if master.recall is None:
        with output_errors(path, master.file.stat().st_size):
            shutil.copyfile(master.file, path)
        return
    with open_source(master.file) as source:
        measured = measure(source, tell.stage("measure", source))
        history = history_line(info.rate_hz, 32, info.channels, f"burnish {__version__}; master")
        broadcast = Broadcast(
            rate_hz=info.rate_hz,
            bits=32,
            channels=info.channels,
            made=order.made,
            loudness=loudness_of(measured),
            history=(history,),
        )
        copy_with_chunks(master.file, path, wav_chunks(fields, broadcast, id3=False))
        written = Encoded(path, kind("wav-32f"), info.rate_hz, info.channels, info.n_samples)
        prove_samples(written, source, tell.stage("prove", source))


def _kind(info: SourceInfo) -> str:
    """The kind of a file that was there before, as ``DeliveredFile.kind``."""
    name = {"pcm": info.format, "float": info.format}.get(info.codec, info.codec)
    if info.bits is None:
        return name
    return f"{name}-{info.bits}{'f' if info.is_float else ''}"


def _checksums(pieces: Pieces) -> str:
    """MD5 of the samples of each track at 24 bits, as a FLAC of it tells in its header."""
    tracks = [
        {
            "track": piece.number,
            "title": pieces.order.release.tracks[piece.number - 1].full_title,
            "n_samples": piece.n_samples,
            "md5": samples_md5(piece),
        }
        for piece in pieces.cut("24")
    ]
    document = {"burnish": __version__, "rate_hz": pieces.rate_hz, "bits": 24, "tracks": tracks}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def samples_md5(piece: Piece) -> str:
    """MD5 of a piece's samples, little-endian, as they stand in its WAV."""
    found = hashlib.md5(usedforsecurity=False)
    with piece.path.open("rb") as file:
        header = read_wav_header(file, piece.path.stat().st_size)
        if header is None:
            raise ValueError(f"{piece.path}: is no WAV")
        file.seek(header.region.start)
        bits = int(piece.samples.split("/")[1].removesuffix("f"))
        left = piece.n_samples * piece.channels * bits // 8
        while left > 0:
            part = file.read(min(left, _PIECE))
            found.update(part)
            left -= len(part)
    return found.hexdigest()
