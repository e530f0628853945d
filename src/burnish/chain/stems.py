"""Stems as one source: the sum of several files, each in its place and through its own steps.

The sum is made once, in the order of the list, and kept in a temporary file without a name; the
passes that follow read it there. A plain sum of files is exact: 64-bit floats hold the sum of
24-bit samples without rounding.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BufferedRandom
from threading import Lock
from typing import Self, cast

import numpy as np

from burnish.audio import Block, Source, SourceInfo, open_source
from burnish.audio.raw import RawSource, Region
from burnish.audio.source import BLOCK_SAMPLES
from burnish.chain.ahead import ahead, close
from burnish.chain.plan import Stem
from burnish.chain.render import play
from burnish.errors import OutputError
from burnish.units import gain_from_db

_FEW = 8  # more stems than this are read in smaller blocks, as each keeps some waiting
_SMALL_SAMPLES = 16_384

Heard = Callable[[list[Block], Block], None]
"""Hears the stems side by side, and their sum."""


@dataclass(frozen=True)
class Layout:
    """What all stems are brought to: rate, channels, and samples of each channel."""

    rate_hz: int
    channels: int
    n_samples: int


class StemSource(Source):
    """The sum of stems as a source. Every pass over it has the same bits.

    A mono stem goes to both channels of a stereo sum as it is: each gets its samples at gain 1. A
    stem of another rate is converted; one that is shorter, or begins later, is silent where it is
    not. A neutral stem is added bit for bit.
    """

    def __init__(self, stems: Sequence[Stem], sources: Sequence[Source], layout: Layout) -> None:
        self.stems = tuple(stems)
        self.sources = tuple(sources)
        self.layout = layout
        self.info = _info(self.stems, self.sources, layout)
        self._held = ExitStack()
        self._spool: RawSource | None = None
        self._filling = Lock()

    @classmethod
    def open(cls, stems: Sequence[Stem], layout: Layout) -> Self:
        """Open the files that the stems name; they are closed with this source."""
        with ExitStack() as held:
            sources = [held.enter_context(open_source(stem.file)) for stem in stems]
            made = cls(stems, sources, layout)
            made._held = held.pop_all()
            return made

    def moved(self, stems: Sequence[Stem]) -> "StemSource":
        """The same files with other gains, places or steps; close it before this one."""
        return StemSource(stems, self.sources, self.layout)

    def parts(self) -> Iterator[list[Block]]:
        """The stems side by side, each as it goes into the sum."""
        size = BLOCK_SAMPLES if len(self.stems) <= _FEW else _SMALL_SAMPLES
        streams = [
            ahead(_cut(self._played(stem, source, size), size))
            for stem, source in zip(self.stems, self.sources, strict=True)
        ]
        try:
            for blocks in zip(*streams, strict=True):
                yield list(blocks)
        finally:
            for stream in streams:
                close(stream)

    def fill(
        self, heard: Heard | None = None, told: Callable[[float], None] = lambda done: None
    ) -> None:
        """Make the sum, once; ``heard`` hears all of it on the way. A second time does nothing."""
        with self._filling:
            if self._spool is not None:
                return
            with ExitStack() as held:
                spool = held.enter_context(tempfile.TemporaryFile(buffering=1 << 20))
                file, done = cast(BufferedRandom, spool), 0
                for parts in self.parts():
                    total = parts[0]
                    for part in parts[1:]:
                        total = total + part
                    if heard is not None:
                        heard(parts, total)
                    _write(file, total)
                    done += total.shape[1]
                    told(done / self.layout.n_samples)
                _flush(file)
                held.pop_all()
            # What is read back is checked as floats are: a sum may overflow where no stem does.
            info = replace(self.info, is_float=True)
            self._spool = RawSource(file, Region(0, "f64"), info)

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        self.fill()
        if self._spool is None:
            raise ValueError("the sum of the stems is closed")
        yield from self._spool.blocks(block_samples, start, stop)

    def close(self) -> None:
        """Forget the sum, and close the files that were opened here."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None
        self._held.close()

    def _played(self, stem: Stem, source: Source, size: int) -> Iterator[Block]:
        blocks: Iterable[Block] = _placed(self._own(source, size), stem.offset_samples, self.layout)
        if stem.gain_db != 0.0:
            gain = gain_from_db(stem.gain_db)
            blocks = (block * gain for block in blocks)
        return play(stem.steps, blocks, self.layout.rate_hz, self.layout.channels)

    def _own(self, source: Source, size: int) -> Iterator[Block]:
        """What is in the file, at the rate and in the channels of the sum."""
        info, blocks = source.info, source.blocks(size)
        if info.rate_hz != self.layout.rate_hz:
            blocks = _converted(blocks, info, self.layout.rate_hz)
        if info.channels == self.layout.channels:
            return blocks
        return (np.repeat(block, self.layout.channels, axis=0) for block in blocks)


