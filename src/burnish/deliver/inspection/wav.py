"""A WAV's header read without mercy: what it says, and where that is not so.

Written apart from the writer (``audio/headers.py``) and from the patient reader
(``audio/wav_header.py``), from the same public descriptions: RIFF/WAVE, EBU Tech 3306.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from burnish.audio.files import opened

PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_MOST_CHUNKS = 10_000
_IN_DS64 = 0xFFFFFFFF  # a size that is too large for its field


@dataclass(frozen=True)
class WavLook:
    """What stands in a WAV's header. ``faults`` are sentences, each a place where it lies.

    ``chunks`` are name and size in the order of the file; ``behind`` those after the samples.
    """

    tag: int
    channels: int
    rate_hz: int
    bits: int
    data_at: int
    n_data: int
    chunks: tuple[tuple[str, int], ...]
    behind: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def n_samples(self) -> int:
        """Samples of each channel."""
        group = self.channels * ((self.bits + 7) // 8)
        return self.n_data // group if group else 0


def look_at(path: Path) -> WavLook | None:
    """Walk the chunks of a WAV; None: it is none."""
    file, n_bytes = opened(path)
    with file:
        start = file.read(12)
        if len(start) < 12 or start[:4] not in (b"RIFF", b"RF64", b"BW64") or start[8:] != b"WAVE":
            return None
        walk = _Walk(file, n_bytes, is_long=start[:4] != b"RIFF")
        walk.to_the_end()
    told = struct.unpack("<I", start[4:8])[0]
    told = walk.long_riff if told == _IN_DS64 and walk.long_riff else told
    if told != n_bytes - 8:
        walk.faults.append(f"its RIFF size is {told}, the file has {n_bytes - 8} bytes behind it")
    return _looked(walk)


@dataclass
class _Walk:
    """A way through the chunks of an open file: what is met, and what is wrong with it."""

    file: BinaryIO
    n_bytes: int
    is_long: bool
    form: bytes = b""
    data_at: int = -1
    n_data: int = -1
    long_riff: int = 0
    long_data: int = 0
    chunks: list[tuple[str, int]] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def to_the_end(self) -> None:
        at = 12
        while at + 8 <= self.n_bytes and len(self.chunks) < _MOST_CHUNKS:
            name, size = self._chunk(at)
            end = at + 8 + size
            if end > self.n_bytes:
                there = self.n_bytes - at - 8
                self.faults.append(f"{name}: promises {size} bytes, {there} are there")
                return
            if size % 2:
                self._pad(name, end)
            at = end + size % 2
        if 0 < self.n_bytes - at < 8:
            self.faults.append(f"{self.n_bytes - at} bytes at the end belong to no chunk")

    def _chunk(self, at: int) -> tuple[str, int]:
        """Note the chunk that begins here: its name, and how many bytes it holds."""
        self.file.seek(at)
        raw, size = struct.unpack("<4sI", self.file.read(8))
        if raw == b"ds64":
            sizes = self.file.read(16).ljust(16, b"\0")
            self.long_riff, self.long_data = struct.unpack("<QQ", sizes)
        elif raw == b"fmt ":
            self.form = self.file.read(min(size, 64))
        elif raw == b"data":
            if self.data_at >= 0:
                self.faults.append("there are two data chunks")
            size = self.long_data if size == _IN_DS64 and self.is_long else size
            self.data_at, self.n_data = at + 8, size
        name = raw.decode("latin-1")
        if self.data_at >= 0 and raw != b"data":
            self.behind.append(name)
        self.chunks.append((name, size))
        return name.strip(), size

    def _pad(self, name: str, at: int) -> None:
        self.file.seek(at)
        pad = self.file.read(1)
        if not pad:
            self.faults.append(f"{name}: has an odd size and no pad byte behind it")
        elif pad != b"\0":
            self.faults.append(f"{name}: the pad byte behind it is {pad[0]}, not 0")


def _looked(walk: _Walk) -> WavLook:
    tag = channels = rate_hz = bits = 0
    if len(walk.form) < 16:
        walk.faults.append("fmt: is missing or too short")
    else:
        tag, channels, rate_hz, per_s, group, bits = struct.unpack("<HHIIHH", walk.form[:16])
        whole = channels * ((bits + 7) // 8)
        if group != whole:
            walk.faults.append(f"fmt: its block size is {group}, must be {whole}")
        if per_s != rate_hz * whole:
            walk.faults.append(f"fmt: its byte rate is {per_s}, must be {rate_hz * whole}")
        if whole and walk.n_data > 0 and walk.n_data % whole:
            walk.faults.append(f"data: {walk.n_data} bytes are no whole number of samples")
    if walk.data_at < 0:
        walk.faults.append("data: is missing")
    order = [name for name, _ in walk.chunks]
    if "fmt " in order and "data" in order and order.index("fmt ") > order.index("data"):
        walk.faults.append("fmt: stands behind data")
    return WavLook(
        tag=tag,
        channels=channels,
        rate_hz=rate_hz,
        bits=bits,
        data_at=max(0, walk.data_at),
        n_data=max(0, walk.n_data),
        chunks=tuple(walk.chunks),
        behind=tuple(walk.behind),
        faults=tuple(walk.faults),
    )
