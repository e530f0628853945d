"""Encode: a source into a file of a kind, in blocks and in constant memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from burnish.audio import Block, OutputFormat, Source, Writer
from burnish.audio.staged import Staged, check_output, output_errors
from burnish.chain.ahead import close
from burnish.deliver.encode.kinds import Kind
from burnish.deliver.tags.gapless import tell_gapless, tell_padding
from burnish.dsp.resample import resampled_length
from burnish.units import gain_from_db


@dataclass(frozen=True)
class Encoded:
    """A file as it was written."""

    path: Path
    kind: Kind
    rate_hz: int
    channels: int
    n_samples: int
    """Samples of each channel that come back from it: neither delay nor padding."""
    gain_db: float = 0.0
    plain: bool = False
    """An AAC without TNS."""


class Coder(Protocol):
    """Packs a stream into an open file."""

    def write(self, block: Block) -> None:
        """Take ``(channels, n)`` samples, n >= 1."""

    def finish(self) -> None:
        """The stream has ended; what is behind it is written."""

    def abandon(self) -> None:
        """Give back what is held; after ``finish`` there is nothing."""


def encode(
    source: Source,
    path: Path,
    kind: Kind,
    *,
    gain_db: float = 0.0,
    plain: bool = False,
    overwrite: bool = False,
    chunks: Mapping[str, bytes] | None = None,
    told: Callable[[float], None] = lambda done: None,
) -> Encoded:
    """Write a source as a file of that kind; it appears under ``path`` when it is whole.

    Whole numbers of no more bits than the file's keep every bit; others are dithered once. What is
    not ``lossless`` is given floats, without dither, at 44.1 or 48 kHz. ``gain_db`` is for lossy
    kinds, whose peaks are the codec's. ``plain`` makes an AAC without TNS, see ``AAC_PLAIN``.
    ``chunks`` are a WAV's or an AIFF's, before the samples.

    ``told`` gets how much is done, 0 to 1; what it raises ends the work, with nothing left of it.
    Errors as those of ``Writer``.
    """
    info = source.info
    rate_hz = kind.rate_hz(info.rate_hz)
    n_samples = resampled_length(info.n_samples, info.rate_hz, rate_hz)
    encoded = Encoded(path, kind, rate_hz, info.channels, n_samples, gain_db, plain)
    if kind.is_lossless and gain_db:
        raise ValueError(f"gain_db={gain_db}: a lossless file holds the samples as they are")
    blocks = _told(source, told)
    try:
        if kind.family in ("wav", "flac", "aiff"):
            _write_plain(blocks, source, encoded, overwrite, chunks)
        elif kind.is_lossless:
            _write_packed(_quantised(blocks, source, int(kind.bits or 24)), encoded, overwrite)
        else:
            _write_packed(_as_asked(blocks, source, rate_hz, gain_db), encoded, overwrite)
    finally:
        close(blocks)
    return encoded


def _write_plain(
    blocks: Iterator[Block],
    source: Source,
    encoded: Encoded,
    overwrite: bool,
    chunks: Mapping[str, bytes] | None,
) -> None:
    info, kind = source.info, encoded.kind
    form = OutputFormat(format=kind.family, bits=kind.bits)
    if not form.is_float and keeps_bits(source, int(form.bits)):
        form = form.with_(dither="none")
    n = info.n_samples
    with Writer(encoded.path, form, info.rate_hz, info.channels, n, overwrite, chunks) as writer:
        for block in blocks:
            writer.write(block)


def keeps_bits(source: Source, bits: int) -> bool:
    """Whether a file of so many bits holds every sample of the source as it is."""
    info = source.info
    return info.bits is not None and not info.is_float and info.bits <= bits


def _write_packed(blocks: Iterator[Block], encoded: Encoded, overwrite: bool) -> None:
    check_output(encoded.path, overwrite)
    n_bytes = 4 * encoded.channels * encoded.n_samples
    with output_errors(encoded.path, n_bytes):
        staged = Staged(encoded.path, overwrite)
        coder: Coder | None = None
        try:
            coder = _coder(staged, encoded)
            for block in blocks:
                if block.shape[1]:
                    coder.write(block)
            coder.finish()
            if encoded.kind.family == "aac":
                tell_gapless(staged.file, encoded.n_samples)
            elif encoded.kind.family == "mp3":
                tell_padding(staged.file, encoded.channels, encoded.n_samples)
            staged.commit()
        finally:
            if coder is not None:
                coder.abandon()
            staged.discard()


def _coder(staged: Staged, encoded: Encoded) -> Coder:
    if encoded.kind.family == "vorbis":
        from burnish.deliver.encode.by_vorbis import VorbisCoder

        return VorbisCoder(staged.file, encoded)
    if encoded.kind.family == "mp3":
        from burnish.deliver.encode import by_lame

        if by_lame.system_lame() is not None:
            return by_lame.LameCoder(staged.file, encoded)
    from burnish.deliver.encode.by_ffmpeg import FFmpegCoder

    return FFmpegCoder(staged.file, encoded)


def _told(source: Source, told: Callable[[float], None]) -> Iterator[Block]:
    done = 0
    for block in source.blocks():
        yield block
        done += block.shape[1]
        told(done / source.info.n_samples)


def _quantised(blocks: Iterator[Block], source: Source, bits: int) -> Iterator[Block]:
    """On the grid of so many bits, as floats."""
    if keeps_bits(source, bits):
        yield from blocks
        return
    from burnish.dsp.dither import Quantiser

    info, scale = source.info, 2.0 ** (1 - bits)
    quantiser = Quantiser(bits, "tpdf", 1, info.channels, info.rate_hz)
    for block in blocks:
        yield np.multiply(quantiser.process(block), scale, dtype=np.float64)
    yield np.multiply(quantiser.finish(), scale, dtype=np.float64)


def _as_asked(
    blocks: Iterator[Block], source: Source, rate_hz: int, gain_db: float
) -> Iterator[Block]:
    info = source.info
    gain = gain_from_db(gain_db)
    if info.rate_hz == rate_hz:
        converted = blocks
    else:
        converted = _converted(blocks, info.rate_hz, rate_hz, info.channels)
    for block in converted:
        yield block * gain if gain_db else block


def _converted(
    blocks: Iterator[Block], in_rate_hz: int, out_rate_hz: int, channels: int
) -> Iterator[Block]:
    from burnish.dsp.resample import Resampler

    resampler = Resampler(in_rate_hz, out_rate_hz, channels)
    for block in blocks:
        yield resampler.process(block)
    yield np.asarray(resampler.finish())
