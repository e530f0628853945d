"""Interleaved samples in a region of a file, to and from float64 blocks. All of it in numpy.

Decoding 24-bit samples this way takes a sixth of the time that libsndfile takes, and a master is
read several times; packing them a third.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedRandom, BufferedReader
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from burnish.audio.source import Block, Source, SourceInfo
from burnish.errors import InputError

Coding = Literal["u8", "i16", "i24", "i32", "f32", "f64"]

WIDTHS: dict[Coding, int] = {"u8": 1, "i16": 2, "i24": 3, "i32": 4, "f32": 4, "f64": 8}
"""Bytes of one sample of one channel."""

_LEAD = 1  # a byte before the samples: 24-bit ones are read as the upper part of 32 bits


@dataclass(frozen=True)
class Region:
    """Where in a file the samples lie, and how they are coded; always little-endian."""

    start: int
    coding: Coding


class RawSource(Source):
    """A source over a region of an open file, which it owns from then on."""

    def __init__(
        self, file: BufferedReader | BufferedRandom, region: Region, info: SourceInfo
    ) -> None:
        self.info = info
        self._file = file
        self._region = region
        self._lock = Lock()  # several passes share the one place in the file

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        group = WIDTHS[self._region.coding] * self.info.channels
        buffer = bytearray(_LEAD + group * min(block_samples, stop - start))
        while start < stop:
            n = min(block_samples, stop - start)
            with self._lock:
                self._file.seek(self._region.start + start * group)
                got = self._file.readinto(memoryview(buffer)[_LEAD : _LEAD + n * group])
            if got < n * group:
                raise InputError(
                    "input-unreadable",
                    f"{self.info.name}: got shorter while it was read",
                )
            yield decoded(buffer, n, self._region.coding, self.info.channels)
            start += n

    def close(self) -> None:
        """Close the file; a spool is gone with it."""
        self._file.close()


def decoded(buffer: bytearray, n: int, coding: Coding, channels: int) -> Block:
    """Turn the n interleaved samples from byte 1 of the buffer on into (channels, n) float64.

    Whole numbers are divided by 2**(bits - 1), so full scale is -1 to just below 1.
    """
    out = np.empty((channels, n))
    if coding == "i24":
        # each sample with the byte before it is 32 bits, of which the lowest eight are not its own
        wide = np.ndarray((n, channels), "<i4", buffer, 0, (3 * channels, 3))
        for c in range(channels):
            np.multiply(wide[:, c] & -256, 2.0**-31, out=out[c])
        return out
    kind = {"u8": "u1", "i16": "<i2", "i32": "<i4", "f32": "<f4", "f64": "<f8"}[coding]
    samples = np.frombuffer(buffer, kind, n * channels, _LEAD).reshape(n, channels)
    scale = {"u8": 2.0**-7, "i16": 2.0**-15, "i32": 2.0**-31}.get(coding)
    for c in range(channels):
        if scale is None:
            with np.errstate(all="ignore"):  # a NaN is found, and told, by who checks the block
                out[c] = samples[:, c]
        elif coding == "u8":
            np.multiply(samples[:, c].astype(np.int16) - 128, scale, out=out[c])
        else:
            np.multiply(samples[:, c], scale, out=out[c])
    return out


def packed(block: NDArray[np.int32] | Block, width: int, big_endian: bool) -> bytes:
    """Interleave (channels, n): int32 to 2 or 3 bytes a sample, float64 to 4-byte floats."""
    channels, n = block.shape
    if width == 3:
        out = np.empty((n, 3 * channels), np.uint8)
        order = (2, 1, 0) if big_endian else (0, 1, 2)
        for c in range(channels):
            parts = np.ascontiguousarray(block[c], "<i4").view(np.uint8).reshape(n, 4)
            for place, part in enumerate(order):
                out[:, 3 * c + place] = parts[:, part]
        return out.tobytes()
    kind = "f4" if block.dtype == np.float64 else "i2"
    return block.T.astype((">" if big_endian else "<") + kind, order="C").tobytes()
