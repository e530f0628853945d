"""Broadcast: BWF of 24 bits at 48 kHz, with loudness, coding history and ISRC in their chunks.

``bext`` version 2 (EBU Tech 3285), iXML, and ``axml`` with the ISRC (EBU Tech 3352) stand before
the sound; behind it there is nothing. Where a loudness is demanded (EBU R 128: -23 LUFS), each
track is brought to it by one gain, and by nothing else: its dynamics stay.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

from burnish import __version__
from burnish.audio.chunks import BextLoudness, copy_with_chunks, history_line
from burnish.chain import Teller
from burnish.deliver.encode import Encoded, kind, prove_samples
from burnish.deliver.names import file_name
from burnish.deliver.order import Delivered, DeliveredFile, Order
from burnish.deliver.pieces import Piece, Pieces
from burnish.deliver.streaming.demand import missed, turned_notes, turns
from burnish.deliver.streaming.service import checklist, converted, left_out, rate_for, rates_hz
from burnish.deliver.streaming.side_by_side import side_by_side
from burnish.deliver.streaming.sidecar import write_sidecar
from burnish.deliver.streaming.tracks import Album, album
from burnish.deliver.tags import Broadcast, Fields, fields_of, loudness_of, wav_chunks
from burnish.measure import Measurement
from burnish.targets import Delivery

BITS, KIND = 24, "bwf-24"
_SHARES = {"prove": (0.0, 1.0)}


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write a BWF for each track, and its metadata beside it."""
    one = album(order, folder, pieces, tell)
    rate_hz, notes = rate_for(place, pieces)
    made = turns(place, pieces, rate_hz)
    cut = pieces.turned("24", [turn.gain_db for turn in made], rate_hz)
    measured = pieces.measured(rate_hz)
    own_hz = rates_hz(order)
    taken: set[str] = set()
    jobs, files = [], []
    for piece, own, from_hz in zip(cut, measured, own_hz, strict=True):
        title = order.release.tracks[piece.number - 1].full_title
        path = folder / file_name(piece.number, title, ".wav", taken)
        cost = piece.n_samples / piece.rate_hz
        jobs.append((cost, partial(_write, one, piece, path, own, from_hz)))
        files.append(_told(piece, path.name))
    side_by_side(tell, "encode", jobs, _SHARES)
    return Delivered(
        files=(*files, *write_sidecar(one, files)),
        findings=tuple(missed(place, made)),
        notes=(*notes, *converted(order, rate_hz), *turned_notes(made), *left_out(order)),
        checklist=checklist(one, place),
    )


def _moved(loudness: BextLoudness, gain_db: float) -> BextLoudness:
    """The loudness of the same sound behind a gain; its range stays."""

    def by(value: float | None) -> float | None:
        return None if value is None else value + gain_db

    return replace(
        loudness,
        integrated_lufs=by(loudness.integrated_lufs),
        true_peak_dbtp=by(loudness.true_peak_dbtp),
        max_momentary_lufs=by(loudness.max_momentary_lufs),
        max_short_term_lufs=by(loudness.max_short_term_lufs),
    )


def _write(
    one: Album, piece: Piece, path: Path, own: Measurement, from_hz: int, tell: Teller
) -> None:
    loudness = _moved(loudness_of(own), piece.gain_db)
    chunks = wav_chunks(_fields(one, piece), _broadcast(one, piece, loudness, from_hz), id3=False)
    with piece.open() as source:
        copy_with_chunks(piece.path, path, chunks)
        written = Encoded(path, kind("wav-24"), piece.rate_hz, piece.channels, piece.n_samples)
        prove_samples(written, source, tell.stage("prove", source))


def _fields(one: Album, piece: Piece) -> Fields:
    return fields_of(one.order.release, piece.number - 1, one.order.wishes.mastered_by)


def _broadcast(one: Album, piece: Piece, loudness: BextLoudness, from_hz: int) -> Broadcast:
    done = ["tpdf dither"]
    if from_hz != piece.rate_hz:
        done.insert(0, f"from {from_hz} Hz")
    if piece.gain_db:
        done.insert(0, f"{piece.gain_db:+.2f} dB")
    history = (
        history_line(from_hz, 32, piece.channels, f"burnish {__version__}; master"),
        history_line(piece.rate_hz, BITS, piece.channels, "; ".join(done)),
    )
    return Broadcast(
        rate_hz=piece.rate_hz,
        bits=BITS,
        channels=piece.channels,
        made=one.order.made,
        loudness=loudness,
        history=history,
    )


def _told(piece: Piece, name: str) -> DeliveredFile:
    told = {"gain_db": round(piece.gain_db, 2)} if piece.gain_db else {}
    return DeliveredFile(Path(name), KIND, piece.number, piece.samples, told)
