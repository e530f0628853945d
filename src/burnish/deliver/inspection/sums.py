"""Sums: the hashes of a file, in one read; and that of the samples in it, whatever its container.

FLAC tells the MD5 of its samples in its header (RFC 9639, 8.2): little-endian, interleaved, as wide
as their bits, which is how a WAV of 16 or 24 bits holds them. So the two can be compared without
decoding either.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from burnish.audio import Block, Source
from burnish.audio.files import opened
from burnish.audio.raw import packed
from burnish.deliver.inspection.wav import WavLook

_PIECE = 1 << 20


@dataclass(frozen=True)
class Sums:
    """Length and hashes of a file's bytes; ``samples_md5`` of a WAV's samples, where asked."""

    n_bytes: int
    sha256: str
    md5: str
    samples_md5: str | None = None


def sums_of(path: Path, look: WavLook | None = None) -> Sums:
    """Read a file once. With the ``look`` at a WAV of whole numbers its samples are summed too."""
    file, n_bytes = opened(path)
    whole, short = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    samples = None
    start = end = 0
    if look is not None and look.tag in (1, 0xFFFE) and look.bits in (16, 24) and look.n_data:
        samples = hashlib.md5(usedforsecurity=False)
        start, end = look.data_at, look.data_at + look.n_data
    at = 0
    with file:
        while piece := file.read(_PIECE):
            whole.update(piece)
            short.update(piece)
            if samples is not None and at < end and at + len(piece) > start:
                samples.update(memoryview(piece)[max(0, start - at) : end - at])
            at += len(piece)
    told = None if samples is None else samples.hexdigest()
    return Sums(n_bytes, whole.hexdigest(), short.hexdigest(), told)


def flac_md5(path: Path) -> str | None:
    """What a FLAC says of its samples: 32 digits, all 0 where it does not; None: it is none."""
    file, _ = opened(path)
    with file:
        start = file.read(42)
    if start[:4] != b"fLaC" or len(start) < 42 or start[4] & 0x7F:
        return None
    return start[26:42].hex()


class Summed(Source):
    """Another source of 16 or 24 bits, whose samples are summed as they are read once through."""

    def __init__(self, inner: Source) -> None:
        self.info = inner.info
        self._inner = inner
        self._sum = hashlib.md5(usedforsecurity=False)

    @property
    def samples_md5(self) -> str:
        """The MD5 of what was read, as FLAC tells it."""
        return self._sum.hexdigest()

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        bits = self.info.bits or 0
        for block in self._inner.blocks(block_samples, start, stop):
            whole = np.round(block * 2.0 ** (bits - 1)).astype(np.int32)
            self._sum.update(packed(whole, bits // 8, False))
            yield block
