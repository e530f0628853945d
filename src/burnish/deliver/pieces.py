"""Pieces: the tracks of a release as plain files, cut from one programme that was rounded once.

Every other file is made from these. One after the other they are the programme, bit for bit.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from burnish.audio import OutputFormat, Source, Writer, open_source
from burnish.audio.headers import wav_header
from burnish.audio.output_format import Bits
from burnish.audio.raw import packed
from burnish.audio.staged import output_errors
from burnish.chain import Teller
from burnish.chain.ahead import ahead
from burnish.deliver.order import Order
from burnish.deliver.programme import Programme, programme_of
from burnish.deliver.workers import Workers
from burnish.measure import Measurement, measure
from burnish.measure.loudness import (
    MOMENTARY_SEGMENTS,
    SHORT_TERM_SEGMENTS,
    gated_power,
    lufs,
    sliding_sum,
    spread_db,
)
from burnish.units import gain_from_db

LEAST_RATE_HZ = 44_100  # no shop takes less
_WIDTH = {"16": 2, "24": 3, "32f": 4}


@dataclass(frozen=True)
class Piece:
    """One track as a plain WAV: format tag 1 (3: floats), nothing but ``fmt`` and ``data``."""

    path: Path
    number: int
    """The track, from 1; 0 is what is hidden before the first."""
    samples: str
    """Names its samples, as ``DeliveredFile.samples``: rate, bits, track."""
    rate_hz: int
    channels: int
    n_samples: int
    gain_db: float = 0.0
    """By how much it was turned before it was rounded."""

    def open(self) -> Source:
        """The piece as a source; a context manager."""
        return open_source(self.path)


@dataclass(frozen=True)
class AlbumMeasured:
    """The release as one body: gated over the blocks of all its tracks (ITU-R BS.1770-5)."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float
    sample_peak_dbfs: float
    loudest_track: int
    """The one of the highest integrated loudness, from 1."""


class Pieces:
    """The cut tracks of an order, made at first use and kept in ``scratch``."""

    def __init__(
        self, order: Order, scratch: Path, tell: Teller, workers: Workers | None = None
    ) -> None:
        self.order = order
        self.workers = workers or Workers()
        """Who makes files of the pieces."""
        self.rate_hz = order.wishes.rate_hz or max(
            LEAST_RATE_HZ, min(_rate_hz(master.file) for master in order.masters)
        )
        self.scratch = scratch
        self._tell = tell
        self._cut: dict[tuple[Bits, int], tuple[Piece, ...]] = {}
        self._measured: dict[int, tuple[Measurement, ...]] = {}
        self.finished: dict[str, Path] = {}
        """Files of its tracks as one product holds them, by what is in them, in ``scratch``:
        another product that wants the same copies them."""

    def sequence(
        self, rate_hz: int | None = None, cd_frames: bool = False
    ) -> AbstractContextManager[Programme]:
        """The programme, to be used in a ``with``; by default at the release's rate."""
        return programme_of(self.order, rate_hz or self.rate_hz, cd_frames)

    def cut(
        self, bits: Bits, rate_hz: int | None = None, hidden: bool = False
    ) -> tuple[Piece, ...]:
        """The tracks in order, flat dither at 16 and 24 bits; with what is ``hidden`` before them.

        What is kept of a file of whole numbers keeps its bits.
        """
        key = (bits, rate_hz or self.rate_hz)
        if key not in self._cut:
            self._cut[key] = self._made(*key)
        return tuple(piece for piece in self._cut[key] if piece.number or hidden)

    def turned(
        self, bits: Bits, gains_db: Sequence[float], rate_hz: int | None = None
    ) -> tuple[Piece, ...]:
        """The tracks as ``cut``, each turned by a gain of its own before it is rounded."""
        if not any(gains_db):
            return self.cut(bits, rate_hz)
        cut = self.cut("32f", rate_hz)
        return tuple(
            self._turned(piece, bits, gain_db) for piece, gain_db in zip(cut, gains_db, strict=True)
        )

    def _turned(self, piece: Piece, bits: Bits, gain_db: float) -> Piece:
        folder = self.scratch / f"{piece.rate_hz}-{bits}-turned"
        path = folder / f"{piece.number:02d} {gain_db:+.4f} dB.wav"
        turned = replace(
            piece,
            path=path,
            samples=f"{piece.rate_hz}/{bits}/{piece.number}/{gain_db:+.4f} dB",
            gain_db=gain_db,
        )
        if path.exists():
            return turned
        with output_errors(folder, 0):
            folder.mkdir(parents=True, exist_ok=True)
        form, gain = OutputFormat(bits=bits), gain_from_db(gain_db)
        with (
            piece.open() as source,
            Writer(path, form, piece.rate_hz, piece.channels, piece.n_samples) as writer,
        ):
            told, done = self._tell.stage("cut", source), 0
            for block in source.blocks():
                writer.write(block * gain)
                done += block.shape[1]
                told(done / piece.n_samples)
        return turned

    def measured(self, rate_hz: int | None = None) -> tuple[Measurement, ...]:
        """The 24-bit tracks as read back."""
        rate_hz = rate_hz or self.rate_hz
        if rate_hz not in self._measured:
            found = []
            for piece in self.cut("24", rate_hz):
                with piece.open() as source:
                    found.append(measure(source, self._tell.stage("prove", source)))
            self._measured[rate_hz] = tuple(found)
        return self._measured[rate_hz]

    def measured_so_far(self) -> dict[str, Measurement]:
        """What ``measured`` was asked for until now, by the names of the samples."""
        return {
            piece.samples: one
            for rate_hz, found in self._measured.items()
            for piece, one in zip(self.cut("24", rate_hz), found, strict=True)
        }

    def n_samples(self) -> dict[str, int]:
        """How long the tracks are that were cut until now, by the names of the samples."""
        return {one.samples: one.n_samples for cut in self._cut.values() for one in cut}

    def album(self) -> AlbumMeasured:
        """Loudness and peaks of all tracks together."""
        return album_measured(self.measured())

    def _made(self, bits: Bits, rate_hz: int) -> tuple[Piece, ...]:
        folder = self.scratch / f"{rate_hz}-{bits}"
        with self.sequence(rate_hz) as programme, output_errors(folder, 0):
            folder.mkdir(parents=True, exist_ok=True)
            layout = programme.layout
            spans = [(i + 1, one.start, one.end) for i, one in enumerate(layout.tracks)]
            if layout.hidden is not None:
                spans.insert(0, (0, 0, layout.tracks[0].start))
            pieces = tuple(
                Piece(
                    folder / f"{number:02d}.wav",
                    number,
                    f"{rate_hz}/{bits}/{number}",
                    rate_hz,
                    layout.channels,
                    end - start,
                )
                for number, start, end in spans
            )
            told = self._tell.stage("cut", programme.source)
            done = 0
            with _Cutter(pieces, bits) as cutter:
                for block in _samples(programme, bits):
                    cutter.write(block)
                    done += block.shape[1]
                    told(done / max(1, layout.n_samples))
        return pieces


