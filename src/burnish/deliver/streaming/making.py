"""One track made into one file: encoded, tagged, and proven as it lies there.

What is needed for that and what comes of it can be pickled: a worker process may do it.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from burnish.audio import Block, Source
from burnish.chain import Teller
from burnish.deliver.artwork import Cover
from burnish.deliver.encode import (
    ConvertedTrack,
    Decoded,
    Encoded,
    Kind,
    encode,
    prove_decoded,
    prove_samples,
    turn_opus,
)
from burnish.deliver.pieces import Piece
from burnish.deliver.tags import Fields, ReplayGains, write_tags


@dataclass(frozen=True)
class Making:
    """All that one file is made from."""

    path: Path
    kind: Kind
    around: tuple[Piece, ...]
    """The piece, and those it is converted with where the codec has a rate of its own."""
    place: int
    """Of the piece among them."""
    stereo: bool
    fields: Fields
    cover: Cover | None
    gains: ReplayGains | None
    """ReplayGain of the piece as it is."""
    gain_db: float = 0.0
    plain: bool = False
    """See ``encode``."""
    encoded: Encoded | None = None
    """An Opus file that is there already, and only gets another gain in its head."""


@dataclass(frozen=True)
class Made:
    """A file as it was made; ``decoded`` of a lossy one."""

    encoded: Encoded
    decoded: Decoded | None


def make_file(one: Making, tell: Teller) -> Made:
    """Encode, tag and prove one file; an Opus file that is there gets its gain only."""
    with ExitStack() as held:
        source = _source(one, held)
        in_head = one.kind.family == "opus"
        encoded = one.encoded
        if encoded is None:
            encoded = encode(
                source,
                one.path,
                one.kind,
                gain_db=0.0 if in_head else one.gain_db,
                plain=one.plain,
                overwrite=True,
                told=tell.stage("encode", source),
            )
        if in_head and one.gain_db:
            encoded = replace(encoded, gain_db=turn_opus(one.path, one.gain_db))
        if one.kind.family != "wav":
            gains = None if one.gains is None else one.gains.behind(encoded.gain_db)
            write_tags(one.path, one.fields, one.cover, gains)
        told = tell.stage("prove", source)
        if not one.kind.is_lossless:
            return Made(encoded, prove_decoded(encoded, told))
        prove_samples(encoded, source, told)
        return Made(encoded, None)


def excerpt_peak_dbtp(one: Making, scratch: Path, length_s: int, tell: Teller) -> float:
    """True peak of the loudest seconds of a track as they come back from its codec."""
    told = tell.lasting("encode", length_s)
    path = scratch / f"{one.around[one.place].number:02d}-{one.kind.name}{one.kind.suffix}"
    with ExitStack() as held:
        source = _source(one, held)
        start = _loudest(source, length_s)
        stop = min(source.info.n_samples, start + length_s * source.info.rate_hz)
        encoded = encode(_Excerpt(source, start, stop), path, one.kind, overwrite=True)
    told(0.5)
    peak_dbtp = prove_decoded(encoded).true_peak_dbtp
    path.unlink()
    return peak_dbtp


def _loudest(source: Source, length_s: int) -> int:
    """Where the loudest seconds begin, in samples."""
    power = [float(np.vdot(block, block)) for block in source.blocks(source.info.rate_hz)]
    sums = np.convolve(power, np.ones(length_s), "valid")
    return int(np.argmax(sums)) * source.info.rate_hz if len(power) > length_s else 0


def _source(one: Making, held: ExitStack) -> Source:
    """What is encoded: the piece, at the codec's rate where that is another."""
    piece = one.around[one.place]
    rate_hz = one.kind.rate_hz(piece.rate_hz)
    if rate_hz == piece.rate_hz:
        track = held.enter_context(piece.open())
    else:
        sources = [held.enter_context(each.open()) for each in one.around]
        track = ConvertedTrack(sources, one.place, rate_hz)
    return _Both(track) if one.stereo else track


class _Excerpt(Source):
    """Some samples of another source."""

    def __init__(self, whole: Source, start: int, stop: int) -> None:
        self.info = replace(whole.info, path=None, n_samples=stop - start)
        self._whole, self._start = whole, start

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        yield from self._whole.blocks(block_samples, self._start + start, self._start + stop)


class _Both(Source):
    """A mono source on both channels."""

    def __init__(self, mono: Source) -> None:
        self.info = replace(mono.info, channels=2)
        self._mono = mono

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        for block in self._mono.blocks(block_samples, start, stop):
            yield np.repeat(block, 2, axis=0)
