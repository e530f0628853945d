"""Broadcast: BWF of 24 bits at 48 kHz, with loudness, coding history and ISRC in their chunks.

``bext`` version 2 (EBU Tech 3285), iXML, and ``axml`` with the ISRC (EBU Tech 3352) stand before
the sound; behind it there is nothing. Where a loudness is demanded (EBU R 128: -23 LUFS), each
track is brought to it by one gain, and by nothing else: its dynamics stay.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from burnish import __version__
from burnish.audio import Block, Source
from burnish.audio.chunks import BextLoudness, copy_with_chunks, history_line
from burnish.chain import Teller
from burnish.deliver.encode import Encoded, encode, kind, prove_samples
from burnish.deliver.names import file_name
from burnish.deliver.order import Delivered, DeliveredFile, Order
from burnish.deliver.pieces import Piece, Pieces
from burnish.deliver.streaming.service import checklist, converted, left_out, rate_for, rates_hz
from burnish.deliver.streaming.side_by_side import side_by_side
from burnish.deliver.streaming.sidecar import write_sidecar
from burnish.deliver.streaming.tracks import Album, album
from burnish.deliver.tags import Broadcast, Fields, fields_of, loudness_of, wav_chunks
from burnish.dsp.dither import Quantiser
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.targets import Delivery
from burnish.units import gain_from_db

BITS, KIND = 24, "bwf-24"
_SHARES = {"encode": (0.0, 0.7), "prove": (0.7, 1.0)}


@dataclass(frozen=True)
class _Turn:
    """By how much a track is turned, and what its file then measures."""

    gain_db: float
    loudness: BextLoudness


def make(order: Order, place: Delivery, folder: Path, pieces: Pieces, tell: Teller) -> Delivered:
    """Write a BWF for each track, and its metadata beside it."""
    one = album(order, folder, pieces, tell)
    rate_hz, notes = rate_for(place, pieces)
    measured = pieces.measured(rate_hz)
    turns = [_turn(place, each) for each in measured]
    turned = any(turn.gain_db for turn in turns)
    cut = pieces.cut("32f" if turned else "24", rate_hz)
    own_hz = rates_hz(order)
    taken: set[str] = set()
    jobs, files = [], []
    for piece, turn, from_hz in zip(cut, turns, own_hz, strict=True):
        title = order.release.tracks[piece.number - 1].full_title
        path = folder / file_name(piece.number, title, ".wav", taken)
        cost = piece.n_samples / piece.rate_hz
        jobs.append((cost, partial(_write, one, piece, path, turn, from_hz)))
        files.append(_told(piece, path.name, turn))
    side_by_side(tell, "encode", jobs, _SHARES)
    return Delivered(
        files=(*files, *write_sidecar(one, files)),
        findings=tuple(_missed(place, turns)),
        notes=(*notes, *converted(order, rate_hz), *_gains(place, turns), *left_out(order)),
        checklist=checklist(one, place),
    )


def _turn(place: Delivery, measured: Measurement) -> _Turn:
    loudness, own = loudness_of(measured), measured.loudness.integrated_lufs
    if place.loudness_is != "demand" or place.loudness_lufs is None:
        return _Turn(0.0, loudness)
    if own is None or not math.isfinite(own):
        return _Turn(0.0, loudness)
    gain_db = place.loudness_lufs - own
    if gain_db > 0.0:
        gain_db = max(0.0, min(gain_db, place.ceiling_dbtp - measured.peaks.true_peak_dbtp))
    return _Turn(gain_db, _moved(loudness, gain_db))


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


def _write(one: Album, piece: Piece, path: Path, turn: _Turn, from_hz: int, tell: Teller) -> None:
    chunks = wav_chunks(_fields(one, piece), _broadcast(one, piece, turn, from_hz), id3=False)
    form = kind("wav-24")
    with piece.open() as opened:
        if piece.samples.split("/")[1] == "24":
            source: Source = opened
            copy_with_chunks(piece.path, path, chunks)
            written = Encoded(path, form, piece.rate_hz, piece.channels, piece.n_samples)
        else:
            source = TurnedSource(opened, turn.gain_db)
            told = tell.stage("encode", source)
            written = encode(source, path, form, chunks=chunks, told=told)
        prove_samples(written, source, tell.stage("prove", source))


def _fields(one: Album, piece: Piece) -> Fields:
    return fields_of(one.order.release, piece.number - 1, one.order.wishes.mastered_by)


def _broadcast(one: Album, piece: Piece, turn: _Turn, from_hz: int) -> Broadcast:
    done = ["tpdf dither"]
    if from_hz != piece.rate_hz:
        done.insert(0, f"from {from_hz} Hz")
    if turn.gain_db:
        done.insert(0, f"{turn.gain_db:+.2f} dB")
    history = (
        history_line(from_hz, 32, piece.channels, f"burnish {__version__}; master"),
        history_line(piece.rate_hz, BITS, piece.channels, "; ".join(done)),
    )
    return Broadcast(
        rate_hz=piece.rate_hz,
        bits=BITS,
        channels=piece.channels,
        made=one.order.made,
        loudness=turn.loudness,
        history=history,
    )


class TurnedSource(Source):
    """A source turned up or down and rounded to 24 bits, with flat dither; read from its start."""

    def __init__(self, source: Source, gain_db: float) -> None:
        self.info = replace(source.info, codec="pcm", bits=BITS, is_float=False)
        self._source = source
        self._gain = gain_from_db(gain_db)

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        info = self.info
        held = np.zeros((info.channels, 0), dtype=np.int32)
        skip = start
        quantiser = Quantiser(BITS, "tpdf", 1, info.channels, info.rate_hz)

        def rounded() -> Iterator[NDArray[np.int32]]:
            for block in self._source.blocks(stop=stop):
                yield quantiser.process(block * self._gain)
            yield quantiser.finish()

        for block in rounded():
            skipped = min(skip, block.shape[1])
            skip -= skipped
            held = np.concatenate((held, block[:, skipped:]), axis=1)
            while held.shape[1] >= block_samples:
                yield np.multiply(held[:, :block_samples], 2.0 ** (1 - BITS), dtype=np.float64)
                held = held[:, block_samples:]
        if held.shape[1]:
            yield np.multiply(held, 2.0 ** (1 - BITS), dtype=np.float64)


def _told(piece: Piece, name: str, turn: _Turn) -> DeliveredFile:
    rate_hz, _, number = piece.samples.split("/")
    turned = f"/{turn.gain_db:+.2f} dB" if piece.samples.split("/")[1] != "24" else ""
    told = {"gain_db": round(turn.gain_db, 2)} if turned else {}
    return DeliveredFile(Path(name), KIND, piece.number, f"{rate_hz}/{BITS}/{number}{turned}", told)


def _gains(place: Delivery, turns: list[_Turn]) -> Iterator[str]:
    for number, turn in enumerate(turns, 1):
        if turn.gain_db:
            way = "down" if turn.gain_db < 0 else "up"
            yield (
                f"Track {number}: turned {way} by {abs(turn.gain_db):.2f} dB to "
                f"{turn.loudness.integrated_lufs:.1f} LUFS, a gain and nothing else."
            )


def _missed(place: Delivery, turns: list[_Turn]) -> Iterator[Finding]:
    if place.loudness_is != "demand" or place.loudness_lufs is None:
        return
    for number, turn in enumerate(turns, 1):
        is_lufs = turn.loudness.integrated_lufs
        if is_lufs is None or not math.isfinite(is_lufs):
            what = "is silent or too short to be measured"
        elif place.loudness_lufs - is_lufs > (place.tolerance_lu or 0.0):
            what = f"reaches {is_lufs:.1f} LUFS: its peaks leave no room for more gain"
        else:
            continue
        yield Finding(
            code="loudness-demand",
            severity="fail",
            title=f"Not at {place.loudness_lufs:g} LUFS",
            detail=f"Track {number} {what}.",
            advice="Master it denser, or agree on another loudness with the station.",
            evidence={"track": number},
            about="master",
        )