def _samples(programme: Programme, bits: Bits) -> Iterator[NDArray[np.int32] | NDArray[np.float64]]:
    if bits == "32f":
        return ahead(programme.source.blocks())
    return ahead(programme.quantised(int(bits), "tpdf"))


class _Cutter:
    """Writes a stream into one file after the other."""

    def __init__(self, pieces: tuple[Piece, ...], bits: Bits) -> None:
        self._pieces = list(pieces)
        self._bits = bits
        self._file: BinaryIO | None = None
        self._left = 0

    def write(self, block: NDArray[np.int32] | NDArray[np.float64]) -> None:
        """Write (channels, n) samples, into the next file where one is full."""
        while block.shape[1]:
            if self._file is None:
                self._next()
            n = min(block.shape[1], self._left)
            self._put(packed(block[:, :n], _WIDTH[self._bits], False))
            self._left -= n
            block = block[:, n:]
            if not self._left:
                self._end()

    def _next(self) -> None:
        piece = self._pieces.pop(0)
        self._file = piece.path.open("wb")
        self._left = piece.n_samples
        width, is_float = _WIDTH[self._bits], self._bits == "32f"
        self._odd = piece.n_samples * piece.channels * width % 2 == 1
        self._put(wav_header(piece.rate_hz, piece.channels, width, is_float, piece.n_samples, {}))

    def _put(self, data: bytes) -> None:
        if self._file is not None:
            self._file.write(data)

    def _end(self) -> None:
        if self._odd:
            self._put(b"\0")
        if self._file is not None:
            self._file.close()
        self._file = None

    def __enter__(self) -> "_Cutter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def album_measured(tracks: Sequence[Measurement]) -> AlbumMeasured:
    """What the tracks measure as one body; a gap within a track counts as it does in a file."""
    powers = [one.timeline.segment_power for one in tracks]
    blocks, longer = (
        np.concatenate([sliding_sum(power, size) / size for power in powers])
        for size in (MOMENTARY_SEGMENTS, SHORT_TERM_SEGMENTS)
    )
    each = [one.loudness.integrated_lufs for one in tracks]
    known = [-math.inf if one is None else one for one in each]
    return AlbumMeasured(
        integrated_lufs=lufs(gated_power(blocks)) if len(blocks) else None,
        range_lu=spread_db(longer) if len(longer) else None,
        true_peak_dbtp=max(one.peaks.true_peak_dbtp for one in tracks),
        sample_peak_dbfs=max(one.peaks.sample_peak_dbfs for one in tracks),
        loudest_track=known.index(max(known)) + 1,
    )


def _rate_hz(file: Path) -> int:
    with open_source(file) as source:
        return source.info.rate_hz