def _info(stems: Sequence[Stem], sources: Sequence[Source], layout: Layout) -> SourceInfo:
    """What the sum is: whole numbers as long as nothing but whole numbers is added."""
    infos = [source.info for source in sources]
    plain = all(
        stem.gain_db == 0.0
        and not any(step.acts for step in stem.steps)
        and info.bits is not None
        and not info.is_float
        and info.rate_hz == layout.rate_hz
        for stem, info in zip(stems, infos, strict=True)
    )
    remarks = tuple(f"{info.name}: {remark}" for info in infos for remark in info.remarks)
    return SourceInfo(
        path=None,
        format="stems",
        codec="pcm" if plain else "float",
        bits=max(info.bits or 0 for info in infos) if plain else 64,
        is_float=not plain,
        rate_hz=layout.rate_hz,
        channels=layout.channels,
        n_samples=layout.n_samples,
        remarks=remarks,
        called="the sum of the stems" if len(infos) > 1 else infos[0].name,
    )


def _converted(blocks: Iterator[Block], info: SourceInfo, rate_hz: int) -> Iterator[Block]:
    from burnish.dsp.resample import Resampler  # soxr is loaded only where it is needed

    resampler = Resampler(info.rate_hz, rate_hz, info.channels)
    for block in blocks:
        yield resampler.process(block)
    yield resampler.finish()


def _placed(blocks: Iterator[Block], offset: int, layout: Layout) -> Iterator[Block]:
    """Begin at the offset, and be as long as the sum: silence around, or head and tail cut."""
    left = layout.n_samples
    if offset > 0:
        before = min(offset, left)
        for n in _steps(before):
            yield np.zeros((layout.channels, n))
        left -= before
    cut = max(0, -offset)
    for block in blocks:
        part = block[:, min(cut, block.shape[1]) :]
        cut -= block.shape[1] - part.shape[1]
        part = part[:, :left]
        left -= part.shape[1]
        if part.shape[1]:
            yield np.ascontiguousarray(part)
        if not left:
            break
    close(blocks)
    for n in _steps(left):
        yield np.zeros((layout.channels, n))


def _steps(n_samples: int) -> Iterator[int]:
    """A length in blocks."""
    for done in range(0, n_samples, BLOCK_SAMPLES):
        yield min(BLOCK_SAMPLES, n_samples - done)


def _cut(blocks: Iterable[Block], size: int) -> Iterator[Block]:
    """The same stream in blocks of one size, but for the last."""
    held: list[Block] = []
    n_held = 0
    for block in blocks:
        if not n_held and block.shape[1] == size:
            yield block
            continue
        held.append(block)
        n_held += block.shape[1]
        if n_held >= size:
            whole = np.concatenate(held, axis=1)
            first = 0
            while n_held - first >= size:
                yield np.ascontiguousarray(whole[:, first : first + size])
                first += size
            held, n_held = [whole[:, first:]], n_held - first
    if n_held:
        yield np.ascontiguousarray(np.concatenate(held, axis=1))


def _write(file: BufferedRandom, block: Block) -> None:
    try:
        file.write(np.ascontiguousarray(block.T, "<f8").tobytes())
    except OSError as error:
        raise _no_room(error) from None


def _flush(file: BufferedRandom) -> None:
    try:
        file.flush()
    except OSError as error:
        raise _no_room(error) from None


def _no_room(error: OSError) -> OutputError:
    return OutputError(
        "output-no-room",
        f"{tempfile.gettempdir()}: the sum of the stems cannot be kept in it: {error.strerror}; "
        f"set TMPDIR to a folder with room",
    )
